"""A LinkedIn data export: connections, invitations, conversations and the reader's own profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from spamrec.errors import MissingInputError
from spamrec.linkedin_tables import ExportError, FolderSource, Row, Source, ZipSource, rows

_TABLES = (
    "profile.csv", "positions.csv", "skills.csv", "email addresses.csv", "job seeker preferences.csv",
    "connections.csv", "invitations.csv", "messages.csv",
)  # fmt: skip
"""File names in lower case with blanks for underscores, whatever folder they lie in."""

_DATE_FORMS = (
    "%d %b %Y", "%d %b %Y, %H:%M", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%m/%d/%y, %I:%M %p",
    "%m/%d/%Y, %I:%M %p", "%m/%d/%y", "%m/%d/%Y", "%d/%m/%y, %H:%M", "%d/%m/%Y", "%b %d, %Y", "%B %d, %Y", "%b %Y",
)  # fmt: skip
"""Dates as exports of several years and languages write them, as for strptime; months before days, as LinkedIn does."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A member whom the reader is connected with."""

    name: str
    """First and last name."""
    email: str
    """Address in lower case, "" as most members hide it."""
    position: str
    """Position when the export was made, "" for none."""
    since: datetime | None
    """When the two connected, in UTC, None where the export does not tell."""
    url: str
    """Address of the member's page, "" in older exports."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to connect, made or received."""

    person: str
    """Name of the other member."""
    message: str
    """The note with it, "" for none."""
    outgoing: bool
    """Whether the reader sent it."""
    at: datetime | None
    """When it was sent, in UTC, None where the export does not tell."""
    url: str = ""
    """Address of the other member's page, "" in older exports."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages exchanged with one or several members."""

    title: str
    """Its title or the first message's subject, "" for none."""
    person: str
    """Name of the member who wrote first, or first among the recipients where the reader did."""
    url: str
    """Address of that member's page, "" where the export does not tell."""
    first: str
    """Text of the first message, without markup; "" where it only carried an attachment."""
    at: datetime | None
    """When the first message was sent, in UTC, None where the export does not tell."""
    outgoing: bool
    """Whether the reader wrote first."""
    answered: bool
    """Whether the reader wrote back, or where the reader wrote first, whether anybody did."""
    messages: int
    """Number of messages, 1 or more."""


@dataclass(frozen=True, slots=True)
class Position:
    """A job the reader has or had."""

    company: str
    """The employer."""
    title: str
    """Title of the job."""
    current: bool
    """Whether no end is given."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the reader told LinkedIn about the work they seek."""

    titles: tuple[str, ...]
    """Titles sought."""
    locations: tuple[str, ...]
    """Places sought."""
    open_to_recruiters: bool | None
    """Whether recruiters are told, None where the export does not say."""
    urgency: str
    """How actively the reader looks, in LinkedIn's words, "" where the export does not say."""


@dataclass(frozen=True, slots=True)
class Member:
    """The reader, as their own profile tells."""

    name: str
    """First and last name, "" where Profile.csv is missing."""
    headline: str
    """Line under the name."""
    location: str
    """Region that LinkedIn shows."""
    postal_code: str
    """Postal code, "" as newer exports leave it out."""
    positions: tuple[Position, ...]
    """Jobs, as listed."""
    skills: tuple[str, ...]
    """Skills, as listed."""
    emails: tuple[str, ...]
    """The reader's own addresses in lower case, the primary one first."""
    looking: Preferences | None
    """Job seeker preferences, None where none were set."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was read; tables that an export lacks are empty."""

    member: Member
    """The reader."""
    connections: tuple[Connection, ...]
    """Connections, as listed."""
    invitations: tuple[Invitation, ...]
    """Invitations, as listed."""
    conversations: tuple[Conversation, ...]
    """Conversations by their first message, oldest first."""


def read_export(path: Path) -> Export:
    """The export in a zip or an unpacked folder; missing tables and unknown columns are no error.

    Raises:
        MissingInputError: there is nothing at `path`.
        ExportError: it is damaged, too large, or holds no table of a LinkedIn export.
    """
    if not path.exists():
        raise MissingInputError(path)
    try:
        return _read(FolderSource(path)) if path.is_dir() else _read_zip(path)
    except ExportError:
        raise
    except OSError as error:
        raise ExportError(path, f"cannot be read ({error.strerror or error})") from error


