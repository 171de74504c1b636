"""The model of one reader: a shipped or trained model, moved as far as the reader's own labels ask for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from spamrec import __version__, digests
from spamrec.classifier import VERDICT_NAMES, VERDICT_SIGNS, Values, verdict_values
from spamrec.lessons import Lesson
from spamrec.model import Model, Weights
from spamrec.verdict import ANSWERS, Label

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

SIGNAL_PENALTY = 3.0
"""How hard the weight of a signal is held to where the base model has it (L2). Out of fold by reader (803 messages,
pairs apart), log loss after 20 and after 100 labels is 0.211 and 0.198 with 1, 0.212 and 0.200 with 3, 0.212 and 0.202
with 10; without any label 0.218. The verdict model fitted again on base examples and own ones, each ten times a base
one, gives 0.205 after 100, takes a second and a table to ship: `tools/learning_curve.py` prints the curve."""
WORD_PENALTY = 3.0
"""How hard the weight of a word is held to 0, which is what the base's verdict model has. With 1 log loss after 10
labels is 0.217, with 3 0.215, with 10 0.216; words left out, it is 0.218, and 0.208 after 100 labels against 0.200."""
BIAS_PENALTY = 10.0
"""How hard the bias is held: the first labels are mostly of one kind."""
HALF_TRUST = 20.0
"""Number of labels at which each counts half; the first few say little of what is to come."""
EVEN = 3.0
"""Labels of either kind that are taken as given when the two are weighed against each other. Without such weighing 50
labels of spam alone raise the legitimate mail lost from 3.8 % to 9.1 %, with it to 4.3 %."""
LEAST_WORD = 0.02
"""Weight below which a word is left out of the file, which every start reads."""
MOST_STEPS = 100
"""Steps of Newton's method; ten are usual."""
CLOSE = 1e-7
"""Slope at which the minimum is reached; the file holds four digits of a weight."""
SHORTEST = 1e-10
"""Part of a step below which none is taken."""
MOST_CG_STEPS = 500
CG_PRECISION = 0.05
"""Part of the slope that a step may leave."""
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
    return digests.digest(json.dumps(lesson).encode("utf-8", "surrogatepass") for lesson in lessons)


def model(base: Model, base_digest: str, lessons: Sequence[Lesson]) -> Model:
    """The model of a reader with these labels, a function of them and the base alone.

    Pitch model, calibration and threshold stay those of the base. The verdict model's weights and those of the
    messages' words minimise the loss on the labels plus a penalty on their distance from the base. A base of own mail
    alone stays as it is, for it reads other traits than labels keep: there a label counts for its message and copies.
    """
    samples = [_sample(base, values_of(lesson.measured)) for lesson in lessons]
    verdict = _refit(base.verdict, samples, lessons) if lessons and not base.tokens else base.verdict
    learnt = Counter(lesson.label for lesson in lessons)
    return Model(
        base.pitch, verdict, base.threshold, base.corpus, __version__, base.metrics,
        base_digest, digest(lessons), dict(sorted(learnt.items())), base.tokens,
    )  # fmt: skip


def _sample(base: Model, values: Values) -> dict[str, float]:
    seen = verdict_values(values, base.pitch.score(values.content, values.words))
    known = {name: value for name, value in seen.items() if name in _SIGN}
    return known | {f"{WORD}{word}": 1.0 for word in values.words}


def _counts(lessons: Sequence[Lesson]) -> list[float]:
    """How much each label counts: more with their number, less where the other kind is rare; copies of one text count
    as one message."""
    copies = Counter((lesson.text or lesson.digest, lesson.label) for lesson in lessons)
    kinds = Counter(label for _, label in copies)
    trust = len(copies) / (len(copies) + HALF_TRUST)
    least = min(kinds[label] for label in ANSWERS) + EVEN
    share = {label: trust * least / (kinds[label] + EVEN) for label in ANSWERS}
    return [share[Label(lesson.label)] / copies[lesson.text or lesson.digest, lesson.label] for lesson in lessons]


