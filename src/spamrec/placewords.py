"""The words that tell whether a name beside them is meant as a place, in the languages pitches come in."""

from __future__ import annotations

from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


WEAK: Final = word_set("from to for of de von aus desde hacia vers nach zu pour para du des and or across between")
PLACED: Final = word_set("in near around outside within throughout bei im à au aux dans en près cerca nähe raum")
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
    " sitz standort büro arbeitsort einsatzort wohnhaft basé basée situé située bureau bureaux poste siège"
    " ubicado ubicada sede oficina oficinas puesto residente trabajar trabajo stelle stellen team ansässig"
)
BEHIND: Final = word_set(
    "area based office offices metro region campus site hub suburbs headquarters hq onsite location locals"
    " metropolitan downtown residents candidates metroplex raum"
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
)
OF_FIRM: Final = word_set("bank university college school institute church museum duke bishop republic")
