"""Debian's spamc against the server: each of its options, large mail, a server that is down or fails, and a crowd."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from command_line import FRIEND, HOSTILE, MODEL, PITCH, make_home
from serving import Serving, serving, stopped
from spamrec import bulk, message, tagging
from spamrec.history import History
from spamrec.sources import Mail
from spamrec.spamd import MAX_MESSAGE_BYTES

SPAMC = shutil.which("spamc")
pytestmark = [
    pytest.mark.skipif(SPAMC is None and not os.environ.get("CI"), reason="needs spamc"),
    pytest.mark.usefixtures("loop"),
]

SPAM, HAM = PITCH.read_bytes(), FRIEND.read_bytes()
CLIENTS = 8
MESSAGES = 1_000


@pytest.fixture(scope="module")
def server(loop: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:  # noqa: ARG001 - one for each loop
    with serving(make_home(tmp_path_factory.mktemp("spamc")), "--listen", "127.0.0.1:0", "--allow-tell") as running:
        yield running


def spamc(path: Path, *options: str, stdin: bytes = b"") -> tuple[int, bytes]:
    """Status and output of spamc on a Unix socket."""
    assert SPAMC, "CI must install spamc"
    ended = subprocess.run(
        [SPAMC, "-U", str(path), "-F", "/dev/null", *options], input=stdin, capture_output=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout


# --- options -----------------------------------------------------------------------------------------------


def test_c_prints_the_score_and_ends_with_the_verdict(server: Serving) -> None:
    status, out = spamc(server.path, "-c", stdin=SPAM)
    assert status == 1
    assert re.fullmatch(rb"\d+\.\d/5\.0\n", out)
    status, out = spamc(server.path, "-c", stdin=HAM)
    assert status == 0
    assert re.fullmatch(rb"(-\d+|[0-4])\.\d/5\.0\n", out)


@pytest.mark.parametrize(("raw", "status"), [(SPAM, 1), (HAM, 0)])
def test_without_an_option_it_hands_back_the_message_with_headers(server: Serving, raw: bytes, status: int) -> None:
    for options, ends in ((), 0), (("-E",), status), (("--headers",), 0), (("--headers", "-E"), status):
        ended, out = spamc(server.path, *options, stdin=raw)
        assert ended == ends, options
        assert out.startswith(b"X-Spamrec: Spam, " if status else b"X-Spamrec: Legitimate, "), options
        assert tagging.strip(out) == raw, options


def test_capital_r_reports_on_every_message_and_small_r_on_spam(server: Serving) -> None:
    for option, raw in ("-R", SPAM), ("-r", SPAM), ("-R", HAM):
        status, out = spamc(server.path, option, stdin=raw)
        score, first, *rest = out.decode().splitlines()
        assert status == 0
        assert re.fullmatch(r"-?\d+\.\d/5\.0", score), option
        label = "spam" if raw is SPAM else "legitimate"
        assert re.fullmatch(rf"spamrec \S+: {label}, probability [01]\.\d{{3}}, spam from 0\.500 on; .+", first)
        assert rest[1:] or raw is HAM
        assert all(re.fullmatch(r" *[+-]\d+\.\d\d [a-z-]+ +\S.*", line) for line in rest[1:])
    assert spamc(server.path, "-r", stdin=HAM) == (0, b"")


def test_y_prints_the_names_of_signals(server: Serving) -> None:
    status, out = spamc(server.path, "-y", stdin=SPAM)
    assert status == 0
    assert set(out.decode().split(",")) == {"generic-salutation", "asks-resume", "on-behalf-of-client"}


def test_capital_k_asks_whether_it_is_there(server: Serving) -> None:
    assert spamc(server.path, "-K") == (0, b"SPAMD/1.5 0\n")


def test_tcp_is_served_too(server: Serving) -> None:
    assert SPAMC
    ended = subprocess.run(
        [SPAMC, "-d", "127.0.0.1", "-p", str(server.port), "-c"], input=SPAM, capture_output=True, check=False
    )
    assert ended.returncode == 1


def test_another_user_is_judged_by_the_same_profile(server: Serving) -> None:
    """spamd would take the user's own rules; this serves one reader, whoever asks."""
    assert spamc(server.path, "-R", "-u", "somebody.else", stdin=SPAM) == spamc(server.path, "-R", stdin=SPAM)


