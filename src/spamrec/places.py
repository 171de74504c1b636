"""Finds the places named in running text, and tells how far apart places are.

A name alone says little: *Mobile*, *Reading*, *Nice*, *Charlotte* and *IN* are places only where the words
around them say so. Each name in the gazetteer therefore carries what else it may be (an ordinary word, a
person's name, a code), and each use of it is weighed by its context: a region or country behind it
("Reading, PA"), a field before it ("Location: pune"), a preposition, a list of other places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from typing import Final

from .gazetteer import (
    CODE,
    CONTEXT,
    NAME,
    SMALL,
    UPPER,
    WORD,
    Entry,
    Kind,
    Place,
    centre_distance_km,
    contains,
    distance_km,
    fold,
    gazetteer,
    postal_area,
    standing,
)
from .placetext import (
    WORD_RE,
    Candidate,
    Context,
    PlaceText,
    addressed,
    capital_follows,
    part_of_firm,
    short_acronym,
    shouted,
    weigh,
    word_set,
)

__all__ = ["Kind", "Mention", "Place", "contains", "distance_km", "find", "resolve"]

HAMLET: Final = 3_000  # people; below this an American town yields to a city that the same code fits
LARGE_CITY: Final = 100_000  # people; from here on a city's name alone is taken for the city
GREAT_CITY: Final = 1_000_000  # people; from here on even a name that people bear ("London")
NEARBY_KM: Final = 150  # a namesake within this of the reader's home is the one meant
MOST_HINTS: Final = 12  # a text that names more countries and regions than this says nothing of its other places
CERTAIN_MARGIN: Final = 1.0  # by how much the choice beats the next namesake, in powers of ten of people


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as named in a text."""

    place: Place
    """What is meant."""
    start: int
    """Offset of the first character in the text."""
    end: int
    """Offset behind the last one, region, country and postal code included ("Hoboken, NJ 07030")."""
    text: str
    """The characters from start to end."""
    certain: bool
    """False where the name is a guess among namesakes, or stood without telling context."""


# Codes that are words as well: without a comma they count only where nothing follows them.
_WORDY_CODES: Final = word_set("in or me ok hi oh pa ma la id al de co am as is no so be to it at my us do an by")
_SEPARATORS: Final = word_set(", / | ; • & + - – — or and und oder et ou y o")


_POSTAL_GAP: Final = re.compile(r"[ \t]+(?:\d{4,6}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b")
_US_ZIP: Final = re.compile(r"[ \t,]{1,3}\d{5}(?:-\d{4})?\b")
_WIDER_GAP: Final = re.compile(r" ?[,/:–-]? ?(?:[A-Z]{2} ?[,/–-] ?)?")


def find(text: str, near: Place | None = None) -> tuple[Mention, ...]:
    """All places named in running text, in order, each with its region and country taken in.

    Among namesakes the one is chosen that a region or country behind it names, then one near the reader's
    home, then one in a country or region named elsewhere in the text, then the largest.
    """
    words = PlaceText(text)
    candidates = _candidates(words)
    _spread_along_lists(words, candidates)
    meant = [candidate for candidate in candidates if _accepted(words, candidate)]
    hints = _hints(meant)
    mentions = [_mention(text, candidate, near, hints) for candidate in meant]
    return tuple(_without_wider(text, mentions))


def _candidates(words: PlaceText) -> list[Candidate]:
    """Every name in the text that may be a place, none overlapping another."""
    found: list[Candidate] = []
    position = 0
    for index, word in enumerate(words.words):
        capital = word[0].isupper()
        if index < position or not (capital or index in words.stated or index in words.before_state):
            continue
        small_letters = not capital and (index in words.before_state or words.opens_item(index))
        candidate = _candidate_at(words, index, small_letters) if capital or small_letters else None
        if candidate is not None:
            found.append(candidate)
            position = candidate.last + 1
    return found


