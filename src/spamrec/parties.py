"""What a mail that came tells the history: who speaks, over which list, in which thread."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from spamrec.domains import firm
from spamrec.message import Message
from spamrec.notices import from_linkedin
from spamrec.phrases import fold

LINKEDIN = "linkedin:"
"""Begins the address of a person known by name or page on LinkedIn only."""

# Patterns stay text, as `re` compiles them when they are first used: most starts need none of them.
_NOBODY = (
    r"(?:^|[._+-])(?:no[._-]?reply|do[._-]?not[._-]?reply|noreponse|ne[._-]?pas[._-]?repondre|nicht[._-]?antworten"
    r"|no[._-]?responder|mailer[._-]?daemon|postmaster|bounces?|undisclosed|notifications?)(?:$|[._+-])"
)
_LIST_COMMAND = (
    r"^(?:listserv|majordomo|sympa|mailman|ecartis)$|[._+-](?:request|un?subscribe|leave|off|help|owner|join)$"
    r"|^(?:un?subscribe|leave)[._+-]"
)
_PAGE = r"(?i)linkedin\.com/(?:comm/)?in/([^/?#\s]+)"
_NOT_PAGES = frozenset(("accept", "decline", "ignore", "me"))
MIN_NAME_CHARS = 3
"""Letters of a name, at least, that a page's address must share with it to be that person's."""


class Arrival(NamedTuple):
    """What is remembered of a mail that came."""

    message_id: str
    """Message-ID in angle brackets, "" for none."""
    digest: str
    """Digest of the content, "" where only the Message-ID is known."""
    party: str
    """Who speaks, as `identity` tells."""
    list_name: str
    """List it came over, "" for none."""
    thread: str
    """Message-ID of the thread's first message, "" for none."""
    at: datetime | date | None
    """When it was sent or came, None where that is unknown."""


def arrival(message: Message, at: datetime | None = None) -> Arrival:
    """What to remember of a mail that came, by its own date unless told when."""
    references = (*message.references, *message.in_reply_to, message.message_id)
    return Arrival(
        message.message_id,
        message.digest,
        identity(message),
        mailing_list(message),
        references[0],
        at or message.date,
    )


def identity(message: Message) -> str:
    """Who speaks: the address, or the person behind a platform's address ("linkedin:jane doe")."""
    if message.sender is None:
        return ""
    if from_linkedin(message):
        from spamrec import linkedin

        notice = linkedin.unwrap(message)
        return f"{LINKEDIN}{person(notice.person)}" if notice and notice.person else ""
    return message.sender.address


def target(text: str) -> str:
    """The address, "@domain" of a firm, or person on LinkedIn that a user names; "" where the text is none of them."""
    text = text.strip().strip("<>").lower().removeprefix("mailto:")
    if text.startswith(LINKEDIN):
        return f"{LINKEDIN}{person(text.removeprefix(LINKEDIN))}"
    named = text if "@" in text else f"@{text}"
    if not re.fullmatch(r"[^\s@<>,;]*@[^\s@<>,;]+\.[^\s@<>,;.]+", named):
        return ""
    return named if not named.startswith("@") or firm(named) else ""


def mailing_list(message: Message) -> str:
    """Name of the list a message came over, lower case; "" for none (RFC 2919)."""
    name = message.header("list-id")
    return name[name.rfind("<") + 1 :].rstrip("> ").lower() if name else ""


def person(name: str) -> str:
    """A name as people are matched by: folded, without degrees, nicknames in brackets and ornaments."""
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]|,.*", " ", fold(name))
    return " ".join(re.findall(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*", plain))


def page(message: Message, name: str) -> str:
    """Last part of the address of a person's LinkedIn page, as far as a link resembles the name; "" for none."""
    parts = [part for part in re.split(r"\W+", name) if len(part) >= MIN_NAME_CHARS]
    for link in message.links:
        found = page_in(link.target)
        if found and any(part in fold(found) for part in parts):
            return found
    return ""


def page_in(target: str) -> str:
    """Last part of a LinkedIn page's address in a link, lower case; "" where there is none."""
    found = re.search(_PAGE, target)
    if found is None or found[1].lower() in _NOT_PAGES:
        return ""
    name = found[1]
    if "%" in name:
        from urllib.parse import unquote

        name = unquote(name)
    return name.lower()


def answers_nobody(address: str) -> bool:
    """Whether no person reads what is sent to an address, by its name."""
    return re.search(_NOBODY, address.partition("@")[0]) is not None


def is_list_command(address: str) -> bool:
    """Whether an address takes commands to a mailing list, so that a request to it is about that list alone."""
    return re.search(_LIST_COMMAND, address.partition("@")[0]) is not None


def moment(when: date | datetime) -> str:
    """A moment as UTC text that sorts; a bare day counts from its beginning."""
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat()[:19]
    return when.isoformat()
