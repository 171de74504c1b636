"""How a pitch fits what its reader has stated: place, role, pay, contract."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from spamrec import pay as money
from spamrec.gazetteer import Kind, Place, contains, distance_km
from spamrec.pitch import Pitch, PitchedPlace, WorkMode, any_named, names, normal
from spamrec.profile import Profile, Remote


class Fit(StrEnum):
    """What one property of a pitch is to the reader."""

    FITS = "fits"
    MISFITS = "misfits"
    OTHER = "other"
    UNKNOWN = "unknown"


class Judgement(NamedTuple):
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
    return _reach(pitch, profile)


def _reach(pitch: Pitch, profile: Profile) -> Judgement:
    """Places to be at in person, against the reader's."""
    narrow = [p for p in pitch.places if p.place.kind not in _WIDE] or list(pitch.places)
    judged = [_one(p.place, profile) for p in narrow]
    for pitched, judgement in zip(narrow, judged, strict=True):
        if judgement is Fit.FITS:
            return Judgement(Fit.FITS, pitched.text)
    if judged and all(j is Fit.MISFITS for j in judged):
        return Judgement(Fit.MISFITS, _far(narrow[0], profile))
    if pitch.relocation_asked and profile.relocate == () and not judged:
        return Judgement(Fit.MISFITS, "it asks you to move, and you would not")
    if pitch.remote_for_now and profile.relocate == () and not judged:
        return Judgement(Fit.MISFITS, "it is remote for now only")
    return UNJUDGED


def _remote(pitch: Pitch, profile: Profile) -> Judgement:
    """Remote work, perhaps bound to a country or region that the reader is not in."""
    if profile.remote is Remote.NO:
        return Judgement(Fit.MISFITS, "remote work, which you do not take")
    wide = [p.place for p in pitch.places if p.place.kind in _WIDE and p.place.kind is not Kind.AREA]
    if wide and profile.home is not None and pitch.locals_only:
        allowed = [w for w in wide if contains(w, profile.home)]
        if not allowed and not any(contains(m, w) for m in profile.relocate or () for w in wide):
            where = next(p.text for p in pitch.places if p.place in wide)
            return Judgement(Fit.MISFITS, f"remote within {where} only")
    return Judgement(Fit.FITS, "remote") if profile.remote is not None else UNJUDGED


_WIDE = (Kind.COUNTRY, Kind.REGION, Kind.AREA)


def _one(pitched: Place, profile: Profile) -> Fit:
    wide = pitched.kind in _WIDE
    for target in profile.relocate or ():
        near = not wide and target.kind not in _WIDE and distance_km(target, pitched) <= profile.commute_km
        if near or contains(target, pitched):
            return Fit.FITS
        if wide and contains(pitched, target):
            return Fit.UNKNOWN
    if profile.home is None:
        return Fit.UNKNOWN if profile.relocate is None else Fit.MISFITS
    if wide:
        # a whole country or state that holds the home says nothing about the commute
        return Fit.UNKNOWN if contains(pitched, profile.home) else Fit.MISFITS
    return Fit.FITS if distance_km(profile.home, pitched) <= profile.commute_km else Fit.MISFITS


def _far(pitched: PitchedPlace, profile: Profile) -> str:
    if profile.home is None:
        return pitched.text
    return f"{pitched.text}, {distance_km(profile.home, pitched.place):,.0f} km from home"


MAX_ROLE_TEXT = 2_000
"""Characters of the text in which wanted and unwanted work is looked for."""
_DENIES = frozenset(
    "no not without instead never replacing replace from off leaving kein keine nicht ohne pas sans sin non".split()
)


def role(pitch: Pitch, subject: str, text: str, profile: Profile) -> Judgement:
    """The pitched role against titles and skills wanted and unwanted; UNKNOWN where no role is found.

    What the reader does not want counts wherever the pitch names it: a front-end job that asks for Angular is an
    Angular job.
    """
    if not profile.states_role:
        return UNJUDGED
    titles = normal(f"{subject} . {' . '.join(pitch.roles)}")
    whole = (*titles, ".", *normal(text[:MAX_ROLE_TEXT]))
    if unwanted := next((t for t in profile.unwanted if _asserted(normal(t), whole)), ""):
        return Judgement(Fit.MISFITS, unwanted)
    if wanted := wanted_title(profile, titles) or any_named(profile.skills, titles) or wanted_title(profile, whole):
        return Judgement(Fit.FITS, wanted)
    named = [skill for skill in profile.skills if names(normal(skill), whole)]
    if len(named) >= 2:
        return Judgement(Fit.FITS, ", ".join(named[:3]))
    if not pitch.roles or not (profile.titles or profile.skills):
        return UNJUDGED
    return Judgement(Fit.OTHER, pitch.roles[0])


def _asserted(term: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Whether a term is named without being denied ("no Java", "instead of PHP")."""
    n = len(term)
    at = (i for i in range(len(text) - n + 1) if text[i : i + n] == term)
    return n > 0 and any(not _DENIES & set(text[max(0, i - 3) : i]) for i in at)


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
    wanted, window = set(term), len(term) + 3
    starts = (i for i, word in enumerate(text) if word in wanted)
    return any(wanted <= set(_phrase(text[i : i + window])) for i in starts)


def _phrase(words_: tuple[str, ...]) -> tuple[str, ...]:
    """The words before the end of their sentence."""
    return words_[: words_.index(".")] if "." in words_ else words_


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
