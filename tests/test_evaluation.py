"""Figures agree with hand-computed values and with scikit-learn's, and a corpus gives one record of them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score, roc_auc_score, roc_curve

from spamrec import evaluation, rates, training
from spamrec.classifier import Values
from spamrec.errors import BandError
from spamrec.training import Fold, Row

if TYPE_CHECKING:
    from spamrec.evaluation import Bools, Floats

SCORES = np.array([0.8, 0.6, 0.4, 0.5, 0.3])
LABELS = np.array([True, True, True, False, False])


def some(seed: int, *, n: int = 400, shift: float = 1.2) -> tuple[Floats, Bools]:
    """Overlapping scores with ties, shape (n,), and labels."""
    made = np.random.default_rng(seed)
    labels = made.random(n) < 0.4
    return np.round(made.normal(size=n) + shift * labels, 1).astype(np.float64), labels


# --- area under the curve ----------------------------------------------------------------------------------


def test_delong_variance_by_hand() -> None:
    """Five of six pairs are in order; placements 1, 1, 1/2 and 2/3, 1 have variances 1/12 and 1/18."""
    value, variance = evaluation.auc_variance(SCORES, LABELS)
    assert value == pytest.approx(5 / 6)
    assert variance == pytest.approx(1 / 12 / 3 + 1 / 18 / 2)


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_that_of_scikit_learn(seed: int) -> None:
    scores, labels = some(seed)
    found = evaluation.auc(scores, labels)
    assert found.value == pytest.approx(roc_auc_score(labels, scores))
    assert 0 < found.low < found.value < found.high < 1


def test_delong_interval_agrees_with_the_bootstrap() -> None:
    scores, labels = some(1)
    made = np.random.default_rng(2)
    drawn = []
    for _ in range(1000):
        index = made.integers(0, len(labels), len(labels))
        drawn.append(evaluation.auc_variance(scores[index], labels[index])[0])
    found = evaluation.auc(scores, labels)
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)


def test_perfect_scores_have_no_interval_and_one_label_no_area() -> None:
    perfect = evaluation.auc(np.array([1.0, 2.0, 3.0]), np.array([False, False, True]))
    assert (perfect.value, perfect.low, perfect.high) == (1.0, 1.0, 1.0)
    for labels in (np.ones(3, dtype=bool), np.zeros(3, dtype=bool)):
        with pytest.raises(ValueError, match="both labels"):
            evaluation.auc(np.zeros(3), labels)
        with pytest.raises(ValueError, match="both labels"):
            evaluation.roc_points(np.zeros(3), labels)


def test_roc_points_by_hand() -> None:
    assert evaluation.roc_points(SCORES, LABELS) == ((0, 0), (0, 2 / 3), (0.5, 2 / 3), (0.5, 1), (1, 1))
    assert evaluation.roc_points(np.zeros(5), LABELS) == ((0, 0), (1, 1))


@pytest.mark.parametrize("seed", range(5))
def test_roc_points_lie_on_scikit_learns_curve(seed: int) -> None:
    scores, labels = some(seed)
    lost, caught, _ = roc_curve(labels, scores, drop_intermediate=False)
    whole = {(round(x, 9), round(y, 9)) for x, y in zip(lost, caught, strict=True)}
    points = evaluation.roc_points(scores, labels)
    assert {(round(x, 9), round(y, 9)) for x, y in points} <= whole
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(points))
    assert area == pytest.approx(roc_auc_score(labels, scores))


# --- rates and thresholds ----------------------------------------------------------------------------------


def test_wilson_interval_by_hand() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611."""
    found = rates.rate(81, 263)
    assert [found.low, found.high] == pytest.approx([0.2553, 0.3662], abs=5e-5)
    none = rates.rate(0, 20)
    assert [none.value, none.low, none.high] == pytest.approx([0, 0, 0.1611], abs=5e-5)
    assert math.isnan(rates.rate(0, 0).value)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(hits: int, more: int) -> None:
    found = rates.rate(hits, hits + more)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9])
def test_precision_and_recall_are_those_of_scikit_learn(threshold: float) -> None:
    scores, labels = some(3)
    probabilities = 1 / (1 + np.exp(-scores))
    found = rates.cut(probabilities, labels, threshold)
    called = probabilities >= threshold
    assert found.precision == pytest.approx(precision_score(labels, called))
    assert found.recall == pytest.approx(recall_score(labels, called))
    assert found.lost == pytest.approx(called[~labels].mean())


def test_a_threshold_nothing_reaches_loses_nothing() -> None:
    found = rates.cut(SCORES, LABELS, 0.95)
    assert (found.precision, found.recall, found.lost) == (1.0, 0.0, 0.0)


