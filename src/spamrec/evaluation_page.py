"""An evaluation as one HTML page that needs nothing else: no network, no script; needs the extra `report`.

The template `data/evaluation.html` escapes every text, for names, subjects and reasons come from mail. What is drawn
stands as a table as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamrec import __version__, plots
from spamrec.behaviours import TITLES
from spamrec.errors import MissingLibraryError
from spamrec.figures import decimals, share
from spamrec.rates import Cost, Effect, Rate, rate
from spamrec.report import LEAST_WEIGHT, literal

if TYPE_CHECKING:
    from spamrec.causes import SignalFigures, Told
    from spamrec.evaluation import Auc, Evaluation

TEMPLATE = "evaluation.html"
STRONGEST = 15
"""Signals named on each side."""
MOST_REASONS = 5
"""Reasons told of a mistake."""
LOSSES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Losses of legitimate mail at which the table beside the curve tells what is caught."""
RECALLS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Shares of spam caught at which the table beside the curve tells the precision."""


class Table(NamedTuple):
    """Figures in rows; the first cell of each names it."""

    caption: str
    """What it shows."""
    columns: tuple[str, ...]
    """Their heads."""
    rows: Sequence[Sequence[str]]
    """The cells."""
    texts: frozenset[int] = frozenset()
    """Columns that hold text rather than figures, counted from 0."""


class Plot(NamedTuple):
    """A drawing and what says the same in words and figures."""

    name: str
    """Begins the ids in it."""
    title: str
    """What it shows."""
    description: str
    """What is to be seen, in a sentence."""
    drawing: str
    """What stands within its `svg` element; markup of our own, the one text here that is not escaped."""
    table: Table
    """The figures drawn."""


class Section(NamedTuple):
    """A part of the page under its heading."""

    name: str
    """Its id."""
    title: str
    """Its heading."""
    notes: tuple[str, ...] = ()
    """Sentences above the figures."""
    tables: tuple[Table, ...] = ()
    """Figures."""
    plots: tuple[Plot, ...] = ()
    """Drawings."""
    mistakes: tuple[Mapping[str, str | list[str]], ...] = ()
    """Messages on the wrong side, as texts by the names that the template knows."""


def check_libraries() -> None:
    """MissingLibraryError where the extra `report` is not installed; asked before an evaluation, not after it."""
    try:
        import jinja2  # noqa: F401
        import matplotlib as mpl  # noqa: F401
    except ImportError as error:
        raise MissingLibraryError("--report", str(error.name), "report") from error


def page(
    found: Evaluation, signals: Sequence[SignalFigures], mistakes: Sequence[Told], *, source: str,
    environment: Mapping[str, str] = os.environ,
) -> str:  # fmt: skip
    """The page, the same for the same figures; it tells the day only where SOURCE_DATE_EPOCH does. `source` names what
    was evaluated."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "data"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    sections = [
        section._replace(plots=tuple(p._replace(drawing=Markup(p.drawing)) for p in section.plots))  # noqa: S704 - ours
        for section in _sections(found, signals, mistakes)
    ]
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    return templates.get_template(TEMPLATE).render(
        source=literal(source), lead=_lead(found), sections=sections, width=plots.WIDTH, height=plots.HEIGHT,
        version=__version__, day=f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%d}" if epoch.isdecimal() else "",
    )  # fmt: skip


def _lead(found: Evaluation) -> tuple[str, ...]:
    legitimate = found.messages - found.spam
    return (
        f"{found.messages:,} messages of {len(found.readers)} readers: {found.spam:,} spam, {legitimate:,} legitimate. "
        "Each was judged by models that never saw mail of its reader.",
        f"At the threshold {_four_decimals(found.threshold)}, {found.caught.hits:,} of {found.caught.cases:,} spam messages "
        f"are caught ({found.caught.value:.1%}) and {found.lost.hits:,} of {found.lost.cases:,} legitimate ones lost "
        f"({found.lost.value:.1%}).",
    )


