"""Several processes write and read at once, one is killed, one keeps the file locked: nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from spamrec import imports, message
from spamrec.errors import HistoryError, HistoryLockedError
from spamrec.history import History, Request

WRITERS = 4
MAILS = 150

WRITE = """
import sys
from pathlib import Path
from spamrec import imports, message, sources
from spamrec.history import History

imports.BATCH = 5  # many transactions, so that the processes meet
history, own, shared = map(Path, sys.argv[1:4])
with History(history) as memory:
    for mail in sources.walk([own]):
        memory.standing(message.parse(mail.raw))
    print("ready", flush=True)
    imports.mail(memory, [own, shared])
    for mail in sources.walk([own]):
        memory.remember(message.parse(mail.raw), "spam")
    while "forever" in sys.argv:
        for label in ("spam", "legitimate"):
            for mail in sources.walk([own]):
                memory.add_received(message.parse(mail.raw), label)
"""


def archive(folder: Path, name: str) -> Path:
    """Mails of ten senders, none of them in another archive."""
    target = folder / name
    target.mkdir()
    for number in range(MAILS):
        day = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)).strftime("%d %b %Y %H:%M:%S +0000")
        head = f"From: s{number % 10}@{name}.example\nDate: {day}\nMessage-ID: <{number}@{name}.example>\n"
        (target / f"{number}.eml").write_text(f"{head}Subject: a\nList-Id: <{name}.lists.example>\n\nhello\n")
    return target


def writer(history: Path, own: Path, shared: Path, *, forever: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE, str(history), str(own), str(shared), *["forever"] * forever]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_four_processes_and_a_kill_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "history.db"
    archives = [archive(tmp_path, f"a{number}") for number in range(WRITERS)]
    shared = archive(tmp_path, "shared")
    running = [writer(path, own, shared, forever=own is archives[0]) for own in archives]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).uniform(0.02, 0.4))
    running[0].kill()
    errors = [one.communicate(timeout=60)[1] for one in running]
    assert [one.returncode for one in running] == [-signal.SIGKILL, 0, 0, 0], errors
    with History(path) as memory:
        assert memory.store.row("PRAGMA integrity_check") == ("ok",)
        assert memory.store.rows("PRAGMA foreign_key_check") == []
        left = memory.counts()["messages received"]
        assert MAILS * WRITERS <= left <= MAILS * (WRITERS + 1)
        done = imports.mail(memory, [archives[0]])
        assert (done.read, done.added + done.known) == (MAILS, MAILS)
        rows = memory.store.rows("SELECT address, count(*) FROM received JOIN party ON party = party.id GROUP BY party")
        names = [own.name for own in archives] + ["shared"]
        assert sorted(rows) == sorted((f"s{n}@{name}.example", MAILS // 10) for name in names for n in range(10))
        assert memory.store.rows("SELECT address FROM party GROUP BY address HAVING count(*) > 1") == []


def test_processes_that_make_the_file_at_once_make_one(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    make = (
        "import sys; from datetime import date; from spamrec.history import History, Request\n"
        "with History(sys.argv[1]) as memory: memory.add_request(sys.argv[2], Request.STOP, date(2026, 1, 1))"
    )
    running = [subprocess.Popen([sys.executable, "-c", make, str(path), f"p{n}@x.example"]) for n in range(4)]
    assert [one.wait(timeout=60) for one in running] == [0] * 4
    with History(path) as memory:
        assert memory.counts()["requests"] == 4


def test_a_locked_file_is_an_error_after_the_time_out(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    History(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with History(path, timeout_s=0.2) as memory:
        begin = time.monotonic()
        with pytest.raises(HistoryLockedError, match="try again later") as caught:
            memory.add_request("a@x.example", Request.STOP, date(2026, 1, 1))
        assert 0.15 < time.monotonic() - begin < 5
        assert isinstance(caught.value, HistoryError)
        assert isinstance(caught.value, TimeoutError)
        assert memory.counts()["requests"] == 0, "reading goes on while another process writes"
        other.execute("ROLLBACK")
        assert memory.add_request("a@x.example", Request.STOP, date(2026, 1, 1))
    other.close()


def test_a_writer_waits_for_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History(path) as memory:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        release.start()
        assert memory.add_request("a@x.example", Request.STOP, date(2026, 1, 1))
        release.join()
        other.close()


def test_threads_share_a_history(tmp_path: Path) -> None:
    with History(tmp_path / "history.db") as memory:

        def work(name: int) -> None:
            for number in range(20):
                with memory.writing():
                    memory.add_request(f"{number}@t{name}.example", Request.STOP, date(2026, 1, 1))

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert memory.counts()["requests"] == 80


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_process_has_its_own_connection(tmp_path: Path) -> None:
    with History(tmp_path / "history.db") as memory:
        memory.add_request("parent@x.example", Request.STOP, date(2026, 1, 1))
        child = os.fork()
        if child == 0:
            try:
                memory.add_request("child@x.example", Request.STOP, date(2026, 1, 1))
                memory.close()
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        memory.add_request("parent2@x.example", Request.STOP, date(2026, 1, 1))
        mail = message.parse(b"From: child@x.example\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n\nhello\n")
        assert memory.standing(mail).asked_to_stop == date(2026, 1, 1)
        assert memory.counts()["requests"] == 3
