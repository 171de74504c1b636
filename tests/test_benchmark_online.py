"""The benchmark of online learning runs both filters on the same mail, bogofilter itself included."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from test_own_mail_alone import folders

pytestmark = pytest.mark.skipif(
    not shutil.which("bogofilter") and os.environ.get("CI") != "true", reason="bogofilter is not installed"
)


def benchmark(root: Path, *arguments: str | Path) -> str:
    command = [sys.executable, root / "benchmarks" / "online.py", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_both_filters_are_measured_in_one_run(root: Path, tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 40)
    shown = benchmark(root, "--spam", shop, "--legit", choir, "--seeds", "1", "2", "--headers", "raw")
    assert "80 messages, 40 of them spam, raw headers" in shown
    figures = re.findall(r"^(spamrec --no-base|bogofilter) +(\d|mean) +([\d.]+)", shown, re.MULTILINE)
    assert [(name, seed) for name, seed, _ in figures] == [
        ("spamrec --no-base", "1"), ("bogofilter", "1"), ("spamrec --no-base", "2"), ("bogofilter", "2"),
        ("spamrec --no-base", "mean"), ("bogofilter", "mean"),
    ]  # fmt: skip
    assert all(0.0 <= float(value) < 40.0 for _, _, value in figures), "both learn"


def test_families_are_compared(root: Path, tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 10)
    shown = benchmark(root, "--spam", shop, "--legit", choir, "--seeds", "1", "--headers", "common", "--families")
    assert "20 messages, 10 of them spam, common headers" in shown
    assert {"as shipped", "header tokens only", "4-grams of both", "no rehearsal"} <= {
        line[:34].strip() for line in shown.splitlines()
    }
