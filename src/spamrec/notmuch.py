"""Lines for `notmuch tag --batch`: which mail is to get which tags."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from spamrec import mime
from spamrec.bulk import Judged
from spamrec.decoding import decode_header
from spamrec.patterns import lazy
from spamrec.verdict import Label

TAGS = {Label.SPAM: "+recruiter -inbox"}
"""What a label does to a mail's tags; mail of other labels keeps those it has."""
MAX_ID_BYTES = 189
"""Longest Message-ID that notmuch 0.37 keeps as it is; of a longer one it keeps the SHA-1."""

_BLANKS = lazy(r"\s+")


def line(judged: Judged) -> str:
    """The line for one mail, with its line end; "" where its tags stay, or nothing tells it from others."""
    tags = TAGS.get(judged.verdict.label)
    identifier = _identifier(judged) if tags else ""
    return f"{tags} -- id:{quoted(identifier)}\n" if identifier else ""


def _identifier(judged: Judged) -> str:
    """By the file as notmuch reads it, else by what was read of it."""
    with suppress(OSError):
        if judged.single:
            return message_id(Path(judged.origin).read_bytes())
    return judged.verdict.message_id.removeprefix("<").removesuffix(">")


def quoted(term: str) -> str:
    """A term in quotation marks, those inside doubled (Xapian's rules for boolean terms, notmuch-tag(1))."""
    escaped = term.replace('"', '""')
    return f'"{escaped}"'


def message_id(raw: bytes) -> str:
    """The identifier by which notmuch 0.37 knows a mail, as observed of it.

    What stands behind the first "<" of its Message-ID up to a ">", without blanks; the header as it is where that is less
    than two characters; of a very long one the SHA-1 with a NUL behind, of a mail without one the SHA-1 of the mail.
    """
    headers, _ = mime.read_headers(raw, 0, len(raw))
    header = _header_text(dict(reversed(headers)).get("message-id", b""))
    if not header:
        return f"notmuch-sha1-{_sha1(raw)}"
    inner = header.partition("<")[2].partition(">")[0]
    found = _BLANKS.sub("", inner) if len(inner) > 1 else header
    return found if len(found.encode()) <= MAX_ID_BYTES else f"notmuch-sha1-{_sha1(found.encode() + bytes(1))}"


def _header_text(value: bytes) -> str:
    """A header decoded only where it must be: notmuch keeps control characters."""
    if value.isascii() and b"=?" not in value:
        return value.decode().strip()
    return decode_header(value).strip()


def _sha1(data: bytes) -> str:
    from hashlib import sha1

    return sha1(data, usedforsecurity=False).hexdigest()
