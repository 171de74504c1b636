"""How the sender of a message stands with its reader, asked of what is remembered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from spamrec import lessons
from spamrec.domains import enclosing, firm
from spamrec.message import Message
from spamrec.parties import LINKEDIN, identity, mailing_list, moment, page

if TYPE_CHECKING:
    from spamrec.profile import Profile
    from spamrec.store import Store

GRACE = timedelta(days=14)
"""Ten business days, which CAN-SPAM (16 CFR 316.5) gives a sender to honour a request to stop."""


MAX_ASKED = 500
"""Message-IDs asked for at once; SQLite takes more, though not all of an endless header."""


class Request(StrEnum):
    """What the reader has asked of a sender, or a sender of the reader."""

    STOP = "stop"
    COMPLAINT = "complaint"
    BARRED = "barred"
    REPAIR = "repair"


class Standing(NamedTuple):
    """How one message's sender and thread stand with the reader at the time of the message."""

    known: str = ""
    """Why the sender's address is known, in words ("in your address book"); "" where it is not."""
    known_firm: bool = False
    """Whether somebody of the sender's firm is known; freemail domains and platforms are no firm."""
    own_thread: bool = False
    """Whether it answers a message the reader wrote."""
    earlier: int = 0
    """Messages of this sender remembered from before."""
    list_posts: int | None = None
    """Messages of this sender on the same list, remembered from before; None where it came over no list, or where
    nobody's are remembered: then whether they belong to it cannot be said."""
    asked_to_stop: date | None = None
    """Day of the reader's latest request to stop to this address or to its whole firm, None where there was none."""
    ignores_request: bool = False
    """Whether that request is older than the grace of ten business days, and no repair that still holds followed."""
    complained: bool = False
    """Whether the reader has complained to this sender or to its whole firm."""
    repaired: bool = False
    """Whether the sender has since apologised or confirmed the removal, and no message of theirs was spam after it."""
    barred: bool = False
    """Whether the reader has barred the sender or firm."""
    thread_judged: str = ""
    """Label of the earlier message that it follows up: "spam", "unsure", "legitimate" or ""."""
    judged: str = ""
    """Label of this sender's latest judged message: "spam", "unsure", "legitimate" or ""."""
    answers_request: bool = False
    """Whether the message of the reader that it answers asked to stop or complained."""
    firm_asked: date | None = None
    """Day of the latest request to stop or complaint to somebody else of the sender's firm, None for none."""
    firm_ignores: bool = False
    """Whether that is longer ago than the grace."""
    told: str = ""
    """Label that the reader gave this message, or the same text from the same sender: "spam", "legitimate" or ""."""
    told_on: date | None = None
    """Day on which they gave it."""
    told_itself: bool = False
    """Whether it is that very message, and no further copy of its text."""

    @property
    def held_against(self) -> bool:
        """Whether something is remembered against the sender, their firm or the thread."""
        asked = self.asked_to_stop is not None or self.firm_asked is not None
        return asked or self.complained or self.barred or "spam" in (self.judged, self.thread_judged)


UNKNOWN = Standing()
"""A stranger of whom nothing is remembered."""

_KNOWN_VIA = {"sent": "you wrote to them before", "linkedin": "your connection on LinkedIn"}
_JUDGED = (
    "(SELECT party, message_id, thread, at, iif(label != '', label, verdict) AS judged FROM received"
    " UNION ALL SELECT party, message_id, thread, at, label FROM lesson)"
)
"""Messages with the reader's label, else the verdict given at delivery."""
_DELIVERED = "(SELECT party, message_id, thread, at, verdict AS judged FROM received)"
"""Messages with the verdict given at delivery alone."""


