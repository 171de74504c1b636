"""Commands at once on one history: nothing is lost or doubled, a lock ends in a status, a kill in nothing."""

from __future__ import annotations

import mailbox
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from command_line import FRIEND, PITCH, Run, command, environment
from spamrec.history import History
from spamrec.statuses import Status

MAILS = 400
"""Messages of each archive."""


def archive(path: Path, name: str) -> Path:
    """Mail of twenty senders, none of it in another archive."""
    box = mailbox.mbox(path)
    for number in range(MAILS):
        box.add(
            f"From: P{number % 20} <p{number % 20}@{name}.example>\nTo: ray@own.example\nSubject: Hello {number}\n"
            f"Date: Tue, 16 Sep 2025 09:{number % 60:02}:00 +0000\nMessage-ID: <{number}@{name}.example>\n\nHello.\n"
        )
    box.close()
    return path


def start(home: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(home)
    )


def test_four_commands_at_once_and_a_kill_lose_and_double_nothing(home: Path, tmp_path: Path) -> None:
    kept, shared, killed = (archive(tmp_path / name, name) for name in ("kept", "shared", "killed"))
    running = [start(home, "import", "mail", path) for path in (kept, shared, shared)]
    victim = start(home, "import", "mail", killed)
    judging = start(home, "classify", PITCH, FRIEND)
    while not (home / "history.db").exists():
        time.sleep(0.01)
    time.sleep(0.3)
    victim.kill()
    victim.wait()
    assert [process.wait(60) for process in (*running, judging)] == [Status.DONE] * 4
    assert start(home, "import", "mail", killed).wait(60) == Status.DONE
    with History(home / "history.db", read_only=True) as memory:
        assert memory.counts()["messages received"] == 3 * MAILS
        assert memory.store.rows("PRAGMA integrity_check") == [("ok",)]
        assert memory.store.rows("PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("arguments", [("import", "mail", FRIEND), ("unsubscribed", "a@b.example")])
def test_a_history_that_another_program_holds_is_a_matter_of_time(
    run: Run, home: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    History(home / "history.db").close()
    defaults = History.__init__.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "timeout_s", 0.1)
    other = sqlite3.connect(home / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ended = run(*arguments)
    other.execute("ROLLBACK")
    other.close()
    assert (ended.status, ended.out) == (Status.TRY_AGAIN, "")
    assert "try again later" in ended.err
    assert run(*arguments).status == Status.DONE
