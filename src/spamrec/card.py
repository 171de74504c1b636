"""The model card: what a trained model is, how good it is out of fold, where it fails; as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from spamrec.evaluation import Auc, Evaluation
from spamrec.model import Model
from spamrec.rates import Rate
from spamrec.signals import BY_NAME

STRONGEST = 15
"""Signals named on each side."""


def text(model: Model, found: Evaluation) -> str:
    """The card of a model with the out-of-fold evaluation of the mail it was trained on."""
    return (
        "\n".join([*_head(model, found), *_thresholds(found), *_reliability(found), *_signals(model), *_readers(found)])
        + "\n"
    )


def _head(model: Model, found: Evaluation) -> Iterator[str]:
    yield "# Model card"
    yield ""
    yield (
        f"Written by `spamrec train` (spamrec {model.version}) on {found.messages:,} messages of {len(found.readers)} readers, "
        f"{found.spam:,} of them spam; corpus digest `{model.corpus}`."
    )
    yield ""
    yield "Two logistic regressions. The pitch model reads wordings and words and says whether a message offers a job,"
    yield "candidates or a career service. The verdict model reads its answer and what the message is to the reader. Each"
    yield "signal's weight is kept to the side its meaning allows. All figures below are out of fold: each message was judged"
    yield "by models that never saw mail of its reader."
    yield ""
    yield "| figure | value |"
    yield "| --- | --- |"
    yield f"| AUC | {_auc(found.auc)} |"
    yield f"| AUC without profile and history | {_auc(found.auc_stranger)} |"
    yield f"| AUC of the pitch model | {_auc(found.auc_pitch)} |"
    yield f"| threshold | {model.threshold:.4f} |"
    yield f"| spam caught at the threshold | {_rate(found.caught)} |"
    yield f"| legitimate mail lost at it | {_rate(found.lost)} |"
    yield f"| expected calibration error | {found.calibration_error:.1%} |"
    yield f"| pairs with one fact changed that move the right way | {_rate(found.pairs_right)} |"
    yield ""
    yield "The corpus is harder than a mailbox: many of its legitimate messages are pitches that fit their reader, and many"
    yield "others were chosen for looking like one."
    yield ""
    yield "How much of the spam stays caught when its sender tries a cheap trick stands in `doc/evasion.md`."


def _thresholds(found: Evaluation) -> Iterator[str]:
    yield from _table("Thresholds", "threshold", "spam caught", "legitimate mail lost", "precision")
    for cut in found.cuts:
        yield f"| {cut.threshold:g} | {cut.recall:.1%} | {cut.lost:.1%} | {cut.precision:.1%} |"


def _reliability(found: Evaluation) -> Iterator[str]:
    yield from _table("Reliability", "predicted", "messages", "mean prediction", "spam among them")
    for b in found.bins:
        if b.messages:
            yield f"| {b.low:.1f} to {b.high:.1f} | {b.messages} | {b.predicted:.2f} | {b.observed:.2f} |"


def _signals(model: Model) -> Iterator[str]:
    weights = {
        n.removeprefix("cold:"): w for n, w in model.verdict.by_name.items() if n.removeprefix("cold:") in BY_NAME
    }
    ordered = sorted(weights.items(), key=lambda item: item[1])
    yield from _table("Strongest signals of the verdict model", "signal", "weight", "says")
    for name, weight in [*reversed(ordered[-STRONGEST:]), *reversed(ordered[:STRONGEST])]:
        yield f"| {name} | {weight:+.2f} | {BY_NAME[name].sentence.format('…')} |"


def _readers(found: Evaluation) -> Iterator[str]:
    yield from _table("By reader", "reader", "spam", "legitimate", "AUC", "caught", "lost")
    for r in found.readers:
        yield f"| {r.reader} | {r.spam} | {r.legitimate} | {r.auc:.3f} | {r.caught.value:.1%} | {r.lost.value:.1%} |"
    yield from _table("By row of the behaviour table", "row", "pairs", "right", "flips", "across the threshold")
    for p in found.pairs:
        yield f"| {p.row.upper()} | {p.pairs} | {p.right} | {p.flips} | {p.flipped} |"


def _table(title: str, *columns: str) -> Iterator[str]:
    """A section's heading and the head of its table."""
    yield from ("", f"## {title}", "", f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}")


def _auc(value: Auc | None) -> str:
    return f"{value.value:.4f} ({value.low:.4f} to {value.high:.4f})" if value else "–"


def _rate(value: Rate) -> str:
    return f"{value.value:.1%} ({value.hits} of {value.cases})"
