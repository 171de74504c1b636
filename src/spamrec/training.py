"""Labelled mail made into a weights file: logistic regressions, each weight kept to the side its signal allows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spamrec import __version__, calibration, classifier, corpus
from spamrec.calibration import MAX_LOST, WELCOME_SHARE, Calibrated
from spamrec.classifier import VERDICT_NAMES, VERDICT_SIGNS, Values, verdict_values
from spamrec.corpus import Example
from spamrec.model import Model, Weights
from spamrec.signals import CONTENT
from spamrec.signals import signs as content_signs
from spamrec.verdict import Label

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

PITCH_STRENGTH = 0.12
"""Inverse of the L2 penalty (scikit-learn's C) of the pitch model. On 90 readers 0.1, 0.12 and 0.15 with words of 1.1, 1.0
and 0.9 have an AUC out of fold of 0.9903, 0.9902 and 0.9901, and 0.9898 against real job mail."""
VERDICT_STRENGTH = 10.0
"""Inverse of the L2 penalty of the verdict model."""
PAIR_WEIGHT = 0.25
"""How much a message of a pair counts for the pitch model, against 1: the two have one text, and lie close to the
border on purpose. With 1 the AUC on development mail is 0.979 and 0.994 (job mail, ordinary mail), with 0.5 0.981 and
0.996, with 0.25 0.983 and 0.997."""
PAIR_VERDICT_WEIGHT = 2.0
"""How much a message of a pair counts for the verdict model, where the one fact is the lesson. With 1 96.0 % of pairs
move the right way out of fold, with 2 97.1 %, with 3 96.9 %."""
TRUSTED_WEIGHT = 0.25
"""How much mail of a sender, firm or thread of the reader's own counts for the pitch model, against 1: it is welcome
whatever it is, and teaches little of strangers' mail. On 64 readers the AUC against real job mail rises with it from
0.9916 to 0.9935, out of fold it stays within 0.0002."""
WORD_SCALE = 1.0
"""Value of a word that tells as much as one in e pitches more than elsewhere, against 1 for a signal. On 90 readers 0.7
has an AUC out of fold of 0.9897 and 0.9903 against real job mail, 1.0 0.9902 and 0.9898: our words are less those of
others than our signals."""
MIN_READERS = 4
"""Readers in whose mail a word must occur to be kept; a word of one reader's life is no word of spam."""
MIN_MESSAGES = 5
"""Messages in which a word must occur to be kept where but half of those readers have it: a language may have few
readers. With six readers, or three and eight messages, the AUC out of fold is 0.9883, with four, or two and five,
0.9890, and 0.9898 and 0.9903 against real job mail."""
READER_CAP = 3.0
"""Messages, each as it counts, that tell of a word at most from one reader's mail on one side: what is repeated there
is a habit or a matter of that reader. On 64 readers it lifts the AUC against real job mail from 0.9932 to 0.9937 and out
of fold from 0.9867 to 0.9879, with words so scaled that they weigh the same."""
SMOOTHING = 0.5
"""Messages that are added on each side before the two are compared."""
LEAST_WEIGHT = 0.03
"""Log-odds that a word must move to be kept: most words move less, and each is loaded at every start. The AUC out of
fold is the same within 0.0003."""
FOLDS = 6
"""Parts into which the readers are dealt for out-of-fold scores."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message as the regressions see it."""

    reader: str
    """Whose mail it is; folds are by reader."""
    name: str
    """Path within the corpus, without `.eml`."""
    spam: bool
    """Its label."""
    pitch: bool
    """Whether it offers a job, candidates or a career service by its own words, wanted or not."""
    values: Values
    """What is measured of it, with profile and history."""
    stranger: Values | None
    """What is measured of it without them; None where the label hangs on them."""


def rows(root: Path, *, jobs: int = 1, tick: Callable[[], None] = lambda: None) -> list[Row]:
    """What the regressions learn from: each message of a corpus as its reader sees it and as a stranger would."""
    folders = corpus.readers(root)
    if jobs == 1 or len(folders) == 1:
        return [row for folder in folders for row in _reader_rows(folder, tick)]
    from joblib import Parallel, delayed

    found: Any = Parallel(n_jobs=jobs)(delayed(_reader_rows)(folder.absolute()) for folder in folders)
    return [row for part in found for row in part]


def _reader_rows(folder: Path, tick: Callable[[], None] = lambda: None) -> list[Row]:
    out = []
    for example in corpus.load(folder):
        spam = example.label is Label.SPAM
        stranger = classifier.measure(example.stranger) if _holds_without_reader(example) else None
        out.append(
            Row(example.reader, example.name, spam, example.pitch, classifier.measure(example.evidence), stranger)
        )
        tick()
    return out


def _holds_without_reader(example: Example) -> bool:
    """Whether the label is right for somebody of whom nothing is known: to them a pitch is spam, other mail is not.

    Whether the poster of a job belongs to the list is known from history alone; without it the side on which less is
    lost is learnt.
    """
    spam = example.label is Label.SPAM
    if (pair := corpus.PAIR.search(example.name)) and pair["row"] == "b15":
        return not spam
    return example.pitch is spam


# --- matrix and fit ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit; the defaults are the ones the shipped model is made with."""

    pitch_strength: float = PITCH_STRENGTH
    """Inverse of the L2 penalty of the pitch model."""
    verdict_strength: float = VERDICT_STRENGTH
    """Inverse of the L2 penalty of the verdict model."""
    word_scale: float = WORD_SCALE
    """Value of a word that occurs; 0 leaves words out."""
    min_readers: int = MIN_READERS
    """Readers in whose mail a word must occur."""
    trusted_weight: float = TRUSTED_WEIGHT
    """How much mail of known senders counts for the pitch model."""
    min_messages: int = MIN_MESSAGES
    """Messages in which a word must occur where but half of those readers have it."""
    reader_cap: float = READER_CAP
    """Messages of one reader that tell of a word at most."""
    least_weight: float = LEAST_WEIGHT
    """Log-odds that a word must move to be kept."""
    signals: bool = True
    """Whether content signals take part in the pitch model; only for comparing."""
    max_lost: float = MAX_LOST
    """Share of legitimate mail, welcome pitches weighed, that the threshold may lose out of fold, 0 to 1."""
    false_positive_cost: float | None = None
    """What losing a legitimate message costs, where reading a spam costs 1; where given, the threshold is that of the
    least cost in place of that for a loss."""


SHIPPED = Settings()
Sample = Mapping[str, float]


def vocabulary(rows_: Sequence[Row], settings: Settings = SHIPPED) -> list[str]:
    """Words that occur in the mail of enough readers, or in that of half of them often enough; sorted."""
    readers: dict[str, set[str]] = {}
    messages: dict[str, int] = {}
    for row in rows_:
        for word in row.values.words:
            readers.setdefault(word, set()).add(row.reader)
            messages[word] = messages.get(word, 0) + 1
    least = min(settings.min_readers, len({r.reader for r in rows_}))
    return sorted(
        word
        for word, whose in readers.items()
        if len(whose) >= least or (2 * len(whose) >= least and messages[word] >= settings.min_messages)
    )


def matrix(samples: Sequence[Sample], names: Sequence[str]) -> csr_matrix:
    """Values of the named features, shape (n_messages, n_features), sparse."""
    import numpy as np
    from scipy.sparse import csr_matrix

    index = {name: i for i, name in enumerate(names)}
    indptr, indices, data = [0], [], []
    for sample in samples:
        for name, value in sample.items():
            if (at := index.get(name)) is not None:
                indices.append(at)
                data.append(value)
        indptr.append(len(indices))
    return csr_matrix(
        (np.array(data, dtype=np.float64), np.array(indices, dtype=np.int32), np.array(indptr, dtype=np.int32)),
        shape=(len(samples), len(names)),
    )


def regress(
    samples: Sequence[Sample],
    labels: Sequence[bool],
    names: Sequence[str],
    strength: float,
    signs: Sequence[int],
    *,
    counts: Sequence[float] = (),
) -> Weights:
    """A logistic regression of the samples, each weight kept to the side its sign says (0: either).

    `counts` says how much each sample counts; all 1 where it is empty.

    It minimises what scikit-learn's LogisticRegression does, and gives the same weights where no sign binds; the
    bounds are what scikit-learn lacks. A reason then never points the wrong way, and habits of our corpus that
    run against sense are not learnt.
    """
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit
    from threadpoolctl import threadpool_limits

    values = matrix(samples, names)
    target = np.array(labels, dtype=np.float64)
    side = np.where(target > 0, 1.0, -1.0)
    each = strength * (np.array(counts) if len(counts) else np.ones(len(target)))

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, bias = point[:-1], point[-1]
        scores = values @ weights + bias
        error = each * (expit(scores) - target)
        cost = 0.5 * weights @ weights + each @ np.logaddexp(0.0, -side * scores)
        slope = np.append(weights + values.T @ error, error.sum())
        return float(cost), slope

    bounds = [(0.0 if s > 0 else None, 0.0 if s < 0 else None) for s in signs] + [(None, None)]
    with threadpool_limits(1):  # the order in which threads add would move the last digits
        found = minimize(
            loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-6, "maxcor": 20},
        )  # fmt: skip
    return Weights(float(found.x[-1]), dict(zip(names, map(float, found.x[:-1]), strict=True)))


