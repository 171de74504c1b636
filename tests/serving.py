"""What the tests of the server share: a server in a process of its own, and a client without a library."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from command_line import command, environment

START_S = 30.0
"""How long a server may take until it serves, on a busy machine."""
WAIT_S = 20.0
"""How long anything else may take."""


class Serving:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], path: Path) -> None:
        self.process = process
        self.path = path
        """Its Unix socket."""
        self.log: list[str] = []
        """What it said."""
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))
            self._lines.put(line)
        self._lines.put("")

    def wait_for(self, pattern: str, seconds: float = WAIT_S) -> str:
        """The next line said that holds a pattern."""
        end = time.monotonic() + seconds
        while True:
            line = self._lines.get(timeout=max(0.01, end - time.monotonic()))
            if re.search(pattern, line):
                return line.rstrip("\n")
            assert line, f"the server ended: {self.log}"

    @property
    def port(self) -> int:
        """The port it serves on."""
        found = re.search(r":(\d+)$", next(line for line in self.log if line.startswith("serving on")))
        assert found
        return int(found[1])

    def workers(self) -> list[int]:
        """Processes that judge, as they are just now."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def signal(self, number: signal.Signals) -> None:
        """Tell the server something."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """Its status once it was told to stop."""
        self.signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Its status; all it said is in the log."""
        status = self.process.wait(timeout=WAIT_S)
        self._reader.join(timeout=WAIT_S)
        assert self.process.stderr
        self.process.stderr.close()
        return status

    # --- as a client ---------------------------------------------------------------------------------------

    def connect(self) -> socket.socket:
        """A connection to the Unix socket."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(WAIT_S)
        client.connect(str(self.path))
        return client

    def ask(self, raw: bytes, *, close: bool = True) -> bytes:
        """All that the server replies to these bytes; `close` closes the client's half behind them."""
        with self.connect() as client:
            client.sendall(raw)
            if close:
                client.shutdown(socket.SHUT_WR)
            return read_all(client)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End another server, and close what it said."""
    process.terminate()
    process.wait(30)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def read_all(client: socket.socket) -> bytes:
    """What arrives until the other side closes."""
    blocks = []
    while block := client.recv(1 << 16):
        blocks.append(block)
    return b"".join(blocks)


def request(verb: str, raw: bytes, *headers: str) -> bytes:
    """A request of the newest protocol."""
    head = [f"{verb} SPAMC/1.5", "User: ray", *headers, f"Content-length: {len(raw)}"]
    return "".join(f"{line}\r\n" for line in head).encode() + b"\r\n" + raw


def eventually(true: object, what: str) -> None:
    """Wait until a function returns something true."""
    assert callable(true)
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@contextmanager
def serving(
    home: Path, *arguments: str, program: Sequence[str] = (), fds: Sequence[int] = (), **more: str
) -> Iterator[Serving]:
    """A server for the reader of `home` on `home`/s and, as a rule, on a free port; killed at the end if it still runs."""
    path = home / "s"
    listen = () if program else ("--socket", str(path))
    variables: Mapping[str, str] = environment(home, **more)
    process = subprocess.Popen(
        [*program, *command("serve", *listen, *arguments)],
        stderr=subprocess.PIPE, text=True, env=variables, pass_fds=fds, errors="replace",
    )  # fmt: skip
    server = Serving(process, path)
    try:
        server.wait_for("^serving on", START_S)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        server.end()


def stopped(pids: Sequence[int]) -> None:
    """Have processes stand still, as if they hung."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
