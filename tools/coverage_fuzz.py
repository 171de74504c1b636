#!/usr/bin/env python3
"""Look for input that takes the program where no input did before, and tell what fails there.

usage: coverage_fuzz.py TARGET [--minutes M] [--seed S] [--work FOLDER]
       coverage_fuzz.py TARGET --keep [--work FOLDER]

Runs atheris (extra `fuzz`) from the inputs in tests/fuzz_corpus/TARGET on. What it finds goes to FOLDER/TARGET (work/TARGET
under the system's folder for temporary files), and a later run goes on from there. An input that fails is written there
as crash-…, and the status is not 0. `--keep` takes of both folders the fewest small inputs that take the same steps from
line to line into tests/fuzz_corpus; `tests/test_fuzz_corpus.py` gives them to the program at each run of the tests.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fuzz_targets import Targets

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "fuzz_corpus"
MAX_INPUT_BYTES = 2_000
"""Length of an input; longer ones are what `fuzz.py` makes."""
MOST_KEPT = 48
"""Inputs of one target that are kept."""
INSTRUMENTED = ["spamrec", "vobject"]
TABLE = b"\n=== "
"""What stands before the name of each table in an input for an export."""

Run = Callable[["Targets", bytes], None]
Step = tuple[str, int, int]
"""A file, and the numbers of two lines that are run one after the other."""


def _mail(targets: Targets, raw: bytes) -> None:
    targets.judge(raw)


def _tagging(targets: Targets, raw: bytes) -> None:
    """The first byte says in which style."""
    targets.tagging(raw[1:], raw[0] if raw else 0)


def _wire(targets: Targets, raw: bytes) -> None:
    """The first three bytes say how it is cut."""
    body = raw[3:]
    targets.wire(body, [min(at, len(body)) for at in accumulate(raw[:3])])


def _linkedin(targets: Targets, raw: bytes) -> None:
    """Tables, each with its name in a line before it; a zip of any bytes would be refused for its checksums."""
    from fuzz_targets import archive

    tables = {}
    for piece in (b"\n" + raw).split(TABLE)[1:]:
        name, _, text = piece.partition(b"\n")
        tables[name.decode("latin-1").replace("\0", "") or "x"] = text
    targets.linkedin(archive(tables))


TARGETS: dict[str, Run] = {
    "mail": _mail,
    "tagging": _tagging,
    "wire": _wire,
    "profile": lambda targets, raw: targets.profile(raw),
    "vcard": lambda targets, raw: targets.vcard(raw),
    "linkedin": _linkedin,
    "model": lambda targets, raw: targets.model(raw),
}


def targets_in(folder: Path) -> Targets:
    """What the inputs are given to, with a folder for the files that it reads."""
    from fuzz_targets import Pool, Targets

    return Targets(Pool([], [ROOT / "data" / "ray-kim" / "profile.toml"]), folder)


def fuzz(target: str, work: Path, minutes: float, seed: int) -> None:
    """Run atheris, which ends the process."""
    import atheris

    # its hook for expressions would follow them too, but does not know match() from a place on
    with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
        import spamrec

        importlib.import_module("vobject")
        for module in pkgutil.iter_modules(spamrec.__path__, "spamrec."):
            if module.name != "spamrec.__main__":
                with suppress(ImportError):  # of libraries that an extra brings
                    importlib.import_module(module.name)
    targets, run = targets_in(Path(tempfile.mkdtemp())), TARGETS[target]
    options = [f"-max_total_time={60 * minutes:.0f}", f"-max_len={MAX_INPUT_BYTES}", f"-seed={seed}", "-timeout=20"]
    options += ["-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={work}/"]
    (CORPUS / target).mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], *options, str(work), str(CORPUS / target)], lambda raw: run(targets, raw))
    atheris.Fuzz()


def steps(run: Callable[[], None]) -> frozenset[Step]:
    """Steps from line to line that a run takes in the package and in the library that reads address books."""
    found: set[Step] = set()
    last = 0

    def called(frame: FrameType, *_: object) -> Any:
        return reached if any(f"/{name}/" in frame.f_code.co_filename for name in INSTRUMENTED) else None

    def reached(frame: FrameType, event: str, _: object) -> Any:
        nonlocal last
        if event == "line":
            found.add((frame.f_code.co_filename, last, frame.f_lineno))
            last = frame.f_lineno
        return reached

    sys.settrace(called)
    try:
        run()
    finally:
        sys.settrace(None)
    return frozenset(found)


def fewest(taken: dict[bytes, frozenset[Step]]) -> list[bytes]:
    """Inputs that together take what steps all of them do: each time the one that adds most, of those the shortest."""
    left: frozenset[Step] = frozenset().union(*taken.values())
    chosen: list[bytes] = []
    while left and len(chosen) < MOST_KEPT:
        best = max(taken, key=lambda raw: (len(taken[raw] & left), -len(raw), raw))
        chosen.append(best)
        left -= taken[best]
    return chosen


def keep(target: str, work: Path) -> list[bytes]:
    """Choose inputs, and put them in the place of those that were kept before."""
    kept = CORPUS / target
    files = [*kept.glob("*"), *(path for path in work.glob("*") if "-" not in path.name)]
    inputs = sorted({path.read_bytes()[:MAX_INPUT_BYTES] for path in files if path.is_file()})
    with tempfile.TemporaryDirectory() as folder:
        targets, run = targets_in(Path(folder)), TARGETS[target]
        for raw in inputs:
            run(targets, raw)  # what is read once at the first use is of no input
        chosen = fewest({raw: steps(partial(run, targets, raw)) for raw in inputs})
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    for raw in chosen:
        (kept / sha256(raw).hexdigest()[:12]).write_bytes(raw)
    return chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """Fuzz, or keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "work")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args(arguments)
    work = given.work / given.target
    work.mkdir(parents=True, exist_ok=True)
    if given.keep:
        chosen = keep(given.target, work)
        print(f"{given.target}: {len(chosen)} inputs, {sum(map(len, chosen))} bytes")
    else:
        fuzz(given.target, work, given.minutes, given.seed)


if __name__ == "__main__":
    main()
