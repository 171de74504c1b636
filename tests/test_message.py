"""What a mail says is read the same whatever its headers, charsets, structure and damage."""

from __future__ import annotations

import json
import time
import tracemalloc
import unicodedata
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamrec.addresses import parse_addresses
from spamrec.body import MAX_TEXT_CHARS
from spamrec.dates import parse_date
from spamrec.decoding import decode_header, decode_text, decode_transfer, decoded_size, unfold
from spamrec.message import Address, Message, parse
from spamrec.mime import MAX_DEPTH, MAX_HEADERS, MAX_PARTS, split

MAILS = sorted((Path(__file__).parent / "mail").glob("*.eml"))
NUMBER_OF_MAILS = 62
UNLIKE = ("multipart-boundary-missing", "nul-bytes", "content-type-without-semicolon")
"""Mail that the standard library reads otherwise without seeing a defect."""
HEAD = b"From: Ann <ann@example.com>\nSubject: role\n"
HTML = HEAD + b"Content-Type: text/html\n\n"


def record(message: Message) -> dict[str, object]:
    """The message as its JSON twin states it: fields that hold something, without headers and digest."""
    found: dict[str, object] = {}
    for name, value in message._asdict().items():
        if value and name not in ("headers", "digest"):
            found[name] = value.isoformat() if name == "date" else _plain(value)
    return found


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def test_every_mail_has_its_twin() -> None:
    assert len(MAILS) == NUMBER_OF_MAILS
    assert {path.stem for path in MAILS} == {path.stem for path in MAILS[0].parent.glob("*.json")}


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_mail_is_read_as_its_twin_says(path: Path) -> None:
    assert record(parse(path.read_bytes())) == json.loads(path.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_mail_cut_off_anywhere_is_still_read(path: Path) -> None:
    raw = path.read_bytes()
    for end in range(0, len(raw), 7):
        assert isinstance(parse(raw[:end]), Message)


@given(st.binary(max_size=2_000))
def test_any_bytes_give_a_message(raw: bytes) -> None:
    message = parse(raw)
    assert "\0" not in message.text
    message.text.encode("utf-8")


PIECES = st.sampled_from(
    [
        b"\n", b"\r\n", b"--b\n", b"--b--\n", b": ", b"=?utf-8?q?", b"?=", b"=C3", b"\xff", b"\0", b"<", b">", b"(",
        b"Content-Type: multipart/alternative; boundary=b\n", b"Content-Type: text/html\n", b"<p style='display:none'>",
        b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n", b"QUJD", b"Subject: a", b"From: ",
        b"On Mon, 1 Jan 2026 a wrote:\n", b"> q\n", b"-- \n", b"Regards,\n", b"To unsubscribe, ", b"<a href=x>", b"\t",
        b"charset=utf-16", b"; format=flowed", b"Content-Type: text/calendar\n\nSUMMARY:x\n",
        b"Date: 1 Jan 99 0:0 +9999",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_any_pieces_of_mail_give_a_message(raw: bytes) -> None:
    assert isinstance(parse(raw), Message)


@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16", "iso-2022-jp", "koi8-r", "hex", "x\0y", "punycode"]))
def test_any_charset_gives_text(text: str, charset: str) -> None:
    assert isinstance(decode_text(text.encode("utf-8", "replace"), charset), str)


@settings(max_examples=30)
@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=80))
def test_subjects_written_by_the_standard_library_are_read_back(subject: str) -> None:
    written = EmailMessage()
    written["Subject"] = subject
    plain = parse(b"Subject: " + subject.encode() + b"\n\n").subject
    assert parse(bytes(written)).subject.split() == plain.split()


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_structure_agrees_with_the_standard_library(path: Path) -> None:
    """Our own splitting of headers and parts, against email.parser, wherever that one sees no defect."""
    raw = path.read_bytes()
    theirs = BytesParser().parsebytes(raw)
    broken = any(part.defects for part in theirs.walk()) or not theirs.keys() or raw.startswith(b"\n")
    if broken or path.stem in UNLIKE or path.stem.startswith("base64-"):
        pytest.skip("the standard library reports defects, or decodes otherwise")
    ours = [part for part in split(raw).walk() if not part.children]
    leaves = [part for part in theirs.walk() if not part.is_multipart()]
    assert [part.content_type for part in ours] == [part.get_content_type() for part in leaves]
    assert [part.filename for part in ours if part.filename.isascii()] == [
        name for name in (part.get_filename("") for part in leaves) if name.isascii() and "=?" not in name
    ]
    for mine, other in zip(ours, leaves, strict=True):
        payload = other.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert decode_transfer(mine.source[mine.start : mine.end], mine.encoding).split() == payload.split()


def test_headers_are_found_by_name_in_order() -> None:
    message = parse(b"Received: one\nreceived: two\n three\nSubject: x\n\n")
    assert message.header("received") == "one"
    assert message.header_all("received") == ("one", "two three")
    assert message.header("absent") == ""


def test_own_headers_are_nowhere_and_do_not_change_the_digest() -> None:
    plain = parse(HEAD + b"\nHello.\n")
    tagged = parse(b"X-Spamrec: spam\nX-Spamrec-Reasons: many,\n and more\n" + HEAD + b"\nHello.\n")
    assert tagged == plain
    assert not any(name.startswith("x-spamrec") for name, _ in tagged.headers)


@pytest.mark.parametrize(
    "again",
    [
        b"Received: by relay\n" + HEAD + b"\nHello.\nFrom the start.\n",
        (HEAD + b"\nHello.\nFrom the start.\n").replace(b"\n", b"\r\n"),
        b"From ann Tue Jun  9 10:15:00 2026\n" + HEAD + b"\nHello.\n>From the start.\n\n",
    ],
    ids=["relayed", "crlf", "mbox"],
)
def test_digest_stays_when_mail_is_stored_otherwise(again: bytes) -> None:
    assert parse(again).digest == parse(HEAD + b"\nHello.\nFrom the start.\n").digest


def test_digest_differs_with_the_body_and_the_subject() -> None:
    digests = {
        parse(raw).digest for raw in (HEAD + b"\na", HEAD + b"\nb", HEAD.replace(b"role", b"roll") + b"\na", b"")
    }
    assert len(digests) == 4


KIM = Address("", "k@b.example")


def nested(depth: int) -> bytes:
    start = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )
    return HEAD + start + b"\nhello\n" * 20_000


