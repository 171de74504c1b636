"""The spamd protocol, byte for byte, as SpamAssassin 4.0.1 speaks it, with three of its quirks put right."""

from __future__ import annotations

import itertools
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spamrec import answering, spamd, tagging
from spamrec.errors import RequestError
from spamrec.spamd import Parser, Request, Scan, Verb

MAIL = b"From: a@b.example\nSubject: x\n\nhello\n"
TAGGED = b"X-Spamrec: Spam\nFrom: a@b.example\nSubject: x\n\nhello\n"
SPAM = Scan(True, 7.25, 5.0, ("far-place", "words"), b"report\n", TAGGED)
HAM = Scan(False, -2.0, 5.0, ("known-sender",), b"report\n", TAGGED)


def ask(raw: bytes, *, allow_tell: bool = True, limit: int = 1000, chunk: int = 0) -> Request | bytes:
    """The request in what a client sends before it closes its half, or the line that refuses it."""
    parser = Parser(max_message_bytes=limit, allow_tell=allow_tell)
    size = chunk or len(raw) or 1
    try:
        for start in range(0, len(raw), size):
            request = parser.feed(raw[start : start + size])
            if request is not None:
                return request
        request = parser.end()
    except RequestError as error:
        return spamd.refusal(error)
    assert request is not None
    return request


def whole(raw: bytes) -> Request | None:
    """The request in what a client sends that keeps its half open."""
    return Parser(allow_tell=True).feed(raw)


# --- requests ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["CHECK", "SYMBOLS", "REPORT", "REPORT_IFSPAM", "PROCESS", "HEADERS"])
def test_a_message_is_read_to_its_last_byte_and_no_further(verb: str) -> None:
    """No end of line at its end, nor a closed half, is waited for."""
    raw = b"%s SPAMC/1.5\r\nUser: ray\r\nContent-length: 5\r\n\r\nhello" % verb.encode()
    assert whole(raw) == Request(Verb(verb), 1.5, b"hello", "ray")
    assert whole(raw + b" and more") == Request(Verb(verb), 1.5, b"hello", "ray")
    assert whole(raw[:-1]) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"CHECK SPAMC/1.2\r\n\r\nhello", Request(Verb.CHECK, 1.2, b"hello")),  # without a length, to the end
        (b"CHECK SPAMC/1.0\r\nUser: x\r\n\r\nhello", Request(Verb.CHECK, 1.0, b"User: x\r\n\r\nhello")),
        (b"CHECK SPAMC/1.0", Request(Verb.CHECK, 1.0)),
        (b"CHECK SPAMC/1.5\nContent-length: 2\n\r\nhi", Request(Verb.CHECK, 1.5, b"hi")),  # LF alone
        (b"CHECK SPAMC/1.5\r\ncontent-LENGTH: 2\r\nuSER:ray\r\n\r\nhi", Request(Verb.CHECK, 1.5, b"hi", "ray")),
        (b"CHECK SPAMC/1.5\r\nX-New: \x01\r\nContent-length:2\r\n\r\nhi", Request(Verb.CHECK, 1.5, b"hi")),
        (b"CHECK SPAMC/1.5\r\nContent-length: 0\r\n\r\n", Request(Verb.CHECK, 1.5)),
        (b"CHECK SPAMC/1.5\r\nContent-length: 3\r\n\r\n\xe4\xf6\xfc", Request(Verb.CHECK, 1.5, b"\xe4\xf6\xfc")),
        (b"PING SPAMC/1.2\r\n", Request(Verb.PING, 1.2)),
        (b"PING SPAMC/1.2", Request(Verb.PING, 1.2)),
        (b"PING SPAMC/1.5\r\nUser: ray\r\n\r\n", Request(Verb.PING, 1.5, b"", "ray")),
        (b"SKIP SPAMC/1.4\r\n", Request(Verb.SKIP, 1.4)),
        (
            b"TELL SPAMC/1.3\r\nMessage-class: Spam\r\nSet: local, remote\r\nContent-length: 2\r\n\r\nhi",
            Request(Verb.TELL, 1.3, b"hi", message_class="spam", set_local=True),
        ),
        (
            b"TELL SPAMC/1.5\r\nMessage-class: ham\r\nSet: local\r\nRemove: remote\r\nContent-length: 2\r\n\r\nhi",
            Request(Verb.TELL, 1.5, b"hi", message_class="ham", set_local=True),
        ),
        (
            b"TELL SPAMC/1.5\r\nRemove: LOCAL\r\nContent-length: 2\r\n\r\nhi",
            Request(Verb.TELL, 1.5, b"hi", remove_local=True),
        ),
    ],
)
def test_requests(raw: bytes, expected: Request) -> None:
    assert ask(raw) == expected


