"""Every key of a profile is read, and what cannot be is refused by file, line and key with what to write instead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import profile
from spamrec.errors import ProfileError
from spamrec.pay import Pay, Period
from spamrec.profile import NO_PROFILE, Contract, Profile, Remote

WHOLE = """\
name = "Ray Kim"                     # how people greet the reader
aliases = ["Raymond"]
emails = ["Ray.Kim@example.org"]

[location]
home = "Troy, NY"
commute_km = 45
relocate = ["Boston, MA", "Canada"]
remote = "yes"

[work]
titles = ["technical writer", "database administrator"]
skills = ["SQL Server", "documentation"]
unwanted = ["Java", "desktop support"]
contract = ["permanent", "freelance"]
floor = ["95000 USD/year", "60 USD/hour"]

[mode]
looking = true
until = 2027-03-31

[people]
known = ["Jane@firm.example", "@goodrecruiters.example"]
never = ["@sharkstaffing.example"]
groups = ["SQL Saturday", "PASS"]
acquaintances = ["James Serra"]
"""


def load(folder: Path, text: str) -> Profile:
    path = folder / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return profile.load(path)


def refused(folder: Path, text: str) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        load(folder, text)
    assert str(caught.value).startswith(str(folder / "profile.toml"))
    return caught.value


# --- what is stated ----------------------------------------------------------------------------------------


def test_every_key_of_the_design_is_read(tmp_path: Path) -> None:
    found = load(tmp_path, WHOLE)
    assert found.home is not None
    assert (found.home.name, found.home.region, found.home.country) == ("Troy", "NY", "US")
    assert found.relocate is not None
    assert [place.country for place in found.relocate] == ["US", "CA"]
    assert found == Profile(
        name="Ray Kim",
        aliases=("Raymond",),
        emails=("ray.kim@example.org",),
        home=found.home,
        commute_km=45.0,
        relocate=found.relocate,
        remote=Remote.YES,
        titles=("technical writer", "database administrator"),
        skills=("SQL Server", "documentation"),
        unwanted=("Java", "desktop support"),
        contract=frozenset({Contract.PERMANENT, Contract.FREELANCE}),
        floor=(Pay(95_000, 95_000, "USD", Period.YEAR), Pay(60, 60, "USD", Period.HOUR)),
        looking=True,
        until=date(2027, 3, 31),
        known=("jane@firm.example", "@goodrecruiters.example"),
        never=("@sharkstaffing.example",),
        groups=("SQL Saturday", "PASS"),
        acquaintances=("James Serra",),
    )
    assert found.states_place
    assert found.states_role


def test_every_key_is_optional(tmp_path: Path) -> None:
    assert load(tmp_path, "") == NO_PROFILE
    lines = [line for line in WHOLE.splitlines() if " = " in line]
    for line in lines:
        section = next((s for s, keys in SECTIONS.items() if line.split()[0] in keys), "")
        alone = load(tmp_path, f"[{section}]\n{line}" if section else line)
        assert alone != NO_PROFILE, line
    assert not NO_PROFILE.states_place
    assert not NO_PROFILE.states_role


SECTIONS = {
    "location": ("home", "commute_km", "relocate", "remote"),
    "work": ("titles", "skills", "unwanted", "contract", "floor"),
    "mode": ("looking", "until"),
    "people": ("known", "never", "groups", "acquaintances"),
}


@pytest.mark.parametrize(
    ("text", "relocate", "anywhere"),
    [
        ("[location]\nhome = 'Troy, NY'", None, False),
        ("[location]\nrelocate = []", (), False),
        ("[location]\nrelocate = ['anywhere']", (), True),
    ],
)
def test_nowhere_anywhere_and_not_stated_are_three_things(
    tmp_path: Path, text: str, relocate: tuple[()] | None, anywhere: bool
) -> None:
    found = load(tmp_path, text)
    assert (found.relocate, found.relocate_anywhere) == (relocate, anywhere)


@pytest.mark.parametrize(("value", "meant"), [('"no"', "no"), ('"only"', "only"), ("true", "yes"), ("false", "no")])
def test_remote_is_said_in_words_or_as_a_switch(tmp_path: Path, value: str, meant: str) -> None:
    assert load(tmp_path, f"[location]\nremote = {value}").remote == meant


def test_looking_ends_after_its_last_day() -> None:
    hunting = Profile(looking=True, until=date(2027, 3, 31))
    assert hunting.looking_on(date(2027, 3, 31)) is True
    assert hunting.looking_on(date(2027, 4, 1)) is False
    assert Profile(looking=False, until=date(2027, 3, 31)).looking_on(date(2026, 1, 1)) is False
    assert Profile(looking=True).looking_on(date(2099, 1, 1)) is True
    assert NO_PROFILE.looking_on(date(2026, 1, 1)) is None


def test_every_profile_of_the_corpus_loads(data: Path) -> None:
    paths = sorted(data.glob("*/profile.toml"))
    assert len(paths) >= 12
    for path in paths:
        assert profile.load(path).emails


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "line", "told"),
    [
        ('nmae = "Ray"', "nmae", 1, "unknown key; did you mean name?"),
        ('name = "Ray"\n\n[location]\n# home\nhom = "Troy"', "location.hom", 5, "did you mean home?"),
        ('[location]\nhome = "Troy, NY"\n[work]\nskill = ["SQL"]', "work.skill", 4, "did you mean skills?"),
        ("[work]\nlooking = true", "work.looking", 2, "unknown key"),
        ("[locations]\n", "locations", 1, "unknown key"),
        ("xyzzy = 1", "xyzzy", 1, "(known: aliases, emails, name"),
        ('[people]\n"never" = ["@x.example"]\n"nevr" = []', "people.nevr", 3, "did you mean never?"),
        ("home = 'Troy'", "home", 1, "unknown key"),
    ],
)
def test_an_unknown_key_is_named_with_its_line(tmp_path: Path, text: str, key: str, line: int, told: str) -> None:
    error = refused(tmp_path, text)
    assert (error.key, error.line) == (key, line)
    assert told in str(error)
    assert f":{line}: {key}: " in str(error)


IMPOSSIBLE = {
    'name = ["Ray"]': "must be a text in quotes",
    "name = 7": "must be a text in quotes",
    'aliases = "Raymond"': "must be a list of texts",
    "aliases = [1]": "must be a list of texts",
    'emails = ["ray.kim"]': "'ray.kim' is no mail address",
    'emails = ["@example.org"]': "'@example.org' is no mail address",
    'emails = ["a b@example.org"]': "is no mail address",
    'location = "Troy"': "is a section: write it as [location]",
    "location.home = 12180": "must be a text in quotes",
    'location.home = "Xyzzytown"': "'Xyzzytown' is no place we know",
    "location.commute_km = -1": "must be a distance in kilometres, 0 to 1000",
    "location.commute_km = 1001": "must be a distance",
    "location.commute_km = nan": "must be a distance",
    "location.commute_km = inf": "must be a distance",
    "location.commute_km = true": "must be a distance",
    'location.commute_km = "60"': "must be a distance",
    'location.relocate = "Boston"': "must be a list of texts",
    'location.relocate = ["Boston, MA", "Xyzzytown"]': "'Xyzzytown' is no place we know",
    'location.remote = "maybe"': 'must be "yes", "no" or "only"',
    "location.remote = 1": 'must be "yes", "no" or "only"',
    'location.remote = ["yes"]': 'must be "yes", "no" or "only"',
    'work.titles = "writer"': "must be a list of texts",
    "work.skills = [true]": "must be a list of texts",
    'work.unwanted = {a = "b"}': "must be a list of texts",
    'work.contract = ["c2c"]': "'c2c' is not one of permanent, contract, temporary, freelance",
    'work.floor = ["a lot"]': "'a lot' is no pay",
    'work.floor = ["95000"]': 'write it as "95000 USD/year"',
    'work.floor = ["95000 XYZ/year"]': "is no pay",
    "work.floor = [95000]": "must be a list of texts",
    'mode.looking = "yes"': "must be true or false",
    "mode.looking = 1": "must be true or false",
    'mode.until = "2027-03-31"': "must be a date, as 2027-03-31 (without quotes)",
    "mode.until = 2027-03-31T10:00:00": "must be a date",
    'people.known = ["Jane"]': "'Jane' is no mail address, nor an @domain",
    'people.never = ["shark.example"]': "nor an @domain",
    "people.groups = [1]": "must be a list of texts",
    'people.acquaintances = "James"': "must be a list of texts",
}


@pytest.mark.parametrize("line", IMPOSSIBLE)
def test_an_impossible_value_is_named(tmp_path: Path, line: str) -> None:
    key = line.split(" = ")[0]
    error = refused(tmp_path, line)
    assert error.key == key
    assert IMPOSSIBLE[line] in str(error)


@pytest.mark.parametrize("line", [line for line in IMPOSSIBLE if "." in line.split(" = ")[0]])
def test_the_line_of_a_value_in_its_section_is_named(tmp_path: Path, line: str) -> None:
    section, _, rest = line.partition(".")
    error = refused(tmp_path, f'name = "Ray"\n\n[{section}]\n# remark\n{rest}\n')
    assert error.line == 5


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"name = Ray", "is not TOML"),
        (b'name = "Ray"\nname = "Kim"', "is not TOML"),
        (b"[location\nhome", "is not TOML"),
        (b"\xff\xfe", "cannot be read"),
        (b'name = "Ray\x00"', "is not TOML"),
    ],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, raw: bytes, told: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_bytes(raw)
    with pytest.raises(ProfileError, match=told):
        profile.load(path)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="spamrec init"):
        profile.load(tmp_path / "none.toml")
    with pytest.raises(ProfileError, match="cannot be read"):
        profile.load(tmp_path)


@given(st.text(max_size=80))
def test_any_text_is_a_profile_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        profile.load(path)
    except ProfileError as error:
        assert error.path == str(path)  # noqa: PT017 - either outcome is right


def test_a_control_character_in_a_value_is_not_written_on_the_terminal(tmp_path: Path) -> None:
    error = refused(tmp_path, '[location]\nhome = "\\u001b[31mTroy\\u0007"')
    assert str(error).isprintable()


def test_a_control_character_in_a_key_is_not_written_on_the_terminal(tmp_path: Path) -> None:
    assert str(refused(tmp_path, '"\\u001b[31mname" = "Ray"')).isprintable()


def test_a_deeply_nested_file_is_refused(tmp_path: Path) -> None:
    assert "TOML" in str(refused(tmp_path, "a = " + "[" * 10_000))
