"""Moves a mail that is a file of its own into a Maildir, so that at every moment it is whole and somewhere."""

from __future__ import annotations

import errno
import fcntl
import filecmp
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from spamrec.errors import UnwritableOutputError, reason_of
from spamrec.patterns import lazy

PARTS = ("cur", "new", "tmp")
_FLAGS = lazy(r"([:;!]2,[A-Za-z]*)\Z")
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a link fails with where the target lies on another file system, or on one that knows no links."""
_MBOX, _GZIP_MAGIC = b"From ", b"\x1f\x8b"
_numbers = count(1)


class Maildir:
    """A Maildir to move mail into, made where there is none; UnwritableOutputError where something else is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            if folder.is_dir() and not (folder / "cur").is_dir() and any(folder.iterdir()):
                raise UnwritableOutputError(folder, "is a folder and no Maildir")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in PARTS:
                (folder / part).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            if isinstance(error, UnwritableOutputError):
                raise
            raise UnwritableOutputError(folder, reason_of(error)) from error

    def take(self, path: Path) -> Path | None:
        """Move a mail here and tell its new path; None where it has gone, moved or renamed by another program.

        Its flags go with it; its name is a new one, since mbsync keeps a number in the old one (`,U=7`) that counts in
        the old folder only. UnwritableOutputError where it cannot be moved, and then it is where it was.
        """
        flags = _flags(path)
        part = path.parent.name if path.parent.name in ("cur", "new") else "cur" if flags else "new"
        target = self.folder / part / f"{_unique()}{flags}"
        try:
            with _alone(self.folder) as alone:
                return self._taken(path, target, alone=alone)
        except FileNotFoundError:
            if path.exists():
                raise UnwritableOutputError(self.folder, "has gone") from None
            return None
        except OSError as error:
            raise UnwritableOutputError(target, reason_of(error)) from error

    def _taken(self, path: Path, target: Path, *, alone: bool) -> Path | None:
        """Where a mail is once it is moved, or once a move is ended that was begun before."""
        begun = self._held(path) if alone else None
        if not begun:
            begun, target = self._put(path, target, alone=alone)
        target = begun or target
        _sync(target.parent)
        try:
            path.unlink()
        except FileNotFoundError:
            # Another program has renamed, moved or deleted it since: the mail is where that put it.
            if not begun:
                target.unlink(missing_ok=True)
            return None
        return target

    def _held(self, path: Path) -> Path | None:
        """The mail where it has a name here already: whoever moved it was killed before taking away the old one."""
        found = path.stat(follow_symlinks=False)
        if found.st_nlink < 2:
            return None
        for part in ("cur", "new"):
            with os.scandir(self.folder / part) as entries:
                for entry in entries:
                    its = entry.stat(follow_symlinks=False) if entry.inode() == found.st_ino else None
                    if its and its.st_dev == found.st_dev and Path(entry.path) != path:
                        return Path(entry.path)
        return None

    def _put(self, path: Path, target: Path, *, alone: bool) -> tuple[Path | None, Path]:
        """The mail under a second name, never over another mail: the copy that was there already, and where it is now."""
        try:
            os.link(path, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if alone:  # else another process may be about to take that name away again
                lasting = _lasting(path)
                copy = next(self._named(lasting), None)
                if copy is None:
                    target = target.with_name(lasting + _flags(target))
                elif filecmp.cmp(path, copy, shallow=False):
                    return copy, copy
            self._copy(path, target)
        return None, target

    def _named(self, unique: str) -> Iterator[Path]:
        """Mail here whose name begins so, whatever flags or marks a mail program has put behind it since."""
        for part in ("cur", "new"):
            with os.scandir(self.folder / part) as entries:
                for entry in entries:
                    if entry.name.startswith(unique) and entry.name[len(unique) :][:1] in ("", *":;!,"):
                        yield Path(entry.path)

    def _copy(self, path: Path, target: Path) -> None:
        """A copy that appears in its place only once all of it is on the disk."""
        beside = self.folder / "tmp" / target.name.partition(":")[0]
        try:
            beside.unlink(missing_ok=True)  # what a copy left that was killed
            with path.open("rb") as source, beside.open("xb") as copy:
                os.fchmod(copy.fileno(), 0o600)
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
                found = os.fstat(source.fileno())
            os.utime(beside, ns=(found.st_atime_ns, found.st_mtime_ns))  # IMAP servers show it as the day of arrival
            beside.rename(target)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise


def refusal(path: str) -> str:
    """Why what a user named holds no mail that can be moved; "" where it may."""
    if path == "-":
        return "is standard input"
    with suppress(OSError), open(path, "rb") as file:
        start = file.read(len(_MBOX))
        if start == _MBOX:
            return "is an mbox"
        if start.startswith(_GZIP_MAGIC):
            return "is gzipped"
    return ""


def _flags(path: Path) -> str:
    """Flags at the end of a name, with the mark before them, "" for none."""
    found = _FLAGS.search(path.name)
    return found[1] if found else ""


def _unique() -> str:
    """A name that no other mail has, as maildir(5) forms it: second, microsecond, process, number, host."""
    now = time.time_ns()
    return f"{now // 10**9}.M{now // 1000 % 10**6}P{os.getpid()}Q{next(_numbers)}R{os.urandom(4).hex()}.{_host()}"


def _lasting(path: Path) -> str:
    """A name for a copy of that file which is the same at the next try, whatever flags the file has got by then: time of
    arrival, inode, length, host. So a move that was killed between copying and taking away is ended, not done twice."""
    found = path.stat()
    second, rest = divmod(found.st_mtime_ns, 10**9)
    return f"{second}.M{rest // 1000}I{found.st_ino:x}Z{found.st_size}.{_host()}"


def _host() -> str:
    return re.sub(r"[/:;!,\s]", "_", socket.gethostname()) or "localhost"


def _sync(folder: Path) -> None:
    """Have the disk know the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process of ours moves mail into the folder meanwhile; False where it cannot be locked. A link that
    is there already was then made by one that is dead: taking away the old name of one at work would cost the mail."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
