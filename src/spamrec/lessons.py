"""Messages that the reader labelled: kept with what the models read of them, found again by message or by text."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from spamrec.digests import digest
from spamrec.domains import firm
from spamrec.message import Message
from spamrec.notices import from_linkedin

if TYPE_CHECKING:
    from spamrec.store import Store

LONG_WORDS = 8
"""Words from which on a text is told from others, so that a colleague of its sender who sends it sends a copy."""


class Taught(StrEnum):
    """What a label of the reader did."""

    NEW = "new"
    FLIPPED = "flipped"
    ALREADY = "already"


class Lesson(NamedTuple):
    """One labelled message as it is learnt from."""

    digest: str
    """Digest of its content."""
    text: str
    """Digest of its subject and words, "" where there are none; copies share it."""
    label: str
    """"spam" or "legitimate"."""
    measured: str
    """What the models read of it, as JSON."""


class Told(NamedTuple):
    """A label that the reader gave."""

    label: str
    """"spam" or "legitimate"."""
    on: date
    """Day on which they gave it."""
    itself: bool
    """Whether to that very message, and not to a copy of its text."""


class Text(NamedTuple):
    """What a message says, to be told from others."""

    digest: str
    """Digest of subject and words, "" where there are none."""
    long: bool
    """Whether it is long enough to be nobody else's by chance."""


def text_of(message: Message) -> Text:
    """The words that make a further copy of a message a copy, whatever its date, Message-ID and way."""
    words = f"{message.subject} {_said(message)}".casefold().split()
    if not words:
        return Text("", False)
    return Text(digest([" ".join(words).encode("utf-8", "replace")]), len(words) >= LONG_WORDS)


def _said(message: Message) -> str:
    if from_linkedin(message):
        from spamrec import linkedin

        notice = linkedin.unwrap(message)
        return notice.text if notice else message.text
    return message.text or message.forwarded or message.calendar


# --- teaching, within a transaction ------------------------------------------------------------------------


def find(store: Store, message: Message, party: int | None) -> tuple[str, str] | None:
    """Digest and label under which a message is kept: by its content, else by sender and Message-ID; None for none."""
    row = store.row("SELECT digest, label FROM lesson WHERE digest = ?", message.digest) or store.row(
        "SELECT digest, label FROM lesson WHERE message_id = ? AND message_id != '' AND party IS ?",
        message.message_id, party,
    )  # fmt: skip
    return (str(row[0]), str(row[1])) if row else None


def teach(
    store: Store, message: Message, lesson: Lesson, party: int | None,
    *, long: bool, thread: str, at: str, told: str,
) -> Taught:  # fmt: skip
    """Keep a label. Of several copies under one Message-ID the one with the least digest is kept, so that it does not
    matter which came first."""
    kept = find(store, message, party)
    if kept and kept[0] <= lesson.digest:
        if kept[1] == lesson.label:
            return Taught.ALREADY
        store.change("UPDATE lesson SET label = ?, told = ? WHERE digest = ?", lesson.label, told, kept[0])
        return Taught.FLIPPED
    if kept:
        same = store.row("SELECT told FROM lesson WHERE digest = ? AND label = ?", kept[0], lesson.label)
        told = str(same[0]) if same else told
        store.change("DELETE FROM lesson WHERE digest = ?", kept[0])
    store.change(
        "INSERT INTO lesson VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        lesson.digest, message.message_id, party, lesson.text, long, thread, at, lesson.label, told, lesson.measured,
    )  # fmt: skip
    if not kept:
        return Taught.NEW
    return Taught.ALREADY if kept[1] == lesson.label else Taught.FLIPPED


def drop(store: Store, message: Message, party: int | None) -> bool:
    """Take back the label of a message; whether there was one."""
    kept = find(store, message, party)
    return bool(kept and store.change("DELETE FROM lesson WHERE digest = ?", kept[0]))


# --- asking ------------------------------------------------------------------------------------------------


def all_lessons(store: Store) -> list[Lesson]:
    """Everything the reader labelled, in the same order whenever they did."""
    return [Lesson(*row) for row in store.rows("SELECT digest, text, label, measured FROM lesson ORDER BY digest")]


def counts(store: Store) -> dict[str, int]:
    """How many messages bear each label."""
    found = store.rows("SELECT label, count(*) FROM lesson GROUP BY label")
    return {"spam": 0, "legitimate": 0, **{str(label): int(count) for label, count in found}}


def told(store: Store, message: Message, address: str) -> Told | None:
    """What the reader said of a message: by its content, else by its Message-ID, else of the same text, the last time,
    from the same sender or, where it is long, from their firm. None where they said nothing."""
    if not store.row("SELECT 1 FROM lesson LIMIT 1"):
        return None
    party = store.row("SELECT id FROM party WHERE address = ?", address) if address else None
    if kept := find(store, message, int(party[0]) if party else None):
        row = store.row("SELECT label, told FROM lesson WHERE digest = ?", kept[0])
        return _told(row, itself=True)
    text = text_of(message)
    row = store.row(
        "SELECT label, told FROM lesson JOIN party ON party = party.id WHERE text = ? AND text != ''"
        " AND (address = ? OR (long AND firm != '' AND firm = ?)) ORDER BY told DESC, digest LIMIT 1",
        text.digest, address, firm(address),
    )  # fmt: skip
    return _told(row, itself=False)


def _told(row: tuple[object, ...] | None, *, itself: bool) -> Told | None:
    return Told(str(row[0]), date.fromisoformat(str(row[1])[:10]), itself) if row else None