def _refit(base: Weights, samples: Sequence[Mapping[str, float]], lessons: Sequence[Lesson]) -> Weights:
    import numpy as np
    from scipy.sparse import csr_matrix, hstack

    from spamrec.training import matrix

    names = sorted({name for sample in samples for name in sample})
    signs = np.array([*(_SIGN.get(name, 0) for name in names), 0])
    centre = np.array([*(base.by_name.get(name, 0.0) for name in names), base.bias])
    found = _nearest(
        csr_matrix(hstack([matrix(samples, names), np.ones((len(samples), 1))])),
        np.array([lesson.label == "spam" for lesson in lessons], dtype=np.float64),
        np.array(_counts(lessons)),
        centre,
        np.array([*(WORD_PENALTY if n.startswith(WORD) else SIGNAL_PENALTY for n in names), BIAS_PENALTY]),
        (np.where(signs > 0, 0.0, -np.inf), np.where(signs < 0, 0.0, np.inf)),
    )
    refitted = dict(zip(names, map(float, found[:-1]), strict=True))
    kept = {n: w for n, w in refitted.items() if not n.startswith(WORD) or abs(w) >= LEAST_WORD}
    return Weights(float(found[-1]), {**base.by_name, **kept})


def _nearest(
    values: csr_matrix, target: Floats, each: Floats, centre: Floats, hold: Floats, bounds: tuple[Floats, Floats]
) -> Floats:
    """The weights within their bounds that minimise loss plus penalty, by Newton's method projected on the bounds
    (Bertsekas, 1982).

    `values` has shape (n_messages, n_weights), `target` and `each` (n_messages,), all else (n_weights,). Sums of
    products are no dot products on purpose: on a busy machine the threads of OpenBLAS made 1 s of 14, as they did of
    scipy's L-BFGS-B (647 messages with 26,298 weights), and their order of adding is not always the same.
    """
    import numpy as np

    low, high = bounds
    point = np.clip(centre, low, high)

    def cost(at: Floats) -> float:
        scores = values @ at
        penalty = 0.5 * (hold * (at - centre) ** 2).sum()
        return float(penalty + (each * (np.logaddexp(0.0, scores) - target * scores)).sum())

    for _ in range(MOST_STEPS):
        chance = 0.5 * (1.0 + np.tanh(0.5 * (values @ point)))
        slope = hold * (point - centre) + values.T @ (each * (chance - target))
        free = ~(((point <= low) & (slope > 0)) | ((point >= high) & (slope < 0)))
        if np.abs(slope[free]).max(initial=0.0) < CLOSE:
            break
        step = _newton_step(values, each * chance * (1.0 - chance), hold, np.where(free, -slope, 0.0), free)
        now, length = cost(point), 1.0
        while length > SHORTEST:
            ahead = np.clip(point + length * step, low, high)
            if cost(ahead) <= now + 1e-4 * (slope * (ahead - point)).sum():
                break
            length /= 2.0
        point = ahead
    return point


def _newton_step(values: csr_matrix, curve: Floats, hold: Floats, downhill: Floats, free: Bools) -> Floats:
    """Solve for the step to the minimum of the quadratic, the bound weights left where they are: conjugate gradients,
    scaled by the diagonal."""
    import numpy as np

    diagonal = hold + values.multiply(values).T @ curve
    step, rest = np.zeros_like(downhill), downhill.copy()
    scaled = rest / diagonal
    direction, size = scaled.copy(), float((rest * scaled).sum())
    end = CG_PRECISION**2 * size
    for _ in range(MOST_CG_STEPS):
        if size <= end:
            break
        bent = np.where(free, hold * direction + values.T @ (curve * (values @ direction)), 0.0)
        length = size / float((direction * bent).sum())
        step += length * direction
        rest -= length * bent
        scaled = rest / diagonal
        size, before = float((rest * scaled).sum()), size
        direction = scaled + (size / before) * direction
    return step
