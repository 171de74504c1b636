"""What several tests share."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from command_line import Ended, Run, make_home

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tools"))  # developer tools are tested too, and no part of the package


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data(root: Path) -> Path:
    """The corpus that the shipped model is trained on."""
    return root / "data"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for one reader's files that holds the small model, and nothing set by variables."""
    for name in list(os.environ):
        if name.startswith("SPAMREC_"):
            monkeypatch.delenv(name)
    home = make_home(tmp_path / "home")
    monkeypatch.setenv("SPAMREC_HOME", str(home))
    return home


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in this process, for the reader of `home`."""
    from spamrec import cli

    assert home.is_dir()

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        status = cli.run([str(a) for a in arguments])
        return Ended(status, *capsys.readouterr())

    return run
