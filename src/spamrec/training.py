"""Labelled mail made into a weights file by scikit-learn's logistic regression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spamrec import __version__, classifier, corpus
from spamrec.corpus import Example
from spamrec.model import Model
from spamrec.signals import BY_NAME, Evidence
from spamrec.verdict import Label

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

STRENGTH = 1.0
"""Inverse of the L2 penalty (scikit-learn's C)."""
WORD_SCALE = 0.3
"""Value of a word that occurs, against 1 for a signal: words are shrunk about ten times as hard."""
MIN_READERS = 4
"""Readers in whose mail a word must occur to be kept; a word of one reader's life is no word of spam."""
STRANGER_WEIGHT = 1.0
"""Weight of a message seen without profile and history, against 1 for the same message with them."""
MAX_LOST = 0.001
"""Share of legitimate mail that the threshold may lose, on out-of-fold scores."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message as the regression sees it."""

    reader: str
    """Whose mail it is; folds are by reader."""
    name: str
    """Path within the corpus, without `.eml`."""
    spam: bool
    """Its label."""
    signals: Mapping[str, float]
    """Signals present, with their values."""
    words: tuple[str, ...]
    """Words and pairs present."""
    stranger: bool = False
    """Whether profile and history were withheld."""


# Rows of the behaviour table whose welcome side is welcome for a fact of profile or history alone. Without them
# the message is what a stranger's pitch is to a reader of whom nothing is known.
_OWED_TO_READER = frozenset("b02 b03 b09 b10 b11 b12 b15 b16 b18 b22 b23 b25".split())


def rows(root: Path, *, jobs: int = 1, tick: Callable[[], None] = lambda: None) -> list[Row]:
    """What the regression learns from a corpus: each message as its reader sees it and, where the label does not
    hang on the reader, once more as seen without profile and history."""
    folders = corpus.readers(root)
    if jobs == 1 or len(folders) == 1:
        return [row for folder in folders for row in _reader_rows(folder, tick)]
    from joblib import Parallel, delayed

    found: Any = Parallel(n_jobs=jobs)(delayed(_reader_rows)(folder) for folder in folders)
    return [row for part in found for row in part]


def _reader_rows(folder: Path, tick: Callable[[], None] = lambda: None) -> list[Row]:
    out = []
    for example in corpus.load(folder):
        evidence = example.evidence
        out.append(_row(example, evidence))
        stranger = example.stranger
        if _holds_without_reader(example, evidence, stranger):
            out.append(_row(example, stranger, stranger=True))
        tick()
    return out


def _row(example: Example, evidence: Evidence, *, stranger: bool = False) -> Row:
    values = classifier.measure(evidence)
    spam = example.label is Label.SPAM
    return Row(example.reader, example.name, spam, values.signals, tuple(values.words), stranger)


def _holds_without_reader(example: Example, evidence: Evidence, stranger: Evidence) -> bool:
    """Whether the label is right for somebody of whom nothing is known."""
    strength = stranger.pitch.strength
    pair = corpus.PAIR.search(example.name)
    if example.label is Label.SPAM:
        owed = evidence.standing.barred or evidence.standing.ignores_request or evidence.standing.judged == "spam"
        return strength >= 0.7 or not (owed or (pair and pair["row"] in _OWED_TO_READER))
    if pair and pair["side"] == "b" and pair["row"] in _OWED_TO_READER:
        return False
    return strength < 0.7


# --- matrix and fit ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit; the defaults are the ones the shipped model is made with."""

    strength: float = STRENGTH
    """Inverse of the L2 penalty."""
    word_scale: float = WORD_SCALE
    """Value of a word that occurs; 0 leaves words out."""
    min_readers: int = MIN_READERS
    """Readers in whose mail a word must occur."""
    signals: bool = True
    """Whether signals take part; only for comparing."""


SHIPPED = Settings()


def columns(rows_: Sequence[Row], settings: Settings = SHIPPED) -> list[str]:
    """Names of the features in order: signals, then `word:` and the word."""
    names = [n for n in BY_NAME if settings.signals and any(n in r.signals for r in rows_)]
    if not settings.word_scale:
        return names
    readers: dict[str, set[str]] = {}
    for row in rows_:
        for word in row.words:
            readers.setdefault(word, set()).add(row.reader)
    least = min(settings.min_readers, len({r.reader for r in rows_}))
    return names + [f"word:{w}" for w in sorted(readers) if len(readers[w]) >= least]


def matrix(rows_: Sequence[Row], names: Sequence[str], settings: Settings = SHIPPED) -> csr_matrix:
    """Values of the features, shape (n_messages, n_features), sparse."""
    import numpy as np
    from scipy.sparse import csr_matrix

    index = {name: i for i, name in enumerate(names)}
    indptr, indices, data = [0], [], []
    for row in rows_:
        for name, value in row.signals.items():
            if name in index:
                indices.append(index[name])
                data.append(value)
        for word in row.words:
            if (at := index.get(f"word:{word}")) is not None:
                indices.append(at)
                data.append(settings.word_scale)
        indptr.append(len(indices))
    return csr_matrix(
        (np.array(data, dtype=np.float64), np.array(indices, dtype=np.int32), np.array(indptr, dtype=np.int32)),
        shape=(len(rows_), len(names)),
    )


def fit(rows_: Sequence[Row], names: Sequence[str], settings: Settings = SHIPPED) -> tuple[Floats, float]:
    """Weights, shape (n_features,), and bias."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    labels = np.array([r.spam for r in rows_])
    weights = np.array([STRANGER_WEIGHT if r.stranger else 1.0 for r in rows_])
    learner = LogisticRegression(C=settings.strength, solver="lbfgs", tol=1e-7, max_iter=5000)
    learner.fit(matrix(rows_, names, settings), labels, sample_weight=weights)
    return learner.coef_[0], float(learner.intercept_[0])


def out_of_fold(rows_: Sequence[Row], settings: Settings = SHIPPED) -> Floats:
    """Score of each row by a model that never saw mail of its reader, shape (n_messages,)."""
    import numpy as np

    scores = np.zeros(len(rows_))
    readers = np.array([r.reader for r in rows_])
    for reader in sorted(set(readers)):
        inside = [r for r, mine in zip(rows_, readers == reader, strict=True) if not mine]
        held = np.flatnonzero(readers == reader)
        names = columns(inside, settings)
        weights, bias = fit(inside, names, settings)
        scores[held] = matrix([rows_[i] for i in held], names, settings) @ weights + bias
    return scores


def calibration(scores: Floats, labels: Bools) -> tuple[float, float]:
    """Slope and offset that turn out-of-fold scores into log-odds that hold (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression

    platt = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000).fit(scores.reshape(-1, 1), labels)
    return float(platt.coef_[0, 0]), float(platt.intercept_[0])


def threshold(probabilities: Floats, labels: Bools, most_lost: float = MAX_LOST) -> float:
    """The lowest probability at which no more than that share of legitimate mail is called spam, 0.5 at least."""
    import numpy as np

    legitimate = np.sort(probabilities[~labels])[::-1]
    allowed = int(len(legitimate) * most_lost)
    highest = float(legitimate[allowed]) if len(legitimate) else 0.5
    return min(0.9999, max(0.5, highest + 1e-4))


def train(root: Path, *, settings: Settings = SHIPPED, jobs: int = 1, tick: Callable[[], None] = lambda: None) -> Model:
    """A model of a corpus, the same for the same corpus."""
    import numpy as np

    found = rows(root, jobs=jobs, tick=tick)
    labels = np.array([r.spam for r in found])
    scores = out_of_fold(found, settings)
    slope, offset = calibration(scores, labels)
    probabilities = 1.0 / (1.0 + np.exp(-(slope * scores + offset)))
    names = columns(found, settings)
    weights, bias = fit(found, names, settings)
    return assemble(
        names, weights * slope, bias * slope + offset, settings, threshold=threshold(probabilities, labels),
        metrics=figures(probabilities, labels, found), digest=corpus.digest(root),
    )  # fmt: skip


def assemble(
    names: Sequence[str], weights: Floats, bias: float, settings: Settings, *, threshold: float,
    metrics: Mapping[str, float], digest: str,
) -> Model:  # fmt: skip
    """A model of weights by feature; words carry their scale, so that their value is 1 when scoring."""
    by_name = dict(zip(names, map(float, weights), strict=True))
    return Model(
        bias=bias,
        signals={n: w for n, w in by_name.items() if not n.startswith("word:")},
        words={n[5:]: w * settings.word_scale for n, w in by_name.items() if n.startswith("word:")},
        threshold=threshold,
        corpus=digest,
        version=__version__,
        metrics=metrics,
    )


def figures(probabilities: Floats, labels: Bools, rows_: Sequence[Row]) -> dict[str, float]:
    """Out-of-fold figures that the model file carries."""
    from sklearn.metrics import roc_auc_score

    count = Counter(r.spam for r in rows_)
    return {
        "messages": float(len({r.name for r in rows_})),
        "readers": float(len({r.reader for r in rows_})),
        "spam": float(count[True]),
        "auc": float(roc_auc_score(labels, probabilities)),
    }
