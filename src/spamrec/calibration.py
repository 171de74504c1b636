"""Out-of-fold scores made into probabilities that hold, and the threshold set on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spamrec import rates

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

WELCOME_SHARE = 0.05
"""Weight of a welcome pitch when the threshold is set, against 1 for other legitimate mail. In the corpus one in six
legitimate messages is a pitch that fits, so that the model learns the difference; in a mailbox not one in fifty is."""
MAX_LOST = 0.0185
"""Share of the corpus's legitimate mail, welcome pitches weighed, that the threshold may lose on out-of-fold scores. The
legitimate half of the corpus is chosen for being hard, and the models of the folds know fewer readers than the shipped
one: at this cut less than one in a thousand of real ordinary mail is lost (development mail, `score.py`), where a
thousandth of the corpus would leave only a fifth of the recruiters' mail caught. Chosen on 90 readers with a look at
development mail: from 0.018 to 0.019 47 of 51 recruiters are caught and 1 of 75 job mails lost, with 0.02 two."""

LOWEST, HIGHEST = 0.0001, 0.9999
"""Ends of what a threshold may be."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Out-of-fold scores made into probabilities that hold, and the cut set on them."""

    slope: float
    """Factor of the scores (Platt, 1999)."""
    offset: float
    """What is added to them."""
    probabilities: Floats
    """Of spam, in the order of the scores, shape (n_scores,)."""
    threshold: float
    """Probability from which on a message is called spam."""


def calibrated(
    scores: Floats,
    labels: Bools,
    weights: Floats,
    *,
    max_lost: float = MAX_LOST,
    false_positive_cost: float | None = None,
) -> Calibrated:
    """Calibration of scores, and a threshold on them: the one for that loss of legitimate mail, or of the least cost.
    `weights` says how much each message counts where it is lost; shapes (n_scores,)."""
    import numpy as np

    slope, offset = calibration(scores, labels)
    probabilities = 1.0 / (1.0 + np.exp(-np.clip(slope * scores + offset, -700.0, 700.0)))
    if false_positive_cost is None:
        limit = threshold(probabilities[~labels], weights[~labels], max_lost)
    else:
        costs = np.where(labels, 1.0, false_positive_cost * weights)
        limit = min(HIGHEST, max(LOWEST, rates.cheapest(probabilities, labels, costs)))
    return Calibrated(slope, offset, probabilities, limit)


def calibration(scores: Floats, labels: Bools) -> tuple[float, float]:
    """Slope and offset that turn out-of-fold scores into log-odds that hold (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression

    platt = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000).fit(scores.reshape(-1, 1), labels)
    return float(platt.coef_[0, 0]), float(platt.intercept_[0])


def threshold(probabilities: Floats, weights: Floats, most_lost: float = MAX_LOST) -> float:
    """The lowest probability, 0.5 at least, that no more than that share of legitimate mail exceeds.

    Both arrays have shape (n_legitimate,): the messages' probabilities and how much each counts.
    """
    import numpy as np

    order = np.argsort(-probabilities)
    lost = np.cumsum(weights[order]) / weights.sum()
    kept = order[lost > most_lost]
    highest = float(probabilities[kept[0]]) if len(kept) else 0.5
    return min(HIGHEST, max(0.5, highest + 1e-4))
