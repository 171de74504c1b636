"""The weights file: read, checked, scored and explained without scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from pathlib import Path
from typing import Any

from spamrec.errors import ModelError

FORMAT = 1
"""Version of the file's shape; a file with a higher one is refused."""
DECIMALS = 4
"""Digits of a weight in the file: finer ones change no verdict and would differ between machines."""
REMEDY = "train it again with `spamrec train`, or install spamrec again for the shipped one"

_HERE = Path(__file__).parent
SHIPPED = (_HERE / "data" / "model.json", _HERE.parents[1] / "models" / "default.json")
"""Where the shipped model lies: inside the installed package, or in a checkout."""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained logistic regression: score = bias + sum of weight x value."""

    bias: float
    """Score of a message without any signal or word."""
    signals: Mapping[str, float]
    """Weight of each signal, by its name."""
    words: Mapping[str, float]
    """Weight of each word or pair of words (`two words`) that occurs; empty for signals alone."""
    threshold: float
    """Probability from which on a message is called spam, 0 to 1."""
    corpus: str = ""
    """Digest of the mail it was trained on."""
    version: str = ""
    """Version of spamrec that trained it."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Out-of-fold figures at training."""

    def score(self, signals: Mapping[str, float], words: Mapping[str, float]) -> float:
        """The log-odds of spam for one message's values."""
        get, word = self.signals.get, self.words.get
        total = sum(get(name, 0.0) * value for name, value in signals.items())
        return self.bias + total + sum(word(name, 0.0) * value for name, value in words.items())

    def probability(self, signals: Mapping[str, float], words: Mapping[str, float]) -> float:
        """The probability of spam, 0 to 1."""
        return logistic(self.score(signals, words))

    def contributions(self, signals: Mapping[str, float]) -> list[tuple[str, float]]:
        """What each signal adds to the score, the weightiest first."""
        parts = [(name, self.signals.get(name, 0.0) * value) for name, value in signals.items()]
        return sorted((p for p in parts if p[1]), key=lambda p: -abs(p[1]))

    def dumps(self) -> str:
        """The file's text, the same for the same model on every machine."""
        table = {
            "format": FORMAT,
            "kind": "spamrec model",
            "spamrec": self.version,
            "corpus": self.corpus,
            "threshold": round(self.threshold, DECIMALS),
            "bias": round(self.bias, DECIMALS),
            "metrics": {k: round(v, DECIMALS) for k, v in sorted(self.metrics.items())},
            "signals": _rounded(self.signals),
            "words": _rounded(self.words),
        }
        return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    kept = {name: round(weight, DECIMALS) for name, weight in sorted(weights.items())}
    return {name: weight for name, weight in kept.items() if weight}


def logistic(score: float) -> float:
    """1 / (1 + e^-score), for any score without overflow."""
    if score >= 0:
        return 1.0 / (1.0 + exp(-min(score, 700.0)))
    return 1.0 - 1.0 / (1.0 + exp(max(score, -700.0)))


def shipped_path() -> Path:
    """The file of the shipped model."""
    return next((path for path in SHIPPED if path.is_file()), SHIPPED[0])


def load(path: Path | None = None) -> Model:
    """Read and check a model file; ModelError says what is wrong with it and what to do."""
    where = path or shipped_path()
    try:
        table = json.loads(where.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        raise ModelError(where, "no such model", REMEDY) from e
    except (OSError, ValueError, RecursionError) as e:
        raise ModelError(where, f"cannot be read as a model: {e}", REMEDY) from e
    if not isinstance(table, dict) or table.get("kind") != "spamrec model":
        raise ModelError(where, "is not a spamrec model", REMEDY)
    if not isinstance(table.get("format"), int) or table["format"] < 1:
        raise ModelError(where, "has no format number", REMEDY)
    if table["format"] > FORMAT:
        raise ModelError(where, f"was written by a newer spamrec ({table.get('spamrec')})", "install that version")
    return _checked(where, table)


def _checked(where: Path, table: dict[str, Any]) -> Model:
    try:
        model = Model(
            bias=_number(table["bias"]),
            signals=_weights(table["signals"]),
            words=_weights(table["words"]),
            threshold=_number(table["threshold"]),
            corpus=str(table.get("corpus", "")),
            version=str(table.get("spamrec", "")),
            metrics=_weights(table.get("metrics", {})),
        )
    except (KeyError, TypeError, ValueError) as e:
        raise ModelError(where, f"is damaged: {type(e).__name__} {e}", REMEDY) from e
    if not 0.0 < model.threshold < 1.0:
        raise ModelError(where, f"is damaged: threshold {model.threshold} is not between 0 and 1", REMEDY)
    return model


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e6:
        raise ValueError(f"{value!r} is no weight")
    return float(value)


def _weights(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError("weights are not a table")
    return {str(name): _number(weight) for name, weight in value.items()}