def test_hostile_mail_comes_back_as_it_was(server: Serving) -> None:
    """With --headers spamc leaves a message as it is in which no empty line ends the header."""
    for raw in (
        HOSTILE.read_bytes(),
        b"\n",
        b"\r\n\r\n",
        b"no header\n\n.\n",
        b"\x00\xff\r\n" * 9,
        b"a: b",
        b"A: b\n\n\n",
    ):
        for options in (), ("--headers",):
            status, out = spamc(server.path, *options, stdin=raw)
            assert status == 0
            assert tagging.strip(out) == raw, (raw[:20], options)
            assert b"X-Spamrec: " in out or (options and not re.search(rb"\r\n\r\n|\n\n", raw))


def test_large_mail_comes_back_whole(server: Serving) -> None:
    large = SPAM + b"\n" + b"line of an attachment\r\n" * 600_000
    size = str(MAX_MESSAGE_BYTES)
    for options in (), ("--headers",):
        status, out = spamc(server.path, "-E", "-s", size, *options, stdin=large)
        assert status == 1
        assert tagging.strip(out) == large
    assert spamc(server.path, "-E", stdin=large) == (0, large), "larger than spamc's own limit: not asked"
    assert spamc(server.path, "-c", stdin=large) == (0, b"0/0\n")
    assert spamc(server.path, "-c", "-s", "10", stdin=SPAM) == (0, b"0/0\n")
    huge = large + bytes(MAX_MESSAGE_BYTES)
    assert spamc(server.path, "-s", "100000000", stdin=huge) == (0, huge), "larger than the server's: handed on"


# --- failures ----------------------------------------------------------------------------------------------


def test_once_the_server_has_gone_spamc_hands_the_message_on(home: Path) -> None:
    with serving(home) as running:
        assert spamc(running.path, "-E", stdin=SPAM)[0] == 1
        assert running.stop() == 0
        once = ("--connect-retries", "1")
        assert spamc(running.path, *once, "-E", stdin=SPAM) == (0, SPAM)
        assert spamc(running.path, *once, "-c", stdin=SPAM) == (0, b"0/0\n")


def test_a_message_whose_worker_dies_is_handed_on_as_it_was(home: Path) -> None:
    with serving(home, "--workers", "1") as running, ThreadPoolExecutor(2) as threads:
        for options, expected in ((), (0, SPAM)), (("-c",), (0, b"0/0\n")), (("-E",), (0, SPAM)):
            assert spamc(running.path, "-c", stdin=SPAM)[0] == 1, "the worker is not ready"
            workers = running.workers()
            stopped(workers)
            asked = threads.submit(spamc, running.path, *options, stdin=SPAM)
            time.sleep(0.5)
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            assert asked.result() == expected, options
        assert spamc(running.path, "-c", stdin=SPAM)[0] == 1


def test_a_message_that_takes_too_long_is_handed_on_as_it_was(home: Path) -> None:
    with serving(home, "--workers", "1", "--time-limit", "0.2") as running:
        stopped(running.workers())
        assert spamc(running.path, stdin=SPAM) == (0, SPAM)


# --- memory ------------------------------------------------------------------------------------------------


def test_what_is_handed_back_is_remembered_and_what_is_asked_is_not(home: Path) -> None:
    with serving(home) as running:
        for options in ("-c",), ("-R",), ("-r",), ("-y",):
            spamc(running.path, *options, stdin=SPAM)
        assert _remembered(home) == []
        spamc(running.path, stdin=SPAM)
        spamc(running.path, "--headers", stdin=HAM)
        spamc(running.path, "-E", stdin=SPAM)
        assert _remembered(home) == ["legitimate", "spam"]


@pytest.mark.parametrize(("remember", "expected"), [("all", ["spam"]), ("none", [])])
def test_what_is_remembered_can_be_said(home: Path, remember: str, expected: list[str]) -> None:
    with serving(home, "--remember", remember) as running:
        spamc(running.path, "-c", stdin=SPAM)
        assert _remembered(home) == expected


