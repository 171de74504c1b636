"""A text as words, and what the words around a name say of it: is it meant as a place?"""

from __future__ import annotations

import re
from bisect import bisect_left
from enum import IntEnum
from typing import Final

from .gazetteer import CODE, INFLECTED, LOWER, UPPER, Entry, Kind, Place, fold, gazetteer
from .patterns import lazy
from .placewords import (
    BEHIND,
    FIRM,
    GREETING,
    LABELS,
    MOVING,
    OF_FIRM,
    PASSED_OVER,
    PLACED,
    REGIONAL,
    SITED,
    SMALL_STATES,
    STATING,
    WEAK,
    word_set,
)

FIELD_REACH: Final = 80  # characters after "Location:" in which names count as given there


class Context(IntEnum):
    """How plainly the words around a name say that it is a place."""

    NONE = 0
    WEAK = 1
    """After "from", "to", "de": a person may follow too."""
    PLACED = 2
    """After "in", "near", "bei", "à", or set off as in "Developer - London - hybrid"."""
    STATED = 3
    """After "based in" or "Location:", before "office", or with its region beside it."""


_LEADING: Final = LABELS | SMALL_STATES
_ITEM_MARKS: Final = frozenset((",", "/", "|", "-", ";"))
WORD_RE: Final = lazy(r"[^\W\d_]+")
_APOSTROPHES: Final = frozenset("'’")
_JOINING: Final = frozenset((" ", "-", "'", "’", ". ", ".", "/", "\n", " \n", "  ", "–"))
_LABEL_END: Final = lazy(r"(?:\(s\))?[\s*_]{0,3}[:=\-–][ \t*_:\-–]*")
# Each begins with a letter or mark of its own, so that the search skips to it (together: 68 µs, apart: 6 µs).
_NOISE: Final = tuple(
    re.compile(form) for form in (r"http\S+", r"www\.\S+", r"@[\w-]{1,64}\.\S+", r"\.(?:com|org|net|io|edu|gov)\b")
)
_ADDRESS_REACH: Final = 64  # characters before "@" or ".com" that may belong to the address
_OPENING: Final = frozenset(",/|-–—(•·")
_CLOSING: Final = frozenset(("", *"\n\r,/|-–—).;:•·"))
_ZONES: Final = word_set("Africa America Antarctica Asia Atlantic Australia Europe Indian Pacific")


class Candidate:
    """A name of the gazetteer at some place of the text, not yet known to be meant as one."""

    # Written out, as a dataclass would take 2 ms of a cold start.
    def __init__(self, first: int, last: int, start: int, end: int, entry: Entry, places: list[Place]) -> None:
        self.first, self.last = first, last
        self.start, self.end = start, end
        self.entry = entry
        self.places = places
        self.context = self.preceded = Context.NONE
        self.qualified = self.delimited = self.listed = self.after_capital = False


