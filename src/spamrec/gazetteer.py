"""The place records and the file that holds them: opened by memory map, one hash bucket read per name."""

from __future__ import annotations

import mmap
import re
import struct
import unicodedata
from enum import StrEnum
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from .errors import UnreadableInputError

DATA_FILE: Final = Path(__file__).with_name("data") / "places.bin"

# Why a hash table of our own: opened and asked for 200 names in a fresh interpreter it takes 0.65 ms, lines
# sorted for bisection 1.7 ms, SQLite 2.9 ms, JSON 59 ms (python tools/gazetteer_formats.py, median of nine).
MAGIC: Final = b"SPAMPLC1"
HEADER: Final = struct.Struct("<8s8I")  # magic, buckets, then the offset of each section, file length, CRC-32
PLACE: Final = struct.Struct("<IIiiIHB2s")  # name, region, 1e-4 degrees twice, people, kilometres, kind, country
POSTAL: Final = struct.Struct("<8shhI")  # country and code, latitude and longitude in 1/180 degree, place
POSTAL_SCALE: Final = 180
EARTH_RADIUS_KM: Final = 6371.0
SMALL_TOWN: Final = 15_000
MAX_CACHED_NAMES: Final = 200_000
# A region's or country's people count for less against a town of the same name, so that "New York" and
# "Zürich" are the cities, "Washington" is the state, and "Georgia" the American one.
REGION_SHARE: Final = 0.1
COUNTRY_SHARE: Final = 0.1
LEAST_STATE: Final = 100_000  # so that "Wyoming" and "Yukon" are not the towns of Michigan and Oklahoma
WIDE: Final = 300_000  # how a metro or area stands among its namesakes


class Kind(StrEnum):
    """What sort of place a record is."""

    CITY = "city"
    METRO = "metro"
    REGION = "region"
    COUNTRY = "country"
    AREA = "area"
    POSTAL = "postal"


KINDS: Final = tuple(Kind)

# What a name is besides a place. A bit set per name in the file.
WORD: Final = 1  # an ordinary word ("Reading"): needs its region beside it, or "based in" before it
NAME: Final = 2  # a person's or a firm's name ("Charlotte"): needs at least a preposition before it
UPPER: Final = 4  # written in capitals only ("UK", "NYC")
CODE: Final = 8  # the code of a region or country ("NJ", "DE"): says which town is meant
CONTEXT: Final = 16  # means other things as well ("LA", "DMV"): needs a preposition or a field
SMALL: Final = 32  # borne by small towns of the US alone: needs its state beside it
INFLECTED: Final = 64  # says "in", "to" or "from" by its ending ("Szegeden"), or belongs to a place ("budapesti")
LOWER: Final = 128  # written in small letters ("budapesti", "région lyonnaise")


class Place(NamedTuple):
    """Somewhere on Earth, from a continent down to a postal code."""

    name: str
    """As English usually has it ("Munich" or "Köln" as GeoNames prefers); a postal code for that kind."""
    kind: Kind
    """What sort of place; a county or district counts as metro."""
    region: str
    """First-level code ("NY", "BY", "ENG") or, where none is in use, its name; "" for wider places."""
    country: str
    """ISO 3166-1 code of two letters; "" for areas and for metros that cross a border."""
    latitude: float
    """Of the centre, degrees north, -90 to 90."""
    longitude: float
    """Of the centre, degrees east, -180 to 180."""
    radius_km: float
    """How far the place reaches from its centre; 0 for a city or postal code."""
    population: int
    """People in it; 0 where unknown."""
    covers: frozenset[str] = frozenset()
    """For areas and metros the countries ("DE") and regions ("US-NY") they reach into."""

    @property
    def small(self) -> bool:
        """True for a town too small to be recognised without its region."""
        return self.kind is Kind.CITY and self.population < SMALL_TOWN


def standing(kind: Kind, country: str, population: int) -> float:
    """The people that count when namesakes are ranked."""
    if kind in (Kind.METRO, Kind.AREA):
        return WIDE
    if kind is Kind.COUNTRY:
        return population * COUNTRY_SHARE
    if kind is Kind.REGION:
        return max(population * REGION_SHARE, LEAST_STATE if country in ("US", "CA", "AU") else 0)
    return population


