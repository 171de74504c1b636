"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from spamrec import files
from spamrec.errors import BandError

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
PATHS = click.argument("paths", nargs=-1, metavar="PATH...")
PROFILE = click.option("--profile", type=FILE, envvar="SPAMREC_PROFILE", help="Profile to judge by.")
MODEL = click.option("--model", type=FILE, envvar="SPAMREC_MODEL", help="Model to judge with.")
THRESHOLD = click.option(
    "--threshold", type=click.FloatRange(0, 1), envvar="SPAMREC_THRESHOLD", metavar="P",
    help="Probability from which on a message is spam, 0 to 1.",
)  # fmt: skip
JOBS = click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True, envvar="SPAMREC_JOBS", metavar="N",
    help="Processes to share the work.",
)  # fmt: skip
CLUSTER = click.option(
    "--cluster", envvar="SPAMREC_CLUSTER", metavar="ADDRESS",
    help="Share the work over the Dask cluster whose scheduler is at ADDRESS, instead of --jobs.",
)  # fmt: skip
FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True,
    envvar="SPAMREC_FORMAT", help="How to print.",
)  # fmt: skip


def _band(ctx: click.Context, param: click.Parameter, value: Any) -> tuple[float, float | None] | None:
    """Both ends of "0.3" or "0.3,0.77", or of the number or list in a configuration."""
    if value is None:
        return None
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    try:
        ends = [float(part) for part in parts if not isinstance(part, bool)]
    except (TypeError, ValueError):
        ends = []
    if not (len(ends) == len(parts) and 1 <= len(ends) <= 2 and all(0 <= end <= 1 for end in ends)):
        raise click.BadParameter(f"{value!r} is not LOW or LOW,HIGH, probabilities from 0 to 1", ctx, param)
    if len(ends) == 2 and ends[0] >= ends[1]:
        raise click.BadParameter(f"{value!r} does not end above where it begins", ctx, param)
    return ends[0], ends[1] if len(ends) == 2 else None


def UNSURE(command: Command) -> Command:  # noqa: N802 - stands among the options
    """The option that opens a band of unsure messages. An empty band is told as the fault of its value, wherever that
    stands: where the threshold is the model's, it shows only when the model is open."""

    @wraps(command)
    def checked(*arguments: Any, **named: Any) -> Any:
        try:
            return command(*arguments, **named)
        except BandError as error:
            ctx = click.get_current_context()
            param = next(p for p in ctx.command.params if p.name == "unsure")
            raise click.BadParameter(str(error), ctx, param) from error

    option = click.option(
        "--unsure", type=click.UNPROCESSED, callback=_band, envvar="SPAMREC_UNSURE", metavar="LOW[,HIGH]",
        help="Call messages from probability LOW to the threshold, or to HIGH, unsure.",
    )  # fmt: skip
    return option(cast(Command, checked))


MAX_LOST = click.option(
    "--max-lost", type=click.FloatRange(0, 1), metavar="SHARE",
    help="The threshold that loses at most this share of legitimate mail, as 0.001.",
)  # fmt: skip
FALSE_POSITIVE_COST = click.option(
    "--false-positive-cost", type=click.FloatRange(0, min_open=True), metavar="COST",
    help="The threshold of least cost where losing a legitimate message costs as much as reading COST spam messages.",
)  # fmt: skip


OPTION_NAMES = frozenset(
    """again allow-remote allow-tell apply base by ca-file cluster delay exit-code false-positive-cost files-from flag
    folder force format header-style host insecure jobs label-messages learn legit linkedin listen max-bytes
    max-lost max-size model move new no-remember on on-error online order out password-command pid-file port profile
    quiet read-timeout remember report seed socket spam ssl starttls threshold time-limit token-command unsure user
    workers yes""".split()
)
"""Of every command, so that a configuration is read without loading all of them."""


def options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which the help lists them."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def paths_of(paths: Sequence[str], files_from: str | None) -> Iterable[str]:
    """The paths named, by argument or by a list; read as they are needed, so that a list may be endless."""
    if files_from is None:
        if not paths:
            raise click.UsageError("name a file or folder of mail, or - for standard input")
        return paths
    if paths:
        raise click.UsageError("--files-from takes the place of PATH")
    return files.listed(files_from)


def option_names(ctx: click.Context) -> dict[str, dict[str, str]]:
    """Those of every command."""
    return {name: options_of(command) for name, command in all_commands(ctx).items()}


def all_commands(ctx: click.Context) -> dict[str, click.Command]:
    """Every command of the program by its name, whichever runs."""
    root = ctx.find_root()
    group = root.command
    found = (
        {name: group.get_command(root, name) for name in group.list_commands(root)}
        if isinstance(group, click.Group)
        else {}
    )
    return {name: command for name, command in found.items() if command is not None}


def options_of(command: click.Command) -> dict[str, str]:
    """Options of a command by the names under which a configuration sets them, with the names of their parameters;
    those of a group are those of the commands in it."""
    found = {p.opts[-1].lstrip("-"): str(p.name) for p in command.params if isinstance(p, click.Option)}
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        found |= options_of(inner)
    return found
