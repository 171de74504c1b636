#!/usr/bin/env python3
"""Try cheap tricks on spam that is caught, and print as Markdown how much of it stays caught.

usage: evasion.py [CORPUS] [--every N] [--misses TRICK | --write]

Each spam message of the corpus, read with its reader's profile and no history, is written anew as plain text; of those
caught so, each trick makes another mail. `--every` takes every so manieth message. `--misses` names the mails that one
trick got through. `--write` puts what is printed into doc/evasion.md, to which the model card points.
"""

from __future__ import annotations

import argparse
import base64
import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mutations import LOOKALIKES
from spamrec import message, model, profile
from spamrec.classifier import Classifier
from spamrec.evidence import Evidence
from spamrec.standing import UNKNOWN, Standing

GOOD = (
    "Hi all, thanks for the meeting notes. The build is green again and the invoice is attached. See you at dinner on "
    "Sunday, mum sends her love. The patch was reviewed, your order has been shipped and the train leaves at nine. "
) * 4
"""Words of mail that nobody takes for a pitch."""
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "doc" / "evasion.md"
HEAD = """\
# Cheap tricks

Written by `tools/evasion.py` with the model of digest `{model}`: one in {every} spam messages of `data/`,
read with its reader's profile and without a history, written as plain text and then with the trick. The mail was trained
on, so these are rates of the trick, not of the filter.

Of {messages} spam messages caught as plain text:

| trick | stay caught |
| --- | ---: |
"""
TAIL = """
What gets through: words of other mail above the pitch, since the first thousand characters are read; a mail that is an
image, or a document other than text, since neither is read; a known sender's address where the reader's mail server
checks none.
"""
KNOWN = UNKNOWN._replace(known="in your address book")


class Letter(NamedTuple):
    """One pitch as its sender writes it."""

    sender: str
    """From, as it stands in the header."""
    to: str
    """To, likewise."""
    date: str
    """Date, likewise."""
    subject: str
    """Subject."""
    text: str
    """Body."""

    def heads(self, *more: str, subject: str | None = None) -> str:
        """Header lines, the last one ended."""
        shown = self.subject if subject is None else subject
        lines = [f"From: {self.sender}", f"To: {self.to}", f"Date: {self.date}", f"Subject: {shown}", *more]
        return "\n".join(lines) + "\n"

    def plain(self, text: str | None = None, *more: str, subject: str | None = None) -> bytes:
        """The mail as plain text."""
        heads = self.heads(*more, "Content-Type: text/plain; charset=utf-8", subject=subject)
        return f"{heads}\n{self.text if text is None else text}\n".encode()

    def page(self, body: str) -> bytes:
        """The mail as HTML."""
        return f"{self.heads('Content-Type: text/html; charset=utf-8')}\n<html><body>{body}</body></html>\n".encode()

    def mixed(self, *parts: str) -> bytes:
        """The mail in several parts."""
        heads = self.heads('Content-Type: multipart/mixed; boundary="b"')
        return (heads + "".join(f"\n--b\n{part}" for part in parts) + "\n--b--\n").encode()

    def changed(self, change: Callable[[str], str]) -> bytes:
        """The mail with subject and text changed alike."""
        return self.plain(change(self.text), subject=change(self.subject))


def _between(what: str) -> Callable[[str], str]:
    """Something between all letters of each word of some length."""
    return lambda text: "\n".join(
        "  ".join(what.join(word) if len(word) > 3 and word.isalpha() else word for word in line.split(" "))
        for line in text.split("\n")
    )


