"""The commands that judge mail: `classify` and `explain`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from spamrec import files, report, streams
from spamrec.options import FORMAT, JOBS, MODEL, PATHS, PROFILE, THRESHOLD, options, paths_of
from spamrec.statuses import BogofilterStatus, SpamcStatus
from spamrec.talk import errors_as, say, warn

NO_PROFILE = (
    "no profile: every pitch from a stranger counts as spam. With one, place, role and pay wanted and people known "
    "are weighed; `spamrec init` makes it"
)


@click.command()
@options(PATHS, FORMAT, PROFILE, MODEL, THRESHOLD, JOBS)
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
    ctx: click.Context, /, paths: tuple[str, ...], form: str, jobs: int, files_from: str | None, exit_code: str | None,
    **named: Any,
) -> None:  # fmt: skip
    """Label each message in files, folders, mboxes and Maildirs; - is standard input."""
    with errors_as(BogofilterStatus.ERROR if exit_code == "bogofilter" else None):
        from spamrec import bulk

        setup = bulk.setup(files.locate(), **named)
        walk = bulk.Walk(paths_of(paths, files_from))
        labels: Counter[str] = Counter()
        with streams.verdicts(form, "classifying") as (put, tick):
            for judged in bulk.judge_all(walk, setup, jobs=jobs, warn=warn, tick=tick):
                labels[judged.verdict.label.value] += 1
                put(judged)
        walk.check(labels.total())
        if exit_code:
            ctx.exit(_verdict_status(exit_code, labels))
        if not setup.profile:
            say(NO_PROFILE)
        for path, reason in walk.few:
            say(f"left out {path}: {reason}")
        say(report.summary(labels, walk.left_out, str(setup.profile or "")))


def _verdict_status(convention: str, labels: Counter[str]) -> int:
    """The verdict on the one message as bogofilter or spamc tells it."""
    if labels.total() != 1:
        raise click.UsageError(f"--exit-code tells of one message, here are {labels.total()}")
    kind = BogofilterStatus if convention == "bogofilter" else SpamcStatus
    return kind[next(iter(labels)).upper()]


@click.command()
@options(PATHS, FORMAT, PROFILE, MODEL, THRESHOLD)
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