def _candidate_at(words: PlaceText, index: int, small_letters: bool) -> Candidate | None:
    """The longest name from a word on that holds a place large enough, or has its region beside it."""
    for entry, last in words.lookup(index, small_letters):
        if entry.flags & SMALL and not _may_qualify(words, last + 1, small_letters):
            continue
        places = [words.names.place(number) for number in entry.ids]
        candidate = Candidate(index, last, words.starts[index], words.ends[last], entry, places)
        _qualify(words, candidate, small_letters)
        if small_letters and index in words.before_state and not words.opens_item(index):
            candidate.places = [p for p in candidate.places if candidate.qualified and not p.small]
        elif not candidate.qualified:
            field = index in words.stated
            candidate.places = [p for p in places if not p.small or (field and p.country != "US")]
            candidate.places = _short_name(candidate)
        if candidate.places and not _wordy_code(words, candidate):
            weigh(words, candidate)
            return candidate
    return None


def _short_name(candidate: Candidate) -> list[Place]:
    """The places of a name alone: "LA" is the city rather than Louisiana or Laos."""
    wide = [p for p in candidate.places if p.kind in (Kind.METRO, Kind.AREA)]
    return wide if wide and candidate.entry.flags & UPPER else candidate.places


def _wordy_code(words: PlaceText, candidate: Candidate) -> bool:
    """True for "OR" between spaces, which is no state unless a field begins with it."""
    first = candidate.first
    if not candidate.entry.flags & CODE or not _is_wordy(words, candidate):
        return False
    return words.gap(first) == " " and _word_follows(words, first) and not words.opens_item(first)


def _may_qualify(words: PlaceText, index: int, small_letters: bool) -> bool:
    """True when the word may be the region or country of the name before it."""
    return index < len(words.words) and (small_letters or words.words[index][0].isupper())


def _qualify(words: PlaceText, candidate: Candidate, small_letters: bool) -> None:
    """Take in the region, country and postal code behind a name, keeping the places that lie in them."""
    for _ in range(3):
        found = _qualifier(words, candidate, small_letters)
        if found is None:
            break
        candidate.places, candidate.last = found
        candidate.end = words.ends[candidate.last]
        candidate.qualified = True
    if candidate.qualified:
        postal = _US_ZIP.match(words.text, candidate.end)
        candidate.end = postal.end() if postal else candidate.end


def _qualifier(words: PlaceText, candidate: Candidate, small_letters: bool) -> tuple[list[Place], int] | None:
    """The places left by the region or country behind a name, and its last word; None if there is none."""
    index = candidate.last + 1
    if candidate.entry.flags & CODE or not _may_qualify(words, index, small_letters):
        return None
    gap = words.gap(index)
    if len(gap) > 5:
        gap = _POSTAL_GAP.sub("", gap, count=1)
    joint = gap.strip(" \t\n")
    if joint not in ("", ",", "(", "-", "–", "/", ",(") or len(gap) > 5 or ("\n" in gap and joint != ","):
        return None
    for entry, last in words.lookup(index, small_letters):
        if entry.flags & CODE and not _code_stands(words, last, joint):
            continue
        left = _narrowed(words, candidate.places, entry)
        hamlets = joint != "," and all(p.small for p in left)
        if left and not (hamlets and (_word_follows(words, last) or not entry.flags & CODE)):
            return left, last
    return None


def _code_stands(words: PlaceText, last: int, joint: str) -> bool:
    """False for a code that is a word as well and goes on in a sentence: "Dallas OR Austin"."""
    if words.words[last].lower() not in _WORDY_CODES:
        return True
    return joint not in ("", "/") or not _word_follows(words, last)


def _word_follows(words: PlaceText, last: int) -> bool:
    return last + 1 < len(words.words) and words.gap(last + 1) == " "


def _narrowed(words: PlaceText, places: list[Place], entry: Entry) -> list[Place]:
    """Those of the places that lie in a region, county or country called so."""
    wider = [words.names.place(number) for number in entry.ids]
    wider = [q for q in wider if q.kind in (Kind.REGION, Kind.COUNTRY, Kind.METRO)]
    if not entry.flags & CODE and any(p.kind is Kind.REGION and p not in wider for p in places):
        # "Florida, Texas" is a list of two states, though Texas may have a Florida.
        wider = [q for q in wider if q.kind is Kind.COUNTRY]
    readings = [left for q in wider if (left := [p for p in places if p != q and _lies_in(p, q)])]
    return max(readings, key=_standing, default=[])


