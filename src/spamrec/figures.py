"""Out-of-fold figures of labelled mail as text: tables, one JSON object, CSV by reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import isnan
from typing import Any

from spamrec.evaluation import Auc, Evaluation
from spamrec.rates import Effect, Rate
from spamrec.report import Line, Piece, csv_line, literal

CSV_FIELDS = ("reader", "spam", "legitimate", "auc", "caught", "lost")


def record(found: Evaluation) -> dict[str, Any]:
    """All figures as one JSON object; null for what cannot be told."""
    out: dict[str, Any] = without_nan(asdict(found))
    return out


def without_nan(value: Any) -> Any:
    """The same with None in place of nan, which JSON does not know."""
    if isinstance(value, dict):
        return {key: without_nan(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(inner) for inner in value]
    return None if isinstance(value, float) and isnan(value) else value


def csv(found: Evaluation) -> str:
    """One line for each reader, below the names of the fields."""
    rows = ([r.reader, r.spam, r.legitimate, r.auc, r.caught.value, r.lost.value] for r in found.readers)
    return csv_line(CSV_FIELDS) + "".join(map(csv_line, rows))


def table(found: Evaluation) -> Iterator[Line]:
    """The figures that a person reads: overall, by threshold, by reader, by pair, and the worst mistakes."""
    legitimate = found.messages - found.spam
    yield _title(f"{found.messages:,} messages of {len(found.readers)} readers: {found.spam:,} spam, "
                 f"{legitimate:,} legitimate. Each judged by models that never saw mail of its reader.")  # fmt: skip
    yield _text(f"  AUC                      {_auc(found.auc)}")
    yield _text(f"  AUC without a profile    {_auc(found.auc_stranger)}")
    yield _text(f"  AUC of telling pitches   {_auc(found.auc_pitch)}")
    yield _text(f"  spam caught              {_rate(found.caught)} at threshold {found.threshold:.4f}")
    yield _text(f"  legitimate mail lost     {_rate(found.lost)}")
    yield _text(f"  calibration error        {found.calibration_error:.4f}")
    yield from _allowances(found)
    yield from _asked(found)
    yield from _readers(found)
    yield from _pairs(found)
    yield from _mistakes(found)


def _allowances(found: Evaluation) -> Iterator[Line]:
    yield from ([], _title("At most lost   threshold   spam caught   precision"))
    for a in found.allowances:
        yield _text(f"  1 in {a.one_in:<7}{a.cut.threshold:>10.4f}{a.cut.recall:>13.1%}{a.cut.precision:>12.1%}")


def _asked(found: Evaluation) -> Iterator[Line]:
    """What only those see who asked for it."""
    if limit := found.loss_limit:
        yield from (
            [],
            _title(f"To lose at most {share(limit.max_lost)}: threshold {decimals(limit.effect.threshold)}"),
        )
        yield from _effect(limit.effect)
    if cost := found.cost:
        price = f"{cost.false_positive_cost:g} times a spam read"
        yield from ([], _title(f"Where a lost message costs {price}: threshold {decimals(cost.effect.threshold)}"))
        yield from _effect(cost.effect)
        yield _text(f"  cost of 1,000 messages   {1000 * cost.least:,.0f}; {1000 * cost.in_force:,.0f} at "
                    f"{found.threshold:.4f}, {1000 * cost.unfiltered:,.0f} unfiltered")  # fmt: skip
    if band := found.unsure:
        yield from ([], _title(f"Unsure: from {band.low:.4f} to {found.threshold:.4f}"))
        yield _text(f"  of the spam              {_rate(band.spam)}")
        yield _text(f"  of the legitimate mail   {_rate(band.legitimate)}")


def _effect(effect: Effect) -> Iterator[Line]:
    yield _text(f"  spam caught              {_rate(effect.caught)}")
    yield _text(f"  legitimate mail lost     {_rate(effect.lost)}")


def share(value: float) -> str:
    """A share in percent, with as many digits as it needs: "0.1%"."""
    return f"{100 * value:.6g}%"


def decimals(threshold: float) -> str:
    """A threshold with four decimals, or as many as it has."""
    return f"{threshold:.4f}" if round(threshold, 4) == threshold else f"{threshold:.15g}"


def _readers(found: Evaluation) -> Iterator[Line]:
    yield from ([], _title(f"{'Reader':<18}{'spam':>6}{'legit':>7}{'AUC':>9}{'caught':>9}{'lost':>8}"))
    for r in found.readers:
        figures = f"{r.spam:>6}{r.legitimate:>7}{_known(r.auc, '.4f'):>9}{_known(r.caught.value, '.1%'):>9}"
        figures += f"{_known(r.lost.value, '.1%'):>8}"
        yield _text(f"{literal(r.reader):<18}{figures}")


def _pairs(found: Evaluation) -> Iterator[Line]:
    if not found.pairs:
        return
    right = found.pairs_right
    yield from ([], _title(f"Pairs with one fact changed: {right.hits} of {right.cases} move the right way"))
    for p in found.pairs:
        wrong = f"   wrong: {', '.join(map(literal, p.wrong))}" if p.wrong else ""
        yield _text(f"  {p.row.upper():<5}{p.right:>3} of {p.pairs:<4} flips {p.flipped} of {p.flips}{wrong}")


def _mistakes(found: Evaluation) -> Iterator[Line]:
    if not found.mistakes:
        return
    yield from ([], _title("Worst mistakes"))
    for m in found.mistakes:
        label = "spam" if m.spam else "legitimate"
        yield _text(f"  {m.probability:.4f}  {label:<11} {literal(m.name)}")


def _known(value: float, form: str) -> str:
    return "–" if isnan(value) else format(value, form)


def _title(text: str) -> Line:
    return [Piece(text, "bold")]


def _text(text: str) -> Line:
    return [Piece(text)]


def _auc(auc: Auc | None) -> str:
    return f"{auc.value:.4f} ({auc.low:.4f} to {auc.high:.4f})" if auc else "cannot be told"


def _rate(rate: Rate) -> str:
    return f"{rate.value:.2%} ({rate.low:.2%} to {rate.high:.2%}), {rate.hits} of {rate.cases}"
