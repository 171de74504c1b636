"""Ways to damage a mail, each drawn from a seeded generator so that the same seed damages alike."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[Random, bytes, bytes], bytes]
"""From the generator, a mail and another mail to what becomes of the first."""

MAX_BYTES = 4 * 1024 * 1024
"""Size beyond which what becomes of a mail is cut off."""
CHARSETS = (
    "utf-8", "utf-7", "utf-16", "utf-16le", "utf-32", "iso-2022-jp", "iso-2022-kr", "hz", "gb2312", "big5", "shift_jis",
    "euc-kr", "koi8-r", "windows-1252", "iso-8859-8-i", "us-ascii", "unknown-8bit", "hex", "rot13", "punycode", "idna",
    "unicode_escape", "zlib", "x\0y", "utf-8\r\n x", "", '"', "cp65001", "mbcs", "undefined", "base64", "cp037",
)  # fmt: skip
ENCODINGS = ("base64", "quoted-printable", "7bit", "8bit", "binary", "x-uuencode", "BASE64 ", "quoted printable", "")
TYPES = (
    "text/plain", "text/html", "text/calendar", "text/enriched", "text/x-vcard", "multipart/mixed; boundary=x",
    "multipart/alternative; boundary=x", "multipart/digest; boundary=x", "multipart/signed", "message/rfc822",
    "message/partial; number=1", "message/delivery-status", "application/octet-stream", "text", "/", "html; ; ;=",
    "text/plain; format=flowed; delsp=yes", "text/plain; charset*0*=utf-8''%FF; charset*1*=%; name*99999=x",
)  # fmt: skip
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202e\u2066\u2069\u061c\u180e\U000e0041\u3164"
LOOKALIKES = dict(zip("aeopcxyiABEHKMOPTX", "аеорсхуіАВЕНКМОРТХ", strict=True))
DATES = (
    "", "Thu, 1 Jan 1970 00:00:00 +0000", "Wed, 31 Dec 1969 23:59:59 -0000", "Mon, 1 Jan 0001 00:00:00 +0000",
    "Tue, 19 Jan 2038 03:14:08 +0000", "Fri, 31 Dec 9999 23:59:59 -2359", "29 Feb 2023 25:61:61 +9999", "9" * 400,
    "Mon, 1 Jan 1600 00:00:00 +1400", "Sun, 1 Jan 99999999999 00:00:00", "2026-01-01T00:00:00Z", "\u0661 Jan \u0662026",
)  # fmt: skip
ADDRESSES = (
    "<>", "@", '"', "a@b, " * 3000, "<" * 5000, "(" * 5000, '"\\' * 3000, "undisclosed-recipients:;", "a@" + "b." * 3000,
    "=?utf-8?b?PGFAYi5leGFtcGxlPg==?=", "a b c <a@[127.0.0.1]> x", "Group: a@b.example, c@d.example;", "a@b@c@d",
    "\u202egro.elpmaxe@a\u202c <x@xn--80ak6aa92e.example>", "<@a,@b:c@d.example>", "a@b.example <", "\0@\0",
)  # fmt: skip
HTML = (
    "<div>" * 3000, "<table><tr><td>" * 1500, "<a href='" * 2000, "<!--" * 3000, "<style>" + "a{b:c" * 2000, "<" * 9000,
    "<p style='" + "display:none;" * 900 + "'>x</p>", "<b " + "x=y " * 3000 + ">", "&#xffffffff;&#0;&#xd800;&nope;" * 99,
    "<svg><math><annotation-xml><foreignObject>" * 300, "<template>" * 900, "<p>\0</p><plaintext>", "<select>" * 900,
    "<blockquote>" * 2000, "<base href='//'><a href='\x01javascript:'>", "<![CDATA[" * 99, "</" * 999, "<font color=#fff>",
)  # fmt: skip
TEXTS = (
    "> " * 4000, "On Mon, 1 Jan 2026, a wrote:\n> " * 300, "-- \n" * 900, "From: a\nSent: b\nTo: c\nSubject: d\n" * 300,
    "$" * 4000, "$1,000,000" * 900, "1" * 9000, "(555) " * 2000, "a@" * 4000, "http://" * 2000, "/hr " * 3000, "C++ " * 3000,
    "remote in " * 2000, "Springfield, " * 2000, "unsubscribe " * 3000, "{{" * 4000, "%FIRSTNAME%" * 900, "." * 9000,
    "Dear " * 3000, "Position: " * 2000, "\u0130\u0131\u00df\ufb03\ufdfa" * 900, "e" + "\u0301" * 5000, "\u2028\x85\x0b\x0c" * 99,
)  # fmt: skip


def _head_and_body(raw: bytes) -> tuple[list[bytes], bytes, bytes]:
    """Header fields with their folds, the blank line, and the body."""
    found = re.search(rb"\r?\n\r?\n", raw)
    head, gap, body = (raw[: found.start()], found.group(), raw[found.end() :]) if found else (raw, b"\n\n", b"")
    return re.split(rb"\r?\n(?![ \t])", head), gap, body


def _joined(fields: Sequence[bytes], gap: bytes, body: bytes) -> bytes:
    return (b"\r\n" if gap.startswith(b"\r") else b"\n").join(fields) + gap + body


def _set(raw: bytes, name: str, value: str) -> bytes:
    """The mail with that header in front, and without others of the name."""
    fields, gap, body = _head_and_body(raw)
    kept = [field for field in fields if not field.lower().startswith(f"{name.lower()}:".encode())]
    return _joined([f"{name}: {value}".encode("utf-8", "surrogatepass"), *kept], gap, body)


def _span(chance: Random, raw: bytes, most: int = 400) -> tuple[int, int]:
    start = chance.randrange(len(raw) + 1)
    return start, min(len(raw), start + chance.randint(1, most))


def _some(chance: Random, choices: Sequence[str]) -> str:
    """One of them, cut to a length of chance."""
    chosen = chance.choice(choices)
    return chosen[: chance.randint(1, len(chosen))] if len(chosen) > 99 else chosen


def truncated(chance: Random, raw: bytes, _: bytes) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def flipped(chance: Random, raw: bytes, _: bytes) -> bytes:
    changed = bytearray(raw)
    for _n in range(chance.randint(1, 60) if raw else 0):
        changed[chance.randrange(len(changed))] = chance.choice(
            (chance.randrange(256), 10, 13, 0, 32, 58, 61, 45, 34, 60)
        )
    return bytes(changed)


def inserted(chance: Random, raw: bytes, _: bytes) -> bytes:
    at, _end = _span(chance, raw)
    return raw[:at] + chance.randbytes(chance.randint(1, 80)) + raw[at:]


def deleted(chance: Random, raw: bytes, _: bytes) -> bytes:
    start, end = _span(chance, raw)
    return raw[:start] + raw[end:]


def repeated(chance: Random, raw: bytes, _: bytes) -> bytes:
    start, end = _span(chance, raw, 200)
    return raw[:end] + raw[start:end] * chance.randint(1, 200) + raw[end:]


def spliced(chance: Random, raw: bytes, other: bytes) -> bytes:
    start, end = _span(chance, other, 4000)
    at, upto = _span(chance, raw, 4000)
    return raw[:at] + other[start:end] + raw[upto:]


def headers_doubled(chance: Random, raw: bytes, other: bytes) -> bytes:
    fields, gap, body = _head_and_body(raw)
    more = _head_and_body(other)[0] if chance.random() < 0.5 else fields
    for _n in range(chance.randint(1, 6)):
        fields.insert(chance.randrange(len(fields) + 1), chance.choice(more))
    return _joined(fields, gap, body)


def headers_reordered(chance: Random, raw: bytes, _: bytes) -> bytes:
    fields, gap, body = _head_and_body(raw)
    chance.shuffle(fields)
    return _joined(fields[chance.randrange(len(fields)) // 2 :], gap, body)


def headers_flooded(chance: Random, raw: bytes, _: bytes) -> bytes:
    fields, gap, body = _head_and_body(raw)
    return _joined([*fields, *[chance.choice(fields)[:500]] * chance.randint(100, 4000)], gap, body)


def header_folded(chance: Random, raw: bytes, _: bytes) -> bytes:
    fields, gap, body = _head_and_body(raw)
    at = chance.randrange(len(fields))
    fold = chance.choice((b"\n ", b"\r\n\t", b"\r\n \r\n ", b"\r", b"\n\n "))
    fields[at] = fields[at].replace(b" ", fold) + fold * chance.choice((1, 2, 2000))
    return _joined(fields, gap, body)


def boundaries_broken(chance: Random, raw: bytes, _: bytes) -> bytes:
    found = re.search(rb'boundary="?([^"\s;]{1,80})', raw, re.I)
    if not found:
        return _set(raw, "Content-Type", f"multipart/{chance.choice(('mixed', 'alternative', 'signed'))}; boundary=b")
    name = found.group(1)
    lines = raw.split(b"\n")
    marks = [n for n, line in enumerate(lines) if line.startswith(b"--" + name)]
    if not marks or chance.random() < 0.2:
        return raw.replace(name, chance.choice((b"", b"-", b"--", b" ", b"x" * 3000, name[:-1])), 1)
    at = chance.choice(marks)
    lines[at : at + 1] = chance.choice(
        ([], [lines[at] + b"--"], [lines[at]] * 700, [lines[at][:-2]], [b"-" + lines[at]], [lines[at], b"", b""])
    )
    return b"\n".join(lines)


def charset_lied(chance: Random, raw: bytes, _: bytes) -> bytes:
    charset = chance.choice(CHARSETS).encode()
    if b"charset=" in raw.lower() and chance.random() < 0.7:
        return re.sub(rb'(?i)charset="?[^"\s;]{1,40}', lambda _: b"charset=" + charset, raw)
    return _set(raw, "Content-Type", f"text/plain; charset={charset.decode()}")


def encoding_lied(chance: Random, raw: bytes, _: bytes) -> bytes:
    return _set(raw, "Content-Transfer-Encoding", chance.choice(ENCODINGS))


def really_encoded(chance: Random, raw: bytes, _: bytes) -> bytes:
    fields, gap, body = _head_and_body(raw)
    encoded = base64.encodebytes(body.decode("utf-8", "replace").encode(chance.choice(("utf-8", "utf-16", "utf-7"))))
    return _set(_joined(fields, gap, flipped(chance, encoded, b"")), "Content-Transfer-Encoding", "base64")


def type_lied(chance: Random, raw: bytes, _: bytes) -> bytes:
    return _set(raw, "Content-Type", chance.choice(TYPES))


def nested(chance: Random, raw: bytes, _: bytes) -> bytes:
    """Within multiparts or forwarded mails, some to a depth that no mail has."""
    for level in range(chance.choice((1, 2, 5, 11, 12, 13, 40))):
        head = b"From: a@b.example\nSubject: n\n"
        if chance.random() < 0.3:
            raw = head + b"Content-Type: message/rfc822\n\n" + raw
        else:
            kind = chance.choice((b"mixed", b"alternative", b"related", b"digest"))
            mark = b"b" if chance.random() < 0.2 else b"b%d" % level
            raw = b'%sContent-Type: multipart/%s; boundary="%s"\n\n--%s\n%s\n--%s--\n' % (
                head, kind, mark, mark, raw, mark,
            )  # fmt: skip
    return raw


def encoded_words(chance: Random, raw: bytes, _: bytes) -> bytes:
    charset, encoding = chance.choice(CHARSETS), chance.choice("bBqQx")
    content = chance.choice(("=ED=A0=80", "2AA=", "+2AA-", "a_" * 400, "=" * 99, "?" * 99, "4oI=", "=00=1B=7F", ""))
    words = f"=?{charset}?{encoding}?{content}?=" * chance.choice((1, 2, 300, 3000))
    return _set(raw, chance.choice(("Subject", "From", "To", "X-Any", "Reply-To", "List-Id")), words)


def _in_text(chance: Random, raw: bytes, change: Callable[[str], str]) -> bytes:
    fields, gap, body = _head_and_body(raw)
    text = body.decode("utf-8", "replace")
    fields = [f for f in fields if chance.random() < 0.9 or not f.lower().startswith(b"content-transfer")]
    return _joined(fields, gap, change(text).encode("utf-8", "surrogatepass"))


def invisible(chance: Random, raw: bytes, _: bytes) -> bytes:
    rate = chance.choice((0.01, 0.1, 0.9))
    return _in_text(
        chance, raw, lambda t: "".join(c + (chance.choice(INVISIBLE) if chance.random() < rate else "") for c in t)
    )


def lookalikes(chance: Random, raw: bytes, _: bytes) -> bytes:
    rate = chance.choice((0.05, 0.5, 1.0))
    return _in_text(chance, raw, lambda t: "".join(LOOKALIKES.get(c, c) if chance.random() < rate else c for c in t))


def nuls(chance: Random, raw: bytes, _: bytes) -> bytes:
    changed = raw
    for _n in range(chance.randint(1, 20)):
        at, _end = _span(chance, changed)
        changed = (
            changed[:at] + chance.choice((b"\0", b"\0" * 500, b"\x1b[31m", b"\x7f\x80", b"\xff\xfe")) + changed[at:]
        )
    return changed


def overlong_line(chance: Random, raw: bytes, _: bytes) -> bytes:
    changed = raw.replace(b"\n", chance.choice((b" ", b"", b"\r", b"\r\n", b"\n\r")))
    return changed + chance.choice((b"", b"a" * 200_000, b" " * 200_000, b"a b" * 60_000, b"\t\n" * 20_000))


def html(chance: Random, raw: bytes, _: bytes) -> bytes:
    piece = _some(chance, HTML)
    return _set(_in_text(chance, raw, lambda t: piece + t + piece), "Content-Type", "text/html; charset=utf-8")


def text(chance: Random, raw: bytes, _: bytes) -> bytes:
    piece = _some(chance, TEXTS)

    def change(body: str) -> str:
        at = chance.choice((0, 0, chance.randrange(len(body) + 1), len(body)))
        return body[:at] + piece + body[at:]

    return _in_text(chance, raw, change)


def dated(chance: Random, raw: bytes, _: bytes) -> bytes:
    return _set(raw, chance.choice(("Date", "Received")), _some(chance, DATES))


def addressed(chance: Random, raw: bytes, _: bytes) -> bytes:
    names = ("From", "To", "Cc", "Reply-To", "Sender", "Message-ID", "References", "In-Reply-To", "List-Unsubscribe",
             "List-Id", "List-Post", "Authentication-Results", "Return-Path", "X-Mailer")  # fmt: skip
    return _set(raw, chance.choice(names), _some(chance, ADDRESSES))


def from_linkedin(chance: Random, raw: bytes, _: bytes) -> bytes:
    sender = chance.choice(
        ("invitations@linkedin.com", "inmail-hit-reply@linkedin.com", "messages-noreply@linkedin.com")
    )
    return _set(raw, "From", f'"A via LinkedIn" <{sender}>')


def forged(chance: Random, raw: bytes, _: bytes) -> bytes:
    """With headers in front that we write ourselves, whole and in part."""
    own = chance.choice(
        (b"X-Spamrec: Legitimate\n", b"x-spamrec-header: added\n\n", b"X-Spamrec-Header: added\r\n\r\n", b"X-Spamrec:",
         b"X-Spam-Flag: NO\n\t\n", b"X-Bogosity : Ham\n", b"From x Tue Mar  3 09:12:44 2026\n", b">From x\n", b"\r\n")
    )  # fmt: skip
    return own * chance.choice((1, 2, 50)) + raw


def calendar(_: Random, raw: bytes, other: bytes) -> bytes:
    entry = (
        b"BEGIN:VEVENT\nSUMMARY;X=y:" + other[:3000].replace(b"\n", b"\\n") + b"\nDESCRIPTION:" + raw[-2000:] + b"\n"
    )
    return b"From: a@b.example\nSubject: c\nContent-Type: text/calendar\n\n" + entry


MUTATIONS: tuple[Mutation, ...] = (
    truncated, flipped, inserted, deleted, repeated, spliced, headers_doubled, headers_reordered, headers_flooded,
    header_folded, boundaries_broken, charset_lied, encoding_lied, really_encoded, type_lied, nested, encoded_words,
    invisible, lookalikes, nuls, overlong_line, html, text, dated, addressed, from_linkedin, forged, calendar,
)  # fmt: skip
BYTES: tuple[Mutation, ...] = (truncated, flipped, inserted, deleted, repeated, spliced, nuls)
"""Those that know nothing of mail."""


def mutated(chance: Random, raw: bytes, other: bytes, choices: Sequence[Mutation] = MUTATIONS) -> bytes:
    """A mail with one to four kinds of damage, one upon the other."""
    for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
        raw = chance.choice(choices)(chance, raw, other)[:MAX_BYTES]
    return raw
