"""Place, role, pay and contract of a pitch are judged by what its reader states: one fact changed, another answer."""

from __future__ import annotations

import pytest

from spamrec import message, pay, places
from spamrec.evidence import Evidence
from spamrec.fit import Fit
from spamrec.places import Place
from spamrec.profile import NO_PROFILE, Contract, Profile, Remote

FITS, MISFITS, OTHER, UNKNOWN = Fit.FITS, Fit.MISFITS, Fit.OTHER, Fit.UNKNOWN


def at(text: str) -> Place:
    found = places.resolve(text)
    assert found is not None, text
    return found


def pitched(subject: str, text: str, profile: Profile) -> Evidence:
    head = f"From: ann@firm.example\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    return Evidence(message.parse(f"{head}\n{text}\n".encode()), profile)


# --- place -------------------------------------------------------------------------------------------------

TROY = Profile(home=at("Troy, NY"), commute_km=60, relocate=(at("Boston, MA"), at("Canada")), remote=Remote.YES)
"""Takes remote work, would move to Boston or Canada."""
STAYS = TROY._replace(relocate=())
"""Takes remote work, would not move."""
IN_PERSON = STAYS._replace(remote=Remote.NO)
REMOTE_ONLY = STAYS._replace(remote=Remote.ONLY)
ANYWHERE = TROY._replace(relocate=(), relocate_anywhere=True)
HOMELESS = Profile(relocate=(at("Boston, MA"),))
"""States where to move, not where from."""
MUNICH = Profile(home=at("München, Germany"), commute_km=50, relocate=(at("Austria"), at("Berlin")), remote=Remote.YES)
LYON = Profile(home=at("Lyon, France"), commute_km=40, relocate=(), remote=Remote.YES)
VALENCIA = Profile(home=at("Valencia, Spain"), commute_km=40, relocate=(), remote=Remote.NO)

