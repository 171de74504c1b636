"""The page of an evaluation is valid, readable by everybody and everywhere, harmless, and asks for nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from command_line import Run
from small_evaluation import HOSTILE_NAME, found
from spamrec import evaluation_page, report
from spamrec.causes import SignalFigures, Told
from spamrec.evaluation import Asked, Mistake
from spamrec.statuses import Status
from spamrec.verdict import Kind, Label, Reason, Verdict

GOLDEN = Path(__file__).parent / "pages" / "evaluation.html"
HOSTILE_TEXT = (
    "\x1b]0;x\x07</li></ul><script>alert(1)</script><img src=//evil.example/x onerror=alert(1)> {{ 7 * 7 }} &lt;"
)
ENDLESS = "a" * 300
SECTIONS = ("figures", "thresholds", "curves", "cost", "calibration", "signals", "readers", "pairs", "mistakes")
PLOTS = ("losses", "roc", "precision", "cost", "reliability", "scores")
SIGNALS = (
    SignalFigures("asks-resume", "it asks for your résumé: “…”", 2.5, 4, 1),
    SignalFigures("known-sender", "you know the sender", -3.25, 0, 1_234),
)
LEAST_CONTRAST = 4.5
"""Of text against its ground, WCAG 2.2, level AA."""


def told(text: str = "Lunch on Friday?") -> tuple[Told, ...]:
    """Two mistakes, one in each direction, with subject, sender and reason of this text."""
    reasons = (Reason("asks-resume", f"it asks: {text}", 2.5), Reason("known-sender", "you know the sender", -1.25))
    lost = Verdict(Label.SPAM, 0.97, 0.5, Kind.OTHER, reasons, sender=text, subject=text)
    missed = Verdict(Label.LEGITIMATE, 0.2, 0.5, Kind.OTHER, ())
    return (
        Told(Mistake(HOSTILE_NAME, spam=False, probability=0.97), lost),
        Told(Mistake("ann/spam/late", spam=True, probability=0.2), missed),
    )


@lru_cache
def page(text: str = "Lunch on Friday?", source: str = "data", *, epoch: str = "") -> str:
    """A page with everything on it."""
    environment = {"SOURCE_DATE_EPOCH": epoch} if epoch else {}
    asked = Asked(0.001, 100, 0.15)
    return evaluation_page.page(found(asked), SIGNALS, told(text), source=source, environment=environment)


def tree(text: str) -> Element:
    """The page's elements; an error where it is not valid."""
    parsed: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return parsed


def elements(root: Element, *names: str) -> Iterator[Element]:
    """Elements of these names, those of drawings included."""
    return (e for e in root.iter() if isinstance(e.tag, str) and e.tag.rpartition("}")[2] in names)


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


# --- what it says ------------------------------------------------------------------------------------------


def test_the_page_is_the_one_that_was_read_over() -> None:
    """But for style and drawings, whole. After a wanted change: SPAMREC_TEST_WRITE=1 pytest tests/test_evaluation_page.py"""
    shown = re.sub(r"(</desc>\n).*?(</svg>)", r"\1(drawing)\n\2", page(), flags=re.DOTALL)
    shown = shown[shown.index("<body>") :]
    if os.environ.get("SPAMREC_TEST_WRITE"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_what_was_not_asked_for_is_left_out() -> None:
    text = evaluation_page.page(found(pairs=(), mistakes=()), (), (), source="data", environment={})
    ids = {e.get("id") for e in tree(text).iter()}
    assert set(SECTIONS) - ids == {"cost", "pairs"}
    assert "unsure" not in text


def test_the_page_tells_the_day_only_where_it_is_given() -> None:
    assert "Written by spamrec 0.1.0." in page()
    assert "Written by spamrec 0.1.0 on 2026-03-03." in page(epoch="1772530000")
    assert page(epoch="yesterday") == page()


def test_the_same_figures_give_the_same_page_in_every_process() -> None:
    program = "import sys; import test_evaluation_page as t; sys.stdout.buffer.write(t.page().encode())"
    places = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": places, "PYTHONHASHSEED": "1"}  # this process has another seed
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)
    assert ran.stdout.decode() == page()


