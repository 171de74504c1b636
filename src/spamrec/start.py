"""Where the program starts: by the command line, or without it for a mail filter that is given no options."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

GC_THRESHOLD = 50_000
"""Objects made before Python looks for garbage; its own 700 look dozens of times while modules load."""


def main() -> None:
    """Run the command line and end the process with its status."""
    # A mail filter starts once for each message. Of 200 ms of processor time for one message, collecting garbage
    # took 8 and taking the interpreter down 20 (median of 15, one pitch).
    gc.set_threshold(GC_THRESHOLD)
    # Ours are sparse sums. OpenBLAS' threads only wait for each other on a busy machine (1 s of learning became 14), and
    # under an address limit of 256 MB, which Dovecot sets for imap, numpy never ends loading with them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = sys.argv[1:]
    status = _filter() if _is_plain_filter(arguments) else None
    if status is None:
        from spamrec import cli

        status = cli.run(arguments)
    if "joblib" in sys.modules:
        sys.exit(status)  # its workers are let go when the interpreter ends
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(status)


def _is_plain_filter(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is `filter` with nothing that only the command line reads: options, variables for them, completion."""
    named = (name for name in environment if name.startswith(("SPAMREC_", "_SPAMREC_")))
    return arguments == ["filter"] and all(name in ("SPAMREC_HOME", "SPAMREC_DEBUG") for name in named)


def _filter() -> int | None:
    """The status of `filter` as it is without options; None where there is a configuration, or anything is at fault.

    The command line does the same, and takes a seventh longer: click has to be loaded for it.
    """
    try:
        from spamrec import files, filtering, streams

        where = files.locate()
        if where.config.exists():
            return None
        streams.mend()
        job = filtering.job(where)
    except Exception:  # the command line meets it again, and tells it
        return None
    return filtering.run(job)
