"""Names, words and bytes of the place file: from rows to the sections that spamrec.gazetteer reads."""

from __future__ import annotations

import re
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from math import cos, radians, sqrt
from operator import and_
from typing import Any
from zlib import crc32

from spamrec.gazetteer import (
    CODE,
    CONTEXT,
    HEADER,
    KINDS,
    MAGIC,
    NAME,
    PLACE,
    POSTAL,
    POSTAL_SCALE,
    SMALL,
    SMALL_TOWN,
    UPPER,
    WORD,
    Kind,
    fold,
    standing,
)

BUCKETS = 1 << 15
BIG_CITY = 500_000  # people; above this a dictionary word is taken for the city
TOWN_AT_HOME = 75_000  # people; in a country of ours, from here on such a word needs no more than "in" before it
NAME_LOCALES = ("en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT")
POSTAL_DIGITS = {"US": 5, "GB": 4, "CA": 3, "DE": 5, "AT": 4, "CH": 4, "NL": 4, "AU": 4, "FR": 5, "IE": 3, "IN": 3}
NOT_LETTERS = re.compile(r"[\W\d_]+")


@dataclass(slots=True)
class Row:
    """One place to be written and all its names."""

    name: str
    kind: Kind
    region: str
    country: str
    latitude: float
    longitude: float
    radius: int
    population: int
    names: list[tuple[str, int]] = field(default_factory=list)

    @property
    def american_hamlet(self) -> bool:
        return self.country == "US" and self.kind is Kind.CITY and self.population < SMALL_TOWN

    @property
    def village(self) -> bool:
        return self.kind is Kind.CITY and self.population < SMALL_TOWN

    @property
    def weight(self) -> float:
        return standing(self.kind, self.country, self.population)

    @property
    def order(self) -> tuple[Any, ...]:
        return (KINDS.index(self.kind), self.country, self.region, self.name, -self.population, self.latitude)


UMLAUTS = {ord(plain): spelt for plain, spelt in zip("äöüÄÖÜ", ("ae", "oe", "ue", "Ae", "Oe", "Ue"), strict=True)}


def key_of(name: str) -> str:
    """The folded name, its words joined by one space."""
    return " ".join(fold(word) for word in NOT_LETTERS.sub(" ", name).split())


def keys_of(name: str) -> Iterator[str]:
    """The name's key, and with German vowels spelt out."""
    yield key_of(name)
    spelt = name.translate(UMLAUTS)
    if spelt != name:
        yield key_of(spelt)


def flat_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance on a plane laid through a; near enough for extents."""
    east = ((b[1] - a[1] + 180) % 360 - 180) * cos(radians((a[0] + b[0]) / 2))
    return 111.2 * sqrt((b[0] - a[0]) ** 2 + east**2)


def extent(points: list[tuple[float, float]]) -> tuple[float, float, int]:
    """Mean position and the distance that nine in ten of the points keep from it, kilometres."""
    latitude = sum(p[0] for p in points) / len(points)
    longitude = sum(p[1] for p in points) / len(points)
    far = sorted(flat_km((latitude, longitude), p) for p in points)
    return round(latitude, 4), round(longitude, 4), round(far[int(len(far) * 0.9)])


class Words:
    """Tells which names are ordinary words or people's names."""

    def __init__(self, written: dict[str, Any]) -> None:
        english = import_module("english_words").get_english_words_set(["web2"])
        self.words = {word for word in english if word.islower()}
        self.more_words, self.more_names, self.plain = (
            {fold(word) for word in written[part].split()} for part in ("words", "names", "plain")
        )
        self.firms = {fold(word) for word in written["firms"].split()}
        self.doubtful_short = set(written["doubtful_short"].split())
        self.homes = set(written["homes"].split())
        self.people: set[str] = set()
        for locale in NAME_LOCALES:
            provider = import_module(f"faker.providers.person.{locale}").Provider
            for names in (provider.first_names, provider.last_names):
                self.people |= {key_of(name) for name in names}

    def flags(self, key: str, rows: list[Row]) -> int:
        """WORD and NAME for a key, by the places that bear it."""
        if key in self.more_words:
            return WORD
        if key in self.more_names:
            return NAME
        towns = all(row.kind in (Kind.CITY, Kind.REGION) for row in rows)
        if key in self.plain or " " in key or not towns:
            return 0
        largest = max((row.population for row in rows if row.kind is Kind.CITY), default=0)
        known = largest >= BIG_CITY or any(row.country in self.homes for row in rows)
        at_home = max((row.population for row in rows if row.country in self.homes), default=0)
        if len(key) <= 2 or (key in self.words and largest < BIG_CITY and at_home < TOWN_AT_HOME):
            return WORD
        short = len(key) <= 4 and largest < BIG_CITY and all(row.country in self.doubtful_short for row in rows)
        return NAME if key in self.people or key in self.words or short or not known else 0


def spelt_in_capitals(name: str) -> bool:
    """True for "UK", "U.S." and "EMEA": such a name in small letters is something else."""
    letters = NOT_LETTERS.sub("", name)
    return len(letters) <= 6 and letters.isupper() and letters.isascii()


