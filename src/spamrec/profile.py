"""What the reader has stated about place, work, mode and people: `profile.toml`, checked key by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from spamrec import pay
from spamrec.errors import ProfileError
from spamrec.gazetteer import Place
from spamrec.patterns import lazy
from spamrec.pay import Pay

DEFAULT_COMMUTE_KM = 60.0
"""How far a job may lie from home where the reader does not say."""
MAX_COMMUTE_KM = 1000.0


class Remote(StrEnum):
    """Whether the reader takes remote work."""

    YES = "yes"
    NO = "no"
    ONLY = "only"


class Contract(StrEnum):
    """Kinds of employment."""

    PERMANENT = "permanent"
    CONTRACT = "contract"
    TEMPORARY = "temporary"
    FREELANCE = "freelance"


class Profile(NamedTuple):
    """What one reader has stated; a profile without a key leaves the signals about it absent."""

    name: str = ""
    """How people greet the reader."""
    aliases: tuple[str, ...] = ()
    """Other names the reader goes by."""
    emails: tuple[str, ...] = ()
    """The reader's own addresses, lower case."""
    home: Place | None = None
    """Where the reader lives; None where it is not stated."""
    commute_km: float = DEFAULT_COMMUTE_KM
    """How far from home a job may lie, in kilometres."""
    relocate: tuple[Place, ...] | None = None
    """Where the reader would move; () nowhere, None not stated."""
    relocate_anywhere: bool = False
    """Whether the reader would move to any place."""
    remote: Remote | None = None
    """Whether the reader takes remote work; None not stated."""
    titles: tuple[str, ...] = ()
    """Job titles wanted."""
    skills: tuple[str, ...] = ()
    """Skills the reader wants to work with."""
    unwanted: tuple[str, ...] = ()
    """Titles or skills past or disliked."""
    contract: frozenset[Contract] = frozenset()
    """Kinds of employment wanted; empty: not stated."""
    floor: tuple[Pay, ...] = ()
    """The least pay that is worth a mail, by currency and period."""
    looking: bool | None = None
    """Whether the reader is looking for work; None not stated."""
    until: date | None = None
    """Last day on which `looking = true` holds; None: no end."""
    known: tuple[str, ...] = ()
    """Addresses, and `@domain`s, that the reader knows; lower case."""
    never: tuple[str, ...] = ()
    """Addresses, and `@domain`s, that the reader has barred; lower case."""
    groups: tuple[str, ...] = ()
    """User groups, events and lists the reader belongs to."""
    acquaintances: tuple[str, ...] = ()
    """People whose name opens a door."""
    servers: tuple[str, ...] = ()
    """Names under which the reader's own mail servers write Authentication-Results (RFC 8601); empty: not stated."""

    def looking_on(self, day: date) -> bool | None:
        """Whether the reader is looking on that day; None where no mode is stated."""
        if self.looking and self.until is not None and day > self.until:
            return False
        return self.looking

    @property
    def states_place(self) -> bool:
        """Whether a pitched place can be judged."""
        return self.home is not None or bool(self.relocate) or self.relocate_anywhere

    @property
    def states_role(self) -> bool:
        """Whether a pitched role can be judged."""
        return bool(self.titles or self.skills or self.unwanted)


NO_PROFILE = Profile()
"""The reader of whom nothing is known."""

ADDRESS = lazy(r"[^\s@<>,;]*@[^\s@<>,;]+")


def load(path: Path) -> Profile:
    """Read and check a profile; ProfileError names the key and the line at fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as e:
        raise ProfileError(path, "no such profile; `spamrec init` makes one") from e
    except (OSError, UnicodeDecodeError) as e:
        raise ProfileError(path, f"cannot be read: {e}") from e
    return parse(text, path)


def parse(text: str, path: Path) -> Profile:
    """Check the text of a profile; `path` stands in the ProfileError only."""
    import tomllib

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # ValueError for a number of thousands of digits too
        raise ProfileError(path, f"is not TOML: {e}") from e
    return _Reader(path, text).profile(table)


class _Reader:
    """Checks a parsed table key by key, remembering where it stood."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.fields: dict[str, Any] = {}

    def profile(self, table: Mapping[str, Any]) -> Profile:
        for key, value in table.items():
            if key in _SECTIONS:
                if not isinstance(value, Mapping):
                    self.fail(key, "is a section: write it as [" + key + "]")
                for inner, inner_value in value.items():
                    self.take(f"{key}.{inner}", inner_value, _SECTIONS[key], inner)
            else:
                self.take(key, value, _TOP, key)
        return Profile(**self.fields)

    def take(self, key: str, value: Any, known: Mapping[str, _Check], name: str) -> None:
        check = known.get(name)
        if check is None:
            self.fail(key, "unknown key" + _suggestion(name, known))
        self.fields.update(check(self, key, value))

    def fail(self, key: str, reason: str) -> NoReturn:
        printable = key if key.isprintable() else repr(key)
        raise ProfileError(self.path, reason, key=printable, line=self.line(key))

    def line(self, key: str) -> int:
        """Line of a key, 1-based; 0 where it is written in a manner that hides it."""
        section, _, name = key.rpartition(".")
        inside = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*\[\s*\"?([^\]\"]+?)\"?\s*\]", line):
                inside = header[1]
                if not section and inside == name:
                    return number
            elif inside == section and re.match(rf"\s*\"?{re.escape(name)}\"?\s*=", line):
                return number
        return 0


