"""What is built holds all that a run needs, and classifies a message in an environment that has only it."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from spamrec import __version__

pytestmark = pytest.mark.slow

PITCH = b"""From: Ravi Teja <ravi@nexa-it.example>
To: undisclosed-recipients:;
Subject: Direct client || Java Architect || Irvine, CA
Date: Tue, 03 Feb 2026 10:00:00 +0000
Message-ID: <1@nexa-it.example>

Hi,

My name is Ravi and I am a technical recruiter with Nexa. Our direct client has an urgent requirement for a Java
Architect. Location: Irvine, CA. Duration: 12+ months contract. Please send me your updated resume, rate and visa
status.
"""
DISTRIBUTIONS = {"sklearn": "scikit-learn", "distributed": "distributed", "dask": "distributed"}
"""Names to install, where they are not the ones to import."""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Output of a command that must succeed, in an environment without this checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SPAMREC"))}
    ran = subprocess.run(command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(out), str(root)]
    if importlib.util.find_spec("hatchling"):
        command.insert(3, "--no-isolation")
    run(*command, cwd=out)
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


# --- the wheel ---------------------------------------------------------------------------------------------


def test_the_wheel_holds_every_file_of_the_package_and_the_model(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("spamrec/data/model.json") == (root / "models" / "default.json").read_bytes()
    package = root / "src"
    mine = {
        path.relative_to(package).as_posix()
        for path in (package / "spamrec").rglob("*")
        if path.is_file() and not _passing(path.relative_to(package))
    }
    assert mine <= names
    assert {n for n in names if not n.startswith("spamrec-")} == mine | {"spamrec/data/model.json"}
    assert any(name.endswith("/share/man/man1/spamrec.1") for name in names)


def _passing(path: Path) -> bool:
    """Whether a file is a cache, which git does not keep either."""
    return any(part == "__pycache__" or part.startswith(".") for part in path.parts)


def test_the_wheel_holds_no_mail_tests_or_tools(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert not [n for n in archive.namelist() if n.endswith(".eml") or n.startswith(("tests", "tools", "data"))]


def test_what_is_imported_is_declared(wheel: Path, root: Path) -> None:
    """Every library that the package imports, but for optional ones, is installed with it."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(path).decode())
    declared = {re.split(r"[^\w.-]", line)[0].lower(): line for line in metadata.get_all("Requires-Dist", [])}
    for module in (root / "src" / "spamrec").glob("*.py"):
        for name in _imported(module) - set(sys.stdlib_module_names) - {"spamrec"}:
            needed = DISTRIBUTIONS.get(name, name)
            brought = {"numpy": "scikit-learn", "scipy": "scikit-learn"}.get(needed, needed)
            assert brought in declared, f"{module.name} imports {name}"
    assert metadata["License-Expression"] == "MIT"


def _imported(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".")[0])
    return found


# --- installed elsewhere -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the programs of a fresh environment that has the wheel, and of this one only the libraries."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    programs = home / "bin"
    run(programs / "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return programs


def test_the_installed_program_is_not_the_checkout(installed: Path, root: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import spamrec; print(spamrec.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parent)
    assert not Path(where).is_relative_to(root)


def test_the_installed_program_classifies_with_the_shipped_model(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pitch.eml").write_bytes(PITCH)
    told = run(
        installed / "spamrec", "classify", "--format", "jsonl", "pitch.eml", cwd=tmp_path, SPAMREC_HOME=str(tmp_path)
    )
    record = json.loads(told)
    assert record["message_id"] == "<1@nexa-it.example>"
    assert record["probability"] > 0.9
    assert record["label"] == ("spam" if record["probability"] >= record["threshold"] else "legitimate")
    assert record["reasons"]


def test_the_installed_program_says_its_version(installed: Path, wheel: Path, tmp_path: Path) -> None:
    told = run(installed / "spamrec", "--version", cwd=tmp_path)
    assert wheel.name.split("-")[1] in told


# --- the source distribution -------------------------------------------------------------------------------


def test_the_source_distribution_holds_what_git_keeps(built: Path, root: Path) -> None:
    """So that it can be built, tested and read from it alone; and nothing that git does not keep."""
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
    listed = run("git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=root)
    kept = {name for name in listed.split("\0") if name and (root / name).is_file()}
    assert {"pyproject.toml", "README.md", "LICENSE", "models/default.json", "doc/how-it-works.md"} <= names
    assert kept - names == set()
    assert names - kept == {"PKG-INFO"}


# --- the metadata ------------------------------------------------------------------------------------------


def test_versions_of_python_are_those_that_the_checks_may_use(built: Path, root: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        member = archive.extractfile(f"{path.name.removesuffix('.tar.gz')}/PKG-INFO")
        assert member
        metadata = Parser().parsestr(member.read().decode())
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Version"] == __version__
    classified = {line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if " :: 3." in line}
    assert {"3.11", "3.12", "3.13"} <= classified
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert (root / "src" / "spamrec" / "py.typed").is_file()