class PlaceText:
    """One text with its words, and what is asked of the words around a name."""

    __slots__ = ("_openings", "before_state", "ends", "names", "near", "starts", "stated", "text", "words")

    def __init__(self, text: str, near: Place | None = None) -> None:
        self.near = near
        """The reader's home."""
        self.text = _without_addresses(text)
        spans = [match.span() for match in WORD_RE.finditer(self.text)]
        self.words = [self.text[start:end] for start, end in spans]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.names = gazetteer()
        self._openings: set[int] = set()
        self.before_state: set[int] = set()
        """The three words before a state in small letters: "in irvine, ca"."""
        self.stated: set[int] = set()
        """Words on the rest of the line behind a label like "Location:"."""
        for index, word in [(index, word) for index, word in enumerate(self.words) if word in _LEADING]:
            if word in LABELS:
                label = _LABEL_END.match(self.text, self.ends[index])
                if label:
                    self._add_field(label.end())
            elif self.gap(index).strip() == ",":
                self.before_state.update(range(index - 3, index))

    def _add_field(self, start: int) -> None:
        line_end = self.text.find("\n", start, start + FIELD_REACH)
        first = bisect_left(self.starts, start)
        last = bisect_left(self.starts, start + FIELD_REACH if line_end < 0 else line_end)
        self.stated.update(range(first, last))
        self._openings.add(first)

    def gap(self, word: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self.ends[word - 1] : self.starts[word]] if word else ""

    def opens_item(self, word: int) -> bool:
        """True where a name may stand in small letters: first in a field, or behind a separator there."""
        return word in self._openings or (word in self.stated and self.gap(word).strip() in _ITEM_MARKS)

    def openings(self) -> list[int]:
        """Words at which a name may begin: capitalised ones, and the few that may stand in small letters."""
        small = self.stated | self._openings | self.before_state
        return [
            index
            for index, word in enumerate(self.words)
            if word[0].isupper() or index in small or (word[-1] == "i" and len(word) > 5) or word in REGIONAL
        ]

    def adjectival(self, word: int) -> bool:
        """True where a name may stand in small letters by its form: "a budapesti iroda", "région lyonnaise"."""
        written = self.words[word]
        return (written[-1] == "i" and len(written) > 5) or written in REGIONAL

    def lookup(self, first: int, small_letters: bool) -> list[tuple[Entry, int]]:
        """The names that begin at a word, longest first, each with its last word."""
        key = fold(self.words[first])
        entry = known = self.names.entry(key)
        if known is None:
            return []
        found = []
        last = first
        while True:
            if entry and entry.ids and (small_letters or self._cased(first, last, entry)):
                found.append((entry, last))
            last += 1
            if last >= first + known.longest or last >= len(self.words) or not self._joined(last):
                return found[::-1]
            key = f"{key} {fold(self.words[last])}"
            entry = self.names.entry(key)

    def _joined(self, word: int) -> bool:
        """True when a word may go on the name before it; "U S T L E" are no United States."""
        gap = self.gap(word)
        spelt = gap == " " and len(self.words[word]) == 1 == len(self.words[word - 1])
        return gap in _JOINING and not spelt

    def _cased(self, first: int, last: int, entry: Entry) -> bool:
        if entry.flags & UPPER:
            return all(word.isupper() for word in self.words[first : last + 1])
        if entry.flags & LOWER:
            return self.words[last][0].islower() or self._opens_sentence(first)
        saint = self.words[last] == "s" and self.gap(last) in _APOSTROPHES  # "St. John's"
        return (saint or self.words[last][0].isupper()) and self.words[first][0].isupper()

    def _opens_sentence(self, word: int) -> bool:
        """True for a word that is capitalised for its position, if the next is not: "Budapesti irodánkba"."""
        opens = not word or any(mark in self.gap(word) for mark in ".!?\n:")
        return opens and word + 1 < len(self.words) and self.words[word + 1][0].islower()


def _without_addresses(text: str) -> str:
    """The text with web and mail addresses blanked, every offset kept."""
    spans = [_address_span(text, match) for form in _NOISE for match in form.finditer(text)]
    if not spans:
        return text
    pieces, end = [], 0
    for start, stop in sorted(spans):
        if stop > end:
            pieces += [text[end : max(start, end)], "\0" * (stop - max(start, end))]
            end = stop
    return "".join(pieces) + text[end:]


