"""The Date header, tolerantly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from spamrec.patterns import lazy

EARLIEST_YEAR = 1970
"""Years before this are absurd for mail and count as no date."""

LATEST_YEAR = 2100
"""Years after this are absurd for mail and count as no date."""

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DATE = lazy(
    r"(\d{1,2})[ \t-]+([A-Za-z]{3})[a-z]*\.?[ \t,-]+(\d{2,4})[ \t,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?"
    r"[ \t]*([+-]\d{4}|[A-Za-z]{1,5})?"
)
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}


def parse_date(value: str) -> datetime | None:
    """Moment named by a Date header, with its offset; None when there is none, or it is impossible or absurd."""
    found = _DATE.search(value[:200])
    if found is None:
        return _other_form(value[:200])
    day, month, year, hour, minute, second, zone = found.groups()
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    return _moment((_full_year(year), number, int(day), int(hour), int(minute), int(second or 0)), _offset(zone))


def _moment(fields: tuple[int, int, int, int, int, int], offset_minutes: int) -> datetime | None:
    if not EARLIEST_YEAR <= fields[0] <= LATEST_YEAR or abs(offset_minutes) >= 24 * 60:
        return None
    year, month, day, hour, minute, second = fields
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(offset_minutes))
    except ValueError:
        return None


@cache
def _zone(offset_minutes: int) -> timezone:
    return timezone(timedelta(minutes=offset_minutes)) if offset_minutes else UTC


def _full_year(year: str) -> int:
    """Two and three digits as RFC 5322, 4.3 reads them."""
    number = int(year)
    if len(year) == 2:
        return number + (2000 if number < 50 else 1900)
    return number + 1900 if len(year) == 3 else number


def _offset(zone: str | None) -> int:
    """Minutes east of UTC; an unknown zone counts as UTC (RFC 5322, 4.3)."""
    if not zone:
        return 0
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        return -minutes if zone[0] == "-" else minutes
    return _ZONES.get(zone.upper(), 0) * 60


def _other_form(value: str) -> datetime | None:
    """Dates such as "Mar 14 2023 15:09:26" or "2023-03-14T15:09:26Z", which the standard parser knows."""
    if not any(character.isdigit() for character in value):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        from email.utils import parsedate_tz

        try:
            parsed = parsedate_tz(value)
        except (ValueError, IndexError, TypeError):
            return None
        if parsed is None:
            return None
        return _moment((*parsed[:6],), (parsed[9] or 0) // 60)
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
