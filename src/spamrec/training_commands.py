"""The commands that make and measure models: `train` and `evaluate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from spamrec import files, report, streams
from spamrec.options import (
    CLUSTER,
    FALSE_POSITIVE_COST,
    FILE,
    FORMAT,
    JOBS,
    MAX_LOST,
    PROFILE,
    THRESHOLD,
    UNSURE,
    options,
)  # fmt: skip
from spamrec.talk import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spamrec.evaluation import Evaluation
    from spamrec.training import Fold, Row


@click.command()
@click.argument("corpus", type=FILE, required=False)
@click.option("--spam", type=FILE, multiple=True, metavar="DIR", help="Your own unwanted mail; may be given again.")
@click.option("--legit", type=FILE, multiple=True, metavar="DIR", help="Your own welcome mail; may be given again.")
@click.option(
    "--base/--no-base",
    default=True,
    show_default=True,
    help="What is known of recruiters' mail takes part; without it any two kinds of mail are learnt from their own words.",
)
@click.option("--out", type=FILE, help="Model file to write; your own, or that of the checkout CORPUS lies in.")
@options(MAX_LOST, FALSE_POSITIVE_COST, PROFILE, JOBS, CLUSTER)
def train(
    corpus: Path | None, spam: tuple[Path, ...], legit: tuple[Path, ...], base: bool, out: Path | None,
    profile: Path | None, jobs: int, cluster: str | None, max_lost: float | None, false_positive_cost: float | None,
) -> None:  # fmt: skip
    """Make a model of labelled mail: a CORPUS of readers, your own folders, or both."""
    _check_folders(corpus, spam, legit)
    if max_lost is not None and false_positive_cost is not None:
        raise click.UsageError("--max-lost and --false-positive-cost each set the threshold: give one of them")
    if not base:
        if max_lost is not None or false_positive_cost is not None:
            raise click.UsageError("--max-lost and --false-positive-cost need the base")
        _train_alone(corpus, spam, legit, out or files.locate().model)
        return
    from spamrec import bulk, card, evaluation, learning, own_mail, training
    from spamrec.cluster import jobs_over

    settings = training.SHIPPED if max_lost is None else replace(training.SHIPPED, max_lost=max_lost)
    settings = replace(settings, false_positive_cost=false_positive_cost)
    out = out or (files.model_of_corpus(corpus) if corpus and not spam else None) or files.locate().model
    setup = bulk.setup(files.locate(), profile=profile)
    with jobs_over(cluster, jobs) as jobs:
        with report.progress("reading labelled mail") as tick:
            rows, digest = own_mail.labelled(corpus, spam, legit, setup, jobs=jobs, tick=tick)
        with report.progress("training"):
            fold = training.out_of_fold(rows, jobs=jobs)
            model = training.assemble(rows, fold, settings, digest=digest)
    files.write(out, model.dumps())
    if corpus and out == files.model_of_corpus(corpus):
        files.write(
            out.with_name("README.md"), card.text(model, evaluation.evaluate(rows, fold, threshold=model.threshold))
        )
    say(f"wrote {out}: {len(rows):,} messages, threshold {model.threshold:.4f}, "
        f"out-of-fold AUC {model.metrics['auc']:.4f}")  # fmt: skip
    where = files.locate()
    if out == where.model and (labels := learning.relearn(where)):
        say(f"the labels you gave ({labels:,}) go on counting: {out} knows them, {where.trained} is the model without")


def _check_folders(corpus: Path | None, spam: tuple[Path, ...], legit: tuple[Path, ...]) -> None:
    if bool(spam) is not bool(legit):
        raise click.UsageError("--spam and --legit need each other")
    if not corpus and not spam:
        raise click.UsageError("name a CORPUS, or your own mail with --spam and --legit")


def _train_alone(corpus: Path | None, spam: tuple[Path, ...], legit: tuple[Path, ...], out: Path) -> None:
    from spamrec import tokenized, tokenlearner

    with report.progress("reading labelled mail") as tick:
        found = tokenized.read(corpus, spam, legit, tick)
    with report.progress("training"):
        model = tokenlearner.train(found)
    files.write(out, model.dumps())
    say(f"wrote {out}: {len(found):,} messages, threshold {model.threshold:.4f}, "
        f"out-of-fold AUC {model.metrics['auc']:.4f}")  # fmt: skip


@click.command()
@click.argument("corpus", type=FILE, required=False)
@click.option("--online", is_flag=True, help="Let a model of this mail alone judge each message, then learn it.")
@click.option(
    "--spam", type=FILE, multiple=True, metavar="DIR", help="With --online: unwanted mail; may be given again."
)
@click.option(
    "--legit", type=FILE, multiple=True, metavar="DIR", help="With --online: welcome mail; may be given again."
)
@click.option(
    "--order", type=click.Choice(["date", "random"]), default="date", show_default=True,
    help="With --online: in which order messages come.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="With --online: which random order.")
@click.option(
    "--delay", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
    help="With --online: a label becomes known N messages later.",
)  # fmt: skip
@click.option("--report", "page", type=FILE, metavar="FILE", help="Also write FILE, a page of HTML with the curves.")
@options(FORMAT, THRESHOLD, UNSURE, MAX_LOST, FALSE_POSITIVE_COST, JOBS, CLUSTER)
def evaluate(
    corpus: Path | None, online: bool, spam: tuple[Path, ...], legit: tuple[Path, ...], order: str, seed: int,
    delay: int, form: str, jobs: int, cluster: str | None, **asked: Any,
) -> None:  # fmt: skip
    """Judge each reader's mail in CORPUS (data) by models that never saw it, and print the figures."""
    unused = _BY_READER if online else _ONLINE
    if given := [_option(name) for name in unused if _given(name)]:
        raise click.UsageError(f"{', '.join(given)} {'cannot go with' if online else 'needs'} --online")
    if online:
        where = corpus or (None if spam else Path("data"))
        _evaluate_online(where, spam, legit, form, order=order, seed=seed, delay=delay)
    else:
        _evaluate_by_reader(corpus or Path("data"), form, jobs, cluster, **asked)


