"""A logistic regression over the buckets of tokens: scored, explained, packed into text and unpacked.

Weights are whole numbers of 1/UNIT, so that sums are exact in whatever order, and a model is the same on every machine.
"""

from __future__ import annotations

import sys
from array import array
from binascii import Error as PackingError
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping, Sequence, Sized
from math import log, sqrt
from typing import Any, NamedTuple, TypeVar

from spamrec import tokens
from spamrec.tokens import FAMILIES, SIZE, Reading, Sample, Word

UNIT = 2048
"""Steps of a weight in 1; 16 bits then hold weights up to 16."""
LIMIT = 32_767
"""Largest weight in steps."""
SCALES: Mapping[str, float] = {
    "word": 1.5, "subject": 0.7, "header": 1.2, "link": 0.7, "text-gram": 1.5, "header-gram": 1.2,
}  # fmt: skip
"""What a family counts: the length of its share of a message's vector. Measured in `benchmarks/ONLINE.md`."""


B = TypeVar("B", bound=Sized)


class TokenWeights(NamedTuple):
    """score = offset + slope x (bias + sum over families of scale / sqrt(tokens) x sum of weights)."""

    table: array[int]
    """Weight of each bucket in steps, SIZE of them, 16 bits each."""
    bias: int
    """Sum where nothing is present, in steps."""
    slope: float
    """What turns sums into log-odds that hold (Platt, 1999); above 0."""
    offset: float
    """What is added to them."""

    def score(self, sample: Sample) -> float:
        """Log-odds of spam."""
        return self.offset + self.slope * raw_score(sample, self.bias, self._sum)

    def _sum(self, buckets: tuple[int, ...]) -> int:
        return sum(map(self.table.__getitem__, buckets))

    def contributions(self, reading: Reading) -> dict[Word, float]:
        """What each word adds to the score, its 4-grams with it; together they are the score less `prior`."""
        sample = tokens.sample(reading)
        shares = {f: self.slope * share / UNIT for f, share in zip(FAMILIES, family_shares(sample), strict=True)}
        found: dict[Word, float] = {}
        for family, at, word in tokens.spelled(reading):
            if weight := self.table[at]:
                found[word] = found.get(word, 0.0) + weight * shares[family]
        return found

    @property
    def prior(self) -> float:
        """Log-odds of a message without any token that was learnt."""
        return self.offset + self.slope * self.bias / UNIT

    def packed(self) -> dict[str, Any]:
        """What stands in a model file: numbers, and the table as base64 of little-endian 16-bit numbers."""
        table = array("h", self.table)
        if sys.byteorder == "big":
            table.byteswap()
        return {
            "bias": self.bias, "slope": round(self.slope, 4), "offset": round(self.offset, 4), "buckets": SIZE,
            "table": b2a_base64(table.tobytes(), newline=False).decode("ascii"),
        }  # fmt: skip


def family_shares(sample: Sequence[Sized], scales: Mapping[str, float] = SCALES) -> list[float]:
    """What one token of each family counts in a message: each family's vector has the length of its scale."""
    return [scales[f] / sqrt(len(found)) if len(found) else 0.0 for f, found in zip(FAMILIES, sample, strict=True)]


def raw_score(sample: Sequence[B], bias: int, total: Callable[[B], int], scales: Mapping[str, float] = SCALES) -> float:
    """The sum before it is calibrated; `total` sums the weights of buckets."""
    shares = family_shares(sample, scales)
    return (bias + sum(share * total(found) for share, found in zip(shares, sample, strict=True) if share)) / UNIT


def unpacked(value: object) -> TokenWeights:
    """The weights in a model file. KeyError, TypeError or ValueError where they are damaged."""
    if not isinstance(value, dict):
        raise TypeError("token weights are no table")
    if value["buckets"] != SIZE:
        raise ValueError(f"{value['buckets']!r} buckets, {SIZE} expected")
    packed = value["table"]
    if not isinstance(packed, str) or len(packed) != (2 * SIZE + 2) // 3 * 4:
        raise ValueError("the table of weights is cut short")
    try:
        raw = a2b_base64(packed.encode("ascii"), strict_mode=True)
    except (PackingError, UnicodeEncodeError) as e:
        raise ValueError("the table of weights is no base64") from e
    table = array("h", raw)
    if len(table) != SIZE or table.itemsize != 2:
        raise ValueError("the table of weights is cut short")
    if sys.byteorder == "big":
        table.byteswap()
    bias = value["bias"]
    if type(bias) is not int or abs(bias) > LIMIT:
        raise ValueError(f"{bias!r} is no weight")
    return TokenWeights(table, bias, _number(value["slope"], least=1e-4), _number(value["offset"], least=-1e3))


def _number(value: object, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= 1e3:
        raise ValueError(f"{value!r} is no slope or offset")
    return float(value)


class Turn(NamedTuple):
    """What would turn a verdict."""

    words: list[Word]
    """Words without which it would be the other one."""
    score: float
    """Log-odds then."""


def words_that_turn(found: Sequence[tuple[Word, float]], score: float, limit: float) -> Turn | None:
    """The fewest of the weightiest words without which a score crosses the limit; None where no words do. `found` is
    sorted, the weightiest first."""
    side = 1.0 if score >= limit else -1.0
    left: list[Word] = []
    for word, weight in found:
        if word.text and weight * side > 0:
            left.append(word)
            score -= weight
            if (score >= limit) is not (side > 0):
                return Turn(left, score)
    return None


def log_odds(probability: float) -> float:
    """The score of a probability; of 0 and 1 what comes next to them."""
    probability = min(1.0 - 1e-12, max(1e-12, probability))
    return log(probability / (1.0 - probability))
