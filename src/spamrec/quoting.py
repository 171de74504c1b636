"""What a sender newly wrote, told from quoted replies and forwarded mail in plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from spamrec.patterns import lazy

# Behind a line break, not at "^": what starts with a literal character is found in a tenth of the time. A break is put
# before the text for them, so that a match starts where its line does.
_FORWARD = lazy(
    r"\n[ \t]*(?:-{2,}[ \t]*(?:forwarded (?:message|by|mail)|weitergeleitete nachricht|message transf[ée]r[ée]"
    r"|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|(?:begin )?forwarded text)"
    r"|begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)"
    r"|d[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato)",
    re.I,
)
# One of these stands in all that the expression matches: most mail holds none, and the expressions of this module take
# 3 ms to compile.
_FORWARD_PIECES = (
    "forward", "weitergeleitet", "transf", "reenviado", "inoltrato", "doorgestuurd", "encaminhada", "du message",
)  # fmt: skip
_ORIGINAL = lazy(
    r"\n[ \t]*-{3,}[ \t]*(?:original message|original appointment|urspr(?:ü|ue)ngliche nachricht|originalnachricht"
    r"|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original"
    r"|reply message|reply to message)[ \t]*-{3,}",
    re.I,
)
_HEADER_BLOCK = lazy(
    r"\n[ \t*_]*(?:from|von|de|da|van|från|fra|od|от)[*_ ]*:[*_ ]*([^\n]{1,300})\n(?:[ \t]*\n)?"
    r"[ \t*_]*(sent|date|gesendet|datum|envoyé|envoye|enviado|enviado el|fecha|inviato|data|verzonden|skickat|sendt"
    r"|wysłano|дата|отправлено|to|an|à|para|subject|betreff|objet|asunto)[*_ ]*:",
    re.I,
)
_MARKER = lazy(
    r"\n[ \t*_]*(?:-{2,}[ \t]*[bdfmoruw]|begin f|anfang d|d[ée]but d|ini[cz]io "
    r"|(?:from|von|de|da|van|från|fra|od|от)[*_ ]*:)",
    re.I,
)
"""Begins all that the three above match: most mail holds none of it."""
_DATE_LABELS = frozenset((
    "sent", "date", "gesendet", "datum", "envoyé", "envoye", "enviado", "fecha", "inviato", "data",
    "verzonden", "skickat", "sendt", "wysłano", "дата", "отправлено", "enviado el",
))  # fmt: skip
_VERBS = (
    r"wrote|writes|said|schrieb|a écrit|escribió|escribio|ha scritto|scrisse|schreef|skrev|escreveu|napisał"
    r"|написал|пишет"
)
_VERB_LIST = _VERBS.split("|")
_MAX_BEHIND_VERB = 100
"""Characters from the beginning of a verb to the colon: more than `_ATTRIBUTION` lets stand there."""
_COLON_AT_END = lazy(r":[ \t]*+(?:\n|\Z)")
_ATTRIBUTION = lazy(
    r"\n[ \t]*(?:on|am|le|el|il|op|em|den|in message|dne|w dniu)\s[^\n]{4,300}?(?:\n[^\n]{1,160}){0,2}?"
    rf"(?:{_VERBS})\b[^\n]{{0,80}}:[ \t]*$",
    re.I | re.M,
)
_NAMED = lazy(rf"(?:\b(?:{_VERBS})\b[^\n]*|@[^\n]*):[ \t]*$|^(?:quoting|zitat von|citando|selon)\b", re.I)
_QUOTED = r"[ \t]{0,3}(?:[A-Za-z]{0,3}>|\|[ \t])"
_QUOTED_LINE = lazy(_QUOTED)
_QUOTED_LINES = lazy(rf"\n{_QUOTED}[^\n]*+(?:\n{_QUOTED}[^\n]*+)*+")
_MARK = lazy(r"[^\w\s\"'(<>*•-]{1,3}|-{1,2}[^\w\s-]")
_HEADER_LINE = lazy(
    r"[ \t*_]*(?:from|sent|date|to|cc|subject|von|gesendet|datum|an|betreff|de|envoyé|à|objet|enviado(?: el)?"
    r"|fecha|para|asunto)[*_ ]*:",
    re.I,
)
_MBOX_FROM = lazy(r">{1,2}From [\w\"']")
_DIGIT = lazy(r"\d")
_REPLY_SUBJECT = lazy(r"\s*(?:re|aw|antw|sv|vs|rif|odp|ref|r)\s*(?:\[\d+\])?\s*:", re.I)
_FORWARD_SUBJECT = lazy(r"\s*(?:fwd?|wg|tr|rv|i|enc|vb|doorst|vl)\s*:|.*\(fwd\)\s*$", re.I)


class Quoting(NamedTuple):
    """One body taken apart by who wrote what."""

    own: str
    """What the sender newly wrote, signature and disclaimer included."""
    quoted: str
    """What is quoted from an earlier mail, with its attribution lines."""
    forwarded: str
    """A mail passed on inline, from its marker or header block on."""


def split_quoted(text: str, subject: str = "") -> Quoting:
    """A plain-text body split into own, quoted and forwarded text.

    The subject decides whether an Outlook header block, which heads replies and forwards alike, was
    passed on or answered.
    """
    end, forwards = _marker(text, subject)
    own, rest = text[:end], text[end:]
    mark = ""
    said = list(_ATTRIBUTION.finditer("\n" + own)) if _attributes(own) else []
    if said:
        tail = _open_attribution(own, said)
        if tail is not None:
            own, rest, forwards = own[:tail], own[tail:] + rest, False
        mark = _odd_mark(own)
    own, quoted = _marked_lines(own, mark)
    if forwards:
        return Quoting(own.strip(), quoted.strip(), rest.strip())
    return Quoting(own.strip(), f"{quoted}\n{rest}".strip(), "")


def _marker(text: str, subject: str) -> tuple[int, bool]:
    """Offset of the first marker behind which nothing is the sender's own, and whether it starts a forward."""
    if _MARKER.search("\n" + text) is None:
        return len(text), False
    places: list[tuple[int, bool]] = []
    lower = text.lower()
    found = _FORWARD.search("\n" + text) if any(piece in lower for piece in _FORWARD_PIECES) else None
    if found is not None:
        places.append((found.start(), True))
    passed_on = _FORWARD_SUBJECT.match(subject) is not None
    for start in (_original(text), _header_block(text)):
        if start is not None and (passed_on or not _answered_below(text, start)):
            alone = not text[:start].strip() and _REPLY_SUBJECT.match(subject) is None
            places.append((start, passed_on or alone))
    return min(places, default=(len(text), False))


