"""The commands that teach: `learn` and `forget`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spamrec import files, report
from spamrec.options import PATHS, PROFILE, options, paths_of
from spamrec.report import literal
from spamrec.talk import say

if TYPE_CHECKING:
    from spamrec.bulk import Walk
    from spamrec.learning import Learnt


@click.command()
@click.option("--spam/--legit", "spam", default=None, help="What the messages are to you.")
@options(PATHS, PROFILE)
def learn(spam: bool | None, paths: tuple[str, ...], profile: Path | None) -> None:
    """Label messages yourself: your word stands for them from now on, and others like them follow it.

    Files, folders, mboxes and Maildirs; what a mail program pipes in where none is named. The same label twice changes
    nothing, the other one takes its place.
    """
    if spam is None:
        raise click.UsageError("say what they are: --spam or --legit")
    from spamrec import bulk, learning
    from spamrec.verdict import Label

    label = Label.SPAM if spam else Label.LEGITIMATE
    walk = bulk.Walk(_named(paths))
    with report.progress("learning") as tick:
        done = learning.learn(files.locate(), _raw(walk), label, profile=profile, tick=tick)
    read = done.new + done.flipped + done.already
    walk.check(read)
    parts = [(done.new, "new"), (done.flipped, f"called {label.other} before"), (done.already, "already learnt")]
    _print(f"{_messages(read)} learnt as {label.value}", parts, done, walk)


@click.command()
@options(PATHS)
def forget(paths: tuple[str, ...]) -> None:
    """Take back the label you gave to messages, as though you had never given it."""
    from spamrec import bulk, learning

    walk = bulk.Walk(_named(paths))
    with report.progress("forgetting") as tick:
        done = learning.forget(files.locate(), _raw(walk), tick=tick)
    walk.check(done.forgotten + done.already)
    _print(f"{_messages(done.forgotten)} forgotten", [(done.already, "had no label")], done, walk)


def _named(paths: tuple[str, ...]) -> Iterable[str]:
    """The paths named; standard input where there are none and it is no terminal, as mail programs pipe messages."""
    return paths_of(paths if paths or sys.stdin.isatty() else ("-",), None)


def _raw(walk: Walk) -> Iterator[bytes]:
    return (mail.raw for mail in walk)


def _messages(number: int) -> str:
    return f"{number:,} message{'' if number == 1 else 's'}"


def _print(what: str, parts: list[tuple[int, str]], done: Learnt, walk: Walk) -> None:
    """What was done, where, and what is known now: whoever taught the wrong files sees it here."""
    told = ", ".join(f"{number:,} {how}" for number, how in parts if number)
    now = ", ".join(f"{number:,} {label}" for label, number in sorted(done.counts.items(), reverse=True))
    click.echo(f"{what}{f': {told}' if told else ''}")
    click.echo(literal(f"labels now: {now}, in {done.history}"))
    click.echo(literal(f"model: {done.model}"))
    for path, reason in walk.few:
        say(f"left out {path}: {reason}")
    if walk.left_out and not walk.few:
        say(f"{walk.left_out:,} files left out that are no mail")
