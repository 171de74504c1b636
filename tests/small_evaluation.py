"""A small evaluation that the tests of its forms share: twelve messages of two readers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spamrec import rates
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
