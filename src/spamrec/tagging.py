"""Our headers in the raw bytes of a mail: put in front, and taken out again so that every byte is as before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from math import floor, log
from typing import NamedTuple

from spamrec.patterns import lazy
from spamrec.verdict import Label, Verdict

NAME = "X-Spamrec"
"""Our header; all others of ours begin with it and a hyphen."""
LINE_BYTES = 78
"""Length of a line that a header is folded at (RFC 5322, 2.1.1)."""
MAX_REASONS = 8
"""Reasons told in a header, the weightiest; `explain` tells all."""
DECIMALS = 6
"""Digits of a probability."""
REQUIRED = 5.0
"""Points from which on SpamAssassin calls a mail spam, by its default and in the rules of those who read its headers."""
MAX_POINTS = 30.0
"""Points beyond which more certainty adds none."""


class Style(StrEnum):
    """Whose headers are written beside ours, so that rules written for that filter work as they are.

    Ours is always written. A style's own headers are taken out first, as that filter itself takes them out.
    """

    SPAMREC = "spamrec"
    BOGOFILTER = "bogofilter"
    SPAMASSASSIN = "spamassassin"
    SPAMBAYES = "spambayes"


class Word(StrEnum):
    """First word of our header; a comma follows."""

    SPAM = "Spam"
    LEGITIMATE = "Legitimate"
    UNSURE = "Unsure"


class Field(NamedTuple):
    """One header as it is to be written."""

    name: str
    """Its name."""
    value: str
    """Its value in ASCII, not folded yet."""


NAMES: dict[Style, tuple[str, ...]] = {
    Style.SPAMREC: (),
    Style.BOGOFILTER: ("X-Bogosity",),
    Style.SPAMASSASSIN: ("X-Spam-Checker-Version", "X-Spam-Flag", "X-Spam-Level", "X-Spam-Status"),
    Style.SPAMBAYES: ("X-Spambayes-Classification",),
}
"""Headers that each style writes beside ours."""

_ADDED = Field(f"{NAME}-Header", "added")
"""Says that the mail had no header: the blank line that follows is ours too."""
_ENVELOPE = lazy(rb"(?:>?From [^\n]*+\n)*+")
_FIELD = lazy(rb"[!-9;-~]++[ \t]*+:")
_BLANK = lazy(rb"^\r*+\n", re.MULTILINE)
_BREAK = lazy(r"((?<=[,;]) | (?=[a-z_]+=)|(?<=,)(?=[A-Z]))")
_TOKEN = lazy(r"[^!-+\--:<-~]+")


# --- what is said ------------------------------------------------------------------------------------------


def judged(
    verdict: Verdict, *, style: Style = Style.SPAMREC, model: str = "", version: str = "", read: int | None = None
) -> tuple[Field, ...]:
    """The headers for a verdict; `model` and `version` say by what it was given, `read` how many bytes of a larger mail
    were looked at."""
    facts = [
        f"probability={_floored(verdict.probability)}",
        f"threshold={_short(verdict.threshold)}",
        f"model={_token(model) or 'none'}",
        f"version={_token(version) or 'none'}",
        *([f"read={read}"] if read is not None else []),
    ]
    reasons = _reasons(verdict)
    return (
        Field(NAME, ", ".join([word(verdict.label), *facts])),
        *([Field(f"{NAME}-Reasons", "; ".join(reasons))] if reasons else []),
        *_peers(verdict, style, _token(version)),
    )


def word(label: Label) -> Word:
    """First word of our header for a label."""
    return Word(label.value.capitalize())


def points(verdict: Verdict) -> float:
    """The probability on SpamAssassin's scale, one decimal: REQUIRED or more where it is spam, less where it is not.

    The distance to the threshold in log-odds, so that the scale is as fine at 0.999 as at 0.5.
    """
    distance = _log_odds(verdict.probability) - _log_odds(verdict.threshold)
    found = floor(10 * max(-MAX_POINTS, min(MAX_POINTS, REQUIRED + distance))) / 10
    return max(REQUIRED, found) if verdict.spam else min(REQUIRED - 0.1, found)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-12), 1 - 1e-12)
    return log(kept / (1 - kept))


def _floored(probability: float) -> str:
    """Rounded down, so that a mail below the threshold never reads as if it reached it."""
    nearest = round(probability, DECIMALS)
    return f"{nearest - (nearest > probability) * 10**-DECIMALS:.{DECIMALS}f}"


def _short(threshold: float) -> str:
    """With three decimals, or more where it has them."""
    text = f"{threshold:.{DECIMALS}f}"
    return text[:-3] + text[-3:].rstrip("0")


def _token(text: str) -> str:
    """Text without what would end or fold a part of a header."""
    return _TOKEN.sub("", text)[:40]


def _reasons(verdict: Verdict) -> list[str]:
    told = [(_token(reason.signal), f"{reason.weight:+.2f}") for reason in verdict.reasons]
    return [f"{name} {weight}" for name, weight in told if name and weight[1:] != "0.00"][:MAX_REASONS]


def _peers(verdict: Verdict, style: Style, version: str) -> list[Field]:
    """The headers of other filters, in the words that they use."""
    said = word(verdict.label)
    spam, names = said is Word.SPAM, NAMES[style]
    ham = "Ham" if said is Word.LEGITIMATE else str(said)
    if style is Style.BOGOFILTER:
        spamicity = _floored(verdict.probability)
        return [Field(names[0], f"{ham}, tests=bogofilter, spamicity={spamicity}, version={version or 'none'}")]
    if style is Style.SPAMBAYES:
        return [Field(names[0], f"{ham.lower()}; {_floored(verdict.probability)[:4]}")]
    if style is Style.SPAMASSASSIN:
        score = points(verdict)
        tests = ",".join(_test_names(verdict)) or "none"
        status = f"{'Yes' if spam else 'No'}, score={score:.1f} required={REQUIRED:.1f} tests={tests}"
        return [
            Field(names[0], f"spamrec {version}".rstrip()),
            *([Field(names[1], "YES")] if spam else []),
            Field(names[2], "*" * max(0, int(score))),
            Field(names[3], f"{status} autolearn=no autolearn_force=no version={version or 'none'}"),
        ]
    return []


def _test_names(verdict: Verdict) -> Iterable[str]:
    """Signals as SpamAssassin writes its tests: FAR_PLACE."""
    return (name.rpartition(" ")[0].upper().replace("-", "_") for name in _reasons(verdict))


# --- bytes -------------------------------------------------------------------------------------------------


def tag(raw: bytes, fields: Sequence[Field], style: Style = Style.SPAMREC) -> bytes:
    """The mail with these headers in front, and without older or forged ones of ours or of the style.

    They stand before the first header, behind an mbox "From " line, with the line ends of the mail. In front of a text
    without any header a blank line goes with them.
    """
    raw = strip(raw, style)
    start = _envelope(raw)
    end = _line_end(raw, start)
    bare = start < len(raw) and not _FIELD.match(raw, start) and not _BLANK.match(raw, start)
    head = b"".join(_folded(field, end) for field in (*fields, _ADDED)[: None if bare else -1])
    return b"".join((raw[:start], head, end if bare else b"", raw[start:]))


def strip(raw: bytes, style: Style = Style.SPAMREC) -> bytes:
    """The mail without our headers and those of the style, whoever wrote them; every other byte stays.

    They are looked for up to the first blank line, as procmail and Dovecot do, whatever stands between.
    """
    if b"\n" not in raw and b"\r" in raw:
        less = _stripped(raw.replace(b"\r", b"\n"), style).replace(b"\n", b"\r")
    else:
        less = _stripped(raw, style)
    # once more, since what is left may be a mail of lone carriage returns only now
    return less if len(less) == len(raw) else strip(less, style)


def _stripped(raw: bytes, style: Style) -> bytes:
    own, added = _expressions(style)
    start = _envelope(raw)
    text = added.match(raw, start)
    first = text.end() if text else start
    if not _FIELD.match(raw, first):
        return raw[:start] + raw[first:] if text else raw
    last = _head_end(raw, first)
    headers = raw[first:last]
    lower = headers.lower()
    if not text and not (any(name in lower for name in _starts(style)) and own.search(raw, first, last)):
        return raw
    return b"".join((raw[:start], own.sub(b"", headers), raw[last:]))


def _head_end(raw: bytes, start: int) -> int:
    """Where the first blank line behind a header begins, or the mail ends; carriage returns alone are blank."""
    ends = [at + 1 for gap in (b"\n\n", b"\n\r\n") if (at := raw.find(gap, start)) >= 0]
    end = min(ends, default=len(raw))
    # the expression tries each line, and would take as long as all the rest of this
    blank = _BLANK.search(raw, start, end) if raw.find(b"\n\r\r", start, end) >= 0 else None
    return blank.start() if blank else end


@cache
def _starts(style: Style) -> tuple[bytes, ...]:
    """How all that `own` finds begins, lower case."""
    return tuple(name.lower().encode() for name in (NAME, *NAMES[style]))


@cache
def _expressions(style: Style) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What finds a header of ours with its folded lines, and what finds headers that `tag` put before a bare text."""
    names = "|".join([rf"{NAME}(?:-[!-9;-~]*+)?", *NAMES[style]])
    own = rf"(?:{names})[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z)"
    mark = rf"{_ADDED.name}: {_ADDED.value}\r?\n\r?\n"
    added = rf"(?:(?:(?!{mark}){own})*+{mark})++"
    flags = re.MULTILINE | re.IGNORECASE
    return re.compile(f"^{own}".encode(), flags), re.compile(added.encode(), flags)


def _envelope(raw: bytes) -> int:
    """Length of the mbox "From " line at the start, of all of them where relays have added theirs."""
    found = _ENVELOPE.match(raw)
    return found.end() if found else 0


def _line_end(raw: bytes, start: int) -> bytes:
    """How the first line ends."""
    end = raw.find(b"\n", start)
    return b"\r\n" if end > start and raw[end - 1] == ord("\r") else b"\n"


def _folded(field: Field, end: bytes) -> bytes:
    """A header with its line end, folded where a list goes on."""
    first, *rest = _BREAK.split(field.value)
    lines = [f"{field.name}: {first}"]
    for gap, part in zip(rest[::2], rest[1::2], strict=True):
        if len(lines[-1]) + len(gap) + len(part) > LINE_BYTES:
            lines.append(f" {part}")
        else:
            lines[-1] += gap + part
    return b"".join(line.encode("ascii", "replace") + end for line in lines)