def tellings(
    rows_: Sequence[Row], words: Sequence[str], counts: Sequence[float], cap: float = READER_CAP
) -> dict[str, float]:
    """How far each word tells pitches from other mail: its absolute log-count ratio (Wang and Manning, 2012), where
    one reader's mail on one side counts for `cap` messages at most. `counts` says how much each row counts."""
    import numpy as np

    pitch = np.array([r.pitch for r in rows_])
    seen = matrix([dict.fromkeys(r.values.words, 1.0) for r in rows_], words)
    whose = matrix(
        [{r.reader: count} for r, count in zip(rows_, counts, strict=True)], sorted({r.reader for r in rows_})
    )
    sums = [(whose[side].T @ seen[side]).minimum(cap).sum(axis=0) + SMOOTHING for side in (pitch, ~pitch)]
    inside, outside = (np.asarray(part).ravel() for part in sums)
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    return dict(zip(words, map(float, np.abs(ratio)), strict=True))


def fit_pitch(rows_: Sequence[Row], settings: Settings = SHIPPED) -> Weights:
    """The pitch model: what a message is by its own words; words stand in it as `word:...`.

    A word's value is how far it tells by itself, so that the penalty falls on words that tell little.
    """
    counts = [
        (PAIR_WEIGHT if corpus.PAIR.search(r.name) else 1.0) * (settings.trusted_weight if r.values.trusted else 1.0)
        for r in rows_
    ]
    words = vocabulary(rows_, settings) if settings.word_scale else []
    told = tellings(rows_, words, counts, settings.reader_cap) if words else {}
    value = {f"word:{word}": settings.word_scale * how for word, how in told.items()}
    names = [*([s.name for s in CONTENT] if settings.signals else []), *value]
    samples: list[Sample] = [
        {**r.values.content, **{n: value[n] for word in r.values.words if (n := f"word:{word}") in value}}
        for r in rows_
    ]
    signs = content_signs(names, "pitch")
    found = regress(samples, [r.pitch for r in rows_], names, settings.pitch_strength, signs, counts=counts)
    weights = {n: w * value.get(n, 1.0) for n, w in found.by_name.items()}
    return Weights(found.bias, {n: w for n, w in weights.items() if n not in value or abs(w) >= settings.least_weight})