def test_one_in_two_by_hand() -> None:
    """Of two legitimate messages one may be lost: the cut lies just above 0.3; none may: just above 0.5."""
    half = rates.allowance(SCORES, LABELS, 2)
    assert half.cut.threshold == pytest.approx(0.3)
    assert (half.cut.recall, half.cut.lost) == (1.0, 0.5)
    none = rates.allowance(SCORES, LABELS, 1000)
    assert none.cut.threshold == pytest.approx(0.5)
    assert [none.cut.recall, none.cut.lost] == pytest.approx([2 / 3, 0.0])
    assert rates.allowance(SCORES, LABELS, 1).cut.threshold == 0.0


@pytest.mark.parametrize("one_in", rates.ONE_IN)
def test_an_allowance_is_kept_with_ties_and_is_the_lowest(one_in: int) -> None:
    scores, labels = some(4)
    probabilities = 1 / (1 + np.exp(-scores))
    found = rates.allowance(probabilities, labels, one_in).cut
    assert found.lost <= 1 / one_in
    lower = float(probabilities[probabilities < found.threshold].max())
    assert rates.cut(probabilities, labels, lower).lost > 1 / one_in


# --- calibration -------------------------------------------------------------------------------------------


def test_reliability_by_hand() -> None:
    probabilities = np.array([0.05, 0.15, 0.95, 0.85, 1.0])
    labels = np.array([False, True, True, True, True])
    bins = evaluation.reliability(probabilities, labels, bins=2)
    assert [b.messages for b in bins] == [2, 3]
    assert [b.predicted for b in bins] == pytest.approx([0.1, 2.8 / 3])
    assert [b.observed for b in bins] == pytest.approx([0.5, 1.0])
    assert evaluation.calibration_error(bins) == pytest.approx((2 * 0.4 + 3 * (0.2 / 3)) / 5)


def test_scores_that_keep_their_word_have_no_calibration_error() -> None:
    made = np.random.default_rng(5)
    probabilities = made.random(200_000)
    labels = made.random(200_000) < probabilities
    bins = evaluation.reliability(probabilities, labels)
    assert evaluation.calibration_error(bins) < 0.01
    assert sum(b.messages for b in bins) == 200_000
    empty = evaluation.reliability(np.array([0.5]), np.array([True]))
    assert sum(math.isnan(b.predicted) for b in empty) == 9


# --- a corpus ----------------------------------------------------------------------------------------------


def row(name: str, *, stranger: bool = True) -> Row:
    """A row as training makes it, but for its values, which evaluation never reads."""
    values = Values({}, (), {}, False, False)
    reader, kind, _ = name.split("/")
    return Row(reader, name, kind == "spam", kind == "spam", values, values if stranger else None)


ROWS = [
    row("ann/spam/b02-far-pair-a"),
    row("ann/legit/b02-far-pair-b", stranger=False),
    row("ann/spam/b02-late-pair-a"),
    row("ann/legit/b02-late-pair-b", stranger=False),
    row("bob/spam/b01-dear-pair-a"),
    row("bob/spam/b01-dear-pair-b"),
    row("bob/spam/b01-lonely-pair-a"),
    row("bob/legit/lunch"),
    row("bob/legit/bill"),
]
MARGINS = np.array([3.0, -2.0, -1.0, -0.5, 2.0, 2.0, 1.0, -3.0, 0.5])


def evaluated(**options: float) -> evaluation.Evaluation:
    return evaluation.evaluate(ROWS, Fold(MARGINS, MARGINS, MARGINS, MARGINS), threshold=options.get("threshold"))


def test_pairs_are_counted_by_row_and_reader() -> None:
    """`late` moves the wrong way, the two sides of `dear` tie, which is no move either, and `lonely` is no pair."""
    first, second = evaluated(threshold=0.5).pairs
    assert (first.row, first.pairs, first.right, first.flips) == ("b01", 1, 0, 0)
    assert (second.row, second.pairs, second.right, second.flips, second.flipped) == ("b02", 2, 1, 2, 1)
    assert second.wrong == ("ann/b02-late",)
    assert evaluated().pairs_right == rates.rate(1, 3)


def test_an_evaluation_says_who_was_wronged() -> None:
    found = evaluated(threshold=0.5)
    assert (found.messages, found.spam) == (9, 5)
    assert found.auc.value == pytest.approx(roc_auc_score([r.spam for r in ROWS], MARGINS))
    assert [r.reader for r in found.readers] == ["ann", "bob"]
    assert found.caught.hits + sum(m.spam for m in found.mistakes) == 5
    assert [m.spam for m in found.mistakes] == sorted(m.spam for m in found.mistakes)
    assert "ann/spam/b02-late-pair-a" in [m.name for m in found.mistakes]


