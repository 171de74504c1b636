"""How good scores are: curves and calibration on arrays, and one record that holds all figures of a corpus.

Throughout, `labels` are true for spam and a message is called spam where its probability reaches the threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from spamrec import rates
from spamrec.rates import ONE_IN, THRESHOLDS, Allowance, Band, Cost, Cut, LossLimit, Rate, rate, rate_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from spamrec.training import Fold, Row

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

BINS = 10
"""Equal parts of the probabilities in which calibration is looked at."""
SCORE_BINS = 20
"""Equal parts of the probabilities in which messages are counted."""
WORST = 25
"""Mistakes that are listed."""


@dataclass(frozen=True, slots=True)
class Auc:
    """Chance that a spam message scores above a legitimate one, ties counted half."""

    value: float
    """0 to 1; 0.5 is guessing."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages of like probability."""

    low: float
    """Lower end of the probabilities, belonging to it."""
    high: float
    """Upper end, belonging to it only where it is 1."""
    messages: int
    """How many."""
    predicted: float
    """Mean probability; nan for an empty bin."""
    observed: float
    """Share of spam; nan for an empty bin."""


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """How many messages got a probability."""

    low: float
    """Lower end of the probabilities, belonging to it."""
    high: float
    """Upper end, belonging to it only where it is 1."""
    spam: int
    """Spam messages."""
    legitimate: int
    """Legitimate messages."""


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """One reader's mail, by models that never saw it."""

    reader: str
    """Whose mail."""
    spam: int
    """Spam messages."""
    legitimate: int
    """Legitimate messages."""
    auc: float
    """As in Auc; nan where one label is missing."""
    caught: Rate
    """Spam called spam."""
    lost: Rate
    """Legitimate mail called spam."""


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Pairs that differ in one fact, of one row of the behaviour table."""

    row: str
    """Row, as `b02`."""
    pairs: int
    """Complete pairs."""
    right: int
    """Pairs whose side a scores above side b."""
    flips: int
    """Pairs whose sides carry different labels."""
    flipped: int
    """Of those, pairs with both sides on their right side of the threshold."""
    wrong: tuple[str, ...]
    """`reader/stem` of the pairs that do not move the right way."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A message on the wrong side of the threshold."""

    name: str
    """Path within the corpus, without `.eml`."""
    spam: bool
    """Its true label."""
    probability: float
    """What it was given, 0 to 1."""


class Asked(NamedTuple):
    """What is to be told beside the usual figures."""

    max_lost: float | None = None
    """Share of legitimate mail that may be lost, 0 to 1, for which the threshold is wanted."""
    false_positive_cost: float | None = None
    """What losing a legitimate message costs, where reading a spam costs 1, for which the threshold is wanted."""
    unsure: float | None = None
    """Probability from which on mail below the threshold is unsure, whose amount is wanted."""


