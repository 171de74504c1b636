"""Mail judged in batches, by this process, by several, or by a cluster of machines, in the order in which it came."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from spamrec import __version__, sources
from spamrec import model as models
from spamrec.bulk import Judge, Judged, Setup, Walk
from spamrec.errors import ClusterError
from spamrec.sources import Entry, Mail, SkipReport

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

T = TypeVar("T")

BATCH_MESSAGES = 32
"""Messages sent to a worker at once: few enough that workers end together, many enough that sending costs nothing."""
BATCH_BYTES = 4 * 1024 * 1024
"""Size from which on a batch is full, so that memory stays bounded with large messages."""


def judge_all(
    walk: Walk,
    setup: Setup,
    *,
    show: Callable[[Judged], T],
    jobs: int = 1,
    cluster: str | None = None,
    warn: Callable[[str], None] = lambda _: None,
    tick: Callable[[], None] = lambda: None,
) -> Iterator[T]:
    """What `show` makes of each verdict, in the order of the mail, over `jobs` processes or the Dask cluster at an
    address. `warn` is told once why the history is not used, `tick` called after each message."""
    _opened.cache_clear()  # another run of this process may have known the files before they changed
    judge = _opened(setup)  # what cannot be used is told of before any mail is read
    warned = False
    if cluster:
        batches = _judged_afar(walk, judge, show, cluster)
    else:
        batches = _judged_here(walk, setup, show, jobs) if jobs > 1 else _one_by_one(walk, judge, show)
    for batch in batches:
        if batch.damage and not warned:
            warned = True
            warn(batch.damage)
        for path, reason in batch.left_out:
            walk.leave_out(path, reason)
        for shown in batch.shown:
            tick()
            yield shown


class _Batch(NamedTuple, Generic[T]):
    """What came of some mail."""

    shown: list[T]
    """What `show` made of each verdict."""
    left_out: list[tuple[str, str]]
    """Files that hold no mail, each with the reason."""
    damage: str
    """Why the history is not used though there is one."""


def _one_by_one(walk: Walk, judge: Judge, show: Callable[[Judged], T]) -> Iterator[_Batch[T]]:
    for mail in walk:
        yield _Batch([show(judge.judge(mail))], [], judge.reader.damage)


def _judged_afar(walk: Walk, judge: Judge, show: Callable[[Judged], T], address: str) -> Iterator[_Batch[T]]:
    """The mail judged by the workers of a cluster, who read small files themselves from storage that is shared."""
    from spamrec import cluster

    batches = ([_from_anywhere(item) for item in batch] for batch in _batches(walk.unread()))
    yield _Batch([], [], judge.reader.damage)
    yield from cluster.over_cluster(_judge_with, _packed(judge, show), batches, address)


def _from_anywhere(item: Entry | Mail) -> Entry | Mail:
    return item if isinstance(item, Mail) else item._replace(path=os.path.abspath(item.path))


class _Kit(NamedTuple, Generic[T]):
    """All that a worker on another machine needs, sent to it once."""

    setup: Setup
    """By what mail is judged; its paths are those of the machine that sends it."""
    contents: tuple[tuple[str, bytes], ...]
    """Fields of the setup that name a file, each with what it holds."""
    show: Callable[[Judged], T]
    """What makes of a verdict what is wanted of it."""
    version: str
    """The spamrec that sends it."""


def _packed(judge: Judge, show: Callable[[Judged], T]) -> _Kit[T]:
    setup = judge.setup
    contents = [("model", (setup.model or models.shipped_path()).read_bytes())]
    if setup.profile:
        contents.append(("profile", setup.profile.read_bytes()))
    if history := judge.reader.memory():
        contents.append(("history", history))
    return _Kit(setup, tuple(contents), show, __version__)


def _judge_with(kit: _Kit[T], batch: list[Entry | Mail]) -> _Batch[T]:
    return _judged_batch(_unpacked(kit)[0], kit.show, batch)


@lru_cache(maxsize=1)
def _unpacked(kit: _Kit[Any]) -> tuple[Judge, TemporaryDirectory[str]]:
    """The judge of a worker on another machine, opened once; the folder goes when the judge does."""
    from tempfile import TemporaryDirectory

    if kit.version != __version__:
        raise ClusterError("a worker", f"has spamrec {__version__}, here is {kit.version}")
    folder = TemporaryDirectory(prefix="spamrec-")
    contents = dict(kit.contents)

    def unpacked(name: str) -> Path | None:
        if name not in contents:
            return None
        path = Path(folder.name, name)
        path.write_bytes(contents[name])
        return path

    setup = kit.setup._replace(profile=unpacked("profile"), model=unpacked("model"), history=unpacked("history"))
    return Judge(setup), folder


def _judged_here(walk: Walk, setup: Setup, show: Callable[[Judged], T], jobs: int) -> Iterator[_Batch[T]]:
    """The mail judged by other processes. They read small files themselves, and send back what is shown rather than
    the verdict: sending mail and verdicts took a quarter of all time."""
    from spamrec import spread

    work = partial(_judge_batch, setup, show)
    return spread.over_processes(work, _batches(walk.unread()), jobs, start=partial(_opened, setup))


def _batches(mails: Iterable[Entry | Mail]) -> Iterator[list[Entry | Mail]]:
    batch: list[Entry | Mail] = []
    size = 0
    for mail in mails:
        batch.append(mail)
        size += len(mail.raw) if isinstance(mail, Mail) else 0
        if len(batch) >= BATCH_MESSAGES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _judge_batch(setup: Setup, show: Callable[[Judged], T], batch: list[Entry | Mail]) -> _Batch[T]:
    return _judged_batch(_opened(setup), show, batch)


def _judged_batch(judge: Judge, show: Callable[[Judged], T], batch: list[Entry | Mail]) -> _Batch[T]:
    left_out: list[tuple[str, str]] = []
    mails = chain.from_iterable(_read(item, lambda *skipped: left_out.append(skipped)) for item in batch)
    return _Batch([show(judged) for judged in judge.judge_batch(mails)], left_out, judge.reader.damage)


def _read(item: Entry | Mail, on_skip: SkipReport) -> Iterable[Mail]:
    return (item,) if isinstance(item, Mail) else sources.read(item, on_skip)


@lru_cache(maxsize=1)
def _opened(setup: Setup) -> Judge:
    """The judge of a process, opened once."""
    return Judge(setup)