HOSTILE = {
    "nested parts": nested(3_000),
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nhi\n" * 200_000,
    "nested mails": HEAD + b"Content-Type: message/rfc822\n\n" * 5_000,
    "header flood": b"X-A: b\n" * 300_000 + b"\nhi",
    "one long header": b"Subject: " + b"\n a" * 1_000_000 + b"\n\nhi",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 300_000 + b"\n\nhi",
    "unclosed encoded words": b"Subject: " + b"=?utf-8?q?" * 300_000 + b"\n\nhi",
    "unclosed quotes": b"From: " + b'"\\' * 300_000 + b"\n\nhi",
    "unclosed comments": b"To: " + b"((" * 300_000 + b"\n\nhi",
    "many addresses": b"To: " + b"a@b.example," * 100_000 + b"\n\nhi",
    "parameters": b"Content-Type: text/plain" + b';a="\\' * 300_000 + b"\n\nhi",
    "empty lines": HEAD + b"\n" * 3_000_000,
    "blanks": HEAD + b"\n" + b" " * 3_000_000,
    "quote marks": HEAD + b"\n" + b">\n" * 300_000,
    "attributions": HEAD + b"\n" + b"On aaaaaa, b\n" * 100_000,
    "header blocks": HEAD + b"\n" + b"From: a\n" * 100_000,
    "rules": HEAD + b"\n" + (b"-" * 25 + b"\n") * 30_000,
    "closings": HEAD + b"\n" + b"hello there\n\nThanks,\nBob\n" * 30_000,
    "unsubscribe": HEAD + b"\n" + b"to unsubscribe.\n\n" * 30_000,
    "addresses in text": HEAD + b"\n" + b"http://" * 100_000,
    "open tags": HTML + b"<div>" * 300_000,
    "nested tags": HTML + b"<div>" * 19_000,
    "styles": HTML + b"<style>" + b".a{display:none" * 20_000,
    "bare boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=-\n\n" + b"-" * 2_000_000,
    "wide characters": HEAD + b"\n" + "\ufdfa".encode() * 200_000,
    "nul": b"\0" * 3_000_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mail_is_answered_quickly(raw: bytes) -> None:
    """Linear time: the worst takes half a second here, a quadratic step takes minutes."""
    started = time.process_time()
    message = parse(raw)
    assert time.process_time() - started < 5
    assert len(message.headers) <= MAX_HEADERS
    assert len(message.text) <= 18 * MAX_TEXT_CHARS  # NFKC makes one character eighteen at most


def test_parts_and_depth_are_bounded() -> None:
    assert max(_depth(nested_part) for nested_part in [split(HOSTILE["nested parts"])]) == MAX_DEPTH
    assert sum(1 for _ in split(HOSTILE["many parts"]).walk()) <= MAX_PARTS + 1


def _depth(part: object) -> int:
    return max((1 + _depth(child) for child in getattr(part, "children", ())), default=0)


def test_large_attachment_is_measured_not_decoded() -> None:
    """25 MB attached: size right to the byte, little memory beside the message itself, well under a second."""
    line = b"QUJD" * 19 + b"\n"
    attached = line * (25 * 1024 * 1024 // len(line))
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee file.\n--b\nContent-Type: application/zip\n"
        + b"Content-Transfer-Encoding: base64\n\n"
        + attached
        + b"--b--\n"
    )
    tracemalloc.start()
    message = parse(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message.text == "See file."
    assert [attachment.size for attachment in message.attachments] == [len(attached) // len(line) * 57]
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit", ""])
def test_size_is_that_of_the_decoded_bytes(encoding: str) -> None:
    for encoded in (b"QUJDRA==\n", b"QUJDREU=\r\n", b"a=20b=\nc=\r\nd", b""):
        if encoding == "base64" and b"20" in encoded:
            continue
        if encoding == "quoted-printable" and b"QUJD" in encoded:
            continue
        assert decoded_size(encoded, 0, len(encoded), encoding) == len(decode_transfer(encoded, encoding))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Tue, 9 Jun 2026 10:15:00 -0400", "2026-06-09T10:15:00-04:00"),
        ("9 Jun 26 10:15 EDT (summer)", "2026-06-09T10:15:00-04:00"),
        ("Sat, 01 Jan 99 00:00:00 GMT", "1999-01-01T00:00:00+00:00"),
        ("01 Jan 102 00:00:00 +0530", "2002-01-01T00:00:00+05:30"),
        ("Tue Jun  9 10:15:00 2026", "2026-06-09T10:15:00+00:00"),
        ("2026-06-09T10:15:00Z", "2026-06-09T10:15:00+00:00"),
    ],
)
def test_dates_are_read_in_the_forms_that_occur(value: str, expected: str) -> None:
    moment = parse_date(value)
    assert moment is not None
    assert moment.isoformat() == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "31 Feb 2026 10:00",
        "1 Jan 0001 00:00:00 +0000",
        "1 Jan 9999 00:00",
        "9 Jun 2026 10:15 +9999",
        "1" * 300,
    ],
)
def test_absurd_dates_are_none(value: str) -> None:
    assert parse_date(value) is None


