"""Records made into text: tables, JSON lines, CSV. What comes from mail is printed literally, and harmlessly."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from spamrec.bulk import Judged
    from spamrec.evidence import Evidence
    from spamrec.pitch import Pitch
    from spamrec.places import Place
    from spamrec.verdict import Reason, Verdict

PIPED_WIDTHS = (10, 5, 28, 56)
"""Cells of a table that is not shown on a terminal; longer texts are not cut, they push the rest aside."""
NARROWEST = 60
"""Cells of a terminal below which the reason is left out."""
BAR_CELLS = 16
"""Cells of the longest bar."""
WORDS = "words"
"""The reason that all words together are."""
SHARE_OF_WORDS = 0.25
"""Share of the words' weight from which on another reason is named in their place."""
LEAST_WEIGHT = 0.005
"""Weight below which a reason moves nothing."""


class Piece(NamedTuple):
    """Text of one look."""

    text: str
    """Literal text, free of control characters."""
    style: str = ""
    """Colour or weight on a terminal, as rich names it."""


Line = Sequence[Piece]
STYLES = {"spam": "bold red", "unsure": "yellow", "legitimate": "green"}
"""Looks of the labels."""

# --- literal text ------------------------------------------------------------------------------------------

# Beside control characters: what turns the direction of writing, and invisible tags. Joiners stay, since Persian,
# Hindi and emoji are written with them.
_INVISIBLE = "\u061c\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f"
_UNSAFE = f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_INVISIBLE}]"
_BLANK = r"[\t\n\v\f\r\x85\u2028\u2029]+ ?"


def literal(text: str) -> str:
    """One line of text that a terminal prints and does nothing else with: without control characters, escape
    included, and without characters that turn the direction of writing."""
    if text.isprintable():
        return text
    return re.sub(_UNSAFE, _harmless, re.sub(_BLANK, " ", text))


