"""A client of the spamd protocol, as many connections at once as there are cores, which counts answers a second."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CONNECTIONS = 2
TIMEOUT_S = 60


def check(port: int, raw: bytes) -> bytes:
    """The answer to CHECK for one message, over a connection of its own, as spamc asks."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall(b"CHECK SPAMC/1.5\r\nContent-length: %d\r\n\r\n%b" % (len(raw), raw))
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    if b"EX_OK" not in answer.partition(b"\r\n")[0]:
        raise RuntimeError(f"the server answered {answer[:80]!r}")
    return answer


def per_second(port: int, mail: Sequence[Path]) -> float:
    """Messages a second that a server judges for all connections together."""
    raws = [path.read_bytes() for path in mail]
    check(port, raws[0])  # a first message makes a server ready
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda raw: check(port, raw), raws))
    return len(raws) / (time.perf_counter() - started)
