"""What tests of full and read-only disks share: file systems that one command alone sees, in a namespace of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from command_line import command, environment

PAGE_BYTES = 4096
IN_NAMESPACE = """
set -e
mount -t tmpfs -o size="$SIZE",nr_inodes=0 none "$FULL"
cp -a "$KEPT/." "$FULL"
status=0
"$@" || status=$?
rm -rf "$KEPT"
cp -a "$FULL/." "$KEPT"
exit $status
"""
"""A file system of so many bytes with what lies in a folder, a command run on it, and then what there is of it."""
READ_ONLY = 'mount --bind "$SPAMREC_HOME" "$SPAMREC_HOME"; mount -o remount,bind,ro "$SPAMREC_HOME"; exec "$@"'


def allowed() -> bool:
    """Whether we may mount something of our own."""
    mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(mount, capture_output=True).returncode == 0


own_mounts = pytest.mark.skipif(not allowed(), reason="needs a mount namespace of its own")


def on_a_disk(home: Path, room: int, *arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command line where so many pages are free beside the reader's files."""
    used = sum(-(-path.stat().st_size // PAGE_BYTES) * PAGE_BYTES for path in home.rglob("*") if path.is_file())
    kept = home.with_name("kept")
    shutil.copytree(home, kept)
    given = {"KEPT": str(kept), "FULL": str(home), "SIZE": str(used + room * PAGE_BYTES)}
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", IN_NAMESPACE, "sh", *command(*arguments)],
        input=stdin,
        capture_output=True,
        env={**environment(home), **given},
        timeout=120,
    )
    shutil.rmtree(home)
    kept.rename(home)
    return ended


def read_only(home: Path, *arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command line where the reader's files may only be read, whoever runs it."""
    return subprocess.run(
        ["unshare", "-rm", "sh", "-ec", READ_ONLY, "sh", *command(*arguments)],
        input=stdin,
        capture_output=True,
        env=environment(home),
        timeout=60,
    )
