"""The commands that set spamrec up and look at what is set up: `init`, `doctor`, `completion`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spamrec import files, streams
from spamrec.errors import AnswerError
from spamrec.options import FILE, FORMAT, MODEL, PROFILE, option_names, options
from spamrec.statuses import Status
from spamrec.talk import say

if TYPE_CHECKING:
    from spamrec.questions import Question


@click.command()
@click.option("--out", type=FILE, help="Profile to write, in place of your own.")
@click.option("--force", is_flag=True, help="Overwrite a profile that exists.")
@click.option("--linkedin", type=FILE, metavar="EXPORT", help="Take the answers from your LinkedIn data export.")
def init(out: Path | None, force: bool, linkedin: Path | None) -> None:
    """Make a profile by asking; an empty answer leaves a thing unsaid."""
    from spamrec import questions

    out = out or files.locate().profile
    if out.exists() and not force:
        raise click.UsageError(f"{out} exists; --force overwrites it")
    if linkedin:
        from spamrec.linkedin_export import read_export

        answers, left_out = questions.from_linkedin(read_export(linkedin).member)
        for reason in left_out:
            say(f"left out {reason}")
    else:
        answers = [_ask(question) for question in questions.QUESTIONS]
    files.write(out, questions.profile_text(answers), private=True)  # it tells home and pay
    say(f"wrote {out}; edit it as you like, `spamrec doctor` checks it")


def _ask(question: Question) -> Mapping[str, str]:
    """The keys that an answer sets; on a terminal asks until it can stand."""
    from spamrec import questions

    if not sys.stdin.isatty():
        return questions.check(question, sys.stdin.readline())
    while True:
        answer = click.prompt(question.text, default="", show_default=False, err=True)
        try:
            return questions.check(question, answer)
        except AnswerError as error:
            say(f"  {error.reason}")


@click.command()
@options(FORMAT, PROFILE, MODEL)
@click.pass_context
def doctor(ctx: click.Context, /, form: str, profile: Path | None, model: Path | None) -> None:
    """Show what is set up, which files are used, and what is missing."""
    from spamrec import doctor as doctor_

    where = files.locate()
    where = where._replace(profile=profile or where.profile, model=model or where.model)
    found = list(doctor_.examine(where, option_names(ctx), own_profile=bool(profile), own_model=bool(model)))
    streams.show(
        form,
        table=lambda _: doctor_.table(found),
        csv=lambda: doctor_.csv(found),
        records=lambda: (f._asdict() for f in found),
    )
    if any(f.state is doctor_.State.BROKEN for f in found):
        ctx.exit(Status.CONFIGURATION)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print the script that completes commands and options in a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(ctx.find_root().command, {}, "spamrec", "_SPAMREC_COMPLETE").source())