def fit_verdict(
    rows_: Sequence[Row], scores: Sequence[float], strangers: Sequence[float], settings: Settings = SHIPPED
) -> Weights:
    """The verdict model: what a message is to its reader. `scores` and `strangers` are pitch scores of the rows, by
    a pitch model that never saw their reader's mail."""
    samples: list[Sample] = []
    labels: list[bool] = []
    counts: list[float] = []
    for row, score, strange in zip(rows_, scores, strangers, strict=True):
        pair = corpus.PAIR.search(row.name)
        samples.append(verdict_values(row.values, score))
        labels.append(row.spam)
        counts.append(PAIR_VERDICT_WEIGHT if pair else 1.0)
        if row.stranger is not None:
            samples.append(verdict_values(row.stranger, strange))
            labels.append(row.spam)
            counts.append(0.5 if pair else 1.0)
    return regress(samples, labels, VERDICT_NAMES, settings.verdict_strength, VERDICT_SIGNS, counts=counts)


class FoldModels(NamedTuple):
    """Models that never saw the mail of a reader."""

    pitch: Weights
    """Says whether a message is a pitch."""
    verdict: Weights
    """Says what it is to the reader, not yet calibrated."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Out-of-fold scores of all rows, by models that never saw mail of their reader."""

    scores: Floats
    """Log-odds of spam with profile and history, shape (n_messages,)."""
    strangers: Floats
    """Log-odds of spam without them, shape (n_messages,)."""
    pitches: Floats
    """Log-odds of being a pitch, shape (n_messages,)."""
    stranger_pitches: Floats
    """The same without profile and history, shape (n_messages,)."""
    models: Mapping[str, FoldModels] = field(default_factory=dict)
    """By reader, the models that gave these scores."""


