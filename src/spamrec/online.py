"""Judges mail in order, learning each message after it was judged, and says how well that went.

That is what a reader sees who corrects every message, at once or some messages later (TREC spam track, 2005 to 2007).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, nan
from random import Random
from typing import TYPE_CHECKING

from spamrec import evaluation, tokenlearner
from spamrec.tokenized import Tokenized
from spamrec.tokenlearner import Learner, Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from spamrec.evaluation import Bools, Floats

ONE_IN = 1_000
"""Legitimate messages of which one may be lost where spam missed is counted: 0.1 %."""
RESAMPLES = 1_000
"""Bootstrap samples behind an interval."""
FIRST_STRETCH = 50
"""Messages of the learning curve's first stretch; each next one ends at twice as many."""


class Order(StrEnum):
    """In which order messages come."""

    DATE = "date"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval in which 95 % of bootstrap samples lie."""

    value: float
    """The figure; nan where it cannot be told."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the learning curve."""

    first: int
    """Number of its first message, from 1."""
    last: int
    """Number of its last one."""
    spam: int
    """Spam in it."""
    roca: float
    """(1-ROCA)% within it; nan where it holds one label only."""
    roca_so_far: float
    """(1-ROCA)% of all messages up to its last; nan likewise."""


@dataclass(frozen=True, slots=True)
class Online:
    """Figures of scores given before the label was known."""

    messages: int
    """All messages."""
    spam: int
    """Spam among them."""
    order: str
    """"date" or "random"."""
    seed: int
    """Seed of the random order."""
    delay: int
    """Messages after which a label becomes known; 0 for at once."""
    roca: Estimate
    """(1-ROCA)%: chance in percent that a spam message scores below a legitimate one; 0 is perfect."""
    missed: Estimate
    """Spam missed, in percent, where 0.1 % of the legitimate mail is lost."""
    lam: Estimate
    """LAM%: logistic average of spam missed and legitimate mail lost at probability 0.5, in percent."""
    curve: tuple[Stretch, ...]
    """How it went as messages came."""


def ordered(mails: Sequence[Tokenized], order: Order, seed: int) -> list[Tokenized]:
    """The messages as they are to come; the same for the same messages, whatever order they were read in."""
    by_digest = sorted(mails, key=lambda mail: mail.digest)
    if order is Order.DATE:
        return sorted(by_digest, key=lambda mail: mail.date)
    choice = Random(seed)  # noqa: S311 - no secret
    keyed = [(choice.random(), number) for number in range(len(by_digest))]
    return [by_digest[number] for _, number in sorted(keyed)]


def scores(
    mails: Sequence[Tokenized],
    *,
    delay: int = 0,
    settings: Settings = tokenlearner.DEFAULT,
    tick: Callable[[], None] = lambda: None,
) -> Floats:
    """Log-odds of each message before it was learnt, shape (n_messages,). Its label becomes known once `delay` more
    messages have been judged."""
    import numpy as np

    learner = Learner(settings)
    waiting: deque[Tokenized] = deque()
    found = np.zeros(len(mails))
    for number, mail in enumerate(mails):
        found[number] = learner.score(mail)
        waiting.append(mail)
        if len(waiting) > delay:
            learner.learn(waiting.popleft())
        tick()
    return found


def evaluate(
    found: Floats, spam: Bools, *, order: Order = Order.RANDOM, seed: int = 0, delay: int = 0, cut: float = 0.0,
    resamples: int = RESAMPLES,
) -> Online:  # fmt: skip
    """Figures of scores in the order in which they were given; `cut` is the score of probability 0.5, and without
    resamples there are no intervals. Shapes (n_messages,); ValueError where one label is missing."""
    if spam.all() or not spam.any():
        raise ValueError("needs mail of both labels, spam and legitimate")
    roca, missed, lam = _estimates(found, spam, cut, resamples)
    return Online(len(spam), int(spam.sum()), order.value, seed, delay, roca, missed, lam, tuple(_curve(found, spam)))


def roca(found: Floats, spam: Bools) -> float:
    """(1-ROCA)%, ties counted half; nan where one label is missing."""
    if spam.all() or not spam.any():
        return nan
    return 100.0 * (1.0 - evaluation.auc_variance(found, spam)[0])


def _curve(found: Floats, spam: Bools) -> Iterator[Stretch]:
    start, end = 0, FIRST_STRETCH
    while start < len(spam):
        end = min(end, len(spam))
        inside = slice(start, end)
        yield Stretch(
            start + 1, end, int(spam[inside].sum()), roca(found[inside], spam[inside]), roca(found[:end], spam[:end])
        )
        start, end = end, 2 * end


# --- intervals ---------------------------------------------------------------------------------------------


def _estimates(found: Floats, spam: Bools, cut: float, resamples: int) -> tuple[Estimate, Estimate, Estimate]:
    """(1-ROCA)%, spam missed and LAM%, each on the messages themselves and on bootstrap samples of each label."""
    import numpy as np

    order = np.argsort(found, kind="stable")
    label, sorted_ = spam[order], found[order]
    group = np.r_[0, np.cumsum(np.diff(sorted_) > 0)]  # messages of one score fall together
    above = sorted_ >= cut
    choice = np.random.default_rng(0)
    counts = [np.ones(len(spam), dtype=np.int64)]
    counts += [_resampled(label, choice) for _ in range(resamples)]
    figures = np.array([_figures(count, label, group, above) for count in counts])
    low, high = np.percentile(figures[1:], (2.5, 97.5), axis=0) if resamples else np.full((2, 3), nan)
    made = [Estimate(*map(float, three)) for three in zip(figures[0], low, high, strict=True)]
    return made[0], made[1], made[2]


def _resampled(label: Bools, choice: np.random.Generator) -> npt.NDArray[np.int64]:
    """How often each message is drawn, as many of each label as there are. Shape (n_messages,)."""
    import numpy as np

    counts = np.zeros(len(label), dtype=np.int64)
    for side in (label, ~label):
        own = np.flatnonzero(side)
        counts[own] = np.bincount(choice.integers(0, len(own), len(own)), minlength=len(own))
    return counts


def _figures(
    counts: npt.NDArray[np.int64], label: Bools, group: npt.NDArray[np.int64], above: Bools
) -> tuple[float, float, float]:
    """(1-ROCA)%, spam missed in percent, LAM% of messages sorted by score, each counted so often."""
    import numpy as np

    spam = np.bincount(group, weights=counts * label)
    legitimate = np.bincount(group, weights=counts * ~label)
    all_spam, all_legitimate = spam.sum(), legitimate.sum()
    higher = legitimate.sum() - np.cumsum(legitimate)  # legitimate mail above each score
    wrong = float(spam @ (higher + legitimate / 2)) / (all_spam * all_legitimate)
    caught = spam[higher + legitimate <= all_legitimate // ONE_IN].sum()
    lam = _lam(
        float((counts * (label & ~above)).sum()), all_spam, float((counts * (~label & above)).sum()), all_legitimate
    )
    return 100.0 * wrong, 100.0 * (1.0 - caught / all_spam), 100.0 * lam


def _lam(missed: float, spam: float, lost: float, legitimate: float) -> float:
    """Logistic average of two rates, each with half a mistake more so that none is 0 or 1."""
    rates = ((missed + 0.5) / (spam + 1.0), (lost + 0.5) / (legitimate + 1.0))
    middle = sum(log(rate / (1.0 - rate)) for rate in rates) / 2
    return 1.0 / (1.0 + exp(-middle))
