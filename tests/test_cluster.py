"""A Dask cluster gives what one process gives, byte for byte and in order, even where it loses a worker on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from command_line import FRIEND, HOSTILE, PITCH, command, environment, ran
from spamrec import training
from spamrec.history import History
from spamrec.statuses import Status
from test_training import copied

START_TIMEOUT_S = 60
MESSAGES = 600


class Cluster:
    """A scheduler and two workers of this machine, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def __enter__(self) -> Cluster:
        told = self.folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        end = time.monotonic() + START_TIMEOUT_S
        while not told.exists() or not told.read_text(encoding="utf-8").strip():
            assert time.monotonic() < end
            time.sleep(0.1)
        self.address = json.loads(told.read_text(encoding="utf-8"))["address"]
        for _ in range(2):
            self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.workers = self.processes[1:]
        return self

    def _start(self, *arguments: str) -> None:
        with (self.folder / f"log-{len(self.processes)}").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", f"distributed.cli.dask_{arguments[0]}", *arguments[1:]],
                    stdout=log, stderr=log, cwd=self.folder, env=environment(self.folder / "nobody"),
                )
            )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed") if not os.environ.get("CI") else __import__("distributed")
    with ExitStack() as stack:
        yield stack.enter_context(Cluster(tmp_path_factory.mktemp("cluster")))


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder of files, with an mbox, a packed file and what is no mail among them."""
    import gzip

    folder = tmp_path / "mail"
    folder.mkdir()
    for number in range(MESSAGES):
        source = (PITCH, FRIEND, HOSTILE)[number % 3]
        (folder / f"{number}").write_bytes(source.read_bytes() + b"\n%d" % number)
    separator = b"From a@x.example Tue Jun  9 10:15:00 2026\n"
    (folder / "box").write_bytes(b"".join(separator + PITCH.read_bytes() + b"\n\n" for _ in range(40)))
    (folder / "one.gz").write_bytes(gzip.compress(FRIEND.read_bytes()))
    (folder / "notes").write_bytes(b"Just notes.\n")
    return folder


def test_a_cluster_gives_what_one_process_gives_though_a_worker_is_killed(
    cluster: Cluster, home: Path, mail: Path
) -> None:
    (home / "profile.toml").write_text('name = "Robin"\n[location]\nhome = "Troy, NY"\n', encoding="utf-8")
    from datetime import date

    with History(home / "history.db") as history:
        history.add_correspondent("devon.marsh@brightstaff.example", via="address book", since=date(2020, 1, 1))
    alone = subprocess.run(
        command("classify", "--format", "jsonl", "mail"), capture_output=True, env=environment(home), cwd=mail.parent
    )
    assert alone.returncode == Status.DONE
    assert b"you know the sender" in alone.stdout

    shared = subprocess.Popen(
        command("classify", "--format", "jsonl", "--cluster", cluster.address, "mail"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(home), cwd=mail.parent,
    )  # fmt: skip
    assert shared.stdout
    assert shared.stderr
    with shared.stdout as out, shared.stderr as err:
        first = out.readline()  # at work
        victim = cluster.workers[0]
        assert victim.poll() is None
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        printed, said = first + out.read(), err.read()
    assert shared.wait(timeout=60) == Status.DONE, said
    assert printed == alone.stdout
    assert printed.count(b"\n") == MESSAGES + 41
    assert said == alone.stderr


def test_a_model_trained_on_a_cluster_is_the_same_byte_for_byte(
    cluster: Cluster, home: Path, data: Path, tmp_path: Path
) -> None:
    corpus = copied(data, tmp_path / "corpus")
    ended = ran(home, "train", corpus, "--out", tmp_path / "model.json", "--cluster", cluster.address)
    assert ended.returncode == Status.DONE, ended.stderr
    assert (tmp_path / "model.json").read_text(encoding="utf-8") == training.train(corpus).dumps()


def test_what_is_wrong_with_the_work_is_told_as_without_a_cluster(cluster: Cluster, home: Path, mail: Path) -> None:
    missing = ran(home, "classify", "--cluster", cluster.address, mail / "0", mail / "none")
    assert missing.returncode == Status.NO_INPUT
    assert missing.stderr.decode().startswith(f"spamrec: {mail / 'none'}: no such file or folder")


def test_standard_input_goes_to_the_cluster_too(cluster: Cluster, home: Path) -> None:
    ended = ran(home, "classify", "--cluster", cluster.address, "-", stdin=PITCH.read_bytes())
    assert ended.returncode == Status.DONE
    assert ended.stdout.startswith(b"spam")