def recall(store: Store, message: Message, profile: Profile, now: datetime, *, labels: bool = True) -> Standing:
    """How the message's sender stands, by the facts dated up to `now`.

    The reader's label of the message itself counts whenever it was given. Without `labels` it is as though the reader
    had labelled nothing.
    """
    address, at = identity(message), moment(now)
    its_firm = firm(address)
    judged = _JUDGED if labels else _DELIVERED
    own = _is_own(store, profile, address)
    party = _party(store, address)
    firm_seen = bool(its_firm) and store.row("SELECT 1 FROM party WHERE firm = ? LIMIT 1", its_firm) is not None
    asked = _latest(store, address, at)
    stop, wish = asked.get(Request.STOP), _wish(asked)
    firm_asked = _firm_asked(store, address, its_firm, at) if firm_seen else None
    repaired = _is_repaired(store, judged, party, asked, at)
    answered = _answered(store, message, at)
    barred = _listed(address, profile.never) or Request.BARRED in asked
    told = lessons.told(store, message, address) if labels else None
    if told and not told.itself and told.label == "legitimate" and (barred or (stop or date.min) > told.on):
        told = None  # the reader has had enough of it since
    return Standing(
        known=_why_known(store, message, profile, address, at, own=own),
        known_firm=_knows_firm(store, profile, its_firm, at, seen=firm_seen),
        own_thread=answered is not None,
        earlier=_count(store, "SELECT count(*) FROM received WHERE party = ? AND at < ?", party, at) if party else 0,
        list_posts=_posts(store, mailing_list(message), party, at),
        asked_to_stop=stop,
        ignores_request=stop is not None and now.date() - stop > GRACE and not repaired,
        complained=Request.COMPLAINT in asked,
        repaired=wish is not None and repaired,
        barred=barred,
        thread_judged=_thread_judged(store, judged, message, profile, address, at) if party or firm_seen else "",
        judged="" if own or not party else _last_judged(store, judged, party, at),
        answers_request=bool(answered),
        firm_asked=firm_asked,
        firm_ignores=firm_asked is not None and now.date() - firm_asked > GRACE and not repaired,
        told=told.label if told else "",
        told_on=told.on if told else None,
        told_itself=bool(told and told.itself),
    )


def open_wish(store: Store, address: str, at: str) -> str:
    """The address or `@domain` among the sender's own that the reader last asked something of; "" for none, or where
    it has been repaired since."""
    found = _requests(store, address, at)
    wishes = [(day, target) for kind, day, target in found if kind in (Request.STOP, Request.COMPLAINT)]
    day, target = max(wishes, default=("", ""))
    repaired = max((day for kind, day, _ in found if kind == Request.REPAIR), default="")
    return target if day > repaired else ""


# --- whom the reader knows ---------------------------------------------------------------------------------


def _why_known(store: Store, message: Message, profile: Profile, address: str, at: str, *, own: bool) -> str:
    if not address or address in profile.emails:
        return ""
    if address.startswith(LINKEDIN):
        return _why_connected(store, message, address.removeprefix(LINKEDIN), at)
    if _listed(address, profile.known):
        return "named in your profile"
    if own:
        return ""
    row = store.row(
        "SELECT via FROM correspondent JOIN party ON party = id WHERE address = ? AND since <= ? ORDER BY since",
        address,
        at,
    )
    return _KNOWN_VIA.get(row[0], "in your address book") if row else ""


def _why_connected(store: Store, message: Message, name: str, at: str) -> str:
    """People on LinkedIn are told apart by their pages where both are known, else by their full names."""
    its_page = page(message, name)
    if its_page and store.row("SELECT 1 FROM correspondent WHERE page = ? AND since <= ?", its_page, at):
        return "your connection"
    row = store.row(
        "SELECT 1 FROM correspondent WHERE folded = ? AND since <= ? AND (page = '' OR ? = '')",
        name,
        at,
        its_page,
    )
    return "your connection" if row and " " in name else ""


def _knows_firm(store: Store, profile: Profile, its_firm: str, at: str, *, seen: bool) -> bool:
    named = bool(its_firm) and any(firm(known) == its_firm for known in profile.known)
    if not (named or seen) or _own_firm(store, profile, its_firm):
        return False
    if named:
        return True
    row = store.row(
        "SELECT 1 FROM party JOIN correspondent ON party = id WHERE firm = ? AND since <= ? LIMIT 1",
        its_firm,
        at,
    )
    return row is not None


# --- what the reader asked ---------------------------------------------------------------------------------


def _requests(store: Store, address: str, at: str) -> list[tuple[str, str, str]]:
    """Kind, day and target of what concerns an address: itself, and the domains it lies in."""
    names = [address, *(f"@{domain}" for domain in enclosing(address))]
    marks = ", ".join("?" * len(names))
    query = f"SELECT kind, day, address FROM request JOIN party ON party = id WHERE day <= ? AND address IN ({marks})"  # noqa: S608
    return [(kind, day, target) for kind, day, target in store.rows(query, at[:10], *names)]


def _latest(store: Store, address: str, at: str) -> dict[Request, date]:
    """The latest day of each kind of request."""
    days: dict[Request, date] = {}
    for kind, day, _ in sorted(_requests(store, address, at), key=lambda one: one[1]):
        days[Request(kind)] = date.fromisoformat(day)
    return days


def _wish(asked: dict[Request, date]) -> date | None:
    days = [asked[kind] for kind in (Request.STOP, Request.COMPLAINT) if kind in asked]
    return max(days, default=None)


