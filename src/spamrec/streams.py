"""Standard streams: mended where they are closed or narrow, and given what a command prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import IO, Any

from spamrec import report


def mend() -> None:
    """Closed streams become empty ones; what the terminal's encoding lacks is printed escaped."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def drop_output() -> None:
    """Let what could not be written go nowhere, since Python would try once more at its end and complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stdout(form: str) -> IO[str]:
    """Standard output; JSON and CSV go out as UTF-8 whatever the terminal speaks."""
    if form != "table" and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


def width(stream: IO[str]) -> int:
    """Cells of a terminal; 0 for what is none."""
    return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0


@contextmanager
def verdicts(form: str, doing: str) -> Iterator[tuple[Callable[[report.Shown], None], Callable[[], None]]]:
    """What prints a verdict and what moves the progress bar; where both would show on one terminal, the verdicts
    wait for the bar to end."""
    out = stdout(form)
    waiting: list[report.Shown] = []
    put = report.output(out, form)
    with report.progress(doing) as tick:
        yield waiting.append if out.isatty() and sys.stderr.isatty() else put, tick
    for shown in waiting:
        put(shown)


def show(
    form: str,
    *,
    table: Callable[[int], Iterable[report.Line]],
    csv: Callable[[], str],
    records: Callable[[], Iterable[Mapping[str, Any]]],
) -> None:
    """Print in the form wanted what a command found; a table is told the terminal's width, 0 for none."""
    out = stdout(form)
    if form == "table":
        report.printer(out)(table(width(out)))
    else:
        out.write(csv() if form == "csv" else "".join(map(report.jsonl, records())))
        out.flush()


def up_to(tick: Callable[[], None]) -> Callable[[int], None]:
    """What moves a progress bar to a number of things, where `tick` moves it by one."""
    shown = 0

    def move(number: int) -> None:
        nonlocal shown
        for _ in range(number - shown):
            tick()
        shown = number

    return move
