#!/usr/bin/env python3
"""Give damaged mail, requests, profiles, address books, exports, models and files to the program, and tell what fails.

usage: fuzz.py [FOLDER ...] [--cases N] [--minutes M] [--seed S] [--jobs N] [--only CASE] [--kinds mail,wire,...]
               [--as-is]

Mail of the folders (data, where none is named) is damaged by a generator seeded with S and the number of the case, so
that `--seed S --only CASE` has the same case again. `--as-is` gives each mail undamaged first. Each may take 2 s of processor time and so much memory; a process
that dies or hangs is a finding too. Prints findings, then the numbers of cases run by kind. Status 1 where one failed.
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzz_targets import KINDS, SHARES, Pool, Targets
from spamrec import sources
from spamrec.tagging import Style

ROOT = Path(__file__).parents[1]
TIME_S = 2.0
"""Processor time that a case may take, in seconds."""
HANG_S = 60.0
"""Time by the clock after which a process that does not come back from C is killed, in seconds."""
MEMORY_BYTES = 512 * 1024 * 1024
"""Memory that a process may take beyond what it had when it began."""
MOST_FINDINGS = 40
"""Findings after which the rest is not run."""


class _TooLongError(BaseException):
    """A case took longer than it may; no handler of ordinary errors may take it."""


class Case(NamedTuple):
    """One case, which its number and the seed make again."""

    seed: int
    number: int

    def chance(self) -> Random:
        """The generator that draws it."""
        return Random(f"{self.seed}/{self.number}")  # noqa: S311 - noise that can be had again


def pool(folders: Sequence[str]) -> Pool:
    """Mail of the folders, and the profiles of the corpus."""
    mails = [found.raw for found in sources.walk(folders or [ROOT / "data"])]
    return Pool(mails, sorted((ROOT / "data").glob("*/profile.toml")))


def failure(targets: Targets, case: Case, kinds: Sequence[str]) -> tuple[str, str]:
    """The kind of a case, and what failed, "" for nothing."""
    chance = case.chance()
    kind = chance.choices(KINDS, SHARES)[0] if len(kinds) > 1 else kinds[0]
    if kind not in kinds:
        kind = chance.choice(kinds)
    return kind, _failed(lambda: targets.run(kind, chance))


def _failed(run: object) -> str:
    """What failed in a run within the limits."""
    try:
        signal.setitimer(signal.ITIMER_PROF, TIME_S)
        try:
            run()  # type: ignore[operator]
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _TooLongError as error:
        return _place(error, f"took more than {TIME_S} s of processor time")
    except Exception as error:
        return _place(error, f"{type(error).__name__}: {error}"[:300])
    return ""


def _place(error: BaseException, told: str) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/spamrec/" in frame.filename] or frames
    return f"{told} at {' < '.join(f'{Path(f.filename).name}:{f.lineno}' for f in reversed(ours[-3:]))}"


def _expire(*_: object) -> None:
    raise _TooLongError


class Worker:
    """A process that runs every so manieth case, and notes which one in memory that its parent sees."""

    def __init__(self, cases: range, seed: int, kinds: Sequence[str], things: Pool, ends: float) -> None:
        self.cases, self.seed, self.kinds, self.things, self.ends = cases, seed, kinds, things, ends
        self.now = mmap.mmap(-1, 8)
        self.counts = mmap.mmap(-1, 8 * len(KINDS))
        self.moved = time.monotonic()
        self.last = -1
        self.start(cases)

    def start(self, cases: range) -> None:
        """Run these cases in a new process."""
        self.left = cases
        read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            with contextlib.suppress(BaseException):
                os.close(read)
                self._work(write)
                status = 0
            os._exit(status)
        os.close(write)
        self.pipe = os.fdopen(read, "r", encoding="utf-8", errors="replace")

    def _work(self, write: int) -> None:
        signal.signal(signal.SIGPROF, _expire)
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
        with tempfile.TemporaryDirectory() as folder, os.fdopen(write, "w", buffering=1) as out:
            targets = Targets(self.things, Path(folder))
            for number in self.left:
                if time.monotonic() > self.ends:
                    break
                self.now[:] = number.to_bytes(8, "little")
                kind, what = failure(targets, Case(self.seed, number), self.kinds)
                at = 8 * KINDS.index(kind)
                self.counts[at : at + 8] = (int.from_bytes(self.counts[at : at + 8], "little") + 1).to_bytes(
                    8, "little"
                )
                if what:
                    out.write(f"{number}\t{kind}\t{' '.join(what.split())}\n")
            self.now[:] = (2**63).to_bytes(8, "little")

    def at(self) -> int:
        """The case that is run just now."""
        return int.from_bytes(self.now[:], "little")

    def hangs(self) -> bool:
        """Whether the same case has been run for longer than it can be by right."""
        if self.at() != self.last:
            self.last, self.moved = self.at(), time.monotonic()
        return time.monotonic() - self.moved > HANG_S

    def done(self) -> dict[str, int]:
        """Cases run by kind."""
        return {kind: int.from_bytes(self.counts[8 * n : 8 * n + 8], "little") for n, kind in enumerate(KINDS)}


def findings(workers: list[Worker]) -> Iterator[tuple[int, str, str]]:
    """Number, kind and failure of each case that failed, until all are run; dead processes are replaced."""
    running = list(workers)
    while running:
        ready, _, _ = select.select([w.pipe for w in running], [], [], 1.0)
        for worker in list(running):
            if worker.pipe in ready:
                line = worker.pipe.readline()
                if line:
                    number, kind, what = line.rstrip("\n").split("\t", 2)
                    yield int(number), kind, what
                    continue
                _, status = os.waitpid(worker.pid, 0)
                worker.pipe.close()
                if status == 0:
                    running.remove(worker)
                    continue
                yield worker.at(), "?", f"its process ended with status {os.waitstatus_to_exitcode(status)}"
                worker.start(range(worker.at() + worker.cases.step, worker.cases.stop, worker.cases.step))
            elif worker.hangs():
                os.kill(worker.pid, signal.SIGKILL)
                worker.moved = time.monotonic()


def each_mail(things: Pool) -> int:
    """Each mail as it is, undamaged; how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        targets = Targets(things, Path(folder))
        styles = list(Style)
        for number, raw in enumerate(things.mails):
            what = _failed(
                lambda raw=raw, number=number: targets.mail(raw, styles[number % len(styles)], things.profiles[0])
            )
            if what:
                failed += 1
                print(f"mail {number} as it is: {what}")
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases, print what failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=24 * 60.0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--as-is", action="store_true")
    parser.add_argument("--kinds", default=",".join(KINDS))
    given = parser.parse_args(arguments)
    kinds = given.kinds.split(",")
    things = pool(given.folders)
    if given.only is not None:
        with tempfile.TemporaryDirectory() as folder:
            kind_of = Case(given.seed, given.only)
            signal.signal(signal.SIGPROF, _expire)
            kind, what = failure(Targets(things, Path(folder)), kind_of, kinds)
            print(f"{kind}: {what or 'nothing failed'}")
            return 1 if what else 0
    started = time.monotonic()
    signal.signal(signal.SIGPROF, _expire)
    failed = each_mail(things) if given.as_is else 0
    ends = started + 60 * given.minutes
    slices = [range(n, given.cases, given.jobs) for n in range(min(given.jobs, given.cases))]
    workers = [Worker(cases, given.seed, kinds, things, ends) for cases in slices]
    for number, kind, what in findings(workers):
        failed += 1
        print(f"--seed {given.seed} --only {number} ({kind}): {what}", flush=True)
        if failed >= MOST_FINDINGS:
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
            break
    counts = sum((Counter(worker.done()) for worker in workers), Counter())
    told = ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
    as_they_are = f" and {len(things.mails)} mails as they are" if given.as_is else ""
    took = f"{time.monotonic() - started:.0f} s"
    print(f"{sum(counts.values())} cases ({told}){as_they_are}, seed {given.seed}: {failed} failed, {took}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