class Entry(NamedTuple):
    """What the file holds under one folded name."""

    flags: int
    """WORD, NAME, UPPER, CODE, CONTEXT, SMALL, INFLECTED, LOWER."""
    longest: int
    """Words in the longest name that begins with this word; 0 for a name of several words."""
    ids: tuple[int, ...]
    """The places of that name, likeliest first; empty where only longer names begin so."""


_SYNONYMS: Final = {
    "saint": "st", "sainte": "st", "sankt": "st", "ft": "fort", "mt": "mount"
}  # fmt: skip
_LETTERS: Final = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d"})


@lru_cache(maxsize=MAX_CACHED_NAMES)
def fold(word: str) -> str:
    """Lower case without accents, with "saint" as "st": the form in which words are compared."""
    lower = word.lower()
    if not lower.isascii():
        apart = unicodedata.normalize("NFKD", lower.translate(_LETTERS))
        lower = "".join(c for c in apart if not unicodedata.combining(c))
    return _SYNONYMS.get(lower, lower)


class Gazetteer:
    """The data file, open for reading; shared by all threads, since nothing is written but caches."""

    def __init__(self, path: Path = DATA_FILE) -> None:
        """Raises UnreadableInputError for a file that is missing, cut short or of another format."""
        self._path = path
        try:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            header = HEADER.unpack_from(self._data)
        except (OSError, ValueError, struct.error) as error:
            raise self._damaged(str(error)) from error
        magic, self._buckets, *sections, self._length, self.digest = header
        self._index_at, self._entries_at, self._places_at, self._postal_at, self._strings_at = sections
        if magic != MAGIC:
            raise self._damaged("not a gazetteer of this version")
        if self._length != len(self._data):
            raise self._damaged(f"{len(self._data)} bytes where {self._length} belong")
        self._entries: dict[str, Entry | None] = {}
        self._places: dict[int, Place] = {}

    def _damaged(self, reason: str) -> UnreadableInputError:
        return UnreadableInputError(self._path, f"cannot read the place names ({reason}); reinstall spamrec")

    def verify(self) -> None:
        """Read the whole file and raise UnreadableInputError unless it is as it was built."""
        if crc32(self._data[HEADER.size :]) != self.digest:
            raise self._damaged("checksum differs")

    def entry(self, key: str) -> Entry | None:
        """What is known under a folded name ("st louis"), or None."""
        try:
            return self._entries[key]
        except KeyError:
            if len(self._entries) >= MAX_CACHED_NAMES:
                self._entries.clear()
            found = self._entries[key] = self._read_entry(key)
            return found

    def _read_entry(self, key: str) -> Entry | None:
        raw = key.encode()
        at = self._index_at + 4 * (crc32(raw) % self._buckets)
        try:
            start, end = struct.unpack_from("<2I", self._data, at)
            bucket = self._data[self._entries_at + start : self._entries_at + end]
            line = bucket.find(b"\n" + raw + b"\t")
            if line < 0:
                return None
            _, flags, longest, ids = bucket[line + 1 : bucket.index(b"\n", line + 1)].split(b"\t")
            return Entry(int(flags), int(longest), tuple(int(i, 36) for i in ids.split(b",") if i))
        except (struct.error, ValueError) as error:
            raise self._damaged(str(error)) from error

    def place(self, number: int) -> Place:
        """The record of that number."""
        found = self._places.get(number)
        if found is None:
            found = self._places[number] = self._read_place(number)
        return found

    def _read_place(self, number: int) -> Place:
        try:
            fields = PLACE.unpack_from(self._data, self._places_at + number * PLACE.size)
            name, region, latitude, longitude, population, radius, kind, country = fields
            reach = self._string(region)
            listed = KINDS[kind] in (Kind.AREA, Kind.METRO)
            covers = frozenset(reach.split()) if listed else frozenset()
            return Place(
                self._string(name),
                KINDS[kind],
                _only_region(covers) if listed else reach,
                country.decode().strip("\0"),
                latitude / 10_000,
                longitude / 10_000,
                radius,
                population,
                covers,
            )
        except (struct.error, ValueError, IndexError) as error:
            raise self._damaged(str(error)) from error

    def _string(self, offset: int) -> str:
        at = self._strings_at + offset
        (length,) = struct.unpack_from("<H", self._data, at)
        return self._data[at + 2 : at + 2 + length].decode()

    def postal(self, country: str, code: str) -> Place | None:
        """The area of a postal code: full in US, DE, FR, AT, CH, NL and AU; outward in GB and IE; the first
        three characters in CA and IN."""
        wanted = (country + code).encode().ljust(8, b"\0")
        low, high = 0, (self._strings_at - self._postal_at) // POSTAL.size
        while low < high:
            middle = (low + high) // 2
            key, latitude, longitude, city = POSTAL.unpack_from(self._data, self._postal_at + middle * POSTAL.size)
            if key == wanted:
                near = self.place(city)
                lat, lon = latitude / POSTAL_SCALE, longitude / POSTAL_SCALE
                return Place(code, Kind.POSTAL, near.region, country, lat, lon, 0, 0)
            if key < wanted:
                low = middle + 1
            else:
                high = middle
        return None