def test_the_threshold_is_trainings_own_where_none_is_given() -> None:
    """Calibration and threshold are those of the model file that the same rows give."""
    fold = Fold(MARGINS, MARGINS, MARGINS, MARGINS)
    expected = training.calibrated(ROWS, fold)
    assert evaluated().threshold == expected.threshold
    called = expected.probabilities >= expected.threshold
    assert evaluated().caught.hits == int(called[[r.spam for r in ROWS]].sum())


def test_one_label_cannot_be_evaluated() -> None:
    only = [r for r in ROWS if r.spam]
    scores = MARGINS[: len(only)]
    with pytest.raises(ValueError, match="both labels"):
        evaluation.evaluate(only, Fold(scores, scores, scores, scores))


def test_a_reader_with_one_label_has_no_area() -> None:
    rows = [*ROWS, row("cid/spam/only")]
    scores = np.append(MARGINS, 1.5)
    found = evaluation.evaluate(rows, Fold(scores, scores, scores, scores)).readers[-1]
    assert math.isnan(found.auc)
    assert (found.caught.cases, found.lost.cases) == (1, 0)
    assert (found.lost.low, found.lost.high) == (0.0, 1.0)


# --- thresholds by loss and cost, and the band -------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.05, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_a_loss_limit_is_kept_and_catches_the_most(share: float, seed: int) -> None:
    scores, labels = some(seed)
    probabilities = 1 / (1 + np.exp(-scores))
    found = rates.loss_limit(probabilities, labels, share).effect
    assert found.lost.hits <= share * found.lost.cases
    kept = [rates.effect(probabilities, labels, at) for at in {*probabilities.tolist(), 1.0}]
    assert found.caught.hits == max(e.caught.hits for e in kept if e.lost.hits <= share * e.lost.cases)


@pytest.mark.parametrize("price", [0.01, 1.0, 9.0, 100.0, 10_000.0])
@pytest.mark.parametrize("seed", range(3))
def test_no_threshold_costs_less(price: float, seed: int) -> None:
    scores, labels = some(seed)
    probabilities = 1 / (1 + np.exp(-scores))
    found = rates.cost(probabilities, labels, price, 0.5)

    def mean(at: float) -> float:
        called = probabilities >= at
        return float((~called & labels).sum() + price * (called & ~labels).sum()) / len(labels)

    assert found.least == pytest.approx(min(mean(at) for at in [0.0, *probabilities.tolist(), 1.0]))
    assert found.least == pytest.approx(mean(found.effect.threshold))
    assert [found.in_force, found.unfiltered] == pytest.approx([mean(0.5), labels.mean()])
    assert [at for at, _ in found.curve] == list(rates.COST_THRESHOLDS)
    assert [value for _, value in found.curve] == pytest.approx([mean(at) for at in rates.COST_THRESHOLDS])


def test_the_cheapest_threshold_by_hand() -> None:
    """Spam at 0.8, 0.6, 0.4, legitimate mail at 0.5 and 0.3: a loss of 2 forbids 0.4, a loss of 1/2 does not."""
    assert rates.cost(SCORES, LABELS, 2.0, 0.5).effect.threshold == 0.6
    assert rates.cost(SCORES, LABELS, 0.5, 0.5).effect.threshold == 0.4
    nothing = rates.cost(np.array([0.9, 0.2]), np.array([False, True]), 2.0, 0.5).effect
    assert (nothing.threshold, nothing.lost.hits, nothing.caught.hits) == (1.0, 0, 0)


def test_a_threshold_to_copy_has_few_decimals_and_does_the_same() -> None:
    probabilities = np.array([0.123456, 0.9876543, 0.98766])
    for threshold, shown in (
        (0.9876543, 0.98),
        (np.nextafter(0.9876543, 2), 0.98766),
        (0.5, 0.98),
        (0.1, 0.12),
        (0.99, 1),
    ):
        assert rates.short(probabilities, float(threshold)) == shown


def test_a_band_counts_what_lies_in_it() -> None:
    found = rates.band(SCORES, LABELS, 0.4, 0.6)
    assert (found.spam.hits, found.spam.cases, found.legitimate.hits, found.legitimate.cases) == (1, 3, 1, 2)
    with pytest.raises(BandError, match="not below the threshold"):
        rates.band(SCORES, LABELS, 0.6, 0.6)


def test_what_is_asked_for_is_evaluated() -> None:
    fold = Fold(MARGINS, MARGINS, MARGINS, MARGINS)
    found = evaluation.evaluate(ROWS, fold, threshold=0.5, asked=evaluation.Asked(0.5, 100.0, 0.1))
    assert found.loss_limit
    assert found.loss_limit.effect.lost.hits <= 2
    assert found.cost
    assert found.cost.effect.lost.hits == 0
    assert found.unsure
    assert found.unsure.low == 0.1
    assert sum(b.spam for b in found.scores) == 5
    assert sum(b.legitimate for b in found.scores) == 4
