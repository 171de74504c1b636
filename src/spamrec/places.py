"""Finds the places named in running text, and tells how far apart places are.

A name alone says little: *Mobile*, *Reading*, *Nice*, *Charlotte* and *IN* are places only where the words
around them say so. Each name in the gazetteer therefore carries what else it may be (an ordinary word, a
person's name, a code), and each use of it is weighed by its context: a region or country behind it
("Reading, PA"), a field before it ("Location: pune"), a preposition, a list of other places.
"""

from __future__ import annotations

from itertools import pairwise
from math import log10
from typing import Final, NamedTuple

from .gazetteer import (
    CODE,
    CONTEXT,
    NAME,
    SMALL,
    SMALL_TOWN,
    UPPER,
    WORD,
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
from .patterns import lazy
from .placescope import LARGE_CITY, beside, may_qualify, qualify, take_quarter, word_follows
from .placetext import (
    WORD_RE,
    Candidate,
    Context,
    PlaceText,
    addressed,
    capital_follows,
    part_of_firm,
    possessive,
    set_off,
    short_acronym,
    shouted,
    weigh,
)
from .placewords import AREA_TAIL, SEPARATORS, SMALL_STATES, WORDY_CODES

__all__ = ["Kind", "Mention", "Place", "contains", "distance_km", "find", "resolve"]

WITH_ARTICLE: Final = 30_000  # people; "in the Docklands" is a place, "in the Shelbourne" a house called by one
GREAT_CITY: Final = 1_000_000  # people; from here on even a name that people bear ("London")
NEARBY_KM: Final = 150  # a namesake within this of the reader's home is the one meant
STATE_TOWN: Final = 5_000  # people; a town in the reader's American state may be named without the state
LOCAL_KM: Final = 60  # a village within this of the reader's home may be named without its state
MOST_HINTS: Final = 12  # a text that names more countries and regions than this says nothing of its other places
CERTAIN_MARGIN: Final = 1.0  # by how much the choice beats the next namesake, in powers of ten of people


class Mention(NamedTuple):
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


_DEPARTMENT: Final = lazy(r"\bdans le (\d\d)\b(?![ \d]*(?:mois|ans|jours|h\b))")
_WIDER_GAP: Final = lazy(r" ?[,/:–-]? ?(?:[A-Z]{2} ?[,/–-] ?)?")


def find(text: str, near: Place | None = None) -> tuple[Mention, ...]:
    """All places named in running text, in order, each with its region and country taken in.

    Among namesakes the one is chosen that a region or country behind it names, then one near the reader's
    home, then one in a country or region named elsewhere in the text, then the largest.
    """
    words = PlaceText(text, near)
    candidates = _candidates(words)
    _spread_along_lists(words, candidates)
    meant = [candidate for candidate in candidates if _accepted(words, candidate)]
    hints = _hints(meant)
    mentions = [_mention(text, candidate, near, hints) for candidate in meant]
    mentions = _without_wider(text, mentions)
    departments = _departments(text)
    return tuple(sorted([*mentions, *departments], key=lambda m: m.start) if departments else mentions)


def _departments(text: str) -> list[Mention]:
    """French departments by number, as the area of their first postal code: "dans le 92"."""
    found = []
    for match in _DEPARTMENT.finditer(text) if "dans le " in text else ():
        place = gazetteer().postal("FR", f"{match[1]}000")
        if place is not None:
            found.append(Mention(place, match.start(1), match.end(1), match[1], True))
    return found


def _candidates(words: PlaceText) -> list[Candidate]:
    """Every name in the text that may be a place, none overlapping another."""
    found: list[Candidate] = []
    position = 0
    for index in words.openings():
        if index < position:
            continue
        capital = words.words[index][0].isupper()
        small_letters = not capital and (index in words.before_state or words.opens_item(index))
        named = capital or small_letters or words.adjectival(index)
        candidate = _candidate_at(words, index, small_letters) if named else None
        if candidate is not None:
            found.append(candidate)
            position = candidate.last + 1
    return found


def _candidate_at(words: PlaceText, index: int, small_letters: bool) -> Candidate | None:
    """The longest name from a word on that holds a place large enough, or has its region beside it."""
    for entry, last in words.lookup(index, small_letters):
        if entry.flags & SMALL and words.near is None and not may_qualify(words, last + 1, small_letters):
            continue
        places = [words.names.place(number) for number in entry.ids]
        candidate = Candidate(index, last, words.starts[index], words.ends[last], entry, places)
        qualify(words, candidate, small_letters)
        if small_letters and index in words.before_state and not words.opens_item(index):
            candidate.places = [p for p in candidate.places if candidate.qualified and not p.small]
        elif not candidate.qualified:
            candidate.places = _alone(words, candidate)
        if candidate.places and not _wordy_code(words, candidate):
            take_quarter(words, candidate)
            weigh(words, candidate)
            if last == index or candidate.context >= Context.PLACED or not all(p.small for p in candidate.places):
                return candidate
    return None


def _alone(words: PlaceText, candidate: Candidate) -> list[Place]:
    """The places that a name may mean without its region: the large ones and those near the reader's home, else
    small ones that are no American hamlets."""
    large = [place for place in _short_name(candidate) if not place.small]
    if any(place.kind is not Kind.CITY or place.population >= LARGE_CITY for place in large):
        return large
    if candidate.entry.flags & WORD and candidate.first not in words.stated:
        return large
    homely = [place for place in candidate.places if place.small and _homely(words, place)]
    return [*large, *homely] or [place for place in candidate.places if place.country != "US"]


def _homely(words: PlaceText, place: Place) -> bool:
    """True for a village in the reader's country; in the US for one near home, a town in the same state."""
    near = words.near
    if near is None or near.country != place.country:
        return False
    if near.country != "US" or (place.region == near.region and place.population >= STATE_TOWN):
        return True
    return centre_distance_km(place, near) < LOCAL_KM


def _short_name(candidate: Candidate) -> list[Place]:
    """The places of a name alone: "LA" is the city rather than Louisiana or Laos."""
    wide = [p for p in candidate.places if p.kind in (Kind.METRO, Kind.AREA)]
    return wide if wide and candidate.entry.flags & UPPER else candidate.places


def _wordy_code(words: PlaceText, candidate: Candidate) -> bool:
    """True for "OR" between spaces, which is no state unless a field begins with it."""
    first = candidate.first
    if not candidate.entry.flags & CODE or not _is_wordy(words, candidate):
        return False
    return words.gap(first) == " " and word_follows(words, first) and not words.opens_item(first)


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
        return context is Context.STATED and not _goes_on(words, candidate)
    if flags & CONTEXT:
        return context >= Context.WEAK and not _area_in_firm(words, candidate)
    if short_acronym(words, candidate):
        return context is Context.STATED
    if flags & NAME:
        if all(place.small for place in candidate.places):
            return context is Context.STATED
        return context >= Context.PLACED or _great_and_alone(words, candidate)
    if flags & UPPER and context is Context.NONE:
        return not shouted(words, candidate)
    return _city_accepted(words, candidate) if first.kind is Kind.CITY else not _area_in_firm(words, candidate)


def _goes_on(words: PlaceText, candidate: Candidate) -> bool:
    """True for a word in small letters that goes on a field: "Ort: Madrid o en remoto, como prefieras"."""
    small = words.words[candidate.first][0].islower()
    return small and not candidate.qualified and words.gap(candidate.first).strip() == ","


def _city_accepted(words: PlaceText, candidate: Candidate) -> bool:
    """A large city's name counts anywhere, a town's after a preposition or between marks, a village's only
    after a preposition that says "in"."""
    context, people = candidate.context, max(p.population for p in candidate.places)
    if context is Context.STATED or people >= LARGE_CITY:
        return True
    before = words.words[candidate.first - 1].lower() if candidate.first else ""
    if possessive(words, candidate) or (before == "the" and (context < Context.PLACED or people < WITH_ARTICLE)):
        return False
    if people < SMALL_TOWN:
        said = candidate.preceded >= Context.PLACED or any(_homely(words, place) for place in candidate.places)
        return context is Context.PLACED and (said or candidate.first in words.stated or not candidate.delimited)
    if context is Context.PLACED:
        return True
    if capital_follows(words, candidate):
        return False
    if before == "at" and words.near is not None:  # "at Marlow" is a firm, unless Marlow is in the reader's country
        return any(place.country == words.near.country for place in candidate.places)
    return context is Context.WEAK or (set_off(words, candidate) and not candidate.after_capital)


def _area_in_firm(words: PlaceText, candidate: Candidate) -> bool:
    """True for the Gulf Coast of "Gulf Coast Distribution", a firm."""
    area = candidate.places[0]
    loose = candidate.entry.flags & CONTEXT or any("-" in part for part in area.covers)
    if area.kind is not Kind.AREA or not loose or not capital_follows(words, candidate):
        return False
    return words.words[candidate.last + 1].lower() not in AREA_TAIL


def _code_accepted(words: PlaceText, candidate: Candidate) -> bool:
    """A code alone counts in a field or list; the American and Canadian ones and those of three letters ("IDF",
    "NSW") after "in" too."""
    written = words.words[candidate.first]
    if not candidate.entry.flags & UPPER or (written.islower() and written not in SMALL_STATES):
        return False
    american = [p for p in candidate.places if p.kind is Kind.REGION and p.country in ("US", "CA")]
    if words.opens_item(candidate.first) or (american and candidate.listed):
        candidate.places = american or candidate.places
        return True
    regional = american or [p for p in candidate.places if p.kind is Kind.REGION and len(written) > 2]
    candidate.places = regional or candidate.places
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
            if between.strip() == "(" and one is left:
                _tell_by_town(one, other)
            if len(between) > 6 or "\n" in between or not _separates(between):
                continue
            if one.entry.flags & other.entry.flags & CODE:
                # "NY/NJ" names two states; "AR/AP" the accounts.
                if _is_state(one) and _is_state(other) and not (_is_wordy(words, one) and _is_wordy(words, other)):
                    one.listed = other.listed = True
            elif _shares(one, other) and (one.context >= Context.PLACED or _accepted(words, one)):
                other.context = max(other.context, min(one.context, _ceiling(other)), Context.PLACED)


def _tell_by_town(town: Candidate, place: Candidate) -> None:
    """Let a town tell the place in brackets behind it: "Geneva (Plan-les-Ouates)"."""
    near = [p for p in place.places if beside(p, town.places[0])]
    if near and not place.entry.flags & (CODE | WORD | NAME):
        place.places, place.context = near, Context.STATED


def _shares(one: Candidate, other: Candidate) -> bool:
    """False for "IA, LA", where states are listed and LA is not the city, and for "Northpoint GCC, Hyderabad"."""
    if other.entry.flags & CONTEXT and other.after_capital:
        return False
    return not one.entry.flags & CODE or bool(other.entry.flags & (NAME | CODE))


def _is_state(candidate: Candidate) -> bool:
    """True for the code of an American state or Canadian province."""
    return any(p.kind is Kind.REGION and p.country in ("US", "CA") for p in candidate.places)


def _is_wordy(words: PlaceText, candidate: Candidate) -> bool:
    return words.words[candidate.first].lower() in WORDY_CODES


def _separates(between: str) -> bool:
    parts = between.lower().replace(",", " , ").split()
    return bool(parts) and all(part in SEPARATORS for part in parts)


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
        score += (3 if same_region else 1.5) if place.country == near.country else 0
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
