"""Raw bytes cut into headers and parts, by offsets, without decoding anything.

Why not `email.parser`: on hostile input its boundary stack costs depth times lines and ends in a
RecursionError, a 25 MB attachment becomes 330,000 strings, and importing it takes 20 ms of a cold start.
This cutter is linear, bounded by the constants below, and agrees with it on well-formed mail (tested).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from spamrec.decoding import PRINTED, decode_parameter, decode_transfer, unfold
from spamrec.patterns import lazy

MAX_DEPTH = 12
"""Multiparts and forwarded mails inside one another; deeper ones are taken as one undivided part."""

MAX_PARTS = 500
"""Parts of one message that are looked at; the rest is left out."""

MAX_HEADERS = 2_000
"""Headers of one part that are looked at; the rest is left out."""

MAX_HEADER_BYTES = 64 * 1024
"""Length of one folded header that is looked at; the rest of it is left out."""

MAX_HEAD_BYTES = 1024 * 1024
"""Length of all headers of one part that are looked at; the rest is left out."""

MAX_PARAMETER_CHARS = 4_096
"""Length of a Content-Type or Content-Disposition that is looked at."""

_LINE = lazy(r"(?:([!-9;-~]++)[ \t]*+:)?+([^\n]*+)\n?")
_HEADER = lazy(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?")
_FOLD = lazy(r"\n[ \t]++")
_ENVELOPE = lazy(rb"(?:>?From (?![ \t]*+:)[^\n]*+\n?)++")
_MORE_HEADERS = lazy(rb"(?:[!-9;-~]++[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?|>?From [^\n]*+\n?)*+")
_BLANK = lazy(rb"\r*\n")
_LEADING_BLANKS = lazy(rb"[\r\n]*+")
_GUESSED_BOUNDARY = lazy(rb"(?:\A|\n)--([^\s-][^\r\n]{3,68}?)[ \t]*\r?\n(?:Content-[!-9;-~]+:)", re.I)
_NOT_IN_TYPES = lazy(r"[^\t!-~ ]+")
_PARAMETER = lazy(r""";\s*([^=;\s"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""")


class Part(NamedTuple):
    """One node of a message's structure: a leaf with a body, or a container with children."""

    headers: tuple[tuple[str, str], ...]
    """Lower-case name and unfolded value of each header, in order, encoded words as they stand."""
    plain: bool
    """Whether the headers hold nothing that needs decoding: printable ASCII, no encoded words."""
    content_type: str
    """Lower-case type and subtype, "text/plain" where none or an impossible one is declared."""
    parameters: Mapping[str, str]
    """Parameters of Content-Type, names in lower case, RFC 2231 pieces joined and decoded."""
    encoding: str
    """Content-Transfer-Encoding in lower case, "" where there is none."""
    disposition: str
    """Content-Disposition without parameters in lower case: "attachment", "inline" or ""."""
    filename: str
    """Name given to the part by its sender, decoded, "" where there is none."""
    source: bytes
    """The bytes in which the body lies; shared between the parts of a message."""
    start: int
    """Offset in `source` of the body's first byte."""
    end: int
    """Offset in `source` behind the body's last byte."""
    children: tuple[Part, ...]
    """Parts inside a multipart, or the one mail inside a message/rfc822; empty for a leaf."""

    def walk(self) -> Iterator[Part]:
        """This part and all below it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


class _Budget:
    """Counts down the parts that may still be cut."""

    def __init__(self, parts: int) -> None:
        self.parts = parts

    def take(self) -> bool:
        self.parts -= 1
        return self.parts >= 0


def split(raw: bytes) -> Part:
    """Structure of a whole message; any bytes are accepted, an mbox "From " line in front is passed over."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    start = _LEADING_BLANKS.match(raw).end()  # type: ignore[union-attr]
    return _part(raw, start, len(raw), depth=0, default="text/plain", budget=_Budget(MAX_PARTS))


def read_headers(source: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int]:
    """Headers from `start` on, and the offset of the body behind them.

    A line that cannot be a header ends them without a blank line, as in RFC 5322's robust readers; a
    stray mbox "From " line is passed over.
    """
    headers: list[tuple[str, bytes]] = []
    left = MAX_HEAD_BYTES
    position = start
    while position < end:
        found = _HEADER.match(source, position, end)
        if found is None:
            blank = _BLANK.match(source, position, end)
            if blank is not None:
                return headers, blank.end()
            envelope = _ENVELOPE.match(source, position, end)
            if envelope is None:
                return headers, position
            position = envelope.end()
            continue
        first, last = found.span(2)
        value = source[first : min(last, first + MAX_HEADER_BYTES, first + left)]
        headers.append((found.group(1).decode("ascii").lower(), value))
        left -= len(value)
        position = found.end()
        if left <= 0 or len(headers) == MAX_HEADERS:
            position = _MORE_HEADERS.match(source, position, end).end()  # type: ignore[union-attr]
    return headers, position


def _unfolded(source: bytes, start: int, end: int) -> tuple[list[tuple[str, str]], bool, int]:
    """What `read_headers` finds, unfolded; at once where all is printable ASCII and each line belongs to a header."""
    if source.startswith((b"From ", b">From "), start, end) and _HEADER.match(source, start, end) is None:
        start = _ENVELOPE.match(source, start, end).end()  # type: ignore[union-attr]
    newline = source.find(b"\n", start, end)
    blank = b"\n\r\n" if newline > start and source[newline - 1] == 13 else b"\n\n"
    stop = source.find(blank, start, end)
    block = source[start : max(start, stop)]
    if len(block) <= MAX_HEADER_BYTES and not block.translate(None, PRINTED):
        text = block.decode("ascii").replace("\r\n", "\n").removesuffix("\r")
        lines = _LINE.findall(_FOLD.sub(" ", text))[:-1]  # the last one is the empty end
        if "\r" not in text and 0 < len(lines) <= MAX_HEADERS and "" not in dict(lines):
            plain = "=?" not in text
            return [(name.lower(), value.strip()) for name, value in lines], plain, stop + len(blank)
    headers, body = read_headers(source, start, end)
    return [(name, unfold(value)) for name, value in headers], False, body


def _part(source: bytes, start: int, end: int, *, depth: int, default: str, budget: _Budget) -> Part:
    headers, plain, body = _unfolded(source, start, end)
    declared = dict(reversed(headers))
    content_type, parameters = _parameters(declared.get("content-type", "")[:MAX_PARAMETER_CHARS])
    content_type = _valid_type(content_type, default)
    disposition, more = _parameters(declared.get("content-disposition", "")[:MAX_PARAMETER_CHARS])
    encoding = declared.get("content-transfer-encoding", "").strip().strip('"').lower()
    children: tuple[Part, ...] = ()
    if depth < MAX_DEPTH:
        if content_type.startswith("multipart/"):
            boundary = parameters.get("boundary", "").encode("utf-8", "replace")
            children = _multipart(source, body, end, boundary, content_type, depth, budget)
            if not children:
                content_type = "text/html" if _looks_like_html(source[body : body + 2_000]) else "text/plain"
        elif content_type in ("message/rfc822", "message/global", "message/news"):
            children = (_enclosed(source, body, end, encoding, depth, budget),)
    return Part(
        headers=tuple(headers),
        plain=plain,
        content_type=content_type,
        parameters=parameters,
        encoding=encoding,
        disposition=disposition,
        filename=more.get("filename") or parameters.get("name", ""),
        source=source,
        start=body,
        end=end,
        children=children,
    )


def _multipart(
    source: bytes, start: int, end: int, boundary: bytes, content_type: str, depth: int, budget: _Budget
) -> tuple[Part, ...]:
    default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    spans = list(_spans(source, start, end, boundary, budget)) if boundary else []
    if not spans:
        guess = _GUESSED_BOUNDARY.search(source, max(0, start - 1), min(end, start + MAX_HEADER_BYTES))
        spans = list(_spans(source, start, end, guess.group(1), budget)) if guess else []
    return tuple(_part(source, first, last, depth=depth + 1, default=default, budget=budget) for first, last in spans)


def _spans(source: bytes, start: int, end: int, boundary: bytes, budget: _Budget) -> Iterator[tuple[int, int]]:
    """Offsets of each part between boundary lines; the last one may lack its closing line."""
    opened = -1
    for line_start, line_end, closing in _boundary_lines(source, start, end, b"--" + boundary):
        if opened >= 0 and budget.take():
            yield opened, max(opened, _before_newline(source, line_start))
        opened = -1 if closing else line_end
        if closing or budget.parts <= 0:
            return
    if opened >= 0 and budget.take():
        yield opened, end


def _boundary_lines(source: bytes, start: int, end: int, marker: bytes) -> Iterator[tuple[int, int, bool]]:
    position = source.find(marker, start, end)
    while position >= 0:
        behind = position + len(marker)
        if position == start or source[position - 1 : position] == b"\n":
            newline = source.find(b"\n", behind, end)
            line_end = end if newline < 0 else newline + 1
            rest = source[behind : min(line_end, behind + 80)].strip()
            if rest in (b"", b"--"):
                yield position, line_end, rest == b"--"
                behind = line_end
        position = source.find(marker, behind, end)


def _before_newline(source: bytes, line_start: int) -> int:
    """The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if source[line_start - 2 : line_start] == b"\r\n":
        return line_start - 2
    return line_start - 1


def _enclosed(source: bytes, start: int, end: int, encoding: str, depth: int, budget: _Budget) -> Part:
    """The mail inside a message/rfc822 part, which some senders encode against RFC 2046."""
    if encoding in ("base64", "quoted-printable"):
        source = decode_transfer(source[start:end], encoding)
        start, end = 0, len(source)
    return _part(source, start, end, depth=depth + 1, default="text/plain", budget=budget)


@lru_cache(maxsize=128)
def _valid_type(declared: str, default: str) -> str:
    """Content type as RFC 2045 wants it; "text" or "html" alone are taken by what they must mean, and what follows a blank
    are parameters whose semicolon is missing."""
    declared = next(iter(_NOT_IN_TYPES.sub("", declared).split()), "")
    main, slash, sub = declared.partition("/")
    if slash and main and sub:
        return declared
    if "html" in declared:
        return "text/html"
    return "text/plain" if declared else default


def _looks_like_html(start: bytes) -> bool:
    return b"<html" in start.lower() or b"<body" in start.lower()


@lru_cache(maxsize=128)
def _parameters(text: str) -> tuple[str, Mapping[str, str]]:
    """Main value in lower case and the parameters of a Content-Type or Content-Disposition header; most are like others."""
    main, semicolon, _ = text.partition(";")
    main = main.strip().lower()
    found: dict[str, str] = {}
    if not semicolon:
        return main, found
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted in _PARAMETER.findall(text):
        content = quoted.strip()
        if content[:1] == '"':
            content = re.sub(r"\\(.)", r"\1", content.strip('"'))
        base, star, index = name.lower().partition("*")
        if not star:
            found.setdefault(base, content)
            continue
        number = index.rstrip("*")
        order = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        pieces.setdefault(base, []).append((order, name.endswith("*"), content))
    for base, parts in pieces.items():
        found[base] = decode_parameter([(encoded, content) for _, encoded, content in sorted(parts)])
    if "filename" in found:
        found["filename"] = decode_parameter([(False, found["filename"])])
    if "name" in found:
        found["name"] = decode_parameter([(False, found["name"])])
    return main, found
