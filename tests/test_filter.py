"""`spamrec filter` hands on every mail, whatever fails: byte for byte but for our headers, with 0 or 75."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from command_line import FRIEND, HOSTILE, PITCH, command, environment, ran
from spamrec import filtering
from spamrec.filtering import Held
from spamrec.history import History
from spamrec.tagging import Style, strip

RAW = PITCH.read_bytes()
SHAPES = {
    "LF": RAW,
    "CRLF": RAW.replace(b"\n", b"\r\n"),
    "mbox": b"From x@x.example Tue Mar  3 09:12:44 2026\n" + RAW,
    "text alone": b"hello\n",
    "empty": b"",
    "NUL": RAW + b"\0\n\0",
    "no end": RAW.rstrip(),
    "lone CR": RAW.replace(b"\n", b"\r"),
    "hostile": HOSTILE.read_bytes(),
    "noise": Random(1).randbytes(200_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_mail_comes_out_as_it_went_in_but_for_our_headers(home: Path, shape: str) -> None:
    ended = ran(home, "filter", stdin=SHAPES[shape])
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert strip(ended.stdout) == SHAPES[shape]
    assert ended.stdout != SHAPES[shape]


def test_the_verdict_is_told(home: Path) -> None:
    spam, legitimate = (ran(home, "filter", stdin=mail.read_bytes()).stdout for mail in (PITCH, FRIEND))
    assert spam.startswith(b"X-Spamrec: Spam, probability=0.9")
    assert b"\nX-Spamrec-Reasons: " in spam
    assert legitimate.startswith(b"X-Spamrec: Legitimate, probability=0.0")


def test_mail_in_the_band_is_unsure_and_an_impossible_band_loses_no_mail(home: Path) -> None:
    ended = ran(home, "filter", "--unsure", "0.3,0.97", "--header-style", "bogofilter", stdin=RAW)
    assert ended.stdout.startswith(b"X-Spamrec: Unsure, probability=0.9")
    assert b"\nX-Bogosity: Unsure, tests=bogofilter, spamicity=0.9" in ended.stdout
    for band in ("0.5", "0.9,0.1", "high"):
        ended = ran(home, "filter", "--unsure", band, stdin=RAW)
        assert (ended.returncode, strip(ended.stdout)) == (0, RAW)
        assert b"unsure" in ended.stderr


@pytest.mark.parametrize("style", list(Style))
def test_headers_of_other_filters(home: Path, style: Style) -> None:
    ended = ran(home, "filter", "--header-style", style, stdin=RAW)
    own = {
        Style.SPAMREC: b"X-Spamrec: Spam, ",
        Style.BOGOFILTER: b"\nX-Bogosity: Spam, tests=bogofilter, spamicity=0.9",
        Style.SPAMASSASSIN: b"\nX-Spam-Flag: YES\n",
        Style.SPAMBAYES: b"\nX-Spambayes-Classification: spam; 0.9",
    }
    for name, header in own.items():
        assert (header in ended.stdout) is (name in (style, Style.SPAMREC))
    assert strip(ended.stdout, style) == RAW


def test_a_forged_header_is_gone_and_counts_for_nothing(home: Path) -> None:
    forged = b"X-Spamrec: Legitimate, probability=0.000001\n" + RAW
    assert ran(home, "filter", stdin=forged).stdout == ran(home, "filter", "--no-remember", stdin=RAW).stdout


def test_what_is_delivered_is_remembered_unless_not_wanted(home: Path) -> None:
    ran(home, "filter", "--no-remember", stdin=RAW)
    assert not (home / "history.db").exists()
    ran(home, "filter", stdin=RAW)
    with History(home / "history.db", read_only=True) as history:
        assert history.counts()["messages received"] == 1


def test_of_a_large_mail_the_beginning_is_judged(home: Path) -> None:
    ended = ran(home, "filter", "--max-bytes", str(len(RAW)), stdin=RAW + b"x" * 3_000_000)
    assert strip(ended.stdout) == RAW + b"x" * 3_000_000
    assert ended.stdout.startswith(b"X-Spamrec: Spam, ")
    assert f" read={len(RAW)}\n".encode() in ended.stdout[:200]


# --- failure -----------------------------------------------------------------------------------------------

FAILURES = {
    "unknown option": ["--bogus"],
    "option value": ["--threshold", "many"],
    "option out of range": ["--max-bytes", "0"],
    "argument": ["more"],
    "style": ["--header-style", "mine"],
    "no such profile": ["--profile", "nowhere.toml"],
    "no such model": ["--model", "nowhere.json"],
    "bad profile": [],
    "bad model": [],
    "bad configuration": [],
    "bad option in the configuration": [],
    "bad variable": [],
    "time limit": ["--time-limit", "0.001"],
}


def failing(home: Path, failure: str, *more: str) -> subprocess.CompletedProcess[bytes]:
    file = {
        "bad profile": ("profile.toml", "[location]\nhoem = 1"),
        "bad model": ("model.json", "{"),
        "bad configuration": ("config.toml", "= 3"),
        "bad option in the configuration": ("config.toml", "[filter]\ntime-limit = 'soon'"),
    }.get(failure)
    if file:
        (home / file[0]).write_text(file[1], encoding="utf-8")
    variables = {"SPAMREC_THRESHOLD": "much"} if failure == "bad variable" else {}
    return ran(home, "filter", *FAILURES[failure], *more, stdin=RAW * 50, **variables)


@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_fails_the_mail_goes_on_as_it_came(home: Path, failure: str) -> None:
    ended = failing(home, failure)
    assert (ended.returncode, ended.stdout) == (0, RAW * 50)
    assert ended.stderr
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_fails_nothing_is_written_where_that_is_wanted(home: Path, failure: str) -> None:
    ended = failing(home, failure, "--on-error", "tempfail")
    assert (ended.returncode, ended.stdout) == (75, b"")


def test_a_forged_verdict_does_not_stand_in_for_one_that_failed(home: Path) -> None:
    forged = b"X-Spamrec: Spam, probability=1.000000\n" + RAW
    for arguments in (["--bogus"], ["--profile", "nowhere.toml"]):
        ended = ran(home, "filter", *arguments, stdin=forged)
        assert (ended.returncode, ended.stdout) == (0, RAW)


def test_the_wish_for_failure_is_heard_however_it_is_said(home: Path) -> None:
    for arguments, variables in (
        (["filter", "--on-error=tempfail", "--bogus"], {}),
        (["filter", "--bogus"], {"SPAMREC_FILTER_ON_ERROR": "tempfail"}),
    ):
        ended = ran(home, *arguments, stdin=RAW, **variables)
        assert (ended.returncode, ended.stdout) == (75, b"")


FAULTS = {
    "exception": "raise ZeroDivisionError",
    "memory": "raise MemoryError",
    "deep": "f = lambda: f(); f()",
    "exit": "sys.exit(3)",
    "hard exit": "os._exit(4)",
    "crash": "os.kill(os.getpid(), 11)",
    "out of memory, killed": "os.kill(os.getpid(), 9)",
    "hang": "time.sleep(60)",
    "hang in C": "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
    "hang, alarm blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); time.sleep(60)",
    "print": "print('no part of the mail', flush=True); os.write(1, b'nor this'); raise ValueError",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours_costs_the_verdict_and_no_mail(home: Path, fault: str) -> None:
    """Wherever it is met; here, while a message is read."""
    program = (
        "import os, signal, sys, time\nfrom spamrec import message, start\n"
        f"def parse(raw):\n    {FAULTS[fault]}\nmessage.parse = parse\nstart.main()"
    )
    for arguments, status, out in (([], 0, RAW), (["--on-error", "tempfail"], 75, b"")):
        ended = subprocess.run(
            [sys.executable, "-c", program, "filter", "--time-limit", "2", *arguments],
            input=RAW, capture_output=True, env=environment(home), timeout=60,
        )  # fmt: skip
        assert (ended.returncode, ended.stdout) == (status, out), ended.stderr
        if fault not in ("exit", "hard exit"):
            assert ended.stderr


def test_a_faulty_installation_passes_the_mail(home: Path) -> None:
    program = "import sys\nfrom spamrec import start\nsys.modules['spamrec.delivery_commands'] = None\nstart.main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, "filter", "--no-remember"],
        input=RAW,
        capture_output=True,
        env=environment(home),
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (0, RAW)


@pytest.mark.parametrize(
    ("arguments", "more", "config"),
    [
        ([], {}, ""),
        (["--on-error", "pass"], {}, ""),
        ([], {"SPAMREC_FILTER_ON_ERROR": "pass"}, ""),
        ([], {}, "[filter]\non-error = 'pass'\n"),
    ],
    ids=["nothing", "option", "variable", "configuration"],
)
def test_the_filter_does_the_same_whether_it_is_told_anything_or_not(
    home: Path, arguments: list[str], more: dict[str, str], config: str
) -> None:
    """Without options it goes straight to work and does not load click; what says the default loads it."""
    if config:
        (home / "config.toml").write_text(config)
    plain = not (arguments or more or config)
    program = (
        "import sys\nfrom spamrec import filtering, start\nreally = filtering.run\n"
        "def run(job):\n    status = really(job)\n    print('click' in sys.modules, file=sys.stderr)\n    return status\n"
        "filtering.run = run\nstart.main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "filter", *arguments],
        input=RAW, capture_output=True, env=environment(home, **more), timeout=60,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"False\n" if plain else b"True\n")
    assert ended.stdout == ran(home, "filter", "--header-style", "spamrec", stdin=RAW).stdout


def test_a_full_disk_in_the_history_folder_costs_no_mail(home: Path) -> None:
    os.symlink("/dev/full", home / "history.db")
    ended = ran(home, "filter", stdin=RAW)
    assert (ended.returncode, strip(ended.stdout)) == (0, RAW)
    assert ended.stdout.startswith(b"X-Spamrec: Spam")
    assert b"the history is not used" in ended.stderr


def test_little_memory_costs_no_mail(home: Path) -> None:
    """With each limit, from too little for judging on, either a verdict comes or the mail as it came."""
    seen = set()
    for megabytes in (20, 24, 28, 1000):
        limited = ["prlimit", f"--as={megabytes << 20}", *command("filter", "--no-remember")]
        ended = subprocess.run(limited, input=RAW, capture_output=True, env=environment(home), timeout=60)
        if ended.returncode in (0, 75):
            assert strip(ended.stdout) == (RAW if ended.returncode == 0 else b"")
            seen.add(ended.stdout.startswith(b"X-Spamrec"))
        else:
            assert not ended.stdout, "the interpreter itself could not start"
    assert seen == {False, True}


# --- standard streams --------------------------------------------------------------------------------------


@contextmanager
def running(home: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command("filter", *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=environment(home)
    ) as process:
        yield process


def test_all_of_standard_input_is_read_before_anything_is_written(home: Path) -> None:
    """maildrop defers a mail that its filter did not read; who writes all first must not wait for a reader."""
    for arguments in ([], ["--bogus"], ["--bogus", "--on-error=tempfail"]):
        with running(home, *arguments) as process:
            assert process.stdin
            process.stdin.write(RAW + b"x\n" * 1_000_000)
            process.stdin.close()
            assert process.stdout
            written = process.stdout.read()
            assert process.wait(60) == (75 if len(arguments) == 2 else 0)
            assert strip(written) in (RAW + b"x\n" * 1_000_000, b"")


def test_a_reader_that_has_gone_is_a_temporary_failure(home: Path) -> None:
    with running(home) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(RAW * 100)
        process.stdin.close()
        assert process.stderr.read() == b"spamrec: the mail could not be passed on: broken pipe\n"
        assert process.wait(60) == 75


@pytest.mark.parametrize("arguments", [[], ["--bogus"]])
def test_output_that_cannot_be_written_is_a_temporary_failure(home: Path, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            command("filter", *arguments), input=RAW, stdout=full, stderr=subprocess.PIPE, env=environment(home)
        )
    assert ended.returncode == 75
    assert b"no space left" in ended.stderr


@pytest.mark.parametrize("arguments", ["", "--bogus"])
def test_closed_streams(home: Path, arguments: str) -> None:
    """Without standard output the mail has gone nowhere; without standard error it has."""
    line = f"{sys.executable} -m spamrec filter {arguments}"
    for redirection, status in ((">&-", 75), ("2>&-", 0), ("2>/dev/full", 0), (">&- 2>&-", 75)):
        ended = subprocess.run(
            ["sh", "-c", f"{line} {redirection}"], input=RAW, capture_output=True, env=environment(home)
        )
        assert (ended.returncode, strip(ended.stdout)) == (status, b"" if status else RAW), redirection


def test_input_that_cannot_be_read_is_a_temporary_failure(home: Path, tmp_path: Path) -> None:
    closed_to_readers = os.open(tmp_path / "mail", os.O_WRONLY | os.O_CREAT)
    ended = subprocess.run(command("filter"), stdin=closed_to_readers, capture_output=True, env=environment(home))
    os.close(closed_to_readers)
    assert (ended.returncode, ended.stdout) == (75, b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("when", ["reading", "judging"])
def test_who_is_told_to_end_ends_soon_and_has_delivered_nothing(home: Path, number: signal.Signals, when: str) -> None:
    """procmail then goes on with the mail as it was, maildrop and the rest try again later."""
    program = (
        "import sys, time\nfrom spamrec import filtering, message, start\n"
        "def parse(raw):\n    print('judging', file=sys.stderr, flush=True)\n    time.sleep(60)\nmessage.parse = parse\n"
        "def read(descriptor):\n    print('reading', file=sys.stderr, flush=True)\n    return really(descriptor, 100)\n"
        "really = filtering.os.read\n"
        "filtering.os.read = lambda d, n: (print('reading', file=sys.stderr, flush=True), really(d, n))[1]\n"
        "start.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "filter", "--time-limit", "50"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(home),
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stderr
        assert process.stdout
        process.stdin.write(RAW)
        process.stdin.flush()
        if when == "judging":
            process.stdin.close()
        while when.encode() not in process.stderr.readline():
            pass
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(30) == 75
        assert time.monotonic() - started < 10
        assert process.stdout.read() == b""
        assert number.name.encode() in process.stderr.read()


# --- size --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_mail_of_a_hundred_megabytes_passes_in_little_memory(home: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    with large.open("wb") as out:
        out.write(RAW)
        for _ in range(100):
            out.write(Random(2).randbytes(1 << 19).hex().encode())
    passed = tmp_path / "passed.eml"
    program = (
        "import resource, subprocess, sys; status = subprocess.run(sys.argv[1:]).returncode; "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(status)"
    )
    figures = {}
    for name, mail in (("ordinary", PITCH), ("large", large)):
        started = time.monotonic()
        with mail.open("rb") as stdin, passed.open("wb") as stdout:
            ended = subprocess.run(
                [sys.executable, "-c", program, *command("filter")],
                stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=environment(home),
            )  # fmt: skip
        figures[name] = (int(ended.stderr) // 1024, round(time.monotonic() - started, 1))
        assert ended.returncode == 0
    raw = passed.read_bytes()
    assert raw.startswith(b"X-Spamrec: Spam, ")
    assert strip(raw) == large.read_bytes()
    assert figures["ordinary"][0] <= 60, figures
    assert figures["large"][0] <= 60, figures


@pytest.mark.parametrize("room", [0, 100_000, 1_000_000_000])
def test_what_memory_and_disk_hold_comes_out_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Also where the disk is full from the start, or soon."""
    monkeypatch.setattr(filtering, "MEMORY_BYTES", 200_000)
    raw = Random(3).randbytes(1_000_000)
    (tmp_path / "in").write_bytes(raw)
    held = Held(1_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    reading = os.open(tmp_path / "in", os.O_RDONLY)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(room, 10**9), before[1]))
    try:
        held.read(reading)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
        os.close(reading)
    writing = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    held.write(writing, held.head)
    os.close(writing)
    assert (tmp_path / "out").read_bytes() == raw
