"""A mail filter starts once for each message: little is loaded, and soon."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import pytest

from command_line import FRIEND, PITCH, environment

HEAVY = ("numpy", "scipy", "sklearn", "joblib", "rich", "matplotlib", "distributed", "tomllib", "sqlite3")
"""What one message, judged without profile and history and not on a terminal, has no use for."""
MOST_TIMES = 2.5
"""Times as long as click and the standard library's mail parser take to load."""
RUNS = 15


@pytest.mark.parametrize("mail", [PITCH, FRIEND])
@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_one_message_loads_nothing_heavy(home: Path, mail: Path, form: str) -> None:
    program = (
        "import sys; from spamrec import cli; status = cli.run(sys.argv[1:]); "
        f"print(status, [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    ended = start([sys.executable, "-c", program, "classify", "--format", form, "-"], mail, home)
    assert ended.stderr.splitlines()[-1] == b"0 []"


FILTER_HEAVY = tuple(name for name in HEAVY if name != "sqlite3")
"""What `filter` has no use for; it remembers the mail, in SQLite."""


def test_the_filter_loads_nothing_heavy(home: Path) -> None:
    """Neither where the mail is held nor where it is judged."""
    program = (
        "import sys; from spamrec import cli, delivery; remember = delivery.Delivery.remember\n"
        f"def told(*arguments): remember(*arguments); print([m for m in {FILTER_HEAVY!r} if m in sys.modules],"
        " file=sys.stderr)\n"
        "delivery.Delivery.remember = told; status = cli.run(['filter'])\n"
        f"print(status, [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    ended = start([sys.executable, "-c", program], PITCH, home)
    assert ended.stderr.splitlines() == [b"[]", b"0 []"]
    assert ended.stdout.startswith(b"X-Spamrec: Spam")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["classify", "--help"], ["train", "--help"], ["filter", "--help"]]
)
def test_help_loads_neither_model_nor_message(home: Path, arguments: Sequence[str]) -> None:
    program = (
        "import sys; from spamrec import cli; status = cli.run(sys.argv[1:]); "
        "print(status, sorted(m for m in sys.modules if m in ('spamrec.message', 'spamrec.model', 'selectolax')), "
        "file=sys.stderr)"
    )
    ended = start([sys.executable, "-c", program, *arguments], PITCH, home)
    assert ended.stderr == b"0 []\n"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["classify", "-"], ["filter", "--no-remember"], ["filter"]])
def test_one_message_takes_little_more_than_loading_click(home: Path, arguments: Sequence[str]) -> None:
    """Runs of the two take turns, so that a busy machine slows both."""
    bare = [sys.executable, "-c", "import click, email.parser"]
    ours = [sys.executable, "-c", "from spamrec.start import main; main()", *arguments]
    times: dict[str, list[float]] = {"bare": [], "ours": []}
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    for program in (bare, ours):  # compiles both, as an installer does; else 60 ms of ours are the compiler's
        start(program, PITCH, home, **compiled)
    for _ in range(RUNS):
        for name, program in (("bare", bare), ("ours", ours)):
            started = perf_counter()
            assert start(program, PITCH, home, **compiled).returncode == 0
            times[name].append(perf_counter() - started)
    ratio = statistics.median(times["ours"]) / statistics.median(times["bare"])
    assert ratio <= MOST_TIMES, f"{ratio:.2f} times"


def start(program: Sequence[str], mail: Path, home: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    with mail.open("rb") as stdin:
        return subprocess.run(program, stdin=stdin, capture_output=True, env=environment(home, **more), check=False)
