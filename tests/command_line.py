"""What the tests of the command line share: a small model, mail, and a folder of files for one reader."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from spamrec.model import Model, Weights

MAIL = Path(__file__).parent / "commands"
PITCH, FRIEND, HOSTILE = (MAIL / f"{name}.eml" for name in ("pitch", "friend", "hostile"))

MODEL = Model(
    pitch=Weights(
        -3.0,
        {"generic-salutation": 3.0, "asks-resume": 3.0, "on-behalf-of-client": 2.0, "greets-reader": -2.0},
    ),
    verdict=Weights(-3.0, {"cold-pitch": 6.0, "far-place": 2.0, "near-place": -8.0, "known-sender": -6.0}),
    threshold=0.5,
    corpus="0123456789abcdef",
    version="0.1.0",
)
"""Knows just enough to tell PITCH from FRIEND."""


class Ended(NamedTuple):
    """What a command left behind."""

    status: int
    """What it ended with."""
    out: str
    """What it printed on standard output."""
    err: str
    """What it printed on standard error."""


Run = Callable[..., Ended]
"""Runs the command line in this process: arguments as such, standard input as `stdin`."""


def command(*arguments: str | Path) -> list[str]:
    """The command line in a process of its own."""
    return [sys.executable, "-m", "spamrec", *map(str, arguments)]


def environment(home: Path, **more: str) -> Mapping[str, str]:
    """What a process sees: none of the options that the machine may set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SPAMREC_", "_SPAMREC"))}
    return {**kept, "SPAMREC_HOME": str(home), **more}


def ran(home: Path, *arguments: str | Path, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    """The command line run to its end in a process of its own."""
    return subprocess.run(
        command(*arguments), input=stdin, capture_output=True, env=environment(home, **more), timeout=60
    )


def make_home(folder: Path) -> Path:
    """A folder for one reader's files that holds the small model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(MODEL.dumps(), encoding="utf-8")
    return folder
