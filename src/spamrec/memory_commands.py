"""The commands that fill and read the history: `import`, `unsubscribed`, `senders`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spamrec import files, report, streams
from spamrec.options import FILE, FORMAT, PATHS, PROFILE, options, paths_of
from spamrec.report import literal
from spamrec.talk import say

if TYPE_CHECKING:
    from spamrec.history import History
    from spamrec.imports import Imported, Progress
    from spamrec.profile import Profile


@click.group("import")
def import_() -> None:
    """Fill the history: whom you know, what you wrote, who writes to you. Again is no harm."""


@import_.command("contacts")
@options(PATHS, PROFILE)
def import_contacts(paths: tuple[str, ...], profile: Path | None) -> None:
    """People in address books: vCard files, or folders of them."""
    from spamrec import imports

    named = list(paths_of(paths, None))
    _import("address", profile, lambda history, reader, _: imports.contacts(history, named, own=reader.emails))


@import_.command("sent")
@options(PATHS, PROFILE)
def import_sent(paths: tuple[str, ...], profile: Path | None) -> None:
    """Mail that you wrote: whom you know, your threads, whom you asked to stop."""
    from spamrec import imports

    named = list(paths_of(paths, None))

    def read(history: History, reader: Profile, progress: Progress) -> Imported:
        if not reader.emails:
            say("your profile names no addresses of yours: every mail here is taken for yours")
        return imports.sent(history, named, own=reader.emails, progress=progress)

    imports.check_mail(named, _import("mail", profile, read))


@import_.command("mail")
@options(PATHS, PROFILE)
def import_mail(paths: tuple[str, ...], profile: Path | None) -> None:
    """Mail that came: who writes, who posts on which list, who made good after a complaint."""
    from spamrec import imports
    from spamrec.evidence import Evidence

    named = list(paths_of(paths, None))

    def read(history: History, reader: Profile, progress: Progress) -> Imported:
        return imports.mail(
            history, named, own=reader.emails, progress=progress,
            repairs=lambda mail: "repair" in Evidence(mail, reader).hits,
        )  # fmt: skip

    imports.check_mail(named, _import("mail", profile, read))


@import_.command("linkedin")
@click.argument("export", type=FILE)
@click.option(
    "--label-messages", "folder", type=FILE, metavar="DIR",
    help="Also make of first messages, answered or not, mail to train on in DIR/legit and DIR/spam.",
)  # fmt: skip
@click.option("-y", "--yes", is_flag=True, help="Do not ask before it is written.")
def import_linkedin(export: Path, folder: Path | None, yes: bool) -> None:
    """People in a LinkedIn data EXPORT, the zip as it came or unpacked."""
    from spamrec import imports

    _import("person", None, lambda history, *_: imports.linkedin(history, export))
    if folder:
        _label_messages(export, folder, yes)


@click.command()
@click.argument("address")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Day you asked, as 2026-11-23; today if not said."
)
def unsubscribed(address: str, on: datetime | None) -> None:
    """Note that you asked an ADDRESS, or a whole domain, to stop. Nobody is written to."""
    from spamrec import parties
    from spamrec.history import History, Request

    target = parties.target(address)
    if not target:
        raise click.BadParameter(f"{address!r} is no address, nor the domain of a firm", param_hint="ADDRESS")
    day = on.date() if on else date.today()
    if day > date.today():
        raise click.BadParameter(f"{day} is still to come", param_hint="--on")
    with History(files.locate().history) as history:
        new = history.add_request(target, Request.STOP, day)
    click.echo(literal(f"{target} was asked to stop on {day}{'' if new else ' (already there)'}"))


@click.command()
@click.option(
    "--by", type=click.Choice(["address", "firm"]), default="address", show_default=True, help="Whom a line stands for."
)
@options(FORMAT)
def senders(by: str, form: str) -> None:
    """Who writes how often, and who goes on after you asked them to stop; the worst first."""
    from spamrec import remembered
    from spamrec import senders as senders_
    from spamrec.history import History

    with History(files.locate().history, read_only=True) as history:
        found = senders_.report(history, by=senders_.By(by))
    streams.show(
        form,
        table=lambda width: remembered.table(found, width),
        csv=lambda: remembered.csv(found),
        records=lambda: map(remembered.record, found),
    )
    if not found:
        say("nobody is remembered yet; `spamrec import mail PATH...` reads who writes to you")


def _import(item: str, named_profile: Path | None, read: Callable[[History, Profile, Progress], Imported]) -> Imported:
    """Have something read into the history, and print what came of it; `item` names one thing read."""
    from spamrec import profile as profiles
    from spamrec import remembered
    from spamrec.history import History

    where = files.locate()
    path = named_profile or (where.profile if where.profile.exists() else None)
    reader = profiles.load(path) if path else profiles.NO_PROFILE
    with History(where.history) as history, report.progress("importing") as tick:
        done = read(history, reader, streams.up_to(tick))
    click.echo(remembered.imported(done, item=item), nl=False)
    return done


def _label_messages(path: Path, folder: Path, yes: bool) -> None:
    """Show what others wrote first on LinkedIn, and write it as labelled mail where the user agrees."""
    from spamrec import conversations, remembered
    from spamrec.linkedin_export import read_export

    export = read_export(path)
    found = conversations.openings(export)
    report.printer(sys.stdout)(remembered.openings(found))
    labels = Counter(one.label.value for one in found)
    if not found:
        say("no conversation that somebody else began")
    elif yes or _agreed(
        f"Write {labels['spam']:,} unanswered as spam and {labels['legitimate']:,} answered as legitimate to {folder}?"
    ):
        conversations.write(found, export, folder)
        say(f"wrote {folder}; `spamrec train data/ --spam {folder / 'spam'} --legit {folder / 'legit'}` learns from it")
    else:
        say("nothing is written")


def _agreed(question: str) -> bool:
    """Whether the user says yes; where nobody can be asked again, any other line is a no."""
    if sys.stdin.isatty():
        return click.confirm(literal(question), err=True)
    say(question)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
