"""Where mail lies: files, folders, Maildir, MH, mbox and standard input, gzipped or not, in constant memory."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

from spamrec.errors import MissingInputError, UnreadableInputError
from spamrec.patterns import lazy

MAX_MESSAGE_BYTES = 100 * 1024 * 1024
"""Size of one message, unpacked, above which it is left out; no mail provider accepts as much."""

SMALL_BYTES = 1024 * 1024
"""Size of a file up to which a worker reads it; larger ones, an mbox most of the time, are cut up for them."""

_BLOCK_BYTES = 128 * 1024
_HEAD_BYTES = 8 * 1024
_LINE_BYTES = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_SEPARATOR = lazy(
    rb"From [^\n]{0,500}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    rb"[ \t]+\d{1,2}|\d{1,2}[ \t]+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))"
    rb"(?:[ \t]+\d{4})?[ \t]+\d{1,2}:\d\d(?::\d\d)?(?:[ \t]|\r?\n|\Z)"
)
_FROM = lazy(rb"^(>*+)From ", re.M)
_HEADER_LINE = lazy(rb"([!-9;-~]{1,100}):")
_KNOWN_HEADERS = frozenset((
    b"from", b"to", b"subject", b"date", b"received", b"message-id", b"return-path", b"delivered-to", b"cc",
    b"mime-version", b"content-type", b"reply-to", b"sender", b"list-id", b"dkim-signature", b"arc-seal",
    b"authentication-results", b"x-received", b"delivery-date", b"envelope-to", b"x-original-to", b"resent-from",
    b"x-mozilla-status", b"x-gmail-labels", b"x-gm-thrid",
))  # fmt: skip
_NOT_MAIL_NAMES = frozenset((
    "maildirfolder", "maildirsize", "subscriptions", "thumbs.db", "desktop.ini", "uidvalidity",
    "courierimapkeywords", "courierimaphieracl", "courierimapsubscribed", "courierimapuiddb", "msgfilterrules.dat",
))  # fmt: skip
_NOT_MAIL_STARTS = (".", ",", "#", "dovecot", "cyrus.")
_NOT_MAIL_ENDS = (".msf", ".lock", "~")

SkipReport = Callable[[str, str], None]
"""Called with the path left out and the reason."""


class Entry(NamedTuple):
    """Somewhere that mail may lie, not yet read."""

    origin: str
    """Its path as found, "-" for standard input."""
    named: bool
    """Whether the user named it, so that trouble with it is an error and no report."""
    path: str
    """Where to read it."""
    may_go: bool = False
    """Whether what the user named may be gone by now."""


class Mail(NamedTuple):
    """One message as found."""

    origin: str
    """Path of its file, "path:N" for message N (from 1) of an mbox, "-" for standard input."""
    raw: bytes
    """The message itself, without the mbox separator and mbox quoting."""
    single: bool = True
    """Whether it is a file of its own, as it stands there: not in an mbox, gzipped, or from standard input."""


class Scope(NamedTuple):
    """What is passed over without a word on a walk."""

    new_only: bool = False
    """Whether all mail is passed over but that in the `new` of a Maildir, which no mail program has shown yet."""
    leave: tuple[Path, ...] = ()
    """Folders that are not entered."""
    may_go: bool = False
    """Whether a path named may be gone, moved or renamed by a mail program since somebody named it."""


EVERYTHING = Scope()


class _NotMailError(Exception):
    """A file that is left out, with the reason as its text."""


def walk(paths: Iterable[str | Path], on_skip: SkipReport | None = None, scope: Scope = EVERYTHING) -> Iterator[Mail]:
    """Messages under `paths` in order, folders by name; "-" is standard input.

    Raises MissingInputError or UnreadableInputError for what the user named; what cannot be read inside a
    folder, and files that are no mail, go to `on_skip`.
    """
    for entry in entries(paths, on_skip, scope):
        yield from read(entry, on_skip)


def entries(
    paths: Iterable[str | Path], on_skip: SkipReport | None = None, scope: Scope = EVERYTHING
) -> Iterator[Entry]:
    """The files under `paths` in the order of `walk`, none of them read. Raises and reports as `walk` does."""
    report = on_skip or _silent
    for given in paths:
        path = str(Path(given))
        entry = Entry(path, True, path, scope.may_go)
        if path == "-":
            yield entry
            continue
        folder = False
        with _trouble_with(entry, report):
            folder = stat.S_ISDIR(os.stat(path).st_mode)
            if folder:
                os.scandir(path).close()  # a folder that cannot be read is an error only when the user named it
            elif not scope.new_only or Path(path).parent.name == "new":
                yield entry
        if folder:
            left = {(found.st_dev, found.st_ino) for one in scope.leave if one.is_dir() for found in [one.stat()]}
            yield from _folder(path, report, left, new_only=scope.new_only)


def read(entry: Entry, on_skip: SkipReport | None = None) -> Iterator[Mail]:
    """The messages of one file. Raises and reports as `walk` does."""
    report = on_skip or _silent
    if entry.named:
        with _trouble_with(entry, report):
            yield from _file(entry, report)
        return
    try:
        yield from _file(entry, report)
    except EOFError as error:
        report(entry.origin, str(error))
    except OSError as error:
        report(entry.origin, _reason(error))


def is_small(entry: Entry) -> bool:
    """Whether a file can be read whole by whoever judges it: it is regular, not large, and by its name not packed. It is
    not opened for that, which took a twentieth of all time."""
    if entry.path == "-" or entry.path.endswith(".gz"):
        return False
    try:
        found = os.stat(entry.path)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= SMALL_BYTES


@contextmanager
def _trouble_with(entry: Entry, report: SkipReport) -> Iterator[None]:
    """Trouble with what the user named, as our errors; but for what may be gone, which is reported."""
    try:
        yield
    except FileNotFoundError as error:
        if not entry.may_go:
            raise MissingInputError(entry.origin) from error
        report(entry.origin, "has gone")
    except EOFError as error:
        raise UnreadableInputError(entry.origin, str(error)) from error
    except (OSError, ValueError) as error:
        raise UnreadableInputError(entry.origin, _reason(error)) from error


def looks_like_mail(raw: bytes) -> bool:
    """Whether bytes begin like a mail: header lines, one of them known, and no NUL among them."""
    first = _HEADER_LINE.match(raw)
    if first and first.group(1).lower() in _KNOWN_HEADERS and b"\0" not in raw[: raw.find(b"\n", 0, _HEAD_BYTES)]:
        return True  # as of most mail
    lines = raw[:_HEAD_BYTES].lstrip(b"\r\n").splitlines()
    if lines and lines[0].startswith((b"From ", b">From ")):
        lines = lines[1:]
    for number, line in enumerate(lines):
        if b"\0" in line:
            return False
        if line[:1] in (b" ", b"\t") and number:
            continue
        name = _HEADER_LINE.match(line)
        if name is None:
            return False
        if name.group(1).lower() in _KNOWN_HEADERS:
            return True
    return False


def _silent(path: str, reason: str) -> None:
    """Takes a report of what was left out when nobody wants it."""


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def _folder(folder: str, report: SkipReport, seen: set[tuple[int, int]], *, new_only: bool = False) -> Iterator[Entry]:
    """Mail in a folder and below it; each folder once, so that links in a circle end. Of those that are only looked
    through for new mail, the `new` of a Maildir holds files to read and all others none."""
    try:
        found = os.stat(folder)
        with os.scandir(folder) as listed:
            inside = sorted(listed, key=lambda entry: _order(entry.name))
    except OSError as error:
        report(folder, _reason(error))
        return
    if (found.st_dev, found.st_ino) in seen:
        return
    seen.add((found.st_dev, found.st_ino))
    names = {entry.name for entry in inside}
    passed_over = ("tmp", "cur") if new_only else ("tmp",)
    for entry in inside:
        if entry.name not in passed_over or not {"cur", "new"} <= names:
            yield from _inside(entry, report, seen, new_only=new_only)


def _order(name: str) -> tuple[int, str]:
    """Numbered files of an MH folder by number, all else behind them by name."""
    return (int(name), name) if name.isascii() and name.isdigit() and len(name) < 18 else (sys.maxsize, name)


def _inside(
    found: os.DirEntry[str], report: SkipReport, seen: set[tuple[int, int]], *, new_only: bool
) -> Iterator[Entry]:
    try:
        if found.is_dir():
            if not _is_no_mail(found.name) or os.path.isdir(os.path.join(found.path, "cur")):
                yield from _folder(found.path, report, seen, new_only=new_only)
        elif new_only and Path(found.path).parent.name != "new":
            return
        elif found.is_file():
            if not _is_no_mail(found.name):
                yield Entry(found.path, False, found.path)
        else:
            os.stat(found.path)
            report(found.path, "not a regular file")
    except OSError as error:
        report(found.path, _reason(error))


def _is_no_mail(name: str) -> bool:
    """Whether a name is one that mail programs keep beside mail, which needs no report."""
    lowered = name.lower()
    return lowered in _NOT_MAIL_NAMES or lowered.startswith(_NOT_MAIL_STARTS) or lowered.endswith(_NOT_MAIL_ENDS)


def _file(entry: Entry, report: SkipReport) -> Iterator[Mail]:
    if entry.path == "-":
        yield from _stream("-", sys.stdin.buffer, report)
        return
    with _opened(entry.path) as stream:
        yield from _stream(entry.origin, stream, report)


def _opened(path: str) -> IO[bytes]:
    """A file to read; one that fits into the buffer of a stream is read at once, in half the time."""
    stream = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by who reads it
    found = os.fstat(stream.fileno())
    if not stat.S_ISREG(found.st_mode) or found.st_size >= _LINE_BYTES:
        return io.BufferedReader(stream, _LINE_BYTES)
    with stream:
        return io.BytesIO(stream.readall())


def _stream(origin: str, stream: IO[bytes], report: SkipReport) -> Iterator[Mail]:
    """One message, or those of an mbox, unpacked where gzipped."""
    start = stream.read(2)
    try:
        if start == _GZIP_MAGIC:
            yield from _unpacked(origin, start, stream, report)
        else:
            yield from _messages(origin, start, stream, report, packed=False)
    except _NotMailError as error:
        report(origin, str(error))


def _unpacked(origin: str, start: bytes, stream: IO[bytes], report: SkipReport) -> Iterator[Mail]:
    """Messages of a gzip stream; every kind of damage to it is raised as EOFError."""
    import gzip

    try:
        with gzip.GzipFile(fileobj=_Rejoined(start, stream)) as unpacked:  # type: ignore[call-overload]
            yield from _messages(origin, b"", unpacked, report, packed=True)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise EOFError(f"damaged gzip file ({_reason(error)})") from error


class _Rejoined:
    """A stream with the bytes put back that were read to look at it, as a pipe cannot seek."""

    def __init__(self, start: bytes, stream: IO[bytes]) -> None:
        self._start = start
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not self._start:
            return self._stream.read(size)
        if size < 0:
            size = sys.maxsize
        start, self._start = self._start[:size], self._start[size:]
        return start if len(start) == size else start + self._stream.read(size - len(start))


def _messages(origin: str, start: bytes, stream: IO[bytes], report: SkipReport, *, packed: bool) -> Iterator[Mail]:
    first = start + (stream.readline(_LINE_BYTES) if not start.endswith(b"\n") else b"")
    if first.startswith(b"From "):
        yield from _mbox(origin, stream, report, packed=packed)
        return
    head = first + stream.read(_HEAD_BYTES)
    if not head:
        raise _NotMailError("empty")
    if not looks_like_mail(head):
        raise _NotMailError("not mail")
    more = stream.read(SMALL_BYTES)
    raw = head + more if len(more) < SMALL_BYTES else _whole(head + more, stream)
    if len(raw) > MAX_MESSAGE_BYTES:
        raise _NotMailError(_too_large())
    yield Mail(origin, raw, single=not packed and origin != "-")


def _whole(head: bytes, stream: IO[bytes]) -> bytes:
    """The message that begins so, of which a large one is never held twice."""
    whole = BytesIO()
    whole.write(head)
    while whole.tell() <= MAX_MESSAGE_BYTES and (more := stream.read(_BLOCK_BYTES)):
        whole.write(more)
    return whole.getvalue()


def _too_large() -> str:
    return f"message larger than {MAX_MESSAGE_BYTES // 1024 // 1024} MB"


def _mbox(origin: str, stream: IO[bytes], report: SkipReport, *, packed: bool) -> Iterator[Mail]:
    """Messages of an mbox whose first separator line has been read. By blocks, not by lines: 25 MB of lines of
    one letter took 8 s and 1.7 GB (now 0.3 s and 83 MB)."""
    message = _Collected(origin, 1)
    before = b"\n\n"  # the last bytes of what has been read
    while block := _lines(stream):
        done = 0
        for found in _FROM.finditer(block):
            at = found.start()
            if not at and not before.endswith(b"\n"):
                continue
            if found[1]:  # one ">" less (mboxrd)
                message.add(block[done:at])
                done = at + 1
                continue
            end = block.find(b"\n", at) + 1 or len(block)
            if _is_blank((before + block[max(0, at - 3) : at])[-3:]) and _SEPARATOR.match(block[at:end]):
                message.add(block[done:at])
                done = end
                yield from message.finished(report)
                message = _Collected(origin, message.number + 1)
        message.add(block[done:])
        before = (before + block[-3:])[-3:]
        if packed and message.size > MAX_MESSAGE_BYTES:
            raise _NotMailError(f"{_too_large()} in a gzip file, not unpacked further")
    yield from message.finished(report)


def _lines(stream: IO[bytes]) -> bytes:
    """What there is to read, to the end of a line where that is not overlong; a pipe is not waited for without need."""
    block: bytes = stream.read1(_BLOCK_BYTES)  # type: ignore[attr-defined]
    return block + stream.readline(_LINE_BYTES) if block and not block.endswith(b"\n") else block


def _is_blank(before: bytes) -> bool:
    """Whether an empty line stands before."""
    return before.endswith((b"\n\n", b"\n\r\n"))


class _Collected:
    """One message of an mbox, dropped when it grows too large."""

    def __init__(self, origin: str, number: int) -> None:
        self.origin = f"{origin}:{number}"
        self.number = number
        self.size = 0
        self._raw = BytesIO()

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= MAX_MESSAGE_BYTES:
            self._raw.write(piece)
        else:
            self._raw = BytesIO()

    def finished(self, report: SkipReport) -> Iterator[Mail]:
        """The message, without the empty line that an mbox puts behind it."""
        raw = self._raw.getvalue()
        if self.size > MAX_MESSAGE_BYTES:
            report(self.origin, _too_large())
        elif looks_like_mail(raw):
            yield Mail(self.origin, _without_last_blank(raw), single=False)
        else:
            report(self.origin, "not mail" if raw.strip() else "empty")


def _without_last_blank(raw: bytes) -> bytes:
    for blank in (b"\r\n\r\n", b"\n\n"):
        if raw.endswith(blank):
            return raw[: -len(blank) // 2]
    return raw
