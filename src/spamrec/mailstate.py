"""What is noted of an account's folders from run to run: how far they were read, what was moved, what is to learn."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from spamrec import files, message
from spamrec.errors import AtWorkError, StateError, UnwritableOutputError, reason_of

FORMAT = 1
"""Format of the file; one of another number is refused."""
MAX_PUT_BACK = 5_000
"""Messages that the reader took out of the recruiters' folder and that are known from then on; the oldest go first."""
MAX_TO_LEARN = 500
"""Messages that wait to be learnt; the oldest go first."""
MAX_ID_CHARACTERS = 250
"""Length up to which a Message-ID stands for itself."""


def key(raw: bytes) -> str:
    """What a message is known by in whatever folder it lies: its Message-ID, else a digest of who, when and what; `raw`
    may be its header alone."""
    mail = message.parse(raw)
    if mail.message_id and len(mail.message_id) <= MAX_ID_CHARACTERS:
        return mail.message_id
    told = "\n".join((mail.message_id, mail.header("date"), mail.header("from"), mail.header("subject")))
    return f"sha256:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"


@dataclass
class Read:
    """How far a folder was read."""

    uidvalidity: int
    """While the folder has it, its UIDs mean the same."""
    seen_to: int
    """The highest UID that is done with."""


@dataclass
class Filed:
    """What lies in a folder that mail is moved to."""

    uidvalidity: int
    """While the folder has it, its UIDs mean the same."""
    messages: dict[int, str] = field(default_factory=dict)
    """Keys by UID, as they were last seen."""
    arriving: list[str] = field(default_factory=list)
    """Keys of what was moved there since."""


@dataclass
class Journal:
    """A move that was begun; noted before it, so that after a break nothing is moved twice."""

    folder: str
    """Whence."""
    uidvalidity: int
    """UIDVALIDITY of that folder."""
    messages: dict[int, str]
    """Keys by UID."""
    target: str
    """Whither."""
    target_uidvalidity: int
    """UIDVALIDITY of the target."""
    target_uidnext: int
    """Whatever arrived in the target by this move has this UID or a higher one."""
    copies: bool
    """Whether it is a copy followed by a deletion, rather than a move in one."""


@dataclass
class State:
    """Everything noted of one account."""

    read: dict[str, Read] = field(default_factory=dict)
    """How far each folder was read."""
    filed: dict[str, Filed] = field(default_factory=dict)
    """What lies in each folder that mail was moved to."""
    put_back: list[str] = field(default_factory=list)
    """Keys of what the reader took out of such a folder; it is not moved again."""
    to_learn: dict[str, str] = field(default_factory=dict)
    """Labels that the reader gave by moving, by key."""
    journal: Journal | None = None
    """A move that was begun and not noted as done."""

    def seen_to(self, folder: str, uidvalidity: int) -> int:
        """The highest UID of a folder that is done with; 0 where it is new, or its UIDs were given anew."""
        read = self.read.get(folder)
        return read.seen_to if read and read.uidvalidity == uidvalidity else 0

    def taken_out(self, keys: list[str]) -> None:
        """Note that the reader took messages out of a folder that mail is moved to."""
        self.put_back = [*(k for k in self.put_back if k not in keys), *keys][-MAX_PUT_BACK:]
        self._teach(keys, "legitimate")

    def put_in(self, keys: list[str]) -> None:
        """Note that the reader put messages into a folder that mail is moved to."""
        self.put_back = [k for k in self.put_back if k not in keys]
        self._teach(keys, "spam")

    def _teach(self, keys: list[str], label: str) -> None:
        waiting = {**self.to_learn, **dict.fromkeys(keys, label)}
        self.to_learn = dict(list(waiting.items())[-MAX_TO_LEARN:])

    def dumps(self) -> str:
        """The file's text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=True, separators=(",", ":")) + "\n"

    @classmethod
    def load(cls, path: Path) -> Self:
        """What was noted, or nothing yet. StateError."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise StateError(path, f"cannot be read: {error}") from error
        try:
            table = json.loads(text)
        except ValueError as error:
            raise StateError(path, "is damaged: no JSON") from error
        if not isinstance(table, dict) or table.get("format") != FORMAT:
            raise StateError(path, f"is not of format {FORMAT}, the one this spamrec writes")
        try:
            return cls._of(table)
        except (TypeError, ValueError, AttributeError, LookupError) as error:
            raise StateError(path, "is damaged: it holds what spamrec does not write") from error

    @classmethod
    def _of(cls, table: dict[str, Any]) -> Self:
        begun = table["journal"]
        return cls(
            read={str(name): Read(int(one["uidvalidity"]), int(one["seen_to"])) for name, one in table["read"].items()},
            filed={
                str(name): Filed(int(one["uidvalidity"]), _by_uid(one["messages"]), list(map(str, one["arriving"])))
                for name, one in table["filed"].items()
            },
            put_back=list(map(str, table["put_back"])),
            to_learn={str(name): str(label) for name, label in table["to_learn"].items()},
            journal=Journal(**{**begun, "messages": _by_uid(begun["messages"])}) if begun else None,
        )


def _by_uid(table: dict[str, str]) -> dict[int, str]:
    return {int(uid): str(name) for uid, name in table.items()}


def path(folder: Path, account: str) -> Path:
    """Where the state of an account lies under a folder of data."""
    readable = re.sub(r"[^A-Za-z0-9@._-]+", "_", account)[:80]
    return folder / "imap" / f"{readable}-{hashlib.sha256(account.encode()).hexdigest()[:8]}.json"


def save(path: Path, state: State) -> None:
    """Write the state, wholly or not at all. UnwritableOutputError."""
    files.write(path, state.dumps(), private=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps another run on the same account out, for as long as this process lives at most. AtWorkError."""
    lock = path.with_suffix(".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        stream = open(lock, "w", encoding="utf-8")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UnwritableOutputError(lock, reason_of(error)) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AtWorkError(lock, "`spamrec imap` on this account") from error
        yield
