"""What the README says is so: the sample run, the exit statuses, the commands, the set-up lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from command_line import ran
from spamrec import profile
from spamrec.cli import COMMANDS, spamrec
from spamrec.statuses import Status

README = Path("README.md").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path("doc").glob("*.md"))}
OTHERS = {"--batch", "--headers"}
"""Options of other programs: notmuch, spamc."""


def test_the_sample_run_prints_what_the_readme_shows(tmp_path: Path) -> None:
    block = re.search(r"```console\n\$ spamrec (.*)\n((?:.*\n)*?)```", README)
    assert block
    done = ran(tmp_path, *shlex.split(block[1]))
    assert done.returncode == 0
    assert done.stdout.decode() == block[2]


def test_every_exit_status_stands_in_the_readme_with_its_meaning() -> None:
    for status in Status:
        assert f"| {status.value} | {status.sentence} |" in README


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, those in a group too."""
    context = click.Context(spamrec)
    for name in COMMANDS:
        found = spamrec.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in found.commands.items())
        else:
            yield name, found


def options(command: click.Command) -> Iterator[str]:
    """The long names of its options."""
    named = (param for param in command.params if isinstance(param, click.Option))
    return (name for param in named for name in (*param.opts, *param.secondary_opts) if name.startswith("--"))


def test_every_command_stands_in_the_table() -> None:
    """And nothing else does."""
    table = re.findall(r"^\| `spamrec ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE)
    assert sorted(name.removesuffix(" data") for name in table) == sorted(name for name, _ in commands())


def test_every_option_is_told_of() -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README + "".join(PAGES.values())))
    assert {
        f"{name} {option}" for name, command in commands() for option in options(command) if option not in told
    } == set()


def test_every_option_told_of_is_one() -> None:
    known = {option for _, command in commands() for option in options(command)} | OTHERS
    for name, text in {"README.md": README, **PAGES}.items():
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= known, name


def test_help_says_what_each_command_and_option_does() -> None:
    for name, command in commands():
        assert command.help, name
        assert all(param.help for param in command.params if isinstance(param, click.Option)), name


def test_pages_linked_are_there() -> None:
    pages = {Path("README.md"): README, **{Path("doc") / name: text for name, text in PAGES.items()}}
    pages[Path("CONTRIBUTING.md")] = Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    for path, text in pages.items():
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (path.parent / target).exists(), f"{path}: {target}"
    assert all(f"(doc/{name})" in README for name in PAGES)


def test_the_five_commands_are_those_of_the_checks() -> None:
    """What CONTRIBUTING shows runs here: the same checks as `.ci/run`, and commands of ours with paths that are there."""
    block = re.search(r"```sh\n(.*?)```", Path("CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    lines = [line.partition("#")[0].strip() for line in block[1].strip().splitlines()]
    assert len(lines) == 5
    names = dict(commands())
    for line in lines[3:]:
        program, command, path = line.split()
        assert (program, command in names, Path(path).is_dir()) == (".venv/bin/spamrec", True, True)
    checks = Path(".ci/run").read_text(encoding="utf-8")
    for check in ("ruff check", "ruff format", "mypy", "pytest"):
        assert check in " ".join(lines)
        assert check in checks


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