def _remembered(home: Path) -> list[str]:
    with History(home / "history.db", read_only=True) as history:
        return [row[0] for row in history.store.rows("SELECT verdict FROM received ORDER BY 1")]


# --- corrections -------------------------------------------------------------------------------------------


def test_capital_l_learns_flips_and_forgets(home: Path) -> None:
    with serving(home, "--allow-tell", "--workers", "2") as running:
        assert spamc(running.path, "-c", stdin=SPAM)[0] == 1
        for kind, raw, said in (
            ("ham", SPAM, b"Message successfully un/learned\n"),
            ("ham", SPAM, b"Message was already un/learned\n"),
            ("spam", SPAM, b"Message successfully un/learned\n"),
            ("forget", b"X-Spamrec: Spam, probability=1\n" + SPAM, b"Message successfully un/learned\n"),
            ("forget", SPAM, b"Message was already un/learned\n"),
        ):
            assert spamc(running.path, "-L", kind, stdin=raw) == (0, said), kind
        assert (home / "model.json").read_text() == MODEL.dumps(), "forgetting leaves no trace"


def test_what_is_learned_is_known_at_once(home: Path) -> None:
    """The workers take over the new model by themselves."""
    with serving(home, "--allow-tell", "--workers", "2") as running:
        before = spamc(running.path, "-c", stdin=SPAM)
        assert spamc(running.path, "-L", "ham", stdin=SPAM)[0] == 0
        running.wait_for("are read again")
        assert spamc(running.path, "-c", stdin=SPAM) != before
        assert spamc(running.path, "-L", "forget", stdin=SPAM)[0] == 0
        running.wait_for("are read again")
        assert spamc(running.path, "-c", stdin=SPAM) == before


def test_capital_c_reports_to_nobody_and_learns(home: Path) -> None:
    """`report` and `revoke` speak of databases on the net; here they are labels of the reader's own."""
    with serving(home, "--allow-tell", "--workers", "2") as running:
        assert spamc(running.path, "-C", "report", stdin=HAM)[0] == 0
        assert "tell: learned as spam" in running.wait_for("tell: ")
        assert spamc(running.path, "-C", "revoke", stdin=HAM)[0] == 0
        assert "tell: learned as ham" in running.wait_for("tell: ")


def test_corrections_are_refused_unless_they_are_allowed(home: Path) -> None:
    with serving(home) as running:
        status, out = spamc(running.path, "-L", "spam", stdin=SPAM)
        assert status in (69, 74)
        assert out == b""
        assert "--allow-tell" in running.wait_for("refused: ")


# --- a crowd -----------------------------------------------------------------------------------------------


def test_a_thousand_messages_of_eight_clients_are_answered_as_classify_does(home: Path, data: Path) -> None:
    """Each comes back whole and labelled as by `classify`; one in three is only asked about."""
    (home / "model.json").unlink()  # the shipped model
    shutil.copy(data / "inbox" / "profile.toml", home)
    paths = sorted(data.glob("*/*/*.eml"))[::3][:MESSAGES]
    raws = [path.read_bytes() for path in paths]
    assert len(set(raws)) == MESSAGES
    judge = bulk.Judge(bulk.Setup(profile=home / "profile.toml"))
    expected = [judge.judge(Mail("", raw)).verdict for raw in raws]
    with serving(home, "--remember", "none") as running, ThreadPoolExecutor(CLIENTS) as clients:
        answers = clients.map(lambda raw: spamc(running.path, "-E", "-x", stdin=raw), raws)
        spam = 0
        for path, raw, verdict, (status, out) in zip(paths, raws, expected, answers, strict=True):
            assert status == verdict.spam, path
            assert tagging.strip(out) == tagging.strip(raw), path
            stated = message.parse(b"Subject: x\n" + out).header("x-spamrec") or out[:200].decode("latin-1")
            assert tagging.word(verdict.label) in stated, path
            spam += status
        assert 200 < spam < 800, "the messages tell nothing"
        assert sum("scantime=" in line for line in running.log) == MESSAGES
