"""How good scores are: rates, curves and intervals on arrays, and one record that holds them all for a corpus.

Throughout, `labels` are true for spam and a message is called spam where its probability reaches the threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from spamrec.training import Fold, Row

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

CONFIDENCE_Z = 1.959963984540054
"""Standard deviations of a normal distribution within which 95 % of it lie."""
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Probabilities at which precision and recall are given."""
ONE_IN = (20, 50, 100, 200, 500, 1000)
"""Losses of legitimate mail, one message in so many, for which the threshold is given."""
BINS = 10
"""Equal parts of the probabilities in which calibration is looked at."""
WORST = 25
"""Mistakes that are listed."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its interval."""

    hits: int
    """Cases that have the property."""
    cases: int
    """All cases."""
    value: float
    """Share, 0 to 1; nan where there is no case."""
    low: float
    """Lower end of the 95 % interval, 0 to 1."""
    high: float
    """Upper end of the 95 % interval, 0 to 1."""


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
class Cut:
    """What a threshold does."""

    threshold: float
    """Probability from which on a message is called spam."""
    precision: float
    """Share of spam among what is called spam; 1 where nothing is."""
    recall: float
    """Share of the spam that is called so."""
    lost: float
    """Share of the legitimate mail that is called spam."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The lowest threshold that keeps a loss of legitimate mail."""

    one_in: int
    """At most one legitimate message in so many is lost."""
    cut: Cut
    """The threshold and what it does."""


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

    @property
    def pairs_right(self) -> Rate:
        """Pairs of all rows that move the right way."""
        return rate(sum(p.right for p in self.pairs), sum(p.pairs for p in self.pairs))


# --- rates and curves --------------------------------------------------------------------------------------


def rate(hits: int, cases: int) -> Rate:
    """A share with Wilson's interval (1927), which holds for few cases and for shares near 0 and 1."""
    if cases == 0:
        return Rate(0, 0, float("nan"), 0.0, 1.0)
    share, z2 = hits / cases, CONFIDENCE_Z**2
    centre = (share + z2 / (2 * cases)) / (1 + z2 / cases)
    half = CONFIDENCE_Z * sqrt(share * (1 - share) / cases + z2 / (4 * cases**2)) / (1 + z2 / cases)
    return Rate(hits, cases, share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def auc(scores: Floats, labels: Bools) -> Auc:
    """Area under the ROC curve with DeLong's variance (1988) on the logit scale, so that the interval stays within 0
    and 1. Both arrays have shape (n_messages,); ValueError where one label is missing."""
    value, variance = auc_variance(scores, labels)
    if not 0.0 < value < 1.0:
        return Auc(value, value, value)
    middle, half = log(value / (1 - value)), CONFIDENCE_Z * sqrt(variance) / (value * (1 - value))
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


def cut(probabilities: Floats, labels: Bools, threshold: float) -> Cut:
    """Precision, recall and loss at a threshold; shapes (n_messages,)."""
    called = probabilities >= threshold
    hits, wrong = int((called & labels).sum()), int((called & ~labels).sum())
    spam, legitimate = int(labels.sum()), int((~labels).sum())
    return Cut(
        threshold,
        precision=hits / (hits + wrong) if hits + wrong else 1.0,
        recall=hits / spam if spam else float("nan"),
        lost=wrong / legitimate if legitimate else float("nan"),
    )


def allowance(probabilities: Floats, labels: Bools, one_in: int) -> Allowance:
    """The lowest threshold at which at most one legitimate message in so many is lost; shapes (n_messages,). With
    fewer legitimate messages than `one_in` none may be lost."""
    import numpy as np

    legitimate = np.sort(probabilities[~labels])[::-1]
    allowed = len(legitimate) // one_in
    lowest = float(np.nextafter(legitimate[allowed], 2.0)) if allowed < len(legitimate) else 0.0
    return Allowance(one_in, cut(probabilities, labels, lowest))


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


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: gap between predicted and observed, weighed by messages (Naeini, 2015); 0 to 1."""
    messages = sum(b.messages for b in bins)
    return sum(b.messages * abs(b.predicted - b.observed) for b in bins if b.messages) / messages if messages else 0.0


# --- a corpus ----------------------------------------------------------------------------------------------


def evaluate(rows: Sequence[Row], fold: Fold, *, threshold: float | None = None, worst: int = WORST) -> Evaluation:
    """Figures of out-of-fold scores; without a threshold, the one that training would choose. ValueError where the
    rows have one label only."""
    import numpy as np

    labels = np.array([r.spam for r in rows], dtype=np.bool_)
    _both(labels)
    from spamrec.training import calibrated

    found = calibrated(rows, fold)
    probabilities = found.probabilities
    limit = found.threshold if threshold is None else threshold
    called = probabilities >= limit
    bins = reliability(probabilities, labels)
    alone = np.array([r.stranger is not None for r in rows], dtype=np.bool_)
    return Evaluation(
        messages=len(rows),
        spam=int(labels.sum()),
        threshold=limit,
        auc=auc(fold.scores, labels),
        auc_stranger=_auc_of_both(fold.strangers[alone], labels[alone]),
        auc_pitch=_auc_of_both(fold.pitches, np.array([r.pitch for r in rows], dtype=np.bool_)),
        caught=_rate_of(called[labels]),
        lost=_rate_of(called[~labels]),
        calibration_error=calibration_error(bins),
        roc=roc_points(fold.scores, labels),
        cuts=tuple(cut(probabilities, labels, at) for at in THRESHOLDS),
        allowances=tuple(allowance(probabilities, labels, one_in) for one_in in ONE_IN),
        bins=bins,
        readers=tuple(_by_reader(rows, fold.scores, labels, called)),
        pairs=pair_figures(rows, fold.scores, called),
        mistakes=worst_mistakes(rows, probabilities, limit, worst),
    )


def _auc_of_both(scores: Floats, labels: Bools) -> Auc | None:
    return auc(scores, labels) if labels.any() and not labels.all() else None


def _rate_of(hits: Bools) -> Rate:
    return rate(int(hits.sum()), len(hits))


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
            caught=_rate_of(called[spam]),
            lost=_rate_of(called[legitimate]),
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
