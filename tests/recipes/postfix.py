"""A real Postfix on loopback for tests, with configuration, queue and data of its own: it sees these in the places of the
system's, by a mount namespace."""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from reader import maildir

import serving
from dovecot import free_port

START_TIMEOUT_S = 60.0
DELIVERY_TIMEOUT_S = 90.0
PLACES = {"etc": "/etc/postfix", "queue": "/var/spool/postfix", "data": "/var/lib/postfix"}

MAIN = """
compatibility_level = 3.6
maillog_file = {base}/log
maillog_file_prefixes = /tmp
myhostname = mail.example
mydestination =
inet_interfaces = 127.0.0.1
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = robin.example
virtual_mailbox_base = {base}/mail
virtual_mailbox_maps = static:robin/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
default_database_type = texthash
{more}
"""
MASTER = """
{smtp}
postlog   unix-dgram n  -       n       -       1       postlogd
pickup    unix  n       -       n       1       1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       2       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
"""


class Postfix(NamedTuple):
    """One that runs."""

    base: Path
    """Folder of everything that is its own."""
    port: int
    """Where it takes mail."""

    @property
    def log(self) -> str:
        """What it has logged."""
        path = self.base / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def send(self, raw: bytes) -> None:
        """Hand over a mail to robin@robin.example."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.sendmail("sender@x.example", ["robin@robin.example"], raw.replace(b"\n", b"\r\n"))

    def arrived(self, number: int) -> list[bytes]:
        """The mails that have come in, once so many have, as the sender wrote them down to the header of ours."""
        box = self.base / "mail" / "robin"
        end = time.monotonic() + DELIVERY_TIMEOUT_S
        while len(list(box.glob("new/*"))) < number and time.monotonic() < end:
            time.sleep(0.1)
        return maildir(box)


def may_mount() -> bool:
    """Whether this process may have a mount namespace of its own."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


@contextmanager
def postfix(configure: Callable[[Path], tuple[str, str]]) -> Iterator[Postfix]:
    """A server that ends with the block; `configure` makes in its folder what it needs, and tells the entries of
    master.cf for what comes in, on port `smtp`, and more of main.cf."""
    base = Path(tempfile.mkdtemp(prefix="postfix", dir="/tmp"))
    base.chmod(0o755)
    server = Postfix(base, free_port())
    nobody = pwd.getpwnam("nobody")
    for name in (*PLACES, "mail"):
        (base / name).mkdir()
    os.chown(base / "mail", nobody.pw_uid, nobody.pw_gid)
    os.chown(base / "data", pwd.getpwnam("postfix").pw_uid, -1)
    smtp, more = configure(base)
    (base / "etc" / "main.cf").write_text(MAIN.format(base=base, uid=nobody.pw_uid, gid=nobody.pw_gid, more=more))
    (base / "etc" / "master.cf").write_text(MASTER.format(smtp=smtp.replace("\nsmtp ", f"\n127.0.0.1:{server.port} ")))
    for name in ("dynamicmaps.cf", "postfix-files"):
        with suppress(OSError):
            shutil.copy(Path("/etc/postfix", name), base / "etc")
    mounts = "; ".join(f"mount --bind {base}/{own} {place}" for own, place in PLACES.items())
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-ec", f"{mounts}; exec postfix start-fg"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait(server, process)
        yield server
    finally:
        serving.stop(process)
        shutil.rmtree(base, ignore_errors=True)


def _wait(server: Postfix, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1) as one:
            if one.recv(3) == b"220":
                return
        time.sleep(0.1)
    said = process.stdout.read() if process.poll() is not None and process.stdout else b""
    raise AssertionError(f"Postfix does not start: {said!r} {server.log}")
