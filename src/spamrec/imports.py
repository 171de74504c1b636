"""Filling the history: from address books, the Sent folder, an archive of mail, a LinkedIn data export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from spamrec import letters, message, parties, sources
from spamrec.errors import NotMailError
from spamrec.history import History, Request
from spamrec.letters import Sent
from spamrec.message import Message
from spamrec.parties import LINKEDIN, Arrival, page_in, person

if TYPE_CHECKING:
    from spamrec.linkedin_export import Conversation, Export, Invitation

BATCH = 200
"""Items remembered in one transaction: enough to be quick, few enough that another process waits for milliseconds."""

ALWAYS = date.min
"""Since when somebody is known of whom that is not told."""

ANSWERED_AFTER = timedelta(days=1)
"""How long after a conversation's first message its answer is taken to come, as an export does not tell: the first
message itself was a stranger's."""

NO_MAIL = ("empty", "not mail")
"""Reasons of `sources.walk` for leaving out a whole file that is none of ours to read."""

Paths = Sequence[str | Path]
Progress = Callable[[int], None]
"""Called now and then with the number of items read so far."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    read: int
    """Items read: addresses, mails, or people."""
    added: int
    """Items that were new."""
    known: int
    """Items that were there already."""
    people: int
    """Correspondents that were new."""
    requests: int
    """Requests to stop, complaints, and repairs that were new."""
    skipped: tuple[tuple[str, int], ...]
    """Why items were left out and how many, the commonest reason first."""


class _Tally:
    """Counts what an import does."""

    def __init__(self) -> None:
        self.read = self.added = self.people = self.requests = 0
        self.reasons: Counter[str] = Counter()

    def skip(self, reason: str) -> None:
        self.read += 1
        self.reasons[reason] += 1

    def unreadable(self, _path: str, reason: str) -> None:
        """Takes what `sources.walk` leaves out."""
        self.skip(reason)

    def note(self, new: bool, *, people: int = 0, requests: int = 0) -> None:
        self.read += 1
        self.added += new
        self.people += people
        self.requests += requests

    def summary(self) -> Imported:
        known = self.read - self.added - self.reasons.total()
        reasons = tuple(self.reasons.most_common())
        return Imported(self.read, self.added, known, self.people, self.requests, reasons)


# --- address books -----------------------------------------------------------------------------------------


def contacts(history: History, paths: Paths, *, own: Collection[str] = ()) -> Imported:
    """People in vCard files are known for all time; `own` are the reader's own addresses.

    Raises MissingInputError or UnreadableInputError for what the user named, HistoryError.
    """
    from spamrec import contacts as address_books

    tally = _Tally()
    for cards in _batches(address_books.walk(list(paths))):
        with history.writing():
            for card in cards:
                if not card.addresses:
                    tally.skip("damaged card" if card.damage else "card without an address")
                for address in card.addresses:
                    if address in own:
                        tally.skip("your own address")
                        continue
                    new = history.add_correspondent(
                        address, via="address book", since=ALWAYS, name=card.name, page=card.page
                    )
                    tally.note(new, people=new)
    return tally.summary()


# --- mail --------------------------------------------------------------------------------------------------


def sent(history: History, paths: Paths, *, own: Collection[str] = (), progress: Progress | None = None) -> Imported:
    """Mail that the reader wrote: recipients are known from then on, its IDs open threads, its requests are noted.

    With the reader's own addresses given, mail of other senders is left out, so that an archive of all mail will do.
    Raises MissingInputError or UnreadableInputError for what the user named, HistoryError.
    """
    tally = _Tally()
    for written in _batches(_letters(paths, own, tally)):
        with history.writing():
            for letter in written:
                noted = history.add_letter(letter, own)
                tally.note(noted.new, people=noted.people, requests=noted.requests)
        _report(progress, tally)
    return tally.summary()


def _letters(paths: Paths, own: Collection[str], tally: _Tally) -> Iterator[Sent]:
    for found in sources.walk(paths, tally.unreadable):
        letter = letters.sent(message.parse(found.raw))
        if own and letter.sender not in own:
            tally.skip("not written from one of your addresses")
        else:
            yield letter


def mail(
    history: History,
    paths: Paths,
    *,
    own: Collection[str] = (),
    repairs: Callable[[Message], bool] | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Mail that came: who writes, who posts on which list, and since when.

    `repairs` tells whether a message apologises or confirms a removal, and is asked only about senders of whom the
    reader asked something. Raises MissingInputError or UnreadableInputError for what the user named, HistoryError.
    """
    tally = _Tally()
    for arrivals in _batches(_arrivals(history, paths, own, repairs, tally)):
        with history.writing():
            for came, apology in arrivals:
                repaired = bool(apology and came.at) and history.add_request(apology, Request.REPAIR, _day(came.at))
                tally.note(history.add_arrival(came), requests=repaired)
        _report(progress, tally)
    return tally.summary()


