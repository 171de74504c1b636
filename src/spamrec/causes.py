"""What stands behind the figures of an evaluation: the strongest signals, and why the worst mistakes were made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamrec import corpus, training
from spamrec.classifier import COLD_PREFIX, Classifier
from spamrec.model import Model, Weights
from spamrec.signals import BY_NAME
from spamrec.verdict import Verdict

if TYPE_CHECKING:
    from spamrec.calibration import Calibrated
    from spamrec.evaluation import Evaluation, Mistake
    from spamrec.training import Fold, Row


class SignalFigures(NamedTuple):
    """A signal of the verdict model, and where it occurs."""

    name: str
    """As in `signals`."""
    sentence: str
    """The reason it gives, with an ellipsis for the detail."""
    weight: float
    """What it adds to the score at most; positive towards spam."""
    spam: int
    """Spam messages that have it."""
    legitimate: int
    """Legitimate messages that have it."""


class Told(NamedTuple):
    """A mistake with what led to it."""

    mistake: Mistake
    """The message."""
    verdict: Verdict
    """What models say that never saw mail of its reader."""


def signals(rows: Sequence[Row], fold: Fold, most: int) -> tuple[SignalFigures, ...]:
    """The strongest on either side, `most` of each, those towards spam first; by a verdict model fitted on all rows."""
    found = training.calibrated(rows, fold)
    model = training.fit_verdict(rows, fold.pitches.tolist(), fold.stranger_pitches.tolist())
    weights = {name.removeprefix(COLD_PREFIX): weight * found.slope for name, weight in model.by_name.items()}
    ordered = sorted((w, name) for name, w in weights.items() if w and name in BY_NAME)
    towards = [pair for pair in reversed(ordered[-most:]) if pair[0] > 0]
    against = [pair for pair in ordered[:most] if pair[0] < 0]
    return tuple(_counted(name, weight, rows) for weight, name in (*towards, *against))


def _counted(name: str, weight: float, rows: Sequence[Row]) -> SignalFigures:
    having = [r.spam for r in rows if r.values.content.get(name) or r.values.relative.get(name)]
    spam = sum(having)
    return SignalFigures(name, BY_NAME[name].sentence.format("…"), weight, spam, len(having) - spam)


def told(root: Path, found: Evaluation, rows: Sequence[Row], fold: Fold) -> tuple[Told, ...]:
    """The mistakes of an evaluation of this corpus, in their order, each judged anew by the models that made it."""
    calibrated = training.calibrated(rows, fold)
    wanted = {mistake.name for mistake in found.mistakes}
    verdicts = {}
    for reader in sorted({name.partition("/")[0] for name in wanted}):
        model = _model(fold, calibrated, reader)
        for example in corpus.load(root / reader):
            if example.name in wanted:
                judge = Classifier(model, example.profile, found.threshold)
                verdicts[example.name] = judge.judge(example.evidence)
    return tuple(Told(mistake, verdicts[mistake.name]) for mistake in found.mistakes)


def _model(fold: Fold, calibrated: Calibrated, reader: str) -> Model:
    """The models of a reader's fold, calibrated as all scores are."""
    pitch, verdict = fold.models[reader]
    scaled = {name: weight * calibrated.slope for name, weight in verdict.by_name.items()}
    bias = verdict.bias * calibrated.slope + calibrated.offset
    return Model(pitch, Weights(bias, scaled), calibrated.threshold, corpus="", version="")
