"""The benchmark runs with one command on any folder of mail, and says which peers it could not measure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import MAIL, environment

PEERS = ("bogofilter", "spamassassin", "spamd", "spamc")


@pytest.fixture(scope="module")
def printed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    script = root / "benchmarks" / "run.py"
    ended = subprocess.run(
        [sys.executable, script, "--quick", "--mail", MAIL, "--messages", "24"],
        capture_output=True, env=environment(tmp_path_factory.mktemp("home")), check=False, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ["spamrec classify -", "spamrec filter", "spamrec classify", "scikit-learn TF-IDF", "spamrec train",
             "classify, 12 messages", "classify, 24 messages"],
)  # fmt: skip
def test_a_line_stands_in_the_table_with_its_figures(printed: str, line: str) -> None:
    found = [shown for shown in printed.splitlines() if shown.startswith(f"  {line}")]
    assert found
    assert float(found[0].split()[-1].removesuffix("x")) > 0


@pytest.mark.slow
def test_a_peer_is_measured_or_named_as_missing(printed: str, root: Path) -> None:
    sys.path.insert(0, str(root / "benchmarks"))
    from peers import missing

    absent = missing()
    assert not (absent and os.environ.get("CI")), f"CI installs {absent}"
    assert (
        f"not installed, so not measured: {', '.join(absent)}" in printed if absent else "not installed" not in printed
    )
    for peer in ("bogofilter -T -b", "spamassassin -L", "spamd -L"):
        assert (f"  {peer}" in printed) is (peer.split()[0] not in absent)
