"""A line to a server that breaks where a test wants it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple


class Cut(NamedTuple):
    """Where one connection breaks."""

    after_bytes: int | None = None
    """After so many bytes from the server."""
    command: bytes = b""
    """At the first command of the client that holds this."""
    answered: bool = False
    """Whether the server still gets the command, and only its answer is lost."""


@dataclass
class Line:
    """A line that can be dialled at a port of its own."""

    port: int
    """Where to dial."""
    cut: list[Cut] = field(default_factory=list)
    """The cuts that were made."""


@contextmanager
def broken_line(to: int, cuts: Sequence[Cut]) -> Iterator[Line]:
    """A line to a port of this machine; its first connections break as told, later ones hold."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(listener.getsockname()[1])
        waiting = list(cuts)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    cut = waiting.pop(0) if waiting else Cut()
                    threading.Thread(target=_carry, args=(client, to, cut, line), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _carry(client: socket.socket, to: int, cut: Cut, line: Line) -> None:
    """Carry bytes both ways until one side hangs up, or the line is cut."""
    with client, socket.create_connection(("127.0.0.1", to)) as server:
        deaf = threading.Event()
        """No answer comes through any more."""

        def upward() -> None:
            with suppress(OSError):
                while block := client.recv(65536):
                    if cut.command and cut.command in block:
                        deaf.set()
                        if not cut.answered:
                            break
                    server.sendall(block)
            with suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            if deaf.is_set() and not cut.answered:
                hang_up()

        def hang_up() -> None:
            line.cut.append(cut)
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=upward, daemon=True)
        thread.start()
        carried = 0
        with suppress(OSError):
            while block := server.recv(65536):
                if cut.after_bytes is not None and carried + len(block) >= cut.after_bytes:
                    client.sendall(block[: cut.after_bytes - carried])
                    hang_up()
                    break
                if deaf.is_set():
                    hang_up()
                    break
                client.sendall(block)
                carried += len(block)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        thread.join(10)
