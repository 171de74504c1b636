"""What was done with mail on a server, or would be, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Any

from spamrec import report, streams
from spamrec.mailbox import Action, Done
from spamrec.report import Line, Piece, fit, literal

CSV_FIELDS = (
    "action", "to", "applied", "path", "message_id", "label", "probability", "sender", "subject", "date", "reason"
)  # fmt: skip
WORDS = {
    (Action.MOVE, True): "moved to", (Action.MOVE, False): "would move to",
    (Action.FLAG, True): "flagged", (Action.FLAG, False): "would flag",
    (Action.LEARN, True): "learnt as", (Action.LEARN, False): "would learn as",
}  # fmt: skip
ACTION_CELLS = 32
"""Cells of the column that says what was done."""


def record(done: Done, *, applied: bool) -> dict[str, Any]:
    """What `--format jsonl` prints: that of a verdict, and what was done, or would be."""
    return {"action": done.action.value, "to": done.to, "applied": applied, **report.record(done.judged)}


def csv_row(done: Done, *, applied: bool) -> str:
    """What `--format csv` prints."""
    values = record(done, applied=applied) | {"reason": report.first_reason(done.judged.verdict)}
    return report.csv_line(values[field] for field in CSV_FIELDS)


def row(done: Done, width: int = 0, *, applied: bool) -> Line:
    """One line of the table, cut to `width` cells where that is given: what was done, and the line of a verdict."""
    words = fit(f"{WORDS[done.action, applied]} {literal(done.to)}", ACTION_CELLS)
    return [Piece(words), Piece("  "), *report.row(done.judged, max(0, width - ACTION_CELLS - 2))]


def output(stream: IO[str], form: str, *, applied: bool) -> Callable[[Done], None]:
    """What prints one of them on a stream as a line of "table", "jsonl" or "csv"."""

    def write(text: str) -> None:
        stream.write(text)
        stream.flush()

    if form == "jsonl":
        return lambda done: write(report.jsonl(record(done, applied=applied)))
    if form == "csv":
        write(report.csv_line(CSV_FIELDS))
        return lambda done: write(csv_row(done, applied=applied))
    width, show = streams.width(stream), report.printer(stream)
    return lambda done: show([row(done, width, applied=applied)])


def summary(counts: Mapping[Action, int], *, folder: str, looked: int, left: int, applied: bool) -> str:
    """The line behind a table: "200 messages looked at in INBOX: 57 moved"."""
    past, future = ("moved", "flagged", "learnt from"), ("to move", "to flag", "to learn from")
    told = [
        f"{counts[action]:,} {words}"
        for action, words in zip(Action, past if applied else future, strict=True)
        if counts.get(action)
    ]
    if left:
        told.append(f"{left:,} left where you put them back to")
    out = f"{looked:,} message{'' if looked == 1 else 's'} looked at in {folder}: {', '.join(told) or 'nothing to do'}"
    return out if applied else f"{out}; nothing is done without --apply"
