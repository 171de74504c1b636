"""The command that serves: `serve`."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spamrec import files
from spamrec.delivery_commands import STYLES
from spamrec.limits import Limits
from spamrec.options import FILE, MODEL, PROFILE, THRESHOLD, UNSURE, options
from spamrec.report import literal

if TYPE_CHECKING:
    from spamrec.listeners import Listener

MOST_BYTES = 256 * 1024 * 1024
"""Largest size that may be allowed: spamc sends no larger mail either."""
HISTORY_WAIT_S = 5.0
"""How long a message waits for the history where others write in it: its client does not wait for long otherwise."""
SOCKETS = (
    click.option("--socket", "paths", type=FILE, multiple=True, metavar="PATH", help="Unix socket to listen on."),
    click.option("--listen", "addresses", multiple=True, metavar="HOST:PORT", help="Loopback address to listen on."),
    click.option("--allow-remote", is_flag=True, help="Listen also where other machines can reach it."),
    click.option("--pid-file", type=FILE, metavar="FILE", help="Write the process number there."),
)
WHAT = (
    click.option("--allow-tell", is_flag=True, help="Let clients correct verdicts, as spamc -L does."),
    click.option(
        "--header-style", "style", type=click.Choice(STYLES), default=STYLES[0], show_default=True,
        help="Also write the headers of that filter, in place of such that are there, for rules made for it.",
    ),
    click.option(
        "--remember", type=click.Choice(["tagged", "all", "none"]), default="tagged", show_default=True,
        help="Which messages are noted in the history: those handed back with headers, all, or none.",
    ),
)  # fmt: skip
LIMITS = (
    click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that judge; one a core."),
    click.option(
        "--max-bytes", type=click.IntRange(min=1), default=512 * 1024, show_default=True, metavar="N",
        help="Judge a larger mail by its first N bytes; the header says read=N.",
    ),
    click.option(
        "--max-size", type=click.IntRange(1, MOST_BYTES), default=16 * 1024 * 1024, show_default=True, metavar="N",
        help="Refuse a mail of more than N bytes; spamc then hands it on as it is.",
    ),
    click.option(
        "--time-limit", type=click.FloatRange(min=0.1), default=10.0, show_default=True, metavar="S",
        help="Seconds that judging may take; a mail that takes longer is refused.",
    ),
    click.option(
        "--read-timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, metavar="S",
        help="Seconds that a client may take to send its mail.",
    ),
)  # fmt: skip


@click.command()
@options(*SOCKETS, PROFILE, MODEL, THRESHOLD, UNSURE, *WHAT, *LIMITS)
def serve(
    paths: tuple[Path, ...], addresses: tuple[str, ...], allow_remote: bool, pid_file: Path | None, allow_tell: bool,
    style: str, remember: str, workers: int | None, max_bytes: int, max_size: int, time_limit: float,
    read_timeout: float, **named: Any,
) -> None:  # fmt: skip
    """Answer spamc and other clients of spamd until told to stop; SIGHUP reads profile and model again."""
    from spamrec import answering, bulk
    from spamrec.server import Server, Settings
    from spamrec.tagging import Style

    where = files.locate()
    limits = Limits(max_bytes, time_limit, HISTORY_WAIT_S)
    manner = answering.Manner(Style(style), answering.Remember(remember), limits)
    settings = Settings(
        allow_tell=allow_tell, max_message_bytes=max_size, read_timeout_s=read_timeout, job_timeout_s=time_limit
    )
    settings = settings._replace(workers=workers or settings.workers)

    def judging() -> answering.Judging:
        return answering.Judging(bulk.setup(where, **named), where.history, manner, warn=_log)

    with _listening(paths, addresses, allow_remote) as sockets, _noted(pid_file):
        learning = answering.Learning(where, profile=named["profile"])
        server = Server(judging, learning, settings, say=_log)
        _run(server.run(sockets))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """By uvloop where it is installed, else by asyncio's own loop; it saves a third of the server's own time."""
    try:
        import uvloop
    except ImportError:
        import asyncio

        asyncio.run(work)
    else:
        uvloop.run(work)


def _log(text: str) -> None:
    """One line on standard error; mail is served also where nobody reads it any more."""
    with suppress(OSError, ValueError):
        sys.stderr.write(literal(text) + "\n")


@contextmanager
def _listening(paths: tuple[Path, ...], addresses: tuple[str, ...], allow_remote: bool) -> Iterator[list[Listener]]:
    """The sockets named, and those that systemd hands over."""
    from spamrec import listeners

    with ExitStack() as stack:
        sockets = listeners.handed_over()
        for path in paths:
            sockets.append(listeners.unix(path))
            stack.callback(sockets[-1].close)
        for address in addresses:
            for one in listeners.tcp(address, allow_remote=allow_remote):
                sockets.append(one)
                stack.callback(one.close)
        if not sockets:
            raise click.UsageError("name a --socket PATH or --listen HOST:PORT")
        yield sockets


@contextmanager
def _noted(pid_file: Path | None) -> Iterator[None]:
    """The process number in a file for as long as it runs."""
    if pid_file is None:
        yield
        return
    files.write(pid_file, f"{os.getpid()}\n")
    try:
        yield
    finally:
        pid_file.unlink(missing_ok=True)