PLACES = [
    # in reach, or beyond
    (TROY, "Technical Writer - Albany, NY", "Location: Albany, NY", FITS),
    (TROY, "Technical Writer - Irvine, CA", "Location: Irvine, CA", MISFITS),
    (TROY._replace(commute_km=5), "Technical Writer - Albany, NY", "Location: Albany, NY", MISFITS),
    # where the reader would move
    (TROY, "Technical Writer", "We have a role in Boston, MA, hybrid.", FITS),
    (STAYS, "Technical Writer", "We have a role in Boston, MA, hybrid.", MISFITS),
    (TROY, "DBA in Toronto", "Our client in Toronto, Ontario needs a DBA.", FITS),
    (STAYS, "DBA in Toronto", "Our client in Toronto, Ontario needs a DBA.", MISFITS),
    (ANYWHERE, "Technical Writer - Irvine, CA", "Location: Irvine, CA", FITS),
    (HOMELESS, "DBA", "Location: Boston, MA", FITS),
    (HOMELESS, "DBA", "Location: Irvine, CA", MISFITS),
    # several: one in reach is enough
    (TROY, "DBA", "Locations: Dallas, TX; Albany, NY; Miami, FL", FITS),
    (TROY, "DBA", "Locations: Dallas, TX; Irvine, CA; Miami, FL", MISFITS),
    # remote, and what is only called so
    (TROY, "DBA", "This position is 100% remote.", FITS),
    (IN_PERSON, "DBA", "This position is 100% remote.", MISFITS),
    (TROY, "DBA in Austin, TX", "Remote until the office opens, then onsite in Austin, TX.", MISFITS),
    (TROY, "DBA", "Hybrid, 3 days in Denver, CO.", MISFITS),
    (TROY, "DBA", "Hybrid, 3 days in Albany, NY.", FITS),
    (TROY, "DBA in Austin, TX", "Fully remote, our team sits in Austin, TX.", FITS),
    (TROY, "DBA in Austin, TX", "No remote. Austin, TX.", MISFITS),
    (REMOTE_ONLY, "DBA", "Fully remote.", FITS),
    (REMOTE_ONLY, "DBA", "On-site in Albany, NY.", MISFITS),
    (REMOTE_ONLY, "DBA", "Hybrid in Albany, NY.", MISFITS),
    # to be moved to
    (TROY, "DBA", "You must relocate to Tulsa, OK.", MISFITS),
    (STAYS, "DBA", "You must relocate to Boston, MA.", MISFITS),
    (TROY, "DBA", "You must relocate to Boston, MA.", FITS),
    # a place that is not the pitched one
    (TROY, "DBA", "Our head office is in Chicago, IL. The job is in Schenectady, NY.", FITS),
    (TROY, "DBA", "Our head office is in Albany, NY. The job is in Chicago, IL.", MISFITS),
    # a whole country or state says nothing about the commute
    (STAYS, "DBA", "The job is in New York State.", UNKNOWN),
    (STAYS, "DBA", "The job is in Germany.", MISFITS),
    # nothing said by the pitch, or by the reader
    (TROY, "DBA", "Are you interested?", UNKNOWN),
    (NO_PROFILE, "DBA - Irvine, CA", "Location: Irvine, CA", UNKNOWN),
    (NO_PROFILE, "DBA", "This position is 100% remote.", UNKNOWN),
    # German
    (MUNICH, "Softwareentwickler", "Standort: Garching bei München", FITS),
    (MUNICH, "Softwareentwickler", "Standort: Hamburg", MISFITS),
    (MUNICH, "Softwareentwickler", "Einsatzort: Wien", FITS),
    (MUNICH, "Softwareentwickler in Berlin", "Unser Kunde in Berlin sucht.", FITS),
    (MUNICH._replace(relocate=()), "Softwareentwickler in Berlin", "Unser Kunde in Berlin sucht.", MISFITS),
    (MUNICH, "Softwareentwickler", "Das Büro ist in Stuttgart, zwei Tage pro Woche vor Ort.", MISFITS),
    # French
    (LYON, "Data Scientist", "Poste basé à Villeurbanne", FITS),
    (LYON, "Data Scientist", "Poste à La Défense, Paris", MISFITS),
    (LYON, "Data Scientist", "Poste en télétravail complet.", FITS),
    (LYON._replace(remote=Remote.NO), "Data Scientist", "Poste en télétravail complet.", MISFITS),
    (LYON, "Data Scientist", "Le poste est à Brest, télétravail un jour par semaine.", MISFITS),
    (LYON, "Data Scientist", "Le poste est à Brest, le télétravail ne marche pas.", MISFITS),
    (LYON, "Data Scientist", "Die Stelle ist in Bern, zwei Tage Homeoffice.", MISFITS),
    (
        LYON,
        "Data Scientist",
        "It is remote, but you need to live in the UK and come to Hull every other week.",
        MISFITS,
    ),
    (TROY, "Accountant", "We are hiring for our corporate accounting team in Charlotte, NC.", MISFITS),
    (LYON, "Nurse", "I recruit critical care staff for University Hospital Corrib in Galway.", MISFITS),
    (TROY, "DBA", "A DBA for Troy, NY. We have teams in Austin and Berlin too.", FITS),
    # Spanish
    (VALENCIA, "Desarrollador", "Puesto presencial en Valencia", FITS),
    (VALENCIA, "Desarrollador", "Oferta en Madrid, presencial", MISFITS),
    (VALENCIA, "Desarrollador", "Puesto 100% remoto.", MISFITS),
    (VALENCIA._replace(remote=Remote.YES), "Desarrollador", "Puesto 100% remoto.", FITS),
]


@pytest.mark.parametrize(("profile", "subject", "text", "fit"), PLACES)
def test_a_place(profile: Profile, subject: str, text: str, fit: Fit) -> None:
    assert pitched(subject, text, profile).place.fit is fit


def test_a_place_out_of_reach_is_named_with_its_distance() -> None:
    why = pitched("DBA - Irvine, CA", "Location: Irvine, CA", TROY).place.why
    assert why.startswith("Irvine, CA, 3,9")
    assert why.endswith(" km from home")


# --- role --------------------------------------------------------------------------------------------------

WRITER = Profile(
    titles=("technical writer", "database administrator"),
    skills=("SQL Server", "documentation"),
    unwanted=("Java", "desktop support"),
)
EMBEDDED = Profile(
    titles=("embedded software engineer", "Softwareentwickler Embedded"),
    skills=("C++", "Rust"),
    unwanted=("SAP", "Projektleiter"),
)
SCIENTIST = Profile(titles=("data scientist", "ingénieure NLP"), skills=("PyTorch",), unwanted=("chef de projet",))
FRONT_END = Profile(titles=("desarrollador front-end",), skills=("React",), unwanted=("Angular", "PHP"))

