"""What `doc/how-it-works.md` shows is what comes out."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path("doc/how-it-works.md")


def test_the_page_shows_what_is_printed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    failed, tried = doctest.testfile(str(root / PAGE), module_relative=False, encoding="utf-8")
    assert tried > 30
    assert not failed


def test_the_modules_named_are_there(root: Path) -> None:
    """Each word in code that could be a module is one, or a command, or stands in the code shown."""
    text = re.sub(r"```.*?```", "", (root / PAGE).read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"`([a-z_]+)`", text))
    modules = {path.stem for path in (root / "src" / "spamrec").glob("*.py")}
    assert named - modules == {"classify", "explain", "spamc"}
