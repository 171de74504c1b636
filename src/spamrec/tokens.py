"""What a message is made of for a model of own mail alone: words, header tokens, link hosts and byte 4-grams.

Every token falls into one of SIZE buckets by its hash, so that a model is a table of one size however much mail it
learnt from, and holds none of its words. What was tried stands in `benchmarks/ONLINE.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import unpack_from
from typing import NamedTuple
from zlib import crc32

from spamrec.message import Message
from spamrec.patterns import lazy

SIZE = 262_139
"""Buckets, the largest prime below 2**18: a file of 0.7 MB. Of more there was little to gain (`benchmarks/ONLINE.md`)."""
MAX_GRAM_BYTES = 3_000
"""Bytes of each stream of which 4-grams are taken (Sculley and Wachman, 2007, took as many of the whole message)."""
MAX_TEXT_CHARACTERS = 20_000
"""Characters of the text in which words are looked for."""
MAX_HEADER_TOKENS = 60
"""Tokens of one header that are looked at."""
LONGEST = 40
"""Characters of a token that count."""
MAX_LINKS = 200
"""Links of a message that are looked at."""

FAMILIES = ("word", "subject", "header", "link", "text-gram", "header-gram")
"""Sorts of tokens, in the order of a sample's buckets."""
_GRAMS = ("text-gram", "header-gram")

_WORD = lazy(r"[^\W_]+(?:['’.\-@$%][^\W_]+)*|[$€£!?%]+")
_HEADER_TOKEN = lazy(r"[^\s<>()\[\]\"',;:=]+")
_HOST = lazy(r"[\w-]+(?:\.[\w-]+)+")
_SUBJECT_TAG = lazy(r"\s*(?:\*+\s*(?:spam|junk)\s*\*+|\[\W*(?:spam|junk)\W*\]|\{(?:spam|junk)\??\})\s*", 2)
"""What filters put before a subject; 2 is re.IGNORECASE."""

# Verdicts of filters, ours included: who learns from them learns the filter, and is lost without it.
_VERDICT = lazy(
    r"spam|bogosity|junk|virus|^x-(?:crm114|dspam|rspamd|amavis|razor|pyzor|dcc-|popfile|text-classification|scl|barracuda"
    r"|ironport|proofpoint|cmae|vade|purgate|sophos|forefront|microsoft-antispam|ms-exchange-organization-(?:scl|pcl)"
    r"|mailscanner|ham-|hashcash|greylist|bulk-score|ovh-)"
)
# What the reader's own programs note after delivery: read, filed, answered.
_STATE = lazy(
    r"^(?:status|lines|x-(?:status|keywords|label|labels|uid|uidl|imap|mozilla|evolution|kmail|gmail-labels|gm-|folder"
    r"|account-key|offlineimap|tuid|thunderbird))"
)
_BARE = frozenset(
    ("date", "references", "in-reply-to", "dkim-signature", "arc-seal", "arc-message-signature", "thread-index")
)
"""Headers of which only the presence counts, since their values never come again."""


class Reading(NamedTuple):
    """A message as text streams and named tokens."""

    tokens: tuple[tuple[str, ...], ...]
    """The tokens of each family that is not made of 4-grams, in the order of FAMILIES, each once."""
    text: bytes
    """Start of subject and text, of which 4-grams are taken; UTF-8."""
    head: bytes
    """Start of the headers, one a line, of which 4-grams are taken; UTF-8."""


Sample = tuple[tuple[int, ...], ...]
"""Buckets of a message's tokens by family, in the order of FAMILIES, each once and sorted."""


def teaches(header: str) -> bool:
    """Whether a header, by its lower-case name, may be learnt from: no verdict of a filter, no state of a mailbox."""
    return not (_VERDICT.search(header) or _STATE.match(header))


def read(mail: Message) -> Reading:
    """The tokens and streams of a message."""
    subject = _SUBJECT_TAG.sub(" ", mail.subject).strip()
    body = "\n".join(
        part for part in (mail.text, mail.quoted, mail.forwarded, mail.signature, mail.disclaimer, mail.hidden,
                          mail.calendar) if part
    )[:MAX_TEXT_CHARACTERS]  # fmt: skip
    headers = [(name, subject if name == "subject" else value) for name, value in mail.headers if teaches(name)]
    tokens = (_words(body), _words(subject), _header_tokens(headers), _link_tokens(mail))
    stream = "\n".join(f"{name}: {value}" for name, value in _by_rank(headers))
    return Reading(
        tuple(tuple(dict.fromkeys(found)) for found in tokens),
        f"{subject}\n{body}"[:MAX_GRAM_BYTES].encode("utf-8", "replace")[:MAX_GRAM_BYTES],
        stream[:MAX_GRAM_BYTES].encode("utf-8", "replace")[:MAX_GRAM_BYTES],
    )


def sample(reading: Reading) -> Sample:
    """The buckets of what was read."""
    words = [
        tuple(sorted({bucket(family, t) for t in found}))
        for family, found in zip(FAMILIES, reading.tokens, strict=False)
    ]
    grams = [
        _buckets_of_grams(family, _grams(raw)) for family, raw in zip(_GRAMS, (reading.text, reading.head), strict=True)
    ]
    return (*words, *grams)