def _sections(found: Evaluation, signals: Sequence[SignalFigures], mistakes: Sequence[Told]) -> Iterator[Section]:
    yield Section("figures", "Figures", tables=(_overall(found),))
    yield _thresholds(found)
    yield Section("curves", "Curves", plots=(_losses(found), _roc(found), _precision(found)))
    if found.cost:
        yield _cost(found, found.cost)
    yield Section("calibration", "Probabilities", plots=(_reliability(found), _scores(found)))
    yield _signals(signals)
    yield Section("readers", "By reader", tables=(_readers(found),))
    if found.pairs:
        yield _pairs(found)
    yield _mistakes(found, mistakes)


# --- figures -----------------------------------------------------------------------------------------------


def _overall(found: Evaluation) -> Table:
    rows = [
        ("AUC", *_auc(found.auc), ""),
        ("AUC without profile and history", *_auc(found.auc_stranger), ""),
        ("AUC of telling pitches", *_auc(found.auc_pitch), ""),
        ("Spam caught", *_rate(found.caught), _count(found.caught)),
        ("Legitimate mail lost", *_rate(found.lost, 2), _count(found.lost)),
        ("Expected calibration error", f"{found.calibration_error:.4f}", "", ""),
    ]
    if found.pairs:
        rows.append(("Pairs that move the right way", *_rate(found.pairs_right), _count(found.pairs_right)))
    if band := found.unsure:
        rows.append((f"Spam called unsure, from {decimals(band.low)}", *_rate(band.spam), _count(band.spam)))
        rows.append(("Legitimate mail called unsure", *_rate(band.legitimate), _count(band.legitimate)))
    return Table("Out-of-fold figures", ("figure", "value", "95 % interval", "cases"), rows)


def _auc(value: Auc | None) -> tuple[str, str]:
    return (f"{value.value:.4f}", f"{value.low:.4f} to {value.high:.4f}") if value else ("cannot be told", "")


def _rate(value: Rate, digits: int = 1) -> tuple[str, str]:
    if not value.cases:
        return "–", "no such mail"
    return f"{value.value:.{digits}%}", f"{value.low:.{digits}%} to {value.high:.{digits}%}"


def _count(value: Rate) -> str:
    return f"{value.hits:,} of {value.cases:,}"


def _four_decimals(threshold: float) -> str:
    """A threshold as `evaluate` prints the one in force."""
    return f"{threshold:.4f}"


def _thresholds(found: Evaluation) -> Section:
    legitimate = found.messages - found.spam
    allowed = [
        (f"1 in {a.one_in:,}", _four_decimals(a.cut.threshold), f"{a.cut.recall:.1%}", _interval(a.cut.recall, found.spam),
         f"{a.cut.lost:.2%}", f"{a.cut.precision:.1%}")
        for a in found.allowances
    ]  # fmt: skip
    fixed = [
        (f"{c.threshold:g}", f"{c.recall:.1%}", f"{c.lost:.2%}", _interval(c.lost, legitimate, 2), f"{c.precision:.1%}")
        for c in found.cuts
    ]
    by_loss = Table(
        "Lose at most one legitimate message in N",
        ("at most lost", "threshold", "spam caught", "95 % interval", "lost", "precision"),
        allowed,
    )
    by_threshold = Table(
        "What a threshold does", ("threshold", "spam caught", "legitimate lost", "95 % interval", "precision"), fixed
    )
    asked = tuple(_asked(found))
    return Section("thresholds", "Thresholds", tables=(*asked, by_loss, by_threshold))


def _interval(value: float, cases: int, digits: int = 1) -> str:
    return "–" if isnan(value) else _rate(rate(round(value * cases), cases), digits)[1]


def _asked(found: Evaluation) -> Iterator[Table]:
    """The thresholds that were asked for, beside the one in force."""
    now = Effect(
        found.threshold, found.caught, found.lost, rate(found.caught.hits, found.caught.hits + found.lost.hits)
    )
    rows = [("in force", now)]
    if limit := found.loss_limit:
        rows.append((f"at most {share(limit.max_lost)} lost", limit.effect))
    if cost := found.cost:
        rows.append((f"a loss costs {cost.false_positive_cost:g} spams read", cost.effect))
    yield Table(
        "Thresholds chosen",
        ("chosen by", "threshold", "spam caught", "95 % interval", "legitimate lost", "95 % interval"),
        [(name, decimals(e.threshold) if e is not now else _four_decimals(e.threshold), *_rate(e.caught), *_rate(e.lost, 2))
         for name, e in rows],
    )  # fmt: skip


