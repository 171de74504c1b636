"""The filters that spamrec is measured against, as they are run on a folder of mail."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import Job

PEERS = {
    "bogofilter": "bogofilter",
    "spamassassin": "spamassassin",
    "spamd": "spamd",
    "spamc": "spamc",
}
"""Programs by the Debian command that shows whether they are here."""
HERE = Path(__file__).parent
SPAMD_START_S = 90
"""How long spamd may take to answer."""


def missing() -> list[str]:
    """Peers that are not installed."""
    return [name for name in PEERS if not found(name)]


def found(name: str) -> str:
    """Path of a program, "" where it is not installed; Debian keeps spamd out of a user's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or ""


def spamrec(*arguments: str | Path) -> list[str]:
    """spamrec as this Python has it."""
    return [sys.executable, "-m", "spamrec", *map(str, arguments)]


def shell(script: str, *arguments: str | Path) -> list[str]:
    """A script of the shell, its arguments as $1, $2 and so on."""
    return ["sh", "-c", script, "sh", *map(str, arguments)]


# --- bogofilter --------------------------------------------------------------------------------------------


def teach_bogofilter(wordlist: Path, spam: Sequence[Path], legit: Sequence[Path]) -> None:
    """A word list of labelled mail, without which bogofilter judges nothing."""
    wordlist.mkdir(exist_ok=True)
    for option, paths in (("-s", spam), ("-n", legit)):
        names = "".join(f"{path}\n" for path in paths).encode()
        subprocess.run(["bogofilter", "-d", str(wordlist), option, "-b"], input=names, check=True)


def bogofilter_bulk(wordlist: Path, listed: Path, messages: int) -> Job:
    """One process over a list of files, which ends with the verdict on one of them."""
    command = ["bogofilter", "-d", str(wordlist), "-T", "-b"]
    return Job("bogofilter -T -b", command, messages, listed, fine=(0, 1, 2))


def bogofilter_each(wordlist: Path, listed: Path, messages: int) -> Job:
    """A process a message."""
    script = 'while read -r f; do bogofilter -d "$1" -T <"$f"; done >/dev/null; exit 0'
    return Job("bogofilter, a process a message", shell(script, wordlist), messages, listed)


# --- SpamAssassin ------------------------------------------------------------------------------------------


def spamassassin(listed: Path, messages: int) -> Job:
    """A process a message, without network tests."""
    script = 'while read -r f; do spamassassin -L <"$f"; done >/dev/null'
    return Job("spamassassin -L, a process a message", shell(script), messages, listed)


@contextmanager
def spamd(folder: Path) -> Iterator[int]:
    """spamd without network tests, on a port of its own, while the context lasts."""
    port = free_port()
    command = [found("spamd"), "-L", "-i", "127.0.0.1", "-p", str(port), "-m", "2", "--nouser-config", "-x"]
    with (folder / "spamd.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until a server listens; RuntimeError where it ends, or takes too long."""
    end = time.monotonic() + SPAMD_START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer")


# --- scikit-learn ------------------------------------------------------------------------------------------


def tfidf_train(spam: Path, legit: Path, saved: Path, messages: int) -> Job:
    """The pipeline everybody writes first, fitted and saved with joblib."""
    command = [sys.executable, str(HERE / "tfidf.py"), "train", str(saved), str(spam), str(legit)]
    return Job("scikit-learn TF-IDF", command, messages)


def tfidf_classify(saved: Path, listed: Path, messages: int, name: str) -> Job:
    """The same loaded and asked about a list of files."""
    return Job(name, [sys.executable, str(HERE / "tfidf.py"), "classify", str(saved)], messages, listed)
