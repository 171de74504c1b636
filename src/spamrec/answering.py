"""What a worker does with one request: judges its message, or learns from it, and makes the reply."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from spamrec import __version__, message, patterns, spamd, tagging
from spamrec.bulk import Judge, Setup
from spamrec.delivery import Delivered, Delivery, time_limit
from spamrec.errors import TimeLimitError
from spamrec.files import Files
from spamrec.limits import LIMITS, Limits
from spamrec.report import LEAST_WEIGHT, literal
from spamrec.sources import Mail
from spamrec.spamd import Request, Scan, Verb
from spamrec.tagging import REQUIRED, Field, Style
from spamrec.verdict import Label, Verdict


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


def payload_of(request: Request) -> bytes:
    """A request as bytes."""
    head = json.dumps(request._asdict() | {"raw": ""})  # the message follows as it is
    return head.encode("ascii") + b"\n" + request.raw


def request_of(data: bytes) -> Request:
    """The request that `payload_of` made into bytes."""
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


def scan(verdict: Verdict, verb: Verb, rewritten: bytes = b"") -> Scan:
    """A verdict in the protocol's terms, with what the verb asks for."""
    report = report_text(verdict).encode() if verb in (Verb.REPORT, Verb.REPORT_IFSPAM) else b""
    return Scan(verdict.spam, tagging.points(verdict), REQUIRED, symbols(verdict), report, rewritten)


def head(raw: bytes, fields: Sequence[Field], style: Style) -> bytes:
    """The head of a message with these headers, ended, so that nothing of the body that follows becomes one."""
    own = spamd.head(raw)
    tagged = tagging.tag(own, fields, style)
    return spamd.ended(tagged) if len(own) < len(raw) else tagged


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


class Manner(NamedTuple):
    """How messages are answered."""

    style: Style = Style.SPAMREC
    """Whose headers are added beside ours."""
    remember: Remember = Remember.TAGGED
    """Which messages are remembered."""
    limits: Limits = LIMITS
    """What one message may cost."""


class Judging:
    """Judges messages: profile and model are loaded in the server, the history is opened in each worker forked from it."""

    def __init__(self, setup: Setup, memory: Path, manner: Manner, *, warn: Callable[[str], None]) -> None:
        """ProfileError, ModelError."""
        self._setup = setup
        self._memory = None if manner.remember is Remember.NONE else memory
        self._manner = manner
        self._warn = warn
        self._loaded = Judge(setup._replace(history=None))
        patterns.compile_all()
        self._loaded.judge(Mail("", WARM))
        self._delivery: Delivery | None = None

    def prepare(self) -> None:
        """Open the history, in a worker."""
        self._delivery = Delivery(
            self._setup, memory=self._memory, limits=self._manner.limits, warn=self._warn, loaded=self._loaded
        )
        self._delivery.judge(WARM)

    def __call__(self, payload: bytes) -> bytes:
        """The packed reply to a packed request. RequestError where it takes too long."""
        assert self._delivery is not None  # noqa: S101 - `prepare` comes first
        request = request_of(payload)
        found = self._found(self._delivery, request)
        rewritten = self._rewritten(self._delivery, request, found)
        return packed(spamd.scanned(request, scan(found.verdict, request.verb, rewritten)), said_of(found.verdict))

    def _rewritten(self, delivery: Delivery, request: Request, found: Delivered) -> bytes:
        """The message with headers, or its head for HEADERS, to which the client adds its own body as it is."""
        style = self._manner.style
        if request.verb is Verb.PROCESS:
            return tagging.tag(request.raw, delivery.fields(found, style), style)
        return head(request.raw, delivery.fields(found, style), style) if request.verb is Verb.HEADERS else b""

    def _found(self, delivery: Delivery, request: Request) -> Delivered:
        try:
            if request.verb in DELIVERS[self._manner.remember]:
                return delivery.deliver(request.raw)
            with time_limit(self._manner.limits.time_s):
                return delivery.judge(request.raw)
        except TimeLimitError as error:
            raise spamd.timed_out(f"{error.seconds:g} second timeout while trying to {request.verb}") from error


class Learning:
    """Learns and forgets: TELL, in a worker of its own, since it loads what judging needs none of."""

    def __init__(self, where: Files, *, profile: Path | None = None) -> None:
        self._where = where
        self._profile = profile

    def prepare(self) -> None:
        """Nothing is loaded before there is something to learn."""

    def __call__(self, payload: bytes) -> bytes:
        """The packed reply to a packed request."""
        from spamrec import learning

        request = request_of(payload)
        mail = message.parse(tagging.strip(request.raw))
        did_set = did_remove = False
        if request.set_local:
            label = Label.SPAM if request.message_class == "spam" else Label.LEGITIMATE
            learnt = learning.learn(self._where, [mail], label, profile=self._profile)
            did_set = bool(learnt.new or learnt.flipped)
        elif request.remove_local:
            did_remove = bool(learning.forget(self._where, [mail]).forgotten)
        done = f"learned as {request.message_class}" if did_set else "forgotten" if did_remove else "nothing new"
        reply = spamd.told(did_set=did_set, did_remove=did_remove)
        return packed(reply, Said(f"tell: {done}", mail.message_id, did_set or did_remove))
