#!/usr/bin/env python3
"""What few labels of a reader are worth: figures on mail that neither base nor labels knew; Markdown tables.

usage: learning_curve.py [CORPUS]

For each reader: a base trained on readers of other folds, their first n messages by date learnt, all from the 101st on
judged (from the last 30, where they have fewer). Corrections themselves, and what a label says of the same sender's
next mail, are left out, so that only the model is measured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations_with_replacement
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import log_loss, roc_auc_score

from spamrec import classifier, corpus, personal, training
from spamrec.calibration import Calibrated
from spamrec.classifier import Values, verdict_values
from spamrec.lessons import Lesson
from spamrec.model import Model, Weights, logistic
from spamrec.training import FOLDS, Fold, Row
from spamrec.verdict import Label

LABELS = (0, 5, 10, 20, 50, 100)
LEAST_JUDGED = 30


class Mail(NamedTuple):
    """One message of a reader in the order of dates."""

    name: str
    """Path within the corpus."""
    spam: bool
    """Its label."""
    values: Values
    """What is measured of it with profile and history, the reader's labels apart."""
    stranger: Values
    """What is measured of it without them."""


def bases(rows: Sequence[Row]) -> dict[str, Model]:
    """For each reader a model that never saw mail of their fold, calibrated and cut as the shipped one is."""
    fold_of = {reader: i % FOLDS for i, reader in enumerate(sorted({row.reader for row in rows}))}
    left_out = list(combinations_with_replacement(sorted(set(fold_of.values())), 2))
    fitted = Parallel(n_jobs=2)(
        delayed(training.fit_pitch)([row for row in rows if fold_of[row.reader] not in pair]) for pair in left_out
    )
    pitch: dict[frozenset[int], Weights] = {frozenset(pair): one for pair, one in zip(left_out, fitted, strict=True)}
    verdict = {fold: _verdict(rows, fold_of, pitch, fold) for fold in set(fold_of.values())}
    models = {fold: (pitch[frozenset({fold})], weights) for fold, weights in verdict.items()}
    scores = np.array([_scores(*models[fold_of[row.reader]], row) for row in rows]).T
    found = training.calibrated(rows, Fold(*scores))
    return {reader: _calibrated(*models[fold], found) for reader, fold in fold_of.items()}


def _verdict(rows: Sequence[Row], fold_of: dict[str, int], pitch: dict[frozenset[int], Weights], fold: int) -> Weights:
    inside = [row for row in rows if fold_of[row.reader] != fold]
    own = [pitch[frozenset({fold, fold_of[row.reader]})] for row in inside]
    scores = [one.score(row.values.content, row.values.words) for one, row in zip(own, inside, strict=True)]
    strange = [
        one.score(row.stranger.content, row.stranger.words) if row.stranger else 0.0
        for one, row in zip(own, inside, strict=True)
    ]
    return training.fit_verdict(inside, scores, strange)


def _scores(pitch: Weights, verdict: Weights, row: Row) -> tuple[float, float, float, float]:
    score = pitch.score(row.values.content, row.values.words)
    strange = pitch.score(row.stranger.content, row.stranger.words) if row.stranger else 0.0
    without = verdict.score(verdict_values(row.stranger, strange)) if row.stranger else 0.0
    return verdict.score(verdict_values(row.values, score)), without, score, strange


def _calibrated(pitch: Weights, verdict: Weights, found: Calibrated) -> Model:
    by_name = {name: weight * found.slope for name, weight in verdict.by_name.items()}
    return Model(pitch, Weights(verdict.bias * found.slope + found.offset, by_name), found.threshold)


def mail_of(folder: Path) -> list[Mail]:
    """A reader's mail by date."""
    found = sorted(
        corpus.load(folder, labels=False), key=lambda e: (e.message.date or datetime.min.replace(tzinfo=UTC), e.name)
    )
    return [
        Mail(e.name, e.label is Label.SPAM, classifier.measure(e.evidence), classifier.measure(e.stranger))
        for e in found
    ]  # fmt: skip


def judged(base: Model, learnt: Iterable[Mail], rest: Iterable[Mail], seen: Callable[[Mail], Values]) -> list[float]:
    """Probabilities of the rest after learning."""
    lessons = sorted(
        Lesson(mail.name, "", Label.SPAM if mail.spam else Label.LEGITIMATE, personal.record(seen(mail)))
        for mail in learnt
    )
    model = personal.model(base, "base", lessons)
    out = []
    for mail in rest:
        values = seen(mail)
        pitch = model.pitch.score(values.content, values.words)
        out.append(logistic(model.verdict.score(verdict_values(values, pitch), values.words)))
    return out


def table(title: str, mails: dict[str, list[Mail]], models: dict[str, Model], *, labels: Sequence[int] = LABELS,
          takes: Callable[[Mail], bool] = lambda _: True, seen: Callable[[Mail], Values] = lambda m: m.values) -> None:  # fmt: skip
    """Print the figures after each number of labels; `takes` tells which messages the reader labels."""
    print(f"\n{title}\n\n| labels | AUC | spam caught | legitimate lost | log loss |\n| --- | --- | --- | --- | --- |")
    cut = next(iter(models.values())).threshold
    for number in labels:
        spam, found = [], []
        for reader, all_ in mails.items():
            first = min(max(LABELS), len(all_) - LEAST_JUDGED)
            learnt = [mail for mail in all_[:first] if takes(mail)][:number]
            spam += [mail.spam for mail in all_[first:]]
            found += judged(models[reader], learnt, all_[first:], seen)
        is_spam, p = np.array(spam), np.array(found)
        print(f"| {number} | {roc_auc_score(is_spam, p):.4f} | {(p[is_spam] >= cut).mean():.1%} | "
              f"{(p[~is_spam] >= cut).mean():.1%} | {log_loss(is_spam, np.clip(p, 1e-9, 1 - 1e-9)):.3f} |", flush=True)  # fmt: skip


def main(root: str = "data") -> None:
    """Print the tables."""
    folders = corpus.readers(Path(root))
    models = bases(training.rows(Path(root), jobs=2))
    every = dict(zip((f.name for f in folders), Parallel(n_jobs=2)(delayed(mail_of)(f) for f in folders), strict=True))
    plain = {reader: [m for m in mails if not corpus.PAIR.search(m.name)] for reader, mails in every.items()}
    table("All mail but pairs", plain, models)
    table("Without profile and history", plain, models, seen=lambda mail: mail.stranger)
    table("Labels of spam alone", plain, models, labels=(0, 10, 50), takes=lambda mail: mail.spam)
    table("Labels of legitimate mail alone", plain, models, labels=(0, 10, 50), takes=lambda mail: not mail.spam)
    table("Pairs included, whose two sides bear one text", every, models)


if __name__ == "__main__":
    main(*sys.argv[1:2])
