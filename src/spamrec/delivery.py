"""Mail judged as it is delivered: within limits of size and time, and remembered."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamrec import __version__, message, tagging
from spamrec.bulk import Judge, Setup
from spamrec.errors import HistoryError, HistoryLockedError, TimeLimitError
from spamrec.evidence import Evidence
from spamrec.limits import LIMITS, Limits
from spamrec.tagging import Field, Style
from spamrec.verdict import Verdict

if TYPE_CHECKING:
    from spamrec.history import History

MODEL_DIGITS = 12
"""Digits of the digest of its corpus by which a model is named."""


class Delivered(NamedTuple):
    """One mail with what was said of it."""

    evidence: Evidence
    """What was measured of it; its `message` is what was read."""
    verdict: Verdict
    """What is said of it."""
    read: int | None
    """Bytes looked at where the mail is larger, None where all of it was."""


class Delivery:
    """Judges one reader's mail as it comes; a history that is locked or damaged is done without, and `warn` is told.

    Profile and model that cannot be used raise as `bulk.Judge` does. `memory` is the history to remember in, made where
    there is none; None remembers nothing. Where processes are forked, each makes its own, since SQLite survives no fork;
    they take over the profile and model of a `loaded` judge without a history.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        memory: Path | None = None,
        limits: Limits = LIMITS,
        warn: Callable[[str], None] = lambda _: None,
        loaded: Judge | None = None,
    ) -> None:
        self.limits = limits
        self._loaded = loaded
        self._warn = warn
        self._memory_path = memory
        self._memory: History | None = None
        self._damage = ""
        if memory and setup.history is None and self._open_memory():
            setup = setup._replace(history=memory)
        self._setup = setup
        self._judge = self._open_judge()

    def deliver(self, raw: bytes) -> Delivered:
        """Judge a mail within the limits and remember it; only in the main thread of a process, which signals reach.

        TimeLimitError where it takes too long.
        """
        with time_limit(self.limits.time_s):
            delivered = self.judge(raw)
            self.remember(delivered)
        return delivered

    def judge(self, raw: bytes) -> Delivered:
        """What is said of a mail, by the part of it that the limit lets be read; takes the time that it takes."""
        most = self.limits.max_bytes
        evidence = self._evidence(message.parse(tagging.strip(raw[:most])))
        verdict = self._judge.classifier.judge(evidence)
        return Delivered(evidence, verdict, most if len(raw) > most else None)

    def remember(self, delivered: Delivered) -> None:
        """Note sender, list, thread and verdict; where the history cannot be written, `warn` is told and that is all."""
        if not self._memory_path or not (history := self._open_memory()):
            return
        evidence = delivered.evidence
        mail = evidence.message
        now = datetime.now(UTC)
        try:
            history.remember(
                mail,
                delivered.verdict.label.value,
                at=min(mail.date, now) if mail.date else now,
                repairs=lambda _: "repair" in evidence.hits,
            )
        except HistoryError as error:
            self._warn(str(error))

    def fields(self, delivered: Delivered, style: Style = Style.SPAMREC) -> tuple[Field, ...]:
        """The headers that tell the verdict, for `tagging.tag`."""
        corpus = self._judge.classifier.model.corpus[:MODEL_DIGITS]
        return tagging.judged(delivered.verdict, style=style, model=corpus, version=__version__, read=delivered.read)

    def close(self) -> None:
        """Let go of the history that is written to."""
        if self._memory:
            self._memory.close()
            self._memory = None

    def _evidence(self, mail: message.Message) -> Evidence:
        """What can be measured, without the history where it is locked just now."""
        if self._judge.setup != self._setup:
            self._judge = self._open_judge()
        reader = self._judge.reader
        try:
            evidence = reader.evidence(mail)
        except HistoryLockedError as error:
            self._warn(str(error))
            return Evidence(mail, reader.profile)
        if reader.damage and reader.damage != self._damage:
            self._damage = reader.damage
            self._warn(reader.damage)
        return evidence

    def _open_judge(self) -> Judge:
        """With the history, or without where it is locked; `_evidence` tries again at the next mail."""
        try:
            return Judge(self._setup, wait_s=self.limits.history_wait_s, loaded=self._loaded)
        except HistoryLockedError as error:
            self._warn(str(error))
            return Judge(self._setup._replace(history=None), loaded=self._loaded)

    def _open_memory(self) -> History | None:
        if self._memory is None and self._memory_path:
            from spamrec.history import History

            try:
                self._memory = History(self._memory_path, timeout_s=self.limits.history_wait_s)
            except HistoryError as error:
                self._warn(str(error))
        return self._memory


class _ExpiredError(BaseException):
    """Raised by the alarm wherever it finds the program; no handler of ordinary errors on the way may take it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """TimeLimitError once the work inside has taken so long; 0 for no limit.

    In the main thread of a process only; a library that does not come back from C is not interrupted.
    """
    if not seconds:
        yield
        return

    def expire(*_: object) -> None:
        raise _ExpiredError

    before = signal.signal(signal.SIGALRM, expire)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _ExpiredError:
        raise TimeLimitError(seconds) from None
    finally:
        signal.signal(signal.SIGALRM, before)