def _standing(places: list[Place]) -> tuple[bool, bool, int]:
    """Orders the readings of a code: "Ontario, CA" is in California, "Hyderabad, IN" and "Köln, DE" are not
    in Indiana or Delaware, whatever hamlet there may be called so."""
    largest = max(place.population for place in places)
    city = places[0].kind is Kind.CITY
    return city, largest >= HAMLET and places[0].country in ("US", "CA"), largest


def _lies_in(place: Place, wider: Place) -> bool:
    if wider.kind is Kind.COUNTRY and wider.country == "US" and place.small:
        return False  # "Remote (US)" is no hamlet in Oregon
    if wider.kind is Kind.METRO:
        return place.country == wider.country and centre_distance_km(place, wider) < 1.5 * wider.radius_km
    return contains(wider, place)


def _accepted(words: PlaceText, candidate: Candidate) -> bool:
    """True when the name is meant as a place."""
    if candidate.qualified:
        return True
    if part_of_firm(words, candidate) or addressed(words, candidate):
        return False
    flags, context, first = candidate.entry.flags, candidate.context, candidate.places[0]
    if flags & CODE:
        return _code_accepted(words, candidate)
    if flags & WORD:
        return context is Context.STATED
    if flags & CONTEXT:
        return context >= Context.WEAK
    if short_acronym(words, candidate):
        return context is Context.STATED
    if flags & NAME:
        return context >= Context.PLACED or _great_and_alone(words, candidate)
    if flags & UPPER and context is Context.NONE:
        return not shouted(words, candidate)
    if first.kind is Kind.CITY and max(p.population for p in candidate.places) < LARGE_CITY:
        return context >= Context.PLACED or (context is Context.WEAK and not capital_follows(words, candidate))
    return True


def _code_accepted(words: PlaceText, candidate: Candidate) -> bool:
    """A code alone counts in a field or list, and the American and Canadian ones after "in" too."""
    regional = [p for p in candidate.places if p.kind is Kind.REGION and p.country in ("US", "CA")]
    candidate.places = regional or candidate.places
    if not candidate.entry.flags & UPPER:
        return False
    if words.opens_item(candidate.first) or (regional and candidate.listed):
        return True
    return (
        bool(regional)
        and not _is_wordy(words, candidate)
        and candidate.context >= Context.PLACED
        and not shouted(words, candidate)
    )


def _great_and_alone(words: PlaceText, candidate: Candidate) -> bool:
    """True for a great city's name with no capitalised word beside it, not first in its sentence."""
    place = candidate.places[0]
    if place.kind is not Kind.CITY or place.population < GREAT_CITY or not candidate.first:
        return False
    before = words.words[candidate.first - 1]
    if before[0].isupper() or any(mark in words.gap(candidate.first) for mark in ".\n!?:"):
        return False
    return not capital_follows(words, candidate)


def _spread_along_lists(words: PlaceText, candidates: list[Candidate]) -> None:
    """Let the neighbours in "Charlotte, Dallas or Miami" share the best context among them."""
    for order in (candidates, candidates[::-1]):
        for one, other in pairwise(order):
            left, right = (one, other) if one.start < other.start else (other, one)
            between = words.text[left.end : right.start]
            if len(between) > 6 or "\n" in between or not _separates(between):
                continue
            if one.entry.flags & other.entry.flags & CODE:
                # "NY/NJ" names two states; "AR/AP" the accounts.
                if _is_state(one) and _is_state(other) and not (_is_wordy(words, one) and _is_wordy(words, other)):
                    one.listed = other.listed = True
            elif one.context >= Context.PLACED or (_accepted(words, one) and other.entry.flags & (NAME | CODE)):
                other.context = max(other.context, min(one.context, _ceiling(other)), Context.PLACED)


def _is_state(candidate: Candidate) -> bool:
    """True for the code of an American state or Canadian province."""
    return any(p.kind is Kind.REGION and p.country in ("US", "CA") for p in candidate.places)