ROLES = [
    (WRITER, "Technical Writer needed", "", FITS, "technical writer"),
    (WRITER, "Senior Technical Writers", "", FITS, "technical writer"),
    (WRITER, "Opportunity", "Role: SQL Server DBA", FITS, None),
    (WRITER, "Java Developer", "", MISFITS, "Java"),
    (WRITER, "Opportunity", "Role: Desktop Support Technician", MISFITS, "desktop support"),
    (WRITER, "JavaScript Developer", "", OTHER, "javascript developer"),
    (WRITER, "Registered Nurse", "", OTHER, "registered nurse"),
    (WRITER, "Hello", "How are you?", UNKNOWN, ""),
    (NO_PROFILE, "Java Developer", "", UNKNOWN, ""),
    (Profile(unwanted=("Java",)), "Registered Nurse", "", UNKNOWN, ""),
    (EMBEDDED, "Embedded Software Engineer (m/w/d)", "", FITS, "embedded software engineer"),
    (EMBEDDED, "C++ Entwickler", "", FITS, "C++"),
    (EMBEDDED, "Senior Rust Developer", "", FITS, "Rust"),
    (EMBEDDED, "Softwareentwickler Embedded Linux", "", FITS, "Softwareentwickler Embedded"),
    (EMBEDDED, "Projektleiter SAP", "", MISFITS, None),
    (SCIENTIST, "Data Scientist H/F", "", FITS, "data scientist"),
    (SCIENTIST, "Chef de projet", "", MISFITS, "chef de projet"),
    (FRONT_END, "Desarrollador front-end", "", FITS, "desarrollador front-end"),
    (FRONT_END, "Desarrollador PHP", "", MISFITS, "PHP"),
]


@pytest.mark.parametrize(("profile", "subject", "text", "fit", "why"), ROLES)
def test_a_role(profile: Profile, subject: str, text: str, fit: Fit, why: str | None) -> None:
    """`why` is the profile's own word for it; None where it has several."""
    found = pitched(subject, text, profile).role
    assert found.fit is fit
    if why is not None:
        assert found.why == why


# --- pay and contract --------------------------------------------------------------------------------------


def floors(*stated: str) -> Profile:
    found = (pay.parse(s) for s in stated)
    return Profile(floor=tuple(f for f in found if f is not None))


PAY = [
    (floors("95000 USD/year"), "It pays $80k-$90k.", MISFITS),
    (floors("95000 USD/year"), "It pays $80k-$100k.", FITS),
    (floors("95000 USD/year", "60 USD/hour"), "It pays $55/hr.", MISFITS),
    (floors("95000 USD/year", "50 USD/hour"), "It pays $55/hr.", FITS),
    (floors("95000 USD/year", "60 USD/hour"), "$55/hr on contract or $120k as an employee.", FITS),
    (floors("80000 EUR/year"), "Gehalt: 70.000 € im Jahr", MISFITS),
    (floors("80000 EUR/year"), "Gehalt: 85.000 € im Jahr", FITS),
    (floors("450 EUR/day"), "TJM 400€", MISFITS),
    (floors("450 EUR/day"), "TJM 500€", FITS),
    (floors("45000 EUR/year"), "Salario: 36.000 € brutos anuales", MISFITS),
    (floors("2500000 INR/year"), "CTC up to 18 LPA", MISFITS),
    (floors("2500000 INR/year"), "CTC up to 30 LPA", FITS),
    (floors("95000 USD/year"), "No pay is said.", UNKNOWN),
    (NO_PROFILE, "It pays $80k.", UNKNOWN),
]


@pytest.mark.parametrize(("profile", "text", "fit"), PAY)
def test_pay(profile: Profile, text: str, fit: Fit) -> None:
    assert pitched("An opening", text, profile).pay.fit is fit


EMPLOYEE = Profile(contract=frozenset({Contract.PERMANENT}))
FREELANCER = Profile(contract=frozenset({Contract.FREELANCE, Contract.CONTRACT}))

CONTRACTS = [
    (EMPLOYEE, "A permanent position.", FITS),
    (EMPLOYEE, "A 12 months contract on W2.", MISFITS),
    (FREELANCER, "A 12 months contract on W2.", FITS),
    (EMPLOYEE, "Unbefristete Festanstellung", FITS),
    (FREELANCER, "Unbefristete Festanstellung", MISFITS),
    (EMPLOYEE, "CDI à pourvoir", FITS),
    (EMPLOYEE, "Freelance, TJM 500", MISFITS),
    (FREELANCER, "Freelance, TJM 500", FITS),
    (EMPLOYEE, "Contrato indefinido", FITS),
    (EMPLOYEE, "Are you interested?", UNKNOWN),
    (NO_PROFILE, "A permanent position.", UNKNOWN),
]


@pytest.mark.parametrize(("profile", "text", "fit"), CONTRACTS)
def test_a_contract(profile: Profile, text: str, fit: Fit) -> None:
    assert pitched("An opening", text, profile).contract.fit is fit
