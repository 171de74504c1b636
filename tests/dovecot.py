"""A real Dovecot on loopback for tests: any user, one password, folders of their own, TLS with a certificate of ours."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import trustme
from imapclient import IMAPClient

import serving

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
MISSING = DOVECOT is None and not os.environ.get("CI")
"""Whether tests may be skipped for want of Dovecot; CI must install it."""
PASSWORD = "correct-hörse»battery"  # noqa: S105 - of nobody
START_TIMEOUT_S = 20.0

CONFIGURATION = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
default_internal_user = {internal}
default_login_user = {internal}
default_internal_group = {group}
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
protocols = imap
listen = 127.0.0.1
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
  mailbox "Deleted Things" {{
    special_use = \\Trash
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
{more}
"""


class Dovecot(NamedTuple):
    """One that runs."""

    base: Path
    """Folder of everything that is its own."""
    port: int
    """Where it speaks plainly, or with STARTTLS."""
    tls_port: int
    """Where it speaks TLS."""
    ca: Path
    """Certificate of who signed its own."""

    def client(self, user: str) -> IMAPClient:
        """A connection of the reader's own mail program."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=30)
        client.plain_login(user, PASSWORD)
        return client

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.base / "log").read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def dovecot(
    *,
    separator: str = "/",
    prefix: str = "",
    more: str | Callable[[Path], str] = "",
    names: Sequence[str] = ("localhost", "127.0.0.1"),
) -> Iterator[Dovecot]:
    """A server that ends with the block; `more` is added to its configuration, or makes in its folder what is to be
    added; `names` are those of its certificate."""
    assert DOVECOT, "CI must install dovecot-imapd"
    base = Path(tempfile.mkdtemp(prefix="dovecot", dir="/tmp"))  # its sockets need a short path
    base.chmod(0o755)
    server = Dovecot(base, free_port(), free_port(), base / "ca.pem")
    _write(server, names, separator=separator, prefix=prefix, more=more if isinstance(more, str) else more(base))
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(base / "dovecot.conf")], stderr=subprocess.PIPE)
    try:
        _wait(server, process)
        yield server
    finally:
        serving.stop(process)
        shutil.rmtree(base, ignore_errors=True)


def _write(server: Dovecot, names: Sequence[str], *, separator: str, prefix: str, more: str) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(server.ca))
    certificate = ca.issue_cert(*names)
    base = server.base
    certificate.private_key_pem.write_to_path(str(base / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(base / "cert.pem"))
    reader = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    for folder in ("home", "run", "state"):
        (base / folder).mkdir()
    if os.geteuid() == 0:
        os.chown(base / "home", reader.pw_uid, reader.pw_gid)
    internal = "dovecot" if os.geteuid() == 0 else reader.pw_name
    (base / "dovecot.conf").write_text(
        CONFIGURATION.format(
            base=base, port=server.port, tls_port=server.tls_port, separator=separator, prefix=prefix, more=more,
            uid=reader.pw_uid, gid=reader.pw_gid, internal=internal, password=PASSWORD,
            group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
        ),
        encoding="utf-8",
    )  # fmt: skip


def _wait(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1) as one:
            if one.recv(4).startswith(b"* OK"):
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    said = process.stderr.read() if process.poll() is not None and process.stderr else b""
    raise AssertionError(f"Dovecot does not start: {said!r} {server.log if (server.base / 'log').exists() else ''}")
