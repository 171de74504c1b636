"""What spamrec says of one message."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from spamrec.pitch import NO_PITCH, Pitch


class Label(StrEnum):
    """The two answers, and the one that a reader may allow between them."""

    SPAM = "spam"
    UNSURE = "unsure"
    LEGITIMATE = "legitimate"

    @property
    def other(self) -> Label:
        """The one that it is not."""
        return Label.LEGITIMATE if self is Label.SPAM else Label.SPAM


ANSWERS = (Label.SPAM, Label.LEGITIMATE)
"""What a reader may call a message, and what is learnt."""


class Kind(StrEnum):
    """What sort of message it is."""

    AGENCY_BLAST = "agency blast"
    IN_HOUSE = "in-house outreach"
    FOLLOW_UP = "follow-up"
    INVITATION = "LinkedIn invitation"
    INMAIL = "InMail"
    DIGEST = "job-board digest"
    GROUP_POST = "group post"
    REFERRAL = "referral request"
    CANDIDATES = "candidates for sale"
    APPLICATION = "application process"
    SCAM = "job scam"
    OTHER = "other"


class Reason(NamedTuple):
    """One contribution to the score."""

    signal: str
    """Name of the signal, or `words`."""
    text: str
    """A sentence about this message."""
    weight: float
    """What it adds to the score; positive towards spam."""


class Verdict(NamedTuple):
    """Label, probability and reasons of one message."""

    label: Label
    """Spam where the probability reaches the threshold; below it unsure in the reader's band, legitimate elsewhere."""
    probability: float
    """That it is spam, 0 to 1, calibrated."""
    threshold: float
    """The probability from which on it is called spam."""
    kind: Kind
    """What sort of message it is."""
    reasons: tuple[Reason, ...]
    """What moved the score, the weightiest first."""
    sender: str = ""
    """Name or address of the sender."""
    subject: str = ""
    """Subject as decoded."""
    message_id: str = ""
    """Message-ID with its angle brackets, "" for none."""
    pitch: Pitch = NO_PITCH
    """The job offered, as far as it was found."""

    @property
    def spam(self) -> bool:
        """Whether it is called spam."""
        return self.label is Label.SPAM