@given(st.text(max_size=80))
def test_any_date_is_aware_or_none(value: str) -> None:
    moment = parse_date(value)
    assert moment is None or moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"ann@example.com", [Address("", "ann@example.com")]),
        (b"<>", []),
        (b"", []),
        (b'"Ann <ann@example.com>', [Address("Ann", "ann@example.com")]),
        (b"Ann ann@example.com", [Address("Ann", "ann@example.com")]),
        (b"ANN@EXAMPLE.COM (Ann)", [Address("Ann", "ann@example.com")]),
        ("a@bücher.example".encode(), [Address("", "a@bücher.example")]),
        (b"=?utf-8?q?Doe=2C_J?= <j@b.example>, k@b.example", [Address("Doe, J", "j@b.example"), KIM]),
        (b'"a@x.example" <b@y.example>', [Address("a@x.example", "b@y.example")]),
        (b"<mailto:c@example.com>", [Address("", "c@example.com")]),
    ],
)  # fmt: skip
def test_addresses_are_read_however_written(header: bytes, expected: list[Address]) -> None:
    assert list(parse_addresses(unfold(header))) == expected


def test_address_tells_domain_and_local_part() -> None:
    assert (Address("", "a@b@c.example").local, Address("", "a@b@c.example").domain) == ("a@b", "c.example")
    assert (Address("x", "").local, Address("x", "").domain) == ("", "")


def test_first_sender_counts_and_sender_header_stands_in() -> None:
    assert parse(b"From: a@x.example, b@x.example\n\n").sender == Address("", "a@x.example")
    assert parse(b"From: \nSender: c@x.example\n\n").sender == Address("", "c@x.example")
    assert parse(b"\n").sender is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"plain", "plain"),
        (b"=?UTF-8*en?Q?a?=", "a"),
        (b"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),
        (b"=?us-ascii?Q?Ready=3F?= yes", "Ready? yes"),
        (b"=?utf-8?q?a_b?=(c)", "a b(c)"),
        (b"= ? not ?=", "= ? not ?="),
        (b"a\r\n\tb", "a b"),
    ],
)
def test_encoded_words_are_decoded(raw: bytes, expected: str) -> None:
    assert decode_header(raw) == expected


# --- limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [b"X-A: b\n" * 3_000, b"X-A: b\n c\n" * 3_000, b"From x\nX-A: b\n" * 3_000, b"X-A: " + b"b" * 70_000 + b"\n"],
)
@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"not a header, so the body\n"])
def test_the_body_stands_behind_however_many_headers(flood: bytes, blank: bytes) -> None:
    found = parse(b"Subject: a\n" + flood * 20 + b"X-Last: c\n" + blank + b"X-No: header\n")
    assert (found.subject, found.text.splitlines()[-1]) == ("a", "X-No: header")
    assert found.header("x-no") == ""
    assert len(found.headers) <= 2_000
    assert sum(len(value) for _, value in found.headers) <= 1024 * 1024


def test_marks_that_a_language_has_are_kept_and_heaps_of_them_are_not() -> None:
    """As are signs that are no letters, in whatever number."""
    said = "q\u0323\u0307 \u05d1\u05bc\u05b0 " + "\u2550" * 300
    assert parse(f"\n{said}\n".encode()).text == unicodedata.normalize("NFKC", said)
    heaped = parse(("\n" + "o" + "\u0301\u0323" * 100 + "k " + "\u2550" * 99 + "\n").encode()).text
    assert heaped == "ok " + "\u2550" * 99
