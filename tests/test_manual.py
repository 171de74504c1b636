"""The manual page is that of the command line, and the programs that show manual pages find nothing wrong with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest

import manual
from spamrec.cli import COMMANDS, spamrec
from spamrec.statuses import Status

PAGE = Path("doc/spamrec.1")


def shown() -> str:
    """The page as man shows it, in one line."""
    ran = subprocess.run(
        ["man", "-l", str(PAGE)], capture_output=True, text=True, check=True,
        env={**os.environ, "MANWIDTH": "900", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""},
    )  # fmt: skip
    return " ".join(ran.stdout.split())


needs_man = pytest.mark.skipif(not shutil.which("man") and not os.environ.get("CI"), reason="needs man")


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == manual.page(), "run tools/manual.py"


@needs_man
def test_every_command_and_option_stands_in_it() -> None:
    page = shown()
    found = 0
    for name in COMMANDS:
        command = spamrec.get_command(click.Context(spamrec), name)
        assert command
        inner = list(command.commands.values()) if isinstance(command, click.Group) else [command]
        for one in inner:
            assert f"spamrec {name}" in page
            for option in (o for p in one.params if isinstance(p, click.Option) for o in p.opts):
                assert option in page, (name, option)
                found += 1
    assert found > 60
    for status in Status:
        assert f"{int(status)} {status.sentence[0].upper()}{status.sentence[1:]}.".replace("`", "'") in page


@needs_man
def test_man_has_no_warnings() -> None:
    ran = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-Tutf8", "-Z", "-l", str(PAGE)], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("mandoc") and not os.environ.get("CI"), reason="needs mandoc")
def test_mandoc_has_nothing_to_say() -> None:
    ran = subprocess.run(["mandoc", "-T", "lint", "-W", "style", str(PAGE)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_nothing_in_a_text_is_taken_for_roff() -> None:
    assert manual._paragraph(".TH is 'no' macro \\n and -x") == "\\&.TH is 'no' macro \\en and \\-x"