def _harmless(found: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else ""


def cells(text: str) -> int:
    """Columns that a terminal gives to literal text."""
    if text.isascii():
        return len(text)
    return sum(_cells(c) for c in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """Text cut to so many cells, with an ellipsis where it was longer, and filled up with blanks."""
    missing = width - cells(text)
    if missing >= 0:
        return text + " " * missing
    kept, used = "", 0
    for character in text:
        if used + _cells(character) > width - 1:
            break
        kept, used = kept + character, used + _cells(character)
    return f"{kept}…".ljust(len(kept) + width - used)


# --- one message: JSON lines, CSV --------------------------------------------------------------------------

CSV_FIELDS = (
    "path", "message_id", "label", "probability", "threshold", "kind", "sender", "subject", "date", "reason"
)  # fmt: skip


def record(judged: Judged) -> dict[str, Any]:
    """What `--format jsonl` prints of a message."""
    verdict = judged.verdict
    return {
        "path": judged.origin,
        "message_id": verdict.message_id,
        "label": verdict.label.value,
        "probability": verdict.probability,
        "threshold": verdict.threshold,
        "kind": verdict.kind.value,
        "reasons": [{"signal": r.signal, "text": r.text, "weight": round(r.weight, 4)} for r in verdict.reasons],
        "pitch": pitch_record(verdict.pitch),
        "sender": verdict.sender,
        "subject": verdict.subject,
        "date": judged.date.isoformat() if judged.date else None,
    }


def pitch_record(pitch: Pitch) -> dict[str, Any]:
    """What `--format jsonl` prints of the job offered."""
    return {
        "roles": list(pitch.roles),
        "places": [
            {"text": p.text, "name": p.place.name, "region": p.place.region, "country": p.place.country,
             "found": p.found.value}
            for p in pitch.places
        ],
        "mode": pitch.mode.value,
        "remote_for_now": pitch.remote_for_now,
        "relocation_asked": pitch.relocation_asked,
        "locals_only": pitch.locals_only,
        "pay": [{"low": p.low, "high": p.high, "currency": p.currency, "period": p.period.value} for p in pitch.pay],
        "contract": sorted(c.value for c in pitch.contract),
        "client_unnamed": pitch.client_unnamed,
        "contacts": list(pitch.contacts),
        "asks": list(pitch.asks),
    }  # fmt: skip


def jsonl(table: Mapping[str, Any]) -> str:
    """One JSON object as a line. Nothing is lost: what `literal` would drop stands escaped."""
    text = json.dumps(table, ensure_ascii=False)
    return (text if text.isprintable() else re.sub(_UNSAFE, _escaped, text)) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def csv_line(values: Iterable[object]) -> str:
    """One line of CSV (RFC 4180, though with a bare line feed) of literal texts."""
    return ",".join(map(_csv_field, values)) + "\n"


def _csv_field(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = literal("" if value is None else str(value))
    if text.startswith(("=", "+", "-", "@")):
        text = f"'{text}"  # a spreadsheet would run it as a formula
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in '",') else text


def csv_row(judged: Judged) -> str:
    """What `--format csv` prints of a message."""
    values = record(judged) | {"reason": first_reason(judged.verdict)}
    return csv_line(values[field] for field in CSV_FIELDS)


# --- one message: table ------------------------------------------------------------------------------------


def first_reason(verdict: Verdict) -> str:
    """The weightiest reason that speaks for the label, one that a person can check before the words as such; of
    unsure mail, what makes it suspect; of legitimate mail without one, what does not suffice."""
    side = -1 if verdict.label == "legitimate" else 1
    weighty = [r for r in verdict.reasons if abs(r.weight) >= LEAST_WEIGHT]
    for_it = [r for r in weighty if r.weight * side > 0]
    if for_it:
        named = [r for r in for_it if r.signal != WORDS and abs(r.weight) >= SHARE_OF_WORDS * abs(for_it[0].weight)]
        return (named or for_it)[0].text
    if verdict.probability < 0.5 or not weighty:
        return "little in it speaks of a pitch"
    return f"not enough: {weighty[0].text}"


def row(judged: Judged, width: int = 0) -> Line:
    """One line of the table: label, probability, sender, subject, first reason; cut to `width` cells where that is
    given."""
    verdict = judged.verdict
    texts = [
        verdict.label.value,
        f"{verdict.probability:.3f}",
        literal(verdict.sender) or "(no sender)",
        literal(verdict.subject) or "(no subject)",
        literal(first_reason(verdict)),
    ]
    if width:
        shown = [fit(text, cells_) for text, cells_ in zip(texts, _widths(width), strict=False)]
    else:
        shown = [text + " " * (cells_ - cells(text)) for text, cells_ in zip(texts, PIPED_WIDTHS, strict=False)]
        shown.append(texts[-1])
    styles = (STYLES[verdict.label], STYLES[verdict.label], "bold", "", "dim")
    pieces = [Piece(text, style) for text, style in zip(shown, styles, strict=False)]
    return [piece for pair in zip(pieces, [Piece("  ")] * len(pieces), strict=True) for piece in pair][:-1]


def _widths(width: int) -> tuple[int, ...]:
    """Cells of each column of a table on a terminal of that width."""
    label, probability, gap = 10, 5, 2
    if width < NARROWEST:
        left = max(12, width - label - probability - 3 * gap)
        return label, probability, left // 3, left - left // 3
    left = width - label - probability - 4 * gap
    sender, subject = left * 2 // 10, left * 4 // 10
    return label, probability, sender, subject, left - sender - subject


def summary(counts: Mapping[str, int], left_out: int, profile: str) -> str:
    """The line behind a table: "12 messages: 7 spam, 5 legitimate (profile: FILE)"; unsure ones where there are any."""
    total = sum(counts.values())
    shown = [f"{counts.get(label, 0):,} {label}" for label in STYLES if label != "unsure" or counts.get(label)]
    out = f"{total:,} message{'' if total == 1 else 's'}: {', '.join(shown)}" if total else "no messages found"
    if left_out:
        out += f"; {left_out:,} file{'' if left_out == 1 else 's'} left out"
    return f"{out} (profile: {profile or 'none'})"


# --- one message: everything -------------------------------------------------------------------------------


def explanation(judged: Judged, evidence: Evidence, flips: Sequence[tuple[str, float]]) -> Iterator[Line]:
    """Everything behind one verdict: pitch, reasons with their weights as bars, what would turn it."""
    verdict, mail = judged.verdict, evidence.message
    sender = f"{mail.sender.name} <{mail.sender.address}>" if mail.sender else "(none)"
    yield from _fields({"file": judged.origin, "from": sender.strip(), "subject": mail.subject,
                        "date": judged.date.strftime("%Y-%m-%d %H:%M %z").strip() if judged.date else ""})  # fmt: skip
    how = f", probability {verdict.probability:.3f}, threshold {verdict.threshold:.3f}, {verdict.kind.value}"
    yield [Piece(f"{'verdict':<12}"), Piece(verdict.label.value, STYLES[verdict.label]), Piece(how)]
    if found := {name: text for name, text in pitch_fields(verdict.pitch) if text}:
        yield from ([], [Piece("The job offered", "bold")])
        yield from _fields(found, indent="  ")
    if reasons := [r for r in verdict.reasons if abs(r.weight) >= LEAST_WEIGHT]:
        yield from ([], [Piece("Reasons, + towards spam", "bold")])
        longest = max(abs(r.weight) for r in reasons)
        yield from (_reason_line(r, longest) for r in reasons)
    yield from ([], [Piece("What would turn it", "bold")])
    for statement, probability in flips:
        yield [Piece(f"  {probability:.3f}  {literal(statement)}")]
    if not flips:
        yield [Piece("  none of the facts that were tried")]


def _fields(table: Mapping[str, str], indent: str = "") -> Iterator[Line]:
    for name, value in table.items():
        if value:
            yield [Piece(f"{indent}{name:<{12 - len(indent)}}"), Piece(literal(value))]


def pitch_fields(pitch: Pitch) -> Iterator[tuple[str, str]]:
    """What is known of the job offered, as names and texts; "" for what is not."""
    yield "role", ", ".join(pitch.roles[:3])
    yield "place", "; ".join(f"{_place(p.place)} (“{p.text}”, {p.found.value})" for p in pitch.places)
    asked = [("relocation asked", pitch.relocation_asked), ("locals only", pitch.locals_only)]
    mode = "remote for now" if pitch.remote_for_now else pitch.mode.value.replace("unstated", "")
    yield "work", ", ".join(filter(None, [mode, *(text for text, so in asked if so)]))
    yield "pay", ", ".join(map(str, pitch.pay))
    yield "contract", ", ".join(sorted(c.value for c in pitch.contract))
    yield "client", "not named" if pitch.client_unnamed else ""
    yield "asks for", ", ".join(pitch.asks)
    yield "write to", ", ".join(pitch.contacts)


def _place(place: Place) -> str:
    return ", ".join(filter(None, (place.name, place.region, place.country)))


def _reason_line(reason: Reason, longest: float) -> Line:
    style = STYLES["spam" if reason.weight > 0 else "legitimate"]
    bar = "█" * max(1, round(BAR_CELLS * abs(reason.weight) / longest))
    return [
        Piece(f"  {reason.weight:+6.2f} "),
        Piece(f"{bar:<{BAR_CELLS}}", style),
        Piece(f" {literal(reason.text)} "),
        Piece(f"[{reason.signal}]", "dim"),
    ]


def reasons_csv(judged: Judged, *, header: bool) -> str:
    """One line for each reason, the weightiest first."""
    lines = [csv_line(("path", "label", "probability", "signal", "weight", "text"))] if header else []
    verdict = judged.verdict
    for reason in verdict.reasons:
        named = (
            judged.origin,
            verdict.label.value,
            verdict.probability,
            reason.signal,
            reason.weight,
            reason.text,
        )
        lines.append(csv_line(named))
    return "".join(lines)


# --- where the text goes -----------------------------------------------------------------------------------


def plain(lines: Iterable[Line]) -> str:
    """The lines without their looks."""
    return "".join("".join(piece.text for piece in line).rstrip() + "\n" for line in lines)


Print = Callable[[Iterable[Line]], None]


def printer(stream: IO[str]) -> Print:
    """What prints lines on a stream: with colours on a terminal, as they are elsewhere."""
    if not stream.isatty():
        return lambda lines: _write(stream, plain(lines))
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def show(lines: Iterable[Line]) -> None:
        for line in lines:
            console.print(Text.assemble(*((piece.text, piece.style) for piece in line)))

    return show


class Shown(NamedTuple):
    """One verdict as it is printed; made where the message is judged, which may be another process."""

    label: str
    """The label alone, to be counted."""
    text: str
    """A line of JSON or CSV, or of a table that goes to no terminal."""
    line: Line
    """The line of a table on a terminal."""
    origin: str
    """Where the message came from, as in `sources.Mail`."""
    single: bool
    """Whether it is a file of its own, as in `sources.Mail`."""


def shown(form: str, width: int, judged: Judged) -> Shown:
    """A verdict as a line of "table", "jsonl", "csv" or "notmuch"; `width` is that of the terminal, 0 for none."""
    text = ""
    line: Line = ()
    if form == "jsonl":
        text = jsonl(record(judged))
    elif form == "csv":
        text = csv_row(judged)
    elif form == "notmuch":
        from spamrec import notmuch

        text = notmuch.line(judged)
    elif width:
        line = row(judged, width)
    else:
        text = plain([row(judged)])
    return Shown(judged.verdict.label.value, text, line, judged.origin, judged.single)


def output(stream: IO[str], form: str) -> Callable[[Shown], None]:
    """What prints a verdict on a stream."""
    if form == "csv":
        _write(stream, csv_line(CSV_FIELDS))
    show = printer(stream)
    return lambda shown: show([shown.line]) if shown.line else _write(stream, shown.text)


def _write(stream: IO[str], text: str) -> None:
    stream.write(text)
    stream.flush()


@contextmanager
def progress(doing: str) -> Iterator[Callable[[], None]]:
    """A bar on standard error while something lasts, where that is a terminal; call what it gives for each message."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    count = TextColumn("{task.completed:,.0f} messages")
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), count, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda: bar.advance(task)
