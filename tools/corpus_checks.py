#!/usr/bin/env python3
"""Say what is wrong with the labelled mail of a corpus: `path: finding`, one a line; status 1 where anything is.

usage: corpus_checks.py [DATA]

Each check is a function from the corpus to findings; `tests/test_corpus.py` runs every one of them on `data/`.
"""

from __future__ import annotations

import collections
import email
import email.message
import itertools
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from corpus_mail import LABELS, Corpus, Item, decoded, read
from corpus_words import giveaways, templates
from spamrec import profile
from spamrec.addresses import is_freemail
from spamrec.corpus import PAIR
from spamrec.errors import ProfileError
from spamrec.htmltext import read_html

MIN_MESSAGES = 1_200
MIN_READERS = 12
MIN_PAIRS = 10
"""Complete pairs of each row of the behaviour table."""
ROWS = tuple(f"b{n:02d}" for n in range(1, 27))
BALANCE = (0.4, 0.6)
"""Share of spam in a reader's mail, least and most."""
SAME_BODY = 0.8
"""Share of the words of text and HTML parts that must be the same."""

PLATFORMS = frozenset(
    [
        "linkedin.com",
        "reply.linkedin.com",
        "myworkday.com",
        "googlegroups.com",
        "noreply.github.com",
        "github.com",
        "google.com",
        "us.greenhouse-mail.io",
        "eu.greenhouse-mail.io",
        "ashbyhq.com",
        "hire.lever.co",
        "smartrecruiters.com",
        "mail.xing.com",
        "amazonaws.com",
        "example.org",
        "example.net",
        "example.com",
        "mx2.example.org",
        "mx.example.org",
        "mx2.example.net",
    ]
)
"""Domains of services whose own mail stands in the corpus, and those set aside by RFC 2606."""


# --- counts ------------------------------------------------------------------------------------------------


def size(corpus: Corpus) -> Iterator[str]:
    """Enough messages and readers."""
    if len(corpus.labelled) < MIN_MESSAGES:
        yield f"{corpus.root}: only {len(corpus.labelled)} messages"
    if len(corpus.readers) < MIN_READERS:
        yield f"{corpus.root}: only {len(corpus.readers)} readers"


def balance(corpus: Corpus) -> Iterator[str]:
    """Spam and legitimate mail about even with each reader."""
    for reader in corpus.readers:
        own = [i.label == "spam" for i in corpus.labelled if i.reader == reader.name]
        share = sum(own) / len(own)
        if not BALANCE[0] <= share <= BALANCE[1]:
            yield f"{reader}: {share:.0%} of {len(own)} messages are spam"


def rows_covered(corpus: Corpus) -> Iterator[str]:
    """Enough complete pairs of each row."""
    complete = collections.Counter(stem[:3] for (_, stem), sides in _pairs(corpus).items() if len(sides) == 2)
    yield from (f"{corpus.root}: {row} has {complete[row]} pairs" for row in ROWS if complete[row] < MIN_PAIRS)


def _pairs(corpus: Corpus) -> dict[tuple[str, str], dict[str, Item]]:
    """Sides of each pair by reader and stem."""
    found: dict[tuple[str, str], dict[str, Item]] = collections.defaultdict(dict)
    for item in corpus.labelled:
        if match := PAIR.fullmatch(item.path.stem):
            found[item.reader, match["stem"]][match["side"]] = item
    return found


def pair_names(corpus: Corpus) -> Iterator[str]:
    """Pairs are named for a row, complete, and side a is the one more like spam."""
    for item in corpus.labelled:
        if "pair" in item.path.stem.split("-") and not PAIR.fullmatch(item.path.stem):
            yield f"{item.path}: not bNN-NAME-pair-a or -b"
    for (reader, stem), sides in _pairs(corpus).items():
        if stem[:3] not in ROWS:
            yield f"{reader}: {stem}: no such row"
        if len(sides) < 2:
            yield f"{next(iter(sides.values())).path}: the other side of the pair is missing"
        elif (sides["a"].label, sides["b"].label) == ("legit", "spam"):
            yield f"{sides['a'].path}: side a is legitimate and side b spam"


# --- each message ------------------------------------------------------------------------------------------


def whole(corpus: Corpus) -> Iterator[str]:
    """A sender, a date, and something to read or an attachment."""
    for item in corpus.items:
        mail = item.message
        if mail.sender is None or not mail.sender.address:
            yield f"{item.path}: no sender"
        if mail.date is None:
            yield f"{item.path}: no date"
        if not (mail.text.strip() or mail.forwarded or mail.quoted or mail.calendar or mail.attachments):
            yield f"{item.path}: neither text nor attachment"
        if "�" in f"{mail.subject}{mail.text}":
            yield f"{item.path}: characters that cannot be decoded"


def message_ids(corpus: Corpus) -> Iterator[str]:
    """No Message-ID twice."""
    seen: dict[str, Path] = {}
    for item in corpus.items:
        if (known := seen.setdefault(item.message.message_id, item.path)) != item.path:
            yield f"{item.path}: Message-ID of {known}"


_ADDRESS = re.compile(r"[\w.+%'=-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS_HEADERS = frozenset(
    [
        "from",
        "to",
        "cc",
        "reply-to",
        "sender",
        "return-path",
        "list-post",
        "list-unsubscribe",
        "errors-to",
        "delivered-to",
    ]
)


