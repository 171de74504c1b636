"""Labelled mail: `data/` with its readers, each a profile, a history and three folders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from spamrec import message, profile, sources
from spamrec.errors import CorpusError
from spamrec.evidence import Evidence
from spamrec.history import History, Request, Standing
from spamrec.message import Message
from spamrec.profile import NO_PROFILE, Profile
from spamrec.verdict import Label

FOLDERS = {"spam": Label.SPAM, "legit": Label.LEGITIMATE}
PAIR = re.compile(r"(?P<stem>(?P<row>b\d\d)-.+)-pair-(?P<side>[ab])$")
"""Names of messages that differ in one fact; side a is always the one more like spam."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message."""

    reader: str
    """Whose mail it is; folds are by reader."""
    name: str
    """Path within the corpus, without `.eml`."""
    label: Label
    """What the reader calls it."""
    pitch: bool
    """Whether it offers a job, candidates or a career service by its own words, wanted or not."""
    message: Message
    """The message."""
    profile: Profile
    """The reader's profile."""
    standing: Standing
    """How its sender stood with the reader then."""

    @property
    def evidence(self) -> Evidence:
        """What can be measured of it."""
        return Evidence(self.message, self.profile, self.standing)

    @property
    def stranger(self) -> Evidence:
        """What can be measured of it where nothing is known of the reader."""
        return Evidence(self.message)


def readers(root: Path) -> list[Path]:
    """Folders of a corpus that hold labelled mail, by name."""
    if not root.is_dir():
        raise CorpusError(root, "no such folder of labelled mail")
    found = [p for p in sorted(root.iterdir()) if any((p / folder).is_dir() for folder in FOLDERS)]
    if not found:
        raise CorpusError(root, "holds no reader: expected READER/spam/*.eml and READER/legit/*.eml")
    return found


def load(folder: Path, *, labels: bool = True) -> list[Example]:
    """The labelled messages of one reader with their standing, by name; without `labels` as though the reader had
    labelled none of them."""
    stated = folder / "profile.toml"
    reader = profile.load(stated) if stated.exists() else NO_PROFILE
    mails = [
        (f"{folder.name}/{kind}/{Path(mail.origin).stem}", label, message.parse(mail.raw))
        for kind, label in FOLDERS.items()
        if (folder / kind).is_dir()
        for mail in sources.walk([folder / kind])
    ]
    pitches = _pitches(folder, mails)
    memory = _remember(folder, mails)
    try:
        return [
            Example(
                folder.name, name, label, name in pitches, mail, reader, memory.standing(mail, reader, labels=labels)
            )
            for name, label, mail in mails
        ]
    finally:
        memory.close()


def _pitches(folder: Path, mails: list[tuple[str, Label, Message]]) -> set[str]:
    """Names of the messages that are pitches: spam, but for those noted in `not-pitches.txt`, and the legitimate
    ones noted in `pitches.txt`."""
    found = {name for name, label, _ in mails if label is Label.SPAM}
    return (found - _noted(folder, "spam", "not-pitches.txt")) | _noted(folder, "legit", "pitches.txt")


def _noted(folder: Path, kind: str, file: str) -> set[str]:
    path = folder / file
    lines = path.read_text(encoding="utf-8").split() if path.exists() else []
    return {f"{folder.name}/{kind}/{line}" for line in lines}


def digest(root: Path) -> str:
    """One hash of all labelled mail, profiles and histories of a corpus."""
    state = hashlib.sha256()
    for folder in readers(root):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".eml", ".toml", ".txt"):
                state.update(f"{path.relative_to(root).as_posix()}\n".encode())
                state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()[:32]


def _remember(folder: Path, mails: list[tuple[str, Label, Message]]) -> History:
    """What the reader's machine would know: all of it dated, so that each message sees only its past."""
    memory = History()
    with memory.writing():
        if (folder / "sent").is_dir():
            for mail in sources.walk([folder / "sent"]):
                memory.add_sent(message.parse(mail.raw))
        for kind, entry in _facts(folder / "history.toml"):
            try:
                _add(memory, kind, entry)
            except (KeyError, TypeError, ValueError) as e:
                raise CorpusError(folder / "history.toml", f"{kind}: {type(e).__name__}: {e}") from e
        for name, label, received in sorted(mails, key=lambda m: _moment(m[2])):
            if PAIR.search(name):
                continue  # the two of a pair are alternatives: neither is the other's past
            _repair(memory, received)
            memory.add_received(received, label)
    return memory


def _moment(mail: Message) -> datetime:
    return mail.date or datetime.min.replace(tzinfo=UTC)


def _repair(memory: History, mail: Message) -> None:
    """Note a sender's apology after a complaint or a request to stop."""
    target = memory.open_wish(mail)
    if target and mail.date and "repair" in Evidence(mail).hits:
        memory.add_request(target, Request.REPAIR, mail.date.date())


def _facts(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.exists():
        return
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as e:
        raise CorpusError(path, f"is no history: {e}") from e
    for kind, entries in table.items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise CorpusError(path, f"{kind}: is written as [[{kind}]]")
        for entry in entries:
            yield kind, entry


_REQUESTS = {"unsubscribed": Request.STOP, "complained": Request.COMPLAINT, "barred": Request.BARRED}


def _add(memory: History, kind: str, entry: dict[str, Any]) -> None:
    address = str(entry.get("address", "")).lower()
    if kind == "contact":
        memory.add_correspondent(
            address,
            via=entry.get("via", "address book"),
            since=entry.get("since", date.min),
            name=entry.get("name", ""),
        )
    elif kind in _REQUESTS:
        memory.add_request(address, _REQUESTS[kind], entry["on"])
    elif kind == "posted":
        memory.add_posts(
            str(entry["list"]).replace("@", "."), address, entry.get("first", date.min), int(entry.get("count", 1))
        )
    elif kind == "judged":
        label = Label.SPAM if entry["label"] == "spam" else Label.LEGITIMATE
        memory.add_judged(entry["message_id"], address, label, entry["on"])
