"""How a pitch fits what its reader has stated: place, role, pay, contract."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from spamrec import pay as money
from spamrec import places
from spamrec.pitch import FoundIn, Pitch, WorkMode, any_named, names, normal
from spamrec.places import Place
from spamrec.profile import Profile, Remote


class Fit(StrEnum):
    """What one property of a pitch is to the reader."""

    FITS = "fits"
    MISFITS = "misfits"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One property of a pitch, judged."""

    fit: Fit
    """Whether it fits; UNKNOWN where the profile or the pitch does not say."""
    why: str = ""
    """The fact that decided, for the reason."""


UNJUDGED = Judgement(Fit.UNKNOWN)


def place(pitch: Pitch, profile: Profile) -> Judgement:
    """The pitched place against home, commute and the places the reader would move to; one in reach is enough."""
    if not profile.states_place and profile.remote is None:
        return UNJUDGED
    if pitch.mode is WorkMode.REMOTE and not pitch.relocation_asked:
        return _remote(pitch, profile)
    if profile.remote is Remote.ONLY and (pitch.places or pitch.mode in (WorkMode.HYBRID, WorkMode.ONSITE)):
        where = pitch.places[0].text if pitch.places else pitch.mode
        return Judgement(Fit.MISFITS, f"{where}, and you work remotely only")
    if not profile.states_place:
        return UNJUDGED
    if profile.relocate_anywhere and not pitch.locals_only:
        return Judgement(Fit.FITS, "you would move anywhere") if pitch.places else UNJUDGED
    judged = [_one(p.place, profile) for p in pitch.places]
    for index, judgement in enumerate(judged):
        if judgement is Fit.FITS:
            return Judgement(Fit.FITS, pitch.places[index].text)
    if judged and all(j is Fit.MISFITS for j in judged):
        return Judgement(Fit.MISFITS, _far(pitch, profile))
    if pitch.relocation_asked and profile.relocate == () and not any(j is Fit.UNKNOWN for j in judged):
        return Judgement(Fit.MISFITS, "it asks you to move, and you would not")
    return UNJUDGED


def _remote(pitch: Pitch, profile: Profile) -> Judgement:
    """Remote work, perhaps bound to a country or region that the reader is not in."""
    if profile.remote is Remote.NO:
        return Judgement(Fit.MISFITS, "remote work, which you do not take")
    wide = [p.place for p in pitch.places if p.place.kind in _WIDE]
    if wide and len(wide) == len(pitch.places) and profile.home is not None:
        allowed = [w for w in wide if places.contains(w, profile.home)]
        if not allowed and not any(places.contains(m, w) for m in profile.relocate or () for w in wide):
            return Judgement(Fit.MISFITS, f"remote within {pitch.places[0].text} only")
    return Judgement(Fit.FITS, "remote") if profile.remote is not None else UNJUDGED


_WIDE = (places.Kind.COUNTRY, places.Kind.REGION, places.Kind.AREA)


def _one(pitched: Place, profile: Profile) -> Fit:
    home = profile.home
    for target in profile.relocate or ():
        if places.contains(target, pitched) or places.distance_km(target, pitched) <= profile.commute_km:
            return Fit.FITS
        if pitched.kind in _WIDE and places.contains(pitched, target):
            return Fit.UNKNOWN
    if home is None:
        return Fit.UNKNOWN if profile.relocate is None else Fit.MISFITS
    if pitched.kind in _WIDE:
        # a whole country or state that holds the home says nothing about the commute
        return Fit.UNKNOWN if places.contains(pitched, home) else Fit.MISFITS
    return Fit.FITS if places.distance_km(home, pitched) <= profile.commute_km else Fit.MISFITS


def _far(pitch: Pitch, profile: Profile) -> str:
    first = pitch.places[0]
    if profile.home is None:
        return first.text
    return f"{first.text}, {places.distance_km(profile.home, first.place):,.0f} km from home"


def role(pitch: Pitch, subject: str, profile: Profile) -> Judgement:
    """The pitched role against titles and skills wanted and unwanted; UNKNOWN where no role is found."""
    if not profile.states_role:
        return UNJUDGED
    named = " . ".join(pitch.roles)
    text = normal(f"{subject} . {named}")
    if unwanted := any_named(profile.unwanted, text):
        if not (wanted_title(profile, text) and any_named((unwanted,), normal(subject)) == ""):
            return Judgement(Fit.MISFITS, unwanted)
    if wanted := wanted_title(profile, text) or any_named(profile.skills, text):
        return Judgement(Fit.FITS, wanted)
    if not pitch.roles or not (profile.titles or profile.skills):
        return UNJUDGED
    return Judgement(Fit.OTHER, pitch.roles[0])


def wanted_title(profile: Profile, text: tuple[str, ...]) -> str:
    """The first wanted title that a role names, whole or by its words in another order."""
    for title in profile.titles:
        term = normal(title)
        if names(term, text):
            return title
        if len(term) > 1 and _spread(term, text):
            return title
    return ""


def _spread(term: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Whether all words of a title stand within one phrase ("database and systems administrator")."""
    wanted = set(term)
    window = len(term) + 3
    return any(wanted <= set(text[i : i + window]) and "." not in text[i : i + window] for i in range(len(text)))


def pay(pitch: Pitch, profile: Profile) -> Judgement:
    """Pay against the floor; the best figure counts."""
    verdicts = [(p, money.below(p, profile.floor)) for p in pitch.pay]
    for amount, under in verdicts:
        if under is False:
            return Judgement(Fit.FITS, str(amount))
    for amount, under in verdicts:
        if under is True:
            return Judgement(Fit.MISFITS, str(amount))
    return UNJUDGED


def contract(pitch: Pitch, profile: Profile) -> Judgement:
    """Kind of employment against those wanted."""
    if not profile.contract or not pitch.contract:
        return UNJUDGED
    if profile.contract & pitch.contract:
        return Judgement(Fit.FITS, ", ".join(sorted(profile.contract & pitch.contract)))
    return Judgement(Fit.MISFITS, ", ".join(sorted(pitch.contract)))


def place_found(pitch: Pitch) -> bool:
    """Whether the place of work stands in a field or in the subject, where a place is meant as such."""
    return any(p.found in (FoundIn.FIELD, FoundIn.SUBJECT) for p in pitch.places)
