"""Who writes, how often, and who goes on after a request to stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from spamrec.domains import enclosing
from spamrec.history import GRACE, History, Request


class By(StrEnum):
    """Whom a row of the report stands for."""

    ADDRESS = "address"
    FIRM = "firm"


@dataclass(frozen=True, slots=True)
class Sender:
    """What one address, or one firm, sent."""

    sender: str
    """The address, or the firm's domain."""
    first: date | None
    """Day of the first mail, None for none."""
    last: date | None
    """Day of the last mail, None for none."""
    count: int
    """Mails remembered."""
    spam: int
    """Mails called spam by the reader, or else at delivery."""
    legitimate: int
    """Mails called legitimate by the reader, or else at delivery."""
    asked: date | None
    """Day of the latest request to stop, or complaint; None for none."""
    after: int
    """Mails after that day."""
    ignored: int
    """Mails after the grace of ten business days that follows it."""
    days_since: int | None
    """Days since the request, None for none."""
    barred: bool
    """Whether the reader has barred them."""


@dataclass(slots=True)
class _Row:
    """What is added up for one row of the report; days as text, "" for none."""

    parties: list[int]
    first: str = ""
    last: str = ""
    count: int = 0
    spam: int = 0
    legitimate: int = 0
    asked: str = ""
    barred: bool = False


def report(history: History, *, by: By = By.ADDRESS, today: date | None = None) -> list[Sender]:
    """Everybody who wrote or was asked to stop, the worst offender first: by mails that ignored a request, mails after
    it, spam, and number of mails. Raises HistoryError."""
    now = today or datetime.now(UTC).date()
    rows = {name: row for name, row in _rows(history, by, now).items() if row.count or row.asked or row.barred}
    found = [_sender(history, name, row, now) for name, row in rows.items()]
    return sorted(found, key=lambda one: (-one.ignored, -one.after, -one.spam, -one.count, one.sender))


_TOTALS = """
SELECT party.id, address, firm, coalesce(min(at), ''), coalesce(max(at), ''), count(received.id),
    total(iif(label != '', label, verdict) = 'spam'), total(iif(label != '', label, verdict) = 'legitimate')
FROM party LEFT JOIN received ON received.party = party.id AND at < ? GROUP BY party.id
"""


def _rows(history: History, by: By, today: date) -> dict[str, _Row]:
    """Parties put together, with what was asked of them, of their whole firm, or of the domain they lie in."""
    asked, barred = _requests(history, today)
    rows: dict[str, _Row] = {}
    tomorrow = (today + timedelta(days=1)).isoformat()
    for party, address, firm, first, last, count, spam, legitimate in history.store.rows(_TOTALS, tomorrow):
        row = rows.setdefault(firm or address if by is By.FIRM else address, _Row([]))
        row.parties.append(party)
        row.first = min(filter(None, (row.first, first)), default="")
        row.last = max(row.last, last)
        row.count += count
        row.spam += int(spam)
        row.legitimate += int(legitimate)
        reach = _reach(address)
        row.asked = max([row.asked, *(asked.get(one, "") for one in reach)])
        row.barred = row.barred or any(one in barred for one in reach)
    return rows


def _requests(history: History, today: date) -> tuple[dict[str, str], set[str]]:
    asked: dict[str, str] = {}
    barred: set[str] = set()
    query = "SELECT address, kind, day FROM request JOIN party ON party = id WHERE day <= ?"
    for address, kind, day in history.store.rows(query, today.isoformat()):
        if kind in (Request.STOP, Request.COMPLAINT):
            asked[address] = max(day, asked.get(address, ""))
        elif kind == Request.BARRED:
            barred.add(address)
    return asked, barred


def _reach(address: str) -> list[str]:
    """Targets of requests that concern an address."""
    return [address, *(f"@{domain}" for domain in enclosing(address))]


def _sender(history: History, name: str, row: _Row, today: date) -> Sender:
    asked = date.fromisoformat(row.asked) if row.asked else None
    return Sender(
        sender=name,
        first=date.fromisoformat(row.first[:10]) if row.first else None,
        last=date.fromisoformat(row.last[:10]) if row.last else None,
        count=row.count,
        spam=row.spam,
        legitimate=row.legitimate,
        asked=asked,
        after=_since(history, row, asked, today),
        ignored=_since(history, row, asked + GRACE, today) if asked else 0,
        days_since=(today - asked).days if asked else None,
        barred=row.barred,
    )


def _since(history: History, row: _Row, day: date | None, today: date) -> int:
    """Mails after a day, up to today."""
    if day is None:
        return 0
    query = "SELECT count(*) FROM received WHERE party = ? AND at >= ? AND at < ?"
    begin, end = ((one + timedelta(days=1)).isoformat() for one in (day, today))
    return sum(int(history.store.rows(query, party, begin, end)[0][0]) for party in row.parties)