def _cost(found: Evaluation, cost: Cost) -> Section:
    note = (
        f"Where losing a legitimate message costs as much as reading {cost.false_positive_cost:g} spam messages, the "
        f"threshold {decimals(cost.effect.threshold)} costs least: {1000 * cost.least:,.0f} for 1,000 messages, against "
        f"{1000 * cost.in_force:,.0f} at the threshold in force and {1000 * cost.unfiltered:,.0f} without a filter. This "
        "holds for mail with as much spam as was evaluated."
    )
    rows = [(f"{at:g}", f"{1000 * value:,.0f}") for at, value in cost.curve]
    plot = Plot(
        "cost", "Cost against threshold", note, plots.cost(found, cost),
        Table("Cost of 1,000 messages", ("threshold", "cost"), rows),
    )  # fmt: skip
    return Section("cost", "Cost", (note,), plots=(plot,))


# --- drawings ----------------------------------------------------------------------------------------------


def _losses(found: Evaluation) -> Plot:
    rows = []
    for loss in LOSSES:
        caught = max(y for x, y in found.roc if x <= loss)
        rows.append((share(loss), f"{caught:.1%}", _interval(caught, found.spam)))
    at = dict(zip(LOSSES, rows, strict=True))[0.001]
    return Plot(
        "losses", "Spam caught at small losses",
        f"Spam caught against legitimate mail lost, the loss on a logarithmic axis. At one lost in a thousand {at[1]} are "
        f"caught ({at[2]}); at the threshold in force {found.caught.value:.1%}, with {found.lost.value:.1%} lost.",
        plots.losses(found),
        Table("Spam caught by loss", ("at most lost", "spam caught", "95 % interval"), rows),
    )  # fmt: skip