_ONLINE = ("spam", "legit", "order", "seed", "delay")
_BY_READER = ("cluster", "threshold", "unsure", "max_lost", "false_positive_cost", "page")


def _given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _option(name: str) -> str:
    command = click.get_current_context().command
    return next(param.opts[0] for param in command.params if param.name == name)


def _evaluate_online(
    corpus: Path | None,
    spam: tuple[Path, ...],
    legit: tuple[Path, ...],
    form: str,
    *,
    order: str,
    seed: int,
    delay: int,
) -> None:
    _check_folders(corpus, spam, legit)
    import numpy as np

    from spamrec import online, online_figures, tokenized

    with report.progress("reading labelled mail") as tick:
        mail = online.ordered(tokenized.read(corpus, spam, legit, tick), online.Order(order), seed)
    with report.progress("judging and learning") as tick:
        scores = online.scores(mail, delay=delay, tick=tick)
    labels = np.array([one.spam for one in mail], dtype=np.bool_)
    found = online.evaluate(scores, labels, order=online.Order(order), seed=seed, delay=delay)
    streams.show(
        form,
        table=lambda _: online_figures.table(found),
        csv=lambda: online_figures.csv(found),
        records=lambda: [online_figures.record(found)],
    )


def _evaluate_by_reader(
    corpus: Path, form: str, jobs: int, cluster: str | None, *, threshold: float | None,
    unsure: tuple[float, float | None] | None,
    max_lost: float | None, false_positive_cost: float | None, page: Path | None,
) -> None:  # fmt: skip
    from spamrec import evaluation, figures, training
    from spamrec.cluster import jobs_over
    from spamrec.errors import CorpusError

    if page:
        from spamrec import evaluation_page

        evaluation_page.check_libraries()
    with jobs_over(cluster, jobs) as jobs:
        with report.progress("reading labelled mail") as tick:
            rows = training.rows(corpus, jobs=jobs, tick=tick)
        if len({row.reader for row in rows}) < 3:
            raise CorpusError(corpus, "holds fewer than three readers, too few to judge each by the others")
        with report.progress("training"):
            fold = training.out_of_fold(rows, jobs=jobs)
    low, high = unsure or (None, None)
    found = evaluation.evaluate(
        rows, fold,
        threshold=high if threshold is None else threshold,
        asked=evaluation.Asked(max_lost, false_positive_cost, low),
    )  # fmt: skip
    streams.show(
        form,
        table=lambda _: figures.table(found),
        csv=lambda: figures.csv(found),
        records=lambda: [figures.record(found)],
    )
    if page:
        _write_page(page, corpus, found, rows, fold)


def _write_page(path: Path, corpus: Path, found: Evaluation, rows: Sequence[Row], fold: Fold) -> None:
    from spamrec import causes, evaluation_page

    with report.progress("looking into the mistakes"):
        signals = causes.signals(rows, fold, evaluation_page.STRONGEST)
        told = causes.told(corpus, found, rows, fold)
    files.write(path, evaluation_page.page(found, signals, told, source=corpus.name or str(corpus)))
    say(f"wrote {path}")