def _arrivals(
    history: History,
    paths: Paths,
    own: Collection[str],
    repairs: Callable[[Message], bool] | None,
    tally: _Tally,
) -> Iterator[tuple[Arrival, str]]:
    """What is to be remembered of each mail, and whose request it makes good, "" for nobody's."""
    for found in sources.walk(paths, tally.unreadable):
        one = message.parse(found.raw)
        came = parties.arrival(one)
        if one.sender is not None and one.sender.address in own:
            tally.skip("written by you")
        elif not came.party:
            tally.skip("without a sender")
        elif came.at is None:
            tally.skip("without a date")
        else:
            wish = history.open_wish(one) if repairs is not None else ""
            yield came, wish if wish and repairs is not None and repairs(one) else ""


def check_mail(paths: Paths, done: Imported) -> None:
    """NotMailError where the user named a single file and it is no mail."""
    reasons = [reason for reason, _ in done.skipped if reason in NO_MAIL]
    if done.read == 1 and reasons and len(paths) == 1 and not Path(paths[0]).is_dir():
        raise NotMailError(paths[0], reasons[0])


# --- LinkedIn ----------------------------------------------------------------------------------------------


def linkedin(history: History, path: str | Path) -> Imported:
    """People known through LinkedIn, by its data export, as a zip or unpacked.

    Known are connections, whom the reader invited, and with whom the reader exchanged messages. Raises
    MissingInputError, UnreadableInputError for a damaged export, HistoryError.
    """
    from spamrec.linkedin_export import read_export

    tally = _Tally()
    export = read_export(Path(path))
    history.add_own(export.member.emails)
    for people in _batches(_people(export, tally)):
        with history.writing():
            for one in people:
                new = history.add_correspondent(
                    one.address, via="linkedin", since=one.since, name=one.name, page=one.page
                )
                tally.note(new, people=new)
    return tally.summary()


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    address: str
    page: str
    since: date | datetime


def _people(export: Export, tally: _Tally) -> Iterator[_Member]:
    for connection in export.connections:
        since = connection.since or ALWAYS
        yield from _member(connection.name, connection.url, since, tally, email=connection.email)
    for invitation in export.invitations:
        if invitation.outgoing:
            yield from _member(invitation.person, invitation.url, _since(invitation), tally)
        else:
            tally.skip("invitation that you received")
    for conversation in export.conversations:
        if conversation.outgoing:
            yield from _member(conversation.person, conversation.url, _since(conversation), tally)
        elif conversation.answered:
            since = conversation.at + ANSWERED_AFTER if conversation.at else ALWAYS
            yield from _member(conversation.person, conversation.url, since, tally)
        else:
            tally.skip("conversation that you did not answer")


def _since(event: Invitation | Conversation) -> date | datetime:
    return event.at or ALWAYS


def _member(name: str, url: str, since: date | datetime, tally: _Tally, *, email: str = "") -> Iterator[_Member]:
    """One member by address, else by page, else by name; none where the export tells none of them."""
    page, folded = page_in(url), person(name)
    address = email or (f"{LINKEDIN}in/{page}" if page else f"{LINKEDIN}{folded}" if folded else "")
    if address:
        yield _Member(name, address, page, since)
    else:
        tally.skip("member without a name")


# --- common ------------------------------------------------------------------------------------------------


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items by the hundred: read outside of any transaction, remembered together."""
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch


def _report(progress: Progress | None, tally: _Tally) -> None:
    if progress is not None:
        progress(tally.read)


def _day(at: date | datetime | None) -> date:
    return at.date() if isinstance(at, datetime) else at or date.min
