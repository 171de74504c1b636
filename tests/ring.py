"""A keyring for tests, of the real library's kind: named by PYTHON_KEYRING_BACKEND."""

from __future__ import annotations

import os

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class Ring(KeyringBackend):
    """Holds what RING says, as "service user password"; locked where that is "locked"."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if os.environ["RING"] == "locked":
            raise KeyringLocked("nobody unlocks it")
        held, user, password = os.environ["RING"].split(" ")
        return password if (service, username) == (held, user) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError
