"""Whatever the clock says, mail is judged, remembered, learnt from and moved; an empty battery sets one back for years."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import serving
from command_line import FRIEND, PITCH, ran
from spamrec import tagging
from spamrec.history import History
from spamrec.statuses import Status

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
CLOCKS = [
    "1960-01-01 00:00:00",
    "1969-12-31 23:59:58",
    "2038-01-19 03:14:06",
    "2107-06-01 00:00:00",
    "2262-04-01 00:00:00",
]
"""Before 1970; over that moment; over the end of 32 bits, with a sign and without; days before that of nanoseconds in 64."""

pytestmark = pytest.mark.skipif(LIBRARY is None and not os.environ.get("CI"), reason="needs faketime")


def at(clock: str) -> Mapping[str, Any]:
    """Variables that set the clock of a process, which goes on from there."""
    faked = {"FAKETIME": f"@{clock}", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}
    return {"LD_PRELOAD": str(LIBRARY), **faked}


@pytest.mark.parametrize("clock", CLOCKS)
def test_delivery_learning_and_moving_do_not_mind_the_clock(home: Path, tmp_path: Path, clock: str) -> None:
    raw = PITCH.read_bytes()
    undated = b"".join(line for line in raw.splitlines(keepends=True) if not line.startswith(b"Date:"))
    for mail in (raw, undated):
        ended = ran(home, "filter", stdin=mail, **at(clock))
        assert (ended.returncode, ended.stderr) == (Status.DONE, b"")
        assert tagging.strip(ended.stdout) == mail
        assert ended.stdout.startswith(b"X-Spamrec: Spam")
    (tmp_path / "box").mkdir()
    shutil.copy(PITCH, tmp_path / "box")
    for arguments in (
        ("learn", "--spam", PITCH),
        ("import", "mail", FRIEND),
        ("unsubscribed", "ann@b.example"),
        ("senders",),
        ("classify", tmp_path / "box", "--move", tmp_path / "spam"),
    ):
        done = ran(home, *arguments, **at(clock))
        assert (done.returncode, b"Traceback" in done.stderr) == (Status.DONE, False), done.stderr
    with History(home / "history.db", read_only=True) as memory:
        assert memory.counts()["labels"] == 1
    assert [path.read_bytes() for path in (tmp_path / "spam" / "new").iterdir()] == [raw]
    assert ran(home, "learn", "--legit", PITCH).returncode == Status.DONE, "and once the clock is right again"


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_server_does_not_mind_the_clock(home: Path, clock: str) -> None:
    """Its limits are of the time that passes."""
    raw = PITCH.read_bytes()
    with serving.serving(home, "--allow-tell", **at(clock)) as server:
        reply = server.ask(serving.request("PROCESS", raw))
        assert reply.startswith(b"SPAMD/1.1 0 EX_OK")
        assert b"X-Spamrec: Spam" in reply
        assert b"DidSet: local" in server.ask(serving.request("TELL", raw, "Message-class: ham", "Set: local"))
        assert server.stop() == Status.DONE


def test_the_clock_of_these_tests_is_set(home: Path) -> None:
    ended = ran(home, "unsubscribed", "ann@b.example", **at(CLOCKS[0]))
    assert b"1960-01-01" in ended.stdout + ended.stderr