def _roc(found: Evaluation) -> Plot:
    points = found.roc[:: max(1, len(found.roc) // 30)]
    rows = [(f"{x:.2%}", f"{y:.1%}") for x, y in dict.fromkeys((*points, found.roc[-1]))]
    return Plot(
        "roc", "ROC curve",
        f"Spam caught against legitimate mail lost. The area below the curve is {found.auc.value:.4f}; guessing has 0.5.",
        plots.roc(found),
        Table("Points of the ROC curve", ("legitimate mail lost", "spam caught"), rows),
    )  # fmt: skip


def _precision(found: Evaluation) -> Plot:
    points = plots.precision_points(found)
    rows = [(f"{r:.0%}", f"{max(y for x, y in points if x >= r):.1%}") for r in RECALLS]
    return Plot(
        "precision", "Precision and recall",
        f"Spam in what is called spam against spam caught. Where everything is called spam, {found.spam / found.messages:.1%} "
        f"of it is; where half of the spam is caught, {rows[RECALLS.index(0.5)][1]}.",
        plots.precision(found),
        Table("Precision by recall", ("spam caught", "spam in what is called spam"), rows),
    )  # fmt: skip


def _reliability(found: Evaluation) -> Plot:
    rows = [
        (f"{b.low:.1f} to {b.high:.1f}", f"{b.messages:,}", f"{b.predicted:.3f}", f"{b.observed:.3f}",
         _interval(b.observed, b.messages))
        for b in found.bins
        if b.messages
    ]  # fmt: skip
    return Plot(
        "reliability", "Reliability",
        "Share of spam among messages of like probability against that probability; on the dashed line both agree. "
        f"Weighed by messages they differ by {found.calibration_error:.4f}.",
        plots.reliability(found),
        Table("Reliability", ("probability", "messages", "mean", "spam among them", "95 % interval"), rows),
    )  # fmt: skip


def _scores(found: Evaluation) -> Plot:
    rows = [(f"{b.low:.2f} to {b.high:.2f}", f"{b.spam:,}", f"{b.legitimate:,}") for b in found.scores]
    first, last = found.scores[0], found.scores[-1]
    return Plot(
        "scores", "Probabilities given",
        f"How many messages got which probability. {last.spam:,} spam and {last.legitimate:,} legitimate messages got "
        f"{last.low:.2f} or more, {first.spam:,} and {first.legitimate:,} less than {first.high:.2f}.",
        plots.scores(found),
        Table("Messages by probability", ("probability", "spam", "legitimate"), rows),
    )  # fmt: skip


# --- what stands behind ------------------------------------------------------------------------------------


def _signals(signals: Sequence[SignalFigures]) -> Section:
    columns = ("signal", "weight", "says", "spam with it", "legitimate with it")

    def table(caption: str, chosen: list[SignalFigures]) -> Table:
        rows = [(s.name, f"{s.weight:+.2f}", s.sentence, f"{s.spam:,}", f"{s.legitimate:,}") for s in chosen]
        return Table(caption, columns, rows, frozenset({2}))

    note = (
        "Weights of the verdict model, in log-odds: +0.7 doubles the odds of spam. Signals in a stranger’s pitch count as "
        "far as the message is a pitch at all."
    )
    towards, against = [s for s in signals if s.weight > 0], [s for s in signals if s.weight < 0]
    tables = (table("Towards spam", towards), table("Towards legitimate", against))
    return Section("signals", "Strongest signals", (note,), tables)


def _readers(found: Evaluation) -> Table:
    rows = [
        (literal(r.reader), f"{r.spam:,}", f"{r.legitimate:,}", "–" if isnan(r.auc) else f"{r.auc:.4f}",
         *_rate(r.caught), *_rate(r.lost))
        for r in found.readers
    ]  # fmt: skip
    columns = ("reader", "spam", "legitimate", "AUC", "caught", "95 % interval", "lost", "95 % interval")
    return Table("Each reader’s mail, by models that never saw it", columns, rows)


def _pairs(found: Evaluation) -> Section:
    rows = [
        (f"{p.row.upper()} {TITLES.get(p.row, '')}".strip(), f"{p.right:,} of {p.pairs:,}",
         f"{p.flipped:,} of {p.flips:,}", ", ".join(map(literal, p.wrong)))
        for p in found.pairs
    ]  # fmt: skip
    right = found.pairs_right
    note = (
        f"Two messages that differ in one fact: {right.hits:,} of {right.cases:,} pairs move the right way. Where the two "
        "carry different labels, the threshold should lie between them."
    )
    columns = ("row", "right way", "across threshold", "wrong")
    return Section("pairs", "By behaviour", (note,), (Table("Pairs by row", columns, rows, frozenset({3})),))


def _mistakes(found: Evaluation, mistakes: Sequence[Told]) -> Section:
    wrong = found.lost.hits + found.caught.cases - found.caught.hits
    shown = f" The {len(mistakes):,} worst:" if len(mistakes) < wrong else ""
    note = f"{wrong:,} messages are on the wrong side of the threshold, lost legitimate ones first.{shown}"
    return Section("mistakes", "Worst mistakes", (note,), mistakes=tuple(map(_mistake, mistakes)))


def _mistake(told: Told) -> dict[str, str | list[str]]:
    mistake, verdict = told
    side = -1 if mistake.spam else 1
    reasons = [r for r in verdict.reasons if r.weight * side > LEAST_WEIGHT][:MOST_REASONS]
    return {
        "name": literal(mistake.name),
        "sender": literal(verdict.sender) or "(no sender)",
        "subject": literal(verdict.subject) or "(no subject)",
        "truth": "spam" if mistake.spam else "legitimate",
        "what": "spam taken for legitimate" if mistake.spam else "legitimate taken for spam",
        "probability": f"{mistake.probability:.4f}",
        "reasons": [f"{literal(r.text)} ({r.weight:+.2f})" for r in reasons] or ["nothing speaks for this side"],
    }