def _address_span(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where an address begins and ends, with what stands before its "@" or ".com"."""
    start, end = match.span()
    if text[start] in "@." and start and not text[start - 1].isspace():
        start -= len(text[max(0, start - _ADDRESS_REACH) : start].split()[-1])
    return start, end


def weigh(words: PlaceText, candidate: Candidate) -> None:
    """Set the candidate's context from the words on both sides."""
    candidate.delimited = _delimited(words.text, candidate.start, candidate.end)
    if candidate.qualified or words.opens_item(candidate.first):
        candidate.context = Context.STATED
        return
    before, behind = candidate.first - 1, candidate.last + 1
    candidate.after_capital = (
        before >= 0
        and words.gap(candidate.first) == " "
        and words.words[before][0].isupper()
        and words.words[before].lower() not in PASSED_OVER
    )
    if words.words[behind : behind + 1] == ["head"]:
        behind += 1  # "Ikeja head office"
    if behind < len(words.words) and words.gap(behind) in (" ", "-") and words.words[behind].lower() in BEHIND:
        candidate.context = Context.STATED
        return
    candidate.context = _context_before(words, candidate.first)
    if candidate.entry.flags & INFLECTED:
        candidate.context = max(candidate.context, Context.PLACED)
    candidate.preceded = candidate.context
    if (candidate.delimited and not candidate.entry.flags & CODE) or candidate.first in words.stated:
        candidate.context = max(candidate.context, Context.PLACED)


def _context_before(words: PlaceText, first: int) -> Context:
    """What the words before a name say of it."""
    index = first - 1
    if words.text[max(0, words.starts[first] - 2) : words.starts[first]].strip() == "@":
        return Context.STATED
    while index > 0 and words.words[index].lower() in PASSED_OVER and words.gap(index + 1).isspace():
        index -= 1
    if index < 0 or not words.gap(index + 1) or words.gap(index + 1).strip(" \n(*'’"):
        return Context.NONE
    before = words.words[index].lower()
    if before == "at":
        sited = index and words.words[index - 1].lower() in SITED
        return Context.STATED if sited else Context.WEAK
    if before == "a":
        moving = index and words.words[index - 1].lower() in MOVING
        return Context.STATED if moving else Context.NONE
    if before in PLACED or before in ("from", "to"):
        if index and words.words[index - 1].lower() in STATING and words.gap(index).isspace():
            return Context.STATED
        return Context.PLACED if before in PLACED else Context.WEAK
    return Context.WEAK if before in WEAK else Context.NONE


def _delimited(text: str, start: int, end: int) -> bool:
    """True between two marks as subjects have them: "Developer - London - hybrid", "(Paris)"."""
    before, after = text[max(0, start - 3) : start].rstrip(" "), text[end : end + 3].lstrip(" ")
    opened = before[-1:] in tuple("-–—|/([•@") and before != ""
    return opened and (not after or after[0] in "-–—|/)]•,;\n\r")


def part_of_firm(words: PlaceText, candidate: Candidate) -> bool:
    """True in "Boston Consulting", "Bank of America", "New Relic"."""
    behind = candidate.last + 1
    if behind < len(words.words) and words.gap(behind) in (" ", "-"):
        word = words.words[behind]
        if word.lower() in FIRM and (word[0].isupper() or word in ("citizen", "citizens", "citizenship", "dollars")):
            return True
    first = candidate.first
    if first >= 2 and words.words[first - 1].lower() == "of" and words.gap(first) == " ":
        return words.words[first - 2].lower() in OF_FIRM
    return False


def addressed(words: PlaceText, candidate: Candidate) -> bool:
    """True in "Hi Brittany", "non-US", "US$ 8 billion" and "FIRM.CO.UK"."""
    before, text = candidate.first - 1, words.text
    if before >= 0 and words.words[before].lower() in GREETING and words.gap(candidate.first).strip() in ("", ",", "!"):
        return True
    if _in_zone(words, candidate):
        return True
    if not candidate.entry.flags & UPPER:
        return False
    if text[candidate.end : candidate.end + 1].isdigit():
        return True  # "KS3"
    return text[candidate.end : candidate.end + 1] == "$" or (
        text[max(0, candidate.start - 1) : candidate.start] in ("-", ".", "_")
        and text[max(0, candidate.start - 2) : candidate.start - 1].isalpha()
    )


def _in_zone(words: PlaceText, candidate: Candidate) -> bool:
    """True in "Europe/Berlin", "America/New_York"; not in "Europe/Asia" or "Europe/UK"."""
    first = candidate.first
    if words.gap(first) == "_":
        return True
    if first and words.gap(first) == "/" and words.words[first - 1] in _ZONES:
        return words.words[first] not in _ZONES and candidate.places[0].kind is Kind.CITY
    behind = candidate.last + 1
    if words.words[first] not in _ZONES or behind >= len(words.words) or words.gap(behind) != "/":
        return False
    return words.words[behind] not in _ZONES and words.words[behind].istitle()


def shouted(words: PlaceText, candidate: Candidate) -> bool:
    """True among other words in capitals: "CONTACT US NOW"."""
    around = [i for i in (candidate.first - 1, candidate.last + 1) if 0 <= i < len(words.words)]
    beside = [words.words[i] for i in around if words.gap(max(i, candidate.first)).strip(" ") == ""]
    return any(word.isupper() and len(word) > 2 for word in beside)


def short_acronym(words: PlaceText, candidate: Candidate) -> bool:
    """True for "ROM" or "OSS", which are no cities in capitals."""
    word = words.words[candidate.first]
    single = candidate.first == candidate.last
    return single and len(word) <= 4 and word.isupper() and not candidate.entry.flags & (UPPER | CODE)


def possessive(words: PlaceText, candidate: Candidate) -> bool:
    """True before "'s"."""
    return words.text[candidate.end : candidate.end + 2] in ("'s", "’s")


def set_off(words: PlaceText, candidate: Candidate) -> bool:
    """True between marks on its line: "reliability engineer, Rockhampton", "Sioux Falls, Brooklyn Park."."""
    before, behind = words.text[max(0, candidate.start - 2) : candidate.start], words.text[candidate.end :][:2]
    return before.strip(" ")[-1:] in _OPENING and behind.lstrip(" ")[:1] in _CLOSING


def capital_follows(words: PlaceText, candidate: Candidate) -> bool:
    """True when the next word, with only a space between, is capitalised: "Carnegie Mellon"."""
    behind = candidate.last + 1
    return behind < len(words.words) and words.gap(behind) == " " and words.words[behind][0].isupper()
