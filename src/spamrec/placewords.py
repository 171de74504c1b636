"""The words that tell whether a name beside them is meant as a place, in the languages pitches come in."""

from __future__ import annotations

from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


WEAK: Final = word_set("from to for of de von aus hacia at vers nach zu pour para du des and or across between")
PLACED: Final = word_set(
    "in near around outside within throughout bei im à au aux dans en près cerca nähe raum sur desde em w we v ve u în"
)
MOVING: Final = word_set("trasladarse traslado mudarse mudanza reubicarse reubicación cerca")  # before "a"
PASSED_OVER: Final = word_set(
    "the downtown greater central north south east west northern southern eastern western sunny beautiful city metro"
    " der die das den dem la le les el los las l raum großraum region área área zona ville ciudad stadt state nearby"
    " and or"
)
SITED: Final = word_set(
    "based located office offices onsite site facility campus plant headquartered stationed location"
)
GREETING: Final = word_set("hi hello dear hey hallo liebe lieber bonjour hola salut thanks thank regards cheers guten")
STATING: Final = word_set(
    "based located locate location locations office offices live lives living relocate relocating relocation move"
    " moving commute commuting onsite site hybrid headquartered headquarters hq work working position positions role"
    " roles job jobs opening openings opportunity opportunities team hub resident stationed plant facility campus"
    " client employer company customer remote remotely hiring interview reside situated local area people"
    " come coming travel travelling traveling drive driving minutes mins min hour hours hrs miles mi km away"
    " sitz standort büro arbeitsort einsatzort wohnhaft basé basée situé située bureau bureaux poste siège"
    " ubicado ubicada sede oficina oficinas puesto residente trabajar trabajo stelle stellen team ansässig"
)
BEHIND: Final = word_set(
    "area based office offices metro region campus site hub suburbs headquarters hq onsite location locals"
    " metropolitan downtown residents candidates metroplex raum plant terminal warehouse depot yard workshop mine mill"
    " refinery brewery factory branch store clinic facility shop showroom campuses"
    " büro büros standort niederlassung zentrale hauptsitz filiale zweigstelle werk innenstadt umland norden süden"
    " osten westen iroda irodánk irodánkba irodában irodánkban telephely telephelyünk központ központunk"
)
FIRM: Final = word_set(
    "consulting insurance bank bancorp group post times instruments inc llc llp ltd limited gmbh pvt corp corporation"
    " co company university college school hospital airlines airways capital partners life mutual scientific journal"
    " herald tribune globe chronicle sun pharma pharmaceuticals technologies systems solutions software motors steel"
    " electric energy relic yankees giants mets red sox bulls lakers cowboys hilton marathon citizen citizens"
    " citizenship dollar dollars army navy stock museum symphony inquirer airport center centre press records film"
    " standard time protocol agreement"
    " airlink analytica airport card street avenue ave road rd st drive dr blvd lane ln way square court ct bridge"
    " accord convention declaration ag sa plc bv ab day daily securities trust financial fargo tech"
    " straße strasse str allee platz ring weg distribution logistics manufacturing mutual foods dairy scientific"
    " analytics holdings industries labs works studios paper"
    " tooling hardware search freight tpke turnpike transit career user"
)
OF_FIRM: Final = word_set("bank university college school institute church museum duke bishop republic")

# A quarter or town is named by the larger one beside it: "Garching bei München", "Limonest, près de Lyon".
NEARBY: Final = word_set("bei b near nr in outside próximo cerca près lès lez vicino")
# Before an adjective in small letters: "région lyonnaise".
REGIONAL: Final = word_set("région agglomération métropole banlieue bassin secteur")
AREA_TAIL: Final = word_set("region area team office offices states countries market markets based remote only")

# One label a line costs 68 µs of a pitch as a regular expression over the text, 5 µs as a look at each word.
LABELS: Final = frozenset(
    form
    for word in word_set(
        "location locations loc city place where based worksite site ort standort standorte"
        " arbeitsort einsatzort dienstort lieu localisation ville ubicación ubicacion lugar"
        " localidad sede ciudad luogo dónde donde où onde dove wo helyszín munkahely munkavégzés"
        " miejsce lokalizacja localização locatie werkplek arbeitsplatz beschäftigungsort"
        " dienstsitz"
    )
    for form in (word, word.capitalize(), word.upper())
)
# Codes that are words as well: without a comma they count only where nothing follows them.
WORDY_CODES: Final = word_set("in or me ok hi oh pa ma la id al de co am as is no so be to it at my us do an by")
SEPARATORS: Final = word_set(", / | ; • & + - – — or and und oder et ou y o és vagy e i lub")
# Codes of states in small letters that are no words of any language we read: "irvine, ca".
SMALL_STATES: Final = word_set("ca ny nj tx fl nc sc va wa ga il mn wi mo tn az nv ut ky ct md mi ks nm nh vt wv dc")
