"""Out-of-fold figures become the texts that are documented."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from spamrec import figures, rates, report
from spamrec.evaluation import (
    Asked,
    Auc,
    Evaluation,
    Mistake,
    PairFigures,
    ReaderFigures,
    reliability,
    roc_points,
    score_bins,
)
from spamrec.rates import rate

PROBABILITIES = np.array([0.99, 0.95, 0.9, 0.8, 0.4, 0.2, 0.97, 0.3, 0.1, 0.05, 0.02, 0.01])
LABELS = np.array([True] * 6 + [False] * 6)
HOSTILE_NAME = "ann/legit/\x1b[31m<script>alert(1)</script>&amp;"


def found(asked: Asked = Asked(), **changed: object) -> Evaluation:  # noqa: B008 - frozen
    """An evaluation of twelve messages of two readers, six of them spam."""
    at = 0.5
    price = asked.false_positive_cost
    made = Evaluation(
        messages=12,
        spam=6,
        threshold=at,
        auc=Auc(0.875, 0.6, 0.97),
        auc_stranger=None,
        auc_pitch=Auc(0.9, 0.7, 0.98),
        caught=rate(4, 6),
        lost=rate(1, 6),
        calibration_error=0.0456,
        roc=roc_points(PROBABILITIES, LABELS),
        cuts=tuple(rates.cut(PROBABILITIES, LABELS, t) for t in (0.1, 0.5, 0.9)),
        allowances=tuple(rates.allowance(PROBABILITIES, LABELS, n) for n in (5, 1000)),
        bins=reliability(PROBABILITIES, LABELS),
        readers=(
            ReaderFigures("ann", 6, 5, 0.9, rate(4, 6), rate(0, 5)),
            ReaderFigures("bob", 0, 1, float("nan"), rate(0, 0), rate(1, 1)),
        ),
        pairs=(PairFigures("b02", 3, 2, 2, 1, ("ann/b02-late",)), PairFigures("b04", 1, 1, 0, 0, ())),
        mistakes=(Mistake(HOSTILE_NAME, spam=False, probability=0.97), Mistake("ann/spam/late", True, 0.2)),
        scores=score_bins(PROBABILITIES, LABELS),
        loss_limit=None if asked.max_lost is None else rates.loss_limit(PROBABILITIES, LABELS, asked.max_lost),
        cost=None if price is None else rates.cost(PROBABILITIES, LABELS, price, at),
        unsure=None if asked.unsure is None else rates.band(PROBABILITIES, LABELS, asked.unsure, at),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def test_the_table_holds_every_figure() -> None:
    assert report.plain(figures.table(found(Asked(0.001, 100, 0.15)))) == (
        """\
12 messages of 2 readers: 6 spam, 6 legitimate. Each judged by models that never saw mail of its reader.
  AUC                      0.8750 (0.6000 to 0.9700)
  AUC without a profile    cannot be told
  AUC of telling pitches   0.9000 (0.7000 to 0.9800)
  spam caught              66.67% (30.00% to 90.32%), 4 of 6 at threshold 0.5000
  legitimate mail lost     16.67% (3.01% to 56.35%), 1 of 6
  calibration error        0.0456

At most lost   threshold   spam caught   precision
  1 in 5          0.3000        83.3%       83.3%
  1 in 1000       0.9700        16.7%      100.0%

To lose at most 0.1%: threshold 0.9900
  spam caught              16.67% (3.01% to 56.35%), 1 of 6
  legitimate mail lost     0.00% (0.00% to 39.03%), 0 of 6

Where a lost message costs 100 times a spam read: threshold 0.9900
  spam caught              16.67% (3.01% to 56.35%), 1 of 6
  legitimate mail lost     0.00% (0.00% to 39.03%), 0 of 6
  cost of 1,000 messages   417; 8,500 at 0.5000, 500 unfiltered

Unsure: from 0.1500 to 0.5000
  of the spam              33.33% (9.68% to 70.00%), 2 of 6
  of the legitimate mail   16.67% (3.01% to 56.35%), 1 of 6

Reader              spam  legit      AUC   caught    lost
ann                    6      5   0.9000    66.7%    0.0%
bob                    0      1        –        –  100.0%

Pairs with one fact changed: 3 of 4 move the right way
  B02    2 of 3    flips 1 of 2   wrong: ann/b02-late
  B04    1 of 1    flips 0 of 0

Worst mistakes
  0.9700  legitimate  ann/legit/[31m<script>alert(1)</script>&amp;
  0.2000  spam        ann/spam/late
"""
    )


def test_what_was_not_asked_for_is_not_told() -> None:
    text = report.plain(figures.table(found()))
    assert not any(word in text for word in ("To lose", "costs", "Unsure"))
    record = json.loads(report.jsonl(figures.record(found())))
    assert [record[key] for key in ("loss_limit", "cost", "unsure")] == [None, None, None]


def test_the_json_object_holds_what_was_asked_for() -> None:
    record = json.loads(report.jsonl(figures.record(found(Asked(0.2, 100, 0.15)))))
    assert record["loss_limit"]["max_lost"] == 0.2
    assert record["loss_limit"]["effect"]["lost"]["hits"] == 1
    cost = record["cost"]
    assert (cost["false_positive_cost"], cost["effect"]["threshold"]) == (100, 0.99)
    assert (cost["least"], cost["in_force"], cost["unfiltered"]) == (5 / 12, (2 + 100) / 12, 0.5)
    assert record["unsure"]["low"] == 0.15
    assert (record["unsure"]["spam"]["hits"], record["unsure"]["legitimate"]["hits"]) == (2, 1)


def test_csv_has_a_line_for_each_reader() -> None:
    assert figures.csv(found()) == (
        "reader,spam,legitimate,auc,caught,lost\nann,6,5,0.9,0.666667,0\nbob,0,1,nan,nan,1\n"
    )
