"""The server: every request is answered, whatever clients, workers and files around it do."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from command_line import FRIEND, PITCH, command, environment, make_home
from serving import WAIT_S, Serving, eventually, read_all, request, serving, stopped
from spamrec.history import History
from spamrec.serve_commands import serve

pytestmark = pytest.mark.usefixtures("loop")

SPAM, HAM = PITCH.read_bytes(), FRIEND.read_bytes()
PORT = ("--listen", "127.0.0.1:0")
SAFE = re.compile(rb"SPAMD/1\.0 (69|79) [A-Z][a-z]+[^\r\n]*\r\n")
"""A refusal, upon which spamc hands its message on as it was."""


@pytest.fixture(scope="module")
def server(loop: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:  # noqa: ARG001 - one for each loop
    """One that the tests share which leave it as it is."""
    home = make_home(tmp_path_factory.mktemp("server"))
    with serving(home, *PORT, "--max-size", "2000000", "--read-timeout", "3") as running:
        yield running


def label(reply: bytes) -> str:
    found = re.match(rb"SPAMD/1\.1 0 EX_OK\r\n(?:Content-length: \d+\r\n)?Spam: (True|False) ; ", reply)
    assert found, reply
    return found[1].decode()


def test_it_runs_by_the_loop_that_is_meant(server: Serving, loop: str) -> None:
    """So that what follows is tested with both."""
    assert ("uvloop" in Path(f"/proc/{server.process.pid}/maps").read_text()) is (loop == "uvloop")


# --- requests ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "reply"),
    [
        (b"PING SPAMC/1.5\r\n\r\n", b"SPAMD/1.5 0 PONG\r\n"),
        (b"PING SPAMC/1.2\r\n", b"SPAMD/1.5 0 PONG\r\n"),
        (b"SKIP SPAMC/1.5\r\nUser: ray\r\n\r\n", b""),
        (b"FOO SPAMC/1.5\r\n\r\n", b"SPAMD/1.0 76 Bad header line: FOO SPAMC/1.5\r\n"),
        (b"", b"SPAMD/1.0 76 Bad header line: (closed before headers)\r\n"),
        (
            request("TELL", HAM, "Message-class: ham", "Set: local"),
            b"SPAMD/1.0 69 Service Unavailable: TELL commands are not enabled, set the --allow-tell switch.\r\n",
        ),
    ],
)
def test_probes_are_answered_byte_for_byte(server: Serving, raw: bytes, reply: bytes) -> None:
    assert server.ask(raw) == reply


@pytest.mark.parametrize("verb", ["CHECK", "SYMBOLS", "REPORT", "REPORT_IFSPAM", "PROCESS", "HEADERS"])
def test_every_verb_tells_the_verdict(server: Serving, verb: str) -> None:
    assert label(server.ask(request(verb, SPAM))) == "True"
    assert label(server.ask(request(verb, HAM), close=False)) == "False"


def test_the_score_reaches_the_threshold_exactly_where_it_is_spam(server: Serving) -> None:
    for raw in (SPAM, HAM, b"", b"\xff\x00" * 50):
        reply = server.ask(request("CHECK", raw))
        found = re.search(rb"Spam: (True|False) ; (-?\d+\.\d) / (5\.0)\r\n", reply)
        assert found, reply
        assert (float(found[2]) >= float(found[3])) is (found[1] == b"True")


def test_tcp_and_unix_answer_the_same(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as client:
        client.sendall(request("REPORT", SPAM))
        assert read_all(client) == server.ask(request("REPORT", SPAM))


def test_a_processed_message_is_the_message_with_our_headers_in_front(server: Serving) -> None:
    head, _, body = server.ask(request("PROCESS", SPAM)).partition(b"\r\n\r\n")
    assert b"Content-length: %d\r\n" % len(body) in head
    assert body.endswith(SPAM)
    assert body.startswith(b"X-Spamrec: Spam, probability=")


def test_the_log_has_one_line_a_message_and_nothing_of_its_content(server: Serving) -> None:
    raw = b"From: a@b.example\nMessage-ID: <\x1b[31m1,2 3@\xc3\xa9vil>\nSubject: secret\n\nsecret words\n"
    before = len(server.log)
    server.ask(request("CHECK", raw).replace(b"User: ray", b"User: r,\xff y"))
    line = server.wait_for("user=r_y")
    assert re.fullmatch(r"result: [Y.] [01]\.\d\d - [a-z,-]+ scantime=\d+\.\d{3},size=\d+,user=r_y,mid=[!-~]+", line), (
        line
    )
    assert "secret" not in "".join(server.log[before:])


# --- hostile clients ---------------------------------------------------------------------------------------


def test_clients_that_stall_lie_and_send_garbage_harm_nobody_else(server: Serving) -> None:
    stalling = [server.connect() for _ in range(40)]
    for number, client in enumerate(stalling):
        client.sendall(request("PROCESS", SPAM)[: number * 10])
    lying = server.connect()
    lying.sendall(request("CHECK", SPAM).replace(b"Content-length: ", b"Content-length: 9"))
    for garbage in (os.urandom(70_000), b"\n" * 100_000, b"CHECK SPAMC/1.5\r\n" + b"a: b\r\n" * 100_000):
        assert server.ask(garbage).startswith(b"SPAMD/1.0 76 Bad header line: ")
    vanishing = server.connect()
    vanishing.sendall(request("CHECK", SPAM))
    vanishing.close()
    started = time.monotonic()
    for _ in range(10):
        assert label(server.ask(request("CHECK", SPAM))) == "True"
    assert time.monotonic() - started < 3, "the others had to wait"
    for client in (*stalling, lying):
        reply = read_all(client)
        assert reply == b"SPAMD/1.0 79 Timeout: (3 second socket timeout reading input from client)\r\n"
        client.close()


def test_a_message_that_is_too_large_is_refused_while_the_client_still_writes(server: Serving) -> None:
    refusal = b"SPAMD/1.0 69 Service Unavailable: Message is larger than 2000000 bytes\r\n"
    large = HAM + b"x" * 5_000_000
    assert server.ask(request("PROCESS", large)) == refusal
    assert server.ask(b"PROCESS SPAMC/1.2\r\n\r\n" + large) == refusal
    assert label(server.ask(request("PROCESS", large[:1_900_000]))) == "False"


# --- workers -----------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_replaced_and_its_message_refused(home: Path) -> None:
    with serving(home, "--workers", "2") as running:
        first = running.workers()
        assert len(first) == 2
        stopped(first)  # so that both are at work when they die
        with ExitStack() as stack:
            clients = [stack.enter_context(running.connect()) for _ in range(4)]
            for client in clients:
                client.sendall(request("CHECK", SPAM))
            time.sleep(0.5)
            for pid in first:
                os.kill(pid, signal.SIGKILL)
            replies = [read_all(client) for client in clients]
        refused = [reply for reply in replies if SAFE.fullmatch(reply)]
        assert refused == [b"SPAMD/1.0 69 Service Unavailable: worker died while trying to CHECK\r\n"] * 2
        assert [label(reply) for reply in replies if reply not in refused] == ["True"] * 2
        eventually(lambda: len(running.workers()) == 2, "the workers were not replaced")
        assert not set(first) & set(running.workers())


def test_idle_workers_that_are_killed_are_replaced_and_no_message_suffers(home: Path) -> None:
    with serving(home, "--workers", "2") as running:
        first = running.workers()
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: len(set(running.workers()) - set(first)) == 2, "the workers were not replaced")
        assert label(running.ask(request("CHECK", SPAM))) == "True"


def test_a_worker_that_hangs_is_replaced_and_its_message_refused(home: Path) -> None:
    with serving(home, "--workers", "1", "--time-limit", "1") as running:
        hanging = running.workers()
        stopped(hanging)
        late = b"SPAMD/1.0 79 Timeout: (1 second timeout while trying to CHECK)\r\n"
        assert running.ask(request("CHECK", SPAM)) == late
        assert label(running.ask(request("CHECK", SPAM))) == "True"
        assert hanging != running.workers()


# --- signals and files -------------------------------------------------------------------------------------


def test_hangup_reads_profile_and_model_again_and_keeps_them_where_the_new_ones_are_broken(home: Path) -> None:
    with serving(home, "--workers", "2") as running:
        assert label(running.ask(request("CHECK", SPAM))) == "True"
        workers = running.workers()
        sender = re.search(rb"^From:.*?([\w.-]+@[\w.-]+)", SPAM, re.MULTILINE)
        assert sender
        (home / "profile.toml").write_text(f'[people]\nknown = ["{sender[1].decode()}"]\n')
        running.signal(signal.SIGHUP)
        running.wait_for("are read again")
        assert label(running.ask(request("CHECK", SPAM))) == "False"
        for name in ("profile.toml", "model.json"):
            kept = (home / name).read_text()
            (home / name).write_text("broken")
            running.signal(signal.SIGHUP)
            assert name in running.wait_for("^not reloaded, the profile and model read before stay in use: ")
            assert label(running.ask(request("CHECK", SPAM))) == "False"
            (home / name).write_text(kept)
        eventually(lambda: len(running.workers()) == 2, "workers too many or too few")
        assert not set(workers) & set(running.workers())


def test_told_to_stop_it_ends_what_it_has_begun_and_takes_nothing_new(home: Path) -> None:
    with serving(home, "--workers", "1", *PORT) as running, ExitStack() as stack:
        (worker,) = running.workers()
        stopped([worker])
        begun, half, idle = (stack.enter_context(running.connect()) for _ in range(3))
        begun.sendall(request("PROCESS", SPAM))
        half.sendall(request("PROCESS", HAM)[:50])
        time.sleep(0.3)
        running.signal(signal.SIGTERM)
        eventually(lambda: not running.path.exists(), "the socket stays")
        with pytest.raises(OSError, match=r"refused"):
            socket.create_connection(("127.0.0.1", running.port))
        assert read_all(idle) == b""
        half.sendall(request("PROCESS", HAM)[50:])
        os.kill(worker, signal.SIGCONT)
        assert label(read_all(begun)) == "True"
        assert label(read_all(half)) == "False"
        assert running.end() == 0
        assert running.log[-1] == "stopped"


def test_workers_end_with_their_server(home: Path) -> None:
    with serving(home, "--workers", "2") as running:
        workers = running.workers()
        running.process.kill()
        running.end()
        eventually(lambda: not any(_alive(pid) for pid in workers), "workers outlive their server")


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may stay as a zombie where nobody asks for its status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- sockets -----------------------------------------------------------------------------------------------


def refused(home: Path, *arguments: str | Path) -> tuple[int, str]:
    ended = subprocess.run(
        command("serve", *arguments), env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stderr.strip()


def test_the_socket_is_its_owners_alone_and_goes_with_the_server(home: Path) -> None:
    with serving(home) as running:
        assert stat.S_IMODE(running.path.stat().st_mode) == 0o600
        assert running.stop() == 0
        assert not running.path.exists()


def test_a_socket_left_behind_is_replaced_and_one_in_use_is_not(home: Path) -> None:
    with serving(home) as killed:
        killed.process.kill()
        killed.end()
        assert killed.path.exists()
    with serving(home) as running:
        assert refused(home, "--socket", running.path) == (69, f"spamrec: {running.path}: another server listens there")
        assert label(running.ask(request("CHECK", SPAM))) == "True"


def test_what_is_no_socket_is_left_alone(home: Path) -> None:
    path = home / "letter"
    path.write_text("dear")
    assert refused(home, "--socket", path) == (69, f"spamrec: {path}: exists and is no socket")
    assert path.read_text() == "dear"


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_other_machines_are_served_only_where_that_is_said(home: Path, address: str) -> None:
    reason = "can be reached from other machines; --allow-remote serves it all the same"
    assert refused(home, "--listen", address) == (69, f"spamrec: {address}: {reason}")


def test_serving_everybody_can_be_said(home: Path) -> None:
    with serving(home, "--listen", "0.0.0.0:0", "--allow-remote") as running:
        assert ", 0.0.0.0:" in running.log[0]


@pytest.mark.parametrize("address", ["127.0.0.1:99999", "127.0.0.1:http", "", ":5", "a:b:c:5"])
def test_addresses_that_are_none_are_refused(home: Path, address: str) -> None:
    assert refused(home, "--listen", address) == (69, f"spamrec: {address}: is no HOST:PORT")


def test_an_address_in_use_is_refused(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        assert refused(home, "--listen", address) == (69, f"spamrec: {address}: address already in use")


def test_without_a_socket_it_says_what_to_name(home: Path) -> None:
    status, said = refused(home)
    assert status == 64
    assert "--socket PATH or --listen HOST:PORT" in said


def test_sockets_handed_over_by_systemd_are_served(home: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as handed:
        handed.bind(str(home / "s"))
        handed.listen()
        number = handed.fileno()
        systemd = (
            f"import os, sys; os.dup2({number}, 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        with serving(home, program=[sys.executable, "-c", systemd], fds=[number]) as running:
            assert label(running.ask(request("CHECK", SPAM))) == "True"
            assert running.stop() == 0
            assert running.path.exists(), "the socket is systemd's"


def test_systemd_is_told_when_it_is_ready(home: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(home / "notify"))
        told.settimeout(WAIT_S)
        with serving(home, NOTIFY_SOCKET=str(home / "notify")) as running:
            assert told.recv(100) == b"READY=1"
            running.stop()
            assert told.recv(100) == b"STOPPING=1"


def test_the_systemd_units_start_a_server_as_it_is(root: Path) -> None:
    """Options named in them exist, and systemd understands them where it is there to ask."""
    folder = root / "doc" / "systemd"
    service = (folder / "spamrec.service").read_text()
    start = re.search(r"^ExecStart=\S+ serve(.*)$", service, re.MULTILINE)
    assert start
    known = {option for parameter in serve.params for option in parameter.opts}
    assert {word for word in start[1].split() if word.startswith("--")} <= known
    assert re.search(r"^SocketMode=0600$", (folder / "spamrec.socket").read_text(), re.MULTILINE)
    if shutil.which("systemd-analyze") and Path("/run/systemd/system").exists():
        units = [folder / "spamrec.service", folder / "spamrec.socket"]
        told = subprocess.run(
            ["systemd-analyze", "--user", "verify", *units], capture_output=True, text=True, check=False
        )
        assert "Unknown" not in told.stderr


def test_the_readmes_lines_work(home: Path, root: Path) -> None:
    if shutil.which("spamc") is None and not os.environ.get("CI"):
        pytest.skip("needs spamc")
    block = re.search(r"```sh\n(spamrec serve .*?)```", (root / "README.md").read_text(), re.DOTALL)
    assert block
    started, *asked = (
        line.partition("#")[0].strip().replace("~/.spamrec.sock", "$S") for line in block[1].splitlines()[:3]
    )
    (home / "mail.eml").write_bytes(SPAM)
    with serving(home) as running:
        assert started == "spamrec serve --socket $S &"
        outputs = [
            subprocess.run(
                ["sh", "-c", line],
                cwd=home,
                env={**environment(home), "S": str(running.path)},
                capture_output=True,
                check=True,
            ).stdout
            for line in asked
        ]
    assert outputs[0].startswith(b"X-Spamrec: Spam, ")
    assert re.match(rb"\d+\.\d/5\.0\nspamrec ", outputs[1])


def test_the_process_number_is_noted_while_it_runs(home: Path) -> None:
    with serving(home, "--pid-file", str(home / "pid")) as running:
        assert (home / "pid").read_text() == f"{running.process.pid}\n"
        running.stop()
        assert not (home / "pid").exists()


def test_what_many_clients_have_tagged_at_once_is_remembered_whole(home: Path) -> None:
    raws = [SPAM.replace(b"Message-ID: <", b"Message-ID: <%d." % number) for number in range(120)]
    assert len(set(raws)) == 120
    with serving(home, "--workers", "3") as running:
        with ThreadPoolExecutor(8) as clients:
            replies = list(clients.map(lambda raw: running.ask(request("PROCESS", raw)), raws))
        assert [label(reply) for reply in replies] == ["True"] * 120
    with History(home / "history.db", read_only=True) as history:
        assert history.counts()["messages received"] == 120


def test_nobody_need_read_the_log(home: Path) -> None:
    path = home / "s"
    with subprocess.Popen(
        command("serve", "--socket", path), env=environment(home), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("serving on")
        process.stderr.close()
        for raw, reply in (request("CHECK", SPAM), b"SPAMD/1.1 0 EX_OK"), (b"FOO\r\n", b"SPAMD/1.0 76 "):
            for _ in range(2):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                    client.settimeout(WAIT_S)
                    client.connect(str(path))
                    client.sendall(raw)
                    client.shutdown(socket.SHUT_WR)
                    assert read_all(client).startswith(reply)
        process.terminate()
        assert process.wait(timeout=WAIT_S) == 0


def test_workers_judge_without_numpy_and_ask_no_server(home: Path) -> None:
    """What is forked is warm: a worker loads nothing more."""
    with serving(home, "--workers", "1") as running:
        before = _mapped(running.workers()[0])
        running.ask(request("PROCESS", SPAM))
        assert not any("numpy" in name or "scipy" in name for name in before | _mapped(running.workers()[0]))


def _mapped(pid: int) -> set[str]:
    return set(re.findall(r"/\S+\.so\S*", Path(f"/proc/{pid}/maps").read_text()))


assert sys.platform == "linux", "workers are found through /proc"
