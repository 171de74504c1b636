"""The curves of an evaluation, as what stands within an `svg` element and takes its colours from the page around it.

Drawn by matplotlib, of the extra `report`. It brings 100 MB beside numpy, pygal would bring 2, but draws no logarithmic
horizontal axis, on which alone a loss of one in a thousand can be seen.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from spamrec.rates import Cost, rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spamrec.evaluation import Evaluation

WIDTH, HEIGHT = 320, 270
"""Size of a plot in its own units; at 320 pixels, a narrow phone, one unit is little less than a pixel."""
INK, SPAM, LEGITIMATE, LINE = "#010203", "#010204", "#010205", "#010206"
COLOURS = {INK: "currentColor", SPAM: "var(--spam)", LEGITIMATE: "var(--legitimate)", LINE: "var(--line)"}
"""Colours that matplotlib is told, and what stands for each in the page, so that plots turn dark with it."""
LOOK: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, and in the page's own type
    "svg.hashsalt": "spamrec",  # else ids differ from run to run
    "font.size": 11,
    "text.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.grid": True, "grid.color": LINE, "grid.linewidth": 0.7,
    "axes.spines.top": False, "axes.spines.right": False,
    "lines.linewidth": 1.8,
}  # fmt: skip
SMALLEST_LOSS = 0.0005
"""Share of legitimate mail at which the logarithmic axis begins at the latest, so that one in a thousand is seen."""
SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


def losses(found: Evaluation) -> str:
    """Spam caught against legitimate mail lost, the loss on a logarithmic axis: what happens at one in a thousand."""
    with _plot("losses") as (figure, done):
        axes = figure.add_subplot(xscale="log", xlabel="legitimate mail lost", ylabel="spam caught")
        legitimate = found.messages - found.spam
        least = min(SMALLEST_LOSS, 0.5 / legitimate)
        _roc(axes, found, least)
        axes.axvline(0.001, color=INK, linestyle=":", linewidth=1.2)
        axes.text(0.0011, 0.03, "1 in 1,000")
        ticks = [t for t in (0.0001, 0.001, 0.01, 0.1, 1.0) if t >= least]
        axes.set_xticks(ticks, [f"{100 * t:g}%" for t in ticks])
        axes.set_xlim(least, 1.0)
        axes.minorticks_off()
    return done()


def roc(found: Evaluation) -> str:
    """The same curve on plain axes."""
    with _plot("roc") as (figure, done):
        axes = figure.add_subplot(xlabel="legitimate mail lost", ylabel="spam caught")
        _roc(axes, found, 0.0)
        axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1)
        axes.text(0.55, 0.45, "guessing", rotation=38, ha="center", va="center")
        _percent(axes, x=True)
    return done()


def _roc(axes: Axes, found: Evaluation, least: float) -> None:
    """Curve, its 95 % band, and the threshold in force; losses below `least` are drawn there."""
    lost = [max(least, x) for x, _ in found.roc]
    caught = [rate(round(y * found.spam), found.spam) for _, y in found.roc]
    axes.fill_between(lost, [r.low for r in caught], [r.high for r in caught], color=SPAM, alpha=0.25, linewidth=0)
    axes.plot(lost, [r.value for r in caught], color=SPAM)
    _mark(axes, max(least, found.lost.value), found.caught.value, "threshold", (8, -14))
    axes.set_ylim(0, 1.03)
    _percent(axes)


def precision(found: Evaluation) -> str:
    """Share of spam in what is called spam against share of the spam that is called so."""
    with _plot("precision") as (figure, done):
        axes = figure.add_subplot(xlabel="spam caught (recall)", ylabel="spam in what is called spam")
        points = precision_points(found)
        axes.plot([x for x, _ in points], [y for _, y in points], color=SPAM)
        share = found.spam / found.messages
        axes.axhline(share, color=INK, linestyle="--", linewidth=1)
        axes.text(0.02, share + 0.01, "everything called spam", va="bottom")
        called = found.caught.hits + found.lost.hits
        if called:
            _mark(axes, found.caught.value, found.caught.hits / called, "threshold", (-8, -14), "right")
        axes.set_ylim(max(0.0, share - 0.1), 1.02)
        _percent(axes, x=True)
    return done()


def precision_points(found: Evaluation) -> list[tuple[float, float]]:
    """Recall, rising, and precision at the corners of the ROC curve, but for its beginning, where nothing is called
    spam."""
    legitimate = found.messages - found.spam
    return [
        (caught, caught * found.spam / (caught * found.spam + lost * legitimate))
        for lost, caught in found.roc
        if lost or caught
    ]


def reliability(found: Evaluation) -> str:
    """Share of spam among messages of like probability against that probability, with 95 % intervals."""
    with _plot("reliability") as (figure, done):
        axes = figure.add_subplot(xlabel="probability given", ylabel="spam among them")
        axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1)
        axes.text(0.98, 0.04, "dashed: as it should be", ha="right")
        seen = [(b.predicted, rate(round(b.observed * b.messages), b.messages)) for b in found.bins if b.messages]
        middle = [r.value for _, r in seen]
        ends = [[r.value - r.low for _, r in seen], [r.high - r.value for _, r in seen]]
        axes.errorbar([x for x, _ in seen], middle, yerr=ends, color=SPAM, marker="o", capsize=3, linewidth=1.2)
        axes.set_ylim(0, 1.03)
        _percent(axes, x=True)
    return done()


def scores(found: Evaluation) -> str:
    """How many messages of either label got which probability."""
    with _plot("scores") as (figure, done):
        above, below = figure.subplots(2, 1, sharex=True)
        width = found.scores[0].high - found.scores[0].low
        lefts = [b.low for b in found.scores]
        for axes, counts, colour, name in (
            (above, [b.spam for b in found.scores], SPAM, "spam"),
            (below, [b.legitimate for b in found.scores], LEGITIMATE, "legitimate"),
        ):
            axes.bar(lefts, counts, width=0.86 * width, align="edge", color=colour)
            axes.set_title(f"{name}: {sum(counts):,} messages", fontsize=11, loc="left")
            axes.axvline(found.threshold, color=INK, linestyle=":", linewidth=1.2)
            axes.grid(visible=False, axis="x")
        below.set_xlabel("probability given; dotted: the threshold")
        _percent(below, x=True, y=False)
    return done()


def cost(found: Evaluation, price: Cost) -> str:
    """Mean cost of a message against the threshold."""
    with _plot("cost") as (figure, done):
        axes = figure.add_subplot(xscale="logit", yscale="log", xlabel="threshold", ylabel="cost of 1,000 messages")
        axes.plot([at for at, _ in price.curve], [1000 * value for _, value in price.curve], color=SPAM)
        low, high = price.curve[0][0], price.curve[-1][0]
        _mark(axes, min(high, max(low, price.effect.threshold)), 1000 * price.least, "least", (-4, -16), "right")
        _mark(axes, min(high, max(low, found.threshold)), 1000 * price.in_force, "in force", (8, 4))
        ticks = [0.01, 0.1, 0.5, 0.9, 0.99, 0.999]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.minorticks_off()
        axes.margins(y=0.15)
    return done()


# --- what the plots share ----------------------------------------------------------------------------------


def _mark(axes: Axes, x: float, y: float, text: str, shift: tuple[int, int], side: Any = "left") -> None:
    """A ring on a curve with its name beside it."""
    axes.plot([x], [y], marker="o", markersize=9, markeredgewidth=1.8, color=INK, fillstyle="none", clip_on=False)
    axes.annotate(text, (x, y), xytext=shift, textcoords="offset points", ha=side, va="center")


def _percent(axes: Axes, *, x: bool = False, y: bool = True) -> None:
    from matplotlib.ticker import PercentFormatter

    for axis, so in ((axes.xaxis, x), (axes.yaxis, y)):
        if so:
            axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if x:
        axes.set_xlim(0, 1)


@contextmanager
def _plot(name: str) -> Iterator[tuple[Figure, Callable[[], str]]]:
    """A figure to draw on, and what gives its SVG when it is drawn."""
    import matplotlib
    from matplotlib.figure import Figure

    text = io.StringIO()
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **LOOK}):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), layout="constrained")
        yield figure, lambda: _inline(text.getvalue(), name)
        figure.savefig(
            text, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Type", "Format"))
        )


def _inline(text: str, name: str) -> str:
    """What stands in the `svg` element of a page, among others: its own ids, no metadata, the page's type and colours."""
    root = ElementTree.fromstring(text)  # noqa: S314 - our own drawing
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{SVG}style" or not child.tag.startswith(SVG):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        attributes = {key.removeprefix(XLINK): value for key, value in element.attrib.items()}
        if "id" in attributes:
            attributes["id"] = f"{name}-{attributes['id']}"
        for key, value in attributes.items():
            if key == "href" or "url(#" in value:
                attributes[key] = value.replace("#", f"#{name}-", 1)
        element.attrib.clear()
        element.attrib.update(attributes)
    drawn = "".join(ElementTree.tostring(child, encoding="unicode") for child in root)
    drawn = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", drawn)
    for told, shown in COLOURS.items():
        drawn = drawn.replace(told, shown)
    return drawn
