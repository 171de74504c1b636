"""Mail found under paths, and what judges it: a reader, a history and a model, opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from spamrec import message, sources
from spamrec import model as models
from spamrec import profile as profiles
from spamrec.classifier import Classifier
from spamrec.errors import BandError, HistoryError, HistoryLockedError, NotMailError
from spamrec.evidence import Evidence
from spamrec.files import Files
from spamrec.profile import NO_PROFILE, Profile
from spamrec.sources import EVERYTHING, Entry, Mail, Scope
from spamrec.standing import UNKNOWN
from spamrec.verdict import Verdict

if TYPE_CHECKING:
    from spamrec.history import History
    from spamrec.message import Message

T = TypeVar("T")

HISTORY_WAIT_S = 10.0
"""How long the history is waited for where another program holds it, in seconds."""
MOST_NAMED = 3
"""Files left out that are named one by one; of more, only the number is told."""


# The records here are named tuples: every `classify -` builds these classes at its start, and a frozen dataclass
# takes 0.5 ms to build where a named tuple takes 0.06 ms.
class Setup(NamedTuple):
    """By what mail is judged; paths only, so that it costs nothing to send to a worker."""

    profile: Path | None = None
    """The reader's profile; None for none."""
    model: Path | None = None
    """The weights; None for the shipped ones."""
    history: Path | None = None
    """What the machine remembers; None for nothing."""
    threshold: float | None = None
    """Probability from which on a message is spam, 0 to 1; None for the model's own."""
    unsure: float | None = None
    """Probability from which on a message is unsure, 0 to 1 and below the threshold; None for no such band."""


def setup(
    where: Files,
    *,
    profile: Path | None = None,
    model: Path | None = None,
    threshold: float | None = None,
    unsure: tuple[float, float | None] | None = None,
) -> Setup:
    """What is named, else what lies where it belongs, else nothing and the shipped model. The upper end of the band
    `unsure` is the threshold where that is not named."""
    low, high = unsure or (None, None)
    return Setup(
        profile or (where.profile if where.profile.exists() else None),
        model or own_model(where),
        where.history if where.history.exists() else None,
        high if threshold is None else threshold,
        low,
    )


def own_model(where: Files) -> Path | None:
    """The reader's own model, made again first where it was made by labels and its base has changed; None for the
    shipped one."""
    if not where.model.exists():
        return None
    base, _ = models.marks_of(where.model)
    if not base or base == models.digest(where.trained if where.trained.exists() else None):
        return where.model
    from spamrec import learning  # once after each change: it loads numpy

    return learning.mended(where)


class Judged(NamedTuple):
    """One message with its verdict."""

    origin: str
    """Where it came from, as in `sources.Mail`."""
    date: datetime | None
    """Its date."""
    verdict: Verdict
    """What is said of it."""
    single: bool = True
    """Whether it is a file of its own, as in `sources.Mail`."""


class Walk:
    """The mail under some paths, with what was left out of it."""

    def __init__(self, paths: Iterable[str], scope: Scope = EVERYTHING) -> None:
        self.paths = paths
        self._scope = scope
        self.left_out = 0
        """Files that hold no mail."""
        self._first: list[tuple[str, str]] = []

    def __iter__(self) -> Iterator[Mail]:
        return sources.walk(self.paths, self.leave_out, self._scope)

    def unread(self) -> Iterator[Entry | Mail]:
        """The same mail, small files not yet read."""
        for entry in sources.entries(self.paths, self.leave_out, self._scope):
            if sources.is_small(entry):
                yield entry
            else:
                yield from sources.read(entry, self.leave_out)

    @property
    def few(self) -> list[tuple[str, str]]:
        """The paths left out with the reason, where they are few."""
        return self._first if self.left_out <= MOST_NAMED else []

    def leave_out(self, path: str, reason: str) -> None:
        """Note a file that holds no mail."""
        self.left_out += 1
        if len(self._first) < MOST_NAMED:
            self._first.append((path, reason))

    def check(self, found: int) -> None:
        """NotMailError where the user named a single file and it is no mail."""
        if not found and isinstance(self.paths, tuple) and self.paths == tuple(path for path, _ in self._first):
            path, reason = self._first[0]
            raise NotMailError(path, reason)


class Reader:
    """Profile and history, opened. ProfileError where the one cannot be used, HistoryLockedError where the other is
    held by another program for longer than a time in seconds; a damaged history is done without."""

    def __init__(
        self,
        profile_path: Path | None,
        history_path: Path | None,
        *,
        wait_s: float = HISTORY_WAIT_S,
        profile: Profile | None = None,
    ) -> None:
        self._wait_s = wait_s
        self.profile = profile or (profiles.load(profile_path) if profile_path else NO_PROFILE)
        self.damage = ""
        """Why the history is not used though there is one."""
        self._history = self._remembering(lambda: self._open(history_path))

    def evidence(self, mail: Message) -> Evidence:
        """What can be measured of a message for this reader."""
        history = self._history
        standing = self._remembering(lambda: history.standing(mail, self.profile)) if history else None
        return Evidence(mail, self.profile, standing or UNKNOWN)

    def memory(self) -> bytes:
        """All that the history holds, as a file of its own; nothing where there is none that can be used."""
        history = self._history
        return self._remembering(lambda: history.store.contents()) or b"" if history else b""

    def _open(self, path: Path | None) -> History | None:
        if not (path or self.profile.known or self.profile.never):
            return None
        from spamrec.history import History

        if path:
            return History(path, read_only=True, timeout_s=self._wait_s)
        return History()  # an empty one tells whom the profile names

    def _remembering(self, work: Callable[[], T]) -> T | None:
        """What `work` returns; None, and the history left alone from then on, where it proves damaged."""
        try:
            return work()
        except HistoryLockedError:
            raise
        except HistoryError as error:
            self.damage = str(error)
            self._history = None
            return None


class Judge:
    """A reader and a model, opened; raises as Reader does, ModelError, and BandError where the band of unsure messages
    is empty. Profile and model of one that is `loaded` are taken over."""

    reader: Reader
    classifier: Classifier

    def __init__(self, setup: Setup, *, wait_s: float = HISTORY_WAIT_S, loaded: Judge | None = None) -> None:
        self.setup = setup
        profile = loaded.reader.profile if loaded else None
        self.reader = Reader(setup.profile, setup.history, wait_s=wait_s, profile=profile)
        model = loaded.classifier.model if loaded else models.load(setup.model)
        self.classifier = Classifier(model, self.reader.profile, setup.threshold, setup.unsure)
        if setup.unsure is not None and setup.unsure >= self.classifier.cut:
            raise BandError(setup.unsure, self.classifier.cut)

    def judge(self, found: Mail) -> Judged:
        """The verdict on a mail as it was found."""
        return next(self.judge_batch((found,)))

    def judge_batch(self, found: Iterable[Mail]) -> Iterator[Judged]:
        """The verdicts on some mail, in order. All of it is parsed first: taking turns, the code of the one drives out
        that of the other, a tenth of all time."""
        parsed = [(mail, message.parse(mail.raw)) for mail in found]
        for mail, seen in parsed:
            yield self.judge_evidence(mail.origin, self.reader.evidence(seen))._replace(single=mail.single)

    def judge_evidence(self, origin: str, evidence: Evidence) -> Judged:
        """The verdict on what was measured of a mail."""
        return Judged(origin, evidence.message.date, self.classifier.judge(evidence))
