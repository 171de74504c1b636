"""The command that serves: `serve`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from spamrec import files
from spamrec.options import FILE, MODEL, PROFILE, THRESHOLD, options
from spamrec.talk import say


@click.command()
@click.option("--socket", "paths", type=FILE, multiple=True, metavar="PATH", help="Unix socket to listen on.")
@click.option("--listen", "addresses", multiple=True, metavar="HOST:PORT", help="Loopback address to listen on.")
@click.option("--allow-remote", is_flag=True, help="Listen on addresses that other machines can reach, too.")
@click.option("--allow-tell", is_flag=True, help="Let clients correct verdicts (spamc -L).")
@options(PROFILE, MODEL, THRESHOLD)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that judge; one a core.")
def serve(
    paths: tuple[Path, ...], addresses: tuple[str, ...], allow_remote: bool, allow_tell: bool, workers: int | None,
    **named: Any,
) -> None:  # fmt: skip
    """Answer spamc and other clients of spamd, until told to stop."""
    from spamrec import answering, bulk, listeners
    from spamrec.server import Server, Settings

    where = files.locate()
    settings = Settings(allow_tell=allow_tell)
    if workers:
        settings = settings._replace(workers=workers)
    server = Server(lambda: answering.Judging(bulk.setup(where, **named)), answering.Learning(), settings, say=say)
    sockets = listeners.handed_over()
    sockets += [listeners.unix(path) for path in paths]
    for address in addresses:
        sockets += listeners.tcp(address, allow_remote=allow_remote)
    asyncio.run(server.run(sockets))
