"""What a worker does with one request: judges its message, or learns from it, and makes the reply."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import NamedTuple

from spamrec import __version__, spamd, tagging
from spamrec.bulk import Judge, Setup
from spamrec.report import LEAST_WEIGHT, literal
from spamrec.sources import Mail
from spamrec.spamd import Request, Scan, Verb
from spamrec.tagging import REQUIRED, Style
from spamrec.verdict import Verdict


class Remember(StrEnum):
    """Which messages count as delivered, and are remembered."""

    TAGGED = "tagged"
    """Those that are handed back to be stored: PROCESS and HEADERS."""
    ALL = "all"
    """Those that are only asked about, too."""
    NONE = "none"
    """None."""


DELIVERS = {
    Remember.TAGGED: (Verb.PROCESS, Verb.HEADERS),
    Remember.ALL: (Verb.PROCESS, Verb.HEADERS, Verb.CHECK, Verb.SYMBOLS, Verb.REPORT, Verb.REPORT_IFSPAM),
    Remember.NONE: (),
}
"""Requests whose messages are remembered."""
WARM = (
    b"From: Jo Poe <jo@staffing.example>\r\nTo: you@home.example\r\nSubject: Urgent: Java developer in Plano, TX\r\n"
    b"Content-Type: text/html\r\n\r\n<p>Dear candidate,</p><p>Our client in Dallas, TX is looking for a contractor, "
    b"6 months, $60/hr on C2C. Please send your resume. Remote is no option; relocate to Springfield.</p>"
)
"""Judged once before workers are forked, so that what is read at first use is read once."""


class Said(NamedTuple):
    """What the log tells of an answer."""

    text: str
    """What was found, as `result: Y 0.98 - far-place,words`."""
    message_id: str
    """Message-ID, "" for none."""
    learned: bool = False
    """Whether what is judged by has changed."""


# --- between server and worker -----------------------------------------------------------------------------


def payload(request: Request) -> bytes:
    """A request as bytes."""
    head = json.dumps(request._asdict() | {"raw": ""})  # the message follows as it is
    return head.encode("ascii") + b"\n" + request.raw


def request_of(data: bytes) -> Request:
    """The request in the bytes of `payload`."""
    head, _, raw = data.partition(b"\n")
    told = json.loads(head)
    return Request(**told | {"verb": Verb(told["verb"]), "raw": raw})


def packed(reply: bytes, said: Said) -> bytes:
    """A reply, and what is to be logged, as bytes."""
    return json.dumps(said).encode("ascii") + b"\n" + reply


def unpacked(data: bytes) -> tuple[bytes, Said]:
    """What `packed` made into bytes."""
    head, _, reply = data.partition(b"\n")
    return reply, Said(*json.loads(head))


# --- verdicts ----------------------------------------------------------------------------------------------


def scan(verdict: Verdict, rewritten: bytes) -> Scan:
    """A verdict in the protocol's terms."""
    return Scan(
        verdict.spam, tagging.points(verdict), REQUIRED, symbols(verdict), report_text(verdict).encode(), rewritten
    )


def symbols(verdict: Verdict) -> list[str]:
    """Names of the signals that moved the score, the weightiest first."""
    return [reason.signal for reason in verdict.reasons if abs(reason.weight) >= LEAST_WEIGHT]


def report_text(verdict: Verdict) -> str:
    """The reasons in words, one a line; positive weights are those towards spam."""
    lines = [
        f"spamrec {__version__}: {verdict.label.value}, probability {verdict.probability:.3f}, spam from "
        f"{verdict.threshold:.3f} on; {verdict.kind.value}",
        "",
        *(
            f"{reason.weight:+6.2f} {reason.signal:<24} {literal(reason.text)}"
            for reason in verdict.reasons
            if abs(reason.weight) >= LEAST_WEIGHT
        ),
    ]
    return "\n".join(lines) + "\n"


def said_of(verdict: Verdict) -> Said:
    """What the log tells of a verdict."""
    names = ",".join(symbols(verdict)) or "none"
    return Said(f"result: {'Y' if verdict.spam else '.'} {verdict.probability:.2f} - {names}", verdict.message_id)


# --- in the worker -----------------------------------------------------------------------------------------


class Judging:
    """Judges messages; opened once in the server, and used in the workers that are forked from it."""

    def __init__(self, setup: Setup, *, style: Style = Style.SPAMREC, remember: Remember = Remember.TAGGED) -> None:
        """ProfileError, ModelError."""
        self.setup = setup
        self.style = style
        self.remember = remember
        self._judge = Judge(setup)
        self._judge.judge(Mail("", WARM))

    def __call__(self, data: bytes) -> bytes:
        """The packed reply to a packed request."""
        request = request_of(data)
        judged = self._judge.judge(Mail("", request.raw)).verdict
        rewritten = tagging.tag(request.raw, tagging.judged(judged, style=self.style), self.style)
        return packed(spamd.scanned(request, scan(judged, rewritten)), said_of(judged))


class Learning:
    """Learns and forgets."""

    def __call__(self, data: bytes) -> bytes:
        """The packed reply to a packed request."""
        raise NotImplementedError
