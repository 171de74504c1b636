"""Where a password comes from: a command, the environment, the keyring of the desktop, or whoever sits there.

Never from the command line, which every user of a machine can read; and no error names it, nor the command that told
it, since that may hold it too.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from spamrec.errors import NoPasswordError

VARIABLE = "SPAMREC_IMAP_PASSWORD"
"""Variable of the environment that holds a password."""
SERVICE = "spamrec"
"""Under which name, followed by ":" and the host, the keyring keeps a password."""
COMMAND_TIMEOUT_S = 120.0
"""How long a command may take, in seconds: its user may have to unlock a key first."""


def find(user: str, host: str, *, command: str | None, environment: Mapping[str, str]) -> str:
    """The password of a user on a host: from the command where one is named, else from the environment, the keyring,
    or the terminal. NoPasswordError."""
    if command is not None:
        return told(command, "password")
    password = environment.get(VARIABLE) or _from_keyring(user, host) or _asked(user, host)
    if not password:
        raise NoPasswordError(
            f"no password for {user} on {host}: name a command with --password-command, set {VARIABLE}, or put it "
            f"into the keyring with `keyring set {SERVICE}:{host} {user}` (needs `pip install spamrec[keyring]`)"
        )
    return password


def told(command: str, what: str) -> str:
    """The first line that a shell command prints; `what` names it in errors. NoPasswordError."""
    try:
        ran = subprocess.run(  # noqa: S603 - the user's own command, as mbsync's PassCmd
            ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        # the chained error would show the command
        raise NoPasswordError(f"the {what} command took longer than {COMMAND_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise NoPasswordError(f"the {what} command cannot be run: {error.strerror}") from None
    if ran.returncode:
        raise NoPasswordError(f"the {what} command ended with status {ran.returncode}")
    line = ran.stdout.partition(b"\n")[0].rstrip(b"\r")
    try:
        secret = line.decode("utf-8")
    except UnicodeDecodeError:
        raise NoPasswordError(f"the {what} command printed what is not UTF-8") from None
    if not secret:
        raise NoPasswordError(f"the {what} command printed an empty first line")
    return secret


def _from_keyring(user: str, host: str) -> str:
    """What the keyring of the desktop holds; "" where there is none, or it does not open."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password(f"{SERVICE}:{host}", user) or ""
    except (KeyringError, OSError):
        return ""


def _asked(user: str, host: str) -> str:
    """What somebody types at the terminal; "" where nobody sits there."""
    from getpass import getpass

    if not sys.stdin.isatty():
        return ""
    try:
        return getpass(f"Password of {user} on {host}: ")
    except EOFError:
        return ""
