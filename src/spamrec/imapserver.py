"""A connection to an IMAP server: opened safely, asked in bounded portions, its errors told; the one user of
IMAPClient.

imap-tools was the other choice: as well kept, as small, and neither needs another package. It fetches no part of a
message, and where a server has no MOVE it expunges whatever else is marked as deleted in the folder.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from spamrec import account as account_
from spamrec.errors import (
    ConnectionLostError,
    MailServerError,
    MissingFolderError,
    SpamrecError,
    UntrustedServerError,
)

if TYPE_CHECKING:
    from spamrec.account import Account, Secret

T = TypeVar("T")

MAX_PORTION_BYTES = 4 * 1024 * 1024
"""Bytes of mail asked for at once, so that memory stays bounded."""
MAX_NAMED_UIDS = 200
"""Messages named in one command: a line that every server takes."""
MAX_SEARCHED_IDS = 10
"""Message-IDs looked for by one search."""
KEY_FIELDS = "MESSAGE-ID DATE FROM SUBJECT X-SPAMREC"
"""Header fields by which a message is known again, and by which one that was judged at delivery is told."""


class Folder(NamedTuple):
    """One folder of an account."""

    name: str
    """Its whole name, decoded."""
    flags: frozenset[str]
    """What the server says of it, in lower case, such as "\\trash"."""
    delimiter: str
    """What parts the levels of names."""

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(self.delimiter)[2] if self.delimiter else self.name


class Selected(NamedTuple):
    """A folder that was opened."""

    name: str
    """Its whole name."""
    uidvalidity: int
    """As long as it is the same, a UID names the same message."""
    uidnext: int
    """No message had this UID or a higher one when the folder was opened; 0 where the server does not say."""
    keywords: frozenset[str]
    """Flags that the server keeps here, in lower case; "\\*" where it takes new ones."""


class Letter(NamedTuple):
    """A message in a folder, or the beginning of a huge one."""

    uid: int
    """Names it in its folder."""
    size: int
    """Bytes of the whole of it."""
    raw: bytes
    """As it came, as far as it was asked for."""


class Server:
    """An open, authenticated connection; every method raises MailServerError or one of its children."""

    def __init__(self, account: Account, secret: Secret) -> None:
        self.account = account
        self.selected: Selected | None = None
        """The folder that is open."""
        self._writable = False
        self._folders: dict[str, Folder] = {}
        with self._asking("connecting"):
            self._client = account_.connected(account)
        try:
            with self._asking("logging in"):
                account_.log_in(self._client, account, secret)
            self._list()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out, or let go of a connection that is broken."""
        try:
            self._client.logout()
        except Exception:  # whatever is wrong with a connection that nobody needs any more
            with suppress(Exception):
                self._client.shutdown()

    def offers(self, capability: str) -> bool:
        """Whether the server has an extension."""
        with self._asking("asking for capabilities"):
            return bool(self._client.has_capability(capability))

    # --- folders ---------------------------------------------------------------------------------------------

    @property
    def folders(self) -> Collection[Folder]:
        """All folders that can hold mail."""
        return self._folders.values()

    def find(self, name: str) -> Folder:
        """The folder of that name, "/" standing for the server's own delimiter, the personal namespace left out if need
        be. MissingFolderError."""
        for tried in self._names(name):
            if tried in self._folders:
                return self._folders[tried]
        raise MissingFolderError(name, self.account.host)

    def create(self, name: str) -> Folder:
        """Make a folder, in the personal namespace, and show it in the reader's other programs."""
        named = self._names(name)[-1]
        with self._asking(f"making the folder {name}"):
            self._client.create_folder(named)
            self._client.subscribe_folder(named)
        self._list()
        return self.find(named)

    def look(self, folder: str) -> Selected:
        """Open a folder without any change to it, \\Recent included."""
        return self._select(folder, readonly=True)

    def open(self, folder: str) -> Selected:
        """Open a folder to change what is in it."""
        if self._writable and self.selected and self.selected.name == folder:
            return self.selected
        return self._select(folder, readonly=False)

    def ahead(self, folder: str) -> Selected:
        """Which UIDs a folder gives out next, without opening it."""
        with self._asking(f"asking about the folder {folder}"):
            answer = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
        return Selected(folder, int(answer.get(b"UIDVALIDITY", 0)), int(answer.get(b"UIDNEXT", 0)), frozenset())

    def _select(self, folder: str, *, readonly: bool) -> Selected:
        self._writable, self.selected = False, None
        with self._asking(f"opening the folder {folder}"):
            answer = self._client.select_folder(folder, readonly)
        flags = answer.get(b"PERMANENTFLAGS") or answer.get(b"FLAGS") or ()
        self._writable = not readonly
        self.selected = Selected(
            folder, int(answer.get(b"UIDVALIDITY", 0)), int(answer.get(b"UIDNEXT", 0)),
            frozenset(flag.decode("ascii", "replace").strip("()").lower() for flag in flags),
        )  # fmt: skip
        return self.selected

    def _list(self) -> None:
        with self._asking("listing the folders"):
            listed = self._client.list_folders()
        self._folders = {}
        for flags, delimiter, name in listed:
            lowered = frozenset(_text(flag).lower() for flag in flags)
            if not lowered & {"\\noselect", "\\nonexistent"}:
                self._folders[str(name)] = Folder(str(name), lowered, _text(delimiter or b""))

    def _names(self, name: str) -> list[str]:
        """What a name may mean on this server, the likeliest first; the last is the one to make a folder by."""
        if name.upper() == "INBOX":
            return [next((known for known in self._folders if known.upper() == "INBOX"), "INBOX")]
        prefix, delimiter = self._namespace()
        own = name.replace("/", delimiter) if delimiter and delimiter not in name else name
        return [name, own, own if own.startswith(prefix) else prefix + own]

    def _namespace(self) -> tuple[str, str]:
        """What names of the user's folders begin with, "INBOX." or "" mostly, and what parts their levels."""
        if self.offers("NAMESPACE"):
            with self._asking("asking for the namespace"):
                for prefix, delimiter in self._client.namespace().personal or ():
                    return prefix, delimiter or ""
        return "", next((folder.delimiter for folder in self.folders if folder.delimiter), "")

    # --- messages --------------------------------------------------------------------------------------------

    def uids(self, after: int = 0) -> list[int]:
        """Messages in the open folder with a higher UID, ascending, without those marked as deleted."""
        with self._asking("looking for mail"):
            found = self._client.search(["UID", f"{after + 1}:*", "UNDELETED"])
        return sorted(uid for uid in found if uid > after)  # "n:*" finds the last one too, however low it is

    def letters(self, uids: Sequence[int], limit: int) -> Iterator[Letter]:
        """Messages with as much of them as the limit allows, in bytes; none is marked as read. Those that went
        meanwhile are left out."""
        for named in portions(uids, MAX_NAMED_UIDS):
            with self._asking("asking for sizes"):
                answer = self._client.fetch(named, ["RFC822.SIZE"])
            sizes = {uid: int(answer[uid].get(b"RFC822.SIZE", limit)) for uid in named if uid in answer}
            for portion in _by_size(sizes, limit):
                with self._asking("fetching mail"):
                    found = self._client.fetch(portion, [f"BODY.PEEK[]<0.{limit}>"])
                for uid in portion:
                    raw = _item(found.get(uid, {}), b"BODY[]")
                    if raw is not None:
                        yield Letter(uid, sizes[uid], raw)

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The fields of KEY_FIELDS of messages in the open folder."""
        out: dict[int, bytes] = {}
        for named in portions(uids, MAX_NAMED_UIDS):
            with self._asking("fetching headers"):
                found = self._client.fetch(named, [f"BODY.PEEK[HEADER.FIELDS ({KEY_FIELDS})]"])
            for uid in named:
                raw = _item(found.get(uid, {}), b"BODY[HEADER")
                if raw is not None:
                    out[uid] = raw
        return out

    def holding(self, message_ids: Sequence[str]) -> list[int]:
        """Messages in the open folder that may have one of these Message-IDs, without those marked as deleted."""
        found: set[int] = set()
        for named in portions(message_ids, MAX_SEARCHED_IDS):
            asked: list[Any] = ["HEADER", "MESSAGE-ID", named[0]]
            for one in named[1:]:
                asked = ["OR", "HEADER", "MESSAGE-ID", one, *asked]
            with self._asking("looking for messages"):
                found.update(self._client.search(["UNDELETED", *asked]))
        return sorted(found)

    # --- changes, in a folder opened for them ------------------------------------------------------------------

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move messages; the server does it for each wholly or not at all (RFC 6851)."""
        with self._asking(f"moving to {folder}"):
            self._client.move(uids, folder)

    def copy(self, uids: Sequence[int], folder: str) -> None:
        """Copy messages: all of them or none (RFC 3501)."""
        with self._asking(f"copying to {folder}"):
            self._client.copy(uids, folder)

    def delete(self, uids: Sequence[int]) -> bool:
        """Mark messages as deleted and expunge these alone; where the server cannot expunge by UID they stay marked
        for the reader's own program, and the answer is False."""
        with self._asking("deleting what was copied"):
            self._client.add_flags(uids, ["\\Deleted"], silent=True)
            if not self._client.has_capability("UIDPLUS"):
                return False
            self._client.uid_expunge(uids)
            return True

    def flag(self, uids: Sequence[int], flag: str) -> None:
        """Set a flag, such as "\\Flagged" or a keyword."""
        with self._asking(f"setting the flag {flag}"):
            self._client.add_flags(uids, [flag], silent=True)

    # --- errors ---------------------------------------------------------------------------------

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Tells whatever goes wrong in here by our own errors."""
        from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

        host = self.account.host
        try:
            yield
        except SpamrecError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise UntrustedServerError(
                host, f"its certificate is not trusted: {error.verify_message}; --ca-file names who signed it"
            ) from error
        except (IMAPClientAbortError, OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise ConnectionLostError(host, f"{what}: {reason}") from error
        except (IMAPClientError, ValueError, LookupError) as error:  # the last two: an answer that is no IMAP
            raise MailServerError(host, f"{what}: {error}") from error


def portions(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most that many."""
    rest = iter(items)
    while portion := list(islice(rest, size)):
        yield portion


def _by_size(sizes: dict[int, int], limit: int) -> Iterator[list[int]]:
    """UIDs in portions that stay within MAX_PORTION_BYTES."""
    portion: list[int] = []
    size = 0
    for uid, whole in sizes.items():
        if portion and size + min(whole, limit) > MAX_PORTION_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(uid)
        size += min(whole, limit)
    if portion:
        yield portion


def _item(answer: dict[bytes, Any], name: bytes) -> bytes | None:
    """What a server sent of a message under a name; servers write names and ranges in several ways."""
    found = next((value for key, value in answer.items() if key.upper().startswith(name)), None)
    return found if isinstance(found, bytes) else None


def _text(value: bytes | str) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
