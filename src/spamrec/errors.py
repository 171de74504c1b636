"""What can go wrong, each error carrying the path or field at fault."""

from __future__ import annotations

from pathlib import Path


def reason_of(error: OSError) -> str:
    """What the system says of its error, as it stands behind a colon."""
    return (error.strerror or str(error)).lower()


class SpamrecError(Exception):
    """Root of every error that spamrec raises on purpose; its text is one line fit for the user."""

    def __reduce__(self) -> tuple[object, ...]:
        """So that an error passes from a worker process as it is, though it is not made from its text."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[SpamrecError], args: tuple[object, ...], facts: dict[str, object]) -> SpamrecError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


class LostWorkerError(SpamrecError, ChildProcessError):
    """A process that shared the work was killed, by the system where memory ran out."""

    def __init__(self) -> None:
        super().__init__("a worker process was killed, maybe for want of memory; try fewer --jobs")


class ClusterError(SpamrecError, ConnectionError):
    """A Dask cluster that does not answer, or breaks off; `address` is that of its scheduler."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address}: {reason}")


class MissingInputError(SpamrecError, FileNotFoundError):
    """A path named by the user does not exist."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        super().__init__(f"{self.path}: no such file or folder")


class UnreadableInputError(SpamrecError, OSError):
    """A path named by the user exists and cannot be read."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


class ForeignInputError(UnreadableInputError, ValueError):
    """What the user named can be read and is not what it should be, such as a damaged export."""


class ProfileError(SpamrecError, ValueError):
    """A profile that is not TOML, or holds an unknown key or an impossible value."""

    def __init__(self, path: str | Path, reason: str, *, key: str = "", line: int = 0) -> None:
        self.path = str(path)
        self.reason = reason
        self.key = key
        self.line = line
        where = f"{self.path}:{line}" if line else self.path
        super().__init__(f"{where}: {key}: {reason}" if key else f"{where}: {reason}")


class ModelError(SpamrecError, ValueError):
    """A model file that is damaged, foreign, or written by a newer spamrec."""

    def __init__(self, path: str | Path, reason: str, remedy: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}; {remedy}")


class CorpusError(SpamrecError, ValueError):
    """Labelled mail that cannot be trained on or evaluated."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


class HistoryError(SpamrecError, OSError):
    """A history that is damaged, foreign, written by a newer spamrec, or cannot be opened or written."""

    def __init__(self, path: str | Path, reason: str, remedy: str = "") -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}; {remedy}" if remedy else f"{self.path}: {reason}")


class UnwritableHistoryError(HistoryError):
    """A history that cannot be made or written: the disk is full, or it or its folder is read-only."""


class BrokenOffHistoryError(HistoryError):
    """A history that the system failed to read or to write."""


class HistoryLockedError(HistoryError, TimeoutError):
    """A history that another process kept locked for longer than the time-out; trying again later will do."""


class TimeLimitError(SpamrecError, TimeoutError):
    """A message that was not judged within the time allowed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"not judged within {seconds:g} seconds")


class ConfigError(SpamrecError, ValueError):
    """A `config.toml` that is not TOML, or names an unknown command, option or value."""

    def __init__(self, path: str | Path, reason: str, *, key: str = "") -> None:
        self.path = str(path)
        self.key = key
        super().__init__(f"{self.path}: {key}: {reason}" if key else f"{self.path}: {reason}")


class BandError(SpamrecError, ValueError):
    """A band of unsure messages that begins at the threshold or above, so that nothing is in it."""

    def __init__(self, low: float, threshold: float) -> None:
        self.low = low
        self.threshold = threshold
        super().__init__(f"the band of unsure messages begins at {low:g}, not below the threshold {threshold:g}")


class MissingLibraryError(SpamrecError, ImportError):
    """A library of an extra that an option needs and that is not installed."""

    def __init__(self, option: str, library: str, extra: str) -> None:
        self.option = option
        self.library = library
        self.extra = extra
        super().__init__(
            f"{option} needs {library}, which is not installed; `pip install 'spamrec[{extra}]'` brings it"
        )


class NotMailError(SpamrecError, ValueError):
    """Something the user named by itself that holds no mail."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{'standard input' if self.path == '-' else self.path}: {reason}")


class AnswerError(SpamrecError, ValueError):
    """An answer that cannot stand in a profile, where nobody can be asked again."""

    def __init__(self, key: str, answer: str, reason: str) -> None:
        self.key = key
        self.answer = answer
        self.reason = reason
        super().__init__(f"answer {answer!r} for {key}: {reason}")


class UnwritableOutputError(SpamrecError, OSError):
    """A file that cannot be written."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: cannot be written: {reason}")


class RequestError(SpamrecError, ValueError):
    """A request to the server that is refused, or that it failed at."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code}: {reason}")


class ServerError(SpamrecError, OSError):
    """A socket or address that cannot be served."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address}: {reason}")


class MailServerError(SpamrecError, OSError):
    """A mail server that cannot be reached, breaks off, or refuses what it is asked; `host` is its name."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        self.reason = reason
        super().__init__(f"{host}: {reason}")


class ConnectionLostError(MailServerError):
    """A connection that could not be made, or broke; trying again may do."""


class UntrustedServerError(MailServerError):
    """A mail server whose certificate is not that of its name, or is signed by nobody known."""


class LoginError(MailServerError, PermissionError):
    """A mail server that does not let the user in."""


class NoPasswordError(SpamrecError, PermissionError):
    """No password, or token, to log in with, or none that could be read. Neither is ever part of the text."""


class MissingFolderError(MissingInputError):
    """A mail folder named by the user that the server does not have."""

    def __init__(self, folder: str, host: str) -> None:
        super().__init__(folder)
        self.host = host
        self.args = (f"{folder}: no such folder on {host}",)


class StateError(SpamrecError, ValueError):
    """What was noted of an account's folders is damaged, foreign, or written by a newer spamrec."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}; without the file all mail counts as new")


class AtWorkError(SpamrecError, TimeoutError):
    """Another process does the same work just now; trying again later will do."""

    def __init__(self, path: str | Path, work: str) -> None:
        self.path = str(path)
        super().__init__(f"another {work} is at work; {self.path} is locked")
