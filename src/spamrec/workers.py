"""Worker processes: forked when everything is loaded, one job at a time, replaced when they die or hang."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import NoReturn, Protocol, cast

from spamrec import spamd
from spamrec.errors import RequestError

JOB_TIMEOUT_S = 30.0
"""How long one job may take."""
GRACE_S = 2.0
"""How long a worker may take beyond that limit, at which it gives up by itself where it can."""
QUEUE_TIMEOUT_S = 120.0
"""How long a job may wait for a worker."""
RECYCLE_JOBS = 5_000
"""Jobs after which a worker is replaced, so that no leak adds up."""
WORKER_MEMORY_BYTES = 2 * 1024 * 1024 * 1024
"""Address space that a worker may take beyond what it was forked with."""
RESPAWN_DELAY_S = 0.5
"""Wait before a worker is replaced that ended without any job."""
_REAP_S = 0.02
_LENGTH = struct.Struct(">I")
_DONE, _REFUSED, _FAILED = b"+", b"?", b"-"


class Work(Protocol):
    """What workers do."""

    def prepare(self) -> None:
        """Once in each worker, before its first job."""

    def __call__(self, payload: bytes) -> bytes:
        """A job's bytes to its answer's. RequestError tells the client why there is none."""


class Job:
    """A piece of work and what becomes of it."""

    def __init__(self, payload: bytes, doing: str) -> None:
        self.payload = payload
        self.doing = doing
        """What is done, for the line that tells that it failed."""
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        """Raises RequestError where there is none."""
        self.timer: asyncio.TimerHandle | None = None

    def limit(self, seconds: float, late: Callable[[], None]) -> None:
        """Call `late` unless the job has gone on by then."""
        self.unlimit()
        self.timer = asyncio.get_running_loop().call_later(seconds, late)

    def unlimit(self) -> None:
        """Take the limit back."""
        if self.timer is not None:
            self.timer.cancel()

    def fail(self, error: Exception) -> None:
        """Tell that there will be no answer."""
        self.unlimit()
        if not self.answer.done():
            self.answer.set_exception(error)

    def done(self, answer: bytes) -> None:
        """Hand over the answer; nobody may wait for it any more."""
        self.unlimit()
        if not self.answer.done():
            self.answer.set_result(answer)


class Worker(asyncio.Protocol):
    """One process, as the server sees it."""

    def __init__(self, pool: Pool, pid: int) -> None:
        self.pool = pool
        self.pid = pid
        self.generation = pool.generation
        self.job: Job | None = None
        self.jobs_done = 0
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # what a stream socket gives

    def start(self, job: Job, timeout_s: float) -> None:
        """Begin a job."""
        assert self._transport is not None  # noqa: S101 - `ready` comes after
        self.job = job
        job.limit(timeout_s, self._hang)
        self._transport.writelines([_LENGTH.pack(len(job.payload)), job.payload])

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) < _LENGTH.size:
            return
        end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
        if len(self._received) < end:
            return
        answer = bytes(self._received[_LENGTH.size : end])
        self._received.clear()
        if self.job is not None:
            self._end(self.job, answer)
        self.pool.ready(self)

    def _end(self, job: Job, answer: bytes) -> None:
        self.job = None
        self.jobs_done += 1
        kind, said = answer[:1], answer[1:]
        if kind == _DONE:
            job.done(said)
        elif kind == _REFUSED:
            job.fail(RequestError(said[0], said[1:].decode()))
        else:
            self.pool.say(f"{job.doing} failed: {said.decode()}")
            job.fail(spamd.unavailable(f"failed while trying to {job.doing}"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own
        if self.job is not None:
            self.pool.say(f"worker {self.pid} died while trying to {self.job.doing}")
            self.job.fail(spamd.unavailable(f"worker died while trying to {self.job.doing}"))
        self.pool.lost(self)

    def _hang(self) -> None:
        job, self.job = self.job, None
        if job is not None:
            limit = f"{self.pool.job_timeout_s:g} second timeout while trying to {job.doing}"
            self.pool.say(f"worker {self.pid} is killed: {limit}")
            job.fail(spamd.timed_out(limit))
            self.jobs_done += 1
        self.kill()

    def retire(self) -> None:
        """Have the process end by itself: it has nothing to do."""
        if self._transport is not None:
            self._transport.close()

    def kill(self) -> None:
        """End the process whatever it does."""
        os.kill(self.pid, signal.SIGKILL)  # reaped in `lost` only, so that the number is still its own


class Pool:
    """Workers of one kind, and the jobs that wait for them. Its methods are called in the event loop's thread."""

    def __init__(
        self,
        work: Work,
        size: int,
        *,
        say: Callable[[str], None],
        job_timeout_s: float = JOB_TIMEOUT_S,
        queue_timeout_s: float = QUEUE_TIMEOUT_S,
        recycle_jobs: int = RECYCLE_JOBS,
    ) -> None:
        self.work = work
        self.size = size
        self.say = say
        self.job_timeout_s = job_timeout_s
        self.queue_timeout_s = queue_timeout_s
        self.recycle_jobs = recycle_jobs
        self.generation = 0
        self._members: set[Worker] = set()
        self._idle: list[Worker] = []
        self._waiting: deque[Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self.warm = asyncio.Event()
        """Set once all workers are ready."""

    def start(self) -> None:
        """Fork the workers that are missing."""
        missing = self.size - sum(worker.generation == self.generation for worker in self._members)
        for _ in range(0 if self._closing else missing):
            self._spawn()

    def submit(self, payload: bytes, doing: str) -> Job:
        """Have a job done as soon as a worker is free."""
        job = Job(payload, doing)
        self._waiting.append(job)
        if self._idle:
            self._hand_out()
        else:
            late = spamd.timed_out(f"{self.queue_timeout_s:g} second timeout waiting to {doing}")
            job.limit(self.queue_timeout_s, lambda: job.fail(late))
        return job

    def renew(self, work: Work) -> None:
        """Do other work from now on; jobs begun are ended by the old one."""
        self.work = work
        self.generation += 1
        for worker in self._idle:
            self._members.discard(worker)
            worker.retire()
        self._idle.clear()
        self.start()

    async def close(self) -> None:
        """Let go of all workers."""
        self._closing = True
        for job in self._waiting:
            job.fail(spamd.unavailable(f"the server stopped before it could {job.doing}"))
        for worker in list(self._members):
            if worker in self._idle:
                worker.retire()
            else:
                worker.kill()
        while self._members or self._tasks:
            await asyncio.sleep(_REAP_S)

    # --- what workers tell ---------------------------------------------------------------------------------

    def ready(self, worker: Worker) -> None:
        """It has nothing to do."""
        if worker.generation != self.generation or worker.jobs_done >= self.recycle_jobs or self._closing:
            self._members.discard(worker)
            worker.retire()
            self.start()
            return
        self._idle.append(worker)
        if len(self._idle) >= self.size:
            self.warm.set()
        self._hand_out()

    def lost(self, worker: Worker) -> None:
        """Its process has ended, or is about to."""
        self._task(self._reap(worker.pid))
        if worker in self._idle:
            self._idle.remove(worker)
        if worker not in self._members:
            return
        self._members.discard(worker)
        if worker.job is None and not worker.jobs_done and not self._closing:
            self.say(f"worker {worker.pid} ended before it did anything")
            asyncio.get_running_loop().call_later(RESPAWN_DELAY_S, self.start)
        else:
            self.start()

    # --- inside --------------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        while self._idle and self._waiting:
            job = self._waiting.popleft()
            if not job.answer.done():  # its client has not gone meanwhile
                self._idle.pop().start(job, self.job_timeout_s + GRACE_S)

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        sys.stderr.flush()
        sys.stdout.flush()
        try:
            pid = os.fork()
        except OSError as error:
            ours.close()
            theirs.close()
            self.say(f"no worker can be started: {error.strerror}")
            asyncio.get_running_loop().call_later(RESPAWN_DELAY_S, self.start)
            return
        if pid == 0:
            _live(theirs, self.work)
        theirs.close()
        worker = Worker(self, pid)
        self._members.add(worker)
        self._task(self._connect(worker, ours))

    async def _connect(self, worker: Worker, ours: socket.socket) -> None:
        ours.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=ours)

    async def _reap(self, pid: int) -> None:
        """Wait for the end of a process; one that does not end is made to."""
        patience = 5.0
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            await asyncio.sleep(_REAP_S)
            patience -= _REAP_S
            if patience < 0:
                os.kill(pid, signal.SIGKILL)

    def _task(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


# --- in the worker -----------------------------------------------------------------------------------------


def _live(channel: socket.socket, work: Work) -> NoReturn:
    """All that a worker does; ends with its server, and is told to end by nobody else."""
    status = 1
    try:
        gc.freeze()  # nothing of the server's is ever collected here, and what is shared stays shared
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        descriptor = 3
        os.dup2(channel.fileno(), descriptor)
        os.closerange(descriptor + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        _limit_memory()
        work.prepare()
        server = socket.socket(fileno=descriptor)
        _send(server, b"")  # it is ready
        _serve(server, work)
        status = 0
    except Exception as error:  # nobody above could tell it
        sys.stderr.write(f"spamrec: a worker ends: {type(error).__name__}: {error}\n")
    finally:
        os._exit(status)


def _serve(channel: socket.socket, work: Work) -> None:
    while True:
        head = _exactly(channel, _LENGTH.size)
        if head is None or (payload := _exactly(channel, _LENGTH.unpack(head)[0])) is None:
            return
        try:
            answer = _DONE + work(payload)
        except RequestError as error:
            answer = _REFUSED + bytes([error.code]) + error.reason.encode("utf-8", "replace")
        except Exception as error:  # the server tells it, and other messages are not concerned
            answer = _FAILED + f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        _send(channel, answer)


def _send(channel: socket.socket, answer: bytes) -> None:
    channel.sendall(_LENGTH.pack(len(answer)) + answer)


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    """So many bytes; None where the server has gone."""
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        count = channel.recv_into(view[got:])
        if not count:
            return None
        got += count
    return bytes(data)


def _limit_memory() -> None:
    """A message that would fill the machine's memory fails in its worker instead."""
    sizes = Path("/proc/self/statm")
    pages = int(sizes.read_text(encoding="ascii").split()[0]) if sizes.exists() else 0
    limit = pages * resource.getpagesize() + WORKER_MEMORY_BYTES
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
