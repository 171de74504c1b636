"""What the machine remembers: correspondents, the reader's own mail, requests to stop, verdicts given.

Kept in SQLite, on disk or in memory. A fact dated after a message never counts for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from spamrec import linkedin
from spamrec.addresses import is_freemail
from spamrec.message import Message
from spamrec.phrases import fold
from spamrec.profile import NO_PROFILE, Profile

GRACE = timedelta(days=14)
"""Ten business days, which CAN-SPAM (16 CFR 316.5) gives a sender to honour a request to stop."""


class Request(StrEnum):
    """What the reader has asked of a sender, or a sender of the reader."""

    STOP = "stop"
    COMPLAINT = "complaint"
    BARRED = "barred"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one message's sender and thread stand with the reader at the time of the message."""

    known: str = ""
    """Why the sender's address is known, in words ("in your address book"); "" where it is not."""
    known_firm: bool = False
    """Whether somebody of the sender's firm is known; freemail domains are no firm."""
    own_thread: bool = False
    """Whether it answers a message the reader wrote."""
    earlier: int = 0
    """Messages of this sender remembered from before."""
    list_posts: int = 0
    """Messages of this sender on the same list, remembered from before."""
    asked_to_stop: date | None = None
    """Day of the reader's latest request to stop, None where there was none."""
    ignores_request: bool = False
    """Whether the request is older than the grace of ten business days."""
    complained: bool = False
    """Whether the reader has complained to this sender or firm."""
    repaired: bool = False
    """Whether the sender has since apologised and confirmed the removal."""
    barred: bool = False
    """Whether the reader has barred the sender or firm."""
    thread_judged: str = ""
    """Label of the earlier message that it follows up: "spam", "legitimate" or ""."""
    judged: str = ""
    """Label of this sender's latest judged message: "spam", "legitimate" or ""."""


UNKNOWN = Standing()
"""A stranger of whom nothing is remembered."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS correspondent (
    address TEXT NOT NULL, via TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
    since TEXT NOT NULL, PRIMARY KEY (address, via));
CREATE INDEX IF NOT EXISTS correspondent_folded ON correspondent (folded);
CREATE INDEX IF NOT EXISTS correspondent_since ON correspondent (since);
CREATE TABLE IF NOT EXISTS own_message (message_id TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS request (
    address TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (address, kind, day));
CREATE TABLE IF NOT EXISTS received (
    message_id TEXT PRIMARY KEY, address TEXT NOT NULL, list TEXT NOT NULL, at TEXT NOT NULL, label TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS received_address ON received (address, at);
CREATE TABLE IF NOT EXISTS posted (
    list TEXT NOT NULL, address TEXT NOT NULL, first TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (list, address));
"""


