"""Checks of a corpus's wording: no body twice, and nothing that gives the label away by itself."""

from __future__ import annotations

import collections
import email
import html
import itertools
import re
from collections.abc import Iterator

from corpus_mail import LABELS, Corpus, Item, decoded

RUN_WORDS = 10
SHARED_RUNS = 4
"""Two messages that share so many runs of so many words are one template."""
GIVEAWAY_PRECISION = 0.95
GIVEAWAY_RECALL = 0.20
"""A token of this precision and this recall for one label would be learnt instead of what the label turns on."""
EXPLAINED: dict[str, str] = {}
"""Tokens beyond both that belong to what the label turns on, each with the reason; none so far."""


def _kept_words(raw: bytes) -> list[str]:
    """Words, letters only, of all text parts but quoted lines and what follows a line of dashes."""
    out: list[str] = []
    for part in email.message_from_bytes(raw).walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            if part.get_content_subtype() == "html":
                text = re.sub(r"(?is)<(script|style).*?</\1>", " ", text)
                text = html.unescape(re.sub(r"<[^>]*>", " ", text))
            for line in text.splitlines():
                if re.match(r"\s*(-{4,}|_{4,})", line):
                    break
                if not line.lstrip().startswith(">"):
                    out += re.findall(r"[^\W\d_]+", line.lower())
    return out


def templates(corpus: Corpus) -> Iterator[str]:
    """No body twice: no two messages but the sides of a pair share several runs of words."""
    where: dict[tuple[str, ...], list[Item]] = collections.defaultdict(list)
    for item in corpus.items:
        kept = _kept_words(item.raw)
        for run in {tuple(kept[i : i + RUN_WORDS]) for i in range(len(kept) - RUN_WORDS + 1)}:
            where[run].append(item)
    together: collections.Counter[tuple[Item, Item]] = collections.Counter()
    for sharing in where.values():
        together.update(itertools.combinations(sharing[:20], 2))
    for (a, b), runs in sorted(together.items(), key=lambda t: (-t[1], t[0][0].path, t[0][1].path)):
        if runs < SHARED_RUNS:
            break
        if (a.reader, a.stem) != (b.reader, b.stem) or "-pair-" not in a.path.stem:
            yield f"{a.path}: {runs} runs of {RUN_WORDS} words stand in {b.path} too"


# --- tokens that give the label away -----------------------------------------------------------------------


def giveaways(
    corpus: Corpus, *, precision: float = GIVEAWAY_PRECISION, recall: float = GIVEAWAY_RECALL
) -> Iterator[str]:
    """No word, header or habit alone tells the label."""
    counts: dict[str, collections.Counter[str]] = {label: collections.Counter() for label in LABELS}
    of_label = collections.Counter(i.label for i in corpus.labelled)
    for item in corpus.labelled:
        counts[item.label].update(tokens(item))
    for label, count in counts.items():
        for token, n in sorted(count.items()):
            total = sum(c[token] for c in counts.values())
            if n >= precision * total and n >= recall * of_label[label] and token not in EXPLAINED:
                yield f"{corpus.root}: {token!r} stands in {n} {label} messages and {total - n} others"


def tokens(item: Item) -> set[str]:
    """Words of a message, and every habit of the program that wrote it, each marked with where it stands."""
    mail = item.message
    out = {f"subject:{w}" for w in _plain_words(mail.subject)}
    told = (mail.text, mail.signature, mail.disclaimer, mail.quoted, mail.forwarded)
    out |= {f"text:{w}" for text in told for w in _plain_words(text)}
    for name, value in item.mime.items():
        key = name.lower()
        out |= {f"header:{key}", f"value:{key}={_shape(str(value))}"}
        out |= {f"word:{key}:{w.lower()}" for w in re.findall(r"[A-Za-z][\w-]{2,}", str(value))[:40]}
    for part in item.mime.walk():
        out |= {f"type:{part.get_content_type()}", f"charset:{part.get_content_charset()}"}
        out.add(f"encoding:{str(part.get('content-transfer-encoding')).lower()}")
        if boundary := part.get_boundary():
            out.add(f"boundary:{_shape(boundary)}")
        if part.get_content_type() == "text/html":
            out |= {f"html:{w}" for w in re.findall(r"<(\w+)|(?<==\")[\w-]+(?=\")", decoded(part))}
    if mail.date:
        out |= {f"{unit}:{getattr(mail.date, unit)}" for unit in ("year", "month", "hour")}
        out |= {f"weekday:{mail.date.weekday()}", f"zone:{mail.date.utcoffset()}"}
    return out | {f"length:{min(len(mail.text) // 250, 12)}", f"links:{min(len(mail.links), 5)}"}


def _plain_words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


def _shape(text: str) -> str:
    """Style of a value: kinds of characters, runs as one."""
    kinds = re.sub(r"[0-9]", "0", re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", text)))
    return re.sub(r"(.)\1+", r"\1+", kinds)[:60]