def _read_zip(path: Path) -> Export:
    import zlib
    from zipfile import BadZipFile, LargeZipFile, ZipFile

    try:
        with ZipFile(path) as opened:
            return _read(ZipSource(path, opened))
    except (BadZipFile, LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        # RuntimeError is what zipfile raises for an encrypted entry, UnicodeError for a name that is not in UTF-8
        raise ExportError(path, f"not a readable zip ({error})") from error


# --- the export --------------------------------------------------------------------------------------------


def _read(source: Source) -> Export:
    if not any(name in source.files for name in _TABLES):
        raise ExportError(source.path, "holds no table of a LinkedIn export")
    member = _member(source)
    written = [row for row in rows(source, "messages.csv", "from", "date") if not _is_draft(row)]
    reader = member.name or _reader(written)
    return Export(
        member=member,
        connections=tuple(_connection(row) for row in rows(source, "connections.csv", "first name", "last name")),
        invitations=tuple(_invitation(row, reader) for row in rows(source, "invitations.csv", "from", "to")),
        conversations=_conversations(written, reader),
    )


def _member(source: Source) -> Member:
    profile = next(rows(source, "profile.csv", "first name"), {})
    emails = list(rows(source, "email addresses.csv", "email address"))
    emails.sort(key=lambda row: row.get("primary", "").lower() != "yes")
    positions = (
        Position(row["company name"], row.get("title", ""), not row.get("finished on", ""))
        for row in rows(source, "positions.csv", "company name")
    )
    return Member(
        name=_full_name(profile),
        headline=profile.get("headline", ""),
        location=profile.get("geo location", "") or profile.get("location", ""),
        postal_code=profile.get("zip code", ""),
        positions=tuple(positions),
        skills=tuple(row["name"] for row in rows(source, "skills.csv", "name") if row["name"]),
        emails=tuple(dict.fromkeys(row["email address"].lower() for row in emails if row["email address"])),
        looking=_preferences(next(rows(source, "job seeker preferences.csv"), {})),
    )


def _preferences(row: Row) -> Preferences | None:
    if not any(row.values()):
        return None
    opened = row.get("open to recruiters", "").lower()
    return Preferences(
        titles=_listed(row.get("job titles", "")),
        locations=_listed(row.get("locations", "")),
        open_to_recruiters={"yes": True, "true": True, "no": False, "false": False}.get(opened),
        urgency=row.get("job seeking urgency level", "") or row.get("job seeker activity level", ""),
    )


def _connection(row: Row) -> Connection:
    return Connection(
        name=_full_name(row),
        email=row.get("email address", "").lower(),
        position=row.get("position", ""),
        since=parse_date(row.get("connected on", "")),
        url=row.get("url", ""),
    )


def _invitation(row: Row, reader: str) -> Invitation:
    """One invitation; where an older export gives no direction, From tells whether it is the reader's."""
    direction = row.get("direction", "").lower()
    outgoing = direction.startswith("out") or (not direction and row["from"] == reader)
    url = row.get("inviteeprofileurl" if outgoing else "inviterprofileurl", "")
    person = row.get("to", "") if outgoing else row["from"]
    return Invitation(person, _plain(row.get("message", "")), outgoing, parse_date(row.get("sent at", "")), url)


def _conversations(written: list[Row], reader: str) -> tuple[Conversation, ...]:
    """Messages put together by conversation, or by who takes part where the export does not number them."""
    together: dict[str, list[Row]] = {}
    for row in written:
        parties = "\n".join(sorted({row["from"], *row.get("to", "").split(",")}))
        together.setdefault(row.get("conversation id", "") or parties, []).append(row)
    found = [_conversation(messages, reader) for messages in together.values()]
    return tuple(sorted(found, key=lambda one: one.at or _LATEST))


_LATEST = datetime.max.replace(tzinfo=UTC)


def _conversation(messages: list[Row], reader: str) -> Conversation:
    """One conversation of at least one message; LinkedIn lists the newest first."""
    ordered = messages[::-1]
    ordered.sort(key=lambda row: parse_date(row["date"]) or _LATEST)
    first = ordered[0]
    outgoing = _is_own(first, reader)
    writers = [_is_own(row, reader) for row in ordered]
    url = first.get("recipient profile urls" if outgoing else "sender profile url", "")
    return Conversation(
        title=first.get("conversation title", "") or first.get("subject", ""),
        person=first.get("to", "").partition(",")[0].strip() if outgoing else first["from"],
        url=url.partition(",")[0].strip(),
        first=_plain(first.get("content", "")),
        at=parse_date(first["date"]),
        outgoing=outgoing,
        answered=(not outgoing) in writers,
        messages=len(ordered),
    )


def _is_own(row: Row, reader: str) -> bool:
    return row.get("direction", "").lower().startswith("out") or bool(reader and row["from"] == reader)


def _is_draft(row: Row) -> bool:
    return row.get("is message draft", "").lower() in ("yes", "true") or not row["from"]


def _reader(written: list[Row]) -> str:
    """The reader's name by what is marked as sent, else by who takes part in most messages; "" where unclear."""
    from collections import Counter

    sent = next((row["from"] for row in written if _is_own(row, "")), "")
    if sent:
        return sent
    parties = Counter(name.strip() for row in written for name in {row["from"], *row.get("to", "").split(",")})
    ranked = [(name, count) for name, count in parties.most_common(2) if name]
    unique = len(ranked) == 1 or (len(ranked) == 2 and ranked[0][1] > ranked[1][1])
    return ranked[0][0] if unique and ranked[0][1] * 2 > len(written) else ""


# --- fields ------------------------------------------------------------------------------------------------


def parse_date(text: str) -> datetime | None:
    """A moment in UTC in any of the forms that exports have had; None for none or an unknown form."""
    text = " ".join(text.replace("\u202f", " ").split())
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _full_name(row: Row) -> str:
    return f"{row.get('first name', '')} {row.get('last name', '')}".strip()


def _listed(text: str) -> tuple[str, ...]:
    """Values of one field, which LinkedIn parts by bars or semicolons."""
    return tuple(part.strip() for part in text.replace(";", "|").split("|") if part.strip())


def _plain(text: str) -> str:
    """A message as text: older exports hold HTML, newer ones now and then a tag or an entity."""
    from html import unescape

    from spamrec.htmltext import has_markup, read_html

    return read_html(text).text if has_markup(text) else unescape(text).strip()
