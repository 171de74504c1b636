"""Reads what stands behind a name and says which of its namesakes is meant: region, country, larger town."""

from __future__ import annotations

from typing import Final

from .gazetteer import CODE, NAME, WORD, Entry, Kind, Place, centre_distance_km, contains
from .patterns import lazy
from .placetext import Candidate, PlaceText
from .placewords import BEHIND, NEARBY, PLACED, WEAK, WORDY_CODES

HAMLET: Final = 3_000  # people; below this an American town yields to a city that the same code fits
LARGE_CITY: Final = 100_000  # people; from here on a city's name alone is taken for the city
OUTSKIRTS_KM: Final = 40  # how far from a large town a smaller one may lie and still be told by it
QUARTER_KM: Final = 15  # "Frankfurt-Höchst": a quarter is nearer than this; "Köln-Bonn" are two towns
LARGER: Final = 4  # times as many people has the town by which another is told

_POSTAL_GAP: Final = lazy(r"[ \t]+(?:\d{4,6}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b")
_US_ZIP: Final = lazy(r"[ \t,]{1,3}\d{5}(?:-\d{4})?\b")


def qualify(words: PlaceText, candidate: Candidate, small_letters: bool) -> None:
    """Take in the region, country and postal code behind a name, keeping the places that lie in them."""
    for _ in range(3):
        found = _qualifier(words, candidate, small_letters)
        if found is None and not candidate.qualified:
            found = _larger_town(words, candidate)
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
    if candidate.entry.flags & CODE or not may_qualify(words, index, small_letters):
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
        if left and not (hamlets and (word_follows(words, last) or not entry.flags & CODE)):
            return left, last
    return None


def may_qualify(words: PlaceText, index: int, small_letters: bool) -> bool:
    """True when the word may be the region or country of the name before it."""
    return index < len(words.words) and (small_letters or words.words[index][0].isupper())


def _code_stands(words: PlaceText, last: int, joint: str) -> bool:
    """False for a code that is a word as well and goes on in a sentence: "Dallas OR Austin"."""
    if words.words[last].lower() not in WORDY_CODES:
        return True
    return joint not in ("", "/") or not word_follows(words, last)


def word_follows(words: PlaceText, last: int) -> bool:
    """True when only a space parts a word from the next."""
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


def _larger_town(words: PlaceText, candidate: Candidate) -> tuple[list[Place], int] | None:
    """The places left by the larger town behind a name, and its last word: "Westlands, Nairobi"."""
    if candidate.entry.flags & (CODE | WORD) or candidate.places[0].population >= LARGE_CITY:
        return None
    index = candidate.last + 1
    near = index < len(words.words) and words.gap(index) == " " and words.words[index].lower() in NEARBY
    if near and words.words[index] == "in" and not _after_preposition(words, candidate.first):
        return None  # "Stelle in Hamburg"
    if near:
        index += 2 if words.words[index + 1 : index + 2] == ["de"] else 1
    if not may_qualify(words, index, small_letters=False):
        return None
    joints = ("",) if near else (",", "(")
    if words.gap(index).strip(" .") not in joints or (candidate.entry.flags & NAME and not near):
        return None
    for entry, last in words.lookup(index, False):
        towns = [p for p in map(words.names.place, entry.ids) if p.kind is Kind.CITY and p.population >= LARGE_CITY]
        left = [place for place in candidate.places if any(beside(place, town) for town in towns)]
        if left:
            return left, last
    return None


def _after_preposition(words: PlaceText, first: int) -> bool:
    """True for the Garden Island of "at Garden Island in Sydney"."""
    before = words.words[first - 1].lower() if first else ""
    return before in PLACED or before in WEAK or before == "our"


def beside(place: Place, town: Place) -> bool:
    """True when a place is so near a town so much larger that it is told by it."""
    smaller = place.kind is Kind.CITY and place.population * LARGER <= town.population
    return smaller and place.country == town.country and centre_distance_km(place, town) <= OUTSKIRTS_KM


def take_quarter(words: PlaceText, candidate: Candidate) -> None:
    """Take in the quarter joined to a large town by a hyphen: "Frankfurt-Höchst", "Paris-La Défense"."""
    town = candidate.places[0]
    if candidate.qualified or town.kind is not Kind.CITY or town.population < LARGE_CITY:
        return
    while (index := candidate.last + 1) < len(words.words) and words.gap(index) == "-":
        word = words.words[index]
        if not word[0].isupper() or word.isupper() or word.lower() in BEHIND:
            return
        found = words.lookup(index, False)
        rivals = [words.names.place(number) for entry, _ in found for number in entry.ids]
        if any(_own_town(place, town) for place in rivals):
            return
        candidate.last = found[0][1] if found else index
        candidate.end = words.ends[candidate.last]


def _own_town(place: Place, town: Place) -> bool:
    """True for a place that "Town-Place" names beside the town rather than within it."""
    if place.kind is not Kind.CITY:
        return True
    return place.population >= LARGE_CITY and centre_distance_km(place, town) > QUARTER_KM
