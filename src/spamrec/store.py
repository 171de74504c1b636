"""The SQLite file under the history: found, made, migrated, locked and checked."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from spamrec.errors import (
    BrokenOffHistoryError,
    HistoryError,
    HistoryLockedError,
    UnwritableHistoryError,
    reason_of,
)

BUSY_TIMEOUT_S = 10.0
"""How long to wait for another process to finish writing, in seconds."""

APPLICATION_ID = 0x53504D52
"""Marks the file as ours ("SPMR"), in the field that SQLite keeps for this."""

IN_MEMORY = ":memory:"
"""Location of a store that ends with the process."""

REMEDY_DAMAGED = "move it away, then fill a new one with `spamrec import`"
REMEDY_NEWER = "update spamrec"
REMEDY_FOREIGN = "name another file"

_RETRY_S = 0.02
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_UNWRITABLE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
_FOREIGN = (errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""What the system says where a history cannot be at that place at all, whatever the state of the disk."""

Migration = Callable[[sqlite3.Connection], None]
"""Takes a database from one schema version to the next; runs inside a transaction."""

Value = str | int | float | None
Answer = TypeVar("Answer")


class Store:
    """One database, with one connection for each process that uses it.

    Every method raises HistoryLockedError when another process keeps the file locked for longer than the
    time-out, and HistoryError when it is damaged or cannot be read or written. Threads may share a store.
    """

    def __init__(
        self,
        location: str | Path,
        migrations: Sequence[Migration],
        *,
        read_only: bool = False,
        timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self.location = str(location)
        self.read_only = read_only
        self.timeout_s = timeout_s
        self._migrations = migrations
        self._lock = RLock()
        self._depth = 0
        self._process = os.getpid()
        self._inherited: list[sqlite3.Connection] = []
        self._db = self._ask(self._open)

    def close(self) -> None:
        """Let go of the database; closing twice does no harm."""
        if self._process == os.getpid():
            self._db.close()

    def __del__(self) -> None:
        # A reader of mail keeps its store for as long as it lives; from Python 3.13 on, sqlite3 warns of one left open.
        if hasattr(self, "_db"):
            self.close()

    def rows(self, query: str, *values: Value) -> list[tuple[Any, ...]]:
        """All rows that a query finds."""
        with self._lock:
            return self._ask(lambda: self._connection().execute(query, values).fetchall())

    def contents(self) -> bytes:
        """The whole database as a file holds it, what other processes have just written included."""
        with self._lock:
            return self._ask(lambda: self._connection().serialize())

    def row(self, query: str, *values: Value) -> tuple[Any, ...] | None:
        """The first row that a query finds."""
        found = self.rows(query, *values)
        return found[0] if found else None

    def change(self, statement: str, *values: Value) -> int:
        """Rows that a statement changes; within `writing` only."""
        with self._lock:
            return self._ask(lambda: self._connection().execute(statement, values).rowcount)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, which takes the write lock at its start: all of it is kept, or none.

        Inside another one it joins that one.
        """
        with self._lock:
            db = self._connection()
            if self._depth == 0:
                self._ask(lambda: db.execute("BEGIN IMMEDIATE"))
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    with suppress(sqlite3.Error):
                        db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._commit(db)

    def _commit(self, db: sqlite3.Connection) -> None:
        try:
            self._ask(lambda: db.execute("COMMIT"))
        except HistoryError:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise

    def _ask(self, action: Callable[[], Answer]) -> Answer:
        """The answer of SQLite, its errors as ours."""
        try:
            return action()
        except sqlite3.Error as error:
            raise _explained(self.location, error) from error

    # --- opening -------------------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        """The connection of this process: SQLite forbids to use one, or even to close it, behind a fork."""
        if self._process != os.getpid() and self.location != IN_MEMORY:
            self._inherited.append(self._db)
            self._process, self._depth = os.getpid(), 0
            self._db = self._open()
        return self._db

    def _open(self) -> sqlite3.Connection:
        if self.location == IN_MEMORY:
            return self._in_memory()
        return self._open_for_reading() if self.read_only else self._open_for_writing()

    def _in_memory(self) -> sqlite3.Connection:
        db = sqlite3.connect(IN_MEMORY, isolation_level=None, check_same_thread=False)
        _migrate(db, self._migrations)
        db.execute("PRAGMA foreign_keys = ON")
        return db

    def _open_for_writing(self) -> sqlite3.Connection:
        path = Path(self.location)
        _make_private(path)
        db = self._connect("rw")
        try:
            version = _version(db, self.location, len(self._migrations))
            if version < len(self._migrations):
                self._patiently(lambda: db.execute("PRAGMA journal_mode = WAL"))
                _migrate(db, self._migrations)
            db.execute("PRAGMA synchronous = NORMAL")  # what WAL needs to stay whole; a crash costs the last second
            db.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            db.close()
            raise
        return db

    def _open_for_reading(self) -> sqlite3.Connection:
        """Nothing is created or migrated: without a file the memory is empty, an older one is read from a copy."""
        if not Path(self.location).exists():
            return self._in_memory()
        db = self._connect(self._reading_mode())
        try:
            db.execute("PRAGMA query_only = ON")
            if _version(db, self.location, len(self._migrations)) == len(self._migrations):
                return db
            copy = sqlite3.connect(IN_MEMORY, isolation_level=None, check_same_thread=False)
            db.backup(copy)
            _migrate(copy, self._migrations)
        except BaseException:
            db.close()
            raise
        db.close()
        return copy

    def _reading_mode(self) -> str:
        """How SQLite can read the file: "ro" would leave WAL files behind, and fails where it cannot make them."""
        if os.access(self.location, os.W_OK) and os.access(Path(self.location).absolute().parent, os.W_OK):
            return "rw"
        return "ro" if Path(f"{self.location}-wal").exists() else "ro&immutable=1"

    def _connect(self, mode: str) -> sqlite3.Connection:
        """A connection that creates no file."""
        path = os.path.abspath(self.location)
        for special in "%?#":
            path = path.replace(special, f"%{ord(special):02x}")
        return sqlite3.connect(
            f"file:{path}?mode={mode}",
            uri=True,
            timeout=self.timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )

    def _patiently(self, action: Callable[[], object]) -> None:
        """Do what SQLite refuses at once while another process does the same, whatever its own time-out."""
        end = time.monotonic() + self.timeout_s
        while True:
            try:
                action()
                return
            except sqlite3.OperationalError as error:
                if (error.sqlite_errorcode & 0xFF) not in _LOCKED or time.monotonic() > end:
                    raise
                time.sleep(_RETRY_S)


def _make_private(path: Path) -> None:
    """The file and its folder, for their owner alone: it tells whom the reader knows."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        kind = HistoryError if error.errno in _FOREIGN else UnwritableHistoryError
        raise kind(path, reason_of(error)) from error


def _version(db: sqlite3.Connection, location: str, newest: int) -> int:
    """Schema version; 0 for an empty file and for the first form, which bore no mark."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    mark = int(db.execute("PRAGMA application_id").fetchone()[0])
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if mark != APPLICATION_ID and (mark or version or (tables and not tables >= {"correspondent", "received"})):
        raise HistoryError(location, "is a database of another program", REMEDY_FOREIGN)
    if version > newest:
        raise HistoryError(location, f"has schema version {version}, this spamrec knows {newest}", REMEDY_NEWER)
    return version


def _migrate(db: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Bring the schema up to date in one transaction; whoever comes second finds it done."""
    db.execute("BEGIN IMMEDIATE")
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        for migrate in migrations[version:]:
            migrate(db)
        db.execute(f"PRAGMA user_version = {len(migrations)}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _explained(location: str, error: sqlite3.Error) -> HistoryError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCKED:
        return HistoryLockedError(location, "is locked by another process", "try again later")
    if code in _DAMAGED:
        return HistoryError(location, f"is damaged ({error})", REMEDY_DAMAGED)
    sealed = code == sqlite3.SQLITE_CANTOPEN and not os.access(Path(location).absolute().parent, os.W_OK)
    if code in _UNWRITABLE or sealed:
        return UnwritableHistoryError(location, f"cannot be written ({error})")
    if code == sqlite3.SQLITE_IOERR:
        return BrokenOffHistoryError(location, f"cannot be used ({error})")
    return HistoryError(location, f"cannot be used ({error})")
