"""Sockets that a server listens on: a Unix socket for its owner alone, loopback addresses, or what systemd hands over."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import re
import socket
import stat
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from spamrec.errors import ServerError, reason_of

PORT = 783
"""The port of spamd."""
BACKLOG = 512
"""Connections that wait to be accepted."""
FIRST_HANDED_OVER = 3
"""Number of the first descriptor that systemd hands over (sd_listen_fds(3))."""
PROBE_TIMEOUT_S = 2.0
"""How long another server may take to answer at a Unix socket that is already there."""

_ADDRESS = re.compile(r"(?:\[(?P<bracketed>[^\[\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?")


class Listener(NamedTuple):
    """One socket that clients can connect to."""

    name: str
    """Path or address, as it is told."""
    socket: socket.socket
    """Bound and listening."""
    made: os.stat_result | None = None
    """What was made in the file system and goes away with it; None for nothing."""

    def close(self) -> None:
        """Stop listening; a socket file is removed unless another has taken its place."""
        self.socket.close()
        with suppress(OSError):
            if self.made is not None and os.path.samestat(os.stat(self.name), self.made):
                os.unlink(self.name)


def unix(path: Path) -> Listener:
    """A Unix socket of mode 0600. One left behind by a server that is gone is replaced; ServerError where one still
    answers, or something else lies there."""
    try:
        with _alone_in(path.absolute().parent):
            _clear(path)
            found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            mask = os.umask(0o177)
            try:
                found.bind(str(path))
                found.listen(BACKLOG)
            except BaseException:
                found.close()
                raise
            finally:
                os.umask(mask)
            return Listener(str(path), found, path.stat())
    except ServerError:
        raise
    except OSError as error:
        raise ServerError(str(path), reason_of(error)) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two servers that start at once do not take each other's socket for one left behind."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _clear(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ServerError(str(path), "exists and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError:
            pass  # it is busy, or not ours to connect to
    raise ServerError(str(path), "another server listens there")


def tcp(address: str, *, allow_remote: bool = False) -> list[Listener]:
    """Sockets for HOST, HOST:PORT or [HOST]:PORT. ServerError for one that others than this machine can reach, unless
    that is allowed."""
    host, port = _split(address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ServerError(address, reason_of(error)) from error
    targets = dict.fromkeys((family, where) for family, _, _, _, where in found)
    for _, where in targets:
        if not ipaddress.ip_address(str(where[0]).partition("%")[0]).is_loopback and not allow_remote:
            raise ServerError(address, "can be reached from other machines; --allow-remote serves it all the same")
    listeners: list[Listener] = []
    try:
        for family, where in targets:
            listeners.append(_bound(family, where))
    except OSError as error:
        for listener in listeners:
            listener.close()
        raise ServerError(address, reason_of(error)) from error
    return listeners


def _split(address: str) -> tuple[str, int]:
    with suppress(ValueError):
        return str(ipaddress.IPv6Address(address)), PORT
    found = _ADDRESS.fullmatch(address)
    if not found or int(found["port"] or PORT) > 65535:
        raise ServerError(address, "is no HOST:PORT")
    return found["bracketed"] or found["host"], int(found["port"] or PORT)


def _bound(family: int, where: tuple[object, ...]) -> Listener:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(where)
        found.listen(BACKLOG)
    except BaseException:
        found.close()
        raise
    host, port = found.getsockname()[:2]
    return Listener(f"[{host}]:{port}" if family == socket.AF_INET6 else f"{host}:{port}", found)


# --- systemd -----------------------------------------------------------------------------------------------


def handed_over(environment: MutableMapping[str, str] = os.environ) -> list[Listener]:
    """The sockets that systemd has opened for this process, by LISTEN_PID and LISTEN_FDS; both are taken out, so that
    no child believes them its own. ServerError for one that is no listening stream socket."""
    pid, count = environment.pop("LISTEN_PID", ""), environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    return [_taken(number) for number in range(FIRST_HANDED_OVER, FIRST_HANDED_OVER + int(count))]


def _taken(number: int) -> Listener:
    try:
        os.set_inheritable(number, False)
        found = socket.socket(fileno=number)
        if found.type != socket.SOCK_STREAM or not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise ServerError(f"descriptor {number}", "is no listening stream socket")
        name = found.getsockname()
    except ServerError:
        raise
    except OSError as error:
        raise ServerError(f"descriptor {number}", reason_of(error)) from error
    return Listener(name if isinstance(name, str) else f"{name[0]}:{name[1]}", found)


def notify(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell systemd a state such as READY=1 (sd_notify(3)); nothing where it does not listen."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
        channel.send(state.encode())