def name_table(rows: list[Row], words: Words) -> dict[str, tuple[int, int, list[int]]]:
    """Key → (flags, words in the longest name beginning so, numbers of the places)."""
    borne: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, row in enumerate(rows):
        seen = set()
        for name, flags in row.names:
            capitals = UPPER if spelt_in_capitals(name) else 0
            for key in keys_of(name):
                if len(key) > 1 and key not in seen and (len(key) > 2 or capitals):
                    seen.add(key)
                    borne[key].append((number, flags | capitals))
    table = {}
    for key, found in borne.items():
        if key in words.firms:
            continue
        if any(marked & (UPPER | CONTEXT) for _, marked in found):  # "CEE" is no village in Spain, "Gulf" none in Texas
            found = [pair for pair in found if pair[1] & (UPPER | CONTEXT) or not rows[pair[0]].village]
        # "LA" is a city's short name as well as a code: the name's marks count, unless all are codes.
        marks = [marked for _, marked in found]
        flags = reduce(and_, [marked for marked in marks if not marked & CODE] or marks)
        if not flags & UPPER:
            flags |= words.flags(key, [rows[number] for number, _ in found])
        if all(rows[number].american_hamlet for number, _ in found):
            flags |= SMALL
        numbers = sorted({number for number, _ in found}, key=lambda n: (-rows[n].weight, n))
        table[key] = (flags, 0, numbers)
    return with_longest(table)


def with_longest(table: dict[str, tuple[int, int, list[int]]]) -> dict[str, tuple[int, int, list[int]]]:
    """The table with, for each first word, how many words the longest name has."""
    longest: Counter[str] = Counter()
    for key in table:
        first = key.partition(" ")[0]
        longest[first] = max(longest[first], key.count(" ") + 1)
    for first, count in longest.items():
        flags, _, numbers = table.get(first, (0, 0, []))
        table[first] = (flags, count, numbers)
    return table


def base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        if not number:
            return digits


def pack_names(table: dict[str, tuple[int, int, list[int]]]) -> tuple[bytes, bytes]:
    """The index of bucket ends and the buckets, each line "key, flags, longest, numbers"."""
    buckets: list[list[str]] = [[] for _ in range(BUCKETS)]
    for key in sorted(table):
        flags, longest, numbers = table[key]
        line = f"{key}\t{flags}\t{longest}\t{','.join(map(base36, numbers))}\n"
        buckets[crc32(key.encode()) % BUCKETS].append(line)
    entries, offsets = bytearray(), [0]
    for bucket in buckets:
        entries += ("\n" + "".join(bucket)).encode() if bucket else b""
        offsets.append(len(entries))
    return struct.pack(f"<{len(offsets)}I", *offsets), bytes(entries)


class Strings:
    """Texts kept once each."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self._at: dict[str, int] = {}

    def add(self, text: str) -> int:
        if text not in self._at:
            self._at[text] = len(self.raw)
            encoded = text.encode()
            self.raw += struct.pack("<H", len(encoded)) + encoded
        return self._at[text]


def pack_places(rows: list[Row], strings: Strings) -> bytes:
    packed = bytearray()
    for row in rows:
        packed += PLACE.pack(
            strings.add(row.name),
            strings.add(row.region),
            round(row.latitude * 10_000),
            round(row.longitude * 10_000),
            row.population,
            row.radius,
            KINDS.index(row.kind),
            row.country.encode(),
        )
    return bytes(packed)


def pack_postal(postal_rows: Iterable[list[str]], rows: list[Row]) -> bytes:
    """Postal areas, sorted by country and code, each with its nearest town of 1,000 people or more."""
    grid: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    by_name: dict[tuple[str, str, str], int] = {}
    for number, row in enumerate(rows):
        if row.kind is Kind.CITY:
            grid[row.country, round(row.latitude), round(row.longitude)].append(number)
            by_name[row.country, row.region, key_of(row.name)] = number
    packed = bytearray()
    for (country, code), found in sorted(postal_areas(postal_rows).items()):
        latitude, longitude, _ = extent([(float(row[9]), float(row[10])) for row in found])
        town = by_name.get((country, found[0][4], key_of(found[0][2])))
        nearest = town if town is not None else nearest_town(country, latitude, longitude, grid, rows)
        if nearest is not None:
            place = round(latitude * POSTAL_SCALE), round(longitude * POSTAL_SCALE)
            packed += POSTAL.pack((country + code).encode(), *place, nearest)
    return bytes(packed)


def postal_areas(rows: Iterable[list[str]]) -> dict[tuple[str, str], list[list[str]]]:
    """The table's rows by country and code, cut to the length we keep."""
    areas: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for row in rows:
        country, code = row[0], row[1].split(" ")[0]
        if len(code) >= 2 and not (country == "FR" and not code.isdigit()):
            areas[country, code[: POSTAL_DIGITS[country]]].append(row)
    return areas


def nearest_town(
    country: str, latitude: float, longitude: float, grid: dict[tuple[str, int, int], list[int]], rows: list[Row]
) -> int | None:
    """The number of the nearest town in the same country within a degree or so."""
    around = [
        number
        for north in (-1, 0, 1)
        for east in (-1, 0, 1)
        for number in grid.get((country, round(latitude) + north, round(longitude) + east), ())
    ]
    here = (latitude, longitude)
    return min(around, key=lambda n: flat_km(here, (rows[n].latitude, rows[n].longitude)), default=None)


def pack(rows: list[Row], postal_rows: Iterable[list[str]], written: dict[str, Any]) -> bytes:
    """The whole file."""
    strings = Strings()
    index, entries = pack_names(name_table(rows, Words(written)))
    sections = [index, entries, pack_places(rows, strings), pack_postal(postal_rows, rows), bytes(strings.raw)]
    offsets = [HEADER.size]
    for section in sections:
        offsets.append(offsets[-1] + len(section))
    body = b"".join(sections)
    return HEADER.pack(MAGIC, BUCKETS, *offsets, crc32(body)) + body