def test_old_clients_send_no_empty_line_after_ping_and_new_ones_do() -> None:
    assert whole(b"PING SPAMC/1.4\r\n") == Request(Verb.PING, 1.4)
    assert whole(b"PING SPAMC/1.5\r\n") is None
    assert whole(b"PING SPAMC/1.5\r\n\r\n") == Request(Verb.PING, 1.5)


def test_a_compressed_message_is_unpacked() -> None:
    packed = zlib.compress(MAIL)
    head = b"PROCESS SPAMC/1.5\r\nCompress: zlib\r\nContent-length: %d\r\n\r\n" % len(packed)
    assert whole(head + packed) == Request(Verb.PROCESS, 1.5, MAIL)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"FOO SPAMC/1.5\r\n\r\n", b"SPAMD/1.0 76 Bad header line: FOO SPAMC/1.5\r\n"),
        (b"check SPAMC/1.5\r\n\r\n", b"SPAMD/1.0 76 Bad header line: check SPAMC/1.5\r\n"),
        (b"CHECK SPAMC/new\r\n\r\n", b"SPAMD/1.0 76 Bad header line: CHECK SPAMC/new\r\n"),
        (b"GET / HTTP/1.1\r\n", b"SPAMD/1.0 76 Bad header line: GET / HTTP/1.1\r\n"),
        (b"\x1b[2J\xff\r\n", b"SPAMD/1.0 76 Bad header line: ?[2J?\r\n"),
        (b"", b"SPAMD/1.0 76 Bad header line: (closed before headers)\r\n"),
        (b"CHECK SPAMC/1.5\r\n", b"SPAMD/1.0 76 Bad header line: (EOF during headers)\r\n"),
        (b"CHECK SPAMC/1.5\r\nUser: x", b"SPAMD/1.0 76 Bad header line: (EOF during headers)\r\n"),
        (b"PING SPAMC/1.5\r\n", b"SPAMD/1.0 76 Bad header line: (EOF during headers)\r\n"),
        (
            b"CHECK SPAMC/1.5\r\nno colon\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: (header not in 'Name: value' format)\r\n",
        ),
        (  # headers end with CR LF
            b"CHECK SPAMC/1.5\n\nhello",
            b"SPAMD/1.0 76 Bad header line: (header not in 'Name: value' format)\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nContent-length: 9999\r\n\r\nhi\n",
            b"SPAMD/1.0 69 Service Unavailable: Message is larger than 1000 bytes\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nContent-length: 999\r\n\r\nhi\n",
            b"SPAMD/1.0 76 Bad header line: (Content-Length mismatch: Expected 999 bytes, got 3 bytes)\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nContent-length: -5\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: (Content-Length contains non-numeric bytes)\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nContent-length:\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: (Content-Length contains non-numeric bytes)\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nContent-length: %s\r\n\r\n" % (b"9" * 5000),
            b"SPAMD/1.0 69 Service Unavailable: Message is larger than 1000 bytes\r\n",
        ),
        (
            b"CHECK SPAMC/1.2\r\n\r\n" + b"x" * 1001,
            b"SPAMD/1.0 69 Service Unavailable: Message is larger than 1000 bytes\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nUser: a\x07b\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: (User header contains control chars)\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nCompress: zlib\r\n\r\nhi",
            b"SPAMD/1.0 69 Service Unavailable: Compress requires Content-length header\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\nCompress: bzip2\r\n\r\nhi",
            b"SPAMD/1.0 76 Bad header line: (compression type not supported: bzip2)\r\n",
        ),
        (
            b"CHECK SPAMC/1.5\r\n" + b"X: y\r\n" * 256 + b"\r\n",
            b"SPAMD/1.0 76 Bad header line: (too many headers)\r\n",
        ),
        (b"CHECK " + b"x" * 9000, b"SPAMD/1.0 76 Bad header line: (line too long)\r\n"),
        (
            b"TELL SPAMC/1.5\r\nMessage-class: virus\r\nSet: local\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: (Message-class header contains invalid class)\r\n",
        ),
        (
            b"TELL SPAMC/1.5\r\nSet: local\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: (Set without a Message-class header)\r\n",
        ),
        (
            b"TELL SPAMC/1.5\r\nMessage-class: spam\r\nSet: local\r\nRemove: local\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: Unable to set local and remove local in the same operation.\r\n",
        ),
        (
            b"TELL SPAMC/1.5\r\nSet: remote\r\nRemove: remote\r\n\r\n",
            b"SPAMD/1.0 76 Bad header line: Unable to set remote and remove remote in the same operation.\r\n",
        ),
    ],
)
def test_refusals(raw: bytes, refusal: bytes) -> None:
    assert ask(raw) == refusal
    assert ask(raw, chunk=1) == refusal