def _answered_below(text: str, start: int) -> bool:
    """Whether a header block heads lines that carry quote marks, so that lines without them are an answer."""
    lines = [line for line in text[start : start + 2_000].split("\n")[1:] if line.strip()]
    below = [line for line in lines if not _HEADER_LINE.match(line)]
    return bool(below) and _QUOTED_LINE.match(below[0]) is not None


def _original(text: str) -> int | None:
    found = _ORIGINAL.search("\n" + text) if "---" in text else None
    return None if found is None else found.start()


def _header_block(text: str) -> int | None:
    """Where "From: … Sent: …" lines of another mail begin, a rule of underscores above them included."""
    for found in _HEADER_BLOCK.finditer("\n" + text) if text.count(":") >= 2 else ():
        start = found.start()
        dated = found.group(2).lower() in _DATE_LABELS
        if "@" in found.group(1) or (dated and not _DIGIT.match(found.group(1))):
            before = text[:start].rstrip()
            line = before.rpartition("\n")[2].strip()
            return len(before) - len(line) if len(line) > 4 and not line.strip("_-") else start
    return None


def _open_attribution(text: str, attributions: Sequence[re.Match[str]]) -> int | None:
    """Where "On … wrote:" stands below own text and above text without quote marks, so that all of it is quoted."""
    for found in attributions:
        said = found.group()
        behind = text[found.end() - 1 :].lstrip()
        if not (_DIGIT.search(said) or "@" in said) or "\n>" in said or not text[: found.start()].strip():
            continue
        if not behind or not _QUOTED_LINE.match(behind):
            return found.start()
    return None


def _attributes(text: str) -> bool:
    """Whether some line of a text ends as attributions do: in a colon, with their verb not far before it."""
    for found in _COLON_AT_END.finditer(text):
        end = found.start()
        before = text[max(0, end - _MAX_BEHIND_VERB) : end].lower()
        for verb in _VERB_LIST:
            if verb in before:
                return True
    return False


def _odd_mark(text: str) -> str:
    """The mark that quoted lines carry in place of ">" below an attribution, "" where they carry none."""
    found = _ATTRIBUTION.search("\n" + text)
    lines = [line for line in text[found.end() - 1 :].split("\n") if line.strip()] if found else []
    mark = _MARK.match(lines[0]) if len(lines) > 1 else None
    return mark.group() if mark is not None and lines[1].startswith(mark.group()) else ""


def _marked_lines(text: str, odd_mark: str) -> tuple[str, str]:
    """Own and quoted lines; an attribution or a header block goes with the quote that follows it."""
    if ">" not in text and "\n|" not in text and not odd_mark:
        return text, ""
    own: list[str] = []
    quoted: list[str] = []
    lines = _QUOTED_LINES
    if odd_mark:
        line = rf"\n(?:{_QUOTED}|{re.escape(odd_mark)})[^\n]*+"
        lines = re.compile(rf"{line}(?:{line})*+")
    text = "\n" + text
    inside = False
    position = 0
    for found in lines.finditer(text):
        between = text[position : found.start()]
        own.extend(between.split("\n")[1:])
        inside = inside and not between.strip()
        position = found.end()
        quote = found.group()[1:]
        while not inside and _MBOX_FROM.match(quote):
            line, _, quote = quote.partition("\n")
            own.append(line.lstrip(">"))
        if quote:
            if not inside:
                quoted.extend(_take_attribution(own))
            quoted.append(quote)
            inside = True
    own.extend(text[position:].split("\n")[1:])
    return "\n".join(own), "\n".join(quoted)


def _take_attribution(own: list[str]) -> list[str]:
    """Removes from the end of the own lines those that say who wrote what follows, and returns them."""
    end = len(own)
    while end and not own[end - 1].strip():
        end -= 1
    start = end
    while start and end - start < 12 and _HEADER_LINE.match(own[start - 1]):
        start -= 1
    if start < end:
        start -= start > 0 and _ORIGINAL.match("\n" + own[start - 1]) is not None
        return _removed(own, start, end)
    for count in (1, 2, 3):
        if count > end:
            break
        if _ATTRIBUTION.match("\n".join(["", *own[end - count : end]])):
            return _removed(own, end - count, end)
    if end and len(own[end - 1]) < 200 and _NAMED.search(own[end - 1]):
        return _removed(own, end - 1, end)
    return []


def _removed(lines: list[str], start: int, end: int) -> list[str]:
    taken = lines[start:end]
    del lines[start:]
    return taken
