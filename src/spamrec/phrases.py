"""Families of wordings, and the matcher that finds all of them in one pass over a message's words.

The wordings are data: `data/phrases.txt` lists for each family its wordings as sequences of words, and for some languages
a file of their own lists more, which is read only for mail in them. Matching
walks the words once and tries at each word only the wordings that begin with it; 150 regular expressions of
ten wordings each cost 76 ms to compile at every start and 17 ms a message, this 3 ms and 0.3 ms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from spamrec.patterns import lazy

PHRASES_FILE = Path(__file__).with_name("data") / "phrases.txt"
"""The wordings of all mail: English, and the commonest of other languages."""

LANGUAGES = {
    "de": frozenset(
        """und oder nicht ist mit fur sie wir ich auf eine einen einer bei auch ihre uns dem wenn dass haben wird
        habe""".split()
    ),
    "es": frozenset(
        """y los las una por del como pero muy esta este que nos mas hola gracias saludos puedes estoy para tus
        sus""".split()
    ),
    "fr": frozenset(
        """et les une vous nous dans avec votre pas qui je ce cette vos bonjour merci pour sur est mais bien ca
        tu""".split()
    ),
    "hu": frozenset(
        """az hogy nem egy es van vagy csak mar kerem koszonom udvozlettel kedves lesz volt ezt onnek szia koszi meg ha
        azt itt most kell mert ami minden nekem tisztelt udv szeretnem tudok lehet jo sziasztok holnap""".split()
    ),
}
"""Words of grammar of the languages that have a file of wordings of their own, beside the one of all mail."""
MARKS = 3
"""Different words of grammar by which a text is taken to be in a language, at least."""

MAX_GAP = 4
"""Words that `..` may stand for, at most; it never crosses the end of a sentence."""

_WORD = lazy(r"[^\W_]+(?:['’][^\W_]+)*|(?<![.!?])[.!?]++(?=\s|$)|[%$€£₹]|\n\s*\n", re.UNICODE)
_SENTENCE_END = lazy(r"[.!?][.!?]*(?=\s|$)")
_PARAGRAPH_END = lazy(r"\n\s*\n")
_END = "\0"
"""Stands for both until the marks that end nothing are gone."""
_BLANKED = bytes(
    ord(c.lower()) if c.isascii() and (c.isalnum() or c in "'%$") else ord("." if c == _END else " ")
    for c in map(chr, range(256))
)
_ASCII_WORD = lazy(r"[a-z0-9]+(?:'[a-z0-9]+)*|(?<![.!?])[.!?]++(?=\s|$)|[%$]|\n\s*\n")
"""The same in half the time for ASCII text in lower case: Python tests a range faster than a class of Unicode."""
_JOINED = lazy(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_STOPS = frozenset(".!?\n")


class Word(NamedTuple):
    """One word of a text, or the end of a sentence."""

    key: str
    """Lower-cased, without accents and apostrophes; `.` for the end of a sentence or paragraph."""
    start: int
    """Where it begins in the text, in characters."""
    end: int
    """Where it ends in the text, in characters."""


class Hit(NamedTuple):
    """One wording found."""

    family: str
    """Name of the family the wording belongs to."""
    start: int
    """Where the wording begins in the text, in characters."""
    end: int
    """Where it ends in the text, in characters."""
    text: str
    """The words as they stand in the text."""


def fold(text: str) -> str:
    """Lower case without accents: `Köln` and `KOLN` are one word, `ß` is `ss`."""
    text = text.lower()
    if text.isascii():
        return text
    text = text.replace("ß", "ss").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def words(text: str) -> list[Word]:
    """The words of a text in order, ends of sentences among them."""
    return [Word(_key(match[0]), *match.span()) for match in _WORD.finditer(text)]


def keys(text: str) -> list[str]:
    """The keys of the words of a text, in a third of the time that the words take."""
    if not text.isascii() or _END in text:
        return [_key(word) for word in _WORD.findall(text)]
    # blanks put for all that stands between words, in half the time that an expression takes to find the words
    text = _PARAGRAPH_END.sub(f" {_END} ", _SENTENCE_END.sub(f" {_END} ", text))
    text = text.encode("ascii").translate(_BLANKED).decode("ascii")
    for sign in "%$":
        if sign in text:
            text = text.replace(sign, f" {sign} ")
    found = text.split()
    if "'" not in text:
        return found
    return [key for word in found for key in (_apart(word) if "'" in word else (word,))]


def _apart(word: str) -> list[str]:
    """A word with apostrophes: those inside are left out, others part it."""
    return [found.replace("'", "") for found in _JOINED.findall(word)]


def _key(word: str) -> str:
    return "." if word[0] in _STOPS else fold(word).replace("'", "")


# --- wordings ----------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """What one place of a wording accepts."""

    words: frozenset[str]
    """The words it accepts."""
    prefixes: tuple[str, ...]
    """Beginnings of words it accepts (`recruit*`)."""
    wild: bool
    """Whether it accepts any word (`_`, `..`)."""
    gap: bool
    """Whether it stands for up to MAX_GAP words, none among them (`..`)."""
    optional: bool
    """Whether it may be missing."""

    def accepts(self, key: str) -> bool:
        return (
            key in self.words or (self.wild and key != ".") or (bool(self.prefixes) and key.startswith(self.prefixes))
        )


class _Wording(NamedTuple):
    family: str
    steps: tuple[_Step, ...]
    needed: frozenset[str]
    """One of these stands in all that it matches: the words of the step whose shortest word is longest, as few texts
    hold those."""
    besides: frozenset[str]
    """And one of these, of the step that comes next in this."""

    def seconds(self) -> frozenset[str] | None:
        """The words that may follow the first one; None when any may, or none need to."""
        out: set[str] = set()
        for step in self.steps[1:]:
            if step.wild or step.prefixes:
                return None
            out |= step.words
            if not step.optional:
                return frozenset(out)
        return None


_TOKEN = lazy(r"\([^)]*\)|\[[^\]]*\]|\S+")


def _step(words_: Iterable[str], *, optional: bool) -> _Step:
    chosen = list(words_)
    return _Step(
        words=frozenset(w for w in chosen if w[-1] != "*" and w not in ("_", "..")),
        prefixes=tuple(w[:-1] for w in chosen if w[-1] == "*"),
        wild="_" in chosen or ".." in chosen,
        gap=".." in chosen,
        optional=optional,
    )


def _steps(token: str) -> Iterator[tuple[_Step, ...]]:
    """The ways to take one token: its single words as one step, each alternative of several words by itself."""
    optional = token[0] == "["
    choices = [c.split() for c in token.strip("()[]").split("|") if c.strip()]
    if single := [c[0] for c in choices if len(c) == 1]:
        yield (_step(single, optional=optional),)
    for choice in choices:
        if len(choice) > 1:
            yield tuple(_step((w,), optional=False) for w in choice)
    if optional and not single:
        yield ()


@cache
def _compiled(family: str, wording: str) -> tuple[_Wording, ...]:
    ways: list[tuple[_Step, ...]] = [()]
    for token in _TOKEN.findall(wording):
        taken = list(_steps(token))
        ways = [done + more for done in ways for more in taken]
    return tuple(_Wording(family, steps, *_needed(steps)) for steps in ways if steps)


def _needed(steps: Sequence[_Step]) -> tuple[frozenset[str], frozenset[str]]:
    named = [s.words for s in steps[1:] if not (s.optional or s.wild or s.prefixes)] or [steps[0].words]
    named.sort(key=lambda words_: (-min(map(len, words_)), len(words_)))
    return named[0], named[:2][-1]


class _Entry(NamedTuple):
    """The wordings that begin with one word."""

    by_second: dict[str, tuple[_Wording, ...]]
    """Those that may go on with a word, where it is one that some of them name."""
    any_second: tuple[_Wording, ...]
    """Those that may go on with any other word."""


class Matcher:
    """Finds the wordings of all families in a list of words.

    A wording is a row of words: `(a|b c)` is a or b c, `[a|b]` may be missing, `_` is any one word, `..` up to
    four words of the same sentence, `recruit*` any word that begins so (none of these three at its beginning).
    """

    def __init__(self, families: Iterable[tuple[str, Sequence[str]]]) -> None:
        # by their first word; as text until a message holds that
        by_first: dict[str, list[tuple[str, str]]] = {}
        for family, wordings in families:
            for wording in wordings:
                listed = (family, wording)
                choices = wording[1 : wording.index(")")].split("|") if wording[0] == "(" else (wording,)
                for choice in choices:
                    by_first.setdefault(choice.partition(" ")[0], []).append(listed)
        self._by_first: dict[str, list[tuple[str, str]] | _Entry] = {**by_first}

    def _entry(self, first: str, listed: list[tuple[str, str]]) -> _Entry:
        by_second: dict[str, list[_Wording]] = {}
        any_second = []
        for family, text in dict.fromkeys(listed):
            for wording in _compiled(family, text):
                if first not in wording.steps[0].words:
                    continue
                seconds = wording.seconds()
                if seconds is None:
                    any_second.append(wording)
                else:
                    for word in seconds:
                        by_second.setdefault(word, []).append(wording)
        ready = _Entry({word: (*found, *any_second) for word, found in by_second.items()}, tuple(any_second))
        self._by_first[first] = ready
        return ready

    def find(self, text: str, its_keys: list[str] | None = None) -> tuple[Hit, ...]:
        """Every wording in the text, each family at most once a place; `its_keys` are those of the text, where they are
        known."""
        found = list(self._found(keys(text) if its_keys is None else its_keys))
        if not found:
            return ()
        expression, searched = (_ASCII_WORD, text.lower()) if text.isascii() else (_WORD, text)
        reach = 1 + max(last for _, _, last in found)
        spans = [word.span() for word in islice(expression.finditer(searched), reach)]
        edges = [(family, spans[first][0], spans[last][1]) for family, first, last in found]
        return tuple(Hit(family, start, end, text[start:end]) for family, start, end in edges)

    def _found(self, keys: list[str]) -> Iterator[tuple[str, int, int]]:
        """The family of each wording found, and the index of its first and its last word."""
        get, present, following = self._by_first.get, set(keys), [*keys[1:], ""]
        for i, key in enumerate(keys):
            entry = get(key)
            if entry is None:
                continue
            by_second, any_second = self._entry(key, entry) if isinstance(entry, list) else entry
            tried = by_second.get(following[i], any_second)
            if not tried:
                continue
            seen: set[str] = set()
            for family, steps, needed, besides in tried:
                if needed.isdisjoint(present) or besides.isdisjoint(present) or family in seen:
                    continue
                if end := _match(steps, keys, i + 1, 1):
                    seen.add(family)
                    yield family, i, end - 1


def _match(steps: tuple[_Step, ...], keys: list[str], i: int, at: int, dead: set[tuple[int, int]] | None = None) -> int:
    """Index after the last word matched when the steps from `at` on match at word i, else 0. `dead` holds the step
    and word from which nothing was found, so that twenty optional words do not take a million tries."""
    n = len(keys)
    while at < len(steps):
        step = steps[at]
        if step.gap:
            return _match_gap(steps, keys, i, at, set() if dead is None else dead)
        if i < n and step.accepts(keys[i]):
            if step.optional:
                dead = set() if dead is None else dead
                if end := _match_from(steps, keys, i + 1, at + 1, dead):
                    return end
            i += not step.optional
        elif not step.optional:
            return 0
        at += 1
    return i


def _match_gap(steps: tuple[_Step, ...], keys: list[str], i: int, at: int, dead: set[tuple[int, int]]) -> int:
    for k in range(i, min(i + MAX_GAP + 1, len(keys))):
        if end := _match_from(steps, keys, k, at + 1, dead):
            return end
        if keys[k] == ".":
            break
    return 0


def _match_from(steps: tuple[_Step, ...], keys: list[str], i: int, at: int, dead: set[tuple[int, int]]) -> int:
    if (at, i) in dead:
        return 0
    end = _match(steps, keys, i, at, dead)
    if not end:
        dead.add((at, i))
    return end


def read_families(path: Path = PHRASES_FILE) -> dict[str, list[str]]:
    """The families of a phrases file in order: `[name]` lines, wordings one a line, `#` comments."""
    families: dict[str, list[str]] = {}
    wordings: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line[0] == "#":
            continue
        if line[0] == "[" and line[-1] == "]" and " " not in line:
            wordings = families.setdefault(line[1:-1], [])
        else:
            wordings.append(line)
    return families


def languages(keys_: Iterable[str]) -> tuple[str, ...]:
    """The languages beside English that words are in, as far as there are wordings of them; sorted."""
    present = set(keys_)
    return tuple(language for language, marks in LANGUAGES.items() if len(present & marks) >= MARKS)


def file_of(language: str) -> Path:
    """The file of a language's own wordings; `language` is one of LANGUAGES."""
    return PHRASES_FILE.with_stem(f"phrases-{language}")


@cache
def matcher(languages_: tuple[str, ...] = ()) -> Matcher:
    """The matcher of the shipped families, with the wordings of some languages beside."""
    files = [PHRASES_FILE, *map(file_of, languages_)]
    return Matcher(item for path in files for item in read_families(path).items())