def test_255_headers_are_not_too_many() -> None:
    raw = b"CHECK SPAMC/1.5\r\n" + b"X: y\r\n" * 255 + b"\r\nhi"
    assert ask(raw) == Request(Verb.CHECK, 1.5, b"hi")


def test_tell_is_refused_unless_it_is_allowed() -> None:
    raw = b"TELL SPAMC/1.5\r\nMessage-class: spam\r\nSet: local\r\nContent-length: 2\r\n\r\nhi"
    refusal = b"SPAMD/1.0 69 Service Unavailable: TELL commands are not enabled, set the --allow-tell switch.\r\n"
    assert ask(raw, allow_tell=False) == refusal


def test_damaged_compression_is_refused() -> None:
    packed = zlib.compress(MAIL)
    for damaged, reason in (
        (b"x" * 40, b"zlib: Error -3 while decompressing data: incorrect header check"),
        (packed[:-1], b"zlib: failed to find end of zlib stream"),
    ):
        raw = b"CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: %d\r\n\r\n%s" % (len(damaged), damaged)
        assert ask(raw) == b"SPAMD/1.0 69 Service Unavailable: %s\r\n" % reason


def test_a_small_message_that_unpacks_to_a_huge_one_is_refused() -> None:
    packed = zlib.compress(bytes(50_000_000))
    raw = b"CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: %d\r\n\r\n%s" % (len(packed), packed)
    assert ask(raw, limit=100_000) == b"SPAMD/1.0 69 Service Unavailable: Message is larger than 100000 bytes\r\n"


# --- replies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "version", "scan", "reply"),
    [
        ("CHECK", 1.5, SPAM, b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7.2 / 5.0\r\n\r\n"),
        ("CHECK", 1.5, HAM, b"SPAMD/1.1 0 EX_OK\r\nSpam: False ; -2.0 / 5.0\r\n\r\n"),
        ("CHECK", 1.0, HAM, b"SPAMD/1.1 0 EX_OK\r\nSpam: False ; -2.0 / 5.0\r\n\r\n"),
        (
            "SYMBOLS", 1.5, SPAM,
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 15\r\nSpam: True ; 7.2 / 5.0\r\n\r\nfar-place,words",
        ),
        ("SYMBOLS", 1.2, SPAM, b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7.2 / 5.0\r\n\r\nfar-place,words\r\n"),
        (
            "REPORT", 1.5, HAM,
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 7\r\nSpam: False ; -2.0 / 5.0\r\n\r\nreport\n",
        ),
        ("REPORT", 1.2, HAM, b"SPAMD/1.1 0 EX_OK\r\nSpam: False ; -2.0 / 5.0\r\n\r\nreport\n"),
        (
            "REPORT_IFSPAM", 1.5, SPAM,
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 7\r\nSpam: True ; 7.2 / 5.0\r\n\r\nreport\n",
        ),
        (
            "REPORT_IFSPAM", 1.5, HAM,
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\nSpam: False ; -2.0 / 5.0\r\n\r\n",
        ),
        (
            "PROCESS", 1.5, SPAM,
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 52\r\nSpam: True ; 7.2 / 5.0\r\n\r\n" + TAGGED,
        ),
        (
            "PROCESS", 1.3, HAM,
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 52\r\nSpam: False ; -2.0 / 5.0\r\n\r\n" + TAGGED,
        ),
        ("PROCESS", 1.2, SPAM, b"SPAMD/1.1 0 EX_OK\r\nContent-length: 52\r\n\r\n" + TAGGED),
        ("PROCESS", 1.1, SPAM, b"SPAMD/1.0 0 EX_OK\r\n" + TAGGED),
        (
            "HEADERS", 1.5, SPAM._replace(rewritten=b"X-Spamrec: Spam\nFrom: a@b.example\nSubject: x\n\n"),
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 46\r\nSpam: True ; 7.2 / 5.0\r\n\r\n"
            b"X-Spamrec: Spam\nFrom: a@b.example\nSubject: x\n\n",
        ),
    ],
)  # fmt: skip
def test_replies(verb: str, version: float, scan: Scan, reply: bytes) -> None:
    assert spamd.scanned(Request(Verb(verb), version, MAIL), scan) == reply


def test_replies_to_ping_and_tell() -> None:
    assert spamd.PONG == b"SPAMD/1.5 0 PONG\r\n"
    assert spamd.told(did_set=True) == b"SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n\r\n"
    assert spamd.told(did_remove=True) == b"SPAMD/1.1 0 EX_OK\r\nDidRemove: local\r\n\r\n\r\n"
    assert spamd.told() == b"SPAMD/1.1 0 EX_OK\r\n\r\n\r\n"


def test_a_time_limit_is_told_as_spamd_tells_it() -> None:
    error = spamd.timed_out("30 second timeout while trying to CHECK")
    assert spamd.refusal(error) == b"SPAMD/1.0 79 Timeout: (30 second timeout while trying to CHECK)\r\n"


PIECES = [
    b"From: a\n", b"Subject: x\r\n", b" folded\n", b"X-Spamrec: Spam\n", b"X-Spamrec-Reasons: a +1;\r\n b +2\r\n", b"\n",
    b"\r\n", b"\r", b"text", b"X-Spamrec-Header: added\n", b"From x\n", b"X-Spam-Status: No\n", b": ", b"\x00",
]  # fmt: skip
FIELDS = (tagging.Field("X-Spamrec", "Spam, probability=0.9"),)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join), st.sampled_from(list(tagging.Style)))
@example(b"", tagging.Style.SPAMREC)
@example(MAIL, tagging.Style.SPAMREC)
@example(MAIL.replace(b"\n", b"\r\n"), tagging.Style.SPAMREC)
@example(b"X-Spamrec-Header: added\n\nX-Spamrec: Spam\n", tagging.Style.SPAMREC)
def test_a_head_and_the_clients_own_body_make_a_tagged_message(raw: bytes, style: tagging.Style) -> None:
    """The client cuts at the first CR LF CR LF or LF LF, and adds nothing where there is neither."""
    gaps = [at + len(gap) for gap in (b"\r\n\r\n", b"\n\n") if (at := raw.find(gap)) >= 0]
    body = raw[min(gaps) :] if gaps else b""
    head = answering.head(raw, FIELDS, style)
    assert b"X-Spamrec: Spam, probability=0.9" in head
    assert not body or head.endswith((b"\n\r\n", b"\n\n"))
    tagged = tagging.tag(raw, FIELDS, style)
    if tagged.endswith(body) and b"X-Spamrec-Header" not in raw:
        assert head + body == tagged


