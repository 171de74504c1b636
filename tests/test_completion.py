"""Completion in real shells: the script loads, and offers commands, options and values."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import environment, ran

ASKED = {
    "bash": """
        source "$SCRIPT"
        for line in "spamrec cla" "spamrec classify --fo" "spamrec classify --format js" "spamrec import con"; do
            COMP_WORDS=($line); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
            $(complete -p spamrec | sed 's/.*-F \\([^ ]*\\).*/\\1/') spamrec
            echo "${COMPREPLY[@]}"
        done""",
    "fish": """
        source $SCRIPT
        for line in "spamrec cla" "spamrec classify --fo" "spamrec classify --format js" "spamrec import con"
            complete -C $line | cut -f 1
        end""",
    "zsh": """
        autoload -U compinit; compinit -D
        compadd() { print -r -- "${(@P)@[-1]}" }               # offered by the name of an array
        _describe() { print -r -- "${${(@P)3}%%:*}" }
        source "$SCRIPT"
        for line in "spamrec cla" "spamrec classify --fo" "spamrec classify --format js" "spamrec import con"; do
            words=(${=line}); CURRENT=$#words
            $_comps[spamrec]
        done""",
}
"""What asks each shell what it would offer behind four beginnings."""


@pytest.mark.parametrize("shell", ASKED)
def test_the_script_loads_in_the_shell_and_completes(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None and not os.environ.get("CI"):
        pytest.skip(f"needs {shell}")
    assert program, f"CI must install {shell}"
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    command = home / "bin" / "spamrec"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m spamrec "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    script = tmp_path / "script"
    script.write_bytes(ran(home, "completion", shell).stdout)
    done = subprocess.run(
        [program, *{"bash": ["--norc"], "fish": ["--no-config"], "zsh": ["-f"]}[shell], "-c", ASKED[shell]],
        env={**environment(home, SCRIPT=str(script), HOME=str(home)), "PATH": f"{home / 'bin'}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n")[:4] == ["classify", "--format", "jsonl", "contacts"], done.stdout
