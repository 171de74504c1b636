"""Words dressed up for the eye, undone: letters of other alphabets among Latin ones, marks heaped on letters, letters set
apart by blanks or dots."""

from __future__ import annotations

import re

from spamrec.patterns import lazy

MAX_CHARS = 16_000
"""Characters at the beginning of a text that are looked at; no wording is looked for behind them."""

_PAIRS = (
    # Cyrillic
    "аa еe оo рp сc хx уy іi јj ѕs ԁd һh ԛq ԝw ӏl кk мm тt гr пn нh вb бb ьb АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ "
    "ЅS ԌG ԚQ ԜW ҮY ӀI "
    # Greek
    "αa οo ρp ιi υu νv κk τt χx εe ηn ωw γy ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX "
    # Armenian, and letters of phonetics
    "օo սu ոn ցg հh քp ɑa ɡg ıi ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
).split()
_LATIN = {ord(pair[0]): pair[1] for pair in _PAIRS}
_WORD = lazy(r"[^\W\d_]+")
_FOREIGN = lazy(r"[\u0250-\u02af\u0370-\u058f\u1d00-\u1d7f\ua700-\ua7ff\u0131]")
_LATIN_LETTER = lazy(r"[A-Za-z]")
_MARKS = lazy(r"(?<=[A-Za-z])[\u0300-\u036f]+")
_SET_APART = lazy(r"(?<![^\W_])[^\W\d_](?:([ .*_|~·•-])[^\W\d_](?:\1[^\W\d_]){2,60})(?![^\W_])")
_HINT = lazy(r"[ .*_|~·•-][^\W\d_][ .*_|~·•-][^\W\d_][ .*_|~·•-]")
"""Stands in all that _SET_APART matches, and is looked for in a tenth of the time."""


def plain(text: str) -> str:
    """The text as it is meant to be read. What is really written in another alphabet stays, but for words in which its
    letters stand among Latin ones; a text all of whose foreign letters look Latin is taken for Latin."""
    start = text[:MAX_CHARS]
    if not start.isascii():
        start = _MARKS.sub("", start)
        if _FOREIGN.search(start):
            foreign = [word for word in _WORD.findall(start) if _FOREIGN.search(word)]
            disguised = all(ord(c) in _LATIN or c.isascii() for word in foreign for c in word)
            start = _WORD.sub(lambda found: _latin(found[0], whole=disguised), start)
    if _HINT.search(start):
        start = _SET_APART.sub(_joined, start)
    return start + text[MAX_CHARS:]


def _latin(word: str, *, whole: bool) -> str:
    """A word in Latin letters where some of it is, or where all of the text is disguised."""
    return word.translate(_LATIN) if not word.isascii() and (whole or _LATIN_LETTER.search(word)) else word


def _joined(found: re.Match[str]) -> str:
    return found[0].replace(found[1], "")