# --- who reads it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Lunch on Friday?", HOSTILE_TEXT])
def test_the_page_is_valid_and_has_its_landmarks(text: str) -> None:
    root = tree(page(text))
    assert root.get("lang") == "en"
    assert [len(list(elements(root, name))) for name in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    assert [e.get("id") for e in elements(root, "h2")] == list(SECTIONS)
    for section in elements(root, "section"):
        assert section.get("aria-labelledby") == next(elements(section, "h2")).get("id")
    levels = [int(e.tag[1]) for e in root.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_ids_are_unique_and_what_is_referred_to_is_there() -> None:
    root = tree(page())
    ids = Counter(e.get("id") for e in root.iter() if e.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    for element in root.iter():
        named = (element.get("aria-labelledby") or "").split()
        links = [value.removeprefix("#") for key, value in element.items() if key.rpartition("}")[2] == "href"]
        inside = re.findall(r"url\(#(.*?)\)", " ".join(value for _, value in element.items()))
        assert {*named, *links, *inside} <= ids.keys()


def test_tables_name_their_rows_and_columns() -> None:
    root = tree(page())
    tables = list(elements(root, "table"))
    assert len(tables) == 8 + len(PLOTS)
    for table in tables:
        assert text_of(next(elements(table, "caption")))
        columns = [e.get("scope") for e in elements(next(elements(table, "thead")), "th", "td")]
        assert set(columns) == {"col"}
        for line in elements(next(elements(table, "tbody")), "tr"):
            assert [e.get("scope") for e in line] == ["row"] + [None] * (len(columns) - 1)


def test_every_drawing_is_also_told_in_words_and_figures() -> None:
    figures = list(elements(tree(page()), "figure"))
    names = []
    for figure in figures:
        drawing = next(elements(figure, "svg"))
        title, description = (next(elements(drawing, name)) for name in ("title", "desc"))
        assert drawing.get("role") == "img"
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert len(text_of(description)) > 60
        assert list(elements(next(elements(figure, "details")), "td"))
        assert list(elements(drawing, "text"))
        assert list(elements(drawing, "path"))
        names.append(str(title.get("id")).removesuffix("-title"))
    assert names == list(PLOTS)


def test_drawings_take_their_colours_from_the_page() -> None:
    for drawing in elements(tree(page()), "svg"):
        styles = ";".join(e.get("style") or "" for e in drawing.iter())
        colours = set(re.findall(r"(?:fill|stroke): ([^;]+)", styles))
        assert colours <= {"none", "currentColor", "var(--spam)", "var(--legitimate)", "var(--line)"}
        assert "currentColor" in colours
        assert "font:" not in styles


# --- what it must not do -----------------------------------------------------------------------------------


def test_the_page_names_no_other_file_and_no_other_machine() -> None:
    root = tree(page(HOSTILE_TEXT))
    for element in root.iter():
        for key, value in element.items():
            assert key.rpartition("}")[2] not in ("src", "srcset", "action", "data", "poster", "background")
            assert not key.lower().startswith("on")
            if key.rpartition("}")[2] == "href":
                assert value.startswith("#")
    names = {e.tag.rpartition("}")[2] for e in root.iter() if isinstance(e.tag, str)}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "foreignObject"}
    style = " ".join(text_of(e) for e in elements(root, "style"))
    assert not re.search(r"url\(|@import|@font-face|//", style)
    policy = next(e for e in elements(root, "meta") if e.get("http-equiv") == "Content-Security-Policy")
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"


def test_what_mail_says_is_printed_as_text() -> None:
    item = next(elements(tree(page(HOSTILE_TEXT)), "ol"))
    literal = " ".join(report.literal(HOSTILE_TEXT).split())
    assert text_of(next(elements(item, "h3"))) == literal
    told_ = [text_of(e) for e in elements(item, "p", "li")]
    assert f"{report.literal(HOSTILE_NAME)}, from {literal}" in told_
    assert f"it asks: {literal} (+2.50)" in told_
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", page(HOSTILE_TEXT))
    assert next(elements(tree(page(source=HOSTILE_TEXT)), "h1")).text == f"Evaluation of {report.literal(HOSTILE_TEXT)}"


# --- in a browser ------------------------------------------------------------------------------------------

# The page in a frame, since the browser's own window is never narrower than 500 pixels, and a script beside it, since
# within it none may run. It tells the width of frame and content; what stands out; the colours of each text and of the
# ground behind it; what was fetched.
FRAME = """<!DOCTYPE html><meta name="color-scheme" content="light dark">
<iframe id="frame" src="/page" style="border: 0; width: WIDTHpx; height: 900px; color-scheme: light dark"></iframe>
<script>
frame.onload = () => {
  const page = frame.contentDocument, style = e => frame.contentWindow.getComputedStyle(e), all = q => [...page.querySelectorAll(q)];
  all("details").forEach(d => d.open = true);
  const ground = e => { while (e && style(e).backgroundColor === "rgba(0, 0, 0, 0)") e = e.parentElement;
                        return e ? style(e).backgroundColor : "rgb(255, 255, 255)"; };
  const texts = [], walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement, drawn = e.closest("svg");
    if (text && e.getClientRects().length)
      texts.push([drawn ? style(e).fill : style(e).color, ground(drawn ? drawn.parentElement : e), text.slice(0, 40)]);
  }
  const width = frame.contentWindow.innerWidth;
  const result = {
    width, content: page.documentElement.scrollWidth, texts, ground: style(page.body).backgroundColor,
    out: all("body *").filter(e => !e.closest(".scroll *, .skip") && e.getBoundingClientRect().right > width + 0.5)
      .map(e => e.outerHTML.slice(0, 80)),
    lines: [...new Set(all("svg path").map(e => style(e).stroke))],
    smallest: Math.min(...all("svg text").map(e => e.getBoundingClientRect().height)),
    fetched: frame.contentWindow.performance.getEntriesByType("resource").map(r => r.name),
  };
  const pre = document.createElement("pre");
  pre.textContent = JSON.stringify(result);
  document.body.append(pre);
};
</script>"""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        assert "CI" not in os.environ, "chromium is needed here"
        pytest.skip("chromium is not installed")
    return path


@contextmanager
def served(files: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """The address of a web server on this machine that holds these pages, and the paths it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = files.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def seen(chromium: str, folder: Path, text: str, width: int, scheme: str) -> dict[str, Any]:
    """What a browser of that width, in a "light" or "dark" scheme, shows of a page, and what it asks the server for."""
    options = (
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--dump-dom", f"--user-data-dir={folder}/user",
        "--window-size=1400,1000", f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
    )  # fmt: skip
    with served({"/": FRAME.replace("WIDTH", str(width)), "/page": text}) as (address, asked):
        ran = subprocess.run([chromium, *options, address], capture_output=True, text=True, timeout=120, check=True)
    told: Element = html5lib.parse(ran.stdout, namespaceHTMLElements=False)
    result: dict[str, Any] = json.loads(text_of(next(told.iter("pre"))))
    return result | {"asked": [path for path in asked if path != "/favicon.ico"]}


def contrast(one: str, other: str) -> float:
    """Of two colours as a browser tells them, 1 to 21 (WCAG 2.2)."""
    first, second = sorted((luminance(one), luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def luminance(colour: str) -> float:
    match = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    assert match, colour
    shares = [int(part) / 255 for part in match.groups()]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_by_hand() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (768, "dark"), (1280, "light")])
def test_a_browser_shows_all_of_it_legibly(chromium: str, tmp_path: Path, width: int, scheme: str) -> None:
    """Nothing stands out of the window but tables that scroll by themselves, even with endless words; every text stands
    out from its ground; nothing is fetched."""
    shown = seen(chromium, tmp_path, page(ENDLESS, ENDLESS), width, scheme)
    assert shown["width"] == width
    assert shown["content"] <= width, shown["out"]
    assert shown["out"] == []
    assert (shown["asked"], shown["fetched"]) == (["/", "/page"], [])
    dark = luminance(shown["ground"]) < 0.1
    assert dark is (scheme == "dark")
    weak = [text for text in shown["texts"] if contrast(text[0], text[1]) < LEAST_CONTRAST]
    assert weak == []
    assert any(text == "legitimate mail lost" for _, _, text in shown["texts"])
    curves = [c for c in shown["lines"] if c != "none" and contrast(c, shown["ground"]) >= 3]
    assert len(curves) >= 2, "ink and curve"
    assert shown["smallest"] >= 9


def test_the_browser_would_tell_of_what_is_wrong(chromium: str, tmp_path: Path) -> None:
    """A page spoilt on purpose fails each of the checks, once nothing forbids it to fetch."""
    spoilt = "<p style='width: 500px; color: #999; background: #fff'>wide and pale</p><img src='missing.png' alt=''>"
    worse = page().replace("</main>", f"{spoilt}</main>")
    shown = seen(chromium, tmp_path, re.sub("<meta http-equiv=.*?>", "", worse), 320, "light")
    assert shown["content"] > 320
    assert any("wide and pale" in text for text in shown["out"])
    assert (shown["asked"], len(shown["fetched"])) == (["/", "/page", "/missing.png"], 1)
    assert [t[2] for t in shown["texts"] if contrast(t[0], t[1]) < LEAST_CONTRAST] == ["wide and pale"]
    assert seen(chromium, tmp_path, worse, 320, "light")["asked"] == ["/", "/page"], "the policy of the page"


# --- the command -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["matplotlib", "jinja2"])
def test_a_missing_library_is_told_before_the_work_begins(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    ended = run("evaluate", tmp_path / "nowhere", "--report", tmp_path / "page.html")
    assert (ended.status, ended.out) == (Status.UNAVAILABLE, "")
    assert ended.err == (
        f"spamrec: --report needs {library}, which is not installed; `pip install 'spamrec[report]'` brings it\n"
    )
