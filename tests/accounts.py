"""Mail in accounts on the Dovecot of the tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from command_line import FRIEND, PITCH, Ended
from dovecot import Dovecot

Sort = Callable[..., Ended]
"""`spamrec imap` for one account: options as arguments."""


def numbered(mail: Path, number: int) -> bytes:
    """A mail with a Message-ID of its own."""
    raw = mail.read_bytes()
    return re.sub(rb"(?im)^message-id:.*$", b"Message-ID: <%d.%s@mail.example>" % (number, mail.stem.encode()), raw)


def fill(server: Dovecot, user: str, *mails: bytes, folder: str = "INBOX") -> None:
    with server.client(user) as client:
        if not client.folder_exists(folder):
            client.create_folder(folder)
        for raw in mails:
            client.append(folder, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def ids(server: Dovecot, user: str, folder: str = "INBOX") -> list[str]:
    """Message-IDs in a folder, in order."""
    with server.client(user) as client:
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search(), ["ENVELOPE"])
        return [found[uid][b"ENVELOPE"].message_id.decode() for uid in sorted(found)]


def flags(server: Dovecot, user: str, folder: str = "INBOX") -> dict[str, set[bytes]]:
    with server.client(user) as client:
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search(), ["ENVELOPE", "FLAGS"])
        return {one[b"ENVELOPE"].message_id.decode(): set(one[b"FLAGS"]) for one in found.values()}


PITCH_1, PITCH_2, FRIEND_1, FRIEND_2 = (numbered(mail, n) for mail in (PITCH, FRIEND) for n in (1, 2))
ID_PITCH_1, ID_PITCH_2 = "<1.pitch@mail.example>", "<2.pitch@mail.example>"
ID_FRIEND_1, ID_FRIEND_2 = "<1.friend@mail.example>", "<2.friend@mail.example>"
