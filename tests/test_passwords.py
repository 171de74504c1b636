"""Where `spamrec imap` takes a password from, and that none is ever shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import pty
import subprocess
import time
from pathlib import Path
from tempfile import gettempdir

import pytest

from accounts import FRIEND_1, fill
from command_line import Run, command, environment
from dovecot import MISSING, PASSWORD, Dovecot, dovecot
from spamrec import passwords
from spamrec.account import Secret
from spamrec.errors import NoPasswordError
from spamrec.statuses import Status

TESTS = Path(__file__).parent
RING = {"PYTHON_KEYRING_BACKEND": "ring.Ring", "PYTHONPATH": str(TESTS)}
needs_dovecot = pytest.mark.skipif(MISSING, reason="needs dovecot-imapd")


def arguments(server: Dovecot, *more: str) -> list[str]:
    account = ("--host", "localhost", "--port", str(server.tls_port), "--user", "ray", "--ca-file", str(server.ca))
    return command("imap", *account, "--flag", "Flagged", *more)


def logged_in(server: Dovecot, home: Path, *more: str, **variables: str) -> tuple[int, str]:
    """Status and talk of a dry run that nobody watches."""
    ended = subprocess.run(
        arguments(server, *more), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        env=environment(home, **variables), text=True,
    )  # fmt: skip
    return ended.returncode, ended.stderr


@needs_dovecot
def test_a_password_may_come_from_the_environment_a_command_or_the_keyring(server: Dovecot, home: Path) -> None:
    fill(server, "ray", FRIEND_1)
    assert logged_in(server, home, SPAMREC_IMAP_PASSWORD=PASSWORD)[0] == 0
    assert logged_in(server, home, "--password-command", f"printf '%s\\nmore' '{PASSWORD}'")[0] == 0
    assert logged_in(server, home, **RING, RING=f"spamrec:localhost ray {PASSWORD}")[0] == 0


@needs_dovecot
def test_a_command_goes_before_the_environment_and_that_before_the_keyring(server: Dovecot, home: Path) -> None:
    wrong = {**RING, "RING": "spamrec:localhost ray wrong"}
    assert logged_in(server, home, SPAMREC_IMAP_PASSWORD=PASSWORD, **wrong)[0] == 0
    told = ("--password-command", f"echo '{PASSWORD}'")
    assert logged_in(server, home, *told, SPAMREC_IMAP_PASSWORD="wrong", **wrong)[0] == 0  # noqa: S106


@needs_dovecot
def test_somebody_at_a_terminal_is_asked_and_what_they_type_is_not_shown(server: Dovecot, home: Path) -> None:
    fill(server, "ray", FRIEND_1)
    child, terminal = pty.fork()
    if child == 0:
        os.execve(arguments(server)[0], arguments(server), dict(environment(home, **RING, RING="locked")))  # noqa: S606
    shown = b""
    while b"Password of ray on localhost: " not in shown:
        shown += os.read(terminal, 1024)
    time.sleep(0.2)
    os.write(terminal, PASSWORD.encode() + b"\n")
    try:
        while block := os.read(terminal, 1024):
            shown += block
    except OSError:
        pass  # the terminal ends with the process
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert PASSWORD.encode() not in shown


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("echo hunter2 >&2; exit 3", "ended with status 3"),
        ("true hunter2", "printed an empty first line"),
        ("printf 'hunter2\\377\\n'", "printed what is not UTF-8"),
        ("kill -9 $$ # hunter2", "ended with status -9"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_says_or_is(
    run: Run, told: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPAMREC_DEBUG", "1")
    ended = run("imap", "--host", "localhost", "--user", "ray", "--move", "R", "--password-command", told)
    assert ended.status == Status.NO_PERMISSION
    assert f"spamrec: the password command {says}" in ended.err
    assert "hunter2" not in ended.out + ended.err


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COMMAND_TIMEOUT_S", 0.1)
    with pytest.raises(NoPasswordError, match="took longer") as caught:
        passwords.told("sleep 30 # hunter2", "password")
    assert "hunter2" not in repr((caught.value, caught.value.__cause__))


def test_a_secret_does_not_show_itself() -> None:
    assert "hunter2" not in f"{Secret('hunter2')!r}{Secret('hunter2')}"


@needs_dovecot
@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_token_from_a_command_logs_in(home: Path, mechanism: str, tmp_path: Path) -> None:
    """Dovecot verifies a token signed by us, as a provider would sign it."""
    key = b"a key that only the provider and the server know"
    keys = tmp_path / "keys" / "default" / "HS256"
    keys.mkdir(parents=True)
    (keys / "default").write_bytes(base64.b64encode(key))
    for folder in (tmp_path, *tmp_path.parents):  # the server reads the key as another user
        if folder.stat().st_uid == os.getuid() and folder.is_relative_to(gettempdir()) and folder != Path(gettempdir()):
            folder.chmod(0o755)
    (tmp_path / "oauth2.conf.ext").write_text(
        f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={tmp_path}/keys/\n"
        "username_attribute = sub\n"
    )
    more = (
        f"auth_mechanisms = plain {mechanism}\n"
        f"passdb {{\n driver = oauth2\n mechanisms = {mechanism}\n args = {tmp_path}/oauth2.conf.ext\n}}\n"
    )
    with dovecot(more=more) as server:
        status, talk = logged_in(server, home, "--token-command", f"echo {token(key, 'ray')}")
        assert status == 0, talk + server.log
        assert f"method={mechanism.upper()}" in server.log
        status, talk = logged_in(server, home, "--token-command", f"echo {token(b'another key', 'ray')}")
        assert status == Status.NO_PERMISSION
        assert "check user and token" in talk
        assert token(b"another key", "ray") not in talk


def token(key: bytes, user: str) -> str:
    """A JSON Web Token (RFC 7519)."""

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    now = int(time.time()) // 60 * 60
    header, claims = {"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": now - 60, "exp": now + 3600}
    text = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"
