"""Work spread over a Dask cluster through joblib's own backend: many machines, their results in the order of the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from spamrec.errors import ClusterError, SpamrecError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_TIMEOUT_S = 10
"""How long a scheduler, and then its first worker, may take to answer."""
AHEAD = 4
"""Pieces of work handed out for each thread of the cluster before the next ones are read."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Shared = TypeVar("Shared")


def over_cluster(
    work: Callable[[Shared, Piece], Result], shared: Shared, pieces: Iterable[Piece], address: str
) -> Iterator[Result]:
    """`work` done on each piece by the workers of the cluster at an address, to each of which `shared` is sent once.

    What a lost worker had in hand is done again by another. ClusterError where the cluster does not answer, or loses
    too many workers.
    """
    from joblib import Parallel, delayed

    waiting = iter(pieces)
    with (
        connected(address, shared) as client,
        Parallel(pre_dispatch="all", batch_size=1, return_as="generator") as pool,
    ):
        # read by rounds, so that memory stays bounded and an error in reading is raised here, not in a thread of joblib
        while ahead := list(islice(waiting, AHEAD * _threads(client))):
            yield from pool(delayed(work)(shared, piece) for piece in ahead)


@contextmanager
def connected(address: str, *shared: object) -> Iterator[Client]:
    """Within it joblib spreads all work over the cluster; `shared` is sent to each worker once. Raises ClusterError."""
    from joblib import parallel_config

    with _trouble_with(address):
        client = _client(address)
        try:
            with parallel_config("dask", n_jobs=-1, client=client, scatter=list(shared), pure=False):
                yield client
        finally:
            client.close()


@contextmanager
def jobs_over(address: str | None, jobs: int) -> Iterator[int]:
    """The number of jobs to ask joblib for: within it they are those of the cluster, where an address is given."""
    if not address:
        yield jobs
        return
    with connected(address):
        yield -1


def _client(address: str) -> Client:
    import logging

    from distributed import Client

    for name in ("distributed", "distributed.client"):  # what goes wrong is told of in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(address, "no Dask scheduler answers") from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_TIMEOUT_S)
    except TimeoutError as error:
        client.close()
        raise ClusterError(address, "the cluster has no workers") from error
    return client


def _threads(client: Client) -> int:
    """Threads of all workers there are now, at least one."""
    found: dict[Any, int] = client.nthreads()
    return max(1, sum(found.values()))


@contextmanager
def _trouble_with(address: str) -> Iterator[None]:
    """A cluster that cannot be used, as our error."""
    try:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
    except ImportError as error:
        raise ClusterError(address, "Dask is not installed: pip install 'spamrec[dask]'") from error
    from concurrent.futures import CancelledError

    try:
        yield
    except SpamrecError:
        raise
    except (KilledWorker, FutureCancelledError, CancelledError) as error:
        raise ClusterError(address, "the cluster lost its workers or its scheduler") from error
