"""A reader's own folders of mail, labelled by the folder, made into what training learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from spamrec import classifier, corpus, message, sources, training
from spamrec.bulk import Reader, Setup
from spamrec.errors import CorpusError
from spamrec.evidence import Evidence
from spamrec.message import Message
from spamrec.training import Row

PARTS = 5
"""Parts into which own mail is cut for out-of-fold scores, each standing for a reader of `data/`."""
LEAST = 2 * PARTS
"""Messages of each label below which nothing can be learnt."""


class Labelled(NamedTuple):
    """Labelled mail, ready to be learnt from."""

    rows: list[Row]
    """What the regressions see of each message."""
    digest: str
    """One hash of all messages and labels."""


def labelled(
    corpus_: Path | None, spam: Sequence[Path], legitimate: Sequence[Path], setup: Setup, *, jobs: int = 1,
    tick: Callable[[], None] = lambda: None,
) -> Labelled:  # fmt: skip
    """The labelled mail of a corpus of readers, of one's own folders, or of both. CorpusError."""
    rows = training.rows(corpus_, jobs=jobs, tick=tick) if corpus_ else []
    digest = corpus.digest(corpus_) if corpus_ else ""
    if spam or legitimate:
        own = load(spam, legitimate, Reader(setup.profile, setup.history), tick)
        rows, digest = rows + own.rows, "+".join(filter(None, (digest, own.digest)))
    return Labelled(rows, digest)


def load(
    spam: Iterable[Path], legitimate: Iterable[Path], reader: Reader, tick: Callable[[], None] = lambda: None
) -> Labelled:
    """The mail in folders of either label, each message once. What is spam is taken for a pitch, what is not for
    none. CorpusError where a label has too few messages."""
    known: dict[str, tuple[bool, Message]] = {}
    counts = {}
    for label, paths in ((True, spam), (False, legitimate)):
        found = {mail.digest: mail for mail in (message.parse(m.raw) for m in sources.walk(paths))}
        known.update({digest: (label, mail) for digest, mail in found.items()})
        counts[label] = len(found)
    for label, option in ((True, "--spam"), (False, "--legit")):
        if counts[label] < LEAST:
            raise CorpusError(option, f"{counts[label]} messages, at least {LEAST} are needed of each label")
    rows: list[Row] = []
    for label in (True, False):
        digests = sorted(digest for digest, (spam_, _) in known.items() if spam_ is label)
        for index, digest in enumerate(digests):
            rows.append(_row(digest, index % PARTS, label, reader.evidence(known[digest][1])))
            tick()
    return Labelled(rows, hashlib.sha256("".join(f"{r.name} {r.spam}\n" for r in rows).encode()).hexdigest()[:32])


def _row(digest: str, part: int, spam: bool, evidence: Evidence) -> Row:
    stranger = classifier.measure(Evidence(evidence.message))
    return Row(f"own-{part}", digest, spam, spam, classifier.measure(evidence), stranger)
