"""How a message greets its reader: by name, by nobody's, by another's, or by a field left open."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from spamrec.message import Message
from spamrec.patterns import lazy
from spamrec.phrases import fold
from spamrec.profile import Profile


class Greeting(StrEnum):
    """Whom a salutation names."""

    READER = "reader"
    OTHER = "other"
    NOBODY = "nobody"
    OPEN_FIELD = "open field"
    NONE = "none"


class Salutation(NamedTuple):
    """The first words of a message, as far as they address somebody."""

    greeting: Greeting
    """Whom they name."""
    text: str
    """As they stand in the message, "" for none."""


_HELLO = (
    r"hi+|hello|hey+|heya|hiya|dear|good (?:morning|afternoon|evening|day)|greetings|g'?day|morning|afternoon|evening|"
    r"respected|attention|attn|hallo|guten (?:tag|morgen|abend)|servus|moin|grüezi|grüß (?:gott|dich|sie)|"
    r"liebe[rs]?|sehr geehrte[rs]?|hallöchen|bonjour|bonsoir|salut|coucou|ch(?:er|ère|ers)|madame|monsieur|hola|"
    r"buenos días|buenas(?: tardes)?|buen día|estimad[oa]s?|querid[oa]s?|ciao|szia|szervusz|kedves|tisztelt|namaste|yo|"
    r"beste(?!\s+(?:gr|wens|dank))|geachte|goede(?:morgen|middag|navond)|hoi"
)
_SALUTATION = (
    rf"^[\s*_>#\"'“(]*(?P<hello>{_HELLO})\b[ \t]*(?P<title>(?:mr|mrs|ms|miss|dr|prof|herr|frau|madame|monsieur|"
    r"sr|sra|señor|señora|mme|mevrouw|de heer|heer|m)\b\.?[ \t]*)?(?P<name>[^\n,;:!?.–—]{0,40})?(?P<mark>[,;:!?.–—\n]|\s-|$)"
)
_NAME_FIRST = r"^[\s*_\"'“]*(?P<name>[A-ZÀ-Ý][\w'’-]{1,20})\s?(?P<mark>[,:–—!]|\n|\s-\s)"
_FIELDS = {
    "{": r"\{\{?\s*[\w .|'\"-]*name[\w .|'\"-]*\}?\}|\{[\w ]{2,24}\}",
    "%": r"%\s?(?:\w*name\w*|[A-Z_]{4,20})\s?%",
    "[": r"\[\s?(?:(?:first|last|full|candidate|your|contact|recipient|insert|prospect)[\w' ]{0,16}|name|fname|"
    r"recruiter name|vorname|nachname|prénom|nombre|voornaam)\s?\]",
    "<": r"<<?\s?(?:first|last|full|candidate|contact)?[ _]?f?name\s?>>?",
    "*|": r"\*\|\s?\w+\s?\|\*",
    "$": r"\$\{?\w*name\w*\}?",
    "#": r"#\w*name\w*#",
}
"""Fields for the name as programs write them, by the mark that opens them."""
_NO_NAMES = (
    r"\b(?:dear|hi|hello) (?:x{2,}|null|undefined|none|n/a|nan|fname|firstname|first name|candidate ?name|test)\b|"
    r"@@\w+@@|\bfirst_?name\b"
)
_OPEN_FIELD = "|".join((*_FIELDS.values(), _NO_NAMES))
_MISSING = (
    r"^[\s*_\"'“]*(?:hi|hello|hey|dear|hallo|bonjour|hola|liebe[rs]?|estimad[oa]|ch(?:er|ère))"
    r"(?:[ \t]+[,!:]|[ \t]{2,}[,!:]|\s*,[ \t]*,)"
)
_NO_NAME_MARKS = ("@@", "firstname", "first_name")
_HELLOS = ("dear ", "hi ", "hello ")
_NO_NAME_HELLOS = tuple(
    f"{hello}{word}"
    for hello in _HELLOS
    for word in ("xx", "null", "undefined", "none", "n/a", "nan", "fname", "first name", "candidate", "test")
)
"""One of these marks or hellos stands in all that _NO_NAMES matches."""
_GAPS = (" ,", " !", " :", "\t,", "\t!", "\t:", "\n,", ",,")
"""One of these stands in all that _MISSING matches."""
_GENERIC = frozenset(
    """all there everyone everybody folks team friend friends sir sirs madam maam ma'am candidate candidates job
    seeker jobseeker applicant professional professionals colleague colleagues student students recruiter hiring
    manager partner partners vendor vendors members member guys people mate you again consultant consultants talent
    engineer developer zusammen alle damen herren leute tous toutes monsieur madame todos todas a concern hr it tech
    both customer user reader valued ladies gentlemen list group guten from to the of and dear greetings human
    linkedin connection connections aspirant nurse nurses teacher teachers parent parents community subscriber
    bewerber bewerberin bewerberinnen kandidat kandidatin kandidaten interessent interessenten kollegin kollege
    kollegen kolleginnen mitglied mitglieder kunde kundin nutzer candidat candidats collegue collegues membre client
    cliente candidato candidata candidatos colega colegas amigo amiga profesional senores companero companera
    jelentkezo palyazo kollega kollegak holgyem uram cim vasarlonk ugyfelunk mindenki allaskereso
    contractor contractors carer carers owner owners registrant graduate graduates educator educators executive staff
    department friends boss donor donors resident residents enrollee guardians alumnus alumna alumni humanitarian
    applicants professionals eng mam ma sirmadam mme mr ms day season compliments eigentumer mieter mitstreiterinnen
    bergfreunde bergfreundinnen jobsuchende web services developers head nursing teaching accounting sales healthcare
    eltern mitarbeiter mitarbeiterin mitarbeiterinnen mitarbeitende mitarbeitenden teilnehmer teilnehmerin teilnehmerinnen
    kursteilnehmer kursteilnehmerin leser leserin leserinnen kundinnen kunden freunde freundinnen gartenfreunde
    gartenfreundinnen sangerinnen publikum nachbarn nachbarinnen familie mieterinnen bewohner bewohnerinnen patientin
    patient patienten adherent adherents affilie abonne abonnes lecteur lecteurs lectrices amis amies collaborateurs
    collaboratrices coproprietaires usager clients voisins famille padres madres usuario usuaria clientes socio socia
    socios condominos vecinos vecinas equipo familia colaboradores colaboradoras comunidad contribuyente pasajeros lectores
    collega collegas leden lid lezer lezers ouders medewerkers relatie klant klanten bewoner bewoners kandidaat
    werkzoekende dames heer heren mevrouw techneut starter
    """.split()
)
_OURS = lazy(r"(?:[aeiou]nk|[oea]k|ok|ek|ak)$")
"""How a Hungarian word ends that addresses many ("Kedves Olvasónk"); no given name ends so."""
_MANY = frozenset("team all everyone everybody folks members group list friends recruiters zusammen community".split())
"""Last words of a salutation to several: "Hi Google team" names nobody."""
MAX_LOOKED_AT = 300
"""Characters at the beginning of the text in which the salutation stands."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if pattern != _NAME_FIRST else 0)


