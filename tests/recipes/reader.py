"""A reader's home folder in which mail programs find spamrec and the recipes of `doc/recipes`, run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "doc" / "recipes"
INBOX = ROOT / "data" / "inbox"

RECRUITERS = ("01-urgent-requirement", "02-impressed-by-your-background", "03-hi-first-name")
OTHERS = ("04-application-received", "08-list-thread", "09-order-shipped", "11-rejection", "12-mother")

SPAMREC = f'exec {sys.executable} -m spamrec "$@"'
KILLED_JUDGING = f"""\
exec {sys.executable} -c '
import os, sys
from spamrec import message, start
main = os.getpid()
message.parse = lambda raw: os.kill(main, 9)
start.main()' "$@"
"""
BROKEN = {
    "missing": None,
    "without its interpreter": "#!/nowhere/python\n",
    "ends with 1": "cat >/dev/null; exit 1",
    "ends with 70": "cat; exit 70",
    "ends with 75": "exit 75",
    "killed at the start": "kill -9 $$",
    "killed while writing": "head -c 200; cat >/dev/null; kill -9 $$",
    "killed while judging": KILLED_JUDGING,
}
"""What may stand in the place of spamrec, as a shell script; None for nothing at all."""


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skips where a program is missing, but not in CI, which must have installed it."""
    missing = [program for program in programs if not (shutil.which(program) or Path("/usr/sbin", program).exists())]
    return pytest.mark.skipif(bool(missing) and not os.environ.get("CI"), reason=f"needs {', '.join(missing)}")


def make(home: Path, spamrec: str | None = SPAMREC) -> Path:
    """The folder, with Maildirs and what is to be run as spamrec."""
    for folder in ("Maildir/cur", "Maildir/new", "Maildir/tmp", "Mail", ".local/bin"):
        (home / folder).mkdir(parents=True)
    if spamrec is not None:
        script = home / ".local" / "bin" / "spamrec"
        script.write_text(spamrec if spamrec.startswith("#!") else f"#!/bin/sh\n{spamrec}\n", encoding="utf-8")
        script.chmod(0o755)
    return home


def environment(home: Path) -> dict[str, str]:
    """What a mail program sees: nothing of ours."""
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def mail(name: str) -> bytes:
    """A mail of the sample inbox, without the line ends at its end: procmail puts more behind them, and takes some."""
    return (INBOX / f"{name}.eml").read_bytes().rstrip(b"\n")


def maildir(folder: Path) -> list[bytes]:
    """The mails in a Maildir, none of them half-written, without the line ends at their ends."""
    assert not list(folder.glob("tmp/*"))
    return [path.read_bytes().rstrip(b"\n") for path in sorted(folder.glob("[nc]??/*"))]


def mbox(path: Path) -> list[bytes]:
    """The mails in an mbox, without their "From " lines and the line ends at their ends."""
    raw = path.read_bytes() if path.exists() else b""
    return [part.split(b"\n", 1)[1].rstrip(b"\n") for part in re.split(rb"(?m)^(?=From )", raw)[1:]]
