"""The server: connections, limits, and what becomes of each message; judging itself is done in worker processes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import AF_UNIX
from typing import NamedTuple, cast

from spamrec import answering, listeners, spamd
from spamrec.errors import RequestError, SpamrecError
from spamrec.listeners import Listener
from spamrec.spamd import Request, Verb
from spamrec.workers import JOB_TIMEOUT_S, Job, Pool, Work

READ_TIMEOUT_S = 30.0
"""How long a client may take to send its request."""
WRITE_TIMEOUT_S = 30.0
"""How long a client may take to read the reply."""
LINGER_S = 2.0
"""How long what a refused client still sends is read, so that it sees the refusal and no broken connection."""
LINGER_BYTES = 64 * 1024 * 1024
"""What a client may send beyond its request before it is cut off."""
DRAIN_TIMEOUT_S = 30.0
"""How long connections may go on once the server is told to stop."""
WARM_TIMEOUT_S = 10.0
"""How long workers are waited for before clients are served."""
MAX_CONNECTIONS = 256
"""Connections at a time; more are refused at once."""
MAX_HELD_BYTES = 256 * 1024 * 1024
"""What all connections together may hold of their messages."""
LEARN_TIMEOUT_S = 120.0
"""How long one correction may take: the model is fitted again."""
RECYCLE_LEARNER = 50
"""Corrections after which the process that learns is replaced."""
RELOAD_DELAY_S = 0.5
"""Wait after something was learned until the new model is read, so that a hundred corrections read it once."""
MAX_NAME_CHARACTERS = 200
"""Longest user or Message-ID in the log."""

_NOT_IN_NAMES = re.compile(r"[^!-+\--~]+")


class Settings(NamedTuple):
    """What a server does and how much it takes."""

    workers: int = max(2, os.cpu_count() or 1)
    """Processes that judge."""
    allow_tell: bool = False
    """Whether clients may correct verdicts."""
    max_message_bytes: int = spamd.MAX_MESSAGE_BYTES
    """Largest message."""
    read_timeout_s: float = READ_TIMEOUT_S
    """How long a client may take to send its request."""
    job_timeout_s: float = JOB_TIMEOUT_S
    """How long one message may be judged."""
    learn_timeout_s: float = LEARN_TIMEOUT_S
    """How long one correction may take."""
    drain_timeout_s: float = DRAIN_TIMEOUT_S
    """How long connections may go on once the server is told to stop."""


class Server:
    """Serves some listeners until it is told to stop.

    `open_work` reads profile and model, and gives what workers do with them; it raises SpamrecError. `learn` is what a
    worker of its own does with corrections.
    """

    def __init__(
        self, open_work: Callable[[], Work], learn: Work, settings: Settings, *, say: Callable[[str], None]
    ) -> None:
        self.settings = settings
        self.say = say
        self.connections: set[Connection] = set()
        self.held_bytes = 0
        self.stopping = False
        self._open_work = open_work
        self.pool = Pool(open_work(), settings.workers, say=say, job_timeout_s=settings.job_timeout_s)
        self.learners = Pool(
            learn,
            int(settings.allow_tell),
            say=say,
            job_timeout_s=settings.learn_timeout_s,
            recycle_jobs=RECYCLE_LEARNER,
        )
        self._reload: asyncio.TimerHandle | None = None

    async def run(self, sockets: Sequence[Listener]) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP reads profile and model again."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else nobody could wait for a worker's end
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        loop.set_exception_handler(self._tell_fault)
        self.pool.start()
        self.learners.start()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.pool.warm.wait(), WARM_TIMEOUT_S)
        servers = [
            await (loop.create_unix_server if one.socket.family == AF_UNIX else loop.create_server)(
                lambda: Connection(self), sock=one.socket, backlog=listeners.BACKLOG
            )
            for one in sockets
        ]
        self.say(f"serving on {', '.join(one.name for one in sockets)}")
        listeners.notify("READY=1")
        await stop.wait()
        listeners.notify("STOPPING=1")
        await asyncio.sleep(0)  # what waits to be accepted is
        for server, one in zip(servers, sockets, strict=True):
            server.close()
            one.close()
        await self._drain()
        self.say("stopped")

    def _tell_fault(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """One connection is at fault; the others go on."""
        error = context.get("exception")
        self.say(f"{context.get('message')}: {type(error).__name__}: {error}")

    async def _drain(self) -> None:
        """Let what has begun come to its end."""
        self.stopping = True
        for connection in list(self.connections):
            connection.hurry()
        end = time.monotonic() + self.settings.drain_timeout_s
        while self.connections and time.monotonic() < end:
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.abort()
        await self.pool.close()
        await self.learners.close()

    def reload(self) -> None:
        """Read profile and model again; what cannot be used leaves the old ones in use."""
        listeners.notify("RELOADING=1")
        try:
            self.pool.renew(self._open_work())
            self.say("profile and model are read again")
        except (SpamrecError, OSError) as error:
            self.say(f"not reloaded, the profile and model read before stay in use: {error}")
        listeners.notify("READY=1")

    def submit(self, request: Request) -> Job:
        """Have a request answered by a worker."""
        pool = self.learners if request.verb is Verb.TELL else self.pool
        return pool.submit(answering.payload_of(request), request.verb)

    def learned(self) -> None:
        """A correction has changed the model."""
        if self._reload is None:
            self._reload = asyncio.get_running_loop().call_later(RELOAD_DELAY_S, self._reload_learned)

    def _reload_learned(self) -> None:
        self._reload = None
        if not self.stopping:
            self.reload()


class Connection(asyncio.Protocol):
    """One client with its one request."""

    def __init__(self, server: Server) -> None:
        self.server = server
        settings = server.settings
        self._parser = spamd.Parser(max_message_bytes=settings.max_message_bytes, allow_tell=settings.allow_tell)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._job: Job | None = None
        self._request: Request | None = None
        self._held = 0
        self._beyond = 0
        self._begun = 0.0
        self._started = self._sent_all = self._answered = False

    # --- what arrives --------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # what a stream socket gives
        self.server.connections.add(self)
        if len(self.server.connections) > MAX_CONNECTIONS:
            self._sent_all = True  # nothing more is read
            self._refuse(spamd.unavailable("too many connections"))
            return
        self._limit(self.server.settings.read_timeout_s, self._too_slow)

    def data_received(self, data: bytes) -> None:
        self._started = True
        if self._request is not None or self._answered:
            self._beyond += len(data)
            if self._beyond > LINGER_BYTES:
                self.abort()
            return
        self._advance(lambda: self._parser.feed(data))

    def eof_received(self) -> bool:
        """True: the other half stays open for the reply."""
        self._sent_all = True
        if self._request is None and not self._answered:
            self._advance(self._parser.end)
        elif self._answered:
            self._close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own
        self.server.connections.discard(self)
        self._hold(0)
        self._unlimit()
        if self._job is not None:
            self._job.answer.cancel()  # nobody waits for it

    def hurry(self) -> None:
        """The server stops: who has asked nothing yet cannot any more."""
        if not self._started:
            self._close()

    def abort(self) -> None:
        """Break off."""
        if self._transport is not None:
            self._transport.abort()

    # --- the request ---------------------------------------------------------------------------------------

    def _advance(self, read: Callable[[], Request | None]) -> None:
        try:
            request = read()
            self._hold(len(request.raw) if request else self._parser.held_bytes)
            if self.server.held_bytes > MAX_HELD_BYTES:
                raise spamd.unavailable("too many large messages at a time")
        except RequestError as error:
            self._refuse(error)
            return
        if request is not None:
            self._answer(request)

    def _answer(self, request: Request) -> None:
        self._request = request._replace(raw=b"")
        self._unlimit()
        if request.verb is Verb.PING:
            self._reply(spamd.PONG)
        elif request.verb is Verb.SKIP:
            self._reply(b"")
        else:
            self._begun = time.perf_counter()
            self._job = self.server.submit(request)
            self._job.answer.add_done_callback(self._take)

    def _take(self, answer: asyncio.Future[bytes]) -> None:
        if answer.cancelled():
            return
        error = answer.exception()
        if isinstance(error, RequestError):
            self._refuse(error)
        elif error is not None:
            raise error
        else:
            reply, said = answering.unpacked(answer.result())
            self._reply(reply)
            self._log(said)
            if said.learned:
                self.server.learned()

    def _log(self, said: answering.Said) -> None:
        assert self._request is not None  # noqa: S101 - it has been answered
        facts = [
            f"scantime={time.perf_counter() - self._begun:.3f}",
            f"size={self._held}",
            f"user={_name(self._request.user) or '(unknown)'}",
            f"mid={_name(said.message_id) or '(unknown)'}",
        ]
        self.server.say(f"{said.text} {','.join(facts)}")

    # --- the reply -----------------------------------------------------------------------------------------

    def _reply(self, reply: bytes) -> None:
        self._answered = True
        if self._transport is not None:
            self._transport.write(reply)
        self._close()

    def _refuse(self, error: RequestError) -> None:
        """Refuse, and read on for a while: a socket closed upon unread data would take the refusal away again."""
        self._answered = True
        user = f" user={_name(self._request.user) or '(unknown)'}" if self._request else ""
        self.server.say(f"refused: {error.reason}{user}")
        self._hold(0)
        if self._transport is None:
            return
        self._transport.write(spamd.refusal(error))
        if self._sent_all or not self._transport.can_write_eof():
            self._close()
        else:
            self._transport.write_eof()
            self._limit(LINGER_S, self.abort)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._limit(WRITE_TIMEOUT_S, self.abort)

    def _too_slow(self) -> None:
        limit = self.server.settings.read_timeout_s
        self._refuse(spamd.timed_out(f"{limit:g} second socket timeout reading input from client"))

    # --- limits --------------------------------------------------------------------------------------------

    def _limit(self, seconds: float, late: Callable[[], None]) -> None:
        self._unlimit()
        self._timer = asyncio.get_running_loop().call_later(seconds, late)

    def _unlimit(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hold(self, size: int) -> None:
        """Count what is held of the message."""
        self.server.held_bytes += size - self._held
        self._held = size


def _name(text: str) -> str:
    """A name as one word of the log."""
    return _NOT_IN_NAMES.sub("_", text)[:MAX_NAME_CHARACTERS]
