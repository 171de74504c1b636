"""The spamd wire protocol: requests read from bytes in any chunking, replies as bytes; no sockets.

Facts are those of SpamAssassin 4.0.1 (spamd/PROTOCOL, spamd.raw, libspamc.c). Where spamd does what its own client or
documentation does not expect, this does what they expect: REPORT_IFSPAM says True or False, an unknown Message-class is
refused, and a body ends with its last byte, whether or not the client closes its half.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple

from spamrec.errors import RequestError

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Largest message, after decompression."""
MAX_HEADER_LINES = 256
"""Lines between the request line and the message, the empty one counted."""
MAX_LINE_BYTES = 8192
"""Longest request or header line, its end not counted."""
MAX_ECHO_BYTES = 200
"""How much of a line at fault is told back."""
MAX_LENGTH_DIGITS = 12
"""Digits of a Content-length from which on it is too large without being read."""


class Verb(StrEnum):
    """What a client can ask."""

    PING = "PING"
    SKIP = "SKIP"
    CHECK = "CHECK"
    SYMBOLS = "SYMBOLS"
    REPORT = "REPORT"
    REPORT_IFSPAM = "REPORT_IFSPAM"
    PROCESS = "PROCESS"
    HEADERS = "HEADERS"
    TELL = "TELL"


class Code(IntEnum):
    """Response codes, after sysexits.h; TIMEOUT is spamd's own."""

    OK = 0
    UNAVAILABLE = 69
    PROTOCOL = 76
    TIMEOUT = 79


_OF_CODE = {Code.UNAVAILABLE: "Service Unavailable", Code.PROTOCOL: "Bad header line", Code.TIMEOUT: "Timeout"}


class Request(NamedTuple):
    """One request, whole."""

    verb: Verb
    """What is asked."""
    version: float
    """Version of the protocol that the client speaks, as 1.5; spamd compares it as a number too."""
    raw: bytes = b""
    """The message, decompressed."""
    user: str = ""
    """Whom the client names, without control characters."""
    message_class: str = ""
    """For TELL: "spam", "ham" or ""."""
    set_local: bool = False
    """For TELL: whether to learn."""
    remove_local: bool = False
    """For TELL: whether to forget."""


class Scan(NamedTuple):
    """What is said of a message, in the protocol's terms."""

    spam: bool
    """Its label."""
    score: float
    """Not below the threshold exactly where it is spam."""
    threshold: float
    """The score from which on a message is spam."""
    symbols: Sequence[str] = ()
    """Names of what was found."""
    report: bytes = b""
    """Report for people."""
    rewritten: bytes = b""
    """The message with headers added; for HEADERS its `head` alone."""


def refusal(error: RequestError) -> bytes:
    """The one line that refuses a request; spamc then hands its message on unchanged."""
    text = "".join(c if " " <= c <= "~" else "?" for c in error.reason)
    return f"SPAMD/1.0 {error.code:d} {_OF_CODE[Code(error.code)]}: {text}\r\n".encode("ascii")


def _bad(reason: str) -> RequestError:
    return RequestError(Code.PROTOCOL, reason)


def unavailable(reason: str) -> RequestError:
    """An error of the server, or a service that it does not offer."""
    return RequestError(Code.UNAVAILABLE, reason)


def timed_out(reason: str) -> RequestError:
    """A time limit that was reached."""
    return RequestError(Code.TIMEOUT, f"({reason})")


def _echo(value: bytes) -> str:
    return value[:MAX_ECHO_BYTES].decode("latin-1")


# --- requests ----------------------------------------------------------------------------------------------

