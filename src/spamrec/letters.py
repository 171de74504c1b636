"""What a mail that the reader wrote tells the history: whom it went to, what it answers, what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from spamrec import wishes
from spamrec.addresses import Address
from spamrec.message import Message
from spamrec.wishes import Wish


@dataclass(frozen=True, slots=True)
class Sent:
    """What is remembered of a mail that the reader wrote."""

    message_id: str
    """Message-ID in angle brackets, "" for none."""
    digest: str
    """Digest of the content."""
    sender: str
    """The reader's own address."""
    recipients: tuple[Address, ...]
    """Mailboxes in To and Cc."""
    to: tuple[str, ...]
    """Addresses in To."""
    answers: tuple[str, ...]
    """Message-IDs that it answers."""
    wish: Wish
    """What it asks of its recipients."""
    at: datetime | None
    """When it was written, None where that is unknown."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What was new in a message that the reader wrote."""

    new: bool
    """Whether the message itself was."""
    people: int
    """Correspondents not known from the reader's mail before."""
    requests: int
    """Requests to stop, and complaints, not noted before."""


def sent(message: Message) -> Sent:
    """What to remember of a mail that the reader wrote."""
    return Sent(
        message.message_id,
        message.digest,
        message.sender.address if message.sender else "",
        tuple(mailbox for mailbox in (*message.to, *message.cc) if "@" in mailbox.address),
        tuple(mailbox.address for mailbox in message.to if "@" in mailbox.address),
        message.in_reply_to,
        wishes.read(message),
        message.date,
    )
