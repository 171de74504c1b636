"""Raw bytes of a mail made into a frozen `Message`, whatever their damage."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from spamrec.addresses import Address, parse_addresses
from spamrec.body import Attachment, read_body
from spamrec.dates import parse_date
from spamrec.decoding import decode_value
from spamrec.digests import digest
from spamrec.links import Link
from spamrec.mime import Part, split
from spamrec.patterns import lazy

__all__ = ["Address", "Attachment", "Link", "Message", "parse"]

OWN_HEADERS = "x-spamrec"
"""Headers that begin so were written by us and are left out of everything."""

_MESSAGE_ID = lazy(r"<[^<>\s]{1,998}>")
_BLANKS = b" \t\r\n>"
_LASTING_HEADERS = ("from", "to", "subject", "date", "message-id")
_BLOCK_BYTES = 1 << 20


class Message(NamedTuple):
    """One mail, decoded and taken apart; absent texts are "", absent lists are empty."""

    message_id: str
    """Message-ID in angle brackets, "" where there is none."""
    date: datetime | None
    """Date with its offset from UTC, None where there is none or it is impossible or absurd."""
    sender: Address | None
    """First mailbox in From, or in Sender where there is no From."""
    reply_to: tuple[Address, ...]
    """Mailboxes in Reply-To."""
    to: tuple[Address, ...]
    """Mailboxes in To."""
    cc: tuple[Address, ...]
    """Mailboxes in Cc."""
    subject: str
    """Subject, decoded and unfolded."""
    in_reply_to: tuple[str, ...]
    """Message-IDs in In-Reply-To, each with its angle brackets."""
    references: tuple[str, ...]
    """Message-IDs in References, oldest first."""
    headers: tuple[tuple[str, str], ...]
    """Lower-case name and decoded, unfolded value of every header, in order."""
    text: str
    """What the sender newly wrote, without the parts below."""
    quoted: str
    """What is quoted from earlier mail, with attribution lines."""
    forwarded: str
    """Text of mail passed on, inline or as message/rfc822."""
    signature: str
    """Closing, name and address block under the text."""
    disclaimer: str
    """Confidentiality notes, unsubscribe wording and list footers."""
    hidden: str
    """Text in HTML that a reader cannot see, preheaders included and comments not."""
    links: tuple[Link, ...]
    """Links in HTML, and bare addresses in plain text."""
    attachments: tuple[Attachment, ...]
    """Parts that are not the body."""
    calendar: str
    """Summary, location and description of calendar entries."""
    html: bool
    """Whether the texts came from HTML."""
    inline_images: int
    """Number of images that the HTML shows."""
    digest: str
    """32 hexadecimal digits that stay the same when the mail is stored, tagged or relayed again."""

    def header(self, name: str) -> str:
        """First value of a header by its lower-case name, "" where there is none."""
        for key, value in self.headers:  # asked a dozen times of each message: no generator
            if key == name:
                return value
        return ""

    def header_all(self, name: str) -> tuple[str, ...]:
        """All values of a header by its lower-case name, in order."""
        return tuple(value for key, value in self.headers if key == name)

    @property
    def sender_name(self) -> str:
        """The sender's name, else the address, "" where there is neither."""
        return (self.sender.name or self.sender.address) if self.sender else ""


def parse(raw: bytes) -> Message:
    """The mail in `raw`; any bytes give a `Message`, damaged ones with what could be read."""
    root = split(raw)
    fields = dict(reversed(root.headers))
    headers = tuple([header for header in root.headers if not header[0].startswith(OWN_HEADERS)])
    if not root.plain:
        headers = tuple([(name, decode_value(value)) for name, value in headers])
    values = dict(reversed(headers))
    senders = parse_addresses(fields.get("from", "")) or parse_addresses(fields.get("sender", ""))
    sender = senders[0] if senders else None
    subject = values.get("subject", "")
    body = read_body(root, subject, _signing_name(sender))
    return Message(
        _message_id(values.get("message-id", "")),
        parse_date(values.get("date", "")),
        sender,
        parse_addresses(fields.get("reply-to", "")),
        parse_addresses(fields.get("to", "")),
        parse_addresses(fields.get("cc", "")),
        subject,
        tuple(_MESSAGE_ID.findall(values.get("in-reply-to", ""))),
        tuple(_MESSAGE_ID.findall(values.get("references", ""))),
        headers,
        *body,
        _digest(root, values),
    )


def _message_id(value: str) -> str:
    """Message-ID in angle brackets, which careless senders leave out."""
    found = _MESSAGE_ID.search(value)
    if found is not None:
        return found.group()
    bare = value.strip("<> ")
    return f"<{bare}>" if bare and " " not in bare else bare


def _signing_name(sender: Address | None) -> str:
    """Name that a signature may be known by: the display name, else what the address makes of it."""
    if sender is None:
        return ""
    return sender.name or " ".join(re.split(r"[._+-]+", sender.local)).strip()


def _digest(root: Part, values: dict[str, str]) -> str:
    """Hash of the headers a relay leaves alone and of the body without its blanks and mbox marks."""
    head = "".join([f"{name}:{values.get(name, '')}\n" for name in _LASTING_HEADERS]).encode("utf-8", "replace")
    starts = range(root.start, root.end, _BLOCK_BYTES)
    body = (root.source[at : min(at + _BLOCK_BYTES, root.end)].translate(None, _BLANKS) for at in starts)
    return digest(chain((head,), body))
