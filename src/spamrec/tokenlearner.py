"""Learns a model of own mail alone: logistic regression by stochastic gradient, message by message, with rehearsal.

There is one learner. `evaluate --online` lets it judge each message before it learns it; `train --no-base` lets it
learn all of them in the order of their digests. What was tried beside it stands in `benchmarks/ONLINE.md`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from spamrec import __version__, tokenized, tokenweights
from spamrec.calibration import threshold
from spamrec.model import Model, Weights, logistic
from spamrec.tokenized import Tokenized
from spamrec.tokens import SIZE
from spamrec.tokenweights import LIMIT, SCALES, UNIT, TokenWeights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

MAX_LOST = 0.001
"""Share of the legitimate mail that the threshold may lose on out-of-fold scores."""
HIGHEST_THRESHOLD = 0.99
"""The threshold stays below it, whatever one odd message scores: where a legitimate message lost costs a hundred spam
messages read, it pays to call spam what is spam with 100/101."""
PARTS = 5
"""Parts into which mail is cut for out-of-fold scores."""
LEAST_SLOPE = 0.05
"""Slope below which out-of-fold scores say nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to learn; the defaults are what `train` uses, the others are for comparing."""

    rate: float = 1.0
    """Step of the gradient."""
    margin: float = 0.05
    """Error of the probability below which nothing is learnt (train on or near error)."""
    rehearsals: int = 4
    """Earlier messages that are learnt again after each one."""
    scales: Mapping[str, float] = field(default_factory=lambda: SCALES)
    """What each family counts; 0 leaves it out."""


DEFAULT = Settings()


class _Vector(NamedTuple):
    """One message as the learner adds it up."""

    spam: bool
    """Its label."""
    buckets: npt.NDArray[np.int32]
    """Buckets of all families that count, one family behind the other."""
    starts: npt.NDArray[np.int64]
    """Where each family begins in `buckets`."""
    lengths: list[int]
    """How many each has."""
    shares: list[float]
    """What one token of each counts."""


class Learner:
    """A model that grows with each message. The same messages in the same order give the same model."""

    def __init__(self, settings: Settings = DEFAULT) -> None:
        import numpy as np

        self.settings = settings
        self._table = np.zeros(SIZE, dtype=np.int64)
        self._bias = 0
        self._seen: list[_Vector] = []
        self._choice = Random(0)  # noqa: S311 - which messages are rehearsed is no secret

    def score(self, mail: Tokenized) -> float:
        """Log-odds of spam, not calibrated; its label is not looked at."""
        return self._score(self._vector(mail))

    def learn(self, mail: Tokenized) -> None:
        """Take a message in, and rehearse some that were learnt before."""
        self._seen.append(self._vector(mail))
        self._step(self._seen[-1])
        for _ in range(self.settings.rehearsals):
            self._step(self._seen[int(self._choice.random() * len(self._seen))])

    def weights(self, slope: float = 1.0, offset: float = 0.0) -> TokenWeights:
        """What was learnt, with its calibration."""
        table = self._table.clip(-LIMIT, LIMIT).tolist()
        return TokenWeights(array("h", table), max(-LIMIT, min(LIMIT, self._bias)), slope, offset)

    def _vector(self, mail: Tokenized) -> _Vector:
        import numpy as np

        shares = tokenweights.family_shares(mail.sample, self.settings.scales)
        counting = [(share, buckets) for share, buckets in zip(shares, mail.sample, strict=True) if share]
        lengths = [len(buckets) for _, buckets in counting]
        joined = np.concatenate([buckets for _, buckets in counting]) if counting else np.zeros(0, dtype=np.int32)
        starts = np.cumsum([0, *lengths[:-1]]) if counting else np.zeros(0, dtype=np.int64)
        return _Vector(mail.spam, joined, starts, lengths, [share for share, _ in counting])

    def _score(self, vector: _Vector) -> float:
        """The sum that `tokenweights.raw_score` makes, to the last digit."""
        import numpy as np

        if not vector.lengths:
            return self._bias / UNIT
        sums = np.add.reduceat(self._table[vector.buckets], vector.starts).tolist()
        return float(self._bias + sum(share * total for share, total in zip(vector.shares, sums, strict=True))) / UNIT

    def _step(self, vector: _Vector) -> None:
        import numpy as np

        error = vector.spam - logistic(self._score(vector))
        if abs(error) < self.settings.margin:
            return
        steps = self.settings.rate * error * UNIT
        each = np.repeat([round(steps * share) for share in vector.shares], vector.lengths)
        np.add.at(self._table, vector.buckets, each)  # a bucket may come in two families
        self._bias += round(steps)


def learnt(found: Sequence[Tokenized], settings: Settings = DEFAULT) -> Learner:
    """A learner that took in the messages in their order."""
    learner = Learner(settings)
    for mail in found:
        learner.learn(mail)
    return learner


def train(found: Sequence[Tokenized], settings: Settings = DEFAULT) -> Model:
    """A model of own mail alone: the same bytes for the same messages and labels, wherever they lie."""
    import numpy as np

    spam = np.array([mail.spam for mail in found], dtype=np.bool_)
    scores = out_of_fold(found, settings)
    slope, offset = calibration(scores, spam)
    probabilities = 1.0 / (1.0 + np.exp(-np.clip(slope * scores + offset, -700.0, 700.0)))
    cut = threshold(probabilities[~spam], np.ones(int((~spam).sum())), MAX_LOST)
    return Model(
        pitch=Weights(0.0, {}),
        verdict=Weights(0.0, {}),
        threshold=min(HIGHEST_THRESHOLD, cut),
        corpus=tokenized.digest(found),
        version=__version__,
        metrics={"messages": float(len(found)), "spam": float(spam.sum()), "auc": _auc(scores, spam)},
        tokens=learnt(found, settings).weights(slope, offset),
    )


def out_of_fold(found: Sequence[Tokenized], settings: Settings = DEFAULT) -> Floats:
    """Scores of each message by learners that never saw it, shape (n_messages,). Each label is dealt by itself, so
    that of few messages each part gets some."""
    import numpy as np

    parts = min(PARTS, *(sum(mail.spam is label for mail in found) for label in (True, False)))
    part_of = np.zeros(len(found), dtype=np.int64)
    for label in (True, False):
        own = [i for i, mail in enumerate(found) if mail.spam is label]
        part_of[own] = np.arange(len(own)) % parts
    scores = np.zeros(len(found))
    for part in range(parts):
        learner = learnt([mail for i, mail in enumerate(found) if part_of[i] != part], settings)
        for i in np.flatnonzero(part_of == part).tolist():
            scores[i] = learner.score(found[i])
    return scores


def calibration(scores: Floats, spam: Bools) -> tuple[float, float]:
    """Slope and offset that turn scores into log-odds that hold, by Newton's method. Targets are drawn in from 0 and 1
    as Platt (1999) did, so that few messages, however well told apart, give no certainty. Shapes (n_messages,)."""
    import numpy as np

    of_spam, legitimate = int(spam.sum()), int((~spam).sum())
    prior = log((of_spam + 1) / (legitimate + 1))
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    values = np.column_stack([(scores - middle) / spread, np.ones(len(scores))])
    slope, shift = _newton(values, np.where(spam, (of_spam + 1) / (of_spam + 2), 1 / (legitimate + 2)), prior)
    if slope / spread < LEAST_SLOPE:
        return LEAST_SLOPE, prior
    return slope / spread, shift - slope / spread * middle


def _newton(values: Floats, target: Floats, prior: float) -> tuple[float, float]:
    """Weights of the logistic regression of the targets, each step halved until it leads downhill. Shapes
    (n_messages, 2) and (n_messages,)."""
    import numpy as np

    def loss(at: Floats) -> float:
        scores = values @ at
        return float(np.logaddexp(0.0, scores).sum() - target @ scores)

    point = np.array([0.0, prior])
    for _ in range(50):
        probability = 1.0 / (1.0 + np.exp(-np.clip(values @ point, -700.0, 700.0)))
        curve = values.T @ (values * (probability * (1 - probability))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, values.T @ (target - probability))
        now = loss(point)
        while loss(point + step) > now and abs(step).max() > 1e-9:
            step = step / 2
        point = point + step
        if abs(step).max() < 1e-9:
            break
    return float(point[0]), float(point[1])


def _auc(scores: Floats, spam: Bools) -> float:
    from scipy.stats import rankdata

    above = rankdata(scores)[spam] - rankdata(scores[spam])
    return float(above.mean() / (~spam).sum())