NOTHING = Asked()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Out-of-fold figures of a corpus, folds by reader."""

    messages: int
    """Messages."""
    spam: int
    """Spam among them."""
    threshold: float
    """Probability from which on a message is called spam in the figures below."""
    auc: Auc
    """With profile and history."""
    auc_stranger: Auc | None
    """Without them, where the label holds without; None where there is no such mail of both labels."""
    auc_pitch: Auc | None
    """Of the pitch model; None where all messages are pitches, or none."""
    caught: Rate
    """Spam called spam."""
    lost: Rate
    """Legitimate mail called spam."""
    calibration_error: float
    """Expected calibration error, 0 to 1."""
    roc: tuple[tuple[float, float], ...]
    """Corners of the curve: share of legitimate mail lost, share of spam caught."""
    cuts: tuple[Cut, ...]
    """Precision and recall at fixed thresholds."""
    allowances: tuple[Allowance, ...]
    """Thresholds by how much legitimate mail may be lost."""
    bins: tuple[Bin, ...]
    """Reliability: what was predicted, and what was so."""
    readers: tuple[ReaderFigures, ...]
    """Each reader, by name."""
    pairs: tuple[PairFigures, ...]
    """Each row of the behaviour table that has pairs."""
    mistakes: tuple[Mistake, ...]
    """The worst, lost legitimate mail first."""
    scores: tuple[ScoreBin, ...] = ()
    """How many messages got which probability."""
    loss_limit: LossLimit | None = None
    """The threshold for a loss, where it was asked for."""
    cost: Cost | None = None
    """The threshold of least cost, where a cost was given."""
    unsure: Band | None = None
    """Messages called unsure, where there is such a band; of these figures they count as legitimate elsewhere."""

    @property
    def pairs_right(self) -> Rate:
        """Pairs of all rows that move the right way."""
        return rate(sum(p.right for p in self.pairs), sum(p.pairs for p in self.pairs))


# --- rates and curves --------------------------------------------------------------------------------------


def auc(scores: Floats, labels: Bools) -> Auc:
    """Area under the ROC curve with DeLong's variance (1988) on the logit scale, so that the interval stays within 0
    and 1. Both arrays have shape (n_messages,); ValueError where one label is missing."""
    value, variance = auc_variance(scores, labels)
    if not 0.0 < value < 1.0:
        return Auc(value, value, value)
    middle, half = log(value / (1 - value)), rates.CONFIDENCE_Z * sqrt(variance) / (value * (1 - value))
    return Auc(value, 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle)))


def auc_variance(scores: Floats, labels: Bools) -> tuple[float, float]:
    """Area under the ROC curve and its variance after DeLong, by ranks (Sun and Xu, 2014); nan with one message of a
    label. Shapes (n_messages,)."""
    from scipy.stats import rankdata

    _both(labels)
    spam, legitimate = scores[labels], scores[~labels]
    ranks = rankdata(scores)
    above = (ranks[labels] - rankdata(spam)) / len(legitimate)  # per spam: share of legitimate mail below it
    below = 1 - (ranks[~labels] - rankdata(legitimate)) / len(spam)  # per legitimate: share of spam above it
    if len(spam) < 2 or len(legitimate) < 2:
        return float(above.mean()), float("nan")
    return float(above.mean()), float(above.var(ddof=1) / len(spam) + below.var(ddof=1) / len(legitimate))


def _both(labels: Bools) -> None:
    if labels.all() or not labels.any():
        raise ValueError("needs mail of both labels, spam and legitimate")


def roc_points(scores: Floats, labels: Bools) -> tuple[tuple[float, float], ...]:
    """Corners of the ROC curve from (0, 0) to (1, 1): share of legitimate mail lost, share of spam caught. Shapes
    (n_messages,); ValueError where one label is missing."""
    import numpy as np

    _both(labels)
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]  # ties fall together
    caught, lost = (np.r_[0, np.cumsum(side[order])[last]] for side in (labels, ~labels))
    up, right = np.diff(caught), np.diff(lost)
    corner = np.r_[True, up[:-1] * right[1:] != up[1:] * right[:-1], True]  # no corner: two steps in one direction
    points = zip((lost[corner] / lost[-1]).tolist(), (caught[corner] / caught[-1]).tolist(), strict=True)
    return tuple(points)


def reliability(probabilities: Floats, labels: Bools, bins: int = BINS) -> tuple[Bin, ...]:
    """What was predicted and what was so in equal parts of the probabilities; shapes (n_messages,)."""
    import numpy as np

    which = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    out = []
    for index in range(bins):
        inside = which == index
        predicted, observed = float("nan"), float("nan")
        if inside.any():
            predicted, observed = float(probabilities[inside].mean()), float(labels[inside].mean())
        out.append(Bin(index / bins, (index + 1) / bins, int(inside.sum()), predicted, observed))
    return tuple(out)


def score_bins(probabilities: Floats, labels: Bools, bins: int = SCORE_BINS) -> tuple[ScoreBin, ...]:
    """How many messages got a probability in each of equal parts; shapes (n_messages,)."""
    import numpy as np

    edges = np.linspace(0.0, 1.0, bins + 1)
    spam, legitimate = (np.histogram(probabilities[side], edges)[0].tolist() for side in (labels, ~labels))
    return tuple(ScoreBin(i / bins, (i + 1) / bins, spam[i], legitimate[i]) for i in range(bins))


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: gap between predicted and observed, weighed by messages (Naeini, 2015); 0 to 1."""
    messages = sum(b.messages for b in bins)
    return sum(b.messages * abs(b.predicted - b.observed) for b in bins if b.messages) / messages if messages else 0.0


# --- a corpus ----------------------------------------------------------------------------------------------