_Check = Callable[[_Reader, str, Any], dict[str, Any]]


def _suggestion(name: str, known: Mapping[str, object]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f" (known: {', '.join(sorted(known))})"


def _text(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        reader.fail(key, "must be a text in quotes")
    return {_field(key): value.strip()}


def _texts(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        reader.fail(key, 'must be a list of texts, as ["one", "two"]')
    return {_field(key): tuple(v.strip() for v in value if v.strip())}


def _addresses(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    listed = _texts(reader, key, value)[_field(key)]
    for address in listed:
        if not ADDRESS.fullmatch(address) or (key == "emails" and address.startswith("@")):
            reader.fail(key, f"{address!r} is no mail address" + ("" if key == "emails" else ", nor an @domain"))
    return {_field(key): tuple(a.lower() for a in listed)}


def _home(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    stated = _text(reader, key, value)["home"]
    return {"home": _place(reader, key, stated) if stated else None}


def _relocate(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    listed = _texts(reader, key, value)["relocate"]
    anywhere = any(v.lower() in ("anywhere", "everywhere") for v in listed)
    found = tuple(_place(reader, key, v) for v in listed if v.lower() not in ("anywhere", "everywhere"))
    return {"relocate": found, "relocate_anywhere": anywhere}


def _place(reader: _Reader, key: str, stated: str) -> Place:
    from spamrec import places  # a profile without places needs none of it

    place = places.resolve(stated)
    if place is None:
        reader.fail(key, f"{stated!r} is no place we know; write it as city, region or city, country")
    return place


def _kilometres(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_COMMUTE_KM:
        reader.fail(key, f"must be a distance in kilometres, 0 to {MAX_COMMUTE_KM:.0f}")
    return {_field(key): float(value)}


def _remote(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"remote": Remote.YES if value else Remote.NO}
    if value not in tuple(Remote):
        reader.fail(key, 'must be "yes", "no" or "only"')
    return {"remote": Remote(value)}


def _contract(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    listed = _texts(reader, key, value)["contract"]
    for kind in listed:
        if kind not in tuple(Contract):
            reader.fail(key, f"{kind!r} is not one of {', '.join(Contract)}")
    return {"contract": frozenset(map(Contract, listed))}


def _floor(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    found = []
    for stated in _texts(reader, key, value)["floor"]:
        amount = pay.parse(stated)
        if amount is None:
            reader.fail(key, f'{stated!r} is no pay; write it as "95000 USD/year" (hour, day, week, month, year)')
        else:
            found.append(amount)
    return {"floor": tuple(found)}


def _flag(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, bool):
        reader.fail(key, "must be true or false")
    return {_field(key): value}


def _date(reader: _Reader, key: str, value: Any) -> dict[str, Any]:
    if type(value) is not date:
        reader.fail(key, "must be a date, as 2027-03-31 (without quotes)")
    return {_field(key): value}


def _field(key: str) -> str:
    return key.rpartition(".")[2]


_TOP: dict[str, _Check] = {"name": _text, "aliases": _texts, "emails": _addresses}
_SECTIONS: dict[str, dict[str, _Check]] = {
    "location": {"home": _home, "commute_km": _kilometres, "relocate": _relocate, "remote": _remote},
    "work": {"titles": _texts, "skills": _texts, "unwanted": _texts, "contract": _contract, "floor": _floor},
    "mode": {"looking": _flag, "until": _date},
    "people": {"known": _addresses, "never": _addresses, "groups": _texts, "acquaintances": _texts},
    "mail": {"servers": _texts},
}