def _is_wordy(words: PlaceText, candidate: Candidate) -> bool:
    return words.words[candidate.first].lower() in _WORDY_CODES


def _separates(between: str) -> bool:
    parts = between.lower().replace(",", " , ").split()
    return bool(parts) and all(part in _SEPARATORS for part in parts)


def _ceiling(candidate: Candidate) -> Context:
    """Words stay words in a list ("Boston, Mobile, Web"); codes count beside other codes and names."""
    return Context.PLACED if candidate.entry.flags & WORD else Context.STATED


def _hints(meant: list[Candidate]) -> frozenset[str]:
    """Countries ("US") and regions ("US-NY") that the text names beyond doubt."""
    hints: set[str] = set()
    for candidate in meant:
        if candidate.qualified or len(candidate.places) == 1:
            place = candidate.places[0]
            hints.add(place.country)
            hints.add(f"{place.country}-{place.region}" if place.region else "")
    return frozenset(hints - {""}) if len(hints) <= MOST_HINTS else frozenset()


def _mention(text: str, candidate: Candidate, near: Place | None, hints: frozenset[str]) -> Mention:
    """The candidate with one of its places chosen."""
    ranked = sorted(((_score(p, near, hints), -i) for i, p in enumerate(candidate.places)), reverse=True)
    place = candidate.places[-ranked[0][1]]
    rivals = [score for score, i in ranked[1:] if not _nested(candidate.places[-i], place)]
    clear = not rivals or candidate.qualified or ranked[0][0] - rivals[0] >= CERTAIN_MARGIN
    alone = candidate.context is Context.NONE
    certain = clear and not (alone and (candidate.entry.flags & ~UPPER or candidate.after_capital))
    start, end = candidate.start, candidate.end
    if text[end : end + 1] == "." and text[end - 2 : end - 1] == ".":
        end += 1  # the last dot of "U.S."
    return Mention(place, start, end, text[start:end], certain)


def _nested(one: Place, other: Place) -> bool:
    return contains(one, other) or contains(other, one)


def _score(place: Place, near: Place | None, hints: frozenset[str]) -> float:
    """How likely a namesake is the one meant, in powers of ten of people."""
    score = log10(max(10.0, standing(place.kind, place.country, place.population)))
    if place.kind is Kind.CITY and place.population >= LARGE_CITY:
        # Texas elsewhere in the text does not make Paris the one in Texas.
        score += 2 if place.population >= GREAT_CITY else 0.5
    if place.country in hints:
        score += 1.2
    if f"{place.country}-{place.region}" in hints:
        score += 1.5
    if near is not None:
        same_region = place.region and place.region == near.region
        score += (3 if same_region else 1) if place.country == near.country else 0
        score += 3 if centre_distance_km(place, near) < NEARBY_KM else 0
    return score


def _without_wider(text: str, mentions: list[Mention]) -> list[Mention]:
    """Drop the country in "Hungary, Budapest" and "USA - Austin", where the town behind it says more."""
    kept = []
    for index, mention in enumerate(mentions):
        behind = mentions[index + 1] if index + 1 < len(mentions) else None
        if behind is not None and _WIDER_GAP.fullmatch(text, mention.end, behind.start):
            wider = mention.place.kind in (Kind.COUNTRY, Kind.REGION) and mention.place != behind.place
            if wider and contains(mention.place, behind.place):
                continue
        kept.append(mention)
    return kept


def resolve(text: str) -> Place | None:
    """The one place that a user states in a profile: "Troy, NY", "Bay Area", "10115 Berlin", "12180".

    Small letters will do. A bare number of five digits is read as American first, then German, then French.
    None where nothing is recognised.
    """
    stated = text.strip()
    postal = postal_area(stated.upper())
    if postal is not None:
        return postal
    label = "Location: "
    mentions = find(label + stated)
    if mentions:
        return min(mentions, key=lambda mention: (mention.place.kind is not Kind.CITY, mention.start)).place
    entry = gazetteer().entry(" ".join(fold(word) for word in WORD_RE.findall(stated)))
    return gazetteer().place(entry.ids[0]) if entry and entry.ids else None