def _only_region(covers: frozenset[str]) -> str:
    """The region's code where all of a metro lies in one, else ""."""
    return next(iter(covers)).partition("-")[2] if len(covers) == 1 else ""


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The shipped gazetteer, opened once."""
    return Gazetteer()


_POSTAL_FORMS: Final = (
    (r"(?:US[- ])?(\d{5})(?:-\d{4})?", "US DE FR", 5),
    (r"(?:D|DE)[- ](\d{5})", "DE", 5),
    (r"(?:F|FR)[- ](\d{5})", "FR", 5),
    (r"(?:A|AT)[- ](\d{4})", "AT", 4),
    (r"CH[- ](\d{4})", "CH", 4),
    (r"(?:NL[- ])?(\d{4}) ?[A-Z]{2}", "NL", 4),
    (r"([A-Z]\d[A-Z])(?: ?\d[A-Z]\d)?", "CA", 3),
    (r"([A-Z]{1,2}\d[A-Z\d]?)(?: ?\d[A-Z]{2})?", "GB IE", 4),
    (r"(\d{3}) ?\d{3}", "IN", 3),
)  # compiled when a profile is read, not at every start


def postal_area(stated: str) -> Place | None:
    """The area of a text that is a postal code in capitals and nothing else, or None."""
    for form, countries, length in _POSTAL_FORMS:
        match = re.fullmatch(form, stated)
        for country in countries.split() if match else ():
            found = gazetteer().postal(country, match[1][:length]) if match else None
            if found is not None:
                return found
    return None


def centre_distance_km(a: Place, b: Place) -> float:
    """Great-circle distance between two centres, kilometres."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    half_lat = sin((lat_b - lat_a) / 2) ** 2
    half_lon = sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_lat + cos(lat_a) * cos(lat_b) * half_lon)))


def contains(outer: Place, inner: Place) -> bool:
    """True when inner lies wholly in outer, by country and region code where both have them.

    A metro has no border in the data: a town counts as in it within its radius, in one of its regions.
    """
    if outer == inner:
        return True
    if outer.kind is Kind.COUNTRY:
        return inner.kind is not Kind.COUNTRY and _all_in(inner, {outer.country})
    if outer.kind is Kind.REGION:
        return inner.kind is not Kind.COUNTRY and _all_in(inner, {f"{outer.country}-{outer.region}"})
    if outer.kind is Kind.AREA:
        return _all_in(inner, outer.covers)
    if outer.kind is Kind.METRO and inner.kind in (Kind.CITY, Kind.POSTAL, Kind.METRO):
        within = centre_distance_km(outer, inner) + inner.radius_km <= outer.radius_km
        return within and (not inner.region or _all_in(inner, outer.covers))
    return False


def _all_in(inner: Place, codes: frozenset[str] | set[str]) -> bool:
    """True when every country or region that inner reaches into is among the codes."""
    parts = inner.covers or {f"{inner.country}-{inner.region}" if inner.region else inner.country}
    return all(part in codes or part.partition("-")[0] in codes for part in parts)


def distance_km(a: Place, b: Place) -> float:
    """Great-circle kilometres between centres, less the radius of either; 0 when one contains the other."""
    if contains(a, b) or contains(b, a):
        return 0.0
    return max(0.0, centre_distance_km(a, b) - a.radius_km - b.radius_km)
