"""Labelled mail made into tokens for a model of own mail alone: folders of two labels, or a corpus of readers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamrec import corpus, message, sources, tokens
from spamrec.errors import CorpusError
from spamrec.message import Message
from spamrec.verdict import Label

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Buckets = tuple[npt.NDArray[np.int32], ...]

LEAST = 2
"""Messages of each label below which nothing can be learnt."""


class Tokenized(NamedTuple):
    """One labelled message, its tokens in place of its text."""

    digest: str
    """What the message is known by, wherever it lies."""
    date: datetime
    """Its date; the earliest there is where it has none."""
    spam: bool
    """Its label."""
    sample: Buckets
    """Its tokens by family, as in `tokens.Sample`."""


Tick = Callable[[], None]


def read(
    corpus_: Path | None, spam: Sequence[Path], legitimate: Sequence[Path], tick: Tick = lambda: None
) -> list[Tokenized]:
    """The messages of a corpus, of one's own folders, or of both, in the order of their digests, so that neither names
    nor order of files matter. A message comes once; one with both labels counts as legitimate, as losing it would be
    worse. CorpusError where a label has too few."""
    found: dict[str, Tokenized] = {}
    for label, mail in _labelled(corpus_, spam, legitimate):
        before = found.get(mail.digest)
        if before is None:
            found[mail.digest] = tokenize(mail, label)
        elif before.spam and not label:
            found[mail.digest] = before._replace(spam=False)
        tick()
    mails = [found[digest] for digest in sorted(found)]
    for label, option in ((True, "--spam"), (False, "--legit")):
        count = sum(one.spam is label for one in mails)
        if count < LEAST:
            raise CorpusError(corpus_ or option, f"{count} messages, at least {LEAST} are needed of each label")
    return mails


def tokenize(mail: Message, spam: bool) -> Tokenized:
    """What is learnt of one message."""
    import numpy as np

    buckets = tuple(np.array(found, dtype=np.int32) for found in tokens.measure(mail))
    return Tokenized(mail.digest, mail.date or datetime.min.replace(tzinfo=UTC), spam, buckets)


def digest(mails: Iterable[Tokenized]) -> str:
    """One hash of all messages and labels."""
    return hashlib.sha256("".join(f"{one.digest} {one.spam}\n" for one in mails).encode()).hexdigest()[:32]


def _labelled(corpus_: Path | None, spam: Iterable[Path], legitimate: Iterable[Path]) -> Iterator[tuple[bool, Message]]:
    if corpus_:
        for folder in corpus.readers(corpus_):
            for name, label in corpus.FOLDERS.items():
                if (folder / name).is_dir():
                    for mail in sources.walk([folder / name]):
                        yield label is Label.SPAM, message.parse(mail.raw)
    for label_, paths in ((True, spam), (False, legitimate)):
        for mail in sources.walk(paths):
            yield label_, message.parse(mail.raw)
