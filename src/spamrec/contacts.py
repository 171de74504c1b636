"""People in an address book: vCard 2.1, 3.0 and 4.0 as phones, mail programs and web services write them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spamrec.errors import ForeignInputError, MissingInputError, UnreadableInputError, reason_of
from spamrec.parties import page_in

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file that is read; address books with photographs reach some tens of megabytes."""

ENDINGS = (".vcf", ".vcard")
"""Names of files that are read in a folder end so."""

_CARD = re.compile(r"^BEGIN:VCARD[ \t]*$(.*?)^(?:END:VCARD|(?=BEGIN:VCARD))", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_PROPERTY = re.compile(r"(?:[\w-]+\.)?([\w-]+)[;:]")
_VALUE = r'(?:"[^"]*+"|[^";:,]*+)'
_READABLE = re.compile(rf"(?:[\w-]++\.)?[\w-]++(?:;[\w-]++(?:={_VALUE})?(?:,{_VALUE})*+)*+:", re.ASCII)
_PAGES = ("url", "x-socialprofile", "socialprofile")
_WANTED = frozenset(("version", "fn", "n", "nickname", "org", "email", *_PAGES))


@dataclass(frozen=True, slots=True)
class Card:
    """One person or firm of an address book."""

    name: str
    """Name as shown, "" where the card has none."""
    addresses: tuple[str, ...]
    """Mail addresses in lower case, as listed."""
    page: str = ""
    """Last part of the address of a LinkedIn page, "" for none."""
    damage: str = ""
    """Why the card cannot be read, "" where it can."""


def walk(paths: list[str | Path]) -> Iterator[Card]:
    """Cards under `paths` in order, those of a folder by name of the file; "-" is standard input.

    Raises MissingInputError or UnreadableInputError for what the user named; a card that cannot be read is one
    with `damage`.
    """
    for path in paths:
        for file in _files(path):
            text = _read(file)
            cards = [found[1] for found in _CARD.finditer(text + "\nBEGIN:VCARD")]
            if not cards:
                raise ForeignInputError(file, "holds no vCard")
            yield from map(_card, cards)


def _files(path: str | Path) -> list[str | Path]:
    if str(path) == "-" or not Path(path).is_dir():
        return [path]
    files = sorted(file for file in Path(path).rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
    if not files:
        raise ForeignInputError(path, "holds no vCard file (*.vcf)")
    return [*files]


def _read(path: str | Path) -> str:
    try:
        if str(path) == "-":
            raw = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with Path(path).open("rb") as stream:
                raw = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingInputError(path) from error
    except OSError as error:
        raise UnreadableInputError(path, reason_of(error)) from error
    if len(raw) > MAX_FILE_BYTES:
        raise UnreadableInputError(path, f"larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    return _decoded(raw).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _decoded(raw: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or else Windows-1252, which older phones write."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _card(body: str) -> Card:
    """The card whose lines these are, without photographs and keys, which are large and often damaged."""
    import vobject

    vobject.base.logger.setLevel("CRITICAL")  # it prints every line it leaves out
    lines = ["BEGIN:VCARD", *_wanted(body), "END:VCARD", ""]
    try:
        card = next(vobject.readComponents("\r\n".join(lines), ignoreUnreadable=True, allowQP=True))
        return _person(card.contents)
    except Exception as error:  # the library lets any error out that the decoding of a hostile line may meet
        return Card("", (), damage=" ".join(str(error).split())[:200] or type(error).__name__)


def _wanted(body: str) -> Iterator[str]:
    """Lines of the properties that are read, with those that continue them; such as the library cannot read are left
    out, since it takes time exponential in their parameters to find that it cannot."""
    for lines in _logical(body):
        found = _PROPERTY.match(lines[0])
        if found and found[1].lower() in _WANTED and _READABLE.match("".join(line.lstrip(" \t") for line in lines)):
            yield from lines


def _logical(body: str) -> Iterator[list[str]]:
    """Lines that hold something, each with those that continue it."""
    lines: list[str] = []
    soft = False
    for line in body.split("\n"):
        if not (line[:1] in (" ", "\t") or soft):
            if lines:
                yield lines
            lines = []
            soft = "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
        if soft:
            soft = line.endswith("=")
        if line.strip():
            lines.append(line)
    if lines:
        yield lines


def _person(contents: dict[str, list[Any]]) -> Card:
    def values(name: str) -> list[str]:
        found = [entry.value for entry in contents.get(name, [])]
        return [(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v)).strip() for v in found]

    addresses = [value.lower().removeprefix("mailto:").strip("<> ") for value in values("email")]
    names = [" ".join(name.split()) for name in (*values("fn"), *values("n"), *values("nickname"))]
    pages = [found for key in _PAGES for value in values(key) if (found := page_in(value))]
    valid = tuple(dict.fromkeys(a for a in addresses if re.fullmatch(r"[^@\s]+@[^@\s]+", a)))
    return Card(next(filter(None, names), ""), valid, pages[0] if pages else "")
