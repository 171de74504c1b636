"""The commands that judge mail: `classify` and `explain`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spamrec import files, moving, report, streams
from spamrec.options import CLUSTER, FILE, FORMAT, JOBS, MODEL, PATHS, PROFILE, THRESHOLD, UNSURE, options, paths_of
from spamrec.sources import Scope
from spamrec.statuses import BogofilterStatus, SpamcStatus
from spamrec.talk import errors_as, say, warn
from spamrec.verdict import Label

if TYPE_CHECKING:
    pass

LINES = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv", "notmuch"]), default="table", show_default=True,
    envvar="SPAMREC_FORMAT", help="How to print; notmuch: lines for `notmuch tag --batch`.",
)  # fmt: skip
NO_PROFILE = (
    "no profile: every pitch from a stranger counts as spam. With one, place, role and pay wanted and people known "
    "are weighed; `spamrec init` makes it"
)


@click.command()
@options(PATHS, LINES, PROFILE, MODEL, THRESHOLD, UNSURE, JOBS, CLUSTER)
@click.option(
    "--move", type=FILE, metavar="FOLDER", help="Move spam into the Maildir FOLDER, from Maildirs and single files."
)
@click.option("--new", is_flag=True, help="Of Maildirs look at new mail only, which no mail program has shown yet.")
@click.option(
    "--files-from",
    metavar="FILE",
    help="Read paths from FILE, one a line or NUL between; - is standard input.",
)
@click.option(
    "--exit-code",
    type=click.Choice(["bogofilter", "spamc"]),
    help="Tell the verdict on one message by the status.",
)
@click.pass_context
def classify(
    ctx: click.Context, /, paths: tuple[str, ...], form: str, jobs: int, cluster: str | None, files_from: str | None,
    exit_code: str | None, move: Path | None, new: bool, **named: Any,
) -> None:  # fmt: skip
    """Label each message in files, folders, mboxes and Maildirs; - is standard input."""
    with errors_as(BogofilterStatus.ERROR if exit_code == "bogofilter" else None):
        from spamrec import batches, bulk

        setup = bulk.setup(files.locate(), **named)
        moved = _Moved(move, paths) if move else None
        scope = Scope(
            new, (move,) if move else (), may_go=files_from is not None and (move is not None or form == "notmuch")
        )
        walk = bulk.Walk(paths_of(paths, files_from), scope)
        labels: Counter[str] = Counter()
        with streams.verdicts(form, "classifying") as (put, tick):
            show = partial(report.shown, form, streams.width(streams.stdout(form)))
            for shown in batches.judge_all(walk, setup, show=show, jobs=jobs, cluster=cluster, warn=warn, tick=tick):
                labels[shown.label] += 1
                put(shown)
                if moved and shown.label == Label.SPAM:
                    moved.add(shown)
        walk.check(labels.total())
        if exit_code:
            ctx.exit(_verdict_status(exit_code, labels))
        if not setup.profile:
            say(NO_PROFILE)
        for path, reason in walk.few:
            say(f"left out {path}: {reason}")
        say(report.summary(labels, walk.left_out, str(setup.profile or "")))
        if moved:
            say(moved.told)


class _Moved:
    """The Maildir that spam is moved into, with what came of it."""

    def __init__(self, folder: Path, paths: Sequence[str]) -> None:
        for path in paths:
            if reason := moving.refusal(path):
                raise click.UsageError(f"--move moves mail that is a file of its own, {path} {reason}")
        self._target = moving.Maildir(folder)
        self._counts: Counter[str] = Counter()

    def add(self, shown: report.Shown) -> None:
        """Move one mail, where it is a file of its own and still there."""
        if not shown.single:
            self._counts["packed"] += 1
        else:
            self._counts["moved" if self._target.take(Path(shown.origin)) else "gone"] += 1

    @property
    def told(self) -> str:
        """One line of it."""
        moved, gone, packed = (self._counts[what] for what in ("moved", "gone", "packed"))
        left = [f"{gone:,} gone meanwhile"] * bool(gone) + [f"{packed:,} in an mbox or gzipped, left there"] * bool(
            packed
        )
        return "; ".join([f"moved {moved:,} to {self._target.folder}", *left])


def _verdict_status(convention: str, labels: Counter[str]) -> int:
    """The verdict on the one message as bogofilter or spamc tells it."""
    if labels.total() != 1:
        raise click.UsageError(f"--exit-code tells of one message, here are {labels.total()}")
    kind = BogofilterStatus if convention == "bogofilter" else SpamcStatus
    return kind[next(iter(labels)).upper()]


@click.command()
@options(PATHS, FORMAT, PROFILE, MODEL, THRESHOLD, UNSURE)
def explain(paths: tuple[str, ...], form: str, **named: Any) -> None:
    """Show everything behind a verdict: the job found, each reason, what would turn it."""
    from spamrec import bulk, message

    judge = bulk.Judge(bulk.setup(files.locate(), **named))
    walk = bulk.Walk(paths_of(paths, None))
    show = report.printer(streams.stdout(form))
    count = 0
    for count, mail in enumerate(walk, 1):
        evidence = judge.reader.evidence(message.parse(mail.raw))
        judged = judge.judge_evidence(mail.origin, evidence)
        flips = judge.classifier.flips(evidence)
        if form == "jsonl":
            would = [{"text": text, "probability": probability} for text, probability in flips]
            click.echo(report.jsonl(report.record(judged) | {"flips": would}), nl=False)
        elif form == "csv":
            click.echo(report.reasons_csv(judged, header=count == 1), nl=False)
        else:
            show([*([[]] if count > 1 else []), *report.explanation(judged, evidence, flips)])
    if judge.reader.damage:
        warn(judge.reader.damage)
    walk.check(count)
