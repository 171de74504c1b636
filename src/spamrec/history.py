"""What the machine remembers: correspondents, the reader's own mail, requests to stop, verdicts given.

Kept in SQLite, on disk or in memory. A fact dated after a message never counts for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from spamrec import lessons, standing
from spamrec.domains import firm, is_list_host
from spamrec.lessons import Lesson, Taught
from spamrec.message import Message
from spamrec.parties import (
    Arrival,
    answers_nobody,
    arrival,
    identity,
    is_list_command,
    mailing_list,
    moment,
    person,
)
from spamrec.profile import NO_PROFILE, Profile
from spamrec.schema import MIGRATIONS
from spamrec.standing import GRACE, UNKNOWN, Request, Standing
from spamrec.store import BUSY_TIMEOUT_S, IN_MEMORY, Store

if TYPE_CHECKING:
    from spamrec.letters import Noted, Sent

__all__ = ["GRACE", "UNKNOWN", "History", "Lesson", "Request", "Standing", "Taught", "identity", "mailing_list"]

_ANYTHING = "SELECT EXISTS (SELECT 1 FROM party) OR EXISTS (SELECT 1 FROM own_message) OR EXISTS (SELECT 1 FROM lesson)"
"""Everything else that a standing is told by belongs to a party."""


class History:
    """The memory of one reader.

    Every method raises HistoryLockedError when another process keeps the file locked for too long, HistoryError when
    it is damaged or cannot be read or written. What is remembered twice is remembered once.
    """

    def __init__(
        self, location: str | Path = IN_MEMORY, *, read_only: bool = False, timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        """Open, or make unless `read_only`, the file; a missing one that is only read is an empty memory."""
        self.store = Store(location, MIGRATIONS, read_only=read_only, timeout_s=timeout_s)
        self._begun = False
        """Whether anything was found to be remembered of anybody."""

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def writing(self) -> AbstractContextManager[None]:
        """One transaction: all of it is remembered, or none."""
        return self.store.writing()

    # --- remembering ---------------------------------------------------------------------------------------

    def add_correspondent(
        self, address: str, *, via: str, since: date | datetime, name: str = "", page: str = ""
    ) -> bool:
        """Somebody the reader knows; `via` is "address book", "linkedin" or "sent". Whether they were new that way.

        `page` is the last part of the address of their LinkedIn page.
        """
        with self.writing():
            party = self._party(address)
            row = (party, via, name, person(name), page, moment(since))
            if self.store.change("INSERT OR IGNORE INTO correspondent VALUES (?, ?, ?, ?, ?, ?)", *row):
                return True
            self.store.change(
                "UPDATE correspondent SET since = min(since, ?), page = iif(? = '', page, ?),"
                " name = iif(name = '', ?, name), folded = iif(folded = '', ?, folded) WHERE party = ? AND via = ?",
                row[5], page, page, name, row[3], party, via,
            )  # fmt: skip
            return False

    def add_own(self, addresses: Collection[str]) -> None:
        """Addresses of the reader's own, who is no correspondent and whose domain is no firm that they know."""
        with self.writing():
            for address in addresses:
                self.store.change("INSERT OR IGNORE INTO own_address VALUES (?, ?)", address.lower(), firm(address))

    def add_sent(self, message: Message, own: Collection[str] = ()) -> Noted:
        """A message the reader wrote, see `add_letter`; `own` are the reader's own addresses."""
        from spamrec import letters  # delivery needs none of it

        return self.add_letter(letters.sent(message), own)

    def add_letter(self, letter: Sent, own: Collection[str] = ()) -> Noted:
        """What a message tells that the reader wrote.

        Its ID opens a thread. Its recipients are correspondents, unless it asks them to stop or complains, which is
        remembered as a request to them, and to the sender of the message that it answers.
        """
        from spamrec.letters import Noted

        at = letter.at or datetime.now(UTC)
        mine = {letter.sender, *own} - {""}
        people = requests = 0
        with self.writing():
            self.add_own(mine)
            key = letter.message_id or letter.digest
            new = self.store.change(
                "INSERT OR IGNORE INTO own_message VALUES (?, ?, ?)", key, moment(at), bool(letter.wish)
            )
            if letter.wish:
                requests = self._add_wish(letter, mine, at.date())
            else:
                told = [one for one in letter.recipients if one.address not in mine and not _is_nobody(one.address)]
                people = sum(self.add_correspondent(one.address, via="sent", since=at, name=one.name) for one in told)
        return Noted(bool(new), people, requests)

    def _add_wish(self, letter: Sent, mine: set[str], day: date) -> int:
        """Note the requests that a message makes, and tell how many are new."""
        targets = {address for address in letter.to if not _is_list(address)}
        for answered in letter.answers:
            query = "SELECT address FROM received JOIN party ON party = party.id WHERE message_id = ?"
            targets.update(address for (address,) in self.store.rows(query, answered))
        if letter.wish.whole_firm:
            targets.update([f"@{firm(address)}" for address in targets if firm(address)])
        kinds = [Request.STOP] * letter.wish.stop + [Request.COMPLAINT] * letter.wish.complaint
        return sum(self.add_request(target, kind, day) for target in targets - mine for kind in kinds)

    def add_request(self, address: str, kind: Request, day: date) -> bool:
        """A request of the reader to an address or an `@domain`, or a repair by it; whether it was new."""
        with self.writing():
            row = (self._party(address), kind, day.isoformat()[:10])
            return bool(self.store.change("INSERT OR IGNORE INTO request VALUES (?, ?, ?)", *row))

    def add_received(self, message: Message, label: str = "") -> bool:
        """A message that came, with the label that the reader gave it; whether it was new."""
        return self.add_arrival(arrival(message), label=label)

    def add_judged(
        self, message_id: str, address: str, label: str, at: date | datetime | None, list_name: str = ""
    ) -> bool:
        """The label of a message, by its Message-ID."""
        return self.add_arrival(Arrival(message_id, "", address, list_name, message_id, at), label=label)

    def add_arrival(self, mail: Arrival, *, verdict: str = "", label: str = "") -> bool:
        """A mail that came, and whether it was new; the first verdict and the last label stand."""
        if not mail.party or not (mail.message_id or mail.digest):
            return False
        with self.writing():
            same = (self._party(mail.party), mail.message_id or mail.digest)
            at = moment(mail.at or datetime.now(UTC))
            new = self.store.change(
                "INSERT OR IGNORE INTO received (party, message_id, digest, thread, list, at, verdict, label)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *same, mail.digest, mail.thread, mail.list_name.lower(), at, verdict, label,
            )  # fmt: skip
            if not new and (verdict or label):
                self.store.change(
                    "UPDATE received SET verdict = iif(verdict = '', ?, verdict), label = iif(? = '', label, ?)"
                    " WHERE party = ? AND message_id = ?",
                    verdict, label, label, *same,
                )  # fmt: skip
            return bool(new)

    def forget_label(self, message: Message) -> bool:
        """Take back the label that the reader gave a message, and what was learnt from it; whether there was one."""
        with self.writing():
            taught = lessons.drop(self.store, message, self._known_party(identity(message)))
            return self._mark(message, "") or taught

    def knows_as(self, message: Message, label: str) -> bool:
        """Whether exactly this copy of a message is learnt from under that label."""
        return lessons.find(self.store, message, None) == (message.digest, label)

    def teach(self, message: Message, label: str, measured: str, *, at: datetime | None = None) -> Taught:
        """Keep the label that the reader gives a message now, with what the models read of it."""
        mail, text = arrival(message), lessons.text_of(message)
        with self.writing():
            self._mark(message, label)
            return lessons.teach(
                self.store, message, Lesson(message.digest, text.digest, label, measured),
                self._party(mail.party) if mail.party else None,
                long=text.long, thread=mail.thread, at=moment(mail.at or datetime.now(UTC)),
                told=moment(at or datetime.now(UTC)),
            )  # fmt: skip

    def lessons(self) -> list[Lesson]:
        """All that the reader labelled, in an order that does not tell when."""
        return lessons.all_lessons(self.store)

    def labels(self) -> dict[str, int]:
        """How many messages the reader labelled each way."""
        return lessons.counts(self.store)

    def _mark(self, message: Message, label: str) -> bool:
        """Note the reader's label at a message remembered as received; whether that changed it."""
        mail = arrival(message)
        statement = "UPDATE received SET label = ? WHERE label != ? AND party = ? AND message_id = ?"
        party = self._known_party(mail.party)
        return bool(party and self.store.change(statement, label, label, party, mail.message_id or mail.digest))

    def remember(
        self,
        message: Message,
        verdict: str,
        *,
        at: datetime | None = None,
        repairs: Callable[[Message], bool] | None = None,
    ) -> bool:
        """A message delivered just now with its verdict; whether it was new.

        `repairs` tells whether a message apologises or confirms a removal; it is asked only about a sender of whom the
        reader asked something, and never inside a transaction.
        """
        wish = self.open_wish(message, at)
        apology = wish if wish and repairs is not None and repairs(message) else ""
        when = at or message.date or datetime.now(UTC)
        with self.writing():
            if apology:
                self.add_request(apology, Request.REPAIR, when.date())
            return self.add_arrival(arrival(message, at), verdict=verdict)

    def open_wish(self, message: Message, at: datetime | None = None) -> str:
        """The address or `@domain` of which the reader last asked to stop, or to which they complained, and that speaks
        in the message; "" for none, or when it has made good since."""
        when = moment(at or message.date or datetime.now(UTC))
        return standing.open_wish(self.store, identity(message), when)

    def add_posts(self, list_name: str, address: str, first: date, count: int) -> None:
        """Posts of somebody on a list, counted elsewhere."""
        with self.writing():
            row = (list_name.lower(), self._party(address), moment(first), count)
            self.store.change("INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?)", *row)

    def _party(self, address: str) -> int:
        """Number of an address in lower case, given now where it is new."""
        address = address.lower()
        row = self.store.row("SELECT id FROM party WHERE address = ?", address)
        if row is None:
            row = self.store.row("INSERT INTO party (address, firm) VALUES (?, ?) RETURNING id", address, firm(address))
        return int(row[0]) if row else 0

    def _known_party(self, address: str) -> int | None:
        """Number of an address, None where it has none yet."""
        row = self.store.row("SELECT id FROM party WHERE address = ?", address.lower()) if address else None
        return int(row[0]) if row else None

    # --- recalling -----------------------------------------------------------------------------------------

    def standing(
        self, message: Message, profile: Profile = NO_PROFILE, *, at: datetime | None = None, labels: bool = True
    ) -> Standing:
        """How the message's sender stands, by what was known at its date, or at a moment given; without `labels` as
        though the reader had labelled nothing."""
        self._begun = self._begun or self.store.row(_ANYTHING) == (1,)
        if not (self._begun or profile.known or profile.never):
            return UNKNOWN
        return standing.recall(self.store, message, profile, at or message.date or datetime.now(UTC), labels=labels)

    def counts(self) -> dict[str, int]:
        """How many facts of each sort are remembered."""
        sorts = {
            "correspondents": "SELECT count(DISTINCT party) FROM correspondent",
            "own messages": "SELECT count(*) FROM own_message",
            "requests": "SELECT count(*) FROM request",
            "messages received": "SELECT count(*) FROM received",
            "labels": "SELECT count(*) FROM lesson",
        }
        return {name: int(self.store.rows(query)[0][0]) for name, query in sorts.items()}


def _is_nobody(address: str) -> bool:
    """Whether an address is no person's: automatic, or a mailing list's."""
    return answers_nobody(address) or _is_list(address)


def _is_list(address: str) -> bool:
    return is_list_command(address) or is_list_host(address.rpartition("@")[2])
