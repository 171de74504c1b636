"""What the gazetteer promises: which names are places, which place is meant, and how far apart they are."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import gazetteer
from spamrec.errors import SpamrecError
from spamrec.places import Kind, Place, contains, distance_km, find, resolve

ROOT = Path(__file__).parents[1]


def place(text: str) -> Place:
    """The place a user states; fails the test if there is none."""
    found = resolve(text)
    assert found is not None, text
    return found


def label(found: Place) -> str:
    """A place as the tables below write it: "Irvine US-CA", "Germany DE", "DACH"."""
    code = "-".join(part for part in (found.country, found.region) if part)
    return f"{found.name} {code}".strip()


# Text, then the places it names in order, separated by "; ".
NAMED = [
    # A region or country behind the name decides, however ordinary the name.
    ("Paris, TX", "Paris US-TX"),
    ("Paris, Texas", "Paris US-TX"),
    ("Reading, PA", "Reading US-PA"),
    ("Reading, UK", "Reading GB-ENG"),
    ("Reading, Berkshire", "Reading GB-ENG"),
    ("Mobile, AL", "Mobile US-AL"),
    ("Cary, NC", "Cary US-NC"),
    ("Remote, OR", "Remote US-OR"),
    ("Nice, France", "Nice FR-PAC"),
    ("Orange, CA", "Orange US-CA"),
    ("Sandy, UT", "Sandy US-UT"),
    ("Bath, England", "Bath GB-ENG"),
    ("Spring, TX", "Spring US-TX"),
    ("Split, Croatia", "Split HR-Split-Dalmatia"),
    ("Best, Netherlands", "Best NL-North Brabant"),
    ("Washington DC", "Washington US-DC"),
    ("Washington, D.C.", "Washington US-DC"),
    ("New York, NY", "New York City US-NY"),
    ("Kansas City, MO", "Kansas City US-MO"),
    ("St. Louis, MO", "St. Louis US-MO"),
    ("Winston-Salem, NC", "Winston-Salem US-NC"),
    ("London, Ontario", "London CA-ON"),
    ("Ontario, CA", "Ontario US-CA"),
    ("Toronto, ON, Canada", "Toronto CA-ON"),
    ("Calgary, AB", "Calgary CA-AB"),
    ("Berlin, DE", "Berlin DE-BE"),
    ("Pune, Maharashtra, India", "Pune IN-MH"),
    ("Atlanta, Georgia", "Atlanta US-GA"),
    ("Tbilisi, Georgia", "Tbilisi GE"),
    ("Indiana, PA", "Indiana US-PA"),
    # Without a comma, in capitals, with a postal code.
    ("Urgent need: Salesforce developer @ Irvine CA (direct client)", "Irvine US-CA"),
    ("@ Irvine, CA", "Irvine US-CA"),
    ("JAVA LEAD - IRVINE, CA", "Irvine US-CA"),
    ("Location: Springfield MA", "Springfield US-MA"),
    ("100 Main Street, Hoboken, NJ 07030", "Hoboken US-NJ"),
    ("Suite 1, Chantilly, VA 20151, USA", "Chantilly US-VA"),
    ("Portland OR Seattle", "Portland US-OR; Seattle US-WA"),
    ("Dallas OR Austin", "Dallas US-TX; Austin US-TX"),
    ("Jackson Mississippi", "Jackson US-MS"),
    ("USA-TX-Austin", "Austin US-TX"),
    ("Location: Hungary, Budapest", "Budapest HU-Budapest"),
    # Fields, small letters too.
    ("location: pune", "Pune IN-MH"),
    ("Location: Bangalore/Noida/Hyderabad", "Bengaluru IN-KA; Noida IN-UP; Hyderabad IN-TG"),
    ("Location: DC", "District of Columbia US-DC"),
    ("city: troy, ny", "Troy US-NY"),
    ("a java developer in irvine, ca or salt lake city, ut", "Irvine US-CA; Salt Lake City US-UT"),
    ("thanks, ca va", ""),
    ("Job Location: Reading", "Reading GB-ENG"),
    ("Standort: Walldorf", "Walldorf DE-BW"),
    # Prepositions in five languages.
    ("We are based in Charlotte and hire in Austin.", "Charlotte US-NC; Austin US-TX"),
    ("Our client in Paris is growing", "Paris FR-IDF"),
    ("Must relocate to Jackson, no exceptions", "Jackson US-MS"),
    ("ein Team in München oder Köln", "Munich DE-BY; Köln DE-NW"),
    ("Arbeitsort Nürnberg, ab sofort", "Nuremberg DE-BY"),
    ("in Muenchen und Zuerich", "Munich DE-BY; Zürich CH-ZH"),
    ("bei unserem Kunden in Wien", "Vienna AT-Wien"),
    ("poste à Lyon ou en Île-de-France", "Lyon FR-ARA; Île-de-France FR-IDF"),
    ("un CDI à Genève", "Geneva CH-GE"),
    ("puesto en Málaga o en Sevilla", "Málaga ES-AN; Sevilla ES-AN"),
    ("oficinas en España y Portugal", "Spain ES; Portugal PT"),
    ("lavoro a tempo pieno, sede: Milano", "Milan IT-Lombardy"),
    # Set off as in subjects; lists share their context.
    ("Senior developer - London - hybrid", "London GB-ENG"),
    ("Java developer (Paris)", "Paris FR-IDF"),
    ("Openings: Charlotte, Dallas or Miami", "Charlotte US-NC; Dallas US-TX; Miami US-FL"),
    ("hybrid in NY/NJ", "New York US-NY; New Jersey US-NJ"),
    ("the Boston office", "Boston US-MA"),
    ("a London-based fintech", "London GB-ENG"),
    # Old, foreign and short names.
    ("in Bombay", "Mumbai IN-MH"),
    ("in NYC", "New York City US-NY"),
    ("hybrid in LA", "LA US-CA"),
    ("hybrid in SF", "SF US-CA"),
    ("Delhi NCR", "National Capital Region IN"),
    ("Saigon", "Ho Chi Minh City VN-Ho Chi Minh"),
    # Countries, areas, metros.
    ("UK, U.S. and UAE", "United Kingdom GB; United States US; United Arab Emirates AE"),
    ("remote (US)", "United States US"),
    ("Deutschland, Schweiz", "Germany DE; Switzerland CH"),
    ("anywhere in the EU or EMEA", "European Union; EMEA"),
    ("remote within DACH", "DACH"),
    ("the Bay Area", "San Francisco Bay Area US-CA"),
    ("GTA based", "Greater Toronto Area CA-ON"),
    ("im Ruhrgebiet", "Ruhrgebiet DE-NW"),
    ("local to Orange County", "Orange County US-CA"),
    ("in the Research Triangle", "Research Triangle US-NC"),
    ("in Georgia", "Georgia US-GA"),
    ("in Tamil Nadu", "Tamil Nadu IN-TN"),
    ("in Nordrhein-Westfalen", "North Rhine-Westphalia DE-NW"),
    # Towns and quarters, told by a preposition, marks on both sides, what stands behind, or a larger town beside.
    ("Dónde: Madrid, Burgos o Sevilla, en la oficina", "Madrid ES-MD; Burgos ES-CL; Sevilla ES-AN"),
    ("Des Moines, Sioux Falls, Brooklyn Park.", "Des Moines US-IA; Sioux Falls US-SD; Brooklyn Park US-MN"),
    ("Standort Garching bei München", "Garching DE-BY"),
    ("reliability engineer, Rockhampton", "Rockhampton AU-QLD"),
    ("at the Rockhampton plant", "Rockhampton AU-QLD"),
    ("a role at Kalgoorlie", "Kalgoorlie AU-WA"),
    ("Brisbane, Mackay or Kwinana", "Brisbane AU-QLD; Mackay AU-QLD; Kwinana AU-WA"),
    ("at our Apapa terminal", "Apapa NG-Lagos"),
    ("our Ikeja head office", "Ikeja NG-Lagos"),
    ("office in Westlands, Nairobi", "Westlands KE-Nairobi County; Nairobi KE-Nairobi County"),
    ("Location: Ras Laffan, Qatar", "Ras Laffan QA"),
    ("Geneva (Plan-les-Ouates)", "Geneva CH-GE; Plan-les-Ouates CH-GE"),
    ("unsere Zentrale in Frankfurt-Höchst", "Frankfurt am Main DE-HE"),
    ("München-Giesing, unbefristet", "Munich DE-BY"),
    ("Köln-Bonn", "Köln DE-NW; Bonn DE-NW"),
    ("trois jours à Sophia Antipolis ou à Limonest", "Sophia Antipolis FR-PAC; Limonest FR-ARA"),
    ("your move to St. John's", "St. John's CA-NL"),
    ("the interview is in Slough, the job in Saskatoon or Derby", "Slough GB-ENG; Saskatoon CA-SK; Derby GB-ENG"),
    ("you'd be 12 minutes from Troy", "Troy US-MI"),
    # Forms that other languages build.
    ("Az iroda Szegeden van", "Szeged HU-Csongrád"),
    ("Budapestre, Debrecenbe vagy Bécsbe", "Budapest HU-Budapest; Debrecen HU-Hajdú-Bihar; Vienna AT-Wien"),
    ("a budapesti irodánk", "Budapest HU-Budapest"),
    ("Budaörsi iroda, heti két nap", "Budaörs HU-Pest County"),
    ("Kovács Szegedi Péter és Győri Anna", ""),
    ("unser Münchner Büro, das Berliner Office", "Munich DE-BY; Berlin DE-BE"),
    ("Frau Berliner und Herr Wiener, Berliner Straße", ""),
    ("w Krakowie, we Wrocławiu", "Kraków PL-Lesser Poland; Wrocław PL-Lower Silesia"),
    ("en région lyonnaise, en IDF ou dans le 92", "Lyon FR-ARA; Île-de-France FR-IDF; 92000 FR-IDF"),
    ("des missions sur Lyon, en remoto desde Sevilla", "Lyon FR-ARA; Sevilla ES-AN"),
    ("une mission de trois mois dans le 3 mois", ""),
    # Firms called by a place, and what looks like one.
    ("Gulf Coast Distribution and Midwest Rail Supply are hiring", ""),
    ("Greetings from Gulf Petro, Columbia Paper and Atlanta Transit", ""),
    ("anywhere in the Gulf, in Al Ain too", "Gulf; Al Ain City AE-Abu Dhabi"),
    ("Channel Manager CEE, IFSC and LMS", "Central and Eastern Europe"),
    ("Stelle in Hamburg", "Hamburg DE-HH"),
    ("based at Garden Island in Sydney", "Garden Island AU-NSW"),
    (
        "two vacancies in Benue and Borno, a holiday in Tenerife",
        "Benue State NG-Benue State; Borno State NG-Borno State; Tenerife ES-CN",
    ),
    ("all along the Gulf Coast", "Gulf Coast"),
    ("Merewether Labs, Dell office, the Cisco campus", ""),
    ("Springfield, VA - on site, no relocation", "Springfield US-VA"),
    ("Ort: Madrid o en remoto, como prefieras", "Madrid ES-MD"),
    ("Booking PQ51RD, KS3 to A-level", ""),
    ("at the Guildford on Thursday", ""),
    # Ordinary words and people.
    ("Mobile developer, Java, Data, Most of Spring", ""),
    ("Remote or hybrid; Reading and Writing; Nice to have", ""),
    ("The Best of March. Same day. Sale. Of course.", ""),
    ("Hi Charlotte,\nthank you", ""),
    ("Dear Austin, hello Sydney! Regards,\nFlorence", ""),
    ("Jackson Jordan, Victoria Chester and Georgia Paris", ""),
    ("Chad will call you. Sydney too.", ""),
    ("Jack London wrote it", ""),
    ("TELL ME IF OK OR SAY HI, OH NO, CONTACT US NOW", ""),
    ("I work in IT, or with the HR team", ""),
    ("your CV and a CD-ROM for the AR/AP clerk", ""),
    ("427 B.C.", ""),
    ("from Mon to Fri", ""),
    ("H U S T L E", ""),
    # Firms and time zones.
    ("Bank of America", ""),
    ("Boston Consulting Group", ""),
    ("Philadelphia Insurance", ""),
    ("The Washington Post", ""),
    ("Texas Instruments", ""),
    ("New Relic", ""),
    ("an Indian firm, at Hays, at Nokia", ""),
    ("US Citizens and US$ 8 billion, non-US", ""),
    ("9 am EST, Eastern Time, America/New_York or Europe/Berlin", ""),
    ("mail jobs@london.example or see https://paris.example/Berlin", ""),
]


@pytest.mark.parametrize(("text", "expected"), NAMED, ids=[text for text, _ in NAMED])
def test_names_in_text(text: str, expected: str) -> None:
    """Exactly the places meant are found, each as the right one of its namesakes."""
    assert "; ".join(label(mention.place) for mention in find(text)) == expected


def test_a_mention_covers_region_and_postal_code() -> None:
    text = "Write to 1 River Street, Hoboken, NJ 07030 soon"
    (mention,) = find(text)
    assert mention.text == "Hoboken, NJ 07030" == text[mention.start : mention.end]
    assert mention.certain


def test_a_namesake_near_the_reader_is_preferred() -> None:
    maine, oregon = place("Bangor, ME"), place("Salem, OR")
    assert label(find("in Portland", near=maine)[0].place) == "Portland US-ME"
    assert label(find("in Portland", near=oregon)[0].place) == "Portland US-OR"
    assert label(find("in Cambridge", near=place("Boston"))[0].place) == "Cambridge US-MA"
    assert label(find("in Cambridge", near=place("London"))[0].place) == "Cambridge GB-ENG"


def test_a_village_near_the_reader_needs_no_state() -> None:
    text = "our office in Rensselaer by the station"
    assert not find(text)
    assert label(find(text, near=place("Troy, NY"))[0].place) == "Rensselaer US-NY"


def test_a_town_behind_at_is_a_firm_unless_in_the_readers_country() -> None:
    assert not find("Site Reliability at Marlow", near=place("Portland, OR"))
    assert label(find("Site Reliability at Marlow", near=place("Leeds"))[0].place) == "Marlow GB-ENG"


def test_a_region_beside_the_name_outweighs_the_reader() -> None:
    assert label(find("Portland, OR", near=place("Bangor, ME"))[0].place) == "Portland US-OR"


def test_other_places_in_the_text_decide_between_namesakes() -> None:
    assert label(find("a plant in Portland; all over Maine")[0].place) == "Portland US-ME"


def test_a_guess_among_namesakes_is_not_certain() -> None:
    assert not find("in Springfield")[0].certain
    assert find("in Springfield, MO")[0].certain


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Troy, NY", "Troy US-NY"),
        ("troy, ny", "Troy US-NY"),
        ("Canada", "Canada CA"),
        ("Bay Area", "San Francisco Bay Area US-CA"),
        ("bay area", "San Francisco Bay Area US-CA"),
        ("Netherlands", "The Netherlands NL"),
        ("10115 Berlin", "Berlin DE-BE"),
        ("12180", "12180 US-NY"),
        ("07030-1234", "07030 US-NJ"),
        ("D-10115", "10115 DE-BE"),
        ("SW1A 1AA", "SW1A GB-ENG"),
        ("M5V 2T6", "M5V CA-ON"),
        ("110001", "110 IN-DL"),
        ("1011 AB", "1011 NL-North Holland"),
        ("CH-8001", "8001 CH-ZH"),
        ("nyc", "New York City US-NY"),
        ("europe", "Europe"),
        ("Reading", "Reading GB-ENG"),
        ("Schaghticoke", "Schaghticoke US-NY"),
        ("TX", "Texas US-TX"),
        ("Île-de-France", "Île-de-France FR-IDF"),
    ],
)
def test_a_place_stated_in_a_profile_is_resolved(stated: str, expected: str) -> None:
    assert label(place(stated)) == expected


@pytest.mark.parametrize("stated", ["", "   ", "anywhere", "xyzzyville", "99999999", "!?"])
def test_what_is_no_place_resolves_to_none(stated: str) -> None:
    assert resolve(stated) is None


def test_distance_is_great_circle_between_cities() -> None:
    assert distance_km(place("Berlin, Germany"), place("Munich")) == pytest.approx(504, abs=5)
    assert distance_km(place("Troy, NY"), place("Irvine, CA")) == pytest.approx(3970, rel=0.02)
    assert distance_km(place("12180"), place("Troy, NY")) < 5


def test_distance_to_an_extent_is_to_its_edge_and_nought_inside() -> None:
    assert distance_km(place("Oakland, CA"), place("Bay Area")) == 0
    assert distance_km(place("Toronto"), place("Canada")) == 0
    assert 0 < distance_km(place("Sacramento, CA"), place("Bay Area")) < 100


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("Canada", "Toronto", True),
        ("Canada", "Detroit, MI", False),
        ("NY", "Troy, NY", True),
        ("NY", "Newark, NJ", False),
        ("NY", "12180", True),
        ("New England", "Boston", True),
        ("New England", "Maine", True),
        ("New England", "USA", False),
        ("Midwest", "Chicago", True),
        ("EU", "Germany", True),
        ("EU", "UK", False),
        ("EU", "Köln", True),
        ("Europe", "UK", True),
        ("DACH", "Zürich", True),
        ("EMEA", "Dubai", True),
        ("APAC", "Pune", True),
        ("LATAM", "São Paulo", True),
        ("Bay Area", "Oakland, CA", True),
        ("Bay Area", "Los Angeles", False),
        ("USA", "Bay Area", True),
        ("California", "Bay Area", True),
        ("Tri-State Area", "Hoboken, NJ", True),
        ("Boston", "Boston", True),
        ("Boston", "Massachusetts", False),
        ("UK", "Scotland", True),
        ("England", "Reading, UK", True),
    ],
)
def test_containment_goes_by_codes(outer: str, inner: str, expected: bool) -> None:
    assert contains(place(outer), place(inner)) is expected


@given(st.text(max_size=200))
def test_any_text_is_searched_without_error(text: str) -> None:
    for mention in find(text):
        assert text[mention.start : mention.end] == mention.text
        assert -90 <= mention.place.latitude <= 90
        assert -180 <= mention.place.longitude <= 180


@given(
    st.lists(
        st.sampled_from(
            [
                "Paris",
                "IN",
                "OR",
                ",",
                "TX",
                "Reading",
                "Mobile",
                "the",
                "in\nUS",
                "-",
                "/",
                "London",
                "07030",
                "St.",
                "Delhi",
                "NCR",
            ]
        )
    )
)
def test_mentions_are_ordered_and_apart(parts: list[str]) -> None:
    mentions = find(" ".join(parts))
    assert all(one.end <= other.start for one, other in pairwise(mentions))


def test_the_shipped_file_is_whole() -> None:
    gazetteer.gazetteer().verify()
    assert gazetteer.DATA_FILE.stat().st_size < 8_000_000


def test_every_record_of_the_file_can_be_read() -> None:
    names = gazetteer.Gazetteer()
    count = (names._postal_at - names._places_at) // gazetteer.PLACE.size
    assert count > 60_000
    assert {names.place(number).kind for number in range(count)} == set(Kind) - {Kind.POSTAL}


@pytest.mark.parametrize("keep", [0, 3, 40, 100_000])
def test_a_cut_file_is_refused_with_the_remedy(tmp_path: Path, keep: int) -> None:
    broken = tmp_path / "places.bin"
    broken.write_bytes(gazetteer.DATA_FILE.read_bytes()[:keep])
    with pytest.raises(SpamrecError, match=r"places\.bin.*reinstall"):
        gazetteer.Gazetteer(broken)


def test_a_missing_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SpamrecError, match="reinstall"):
        gazetteer.Gazetteer(tmp_path / "places.bin")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "places.bin"
    foreign.write_bytes(b"SQLite format 3\0" + bytes(1000))
    with pytest.raises(SpamrecError, match="not a gazetteer"):
        gazetteer.Gazetteer(foreign)


def test_a_changed_file_gives_named_errors_only(tmp_path: Path) -> None:
    """Bytes lost in the middle are found by verify, and a look-up there raises nothing but SpamrecError."""
    raw = bytearray(gazetteer.DATA_FILE.read_bytes())
    raw[5_000:-100] = b"\xff" * (len(raw) - 5_100)
    changed = tmp_path / "places.bin"
    changed.write_bytes(raw)
    names = gazetteer.Gazetteer(changed)
    with pytest.raises(SpamrecError, match="checksum"):
        names.verify()
    with pytest.raises(SpamrecError, match="reinstall"):
        names.place(12)


START = """
import re, struct, enum, dataclasses, functools, unicodedata, pathlib, zlib, typing, time
import spamrec.errors
first = time.perf_counter()
import json, email.parser, email.policy, html, ipaddress, sqlite3
middle = time.perf_counter()
from spamrec.gazetteer import Gazetteer
names = Gazetteer()
for key in "irvine boston london orange bank senior texas reading hoboken bangalore".split():
    entry = names.entry(key)
    for number in entry.ids if entry else ():
        names.place(number)
last = time.perf_counter()
print((last - middle) / (middle - first))
"""


def test_opening_and_looking_up_costs_little_at_start() -> None:
    """Less than loading the standard library's mail, JSON and SQLite modules in the same interpreter."""
    runs = [subprocess.run([sys.executable, "-c", START], capture_output=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 1


@pytest.mark.slow
def test_the_file_is_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    rebuilt = tmp_path / "places.bin"
    command = [sys.executable, str(ROOT / "tools" / "gazetteer.py"), "--output", str(rebuilt)]
    subprocess.run(command, check=True, capture_output=True)
    assert rebuilt.read_bytes() == gazetteer.DATA_FILE.read_bytes()
