"""What is set up: each file that is used, whether it can be, and what is missing."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from spamrec import __version__, files, gazetteer, learning, model, profile
from spamrec.errors import HistoryError, SpamrecError
from spamrec.files import Files, Options
from spamrec.history import History
from spamrec.profile import Profile
from spamrec.report import Line, Piece, csv_line, literal


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"


class Finding(NamedTuple):
    """One thing looked at."""

    item: str
    """What it is."""
    state: State
    """How it is."""
    path: str
    """Where it lies, or would lie; "" for what is no file."""
    detail: str
    """What is in it, what is wrong with it, or what it would add."""


def examine(where: Files, options: Options, *, own_profile: bool = False, own_model: bool = False) -> Iterator[Finding]:
    """All that `classify` would use. `options` are those a configuration may set; `own_profile` and `own_model` say
    that the user named the file, so that its absence is a fault."""
    yield Finding("spamrec", State.OK, "", f"version {__version__}, Python {platform.python_version()}")
    lacking = "asks for place, work and people, and tells wanted offers from others: `spamrec init` makes one"
    yield _file("profile", where.profile, lambda p: _stated(profile.load(p)), lacking, needed=own_profile)
    lacking = "would know whom you write to and whom you asked to stop"
    yield _file("history", where.history, _remembered, lacking)
    if where.model.exists() or own_model:
        yield _file("model", where.model, lambda p: _trained(p) + _behind(where, named=own_model), "", needed=True)
    else:
        yield _file("model", model.shipped_path(), _trained, "", needed=True)
    yield _file("places", gazetteer.DATA_FILE, _verified, "", needed=True)
    lacking = "defaults for options; not needed"
    yield _file("configuration", where.config, lambda p: _settings(files.read_config(p, options)), lacking)


def _file(item: str, path: Path, look: Callable[[Path], str], lacking: str, *, needed: bool = False) -> Finding:
    if not path.exists() and not needed:
        return Finding(item, State.MISSING, str(path), lacking)
    try:
        return Finding(item, State.OK, str(path), look(path))
    except SpamrecError as error:
        return Finding(item, State.BROKEN, str(path), str(error).removeprefix(f"{path}: "))


def _stated(stated: Profile) -> str:
    parts = {
        "name": stated.name,
        "addresses": stated.emails,
        "home": stated.home,
        "relocation": stated.relocate is not None or stated.relocate_anywhere,
        "remote": stated.remote,
        "titles": stated.titles,
        "skills": stated.skills,
        "unwanted work": stated.unwanted,
        "contract": stated.contract,
        "pay floor": stated.floor,
        "mode": stated.looking is not None,
        "people": stated.known or stated.never or stated.groups or stated.acquaintances,
    }
    missing = ", ".join(name for name, value in parts.items() if not value)
    stated_parts = ", ".join(name for name, value in parts.items() if value) or "nothing"
    return f"states {stated_parts}" + (f"; not {missing}" if missing else "")


def _remembered(path: Path) -> str:
    with History(path, read_only=True) as memory:
        return ", ".join(f"{count:,} {sort}" for sort, count in memory.counts().items())


def _trained(path: Path) -> str:
    found = model.load(path)
    kind = "shipped" if path in model.SHIPPED else "your own"
    if found.base:
        base = "the shipped one" if found.base == model.digest() else "the one you trained"
        labels = ", ".join(f"{count:,} {label}" for label, count in sorted(found.learnt.items(), reverse=True))
        kind = f"your own, {base} with your labels ({labels})"
    weights = len(found.pitch.by_name) + len(found.verdict.by_name)
    if found.tokens:
        kind, weights = f"{kind}, of own mail alone", len(found.tokens.table)
    return (
        f"{kind}, trained by spamrec {found.version or '?'} on corpus {found.corpus[:12] or '?'}; "
        f"{weights:,} weights, threshold {found.threshold:.4f}"
    )


def _behind(where: Files, *, named: bool) -> str:
    """What the reader's model does not know of the labels in the history."""
    with suppress(HistoryError):  # a history that cannot be read is told in its own line
        if not named and not learning.is_current(where):
            return "; labels in the history are not all in it, the next `learn` takes them in"
    return ""


def _verified(path: Path) -> str:
    gazetteer.Gazetteer(path).verify()
    return f"{path.stat().st_size / 1024 / 1024:.1f} MB, checksum right"


def _settings(config: Mapping[str, Mapping[str, object]]) -> str:
    named = sorted({name for options in config.values() for name in options})
    return f"sets {', '.join(named)}" if named else "sets nothing"


# --- as text -----------------------------------------------------------------------------------------------

_STYLES = {State.OK: "green", State.MISSING: "yellow", State.BROKEN: "bold red"}


def table(found: Iterable[Finding]) -> Iterator[Line]:
    """One thing a line, its file below it."""
    for f in found:
        yield [
            Piece(f"{f.item:<14}", "bold"),
            Piece(f"{f.state:<9}", _STYLES[f.state]),
            Piece(literal(f.detail)),
        ]
        if f.path:
            yield [Piece(" " * 23), Piece(literal(f.path), "dim")]


def csv(found: Iterable[Finding]) -> str:
    """One line for each thing, below the names of the fields."""
    return csv_line(Finding._fields) + "".join(map(csv_line, found))