_REQUEST_LINE = re.compile(rb"([A-Z_]+) SPAMC/(\d{1,4}(?:\.\d{1,4})?)\s*")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Parser:
    """Reads one request, fed with what arrives; what follows it is ignored.

    `feed` and `end` return the request once it is whole, and raise RequestError once it cannot become one.
    """

    def __init__(self, *, max_message_bytes: int = MAX_MESSAGE_BYTES, allow_tell: bool = False) -> None:
        self.max_message_bytes = max_message_bytes
        self.allow_tell = allow_tell
        self.verb: Verb | None = None
        """What is asked, None until its line is read."""
        self.held_bytes = 0
        """What is held of a message."""
        self._line = bytearray()
        self._take: Callable[[bytes], bool] = self._request_line
        self._in_body = self._over = False
        self._lines = 0
        self._body: list[bytes] = []
        self._request = Request(Verb.PING, 0.0)
        self._length: int | None = None
        self._compressed = False
        self._remote = [False, False]

    def feed(self, block: bytes) -> Request | None:
        """Take what has arrived."""
        if self._over:
            return None
        try:
            while block and not self._in_body:
                head, newline, block = block.partition(b"\n")
                self._line += head + newline
                if len(self._line) - len(newline) > MAX_LINE_BYTES:
                    raise _bad("(line too long)")
                if newline:
                    line = bytes(self._line)
                    self._line.clear()
                    if self._take(line):
                        return self._whole()
            return self._take_body(block) if self._in_body else None
        except RequestError:
            self._over = True
            raise

    def end(self) -> Request | None:
        """Take the end of what arrives."""
        if self._over:
            return None
        self._over = True
        if not self._in_body:
            self._end_of_lines()
        if self._in_body and self._length is not None and self.held_bytes != self._length:
            expected, got = self._length, self.held_bytes
            raise _bad(f"(Content-Length mismatch: Expected {expected} bytes, got {got} bytes)")
        return self._whole()

    def _end_of_lines(self) -> None:
        """The last line may lack its end; a header block may not lack its own."""
        if self.verb is None and not self._line:
            raise _bad("(closed before headers)")
        if self._line:
            line = bytes(self._line)
            self._line.clear()
            if self._take(line):
                return
        if not self._in_body:
            raise _bad("(EOF during headers)")

    # --- lines ---------------------------------------------------------------------------------------------

    def _request_line(self, line: bytes) -> bool:
        """Whether that line is all of the request."""
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        found = _REQUEST_LINE.fullmatch(line)
        if not found or found[1].decode() not in Verb.__members__:
            raise _bad(_echo(line))
        self.verb, version = Verb(found[1].decode()), float(found[2])
        self._request = Request(self.verb, version)
        self._take = self._header_line
        if self.verb in (Verb.PING, Verb.SKIP):
            return version < 1.5  # older clients send no empty line behind it
        if self.verb is not Verb.TELL and version <= 1.0:
            self._in_body = True
        return False

    def _header_line(self, line: bytes) -> bool:
        """Whether the request ends with that line, which may be the empty one."""
        self._lines += 1
        line = line.removesuffix(b"\r\n")
        if not line:
            return self._end_of_headers()
        if self._lines >= MAX_HEADER_LINES:
            raise _bad("(too many headers)")
        name, colon, value = line.partition(b":")
        if not colon:
            raise _bad("(header not in 'Name: value' format)")
        take = _HEADERS.get(name.lower())
        if take is not None:
            take(self, value.strip(b" \t\r\n"))
        return False

    def _content_length(self, value: bytes) -> None:
        if not value.isdigit():
            raise _bad("(Content-Length contains non-numeric bytes)")
        self._length = int(value) if len(value.lstrip(b"0")) <= MAX_LENGTH_DIGITS else 10**MAX_LENGTH_DIGITS

    def _user(self, value: bytes) -> None:
        if _CONTROL.search(value):
            raise _bad("(User header contains control chars)")
        self._request = self._request._replace(user=value.decode("utf-8", "replace"))

    def _compress(self, value: bytes) -> None:
        if b"zlib" not in value.lower():
            raise _bad(f"(compression type not supported: {_echo(value)})")
        self._compressed = True

    def _message_class(self, value: bytes) -> None:
        if value.lower() not in (b"spam", b"ham"):
            raise _bad("(Message-class header contains invalid class)")
        self._request = self._request._replace(message_class=value.lower().decode())

    def _set(self, value: bytes) -> None:
        self._request = self._request._replace(set_local=b"local" in value.lower())
        self._remote[0] = b"remote" in value.lower()

    def _remove(self, value: bytes) -> None:
        self._request = self._request._replace(remove_local=b"local" in value.lower())
        self._remote[1] = b"remote" in value.lower()

    def _end_of_headers(self) -> bool:
        if self.verb in (Verb.PING, Verb.SKIP):
            return True
        if self.verb is Verb.TELL:
            self._check_tell()
        if self._compressed and self._length is None:
            raise unavailable("Compress requires Content-length header")
        if self._length is not None and self._length > self.max_message_bytes:
            raise self._too_large()
        self._in_body = True
        return self._length == 0

    def _check_tell(self) -> None:
        if not self.allow_tell:
            raise unavailable("TELL commands are not enabled, set the --allow-tell switch.")
        if self._request.set_local and self._request.remove_local:
            raise _bad("Unable to set local and remove local in the same operation.")
        if all(self._remote):
            raise _bad("Unable to set remote and remove remote in the same operation.")
        if self._request.set_local and not self._request.message_class:
            raise _bad("(Set without a Message-class header)")

    # --- the message ---------------------------------------------------------------------------------------

    def _take_body(self, block: bytes) -> Request | None:
        if self._length is not None:
            block = block[: self._length - self.held_bytes]
        self._body.append(block)
        self.held_bytes += len(block)
        if self.held_bytes > self.max_message_bytes:
            self._body.clear()
            raise self._too_large()
        return self._whole() if self.held_bytes == self._length else None

    def _whole(self) -> Request:
        self._over = True
        raw = b"".join(self._body)
        self._body.clear()
        return self._request._replace(raw=self._inflated(raw) if self._compressed else raw)

    def _inflated(self, raw: bytes) -> bytes:
        """Never more than the limit is unpacked, whatever the packed bytes promise."""
        stream = zlib.decompressobj()
        try:
            text = stream.decompress(raw, self.max_message_bytes + 1)
        except zlib.error as error:
            raise unavailable(f"zlib: {error}") from error
        if len(text) > self.max_message_bytes:
            raise self._too_large()
        if not stream.eof:
            raise unavailable("zlib: failed to find end of zlib stream")
        return text

    def _too_large(self) -> RequestError:
        return unavailable(f"Message is larger than {self.max_message_bytes} bytes")


