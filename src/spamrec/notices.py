"""What a LinkedIn notification holds, apart from the reading of one, which most mail never needs."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from spamrec.message import Message

DOMAIN = "linkedin.com"
"""Notifications come from this domain or one below it; look-alikes are other mail."""


class Kind(StrEnum):
    """What LinkedIn notifies of."""

    INVITATION = "invitation"
    INMAIL = "inmail"
    MESSAGE = "message"
    ACCEPTED = "accepted"
    JOBS = "jobs"
    APPLICATION = "application"
    DIGEST = "digest"


class Notice(NamedTuple):
    """One notification, unwrapped."""

    kind: Kind
    """What it notifies of."""
    person: str
    """Name of the member it speaks of, "" for none."""
    title: str
    """That member's title line, "" where it is not shown."""
    subject: str
    """Subject of the member's own, "" where LinkedIn wrote it."""
    text: str
    """What the member wrote, the jobs listed or the news told; "" for an invitation without a note."""
    own_alert: bool = False
    """Whether the jobs come from an alert that the reader set up."""


def from_linkedin(message: Message) -> bool:
    """Whether a mail gives LinkedIn as its sender; only then is there a notice to look for."""
    domain = message.sender.domain if message.sender else ""
    return domain == DOMAIN or domain.endswith(f".{DOMAIN}")
