"""The weights file: read, checked, scored and explained without scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import exp, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spamrec import digests
from spamrec.errors import ModelError

if TYPE_CHECKING:
    from spamrec.tokenweights import TokenWeights

FORMAT = 2
"""Version of the file's shape; a file with a higher one is refused."""
SIGNALS_FORMAT = 1
"""Version of a file that holds signals and no table of tokens, which any spamrec reads."""
DECIMALS = 4
"""Digits of a weight in the file: finer ones change no verdict and would differ between machines."""
HEAD_BYTES = 400
"""Bytes of a model file in which a personal one tells its base."""
REMEDY = "train it again with `spamrec train`, or install spamrec again for the shipped one"

_HERE = Path(__file__).parent
SHIPPED = (_HERE / "data" / "model.json", _HERE.parents[1] / "models" / "default.json")
"""Where the shipped model lies: inside the installed package, or in a checkout."""


class Weights(NamedTuple):
    """One logistic regression: score = bias + sum of weight x value."""

    bias: float
    """Score where nothing is present."""
    by_name: Mapping[str, float]
    """Weight of each signal; of a word or pair of words as `word:...`."""

    def score(self, signals: Mapping[str, float], words: Iterable[str] = ()) -> float:
        """The log-odds for the values of signals, and for words that occur."""
        return self.score_signals(signals) + sum(self.of_words(words).values())

    def score_signals(self, signals: Mapping[str, float]) -> float:
        """The log-odds for the values of signals alone."""
        get = self.by_name.get
        return self.bias + sum(get(name, 0.0) * value for name, value in signals.items())

    def of_words(self, words: Iterable[str]) -> dict[str, float]:
        """The weights of those of the words, each given once, that have one."""
        get = self.by_name.get
        return {word: weight for word in words if (weight := get("word:" + word))}

    def contributions(self, signals: Mapping[str, float]) -> dict[str, float]:
        """What each signal present adds to the score."""
        return {name: weight * value for name, value in signals.items() if (weight := self.by_name.get(name, 0.0))}


class Model(NamedTuple):
    """Two logistic regressions, one on the other.

    The pitch model says from the message alone whether it offers a job. The verdict model says what that is to the
    reader: it weighs the fit of place, role and pay by the first one's answer.
    """

    pitch: Weights
    """Log-odds that a message is a pitch, from content signals and words."""
    verdict: Weights
    """Log-odds that it is spam, from the pitch score and the relative signals; calibrated."""
    threshold: float
    """Probability from which on a message is called spam, 0 to 1."""
    corpus: str = ""
    """Digest of the mail it was trained on."""
    version: str = ""
    """Version of spamrec that trained it."""
    metrics: Mapping[str, float] = {}
    """Out-of-fold figures at training."""
    base: str = ""
    """Digest of the model file that a personal model started from, "" for no personal model."""
    lessons: str = ""
    """Digest of the labels that it learnt."""
    learnt: Mapping[str, int] = {}
    """How many labels of each kind those are."""
    tokens: TokenWeights | None = None
    """Learnt from own mail alone; where there are such weights, they alone judge."""

    def dumps(self) -> str:
        """The file's text, the same for the same model on every machine."""
        table: dict[str, Any] = {
            "format": FORMAT if self.tokens else SIGNALS_FORMAT,
            "kind": "spamrec model",
            **({"base": self.base, "lessons": self.lessons, "learnt": dict(self.learnt)} if self.base else {}),
            "spamrec": self.version,
            "corpus": self.corpus,
            "threshold": round(self.threshold, DECIMALS),
            "metrics": {k: round(v, DECIMALS) for k, v in sorted(self.metrics.items())},
            "pitch": {"bias": round(self.pitch.bias, DECIMALS), "weights": _rounded(self.pitch.by_name)},
            "verdict": {"bias": round(self.verdict.bias, DECIMALS), "weights": _rounded(self.verdict.by_name)},
        }
        if self.tokens:
            table["tokens"] = self.tokens.packed()
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


def digest(path: Path | None = None) -> str:
    """Digest of a model file as it lies there, "" where it cannot be read; of the shipped one for None."""
    try:
        return digests.digest([(path or shipped_path()).read_bytes()])
    except OSError:
        return ""


def marks_of(path: Path) -> tuple[str, str]:
    """Digests of base and labels that a personal model was made of, by the head of its file; "" where there are none."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES).decode("ascii", "replace")
    except OSError:
        return "", ""
    base, lessons = (head.partition(f'"{name}": "')[2].partition('"')[0] for name in ("base", "lessons"))
    return base, lessons


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
    if type(table.get("format")) is not int or table["format"] < 1:
        raise ModelError(where, "has no format number", REMEDY)
    if table["format"] > FORMAT:
        version = str(table.get("spamrec"))[:20]
        raise ModelError(where, f"was written by a newer spamrec ({version!r})", "install that version")
    return _checked(where, table)


def _checked(where: Path, table: dict[str, Any]) -> Model:
    try:
        model = Model(
            pitch=_regression(table["pitch"]),
            verdict=_regression(table["verdict"]),
            threshold=_number(table["threshold"]),
            corpus=str(table.get("corpus", "")),
            version=str(table.get("spamrec", "")),
            metrics=_weights(table.get("metrics", {})),
            base=str(table.get("base", "")),
            lessons=str(table.get("lessons", "")),
            learnt=_counts(table.get("learnt", {})),
            tokens=_tokens(table["tokens"]) if table["format"] > SIGNALS_FORMAT else None,
        )
    except (KeyError, TypeError, ValueError) as e:
        raise ModelError(where, f"is damaged: {type(e).__name__} {str(e)[:100]}", REMEDY) from e
    if not 0.0 < model.threshold < 1.0:
        raise ModelError(where, f"is damaged: threshold {model.threshold} is not between 0 and 1", REMEDY)
    return model


def _regression(value: object) -> Weights:
    if not isinstance(value, dict):
        raise TypeError("a regression is not a table")
    return Weights(_number(value["bias"]), _weights(value["weights"]))


def _tokens(value: object) -> TokenWeights:
    from spamrec import tokenweights  # only where there are any: a start has no time for more

    return tokenweights.unpacked(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e6:
        raise ValueError(f"{value!r} is no weight")
    return float(value)


def _counts(value: object) -> dict[str, int]:
    if not isinstance(value, dict) or not all(type(count) is int and count >= 0 for count in value.values()):
        raise TypeError("numbers of labels are not a table of numbers")
    return {str(name): count for name, count in value.items()}


def _weights(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError("weights are not a table")
    found = value.values()
    if set(map(type, found)) == {float} and isfinite(sum(found)) and min(found) > -1e6 and max(found) < 1e6:
        return value  # as good as every file; one by one, 8,000 weights take 3 ms
    return {str(name): _number(weight) for name, weight in value.items()}
