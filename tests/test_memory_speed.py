"""A long memory costs little: one message judged against 100,000 remembered ones, and 10,000 imported."""

from __future__ import annotations

import statistics
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest

from command_line import PITCH, environment, ran
from spamrec.history import History
from spamrec.parties import Arrival

REMEMBERED = 100_000
"""Messages in the history."""
SENDERS = 8_000
"""Addresses they come from."""
IMPORTED = 10_000
"""Messages in the archive that is imported."""
MOST_IMPORT_S = 60.0
"""Seconds that may take."""
MOST_TIMES = 2.5
"""Times as long as click and the standard library's mail parser take to load."""
RUNS = 9

pytestmark = pytest.mark.slow


def fill(path: Path) -> None:
    start = datetime(2019, 1, 1)
    with History(path) as memory, memory.writing():
        for number in range(REMEMBERED):
            sender = f"person{number % SENDERS}@firm{number % SENDERS // 7}.example"
            at, key = start + timedelta(minutes=37 * number), f"<{number}@mail.example>"
            mail = Arrival(key, f"{number:032x}", sender, f"list{number % 40}.example", key, at)
            memory.add_arrival(mail, verdict="spam" if number % 9 == 0 else "legitimate")
        for number in range(SENDERS // 8):
            memory.add_correspondent(f"person{8 * number}@firm{8 * number // 7}.example", via="sent", since=start)


def test_judging_one_message_stays_within_its_budget(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs of the three take turns, so that a busy machine slows all."""
    full = tmp_path / "full"
    full.mkdir()
    (full / "model.json").write_bytes((home / "model.json").read_bytes())
    fill(full / "history.db")
    ours = [sys.executable, "-c", "from spamrec.start import main; main()", "classify", "-"]
    bare = [sys.executable, "-c", "import click, email.parser"]
    programs = {"bare": (bare, home), "without": (ours, home), "with": (ours, full)}
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, (program, folder) in programs.items():
            started = perf_counter()
            with PITCH.open("rb") as stdin:
                subprocess.run(program, stdin=stdin, capture_output=True, env=environment(folder), check=True)
            times[name].append(perf_counter() - started)
    medians = {name: statistics.median(found) for name, found in times.items()}
    told = ", ".join(f"{name} {1000 * found:.0f} ms" for name, found in medians.items())
    with capsys.disabled():
        sys.stdout.write(f"classify - against {REMEMBERED:,} remembered messages, median of {RUNS}: {told}\n")
    assert medians["with"] <= MOST_TIMES * medians["bare"], told


def test_an_archive_is_imported_within_a_minute(
    home: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mails = [path.read_bytes() for path in sorted(data.glob("*/legit/*.eml"))]
    archive = tmp_path / "archive.mbox"
    with archive.open("wb") as out:
        for number in range(IMPORTED):
            raw = mails[number % len(mails)].replace(b"Message-ID: <", f"Message-ID: <{number}.".encode(), 1)
            out.write(b"From x@x.example Tue Mar  3 09:12:44 2026\n" + raw.replace(b"\nFrom ", b"\n>From ") + b"\n")
    started = perf_counter()
    ended = ran(home, "import", "mail", archive)
    took = perf_counter() - started
    with capsys.disabled():
        sys.stdout.write(f"import mail of {IMPORTED:,} messages: {took:.1f} s\n")
    assert took <= MOST_IMPORT_S
    assert ended.stdout.startswith(b"read 10,000 mails: "), ended.stderr
