#!/usr/bin/env python3
"""Measures spamrec and its peers on the same mail in one run, and prints the ratios that the budgets speak of.

usage: python benchmarks/run.py [--quick] [--mail DIR] [--messages N] [--rounds N] [--large [GB]]

DIR is any folder of mail; without it the messages of data/ are taken. Where there are fewer messages than N, 6,000 unless
told, they are repeated. Peers that are not installed are named. Every figure is a median of rounds in which all programs take turns.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

import peers
import served
from measure import Job, Run, rounds, run
from spamrec import sources

DATA = Path(__file__).parents[1] / "data"
SEPARATOR = b"From bench@mail.example Tue Jun  9 10:15:00 2026\n"
IMPORTS = "import click, email.parser"


class Plan(NamedTuple):
    """How much is measured."""

    messages: int
    """Messages of the folder judged in bulk, and trained on."""
    each: int
    """Messages given to programs that start for each."""
    served: int
    """Messages given to our server."""
    slow: int
    """Messages given to SpamAssassin."""
    rounds: int
    """Rounds of which a median is taken."""
    steps: Sequence[int]
    """Multiples of the smallest mbox, for growth."""


FULL = Plan(messages=6_000, each=200, served=2_000, slow=10, rounds=5, steps=(1, 2, 4, 8))
QUICK = Plan(messages=60, each=6, served=6, slow=1, rounds=1, steps=(1, 2))


class Bench(NamedTuple):
    """Mail laid out for measuring."""

    folder: Path
    """Everything of this run; removed at its end."""
    mail: Sequence[Path]
    """One message a file, `plan.messages` of them."""
    plan: Plan
    """How much is measured."""
    environment: Mapping[str, str]
    """What programs see: no profile, no history, no option set."""

    def listed(self, name: str, count: int) -> Path:
        """A file that lists the first so many messages, one path a line."""
        path = self.folder / name
        path.write_text("".join(f"{one}\n" for one in self.mail[:count]), encoding="utf-8")
        return path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="few messages, one round: only shows that all runs")
    parser.add_argument("--mail", type=Path, default=DATA, help="folder of mail to measure on")
    parser.add_argument("--messages", type=int, help="messages judged in bulk")
    parser.add_argument("--rounds", type=int, help="rounds of which the median is taken")
    parser.add_argument(
        "--large",
        type=float,
        nargs="?",
        const=2.0,
        metavar="GB",
        help="also judge one mbox of so many GB, 2 unless told",
    )
    given = parser.parse_args()
    plan = QUICK if given.quick else FULL
    plan = plan._replace(messages=given.messages or plan.messages, rounds=given.rounds or plan.rounds)
    with tempfile.TemporaryDirectory(prefix="spamrec-bench-") as folder:
        bench = lay_out(Path(folder), given.mail, plan)
        print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, "
              f"{plan.messages:,} messages, median of {plan.rounds}")  # fmt: skip
        if missing := peers.missing():
            print(f"not installed, so not measured: {', '.join(missing)}")
        for part in (cold_start, bulk, serving, training, growth):
            part(bench)
        if given.large:
            large(bench, given.large)


def lay_out(folder: Path, mail: Path, plan: Plan) -> Bench:
    """The mail copied into one folder, one message a file, repeated until there is enough."""
    raws = [found.raw for found in islice(sources.walk([mail]), plan.messages)]
    if not raws:
        sys.exit(f"no mail in {mail}")
    (folder / "mail").mkdir()
    paths = []
    for number, raw in enumerate(islice(cycle(raws), plan.messages)):
        path = folder / "mail" / f"{number:05d}.eml"
        path.write_bytes(raw)
        paths.append(path)
    dropped = ("SPAMREC_", "_SPAMREC", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    # compiled modules as an installation has them, wherever this checkout may write
    own = {"SPAMREC_HOME": str(folder / "home"), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return Bench(folder, paths, plan, {**kept, **own})


def labelled(kind: str) -> list[Path]:
    """The messages of data/ of one label."""
    return sorted(DATA.glob(f"*/{kind}/*.eml"))


# --- what is measured --------------------------------------------------------------------------------------


def cold_start(bench: Bench) -> None:
    """One message, a new process."""
    one = bench.mail[0]
    jobs = [
        Job(f"python -c '{IMPORTS}'", [sys.executable, "-c", IMPORTS], 1),
        Job("spamrec classify -", peers.spamrec("classify", "-"), 1, one),
        Job("spamrec filter", peers.spamrec("filter"), 1, one),
    ]
    if peers.found("spamassassin"):
        jobs.append(Job("spamassassin -L", ["spamassassin", "-L"], 1, one))
    if peers.found("bogofilter"):
        peers.teach_bogofilter(bench.folder / "words", labelled("spam"), labelled("legit"))
        jobs.append(Job("bogofilter", ["bogofilter", "-d", str(bench.folder / "words")], 1, one, fine=(0, 1, 2)))
    for job in jobs:
        run(job, bench.environment)  # compiles what the measured ones load
    found = rounds(jobs, 3 * bench.plan.rounds, bench.environment)
    table("Cold start: one message, a new process", jobs, found, unit=jobs[0].name)


def bulk(bench: Bench) -> None:
    """A folder of messages."""
    count, each, slow = bench.plan.messages, bench.plan.each, bench.plan.slow
    folder, everything = bench.folder / "mail", bench.listed("all", bench.plan.messages)
    few, fewer = bench.listed("each", each), bench.listed("slow", slow)
    both = str(os.cpu_count() or 1)
    jobs = [
        Job(f"spamrec classify --jobs {both}", peers.spamrec("classify", "--jobs", both, folder), count),
        Job("spamrec classify", peers.spamrec("classify", folder), count),
        Job("the same, --format jsonl", peers.spamrec("classify", "--format", "jsonl", folder), count),
    ]
    unit = jobs[0].name
    if peers.found("bogofilter"):
        words = bench.folder / "words"
        jobs += [peers.bogofilter_bulk(words, everything, count), peers.bogofilter_each(words, few, min(each, count))]
        unit = "bogofilter -T -b"
    if peers.found("spamassassin"):
        jobs.append(peers.spamassassin(fewer, min(slow, count)))
    saved = bench.folder / "tfidf.joblib"
    run(fitting(bench, saved, [labelled("spam"), labelled("legit")]), bench.environment)
    jobs.append(peers.tfidf_classify(saved, everything, count, "scikit-learn TF-IDF, loaded with joblib"))
    found = rounds(jobs, bench.plan.rounds, bench.environment)
    table(f"Bulk: a folder of {count:,} messages", jobs, found, unit=unit)


def serving(bench: Bench) -> None:
    """Messages a second of running servers, which take turns. spamd, being slow, gets a sample spread over the same mail:
    the first messages of a folder are of one kind."""
    print("\nServed: CHECK over four connections at once")
    mail = bench.mail[: bench.plan.served]
    few = max(served.CONNECTIONS, 6 * bench.plan.slow)
    with spamrec_server(bench) as port, peers.spamd(bench.folder) if peers.found("spamd") else nullcontext(0) as theirs:
        servers = {"spamrec serve": (port, mail), "spamd -L": (theirs, mail[:: -(-len(mail) // few)])}
        turns: dict[str, list[served.Served]] = {name: [] for name, (port, _) in servers.items() if port}
        for _ in range(bench.plan.rounds):
            for name, found in turns.items():
                found.append(served.measure(*servers[name]))
    print(f"  {'':<42}{'msg/s':>10}{'median ms':>11}")
    speeds = {name: median(one.per_second for one in found) for name, found in turns.items()}
    for name, found in turns.items():
        ratio = f"{speeds[name] / speeds['spamd -L']:8.1f} x spamd" if "spamd -L" in speeds else ""
        print(f"  {name:<42}{speeds[name]:>10.1f}{median(one.median_ms for one in found):>11.1f}{ratio}")


@contextmanager
def spamrec_server(bench: Bench) -> Iterator[int]:
    """The port of a running `spamrec serve`."""
    port = peers.free_port()
    command = peers.spamrec("serve", "--listen", f"127.0.0.1:{port}")
    with (bench.folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=bench.environment, stdout=log, stderr=log)
    try:
        peers.wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def training(bench: Bench) -> None:
    """Learning from labelled mail: half of the messages called spam, since only the work is measured."""
    half = len(bench.mail) // 2
    kinds = {"spam": list(bench.mail[:half]), "legit": list(bench.mail[half:])}
    for kind, paths in kinds.items():
        (bench.folder / kind).mkdir()
        for number, path in enumerate(paths):
            # each is a message of its own, as repeated ones would be learnt once
            (bench.folder / kind / path.name).write_bytes(
                path.read_bytes().rstrip() + b"\n\n%s %d\n" % (kind.encode(), number)
            )
    own = ("--spam", bench.folder / "spam", "--legit", bench.folder / "legit", "--out", bench.folder / "model.json")
    both = str(os.cpu_count() or 1)
    jobs = [Job(f"spamrec train --jobs {both}", peers.spamrec("train", "--jobs", both, *own), len(bench.mail))]
    jobs.append(fitting(bench, bench.folder / "own.joblib", list(kinds.values())))
    if peers.found("bogofilter"):
        script = 'rm -rf "$1"; mkdir "$1"; bogofilter -d "$1" -s -B "$2"; bogofilter -d "$1" -n -B "$3"'
        folders = (bench.folder / "own-words", bench.folder / "spam", bench.folder / "legit")
        jobs.append(Job("bogofilter -s, -n", peers.shell(script, *folders), len(bench.mail)))
    found = rounds(jobs, min(bench.plan.rounds, 3), bench.environment)
    table(f"Training on {len(bench.mail):,} messages", jobs, found, unit=jobs[0].name)


def fitting(bench: Bench, saved: Path, kinds: Sequence[Sequence[Path]]) -> Job:
    """Fit the TF-IDF pipeline to messages of two labels."""
    lists = []
    for number, paths in enumerate(kinds):
        lists.append(bench.folder / f"{saved.stem}-{number}")
        lists[-1].write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    return peers.tfidf_train(lists[0], lists[1], saved, sum(map(len, kinds)))


def growth(bench: Bench) -> None:
    """Time and memory as the mail grows, from one mbox: linear and constant is what they should be."""
    smallest = max(1, bench.plan.messages // max(bench.plan.steps))
    jobs = []
    for step in bench.plan.steps:
        box = bench.folder / f"{step}.mbox"
        with box.open("wb") as out:
            for path in islice(cycle(bench.mail), smallest * step):
                out.write(boxed(path))
        jobs.append(Job(f"classify, {smallest * step:,} messages", peers.spamrec("classify", box), smallest * step))
    found = rounds(jobs, min(bench.plan.rounds, 3), bench.environment)
    table("Growth: one mbox", jobs, found, unit=jobs[0].name)


def large(bench: Bench, gigabytes: float) -> None:
    """Memory of one run over an mbox that no memory budget would hold."""
    size = int(gigabytes * 1e9)
    if shutil.disk_usage(bench.folder).free < 1.2 * size:
        print(f"\nno room for an mbox of {gigabytes:g} GB in {bench.folder}")
        return
    box = bench.folder / "large.mbox"
    count = written = 0
    with box.open("wb") as out:
        for path in cycle(bench.mail):
            written += out.write(boxed(path))
            count += 1
            if written >= size:
                break
    job = Job(f"classify, {count:,} messages", peers.spamrec("classify", box), count)
    table(f"One mbox of {gigabytes:g} GB", [job], rounds([job], 1, bench.environment), unit=job.name)
    box.unlink()


def boxed(path: Path) -> bytes:
    """A message as it stands in an mbox."""
    return SEPARATOR + path.read_bytes().replace(b"\nFrom ", b"\n>From ") + b"\n\n"


# --- the table ---------------------------------------------------------------------------------------------


def table(title: str, jobs: Sequence[Job], found: Mapping[str, Run], *, unit: str) -> None:
    """Figures of each program, and how many times the wall clock a message that `unit` takes."""
    print(f"\n{title}")
    print(f"  {'':<42}{'wall s':>9}{'cpu s':>9}{'ms/msg':>9}{'msg/s':>9}{'peak MB':>9}{'speed':>10}")
    base = next(found[job.name].wall_s / job.messages for job in jobs if job.name == unit)
    for job in jobs:
        took = found[job.name]
        each = took.wall_s / job.messages
        print(f"  {job.name:<42}{took.wall_s:>9.3f}{took.cpu_s:>9.3f}{1000 * each:>9.2f}{1 / each:>9.1f}"
              f"{took.peak_mb:>9.0f}{base / each:>9.3f}x")  # fmt: skip
    print(f"  (speed: against {unit})")


if __name__ == "__main__":
    main()
