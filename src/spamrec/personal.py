"""The model of one reader: a shipped or trained model, moved as far as the reader's own labels ask for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from spamrec import __version__
from spamrec.classifier import VERDICT_NAMES, VERDICT_SIGNS, Values, verdict_values
from spamrec.lessons import Lesson
from spamrec.model import Model, Weights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

SIGNAL_PENALTY = 3.0
"""How hard the weight of a signal is held to where the base model has it (L2)."""
WORD_PENALTY = 3.0
"""How hard the weight of a word is held to 0, which is what the base's verdict model has."""
BIAS_PENALTY = 10.0
"""How hard the bias is held: the first labels are mostly of one kind."""
HALF_TRUST = 20.0
"""Number of labels at which each counts half; the first few say little of what is to come."""
WORD = "word:"
_SIGN = dict(zip(VERDICT_NAMES, VERDICT_SIGNS, strict=True))


def record(values: Values) -> str:
    """What the models read of a message as one line of JSON, the same for the same values."""
    table = {
        "content": dict(values.content), "relative": dict(values.relative), "words": list(values.words),
        "trusted": values.trusted, "stated": values.stated,
    }  # fmt: skip
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def values_of(measured: str) -> Values:
    """The values that a record holds; of a damaged one what can be read."""
    try:
        table = json.loads(measured)
    except (ValueError, RecursionError):
        table = {}
    table = table if isinstance(table, dict) else {}
    words = table.get("words")
    return Values(
        _numbers(table.get("content")),
        tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else (),
        _numbers(table.get("relative")),
        table.get("trusted") is True,
        table.get("stated") is True,
    )


def _numbers(table: Any) -> dict[str, float]:
    found = table.items() if isinstance(table, dict) else ()
    return {str(k): float(v) for k, v in found if type(v) in (int, float) and isfinite(v) and abs(v) < 1e3}


def digest(lessons: Sequence[Lesson]) -> str:
    """One hash of all labels and what is known of their messages; the same whatever their order of giving."""
    import hashlib

    state = hashlib.blake2b(digest_size=16)
    for lesson in lessons:
        state.update(json.dumps(lesson).encode("utf-8", "surrogatepass"))
    return state.hexdigest()


def model(base: Model, base_digest: str, lessons: Sequence[Lesson]) -> Model:
    """The model of a reader with these labels, a function of them and the base alone.

    Pitch model, calibration and threshold stay those of the base. The verdict model's weights and those of the
    messages' words minimise the loss on the labels plus a penalty on their distance from the base.
    """
    samples = [_sample(base, values_of(lesson.measured)) for lesson in lessons]
    verdict = _refit(base.verdict, samples, lessons) if lessons else base.verdict
    learnt = Counter(lesson.label for lesson in lessons)
    return Model(
        base.pitch, verdict, base.threshold, base.corpus, __version__, base.metrics,
        base_digest, digest(lessons), dict(sorted(learnt.items())),
    )  # fmt: skip


def _sample(base: Model, values: Values) -> dict[str, float]:
    seen = verdict_values(values, base.pitch.score(values.content, values.words))
    known = {name: value for name, value in seen.items() if name in _SIGN}
    return known | {f"{WORD}{word}": 1.0 for word in values.words}


def _counts(lessons: Sequence[Lesson]) -> list[float]:
    """How much each label counts: more with their number; copies of one text count as one message."""
    copies = Counter((lesson.text or lesson.digest, lesson.label) for lesson in lessons)
    trust = len(copies) / (len(copies) + HALF_TRUST)
    return [trust / copies[lesson.text or lesson.digest, lesson.label] for lesson in lessons]


def _refit(base: Weights, samples: Sequence[Mapping[str, float]], lessons: Sequence[Lesson]) -> Weights:
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit

    from spamrec.training import matrix

    names = sorted({name for sample in samples for name in sample})
    values = matrix(samples, names)
    target = np.array([lesson.label == "spam" for lesson in lessons], dtype=np.float64)
    each = np.array(_counts(lessons))
    side = np.where(target > 0, 1.0, -1.0)
    centre = np.array([*(base.by_name.get(name, 0.0) for name in names), base.bias])
    hold = np.array([*(WORD_PENALTY if n.startswith(WORD) else SIGNAL_PENALTY for n in names), BIAS_PENALTY])

    def loss(point: Floats) -> tuple[float, Floats]:
        moved = point - centre
        scores = values @ point[:-1] + point[-1]
        error = each * (expit(scores) - target)
        cost = 0.5 * (hold * moved) @ moved + each @ np.logaddexp(0.0, -side * scores)
        return float(cost), hold * moved + np.append(values.T @ error, error.sum())

    signs = [_SIGN.get(name, 0) for name in names]
    bounds = [(0.0 if s > 0 else None, 0.0 if s < 0 else None) for s in signs] + [(None, None)]
    found = minimize(
        loss, centre, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 2000, "maxfun": 5000, "ftol": 1e-12, "gtol": 1e-6, "maxcor": 20},
    )  # fmt: skip
    moved_weights = dict(zip(names, map(float, found.x[:-1]), strict=True))
    return Weights(float(found.x[-1]), {**base.by_name, **moved_weights})
