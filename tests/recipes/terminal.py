"""A program at a terminal, whose keys a test presses."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from fcntl import ioctl

TIMEOUT_S = 90.0


class Terminal:
    """One program with its screen."""

    def __init__(self, child: int, screen: int) -> None:
        self._child, self._screen = child, screen
        self.shown = b""
        """Everything that it has written to the screen."""

    def press(self, keys: str) -> None:
        """Type, key by key as a person does."""
        for key in keys:
            os.write(self._screen, key.encode())
            self.read(0.5)

    def read(self, seconds: float) -> bool:
        """Take in what is written for so long; whether the program still runs."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._screen], [], [], left)[0]:
                try:
                    self.shown += os.read(self._screen, 65536)
                except OSError:
                    return False
        return True

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for something to come about."""
        end = time.monotonic() + TIMEOUT_S
        while not done():
            assert time.monotonic() < end, self.shown[-3000:]
            self.read(0.2)

    def until_shown(self, text: bytes) -> None:
        """Wait for a text on the screen."""
        self.until(lambda: text in self.shown)

    def until_ended(self) -> None:
        """Wait for the program to end."""
        self.until(lambda: not self.read(0.1))

    def kill(self) -> None:
        """End it, if it has not ended."""
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._screen)


@contextmanager
def terminal(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program at a terminal of 40 lines by 140 columns."""
    child, screen = pty.fork()
    if child == 0:
        try:
            os.execvpe(command[0], list(command), dict(environment))  # noqa: S606
        finally:
            os._exit(127)
    ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    running = Terminal(child, screen)
    try:
        yield running
    finally:
        running.kill()