def _is_repaired(store: Store, judged: str, party: int, asked: dict[Request, date], at: str) -> bool:
    """Whether a repair followed the last wish, and nothing that was spam followed the repair."""
    repair, wish = asked.get(Request.REPAIR), _wish(asked)
    if repair is None or (wish is not None and repair < wish):
        return False
    query = f"SELECT 1 FROM {judged} WHERE party = ? AND at >= ? AND at < ? AND judged = 'spam'"  # noqa: S608
    after = (repair + timedelta(days=1)).isoformat()  # days have no hour: what came on that day came before
    return store.row(query, party, after, at) is None


def _firm_asked(store: Store, address: str, its_firm: str, at: str) -> date | None:
    if not its_firm:
        return None
    row = store.row(
        "SELECT max(day) FROM party JOIN request ON party = id WHERE firm = ? AND day <= ? AND address != ?"
        " AND address NOT LIKE '@%' AND kind IN ('stop', 'complaint')",
        its_firm, at[:10], address,
    )  # fmt: skip
    return date.fromisoformat(row[0]) if row and row[0] else None


# --- what came before --------------------------------------------------------------------------------------


def _party(store: Store, address: str) -> int:
    """Number of an address, 0 where nothing is remembered of it."""
    row = store.row("SELECT id FROM party WHERE address = ?", address)
    return row[0] if row else 0


def _count(store: Store, query: str, *values: str | int) -> int:
    row = store.row(query, *values)
    return int(row[0]) if row else 0


def _answered(store: Store, message: Message, at: str) -> int | None:
    """Whether the reader's message that is answered was a request, 0 or 1; None where none is answered."""
    references = list({*message.in_reply_to, *message.references})
    wishes: list[int] = []
    for start in range(0, len(references), MAX_ASKED):
        asked = references[start : start + MAX_ASKED]
        marks = ", ".join("?" * len(asked))
        query = f"SELECT request FROM own_message WHERE at <= ? AND message_id IN ({marks})"  # noqa: S608
        wishes += [request for (request,) in store.rows(query, at, *asked)]
    return min(wishes, default=None)


def _posts(store: Store, list_name: str, party: int, at: str) -> int | None:
    if not list_name:
        return None
    told = "SELECT count FROM posted WHERE list = ? AND party = ? AND first < ?"
    seen = "SELECT count(*) FROM received WHERE party = ? AND at < ? AND list = ?"
    posts = _count(store, told, list_name, party, at) + _count(store, seen, party, at, list_name) if party else 0
    return posts if posts or _is_known_list(store, list_name, at) else None


def _is_known_list(store: Store, list_name: str, at: str) -> bool:
    """Whether anybody's post on a list is remembered."""
    told = store.row("SELECT 1 FROM posted WHERE list = ? AND first < ? LIMIT 1", list_name, at)
    return (
        told is not None
        or store.row("SELECT 1 FROM received WHERE list = ? AND list != '' AND at < ? LIMIT 1", list_name, at)
        is not None
    )


def _thread_judged(store: Store, judged: str, message: Message, profile: Profile, address: str, at: str) -> str:
    """Label of the last judged message that this one refers to, or of its thread; only of this sender or their firm,
    and never of a colleague of the reader: a thread called spam is none of theirs."""
    references = (*message.references, *message.in_reply_to)
    if not references:
        return ""
    query = (
        f"SELECT judged, judged.message_id = ? FROM {judged} AS judged JOIN party ON party = party.id"  # noqa: S608
        " WHERE (message_id = ? OR thread = ?) AND at < ? AND judged != ''"
        " AND (address = ? OR (firm != '' AND firm = ?)) ORDER BY 2 DESC, at DESC LIMIT 1"
    )
    last, first = references[-1], references[0]
    its_firm = firm(address)
    if _own_firm(store, profile, its_firm):
        its_firm = ""
    row = store.row(query, last, last, first, at, address, its_firm)
    return str(row[0]) if row else ""


def _last_judged(store: Store, judged: str, party: int, at: str) -> str:
    """Label of the sender's last judged message."""
    row = store.row(
        f"SELECT judged FROM {judged} WHERE party = ? AND at < ? AND judged != '' ORDER BY at DESC LIMIT 1",  # noqa: S608
        party, at,
    )  # fmt: skip
    return str(row[0]) if row else ""


def _is_own(store: Store, profile: Profile, address: str) -> bool:
    """Whether an address is the reader's own."""
    return address in profile.emails or store.row("SELECT 1 FROM own_address WHERE address = ?", address) is not None


def _own_firm(store: Store, profile: Profile, its_firm: str) -> bool:
    """Whether a firm is that of an address of the reader's own."""
    if its_firm and its_firm in {firm(own) for own in profile.emails}:
        return True
    return store.row("SELECT 1 FROM own_address WHERE firm = ? AND firm != ''", its_firm) is not None


def _listed(address: str, entries: tuple[str, ...]) -> bool:
    return bool(address) and (address in entries or any(f"@{domain}" in entries for domain in enclosing(address)))