def reader_names(message: Message, profile: Profile) -> frozenset[str]:
    """Folded words of the names the reader goes by: the profile's, else those the sender put into To."""
    stated = [profile.name, *profile.aliases]
    own = [a for a in (*message.to, *message.cc) if a.address in profile.emails]
    if not own and not profile.emails and len(message.to) == 1:
        own = [a for a in message.to if message.sender is None or a.address != message.sender.address]
    stated += [a.name for a in own if "@" not in a.name]
    return frozenset(w for name in stated for w in re.findall(r"[^\W\d_]{2,}", fold(name)))


def find(message: Message, profile: Profile, text: str = "") -> Salutation:
    """The salutation of a message; `text` stands in for its own where another was unwrapped."""
    start = (text or message.text)[:MAX_LOOKED_AT].lstrip()
    if field := _open_field(f"{message.subject}\n{start}"):
        return Salutation(Greeting.OPEN_FIELD, field[0].strip())
    if any(gap in start for gap in _GAPS) and (missing := _compiled(_MISSING).match(start)):
        return Salutation(Greeting.OPEN_FIELD, missing[0].strip())
    names = reader_names(message, profile)
    found = _compiled(_SALUTATION).match(start)
    if found is None:
        first = _compiled(_NAME_FIRST).match(start)
        if first and _is(first["name"], names):
            return Salutation(Greeting.READER, first["name"])
        return Salutation(Greeting.NONE, "")
    said = found[0].strip(" \n,;:!")
    name = (found["name"] or "").strip()
    if not name or len(name.split()) > 4:
        # "Dear Sam I manage ...": no mark after the name, so the first word alone is looked at
        name = name.split()[0] if name else ""
        said = f"{found['hello']} {name}".strip()
    if not name:
        return Salutation(Greeting.NOBODY, said)
    if _is(name, names):
        return Salutation(Greeting.READER, said)
    words = [fold(w) for w in re.findall(r"[^\W\d_]+", name)]
    if words[-1:] and words[-1] in _MANY:
        return Salutation(Greeting.NOBODY, said)
    hungarian = fold(found["hello"]) in ("kedves", "tisztelt") and words and _OURS.search(words[-1])
    if (
        not words
        or hungarian
        or _of_sender(words[-1], message)
        or not names
        or not _GENERIC.isdisjoint(words)
        or not name[:1].isupper()
    ):
        return Salutation(Greeting.NOBODY, said)
    return Salutation(Greeting.OTHER, said)


OWN_PREFIX = 6
"""Letters of a name that the sender's domain begins with, by which it names the firm's people ("Dear Sahyadrians")."""


def _of_sender(word: str, message: Message) -> bool:
    """Whether a folded word of a salutation is made of the name of the sender's firm."""
    return message.sender is not None and len(word) > OWN_PREFIX and message.sender.domain.startswith(word[:OWN_PREFIX])


def _open_field(text: str) -> re.Match[str] | None:
    """A field for the name left open; looked for where its marks or its words stand, as it takes 1 ms to compile."""
    if any(mark in text and _compiled(field).search(text) for mark, field in _FIELDS.items()):
        return _compiled(_OPEN_FIELD).search(text)
    lower = text.lower()
    greets = any(hello in lower for hello in _HELLOS)
    if any(mark in lower for mark in (*_NO_NAME_MARKS, *(_NO_NAME_HELLOS if greets else ()))):
        return _compiled(_OPEN_FIELD).search(text)
    return None


def _is(said: str, names: frozenset[str]) -> bool:
    """Whether a name said is one of the reader's; short forms count ("Dan" for Daniel, "K." does not)."""
    for word in re.findall(r"[^\W\d_]{2,}", fold(said)):
        if any(_short_for(word, name) or _short_for(name, word) for name in names):
            return True
    return False


def _short_for(one: str, other: str) -> bool:
    return one == other or (len(one) >= 3 and other.startswith(one))
