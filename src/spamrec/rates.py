"""Shares with their intervals, and thresholds: what each does, and the one for a loss or a cost.

Throughout, `labels` are true for spam and a message is called spam where its probability reaches the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING

from spamrec.errors import BandError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

CONFIDENCE_Z = 1.959963984540054
"""Standard deviations of a normal distribution within which 95 % of it lie."""
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Probabilities at which precision and recall are given."""
ONE_IN = (20, 50, 100, 200, 500, 1000)
"""Losses of legitimate mail, one message in so many, for which the threshold is given."""
COST_THRESHOLDS = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99,
    0.9925, 0.995, 0.9975, 0.999, 0.9995, 0.9999,
)  # fmt: skip
"""Probabilities at which the cost is given."""


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
class Effect:
    """What a threshold does, with intervals."""

    threshold: float
    """Probability from which on a message is called spam; above 1 where nothing is to be."""
    caught: Rate
    """Spam called spam."""
    lost: Rate
    """Legitimate mail called spam."""
    precision: Rate
    """Spam among what is called spam."""


@dataclass(frozen=True, slots=True)
class LossLimit:
    """The threshold for a share of legitimate mail that may be lost."""

    max_lost: float
    """The share, 0 to 1."""
    effect: Effect
    """The threshold that keeps it and catches the most."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The threshold of least cost, where reading a spam costs 1."""

    false_positive_cost: float
    """What losing a legitimate message costs."""
    effect: Effect
    """The threshold, the highest where several cost the same."""
    least: float
    """Mean cost of a message at it."""
    in_force: float
    """Mean cost of a message at the threshold in force."""
    unfiltered: float
    """Mean cost of a message where nothing is called spam."""
    curve: tuple[tuple[float, float], ...]
    """Thresholds, rising, and the mean cost of a message at each."""


@dataclass(frozen=True, slots=True)
class Band:
    """Messages that are called unsure."""

    low: float
    """Probability from which on they are, up to the threshold."""
    spam: Rate
    """Spam among them, of all spam."""
    legitimate: Rate
    """Legitimate mail among them, of all legitimate mail."""


# --- rates and thresholds ----------------------------------------------------------------------------------


def rate(hits: int, cases: int) -> Rate:
    """A share with Wilson's interval (1927), which holds for few cases and for shares near 0 and 1."""
    if cases == 0:
        return Rate(0, 0, float("nan"), 0.0, 1.0)
    share, z2 = hits / cases, CONFIDENCE_Z**2
    centre = (share + z2 / (2 * cases)) / (1 + z2 / cases)
    half = CONFIDENCE_Z * sqrt(share * (1 - share) / cases + z2 / (4 * cases**2)) / (1 + z2 / cases)
    return Rate(hits, cases, share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def rate_of(hits: Bools) -> Rate:
    """The share of those that are true, shape (n,)."""
    return rate(int(hits.sum()), len(hits))


def cut(probabilities: Floats, labels: Bools, threshold: float) -> Cut:
    """Precision, recall and loss at a threshold; shapes (n_messages,)."""
    found = effect(probabilities, labels, threshold)
    precision = found.precision.value if found.precision.cases else 1.0
    return Cut(threshold, precision, recall=found.caught.value, lost=found.lost.value)


def allowance(probabilities: Floats, labels: Bools, one_in: int) -> Allowance:
    """The lowest threshold at which at most one legitimate message in so many is lost; shapes (n_messages,). With
    fewer legitimate messages than `one_in` none may be lost."""
    return Allowance(one_in, cut(probabilities, labels, at_most(probabilities, labels, 1 / one_in)))


def at_most(probabilities: Floats, labels: Bools, share: float) -> float:
    """The lowest threshold at which at most that share of the legitimate messages is lost; shapes (n_messages,)."""
    import numpy as np

    legitimate = np.sort(probabilities[~labels])[::-1]
    allowed = int(len(legitimate) * share + 1e-9)  # 0.29 of 100 messages are 29, not 28.999...
    return float(np.nextafter(legitimate[allowed], 2.0)) if allowed < len(legitimate) else 0.0


def effect(probabilities: Floats, labels: Bools, threshold: float) -> Effect:
    """What a threshold does; shapes (n_messages,)."""
    called = probabilities >= threshold
    hits, wrong = int((called & labels).sum()), int((called & ~labels).sum())
    spam, legitimate = int(labels.sum()), int((~labels).sum())
    return Effect(threshold, rate(hits, spam), rate(wrong, legitimate), rate(hits, hits + wrong))


def loss_limit(probabilities: Floats, labels: Bools, max_lost: float) -> LossLimit:
    """The threshold that loses at most that share of legitimate mail and catches the most; shapes (n_messages,)."""
    limit = short(probabilities, at_most(probabilities, labels, max_lost))
    return LossLimit(max_lost, effect(probabilities, labels, limit))


def short(probabilities: Floats, threshold: float) -> float:
    """A threshold of few decimals that does the same as this one, so that it can be copied; shape (n_messages,)."""
    below = float(probabilities[probabilities < threshold].max(initial=0.0))
    above = float(probabilities[probabilities >= threshold].min(initial=1.0))
    candidates = (floor(above * 10**digits) / 10**digits for digits in range(2, 16))
    return next((c for c in candidates if below < c <= above), threshold)


def cheapest(probabilities: Floats, labels: Bools, costs: Floats) -> float:
    """The threshold at which messages on the wrong side of it cost least in sum, the highest of several. `costs` says
    what each would cost; all shapes (n_messages,). Above 1 or the highest probability where nothing is best called
    spam."""
    import numpy as np

    order = np.argsort(-probabilities, kind="stable")
    gain = np.where(labels[order], costs[order], -costs[order])  # of calling it spam
    last = np.flatnonzero(np.append(np.diff(probabilities[order]) != 0, True))  # ties fall together
    gains = np.cumsum(gain)[last]
    best = int(np.argmax(gains))
    highest = float(probabilities[order[0]])
    return float(probabilities[order[last[best]]]) if gains[best] > 0 else float(np.nextafter(highest, 2.0))


def cost(probabilities: Floats, labels: Bools, false_positive_cost: float, in_force: float) -> Cost:
    """The threshold of least cost beside the one in force; shapes (n_messages,)."""
    import numpy as np

    def mean(threshold: float) -> float:
        called = probabilities >= threshold
        return float(((~called & labels).sum() + false_positive_cost * (called & ~labels).sum()) / len(labels))

    best = short(probabilities, cheapest(probabilities, labels, np.where(labels, 1.0, false_positive_cost)))
    return Cost(
        false_positive_cost,
        effect(probabilities, labels, best),
        least=mean(best),
        in_force=mean(in_force),
        unfiltered=float(labels.mean()),
        curve=tuple((at, mean(at)) for at in COST_THRESHOLDS),
    )


def band(probabilities: Floats, labels: Bools, low: float, threshold: float) -> Band:
    """How much mail falls between two probabilities; shapes (n_messages,). BandError where nothing lies between."""
    if low >= threshold:
        raise BandError(low, threshold)
    inside = (low <= probabilities) & (probabilities < threshold)
    return Band(low, rate_of(inside[labels]), rate_of(inside[~labels]))