def _shown(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")


def _first_vowel(text: str) -> str:
    """One letter of each word."""
    out = []
    for word in text.split(" "):
        at = next((n for n, c in enumerate(word) if c in LOOKALIKES), -1)
        out.append(word if at < 0 else word[:at] + LOOKALIKES[word[at]] + word[at + 1 :])
    return " ".join(out)


def _styled(offset: int) -> Callable[[str], str]:
    """Letters of another alphabet of Unicode that compatibility makes plain."""
    return lambda text: "".join(
        chr(offset + ord(c) - 97 + 26) if "a" <= c <= "z" else chr(offset + ord(c) - 65) if "A" <= c <= "Z" else c
        for c in text
    )


def _transfer(letter: Letter, charset: str) -> bytes:
    heads = letter.heads(f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: base64")
    return heads.encode() + b"\n" + base64.encodebytes(letter.text.encode(charset, "replace"))


def _entry(letter: Letter, kind: str) -> str:
    text = letter.text.replace("\\", "\\\\").replace(",", "\\,").replace("\n", "\\n")
    entry = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{letter.subject}\nDESCRIPTION:{text}\nEND:VEVENT\nEND:VCALENDAR"
    return f"Content-Type: {kind}\n\n{entry}\n"


def _calendar(letter: Letter) -> bytes:
    return f"{letter.heads()}{_entry(letter, 'text/calendar; charset=utf-8; method=REQUEST')}".encode()


def _hidden(style: str) -> Callable[[Letter], bytes]:
    return lambda m: m.page(f'<div style="{style}">{GOOD}</div>{_shown(m.text)}<p style="{style}">{GOOD}</p>')


TRICKS: dict[str, Callable[[Letter], bytes]] = {
    "letters of Cyrillic, wherever one looks alike": lambda m: m.changed(
        lambda t: "".join(LOOKALIKES.get(c, c) for c in t)
    ),
    "one Cyrillic letter in each word": lambda m: m.changed(_first_vowel),
    "zero-width letters within words": lambda m: m.changed(_between("\u200b")),
    "soft hyphens within words": lambda m: m.changed(_between("\u00ad")),
    "blanks within words": lambda m: m.changed(_between(" ")),
    "dots within words": lambda m: m.changed(_between(".")),
    "accents on letters": lambda m: m.changed(_between("\u0301")),
    "mathematical letters": lambda m: m.changed(_styled(0x1D400)),
    "full-width letters": lambda m: m.changed(
        lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c not in "@<>" else c for c in t)
    ),
    "tags and comments within words": lambda m: m.page(_between("<!-- x --><b></b>")(_shown(m.text))),
    "letters as entities": lambda m: m.page("".join("<br>" if c == "\n" else f"&#{ord(c)};" for c in m.text)),
    "good words that nobody sees (display: none)": _hidden("display:none"),
    "good words in white on white": _hidden("color:#ffffff;background-color:#ffffff"),
    "good words in letters of no size": _hidden("font-size:0"),
    "good words seen, below the pitch": lambda m: m.plain(f"{m.text}\n\n{GOOD}"),
    "good words seen, above the pitch": lambda m: m.plain(f"{GOOD}\n\n{m.text}"),
    "all in an image": lambda m: m.page('<a href="https://x.example/j"><img src="https://x.example/j.png"></a>'),
    "all in an attached text": lambda m: m.mixed(
        "Content-Type: text/plain; name=job.txt\nContent-Disposition: attachment; filename=job.txt\n\n" + m.text
    ),
    "all in an attached page, with a word of greeting": lambda m: m.mixed(
        "Content-Type: text/plain\n\nHi, see attached.\n",
        "Content-Type: text/html; name=job.html\nContent-Disposition: attachment; filename=job.html\n\n"
        f"<html><body>{_shown(m.text)}</body></html>",
    ),
    "all in a mail passed on": lambda m: m.mixed(f"Content-Type: message/rfc822\n\n{m.plain().decode()}"),
    "all in a calendar entry": _calendar,
    "all in a calendar file, with a word of greeting": lambda m: m.mixed(
        "Content-Type: text/plain\n\nHi, see attached.\n", _entry(m, "application/ics; name=job.ics")
    ),
    "text in base64": lambda m: _transfer(m, "utf-8"),
    "text in UTF-16": lambda m: _transfer(m, "utf-16"),
    "subject with a faked Re:": lambda m: m.plain(subject=f"Re: {m.subject}"),
    "faked Re: with a thread and a quotation": lambda m: m.plain(
        f"{m.text}\n\nOn Mon, 3 Mar 2025 you wrote:\n> Thanks, tell me more.\n",
        "In-Reply-To: <1.2.3@mail.example>",
        subject=f"Re: {m.subject}",
    ),
    "headers that say legitimate": lambda m: b"X-Spamrec: Legitimate\nX-Spam-Status: No\nX-Bogosity: Ham\n" + m.plain(),
    "sender forged to be known, authentication failed": lambda m: m.plain(
        None, "Authentication-Results: mx.example; spf=fail; dkim=none; dmarc=fail"
    ),
    "sender forged to be known, no authentication": lambda m: m.plain(),
}
STANDINGS: dict[str, Standing] = {name: KNOWN for name in TRICKS if "to be known" in name}


class Caught(NamedTuple):
    """A pitch that is spam as plain text, for its reader."""

    path: Path
    """Where it lies."""
    classifier: Classifier
    """Judges its reader's mail."""
    letter: Letter
    """The pitch."""

    def stays(self, trick: str) -> bool:
        """Whether it is spam with that trick."""
        read = message.parse(TRICKS[trick](self.letter))
        evidence = Evidence(read, self.classifier.profile, STANDINGS.get(trick, UNKNOWN))
        return self.classifier.judge(evidence).spam


def caught(corpus: Path, every: int) -> Iterator[Caught]:
    """Spam of all readers that is caught when written as plain text."""
    shipped = model.load()
    for stated in sorted(corpus.glob("*/profile.toml")):
        classifier = Classifier(shipped, profile.load(stated))
        for path in sorted(stated.parent.glob("spam/*.eml"))[::every]:
            read = message.parse(path.read_bytes())
            if not read.sender or not read.text.strip():
                continue
            text = f"{read.text}\n\n{read.signature}\n"
            sender = f"{read.sender.name} <{read.sender.address}>"
            to = ", ".join(a.address for a in read.to)
            letter = Letter(sender, to, read.header("date"), read.subject, text)
            if classifier.classify(letter.plain()).spam:
                yield Caught(path, classifier, letter)


def rates(found: list[Caught]) -> dict[str, float]:
    """The share of caught mail that stays caught, by trick."""
    return {trick: sum(one.stays(trick) for one in found) / len(found) for trick in TRICKS}


def page(messages: int, shares: dict[str, float], every: int) -> str:
    """The table, with what it was measured on."""
    rows = "".join(f"| {trick} | {share:.1%} |\n" for trick, share in shares.items())
    return HEAD.format(every=every, model=model.digest(), messages=messages) + rows + TAIL


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", default=ROOT / "data", type=Path)
    parser.add_argument("--every", type=int, default=1)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--misses", choices=TRICKS)
    how.add_argument("--write", action="store_true")
    given = parser.parse_args()
    found = list(caught(given.corpus, given.every))
    if given.misses:
        print("\n".join(str(one.path) for one in found if not one.stays(given.misses)))
        return
    written = page(len(found), rates(found), given.every)
    print(written, end="")
    if given.write:
        PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
