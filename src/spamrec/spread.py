"""Work spread over processes of this machine, its results in the order of the work.

Why not joblib here: it imports numpy and starts its workers anew, 1.5 s of processor time before the first message of a
folder (0.1 s for processes that are forked off); its forking workers cannot give results one by one, and wait for ever
for one that was killed.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from spamrec.errors import LostWorkerError

AHEAD = 4
"""Pieces of work handed out for each worker before the first is waited for, so that none stands idle."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def over_processes(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], processes: int, *, start: Callable[[], object]
) -> Iterator[Result]:
    """`work` done on each piece by so many processes, each of which calls `start` first; no more pieces are read than
    are under way. LostWorkerError where a process was killed."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # forked processes share what is loaded; elsewhere than on Linux libraries of the system do not live through a fork
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(processes, context, _begin, (start,))
    try:
        under_way: deque[Future[Result]] = deque()
        for piece in pieces:
            under_way.append(pool.submit(work, piece))
            if len(under_way) >= processes * AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        raise LostWorkerError from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(start: Callable[[], object]) -> None:
    """What a worker does first: leave Ctrl-C to the process that started it, and make itself ready."""
    import gc
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start()
    gc.freeze()  # what was loaded before is never garbage
