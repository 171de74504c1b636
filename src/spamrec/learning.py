"""Personal learning: labels that the reader gives, kept in the history, and the model they make; at once and exact.

The model is a function of the base model and the set of labels alone, so that the order of giving does not matter and
what is forgotten leaves no trace. Labels are written first, the model after them: a crash between the two leaves a
model that does not know the last labels, which the next `learn` or `forget` mends.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from spamrec import classifier, files, message, personal
from spamrec import model as models
from spamrec import profile as profiles
from spamrec.errors import HistoryLockedError, SpamrecError, UnwritableOutputError, reason_of
from spamrec.evidence import Evidence
from spamrec.files import Files
from spamrec.history import History, Taught
from spamrec.message import Message
from spamrec.profile import NO_PROFILE, Profile
from spamrec.verdict import Label

LOCK_TIMEOUT_S = 10.0
"""How long to wait for another process that makes the model, in seconds."""
LOCK = "learning.lock"
"""File beside the model that is held while it is made."""
_RETRY_S = 0.02
_BATCH_MESSAGES = 200

Tick = Callable[[], None]


class Learnt(NamedTuple):
    """What labels did, and where."""

    new: int
    """Messages labelled for the first time."""
    flipped: int
    """Messages that bore the other label."""
    already: int
    """Messages that bore this label already, or, when forgetting, none."""
    forgotten: int
    """Messages whose label was taken back."""
    counts: Mapping[str, int]
    """How many messages bear each label now, by the label's name."""
    history: Path
    """The file that holds the labels."""
    model: Path
    """The model file that is used from now on."""


def learn(
    where: Files, mails: Iterable[bytes | Message], label: Label,
    *, profile: Path | None = None, timeout_s: float = LOCK_TIMEOUT_S, tick: Tick = lambda: None,
) -> Learnt:  # fmt: skip
    """Remember the reader's label of each mail, and make the model that knows it.

    `profile` names another profile than the reader's own. HistoryLockedError where another process holds history or
    model for longer than the time-out: labels written until then are kept, and giving them again does no harm.
    Otherwise raises HistoryError, ProfileError, ModelError, UnwritableOutputError.
    """
    reader = _profile(where, profile)
    found: Counter[Taught] = Counter()
    with History(where.history, timeout_s=timeout_s) as history:
        for batch in _batches(mails):
            found.update(_teach(history, batch, label, reader, tick))
        path = _remodel(where, history, timeout_s)
        return Learnt(
            found[Taught.NEW], found[Taught.FLIPPED], found[Taught.ALREADY], 0, history.labels(), where.history, path
        )


def forget(
    where: Files, mails: Iterable[bytes | Message],
    *, timeout_s: float = LOCK_TIMEOUT_S, tick: Tick = lambda: None,
) -> Learnt:  # fmt: skip
    """Take back the reader's label of each mail, and make the model that never knew it. Raises as `learn` does."""
    forgotten = unknown = 0
    with History(where.history, timeout_s=timeout_s) as history:
        for batch in _batches(mails):
            with history.writing():
                for mail in batch:
                    had = history.forget_label(mail)
                    forgotten, unknown = forgotten + had, unknown + (not had)
                    tick()
        path = _remodel(where, history, timeout_s)
        return Learnt(0, 0, unknown, forgotten, history.labels(), where.history, path)


def refresh(where: Files, *, timeout_s: float = LOCK_TIMEOUT_S) -> Path:
    """The model file to judge with, made again first where base or labels are others than those it was made of.

    Raises as `learn` does.
    """
    with History(where.history, read_only=True, timeout_s=timeout_s) as history:
        return _remodel(where, history, timeout_s)


def relearn(where: Files, *, timeout_s: float = LOCK_TIMEOUT_S) -> int:
    """Make the model again where another one was trained; how many labels it knows. Raises as `learn` does."""
    refresh(where, timeout_s=timeout_s)
    return sum(models.load(where.model).learnt.values()) if where.model.exists() else 0


