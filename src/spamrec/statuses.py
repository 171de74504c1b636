"""Exit statuses: one table, one meaning each, named after sysexits.h."""

from __future__ import annotations

from enum import IntEnum

from spamrec import errors


class Status(IntEnum):
    """What a command ends with."""

    sentence: str
    """Its meaning, as the README prints it."""

    def __new__(cls, value: int, sentence: str) -> Status:
        member = int.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    DONE = 0, "done, whatever the verdicts"
    USAGE = 64, "an option or argument is wrong"
    DATA = 65, "what was given to read is no mail, corpus, address book or LinkedIn export"
    NO_INPUT = 66, "a path or mail folder does not exist"
    UNAVAILABLE = (
        69,
        "a mail server, an address to serve, a cluster, or a library that an option needs is not to be had",
    )
    OUR_FAULT = 70, "spamrec itself is at fault"
    CANNOT_WRITE = 73, "a file cannot be written"
    INPUT_OUTPUT = 74, "reading or writing failed"
    TRY_AGAIN = (
        75,
        "another program holds the history or works on the same account, a worker process was killed, or `filter` could not pass the mail on; try again",
    )
    NO_PERMISSION = 77, "a mail server does not let you in, or there is no password to log in with"
    CONFIGURATION = 78, "profile, model, history or configuration is missing or damaged"
    INTERRUPTED = 130, "stopped by Ctrl-C"
    PIPE_CLOSED = 141, "whoever read the output has gone"


_OF_ERROR: tuple[tuple[type[BaseException], Status], ...] = (
    (errors.LoginError, Status.NO_PERMISSION),
    (errors.NoPasswordError, Status.NO_PERMISSION),
    (errors.MailServerError, Status.UNAVAILABLE),
    (errors.AtWorkError, Status.TRY_AGAIN),
    (errors.StateError, Status.CONFIGURATION),
    (errors.ServerError, Status.UNAVAILABLE),
    (errors.MissingInputError, Status.NO_INPUT),
    (errors.ForeignInputError, Status.DATA),
    (errors.UnreadableInputError, Status.INPUT_OUTPUT),
    (errors.UnwritableOutputError, Status.CANNOT_WRITE),
    (errors.HistoryLockedError, Status.TRY_AGAIN),
    (errors.UnwritableHistoryError, Status.CANNOT_WRITE),
    (errors.BrokenOffHistoryError, Status.INPUT_OUTPUT),
    (errors.HistoryError, Status.CONFIGURATION),
    (errors.CorpusError, Status.DATA),
    (errors.AnswerError, Status.DATA),
    (errors.NotMailError, Status.DATA),
    (errors.ClusterError, Status.UNAVAILABLE),
    (errors.LostWorkerError, Status.TRY_AGAIN),
    (errors.ProfileError, Status.CONFIGURATION),
    (errors.ModelError, Status.CONFIGURATION),
    (errors.ConfigError, Status.CONFIGURATION),
    (errors.BandError, Status.CONFIGURATION),
    (errors.MissingLibraryError, Status.UNAVAILABLE),
    (BrokenPipeError, Status.PIPE_CLOSED),
    (KeyboardInterrupt, Status.INTERRUPTED),
    (OSError, Status.INPUT_OUTPUT),
)


def of(error: BaseException) -> Status:
    """The status that tells of an error; OUR_FAULT for one that nobody foresaw."""
    return next((status for kind, status in _OF_ERROR if isinstance(error, kind)), Status.OUR_FAULT)


class BogofilterStatus(IntEnum):
    """What `--exit-code bogofilter` ends with, as bogofilter does."""

    SPAM = 0
    LEGITIMATE = 1
    UNSURE = 2
    ERROR = 3


class SpamcStatus(IntEnum):
    """What `--exit-code spamc` ends with where nothing failed, as `spamc -E` does; it knows no third answer, and what is
    unsure is not lost."""

    LEGITIMATE = 0
    UNSURE = 0
    SPAM = 1
