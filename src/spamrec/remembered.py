"""What the history was given, and who writes, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from spamrec.report import STYLES, Line, Piece, cells, csv_line, fit, literal

if TYPE_CHECKING:
    from spamrec.conversations import Opening
    from spamrec.imports import Imported
    from spamrec.senders import Sender

MOST_SENDER_CELLS = 60
"""Cells of a sender in a table that is not shown on a terminal; a longer one pushes the rest aside."""
LEAST_SENDER_CELLS = 16
"""Cells of a sender on the narrowest terminal."""
WISH = ("request to stop, complaint or repair", "requests to stop, complaints or repairs")
"""What an import may find, one and several."""
COLUMNS = {
    "mails": 5, "first": 10, "last": 10, "spam": 5, "legit": 5, "asked": 10, "after": 5, "ignored": 7, "days": 5,
}  # fmt: skip
"""Columns of the table of senders with their cells."""
DISPENSABLE = ("first", "legit", "days", "spam", "last")
"""Columns that a narrow terminal does without, the first to go first."""


def imported(done: Imported, *, item: str) -> str:
    """What an import did, as lines of text; `item` names one thing read."""
    lines = [f"read {_count(done.read, item)}: {done.added:,} added, {done.known:,} already there"]
    if done.people and item != "person":
        lines.append(f"{_count(done.people, 'person')} known from now on")
    if done.requests:
        lines.append(f"{_count(done.requests, *WISH)} found")
    if done.skipped:
        reasons = "; ".join(f"{literal(reason)}: {count:,}" for reason, count in done.skipped)
        lines.append(f"{sum(count for _, count in done.skipped):,} left out ({reasons})")
    return "".join(f"{line}\n" for line in lines)


def _count(number: int, item: str, items: str = "") -> str:
    """A number of things: "1 mail", "2 mails", "2 people", "2 addresses"."""
    plural = items or {"person": "people", "address": "addresses"}.get(item, f"{item}s")
    return f"{number:,} {item if number == 1 else plural}"


def openings(found: Sequence[Opening]) -> Iterator[Line]:
    """One line for each conversation, with the label its first message would get."""
    for one in found:
        day = one.at.date().isoformat() if one.at else ""
        yield [
            Piece(f"{one.label.value:<12}", STYLES[one.label]),
            Piece(f"{day:<12}"),
            Piece(f"{fit(literal(one.person), 24)}  ", "bold"),
            Piece(fit(literal(one.text), 72)),
        ]


# --- who writes --------------------------------------------------------------------------------------------


def record(one: Sender) -> dict[str, Any]:
    """What `--format jsonl` prints of a sender; days as "2026-11-23"."""
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def csv(found: Sequence[Sender]) -> str:
    """One line for each sender, below the names of the fields."""
    from spamrec.senders import Sender

    names = [field.name for field in fields(Sender)]
    return csv_line(names) + "".join(csv_line(record(one).values()) for one in found)


def table(found: Sequence[Sender], width: int = 0) -> Iterator[Line]:
    """One sender a line below a heading; on a terminal of `width` cells with fewer columns where it is narrow."""
    if not found:
        return
    columns = _columns(width)
    left = max(LEAST_SENDER_CELLS, width - _cells(columns)) if width else _widest(found)
    yield [Piece("sender".ljust(left) + _row(columns, {name: name for name in columns}), "dim")]
    for one in found:
        name = _name(one)
        shown = fit(name, left) if width else name + " " * max(0, left - cells(name))
        style = "bold red" if one.ignored or one.barred else "bold" if one.after else ""
        yield [Piece(shown, style), Piece(_row(columns, _values(one)))]


def _columns(width: int) -> Mapping[str, int]:
    columns = dict(COLUMNS)
    for name in DISPENSABLE:
        if width and LEAST_SENDER_CELLS + _cells(columns) > width:
            del columns[name]
    return columns


def _cells(columns: Mapping[str, int]) -> int:
    return sum(columns.values()) + 2 * len(columns)


def _row(columns: Mapping[str, int], values: Mapping[str, object]) -> str:
    texts = ("" if values[name] is None else str(values[name]) for name in columns)
    return "".join(f"  {text:>{room}}" for text, room in zip(texts, columns.values(), strict=True))


def _values(one: Sender) -> dict[str, object]:
    return {
        "mails": one.count, "first": one.first, "last": one.last, "spam": one.spam, "legit": one.legitimate,
        "asked": one.asked, "after": one.after, "ignored": one.ignored, "days": one.days_since,
    }  # fmt: skip


def _name(one: Sender) -> str:
    return f"{literal(one.sender)}{' (barred)' if one.barred else ''}"


def _widest(found: Sequence[Sender]) -> int:
    return min(MOST_SENDER_CELLS, max(cells(_name(one)) for one in found))
