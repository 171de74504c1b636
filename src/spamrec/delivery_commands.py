"""The command for the moment of delivery: `filter`."""

from __future__ import annotations

from typing import Any

import click

from spamrec import files, filtering
from spamrec.filtering import OnError
from spamrec.limits import LIMITS, Limits
from spamrec.options import MODEL, PROFILE, THRESHOLD, UNSURE, options

STYLES = ["spamrec", "bogofilter", "spamassassin", "spambayes"]
"""As in `tagging.Style`, which the help need not load."""


@click.command("filter")
@options(PROFILE, MODEL, THRESHOLD, UNSURE)
@click.option(
    "--header-style", "style", type=click.Choice(STYLES), default=STYLES[0], show_default=True,
    help="Also write the headers of that filter, in place of such that are there, for rules made for it.",
)  # fmt: skip
@click.option(
    "--on-error", type=click.Choice([way.value for way in OnError]), default=OnError.PASS.value, show_default=True,
    help="Mail that cannot be judged: pass it as it came, or write nothing and end with 75.",
)  # fmt: skip
@click.option(
    "--max-bytes", type=click.IntRange(min=1), default=LIMITS.max_bytes, show_default=True, metavar="N",
    help="Judge a larger mail by its first N bytes; the header says read=N.",
)  # fmt: skip
@click.option(
    "--time-limit", type=click.FloatRange(min=0), default=LIMITS.time_s, show_default=True, metavar="S",
    help="Seconds that judging may take; 0 for no limit.",
)  # fmt: skip
@click.option("--no-remember", is_flag=True, help="Do not note sender, thread and verdict in the history.")
@click.pass_context
def filter_(
    ctx: click.Context, /, style: str, on_error: str, max_bytes: int, time_limit: float, no_remember: bool,
    **named: Any,
) -> None:  # fmt: skip
    """Pass one mail from standard input to standard output with X-Spamrec headers in front.

    Nothing else of it changes, but for X-Spamrec headers that it came with: they are taken out. Ends with 0, or with 75
    where the mail was not written, whatever the verdict.
    """
    job = filtering.job(
        files.locate(), style=style, on_error=OnError(on_error), limits=Limits(max_bytes, time_limit),
        remember=not no_remember, **named,
    )  # fmt: skip
    ctx.exit(filtering.run(job))