def evaluate(
    rows: Sequence[Row], fold: Fold, *, threshold: float | None = None, worst: int = WORST, asked: Asked = NOTHING
) -> Evaluation:
    """Figures of out-of-fold scores; without a threshold, the one that training would choose. ValueError where the
    rows have one label only, BandError where the band of unsure messages is empty."""
    import numpy as np

    labels = np.array([r.spam for r in rows], dtype=np.bool_)
    _both(labels)
    from spamrec.training import calibrated

    found = calibrated(rows, fold)
    probabilities = found.probabilities
    limit = found.threshold if threshold is None else threshold
    called = probabilities >= limit
    bins, price = reliability(probabilities, labels), asked.false_positive_cost
    alone = np.array([r.stranger is not None for r in rows], dtype=np.bool_)
    return Evaluation(
        messages=len(rows),
        spam=int(labels.sum()),
        threshold=limit,
        auc=auc(fold.scores, labels),
        auc_stranger=_auc_of_both(fold.strangers[alone], labels[alone]),
        auc_pitch=_auc_of_both(fold.pitches, np.array([r.pitch for r in rows], dtype=np.bool_)),
        caught=rate_of(called[labels]),
        lost=rate_of(called[~labels]),
        calibration_error=calibration_error(bins),
        roc=roc_points(fold.scores, labels),
        cuts=tuple(rates.cut(probabilities, labels, at) for at in THRESHOLDS),
        allowances=tuple(rates.allowance(probabilities, labels, one_in) for one_in in ONE_IN),
        bins=bins,
        readers=tuple(_by_reader(rows, fold.scores, labels, called)),
        pairs=pair_figures(rows, fold.scores, called),
        mistakes=worst_mistakes(rows, probabilities, limit, worst),
        scores=score_bins(probabilities, labels),
        loss_limit=None if asked.max_lost is None else rates.loss_limit(probabilities, labels, asked.max_lost),
        cost=None if price is None else rates.cost(probabilities, labels, price, limit),
        unsure=None if asked.unsure is None else rates.band(probabilities, labels, asked.unsure, limit),
    )


def _auc_of_both(scores: Floats, labels: Bools) -> Auc | None:
    return auc(scores, labels) if labels.any() and not labels.all() else None


def _by_reader(rows: Sequence[Row], scores: Floats, labels: Bools, called: Bools) -> Iterator[ReaderFigures]:
    import numpy as np

    whose = np.array([r.reader for r in rows])
    for reader in sorted(set(whose.tolist())):
        own = whose == reader
        spam, legitimate = own & labels, own & ~labels
        found = _auc_of_both(scores[own], labels[own])
        yield ReaderFigures(
            reader,
            spam=int(spam.sum()),
            legitimate=int(legitimate.sum()),
            auc=found.value if found else float("nan"),
            caught=rate_of(called[spam]),
            lost=rate_of(called[legitimate]),
        )


def pair_figures(rows: Sequence[Row], scores: Floats, called: Bools) -> tuple[PairFigures, ...]:
    """Complete pairs by row of the behaviour table: side a must score above side b. Shapes (n_messages,)."""
    from spamrec.corpus import PAIR

    sides: dict[tuple[str, str, str], dict[str, int]] = {}
    for index, row in enumerate(rows):
        if match := PAIR.search(row.name.rpartition("/")[2]):
            sides.setdefault((match["row"], row.reader, match["stem"]), {})[match["side"]] = index
    complete = {key: (both["a"], both["b"]) for key, both in sorted(sides.items()) if len(both) == 2}
    out = []
    for name in sorted({key[0] for key in complete}):
        of_row = {f"{reader}/{stem}": ab for (row, reader, stem), ab in complete.items() if row == name}
        wrong = tuple(k for k, (a, b) in of_row.items() if not scores[a] > scores[b])
        flips = [(a, b) for a, b in of_row.values() if rows[a].spam and not rows[b].spam]
        flipped = sum(bool(called[a]) and not called[b] for a, b in flips)
        out.append(PairFigures(name, len(of_row), len(of_row) - len(wrong), len(flips), flipped, wrong))
    return tuple(out)


def worst_mistakes(rows: Sequence[Row], probabilities: Floats, threshold: float, most: int) -> tuple[Mistake, ...]:
    """Messages on the wrong side of the threshold, legitimate ones first, each the surer the earlier."""
    found = [
        Mistake(row.name, row.spam, float(p))
        for row, p in zip(rows, probabilities, strict=True)
        if row.spam is not bool(p >= threshold)
    ]
    found.sort(key=lambda m: (m.spam, m.probability if m.spam else -m.probability, m.name))
    return tuple(found[:most])