def is_current(where: Files) -> bool:
    """Whether the reader's model knows just the labels there are. Raises HistoryError."""
    with History(where.history, read_only=True) as history:
        lessons = history.lessons()
    return models.marks_of(where.model)[1] == (personal.digest(lessons) if lessons else "")


def mended(where: Files) -> Path | None:
    """The model file to judge with where the reader's fits its base no more; None for the shipped one.

    Never raises: where the model cannot be made now, the last one is used while it can be read, else its base.
    """
    with suppress(SpamrecError, OSError):
        if os.access(where.model.parent, os.W_OK):
            path = refresh(where, timeout_s=0.0)
            return None if path in models.SHIPPED else path
    with suppress(SpamrecError):
        models.load(where.model)
        return where.model
    return where.trained if where.trained.exists() else None


def _profile(where: Files, named: Path | None) -> Profile:
    path = named or (where.profile if where.profile.exists() else None)
    return profiles.load(path) if path else NO_PROFILE


# --- labels ------------------------------------------------------------------------------------------------


def _batches(mails: Iterable[bytes | Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    for mail in mails:
        batch.append(message.parse(mail) if isinstance(mail, bytes) else mail)
        if len(batch) == _BATCH_MESSAGES:
            yield batch
            batch = []
    if batch:
        yield batch


def _teach(history: History, batch: list[Message], label: Label, reader: Profile, tick: Tick) -> Iterator[Taught]:
    """What the label did to each message. Measuring comes first, so that the history is held for a moment only."""
    measured = []
    for mail in batch:
        known = history.knows_as(mail, label)
        measured.append("" if known else personal.record(_measure(history, mail, reader)))
        tick()
    with history.writing():
        for mail, record in zip(batch, measured, strict=True):
            # another process may have forgotten in between what was known a moment ago
            if not record and not history.knows_as(mail, label):
                record = personal.record(_measure(history, mail, reader))
            yield history.teach(mail, label, record) if record else Taught.ALREADY


def _measure(history: History, mail: Message, reader: Profile) -> classifier.Values:
    """What the models read of a message, by all that is remembered but labels: they would make the order matter."""
    return classifier.measure(Evidence(mail, reader, history.standing(mail, reader, labels=False)))


# --- the model ---------------------------------------------------------------------------------------------


def _remodel(where: Files, history: History, timeout_s: float) -> Path:
    """Have the model file know all labels there are; whoever waited finds that it does already."""
    with _alone(where.model.with_name(LOCK), timeout_s):
        lessons = history.lessons()
        marks = models.marks_of(where.model)
        if not lessons:
            return _restore(where, learnt=bool(marks[0]))
        trained = where.model if where.model.exists() and not marks[0] else where.trained
        base = trained if trained.exists() else None
        digest = models.digest(base)
        if marks != (digest, personal.digest(lessons)):
            made = personal.model(models.load(base), digest, lessons)
            if base == where.model:  # never lost: it is the base of all that is learnt
                files.write(where.trained, where.model.read_text(encoding="utf-8"), private=True)
            files.write(where.model, made.dumps(), private=True)  # it holds words of the reader's mail
    return where.model


def _restore(where: Files, *, learnt: bool) -> Path:
    """The model as it was before anything was learnt: the trained one, or none of the reader's own."""
    try:
        if learnt and where.trained.exists():
            where.trained.replace(where.model)
        elif learnt:
            where.model.unlink()
    except OSError as error:
        raise UnwritableOutputError(where.model, reason_of(error)) from error
    return where.model if where.model.exists() else models.shipped_path()


@contextmanager
def _alone(path: Path, timeout_s: float) -> Iterator[None]:
    """Hold a lock file, which the system lets go of when the process ends, however it ends."""
    import fcntl

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UnwritableOutputError(path, reason_of(error)) from error
    try:
        end = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= end:
                    raise HistoryLockedError(
                        path, "is held by another process that learns", "try again later"
                    ) from error
                time.sleep(_RETRY_S)
        yield
    finally:
        os.close(held)
