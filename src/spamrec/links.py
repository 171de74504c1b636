"""Links of a mail, and how they are found in plain text."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from spamrec.patterns import lazy

# either case by hand: with re.I Python tries every character of a text, and looks for none of the first ones
_URL = lazy(r"(?:[hH][tT][tT][pP][sS]?://|[wW]{3}\.|[mM][aA][iI][lL][tT][oO]:)[^\s<>\"'\x00-\x20]{3,2000}")


class Link(NamedTuple):
    """One link, its wording beside the place it leads to."""

    text: str
    """What the reader sees and clicks; the target again for a bare address in plain text."""
    target: str
    """Where it leads: an http, https, mailto or other address as written, blanks removed."""


def bare_links(text: str) -> list[Link]:
    """Addresses that stand in plain text, with or without their scheme."""
    found: list[Link] = []
    if "://" not in text and "www." not in text and "mailto:" not in text:
        return found
    lines = text.split("\n")
    lower = text.lower()
    if "www." in lower or "mailto:" in lower:
        likely = zip(lines, lower.split("\n"), strict=True)
        lines = [line for line, lower in likely if "://" in line or "www." in lower or "mailto:" in lower]
    else:
        lines = [line for line in lines if "://" in line]  # to search all took three times as long
    for match in chain.from_iterable(map(_URL.finditer, lines)):
        shown = match.group().rstrip(".,;:!?)]}*_")
        target = f"http://{shown}" if shown[:4].lower() == "www." else shown
        found.append(Link(shown, target))
    return found
