"""What the README says is so: the sample run, the exit statuses, the commands, the set-up lines."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from command_line import ran
from spamrec import profile
from spamrec.cli import COMMANDS
from spamrec.statuses import Status

README = Path("README.md").read_text(encoding="utf-8")


def test_the_sample_run_prints_what_the_readme_shows(tmp_path: Path) -> None:
    block = re.search(r"```console\n\$ spamrec (.*)\n((?:.*\n)*?)```", README)
    assert block
    done = ran(tmp_path, *shlex.split(block[1]))
    assert done.returncode == 0
    assert done.stdout.decode() == block[2]


def test_every_exit_status_stands_in_the_readme_with_its_meaning() -> None:
    for status in Status:
        assert f"| {status.value} | {status.sentence} |" in README


def test_every_command_stands_in_the_readme() -> None:
    for name in COMMANDS:
        assert f"`spamrec {name}" in README


def test_recipes_shown_are_those_that_are_run() -> None:
    """And each recipe is named."""
    recipes = {path.name: path.read_text(encoding="utf-8") for path in Path("doc/recipes").iterdir()}
    shown = re.findall(r"```(?:procmail|maildrop)\n(.*?)```", README, re.DOTALL)
    assert len(shown) == 2
    assert set(shown) <= set(recipes.values())
    assert "(doc/delivery.md)" in README
    page = Path("doc/delivery.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\[([\w.-]+)\]\((recipes|systemd)/([\w.-]+)\)", page))
    assert all(shown_as == name for shown_as, _, name in linked)
    assert {(folder, name) for _, folder, name in linked} == {
        (path.parent.name, path.name) for folder in ("recipes", "systemd") for path in Path("doc", folder).iterdir()
    }


def test_the_profile_shown_is_a_profile() -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block
    assert profile.parse(block[1], Path("profile.toml")).titles == ("technical writer", "database administrator")


@pytest.mark.parametrize(
    "part", ["pip install -q . ", "spamrec classify data/inbox", "pip install -q -e '.[test]'", "pytest"]
)
def test_two_lines_set_up_a_fresh_machine(part: str) -> None:
    block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert block
    assert len(block[1].strip().splitlines()) == 2
    assert part in block[1]
