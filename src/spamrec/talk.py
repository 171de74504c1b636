"""What commands say on standard error, and how errors end them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from spamrec import statuses
from spamrec.errors import SpamrecError
from spamrec.report import literal
from spamrec.statuses import Status


def say(text: str) -> None:
    """One line on standard error, whatever mail or file names put into it."""
    click.echo(literal(text), err=True)


def warn(why: str) -> None:
    """Why a history that there is is done without."""
    say(f"the history is not used: {why}")


@contextmanager
def errors_as(status: int | None) -> Iterator[None]:
    """Ends with this status on any error, which is told in one line; None leaves errors as they are."""
    try:
        yield
    except (click.exceptions.Exit, BrokenPipeError):
        raise
    except Exception as error:
        if status is None:
            raise
        tell(error)
        raise click.exceptions.Exit(status) from error


def tell(error: BaseException) -> None:
    """One line about an error, with the traceback where SPAMREC_DEBUG is set."""
    if os.environ.get("SPAMREC_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
    elif statuses.of(error) is Status.OUR_FAULT:
        say(f"spamrec: {type(error).__name__}: {error}; this is a fault of spamrec, "
            "please report it with what SPAMREC_DEBUG=1 prints")  # fmt: skip
    else:
        say(f"spamrec: {error if isinstance(error, SpamrecError) else getattr(error, 'strerror', None) or error}")