# --- whatever arrives --------------------------------------------------------------------------------------

LINES = [
    b"CHECK SPAMC/1.5\r\n", b"PROCESS SPAMC/1.2\n", b"TELL SPAMC/1.3\r\n", b"PING SPAMC/1.5\r\n", b"HEADERS SPAMC/1.0\r\n",
    b"Content-length: 4\r\n", b"Content-length: 40\r\n", b"User: ray\r\n", b"Compress: zlib\r\n", b"Set: local\r\n",
    b"Message-class: spam\r\n", b"Remove: local\r\n", b"\r\n", b"\n", b"hello", b"\x00\xff", zlib.compress(b"abc"),
]  # fmt: skip
STREAMS = st.one_of(
    st.lists(st.sampled_from(LINES)).map(b"".join),
    st.builds(lambda head, rest: head + b"".join(rest), st.sampled_from(LINES[:5]), st.lists(st.sampled_from(LINES))),
    st.binary(max_size=200),
)


@given(STREAMS, st.lists(st.integers(0, 300), max_size=8))
def test_any_chunking_gives_the_same_request(raw: bytes, cuts: list[int]) -> None:
    parser = Parser(max_message_bytes=1000, allow_tell=True)
    edges = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    found: Request | bytes | None = None
    try:
        for start, stop in itertools.pairwise(edges):
            found = found or parser.feed(raw[start:stop])
        found = found or parser.end()
    except RequestError as error:
        found = spamd.refusal(error)
    assert found == ask(raw)


REASONS = (
    b"(closed before headers)", b"(EOF during headers)", b"(header not in 'Name: value' format)", b"(too many headers)",
    b"(Content-Length ", b"(User header contains control chars)", b"(compression type not supported: ", b"zlib: ",
    b"(Message-class header contains invalid class)", b"Unable to set ", b"(Set without a Message-class header)",
    b"Compress requires Content-length header", b"Message is larger than 1000 bytes", b"(line too long)",
)  # fmt: skip


@given(STREAMS)
def test_whatever_arrives_is_a_request_or_a_documented_refusal(raw: bytes) -> None:
    answer = ask(raw)
    if isinstance(answer, Request):
        assert len(answer.raw) <= 1000
        return
    status, _, reason = answer.partition(b": ")
    assert status in (b"SPAMD/1.0 76 Bad header line", b"SPAMD/1.0 69 Service Unavailable")
    assert reason.endswith(b"\r\n")
    assert answer.count(b"\n") == 1
    first = raw.partition(b"\n")[0].removesuffix(b"\r")[: spamd.MAX_ECHO_BYTES]
    assert reason.startswith(REASONS) or len(reason) == len(first) + 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_refusal_is_one_line_that_spamc_can_read(reason: str) -> None:
    line = spamd.refusal(RequestError(76, reason))
    assert line.startswith(b"SPAMD/1.0 76 ")
    assert line.endswith(b"\r\n")
    assert line[:-2].isascii()
    assert line[:-2].decode().isprintable()
