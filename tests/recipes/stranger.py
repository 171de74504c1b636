"""spamrec for a user who may not enter the folder of the Python that runs the tests, as root's may be."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reader import SPAMREC

NOT_NEEDED = ("test", "idlelib", "tkinter", "ensurepip", "lib2to3", "turtledemo", "site-packages", "config-*")
"""Parts of the standard library that spamrec does not load."""


@contextmanager
def spamrec_for_all() -> Iterator[str]:
    """What stands as a script in the place of spamrec, for any user; Python is copied where others may not run it."""
    standard = Path(sysconfig.get_path("stdlib")).resolve()
    if _open_to_all(Path(sys.executable).resolve()) and _open_to_all(standard):
        yield SPAMREC
        return
    folder = Path(tempfile.mkdtemp(prefix="python", dir="/tmp"))
    try:
        folder.chmod(0o755)
        shutil.copytree(
            standard, folder / "lib" / standard.name, ignore=shutil.ignore_patterns(*NOT_NEEDED), symlinks=True
        )
        shutil.copy(Path(sys.executable).resolve(), folder / "python")
        for library in Path(sysconfig.get_config_var("LIBDIR")).glob("libpython*.so*"):
            shutil.copy(library, folder)
        own = os.pathsep.join(
            path for path in sys.path if path and not Path(path).resolve().is_relative_to(standard.parents[1])
        )
        yield (
            f"export PYTHONHOME={folder} LD_LIBRARY_PATH={folder} PYTHONDONTWRITEBYTECODE=1\n"
            f'export PYTHONPATH={own}\nexec {folder}/python -m spamrec "$@"'
        )
    finally:
        shutil.rmtree(folder)


def _open_to_all(path: Path) -> bool:
    return all(one.stat().st_mode & 0o5 == 0o5 for one in (path, *path.parents))