# spamd knows the names in one case only; other servers and clients do not mind
_HEADERS: dict[bytes, Callable[[Parser, bytes], None]] = {
    b"content-length": Parser._content_length,
    b"user": Parser._user,
    b"compress": Parser._compress,
    b"message-class": Parser._message_class,
    b"set": Parser._set,
    b"remove": Parser._remove,
}

# --- replies -----------------------------------------------------------------------------------------------

PONG = b"SPAMD/1.5 0 PONG\r\n"
_OK = b"SPAMD/1.1 0 EX_OK\r\n"
_CRLF = b"\r\n"
_GAPS = (b"\r\n\r\n", b"\n\n")


def scanned(request: Request, scan: Scan) -> bytes:
    """The reply to a request for what is said of its message."""
    head = f"Spam: {scan.spam} ; {scan.score:.1f} / {scan.threshold:.1f}\r\n".encode("ascii")
    if request.verb is Verb.CHECK:
        return _OK + head + _CRLF
    body = _body(request, scan)
    length = b"Content-length: %d\r\n" % len(body)
    if request.version >= 1.3:
        return _OK + length + head + _CRLF + body
    if request.verb not in (Verb.PROCESS, Verb.HEADERS):
        return _OK + head + _CRLF + body
    return _OK + length + _CRLF + body if request.version >= 1.2 else b"SPAMD/1.0 0 EX_OK\r\n" + body


def _body(request: Request, scan: Scan) -> bytes:
    match request.verb:
        case Verb.SYMBOLS:
            return ",".join(scan.symbols).encode("ascii", "replace") + (b"" if request.version >= 1.3 else _CRLF)
        case Verb.REPORT_IFSPAM:
            return scan.report if scan.spam else b""
        case Verb.REPORT:
            return scan.report
        case _:
            return scan.rewritten


def head(raw: bytes) -> bytes:
    """What the client replaces by the reply to HEADERS: libspamc takes for its own body what follows the first CR LF
    CR LF or LF LF, and nothing where there is neither."""
    ends = [at + len(gap) for gap in _GAPS if (at := raw.find(gap)) >= 0]
    return raw[: min(ends)] if ends else raw


def ended(block: bytes) -> bytes:
    """A header block with the empty line at its end, so that no body becomes a header."""
    return block if block.endswith((b"\n\n", b"\n\r\n")) else block + (_CRLF if block.endswith(_CRLF) else b"\n")


def told(*, did_set: bool = False, did_remove: bool = False) -> bytes:
    """The reply to TELL; a header says what has changed, none that it was so before."""
    did = b"DidSet: local\r\n" * did_set + b"DidRemove: local\r\n" * did_remove
    return _OK + did + _CRLF + _CRLF
