"""Times a program run as a process of its own: wall clock, processor time with its children, peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Run(NamedTuple):
    """What a process took, or the median of several."""

    wall_s: float
    """Wall clock, seconds."""
    cpu_s: float
    """Processor time of it and its children, user and system, seconds."""
    peak_mb: float
    """Largest resident set of it or one of its children, megabytes; never less than that of this program, which the
    kernel counts until the other one is loaded."""
    status: int
    """What it ended with."""


class Job(NamedTuple):
    """One program to run on some mail."""

    name: str
    """Its line in the table."""
    command: Sequence[str]
    """What to run."""
    messages: int
    """Messages that one run judges."""
    stdin: Path | None = None
    """What it reads on standard input; nothing where None."""
    fine: Sequence[int] = (0,)
    """Statuses that tell of success."""


def run(job: Job, environment: Mapping[str, str]) -> Run:
    """One run; RuntimeError where it fails, so that no failure is taken for speed."""
    with open(job.stdin or os.devnull, "rb") as stdin, open(os.devnull, "wb") as nowhere:
        started = time.perf_counter()
        process = subprocess.Popen(job.command, stdin=stdin, stdout=nowhere, stderr=subprocess.PIPE, env=environment)
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in job.fine:
        raise RuntimeError(f"{job.name}: status {process.returncode}: {said.decode('utf-8', 'replace').strip()[-300:]}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode)


def rounds(jobs: Sequence[Job], times: int, environment: Mapping[str, str]) -> dict[str, Run]:
    """The median of so many runs of each; all take turns, so that what else the machine does falls on all alike."""
    runs: dict[str, list[Run]] = {job.name: [] for job in jobs}
    for _ in range(times):
        for job in jobs:
            runs[job.name].append(run(job, environment))
    return {name: middle(found) for name, found in runs.items()}


def middle(runs: Sequence[Run]) -> Run:
    """Median of each figure."""
    return Run(
        median(r.wall_s for r in runs), median(r.cpu_s for r in runs), median(r.peak_mb for r in runs), runs[-1].status
    )