def out_of_fold(rows_: Sequence[Row], settings: Settings = SHIPPED, *, jobs: int = 1) -> Fold:
    """Scores of each row by models that never saw mail of its reader: readers are dealt into FOLDS folds.

    The verdict model of a fold is trained on pitch scores that are themselves out of fold within it, by pitch models
    that saw neither the row's fold nor the fold left out.
    """
    import numpy as np
    from joblib import Parallel, delayed

    fold_of = {reader: i % FOLDS for i, reader in enumerate(sorted({r.reader for r in rows_}))}
    folds = sorted(set(fold_of.values()))
    sets = [frozenset({a, b}) for a in folds for b in folds if a <= b]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A worker stopped")  # joblib's, of one that grew large and was replaced
        fitted: Any = Parallel(n_jobs=jobs)(
            delayed(fit_pitch)([r for r in rows_ if fold_of[r.reader] not in left_out], settings) for left_out in sets
        )
    models: dict[frozenset[int], Weights] = dict(zip(sets, fitted, strict=True))
    scores, strangers, pitches, strange = (np.zeros(len(rows_)) for _ in range(4))
    of_fold: dict[int, FoldModels] = {}
    for fold in folds:
        inside = [r for r in rows_ if fold_of[r.reader] != fold]
        own = [models[frozenset({fold, fold_of[r.reader]})] for r in inside]
        verdict = fit_verdict(
            inside,
            [m.score(r.values.content, r.values.words) for m, r in zip(own, inside, strict=True)],
            [_stranger_score(m, r) for m, r in zip(own, inside, strict=True)],
            settings,
        )
        pitch = models[frozenset({fold})]
        of_fold[fold] = FoldModels(pitch, verdict)
        for i, row in enumerate(rows_):
            if fold_of[row.reader] == fold:
                pitches[i] = pitch.score(row.values.content, row.values.words)
                scores[i] = verdict.score(verdict_values(row.values, float(pitches[i])))
                strange[i] = _stranger_score(pitch, row)
                if row.stranger is not None:
                    strangers[i] = verdict.score(verdict_values(row.stranger, float(strange[i])))
    return Fold(scores, strangers, pitches, strange, {reader: of_fold[at] for reader, at in fold_of.items()})


def _stranger_score(pitch: Weights, row: Row) -> float:
    """Pitch score without profile and history; 0 where the label hangs on them."""
    return pitch.score(row.stranger.content, row.stranger.words) if row.stranger else 0.0


def train(root: Path, *, settings: Settings = SHIPPED, jobs: int = 1, tick: Callable[[], None] = lambda: None) -> Model:
    """A model of a corpus, the same for the same corpus."""
    found = rows(root, jobs=jobs, tick=tick)
    fold = out_of_fold(found, settings, jobs=jobs)
    return assemble(found, fold, settings, digest=corpus.digest(root))


def calibrated(rows_: Sequence[Row], fold: Fold, settings: Settings = SHIPPED) -> Calibrated:
    """Calibration and threshold on the scores with profile and history and those without, together; the probabilities
    are those with them, shape (n_messages,)."""
    import numpy as np

    seen = np.array([r.stranger is not None for r in rows_], dtype=np.bool_)
    spam = np.array([r.spam for r in rows_], dtype=np.bool_)
    mix = np.array([WELCOME_SHARE if r.pitch else 1.0 for r in rows_])
    found = calibration.calibrated(
        np.concatenate([fold.scores, fold.strangers[seen]]),
        np.concatenate([spam, spam[seen]]),
        np.concatenate([mix, mix[seen]]),
        max_lost=settings.max_lost,
        false_positive_cost=settings.false_positive_cost,
    )
    return replace(found, probabilities=found.probabilities[: len(rows_)])


def assemble(rows_: Sequence[Row], fold: Fold, settings: Settings, *, digest: str) -> Model:
    """The model fitted on all rows, calibrated and cut on out-of-fold scores."""
    import numpy as np

    found = calibrated(rows_, fold, settings)
    pitch = fit_pitch(rows_, settings)
    verdict = fit_verdict(rows_, fold.pitches.tolist(), fold.stranger_pitches.tolist(), settings)
    return Model(
        pitch=pitch,
        verdict=Weights(
            verdict.bias * found.slope + found.offset, {n: w * found.slope for n, w in verdict.by_name.items()}
        ),
        threshold=found.threshold,
        corpus=digest,
        version=__version__,
        metrics=figures(rows_, fold, found.probabilities, np.array([r.spam for r in rows_])),
    )


def figures(rows_: Sequence[Row], fold: Fold, probabilities: Floats, spam: Bools) -> dict[str, float]:
    """Out-of-fold figures that the model file carries."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    return {
        "messages": float(len(rows_)),
        "readers": float(len({r.reader for r in rows_})),
        "spam": float(spam.sum()),
        "auc": float(roc_auc_score(spam, probabilities)),
        "auc_pitch": float(roc_auc_score(np.array([r.pitch for r in rows_]), fold.pitches)),
    }
