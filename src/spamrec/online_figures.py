"""Figures of online learning as text: a table, one JSON object, CSV by stretch of the learning curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import isnan
from typing import Any

from spamrec import figures
from spamrec.online import Estimate, Online
from spamrec.report import Line, Piece, csv_line

CSV_FIELDS = ("first", "last", "spam", "roca", "roca_so_far")


def record(found: Online) -> dict[str, Any]:
    """All figures as one JSON object; null for what cannot be told."""
    out: dict[str, Any] = figures.without_nan(asdict(found))
    return out


def csv(found: Online) -> str:
    """One line for each stretch of the learning curve, below the names of the fields."""
    rows = ([s.first, s.last, s.spam, _blank(s.roca), _blank(s.roca_so_far)] for s in found.curve)
    return csv_line(CSV_FIELDS) + "".join(map(csv_line, rows))


def _blank(value: float) -> float | str:
    return "" if isnan(value) else value


def table(found: Online) -> Iterator[Line]:
    """The figures that a person reads, then the learning curve."""
    how = "by date" if found.order == "date" else f"in random order {found.seed}"
    late = f", its label known {found.delay:,} messages later" if found.delay else ""
    yield [
        Piece(
            f"{found.messages:,} messages, {found.spam:,} of them spam, {how}: each judged, then learnt{late}.", "bold"
        )
    ]
    yield _estimate("(1-ROCA)%", found.roca)
    yield _estimate("spam missed % at 0.1 % of legitimate mail lost", found.missed)
    yield _estimate("LAM% at probability 0.5", found.lam)
    yield []
    yield [Piece(f"{'messages':>15}{'spam':>8}{'(1-ROCA)%':>12}{'so far':>10}", "bold")]
    for s in found.curve:
        stretch = f"{s.first:,} to {s.last:,}"
        yield [Piece(f"{stretch:>15}{s.spam:>8,}{_figure(s.roca):>12}{_figure(s.roca_so_far):>10}")]


def _estimate(name: str, found: Estimate) -> Line:
    return [Piece(f"  {name:<47}{found.value:8.4f} ({found.low:.4f} to {found.high:.4f})")]


def _figure(value: float) -> str:
    return "-" if isnan(value) else f"{value:.4f}"
