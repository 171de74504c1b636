"""The commands that make and measure models: `train` and `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spamrec import files, report, streams
from spamrec.options import FILE, FORMAT, JOBS, PROFILE, THRESHOLD, options
from spamrec.talk import say

if TYPE_CHECKING:
    from spamrec.training import Fold


@click.command()
@click.argument("corpus", type=FILE, required=False)
@click.option("--spam", type=FILE, multiple=True, metavar="DIR", help="Your own unwanted mail; may be given again.")
@click.option("--legit", type=FILE, multiple=True, metavar="DIR", help="Your own welcome mail; may be given again.")
@click.option("--out", type=FILE, help="Model file to write; your own, or that of the checkout CORPUS lies in.")
@options(PROFILE, JOBS)
def train(
    corpus: Path | None, spam: tuple[Path, ...], legit: tuple[Path, ...], out: Path | None, profile: Path | None,
    jobs: int,
) -> None:  # fmt: skip
    """Make a model of labelled mail: a CORPUS of readers, your own folders, or both."""
    if bool(spam) is not bool(legit):
        raise click.UsageError("--spam and --legit need each other")
    if not corpus and not spam:
        raise click.UsageError("name a CORPUS, or your own mail with --spam and --legit")
    from spamrec import bulk, card, evaluation, learning, own_mail, training

    out = out or (files.model_of_corpus(corpus) if corpus and not spam else None) or files.locate().model
    with report.progress("reading labelled mail") as tick:
        setup = bulk.setup(files.locate(), profile=profile)
        rows, digest = own_mail.labelled(corpus, spam, legit, setup, jobs=jobs, tick=tick)
    with report.progress("training"):
        fold = training.out_of_fold(rows, jobs=jobs)
        model = training.assemble(rows, fold, training.SHIPPED, digest=digest)
    files.write(out, model.dumps())
    if corpus and out == files.model_of_corpus(corpus):
        files.write(out.with_name("README.md"), card.text(model, evaluation.evaluate(rows, fold)))
    say(f"wrote {out}: {len(rows):,} messages, threshold {model.threshold:.4f}, "
        f"out-of-fold AUC {model.metrics['auc']:.4f}")  # fmt: skip
    where = files.locate()
    if out == where.model and (labels := learning.relearn(where)):
        say(f"the labels you gave ({labels:,}) go on counting: {out} knows them, {where.trained} is the model without")


@click.command()
@click.argument("corpus", type=FILE, default="data")
@options(FORMAT, THRESHOLD, JOBS)
def evaluate(corpus: Path, form: str, threshold: float | None, jobs: int) -> None:
    """Judge each reader's mail in CORPUS (data) by models that never saw it, and print the figures."""
    from spamrec import evaluation, figures, training
    from spamrec.errors import CorpusError

    with report.progress("reading labelled mail") as tick:
        rows = training.rows(corpus, jobs=jobs, tick=tick)
    if len({row.reader for row in rows}) < 3:
        raise CorpusError(corpus, "holds fewer than three readers, too few to judge each by the others")
    with report.progress("training"):
        fold: Fold = training.out_of_fold(rows, jobs=jobs)
    found = evaluation.evaluate(rows, fold, threshold=threshold)
    streams.show(
        form,
        table=lambda _: figures.table(found),
        csv=lambda: figures.csv(found),
        records=lambda: [figures.record(found)],
    )