def addresses(corpus: Corpus) -> Iterator[str]:
    """Addresses that nobody can hold: `.example`, platforms' own, freemail of impossible length."""
    for item in corpus.items:
        mail = item.message
        told = [mail.subject, mail.text, mail.signature, mail.disclaimer, mail.quoted, mail.forwarded]
        told += [value for name, value in mail.headers if name in _ADDRESS_HEADERS]
        told += [link.target for link in mail.links if link.target.startswith("mailto:")]
        for address in sorted({a.rstrip(".").lower() for text in told for a in _ADDRESS.findall(text)}):
            if not _nobodys(address):
                yield f"{item.path}: somebody may hold {address}"


def _nobodys(address: str) -> bool:
    local, _, domain = address.removeprefix("mailto:").rpartition("@")
    if domain.endswith(".example") or domain in PLATFORMS:
        return True
    return is_freemail(domain) and not 5 < len(local.partition("+")[0]) <= 30


def bodies_agree(corpus: Corpus) -> Iterator[str]:
    """Text and HTML of one message say the same."""
    for item in corpus.items:
        for part in item.mime.walk():
            if part.get_content_type() == "multipart/alternative":
                both = {p.get_content_subtype(): p for p in _leaves(part) if p.get_content_maintype() == "text"}
                if {"plain", "html"} <= both.keys():
                    plain, page = decoded(both["plain"]), read_html(decoded(both["html"]))
                    if _alike(plain, page.text) < SAME_BODY:
                        yield f"{item.path}: text and HTML differ"


def _leaves(part: email.message.Message) -> Iterator[email.message.Message]:
    payload = part.get_payload()
    for inner in payload if isinstance(payload, list) else ():
        if isinstance(inner, email.message.Message) and not inner.is_multipart():
            yield inner


def _alike(one: str, other: str) -> float:
    """Share of the words common to two texts, 0 to 1, links left out."""
    plain = (re.sub(r"https?://\S+", " ", text.lower()) for text in (one, other))
    a, b = (collections.Counter(re.findall(r"[^\W\d_]+", text)) for text in plain)
    return 2 * (a & b).total() / (a.total() + b.total()) if a or b else 1.0


_META = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)


def charsets_agree(corpus: Corpus) -> Iterator[str]:
    """What a page says of its charset is what its part says."""
    for item in corpus.items:
        for part in item.mime.walk():
            payload = part.get_payload(decode=True)
            if part.get_content_type() == "text/html" and isinstance(payload, bytes):
                declared = _META.search(payload)
                said = part.get_content_charset() or ""
                if declared and declared[1].decode().lower() != said:
                    yield f"{item.path}: part in {said}, page says {declared[1].decode()}"


# --- what stands beside the mail ---------------------------------------------------------------------------


def profiles(corpus: Corpus) -> Iterator[str]:
    """Every profile loads."""
    for reader in corpus.readers:
        path = reader / "profile.toml"
        if path.exists():
            try:
                profile.load(path)
            except ProfileError as e:
                yield str(e)


_HISTORY: dict[str, dict[str, type]] = {
    "contact": {"address": str, "name": str, "since": date, "via": str},
    "unsubscribed": {"address": str, "on": date},
    "complained": {"address": str, "on": date},
    "barred": {"address": str, "on": date},
    "posted": {"list": str, "address": str, "first": date, "count": int},
    "judged": {"message_id": str, "address": str, "label": str, "on": date},
}
_VALUES = {"via": ("address book", "linkedin"), "label": LABELS}


def histories(corpus: Corpus) -> Iterator[str]:
    """Every history is of the documented form."""
    for path in (r / "history.toml" for r in corpus.readers):
        if not path.exists():
            continue
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as e:
            yield f"{path}: {e}"
            continue
        for kind, entries in table.items():
            if kind not in _HISTORY or not isinstance(entries, list):
                yield f"{path}: unknown {kind}"
                continue
            for entry in entries:
                yield from (f"{path}: {kind}: {wrong}" for wrong in _entry_faults(entry, _HISTORY[kind]))


def _entry_faults(entry: dict[str, Any], keys: dict[str, type]) -> Iterator[str]:
    for key, kind in keys.items():
        if key not in entry:
            yield f"{key} missing in {entry}"
        elif type(entry[key]) is not kind:
            yield f"{key} = {entry[key]!r} is no {kind.__name__}"
        elif key in _VALUES and entry[key] not in _VALUES[key]:
            yield f"{key} = {entry[key]!r} is not one of {', '.join(_VALUES[key])}"
        elif key in ("address", "list") and not re.fullmatch(r"[^\s@]*@[^\s@]+", entry[key]):
            yield f"{key} = {entry[key]!r} is no address"
    yield from (f"unknown key {key}" for key in entry if key not in keys)


def notes(corpus: Corpus) -> Iterator[str]:
    """Every message that a note about pitches names is there, and named once."""
    files = (("spam", "not-pitches.txt"), ("legit", "pitches.txt"))
    for reader, (kind, file) in itertools.product(corpus.readers, files):
        path = reader / file
        named = path.read_text(encoding="utf-8").split() if path.exists() else []
        yield from (f"{path}: {n} is not in {kind}/" for n in named if not (reader / kind / f"{n}.eml").exists())
        yield from (f"{path}: {n} twice" for n, times in collections.Counter(named).items() if times > 1)


Check = Callable[[Corpus], Iterable[str]]
CHECKS: tuple[Check, ...] = (
    size,
    balance,
    rows_covered,
    pair_names,
    whole,
    message_ids,
    addresses,
    bodies_agree,
    charsets_agree,
    templates,
    giveaways,
    profiles,
    histories,
    notes,
)


def main(root: str) -> int:
    corpus = read(Path(root))
    found = [finding for check in CHECKS for finding in check(corpus)]
    print("\n".join([*found, f"{len(corpus.items)} messages read, {len(found)} findings"]))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "data"))
