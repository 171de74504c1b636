"""What several tests share."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from command_line import Ended, Run, make_home

if TYPE_CHECKING:
    from accounts import Sort
    from dovecot import Dovecot

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


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The event loop by which servers run that are started meanwhile: asyncio's own where uvloop cannot be imported."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "asyncio":
            folder = tmp_path_factory.mktemp("loop")
            (folder / "uvloop.py").write_text("raise ImportError\n")
            patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield request.param


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


# --- a mail server -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """A Dovecot of the module's own."""
    from dovecot import dovecot

    with dovecot() as running:
        yield running


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """An account of each test's own."""
    return re.sub(r"\W+", "-", request.node.name)[-60:].strip("-").lower()


@pytest.fixture
def sort(run: Run, server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> Sort:
    """`spamrec imap` for the user of the test, over TLS."""
    from dovecot import PASSWORD

    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)

    def sort(*more: str | Path, port: int = server.tls_port) -> Ended:
        account = ("--host", "localhost", "--port", str(port), "--user", user, "--ca-file", server.ca)
        return run("imap", *account, *more)

    return sort