def measure(mail: Message) -> Sample:
    """The buckets of a message's tokens."""
    return sample(read(mail))


def bucket(family: str, token: str) -> int:
    """Where a token falls, the same on every machine."""
    return crc32(f"{family}:{token}".encode("utf-8", "replace")) % SIZE


# --- words, headers, links ---------------------------------------------------------------------------------


def _words(text: str) -> Iterator[str]:
    return (word[:LONGEST] for word in _WORD.findall(text.lower()))


def _header_tokens(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The name of each header, and its tokens with the name before them."""
    for name, value in headers:
        yield name
        if name == "message-id":
            yield f"{name}:{value.rpartition('@')[2].strip('<> ')[:LONGEST].lower()}"
        elif name in ("received", "x-received"):
            yield from (f"{name}:{token}" for host in _HOST.findall(value.lower()[:2000]) for token in _levels(host))
        elif name not in _BARE:
            found = _HEADER_TOKEN.findall(value.lower()[: MAX_HEADER_TOKENS * LONGEST])
            yield from (f"{name}:{token[:LONGEST]}" for token in found[:MAX_HEADER_TOKENS])


def _levels(host: str) -> Iterator[str]:
    """A host's last one, two and three labels; the first two, three and four numbers of an address."""
    labels = host.split(".")
    if labels[-1].isdigit():
        yield from (".".join(labels[:count]) for count in (2, 3, 4))
    else:
        yield from (".".join(labels[-count:])[:LONGEST] for count in (1, 2, 3))


def _link_tokens(mail: Message) -> Iterator[str]:
    """Hosts of links with the domains they lie in, and words of their paths."""
    for link in mail.links[:MAX_LINKS]:
        host, _, path = link.target.lower().partition("://")[2].partition("/")
        yield from _levels(host.partition(":")[0])
        yield from (f"/{word[:LONGEST]}" for word in _WORD.findall(path[:200])[:10])


def _by_rank(headers: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What the sender wrote before what relays added, since only the start of the stream is read."""
    yield from (h for h in headers if h[0] not in ("date", "received"))
    yield from (h for h in headers if h[0] == "received")


# --- 4-grams -----------------------------------------------------------------------------------------------


def _grams(raw: bytes) -> set[int]:
    """Each run of four bytes as a little-endian number."""
    found: set[int] = set()
    for start in range(min(4, len(raw))):
        found.update(unpack_from(f"<{(len(raw) - start) // 4}I", raw, start))
    return found


def _buckets_of_grams(family: str, grams: Iterable[int]) -> tuple[int, ...]:
    salt = crc32(family.encode())
    return tuple(sorted({(gram * 2_654_435_761 + salt) % 4_294_967_296 % SIZE for gram in grams}))


class Word(NamedTuple):
    """A word of a message with all that counts for it."""

    family: str
    """"word", "subject", "header" or "link"."""
    text: str
    """The word; of a header with the header's name before a colon."""


def spelled(reading: Reading) -> Iterator[tuple[str, int, Word]]:
    """Family and bucket of each token of a reading with the word that it belongs to; a 4-gram belongs to the word in
    which it lies, at its first place. Each bucket of a family comes once."""
    for family, found in zip(FAMILIES, reading.tokens, strict=False):
        seen: set[int] = set()
        for token in found:
            at = bucket(family, token)
            if at not in seen:
                seen.add(at)
                yield family, at, Word(family, token)
    for family, raw in zip(_GRAMS, (reading.text, reading.head), strict=True):
        for at, word in _spelled_grams(family, raw).items():
            yield family, at, word


def _spelled_grams(family: str, raw: bytes) -> dict[int, Word]:
    """Buckets of 4-grams, each with the word of which it holds most."""
    found: dict[int, Word] = {}
    owner = _owners(family, raw)
    for start in range(len(raw) - 3):
        (at,) = _buckets_of_grams(family, unpack_from("<I", raw, start))
        found.setdefault(at, owner[start + 1] or owner[start + 2] or owner[start] or owner[start + 3] or _NO_WORD)
    return found


_NO_WORD = Word("word", "")
_PIECE = lazy(rb"[^\s<>()\[\]\"',;=]+")


def _owners(family: str, raw: bytes) -> list[Word | None]:
    """For each byte of a stream the word that it belongs to; None between words."""
    owner: list[Word | None] = [None] * len(raw)
    start = 0
    for number, line in enumerate(raw.split(b"\n")):
        name = line.partition(b":")[0].decode("utf-8", "replace") if family == "header-gram" else ""
        for piece in _PIECE.finditer(line):
            word = _owner(name, piece.group().decode("utf-8", "replace").lower(), subject=not number)
            owner[start + piece.start() : start + piece.end()] = [word] * len(piece.group())
        start += len(line) + 1
    return owner


def _owner(header: str, piece: str, *, subject: bool) -> Word:
    if header:
        bare = piece.rstrip(":")
        return Word("header", header if bare == header else f"{header}:{bare[:LONGEST]}")
    found = _WORD.search(piece)
    return Word("subject" if subject else "word", (found.group() if found else piece)[:LONGEST])
