"""Where the machine fails, mail and memory stay as they were or become as they should, and a line says why."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kills
from command_line import FRIEND, HOSTILE, PITCH, command, environment, ran
from mounts import own_mounts, read_only
from spamrec import tagging
from spamrec.history import History
from spamrec.statuses import Status

COMMANDS = [
    ("classify", PITCH, FRIEND, HOSTILE),
    ("explain", PITCH),
    ("learn", "--spam", PITCH),
    ("import", "mail", FRIEND),
    ("classify", "--format", "csv", HOSTILE),
]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_without_a_locale(home: Path, arguments: tuple[str | Path, ...]) -> None:
    """As procmail and cron start programs; what cannot be written in ASCII is not the end."""
    ended = ran(home, *arguments, LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="")
    assert (ended.returncode, b"Traceback" in ended.stderr) == (Status.DONE, False)


@pytest.mark.parametrize("arguments", COMMANDS[:2])
def test_without_a_home(tmp_path: Path, arguments: tuple[str | Path, ...]) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    ended = subprocess.run(command(*arguments), capture_output=True, env=bare, cwd=tmp_path, timeout=60)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (Status.DONE, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", COMMANDS[2:4])
def test_where_there_can_be_no_home_nothing_is_remembered_and_mail_goes_on(
    tmp_path: Path, arguments: tuple[str | Path, ...]
) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "HOME": "/proc/nowhere"}
    ended = subprocess.run(command(*arguments), capture_output=True, env=bare, cwd=tmp_path, timeout=60)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (Status.CANNOT_WRITE, False), ended.stderr
    raw = PITCH.read_bytes()
    passed = subprocess.run(command("filter"), input=raw, capture_output=True, env=bare, cwd=tmp_path, timeout=60)
    assert (passed.returncode, tagging.strip(passed.stdout)) == (Status.DONE, raw)
    assert passed.stdout.startswith(b"X-Spamrec: ")
    assert b"the history is not used" in passed.stderr
    assert list(tmp_path.iterdir()) == []


@own_mounts
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("classify", PITCH, FRIEND), Status.DONE),
        (("explain", PITCH), Status.DONE),
        (("senders",), Status.DONE),
        (("doctor",), Status.DONE),
        (("filter",), Status.DONE),
        (("learn", "--spam", PITCH), Status.CANNOT_WRITE),
        (("import", "mail", FRIEND), Status.CANNOT_WRITE),
        (("unsubscribed", "ann@b.example"), Status.CANNOT_WRITE),
        (("forget", PITCH), Status.CANNOT_WRITE),
    ],
)
@pytest.mark.parametrize("before", [(), ("import", "mail", HOSTILE)])
def test_a_home_that_may_only_be_read(
    home: Path, before: tuple[str | Path, ...], arguments: tuple[str | Path, ...], status: Status
) -> None:
    """What only reads works, and what is delivered goes on."""
    ran(home, *before or ("--version",))
    there = {path: path.read_bytes() for path in home.iterdir()}
    ended = read_only(home, *arguments, stdin=PITCH.read_bytes())
    assert (ended.returncode, b"Traceback" in ended.stderr) == (status, False), ended.stderr
    assert {path: path.read_bytes() for path in home.iterdir()} == there
    if arguments == ("filter",):
        assert tagging.strip(ended.stdout) == PITCH.read_bytes()
        assert ended.stdout.startswith(b"X-Spamrec: Spam")


NO_LOCALES: list[dict[str, Any]] = [
    {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
    {"LC_ALL": "POSIX"},
    {"LC_ALL": "", "LANG": "", "LC_CTYPE": ""},
    {"LC_ALL": "no_SUCH.locale"},
]


@pytest.mark.parametrize("variables", NO_LOCALES, ids=lambda variables: variables["LC_ALL"] or "none")
@pytest.mark.parametrize("name", ["bj\u00f8rk".encode(), b"latin-\xf8", b"new\nline \x1b[31m", "\u65e5\u672c".encode()])
def test_names_of_files_that_the_locale_cannot_write(
    home: Path, tmp_path: Path, name: bytes, variables: dict[str, Any]
) -> None:
    """Are read, told so that a terminal takes no harm, and moved."""
    box = tmp_path / os.fsdecode(name)
    box.mkdir()
    shutil.copy(PITCH, box / box.name)
    for form in ("table", "jsonl", "csv"):
        ended = ran(home, "classify", "--format", form, box, **variables)
        assert (ended.returncode, b"Traceback" in ended.stderr) == (Status.DONE, False), ended.stderr
        assert b"\x1b" not in ended.stdout
    target = f"{box}-spam"
    commands: list[tuple[str, ...]] = [("learn", "--spam"), ("import", "mail"), ("classify", "--move", target)]
    for arguments in commands:
        ended = ran(home, *arguments, box, **variables)
        assert (ended.returncode, b"Traceback" in ended.stderr) == (Status.DONE, False), ended.stderr
    assert [path.read_bytes() for path in Path(target, "new").iterdir()] == [PITCH.read_bytes()]
    assert not [*box.iterdir()]


@pytest.mark.parametrize("most", [0, 1, 4096, 20_000, 60_000])
@pytest.mark.parametrize("arguments", COMMANDS[2:4])
def test_a_disk_that_fills_up_leaves_what_was(home: Path, arguments: tuple[str | Path, ...], most: int) -> None:
    """No file may grow beyond `most` bytes; where the command fails, it runs once there is room."""
    ran(home, "import", "mail", HOSTILE)
    full = subprocess.run(
        command(*arguments),
        capture_output=True,
        env=environment(home),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        timeout=60,
    )
    assert b"Traceback" not in full.stderr
    assert full.returncode in (Status.DONE, Status.CANNOT_WRITE, Status.INPUT_OUTPUT)
    with History(home / "history.db") as memory:
        assert memory.store.rows("PRAGMA integrity_check") == [("ok",)]
        assert memory.counts()["messages received"] >= 1
    assert ran(home, *arguments).returncode == Status.DONE
    assert ran(home, "classify", PITCH).returncode == Status.DONE


@pytest.mark.parametrize(
    "date",
    ["Wed, 31 Dec 1969 23:59:59 +0000", "Mon, 1 Jan 1601 00:00:00 +1400", "Tue, 19 Jan 2038 03:14:08 +0000",
     "Fri, 31 Dec 2199 23:59:59 -1200", "Fri, 31 Dec 9999 23:59:59 -2359"],
)  # fmt: skip
def test_mail_of_other_times_is_judged_and_remembered(home: Path, date: str) -> None:
    raw = b"".join(
        b"Date: " + date.encode() + b"\n" if line.startswith(b"Date:") else line
        for line in PITCH.read_bytes().splitlines(keepends=True)
    )
    ended = ran(home, "filter", stdin=raw)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.startswith(b"X-Spamrec: Spam")
    assert ran(home, "learn", "--legit", stdin=raw).returncode == Status.DONE


def test_no_command_opens_a_socket(home: Path) -> None:
    """No message leaves the machine; the interpreter itself tells of every socket that is made."""
    program = (
        "import sys\n"
        "def refuse(event, _):\n"
        "    if event.startswith('socket.') and event != 'socket.gethostname': raise SystemExit(f'opened {event}')\n"
        "sys.addaudithook(refuse)\n"
        "from spamrec import cli\n"
        "sys.exit(cli.run(sys.argv[1:]))"
    )
    for arguments in (*COMMANDS, ("filter",), ("classify", "-")):
        given = [sys.executable, "-c", program, *map(str, arguments)]
        ended = subprocess.run(given, input=PITCH.read_bytes(), capture_output=True, env=environment(home), timeout=60)
        assert (ended.returncode, b"opened" in ended.stderr + ended.stdout) == (0, False), arguments


def test_what_is_written_is_its_readers_alone(home: Path) -> None:
    """Whatever the mask of the process says."""
    before = set(home.iterdir())
    for arguments in COMMANDS[2:4]:
        given = ["sh", "-c", 'umask 000; exec "$@"', "sh", *command(*arguments)]
        assert subprocess.run(given, env=environment(home), capture_output=True, timeout=60).returncode == Status.DONE
    written = [path for path in home.rglob("*") if path not in before]
    assert written
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in written if path.stat().st_mode & 0o077} == {}


@pytest.mark.slow
def test_killed_commands_lose_double_and_alter_nothing() -> None:
    """A few of the kills of `tools/kills.py`."""
    done, failed = kills.run(12, seed=3)
    assert failed == []
    assert sum(done.values()) == 12
