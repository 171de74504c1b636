"""Every row of the table of exit statuses is reached by the command line, and no command ends with another."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import FRIEND, PITCH, command, environment, ran
from spamrec import statuses
from spamrec.statuses import BogofilterStatus, SpamcStatus, Status

SEPARATOR = b"From x@x.example Tue Mar  3 09:12:44 2026\n"


def done(home: Path) -> int:
    return ran(home, "classify", PITCH, FRIEND).returncode


def usage(home: Path) -> int:
    return ran(home, "classify", "--threshold", "2", PITCH).returncode


def data(home: Path) -> int:
    return ran(home, "evaluate", home).returncode


def no_input(home: Path) -> int:
    return ran(home, "classify", home / "no such path").returncode


def unavailable(home: Path) -> int:
    (home / "letter").touch()
    return ran(home, "serve", "--socket", home / "letter").returncode


def no_permission(home: Path) -> int:
    """Nobody to ask for a password."""
    return ran(home, "imap", "--host", "127.0.0.1", "--user", "ray", "--flag", "Flagged").returncode


def our_fault(home: Path) -> int:
    """A command with a fault, beside our own."""
    program = "from spamrec import cli, start\n@cli.spamrec.command()\ndef faulty(): 1 / 0\nstart.main()"
    return subprocess.run(
        [sys.executable, "-c", program, "faulty"], env=environment(home), check=False, capture_output=True
    ).returncode


def cannot_write(home: Path) -> int:
    (home / "file").touch()
    return ran(home, "init", "--out", home / "file" / "profile.toml").returncode


def input_output(home: Path) -> int:
    with open("/dev/full", "wb") as full:
        return subprocess.run(
            command("classify", PITCH),
            stdout=full,
            stderr=subprocess.DEVNULL,
            env=environment(home),
            check=False,
        ).returncode


def try_again(home: Path) -> int:
    """Another program holds the history while it changes it."""
    make_history(home)
    with sqlite3.connect(home / "history.db", isolation_level=None) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        status = ran(home, "classify", PITCH).returncode
        other.execute("ROLLBACK")
    other.close()
    return status


def configuration(home: Path) -> int:
    (home / "profile.toml").write_text('[location]\nhoem = "Troy, NY"\n', encoding="utf-8")
    return ran(home, "classify", PITCH).returncode


def interrupted(home: Path) -> int:
    """Ctrl-C while standard input still goes on; the first verdict tells that the command is at work."""
    with running(home) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(SEPARATOR + PITCH.read_bytes() + b"\n" + SEPARATOR + FRIEND.read_bytes())
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"spam")
        process.send_signal(signal.SIGINT)
        return process.wait(60)


def pipe_closed(home: Path) -> int:
    with running(home) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.write((SEPARATOR + PITCH.read_bytes() + b"\n") * 20)
        process.stdin.close()
        assert process.stderr
        assert process.stderr.read() == b""
        return process.wait(60)


def running(home: Path) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command("classify", "-"), stdin=pipe, stdout=pipe, stderr=pipe, env=environment(home))


def make_history(home: Path) -> None:
    from spamrec.history import History

    History(home / "history.db").close()


ROWS: dict[Status, Callable[[Path], int]] = {
    Status.DONE: done,
    Status.USAGE: usage,
    Status.DATA: data,
    Status.NO_INPUT: no_input,
    Status.UNAVAILABLE: unavailable,
    Status.OUR_FAULT: our_fault,
    Status.CANNOT_WRITE: cannot_write,
    Status.INPUT_OUTPUT: input_output,
    Status.TRY_AGAIN: try_again,
    Status.NO_PERMISSION: no_permission,
    Status.CONFIGURATION: configuration,
    Status.INTERRUPTED: interrupted,
    Status.PIPE_CLOSED: pipe_closed,
}


@pytest.mark.parametrize("status", Status)
def test_each_status_is_reached(status: Status, home: Path) -> None:
    assert ROWS[status](home) == status


def test_each_status_has_a_sentence() -> None:
    assert all(status.sentence for status in Status)
    assert [int(status) for status in Status] == sorted({int(status) for status in Status})


def test_an_error_that_nobody_foresaw_is_our_fault() -> None:
    assert statuses.of(ZeroDivisionError()) is Status.OUR_FAULT


# --- verdicts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("convention", "mail", "status"),
    [
        ("bogofilter", PITCH, BogofilterStatus.SPAM),
        ("bogofilter", FRIEND, BogofilterStatus.LEGITIMATE),
        ("spamc", PITCH, SpamcStatus.SPAM),
        ("spamc", FRIEND, SpamcStatus.LEGITIMATE),
    ],
)
def test_a_verdict_is_told_by_the_status_where_that_is_wanted(
    home: Path, convention: str, mail: Path, status: int
) -> None:
    ended = ran(home, "classify", "--exit-code", convention, "-", stdin=mail.read_bytes())
    assert (ended.returncode, ended.stderr) == (status, b"")


@pytest.mark.parametrize("damage", ["model", "input", "two"])
def test_no_error_looks_like_a_verdict_of_bogofilter(home: Path, damage: str) -> None:
    if damage == "model":
        (home / "model.json").write_text("{}", encoding="utf-8")
    paths = {"model": [PITCH], "input": [home / "nothing"], "two": [PITCH, FRIEND]}[damage]
    ended = ran(home, "classify", "--exit-code", "bogofilter", *paths)
    assert ended.returncode == BogofilterStatus.ERROR
    assert ended.stderr.startswith(b"spamrec: ") or damage == "two"


def test_with_spamc_an_error_keeps_its_own_status(home: Path) -> None:
    assert ran(home, "classify", "--exit-code", "spamc", home / "nothing").returncode == Status.NO_INPUT


def test_a_cluster_that_does_not_answer_is_unavailable(home: Path) -> None:
    """No scheduler listens on a port that nobody may."""
    ended = ran(home, "classify", "--cluster", "tcp://127.0.0.1:1", PITCH)
    assert ended.returncode == Status.UNAVAILABLE
    assert ended.stderr == b"spamrec: tcp://127.0.0.1:1: no Dask scheduler answers\n"
