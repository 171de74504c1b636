"""Standard input passed to standard output with our headers in front, whatever fails on the way.

The mail is judged in a child process: what hangs, crashes or eats all memory there is killed by the kernel, while
this process holds the mail and passes it as it came.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from types import FrameType
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from spamrec.errors import reason_of
from spamrec.limits import LIMITS, Limits
from spamrec.statuses import Status

if TYPE_CHECKING:
    from spamrec.delivery import Delivery
    from spamrec.files import Files
    from spamrec.tagging import Field

HEAD_BYTES = 1024 * 1024
"""Beginning of a mail in which headers are looked for; no mail server takes as many."""
MEMORY_BYTES = 16 * 1024 * 1024
"""How much of a mail is held in memory; the rest of a larger one waits in a temporary file."""
CHUNK_BYTES = 128 * 1024
GRACE_S = 1.0
"""How long after its time limit the child is waited for, in seconds: its alarm should have ended it."""
ON_ERROR_OPTION = "--on-error"
ON_ERROR_VARIABLE = "SPAMREC_FILTER_ON_ERROR"

_STDIN, _STDOUT = 0, 1
_END = b"\0"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


class OnError(StrEnum):
    """What becomes of a mail that could not be judged."""

    PASS = "pass"  # noqa: S105 - what it says
    TEMPFAIL = "tempfail"


class Job(NamedTuple):
    """What is to be done with the mail on standard input."""

    open: Callable[[], Delivery]
    """Opens what judges it; may raise anything."""
    style: str
    """Whose headers are written, as in `tagging.Style`."""
    on_error: OnError
    """Whether a mail that could not be judged goes out as it came, or nothing at all with TRY_AGAIN."""
    limits: Limits
    """What judging it may cost."""


def job(
    where: Files,
    *,
    style: str = "spamrec",
    on_error: OnError = OnError.PASS,
    limits: Limits = LIMITS,
    remember: bool = True,
    **named: Any,
) -> Job:
    """A mail judged by what is `named` of `bulk.setup`, else by what lies where it belongs, and remembered there."""

    def open_delivery() -> Delivery:
        from spamrec import bulk
        from spamrec.delivery import Delivery

        return Delivery(
            bulk.setup(where, **named),
            memory=where.history if remember else None,
            limits=limits,
            warn=lambda why: say(f"the history is not used: {why}"),
        )

    return Job(open_delivery, style, on_error, limits)


class _NotJudgedError(Exception):
    """No verdict came; the text says why, "" where that has been said already."""


class _StoppedError(BaseException):
    """Somebody wants this process to end."""


def run(job: Job) -> Status:
    """DONE where all of the mail has been written, else TRY_AGAIN: whoever called still has it."""
    try:
        for number in _SIGNALS:
            signal.signal(number, _stop)
        return _run(job)
    except BaseException as error:
        say(f"spamrec: the mail could not be passed on: {_told(error)}")
        return Status.TRY_AGAIN


def rescue(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Status:
    """Pass standard input as it came, where the command line, the configuration or the installation is at fault."""
    try:
        _check_output()
        held = Held(HEAD_BYTES)
        held.read(_STDIN)
        if _on_error(arguments, environment) == OnError.TEMPFAIL:
            return Status.TRY_AGAIN
        held.write(_STDOUT, _untagged(held.head, "spamrec"))
    except BaseException as error:
        say(f"spamrec: the mail could not be passed on: {_told(error)}")
        return Status.TRY_AGAIN
    return Status.DONE


def _run(job: Job) -> Status:
    _check_output()
    held = Held(max(HEAD_BYTES, job.limits.max_bytes + 1))
    held.read(_STDIN)
    child = None
    try:
        from spamrec import tagging  # before the fork, for both

        style = tagging.Style(job.style)
        child = _Child(job, held.head)
        head = tagging.tag(held.head, child.fields(), style)
    except Exception as error:
        if told := _told(error):
            say(f"spamrec: the mail is passed without a verdict: {told}")
        if job.on_error is OnError.TEMPFAIL:
            return Status.TRY_AGAIN
        head = _untagged(held.head, job.style)
    except BaseException:
        if child:
            child.kill()
        raise
    held.write(_STDOUT, head)
    if child:
        child.wait()
    return Status.DONE


def _untagged(raw: bytes, style: str) -> bytes:
    """A mail as it came, but for headers of ours that others wrote: rules would take them for a verdict."""
    with suppress(Exception):
        from spamrec.tagging import Style, strip

        return strip(raw, Style(style))
    return raw


def _check_output() -> None:
    """OSError where standard output was closed from the start: another file has its number by now."""
    if sys.__stdout__ is None:
        raise OSError("standard output is closed")


def _stop(number: int, _: FrameType | None) -> None:
    raise _StoppedError(f"stopped by {signal.Signals(number).name}")


def _on_error(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """What is to be done on error, of a command line that could not be read."""
    found = environment.get(ON_ERROR_VARIABLE, "")
    for this, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if this == ON_ERROR_OPTION:
            found = following
        elif this.startswith(f"{ON_ERROR_OPTION}="):
            found = this.partition("=")[2]
    return found


def _told(error: BaseException) -> str:
    if isinstance(error, OSError):
        return reason_of(error)
    return str(error) if isinstance(error, _NotJudgedError | _StoppedError) else f"{type(error).__name__}: {error}"


def say(text: str) -> None:
    """One line on standard error where that can be written; mail goes on all the same where not."""
    from spamrec import talk

    with suppress(Exception):
        talk.say(text)


# --- the mail ----------------------------------------------------------------------------------------------


class Held:
    """A mail read to its end: its beginning, what else fits into memory, and the rest in a temporary file."""

    def __init__(self, head_bytes: int) -> None:
        self.head = b""
        """Its beginning."""
        self._head_bytes = head_bytes
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._filed = 0
        self._last: list[bytes] = []
        """What found no room in the temporary file."""

    def read(self, descriptor: int) -> None:
        """Take in all there is; OSError where it cannot be read."""
        first: list[bytes] = []
        size = 0
        while chunk := os.read(descriptor, CHUNK_BYTES):
            if size < self._head_bytes:
                first.append(chunk)
            elif size < MEMORY_BYTES:
                self._chunks.append(chunk)
            elif self._last or not self._file_away(chunk):
                self._last.append(chunk)
            size += len(chunk)
        self.head = b"".join(first)

    def write(self, descriptor: int, head: bytes) -> None:
        """Put out another beginning and the rest, once; OSError where it cannot be written."""
        _write(descriptor, head)
        for chunk in self._chunks:
            _write(descriptor, chunk)
        if self._file:
            with self._file as file:
                _copy(file, self._filed, descriptor)
        for chunk in self._last:
            _write(descriptor, chunk)

    def _file_away(self, chunk: bytes) -> bool:
        """Whether the temporary file took it."""
        try:
            if self._file is None:
                from tempfile import TemporaryFile

                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - for as long as the process lives
            written = self._file.write(chunk)
        except OSError:
            written = 0
        if written == len(chunk):
            self._filed += written
        return written == len(chunk)


def _copy(file: IO[bytes], left: int, descriptor: int) -> None:
    """The first `left` bytes of a file."""
    file.seek(0)
    while left:
        chunk = file.read(min(left, CHUNK_BYTES))
        if not chunk:
            raise OSError("the temporary file lost its end")
        _write(descriptor, chunk)
        left -= len(chunk)


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


# --- the child ---------------------------------------------------------------------------------------------


class _Child:
    """The process that judges the beginning of a mail, tells the headers, and then remembers the mail."""

    def __init__(self, job: Job, raw: bytes) -> None:
        self._time_s = job.limits.time_s
        self._pipe, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _work(job, raw, writing)
        os.close(writing)

    def fields(self) -> list[Field]:
        """The headers; _NotJudgedError where none came."""
        from spamrec.tagging import Field

        told = b""
        while not told.endswith(_END) and self._is_heard() and (more := os.read(self._pipe, CHUNK_BYTES)):
            told += more
        if not told.endswith(_END):
            raise _NotJudgedError(self._fate())
        lines = told[: -len(_END)].decode("ascii").split("\n")
        return [Field(*line.split(": ", 1)) for line in lines]

    def _is_heard(self) -> bool:
        """True once it has something to say, or ends; _NotJudgedError where not even its alarm ended it."""
        if not self._time_s or select.select([self._pipe], [], [], self._time_s + GRACE_S)[0]:
            return True
        self.kill()
        raise _NotJudgedError(f"not judged within {self._time_s:g} seconds")

    def wait(self) -> None:
        """Let it finish remembering; the alarm ends it if need be."""
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.wait()

    def _fate(self) -> str:
        """Why it ended without a word."""
        _, status = os.waitpid(self._pid, 0)
        if not os.WIFSIGNALED(status):
            return ""  # it has said so itself
        if os.WTERMSIG(status) == signal.SIGALRM:
            return f"not judged within {self._time_s:g} seconds"
        return f"judging ended by signal {os.WTERMSIG(status)}"


def _work(job: Job, raw: bytes, pipe: int) -> None:
    """All that the child does."""
    status = 1
    try:
        for number in (*_SIGNALS, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (*_SIGNALS, signal.SIGALRM))  # whoever started us may block them
        signal.setitimer(signal.ITIMER_REAL, job.limits.time_s)
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)  # nothing that prints may get into the mail
        from spamrec.tagging import Style

        delivery = job.open()
        delivered = delivery.judge(raw)
        fields = delivery.fields(delivered, Style(job.style))
        _write(pipe, "\n".join(f"{field.name}: {field.value}" for field in fields).encode("ascii") + _END)
        delivery.remember(delivered)
        status = 0
    except BaseException as error:
        from spamrec.talk import tell

        with suppress(Exception):
            tell(error)
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(status)
