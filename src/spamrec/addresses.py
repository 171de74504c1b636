"""Mail addresses read from headers as they come: quoted, commented, grouped, encoded, or broken."""

from __future__ import annotations

import re
from typing import NamedTuple

from spamrec.decoding import clean_line, decode_words
from spamrec.patterns import lazy

MAX_ADDRESSES = 200
"""Addresses of one header that are read; the rest is left out."""

_TOKEN = lazy(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|\([^()]*+\)|<[^<>]*+>|[,;:]|[^"(<,;:]++|.', re.S)

_ONE = lazy(
    r'(?:(?:"([^"\\=]*+)"|([^"(<>,;:@\\=]*+)) *+<([!#-\'*+./0-9=?A-Z^_`a-z{|}~-]++@[A-Za-z0-9.-]++)>'
    r"|([!#-'*+./0-9=?A-Z^_`a-z{|}~-]++@[A-Za-z0-9.-]++))"
)
"""One address in printable ASCII with or without a name, as nearly all headers hold it."""


class Address(NamedTuple):
    """One mailbox named in a header."""

    name: str
    """Display name, decoded and unquoted, "" where there is none."""
    address: str
    """The address in lower case, "" where the header holds a name alone."""

    @property
    def domain(self) -> str:
        """What stands behind the last "@", "" where there is none."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""

    @property
    def local(self) -> str:
        """What stands before the last "@"."""
        return self.address.rpartition("@")[0] if "@" in self.address else self.address


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Addresses of one header's unfolded value; what cannot be an address is kept as a name or left out."""
    if not text:
        return ()
    if text.isascii() and text.isprintable():
        one = _ONE.fullmatch(text)
        if one is not None:
            name = " ".join((one[1] or one[2] or "").split()).strip("'\"<> ")
            return (Address(name, (one[3] or one[4]).lower().strip("'.")),)
    text = text.replace("\t", " ")
    if text.count('"') % 2:
        text = text.replace('"', " ")
    return tuple(_addresses(text))[:MAX_ADDRESSES]


def _addresses(text: str) -> list[Address]:
    found: list[Address] = []
    words: list[str] = []
    comments: list[str] = []
    angle = ""
    for token in [*_TOKEN.findall(text), ","]:
        first = token[0]
        if first in ",;":
            _append(found, words, comments, angle)
            words, comments, angle = [], [], ""
            if len(found) >= MAX_ADDRESSES:
                break
        elif first == ":":
            words = [] if not angle and "@" not in "".join(words) else [*words, token]
        elif first == '"' and len(token) > 1:
            words.append(re.sub(r"\\(.)", r"\1", token[1:].removesuffix('"')))
        elif first == "(" and len(token) > 1:
            comments.append(token[1:-1])
        elif first == "<" and len(token) > 1:
            angle = angle or token[1:-1].strip()
        elif first not in "<>":
            words.append(token)
    return found


def _append(found: list[Address], words: list[str], comments: list[str], angle: str) -> None:
    plain = "".join(words).strip()
    address = angle
    if not address:
        address = next((word for word in plain.split() if "@" in word[1:-1]), "")
        if address:
            plain = plain.replace(address, "", 1).strip(" <>")
    name = plain or " ".join(comments).strip()
    if "=?" in name:
        name = decode_words(name)
    name = clean_line(" ".join(name.split())).strip("'\"<> ")
    address = clean_line(address).replace(" ", "").lower().removeprefix("mailto:").strip("<>'\".,;")
    if name or address:
        found.append(Address(name, address))


FREEMAIL = frozenset(
    """gmail googlemail yahoo ymail rocketmail hotmail outlook live msn aol icloud me mac gmx web freenet t-online
    protonmail proton mail zoho yandex rediffmail laposte orange wanadoo free sfr libero virgilio bigpond comcast
    verizon att sbcglobal bellsouth earthlink mindspring cox charter btinternet sky ntlworld talktalk fastmail tutanota
    tuta hey inbox email usa hushmail lycos excite juno netscape qq 163 126 naver""".split()
)
"""Second-level names of providers at whose domains anybody may have an address."""


def is_freemail(domain: str) -> bool:
    """Whether a domain gives addresses to anybody, so that it stands for no firm."""
    labels = domain.lower().split(".")
    return len(labels) >= 2 and (
        labels[-2] in FREEMAIL or (len(labels) >= 3 and labels[-2] in ("co", "com") and labels[-3] in FREEMAIL)
    )
