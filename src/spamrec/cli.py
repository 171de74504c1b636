"""The command line: finds the command, runs it, and ends with a status; every error is told here."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module

import click
from click.core import ParameterSource

from spamrec import __version__, files, statuses, streams
from spamrec.options import OPTION_NAMES, options_of
from spamrec.statuses import Status
from spamrec.talk import say, tell

COMMANDS = {
    "classify": "judging_commands",
    "completion": "setup_commands",
    "doctor": "setup_commands",
    "evaluate": "training_commands",
    "explain": "judging_commands",
    "filter": "delivery_commands",
    "forget": "learning_commands",
    "imap": "imap_commands",
    "import": "memory_commands",
    "init": "setup_commands",
    "learn": "learning_commands",
    "senders": "memory_commands",
    "serve": "serve_commands",
    "train": "training_commands",
    "unsubscribed": "memory_commands",
}
"""Each command with the module that holds it, under its own name or, where that is a word of Python, with `_` behind."""


class Commands(click.Group):
    """The commands by name, each module loaded when one of its commands is needed: a mail filter needs one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None where there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"spamrec.{COMMANDS[cmd_name]}")
        found = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")
        assert isinstance(found, click.Command)  # noqa: S101 - the table above is ours
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def spamrec(ctx: click.Context, /) -> None:
    """Tell unwanted recruiter mail from the mail you must not lose."""
    config = files.locate().config
    name = ctx.invoked_subcommand
    if name and name not in ("doctor", "completion") and config.exists():
        # only what runs is loaded, and its settings checked; `doctor` checks all
        command = spamrec.get_command(ctx, name)
        assert command is not None  # noqa: S101 - click has found it
        values = files.read_config(config, {name: options_of(command)}, others=COMMANDS, names=OPTION_NAMES)[name]
        ctx.default_map = {name: dict.fromkeys(getattr(command, "commands", ()), values) or values}


def run(arguments: list[str]) -> int:
    """The status that the command line ends with; every error is told here and nowhere else."""
    streams.mend()
    if next((a for a in arguments if not a.startswith("-")), "") == "filter":
        return _run_filter(arguments)
    status, failed = _run(arguments)
    if failed:
        streams.drop_output()
    return status


def _run_filter(arguments: list[str]) -> int:
    """The mail on standard input goes on even where the command line or the configuration is at fault."""
    status: int = Status.OUR_FAULT
    with suppress(Exception):
        status, _ = _run(arguments)
    if status in (Status.DONE, Status.TRY_AGAIN):
        return status
    from spamrec import filtering

    return filtering.rescue(arguments)


def _run(arguments: list[str]) -> tuple[int, bool]:
    """The status, and whether output may be left that cannot be written."""
    try:
        status = _invoke(arguments)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return Status.INTERRUPTED, False
    except click.ClickException as error:
        tell(error)
        return _status_of_usage(error), False
    except Exception as error:
        if not isinstance(error, BrokenPipeError):
            tell(error)
        return statuses.of(error), True
    return status, False


def _invoke(arguments: list[str]) -> int:
    if "_SPAMREC_COMPLETE" in os.environ:
        spamrec.main(arguments, prog_name="spamrec")
    # not click's own main(), which ends with 1 where a pipe was closed
    try:
        with spamrec.make_context("spamrec", arguments, auto_envvar_prefix="SPAMREC") as ctx:
            spamrec.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return Status.DONE


def _status_of_usage(error: click.ClickException) -> Status:
    """USAGE, or CONFIGURATION where the value at fault stands in the configuration file."""
    ctx, param = getattr(error, "ctx", None), getattr(error, "param", None)
    if ctx and param and ctx.get_parameter_source(param.name) is ParameterSource.DEFAULT_MAP:
        say(f"spamrec: the value stands in {files.locate().config}")
        return Status.CONFIGURATION
    return Status.USAGE