class History:
    """The memory of one reader."""

    def __init__(self, location: str = ":memory:") -> None:
        self._db = sqlite3.connect(location, isolation_level=None)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is remembered, or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- remembering ---------------------------------------------------------------------------------------

    def add_correspondent(self, address: str, *, via: str, since: date | datetime, name: str = "") -> None:
        """Somebody the reader knows; `via` is "address book", "linkedin" or "sent"."""
        self._db.execute(
            "INSERT INTO correspondent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET since = min(since, excluded.since)",
            (address.lower(), via, name, fold(name), _at(since)),
        )

    def add_sent(self, message: Message) -> None:
        """A message the reader wrote: its ID opens a thread, its recipients are correspondents."""
        at = message.date or datetime.now(UTC)
        if message.message_id:
            self._db.execute("INSERT OR IGNORE INTO own_message VALUES (?, ?)", (message.message_id, _at(at)))
        for recipient in (*message.to, *message.cc):
            if recipient.address:
                self.add_correspondent(recipient.address, via="sent", since=at, name=recipient.name)

    def add_request(self, address: str, kind: Request, day: date) -> None:
        """A request of the reader to an address or an `@domain`, or a repair by it."""
        self._db.execute("INSERT OR IGNORE INTO request VALUES (?, ?, ?)", (address.lower(), kind, day.isoformat()))

    def add_received(self, message: Message, label: str = "") -> None:
        """A message that came, with the verdict given or the label learnt."""
        if message.message_id:
            self.add_judged(message.message_id, identity(message), label, message.date, mailing_list(message))

    def add_judged(
        self, message_id: str, address: str, label: str, at: date | datetime | None, list_name: str = ""
    ) -> None:
        """The label of a message, by its Message-ID."""
        self._db.execute(
            "INSERT OR REPLACE INTO received VALUES (?, ?, ?, ?, ?)",
            (message_id, address.lower(), list_name, _at(at or datetime.now(UTC)), label),
        )

    def add_posts(self, list_name: str, address: str, first: date, count: int) -> None:
        """Posts of somebody on a list, counted elsewhere."""
        self._db.execute("INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?)", (list_name.lower(), address.lower(), _at(first), count))

    # --- recalling -----------------------------------------------------------------------------------------

    def standing(self, message: Message, profile: Profile = NO_PROFILE) -> Standing:
        """How the message's sender stands, by what was known when it was sent."""
        now = message.date or datetime.now(UTC)
        address = identity(message)
        at = _at(now)
        asked = self._latest(address, Request.STOP, at)
        complained = self._latest(address, Request.COMPLAINT, at)
        repaired = self._latest(address, Request.REPAIR, at)
        last_wish = max(filter(None, (asked, complained)), default=None)
        return Standing(
            known=self._why_known(address, at, profile),
            known_firm=self._knows_firm(address, at, profile),
            own_thread=self._answers_own(message, at),
            earlier=self._count("SELECT count(*) FROM received WHERE address = ? AND at < ?", address, at),
            list_posts=self._posts(mailing_list(message), address, at),
            asked_to_stop=asked,
            ignores_request=asked is not None and now.date() - asked > GRACE,
            complained=complained is not None,
            repaired=repaired is not None and last_wish is not None and repaired >= last_wish,
            barred=_listed(address, profile.never) or self._latest(address, Request.BARRED, at) is not None,
            thread_judged=self._thread_judged(message, at),
            judged=self._judged(address, at),
        )

    def _count(self, query: str, *values: str) -> int:
        row = self._db.execute(query, values).fetchone()
        return int(row[0]) if row else 0

    def _why_known(self, address: str, at: str, profile: Profile) -> str:
        if not address or address in profile.emails:
            return ""
        if address.startswith("linkedin:"):
            row = self._db.execute(
                "SELECT 1 FROM correspondent WHERE folded = ? AND since <= ?", (address[9:], at)
            ).fetchone()
            return "your connection" if row else ""
        if _listed(address, profile.known):
            return "named in your profile"
        row = self._db.execute(
            "SELECT via FROM correspondent WHERE address = ? AND since <= ? ORDER BY since", (address, at)
        ).fetchone()
        reasons = {"sent": "you wrote to them before", "linkedin": "your connection on LinkedIn"}
        return reasons.get(row[0], "in your address book") if row else ""

    def _knows_firm(self, address: str, at: str, profile: Profile) -> bool:
        domain = address.rpartition("@")[2]
        if not domain or is_freemail(domain) or domain in {e.rpartition("@")[2] for e in profile.emails}:
            return False
        if any(k.rpartition("@")[2] == domain for k in profile.known):
            return True
        found = self._count(
            "SELECT count(*) FROM correspondent WHERE substr(address, -?) = ? AND since <= ?", str(len(domain) + 1), f"@{domain}", at
        )
        return found > 0

    def _answers_own(self, message: Message, at: str) -> bool:
        return any(
            self._count("SELECT count(*) FROM own_message WHERE message_id = ? AND at <= ?", ref, at)
            for ref in {*message.in_reply_to, *message.references}
        )

    def _posts(self, list_name: str, address: str, at: str) -> int:
        if not list_name:
            return 0
        told = self._count("SELECT count FROM posted WHERE list = ? AND address = ? AND first < ?", list_name, address, at)
        seen = self._count("SELECT count(*) FROM received WHERE list = ? AND address = ? AND at < ?", list_name, address, at)
        return told + seen

    def _latest(self, address: str, kind: Request, at: str) -> date | None:
        names = [address, *(f"@{d}" for d in _domains(address))]
        marks = ", ".join("?" * len(names))
        row = self._db.execute(
            f"SELECT max(day) FROM request WHERE kind = ? AND day <= ? AND address IN ({marks})",  # noqa: S608 - marks only
            (kind, at[:10], *names),
        ).fetchone()
        return date.fromisoformat(row[0]) if row and row[0] else None

    def _thread_judged(self, message: Message, at: str) -> str:
        for ref in reversed((*message.references, *message.in_reply_to)):
            row = self._db.execute("SELECT label FROM received WHERE message_id = ? AND at < ?", (ref, at)).fetchone()
            if row and row[0]:
                return str(row[0])
        return ""

    def _judged(self, address: str, at: str) -> str:
        row = self._db.execute(
            "SELECT label FROM received WHERE address = ? AND at < ? AND label != '' ORDER BY at DESC", (address, at)
        ).fetchone()
        return str(row[0]) if row else ""


def identity(message: Message) -> str:
    """Who speaks: the address, or the person behind a platform's address ("linkedin:jane doe")."""
    if message.sender is None:
        return ""
    notice = linkedin.unwrap(message)
    if notice is not None:
        return f"linkedin:{fold(notice.person)}" if notice.person else ""
    return message.sender.address


def mailing_list(message: Message) -> str:
    """Name of the list a message came over, lower case; "" for none (RFC 2919)."""
    name = message.header("list-id")
    return name[name.rfind("<") + 1 :].rstrip("> ").lower() if name else ""


def _at(when: date | datetime) -> str:
    """A moment as UTC text that sorts; a bare day counts from its beginning."""
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return when.isoformat()


def _domains(address: str) -> list[str]:
    """The domain of an address and those above it, down to two labels."""
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[i:]) for i in range(max(1, len(labels) - 1))] if labels != [""] else []


def _listed(address: str, entries: tuple[str, ...]) -> bool:
    return bool(address) and (address in entries or any(f"@{d}" in entries for d in _domains(address)))
