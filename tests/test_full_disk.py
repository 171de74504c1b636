"""Where the disk is full or may not be written, nothing that was there suffers, and the status says what failed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import FRIEND, HOSTILE, PITCH, command, environment, ran
from mounts import PAGE_BYTES, on_a_disk, own_mounts
from spamrec import model, tagging
from spamrec.history import History
from spamrec.moving import PARTS
from spamrec.statuses import Status


def check(home: Path) -> None:
    """History and model are whole."""
    if (home / "history.db").exists():
        with History(home / "history.db") as memory:
            assert memory.store.rows("PRAGMA integrity_check") == [("ok",)]
            assert memory.counts()["messages received"] >= 1
    if (home / "model.json").exists():
        model.load(home / "model.json")
    assert not [*home.rglob(".*")], "a part of a file was left"


ROOMS = [0, 1, 2, 5, 10, 20, 40, 80, 200]
"""Pages that are free."""


@own_mounts
@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    "arguments", [("learn", "--spam", PITCH), ("import", "mail", FRIEND), ("unsubscribed", "x@y.example")]
)
def test_what_does_not_fit_is_told_and_done_once_there_is_room(
    home: Path, arguments: tuple[str | Path, ...], room: int
) -> None:
    ran(home, "import", "mail", HOSTILE)
    ended = on_a_disk(home, room, *arguments)
    assert b"Traceback" not in ended.stderr
    assert ended.returncode in (Status.DONE, Status.CANNOT_WRITE, Status.INPUT_OUTPUT), ended.stderr
    assert bool(ended.stderr.count(b"\n") == 1) or ended.returncode == Status.DONE, ended.stderr
    check(home)
    assert ran(home, *arguments).returncode == Status.DONE
    assert ran(home, "classify", PITCH).returncode == Status.DONE


@own_mounts
@pytest.mark.parametrize("room", [0, 1, 20])
def test_a_full_disk_fails_learning_with_the_status_of_what_cannot_be_written(home: Path, room: int) -> None:
    ran(home, "import", "mail", HOSTILE)
    ended = on_a_disk(home, room, "learn", "--spam", PITCH)
    assert ended.returncode in (Status.CANNOT_WRITE, Status.INPUT_OUTPUT), ended.stderr
    check(home)


@own_mounts
@pytest.mark.parametrize("room", [0, 3, 30])
def test_a_full_disk_costs_no_mail_at_delivery(home: Path, room: int) -> None:
    """Judged without a history where that cannot be written."""
    ran(home, "import", "mail", HOSTILE)
    ended = on_a_disk(home, room, "filter", stdin=PITCH.read_bytes())
    assert ended.returncode == Status.DONE
    assert tagging.strip(ended.stdout) == PITCH.read_bytes()
    check(home)


def test_a_mail_that_cannot_be_passed_on_is_not_taken_over(home: Path) -> None:
    with open("/dev/full", "wb") as out:
        ended = subprocess.run(
            command("filter"), input=PITCH.read_bytes(), stdout=out, stderr=subprocess.PIPE, env=environment(home)
        )
    assert ended.returncode == Status.TRY_AGAIN
    assert b"could not be passed on" in ended.stderr


@own_mounts
@pytest.mark.parametrize("room", [0, 1])
def test_mail_stays_where_the_folder_it_should_go_to_is_full(home: Path, room: int) -> None:
    ran(home, "import", "mail", HOSTILE)
    for part in PARTS:
        (home / "Recruiters" / part).mkdir(parents=True)
    box = home.with_name("box")
    box.mkdir()
    raw = PITCH.read_bytes() + b"x" * 3 * PAGE_BYTES
    (box / "1.eml").write_bytes(raw)
    ended = on_a_disk(home, room, "classify", box, "--move", home / "Recruiters")
    assert ended.returncode == Status.CANNOT_WRITE
    assert b"no space left on device" in ended.stderr
    assert (box / "1.eml").read_bytes() == raw
    assert not [path for path in (home / "Recruiters").rglob("*") if path.is_file()]


def own_mail(folder: Path) -> list[str | Path]:
    """Options that name enough mail to train on."""
    options: list[str | Path] = []
    for label, mail in (("spam", PITCH), ("legit", FRIEND)):
        (folder / label).mkdir(parents=True)
        for number in range(12):
            (folder / label / f"{number}.eml").write_bytes(mail.read_bytes() + b"No. %d\n" % number)
        options += [f"--{label}", folder / label]
    return options


@own_mounts
@pytest.mark.slow
def test_a_model_that_does_not_fit_leaves_the_one_before(home: Path, tmp_path: Path) -> None:
    before = (home / "model.json").read_bytes()
    ended = on_a_disk(home, 0, "train", *own_mail(tmp_path / "own"), "--no-base")
    assert ended.returncode == Status.CANNOT_WRITE, ended.stderr
    assert (home / "model.json").read_bytes() == before


@own_mounts
@pytest.mark.slow
def test_a_page_that_does_not_fit_leaves_the_one_before(home: Path, tmp_path: Path, data: Path) -> None:
    for reader in ("ray-kim", "grace-obi", "hannah-price"):
        for kind in ("spam", "legit"):
            folder = tmp_path / "corpus" / reader / kind
            folder.mkdir(parents=True)
            for path in sorted((data / reader / kind).glob("*.eml"))[:8]:
                shutil.copy(path, folder)
    (home / "page.html").write_text("before")
    ended = on_a_disk(home, 0, "evaluate", tmp_path / "corpus", "--report", home / "page.html")
    assert ended.returncode == Status.CANNOT_WRITE, ended.stderr
    assert (home / "page.html").read_text() == "before"


TALKING: list[Callable[[Path], list[str | Path]]] = [
    lambda _: ["classify", PITCH],
    lambda _: ["explain", PITCH],
    lambda _: ["senders"],
    lambda _: ["doctor"],
    lambda _: ["completion", "bash"],
    lambda _: ["--help"],
    lambda folder: ["evaluate", "--online", *own_mail(folder)],
]


@pytest.mark.parametrize("made", TALKING)
def test_output_that_cannot_be_written_is_a_failure(
    home: Path, tmp_path: Path, made: Callable[[Path], list[str | Path]]
) -> None:
    ran(home, "import", "mail", FRIEND)
    with open("/dev/full", "wb") as out:
        ended = subprocess.run(
            command(*made(tmp_path / "own")), stdout=out, stderr=subprocess.PIPE, env=environment(home), timeout=120
        )
    assert ended.returncode == Status.INPUT_OUTPUT, ended.stderr
    assert ended.stderr.count(b"\n") == 1
