"""`learn` and `forget` on the command line, several at once, killed, and as fast as a mail program wants them."""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from command_line import FRIEND, HOSTILE, PITCH, Run, command, environment, ran
from spamrec import files, learning, model
from spamrec.history import History
from spamrec.statuses import Status
from test_learning import letter, pitch

MOST_SECONDS = 2.0
"""Processor time of one label in a process of its own; the clock on the wall of a shared machine tells of others."""
RUNS = 9


@pytest.fixture
def fresh(home: Path) -> Path:
    """The home of a reader who never trained."""
    (home / "model.json").unlink()
    return home


def mbox(*raws: bytes) -> bytes:
    return b"".join(b"From x@y.example Mon Jun  1 09:00:00 2026\n" + raw + b"\n" for raw in raws)


def test_learn_says_what_changed_where_and_what_is_known_now(run: Run, fresh: Path) -> None:
    ended = run("learn", "--spam", PITCH, FRIEND)
    assert (ended.status, ended.err) == (Status.DONE, "")
    assert ended.out.splitlines() == [
        "2 messages learnt as spam: 2 new",
        f"labels now: 2 spam, 0 legitimate, in {fresh / 'history.db'}",
        f"model: {fresh / 'model.json'}",
    ]
    again = run("learn", "--legit", FRIEND, PITCH, FRIEND).out.splitlines()
    assert again[0] == "3 messages learnt as legitimate: 2 called spam before, 1 already learnt"
    ended = run("forget", PITCH, HOSTILE)
    assert ended.out.splitlines()[:2] == [
        "1 message forgotten: 1 had no label",
        f"labels now: 0 spam, 1 legitimate, in {fresh / 'history.db'}",
    ]
    assert run("forget", FRIEND).out.splitlines()[2] == f"model: {model.shipped_path()}"


def test_a_correction_shows_in_classify_at_once_and_ends_with_forget(run: Run, fresh: Path) -> None:
    def said() -> tuple[str, str]:
        one = json.loads(run("classify", "--format", "jsonl", PITCH).out)
        return one["label"], one["reasons"][0]["text"]

    assert said()[0] == "spam"
    run("learn", "--legit", PITCH)
    label, reason = said()
    assert label == "legitimate"
    assert reason.startswith("you said so on 20")
    run("forget", PITCH)
    assert said()[0] == "spam"
    assert fresh.is_dir()


def test_tagged_messages_of_a_mail_program_come_as_an_mbox_on_standard_input(run: Run, fresh: Path) -> None:
    ended = run("learn", "--spam", "-", stdin=mbox(pitch(1), pitch(2), pitch(3)))
    assert ended.out.startswith("3 messages learnt as spam: 3 new\n")
    assert (fresh / "model.json").exists()
    assert run("forget", stdin=pitch(1)).out.startswith("1 message forgotten\n")


def test_a_mixed_bag_is_learnt_as_far_as_it_is_mail(run: Run, fresh: Path, tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    for folder in ("cur", "new", "tmp"):
        (bag / "Maildir" / folder).mkdir(parents=True)
    (bag / "Maildir" / "cur" / "1:2,S").write_bytes(pitch(1))
    (bag / "Maildir" / "tmp" / "half").write_bytes(pitch(9))
    (bag / "archive.mbox").write_bytes(mbox(pitch(2), b"no mail at all\n"))
    (bag / "damaged.eml").write_bytes(
        b"From: \xff\xfe<\nSubject: =?utf-8?b?////?=\nContent-Type: multipart/x\n\n\x00\x01"
    )
    (bag / "empty").write_bytes(b"")
    (bag / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0JFIF")
    ended = run("learn", "--spam", bag)
    assert (ended.status, ended.out.splitlines()[0]) == (Status.DONE, "3 messages learnt as spam: 3 new")
    assert "left out" in ended.err
    assert "photo.jpg: not mail" in ended.err
    assert run("forget", bag).out.startswith("3 messages forgotten\n")
    assert not (fresh / "model.json").exists()


def test_what_cannot_be_learnt_is_told(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("learn", PITCH).status == Status.USAGE
    assert run("learn", "--spam").status == Status.DATA  # nothing was piped in
    assert run("learn", "--spam", tmp_path / "nowhere").status == Status.NO_INPUT
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0JFIF")
    assert run("learn", "--spam", tmp_path / "photo.jpg").status == Status.DATA
    (home / "model.json").write_text("{")
    ended = run("learn", "--spam", PITCH)
    assert ended.status == Status.CONFIGURATION
    assert (home / "model.json").read_text() == "{"


def test_doctor_tells_trained_learnt_and_behind(run: Run, home: Path) -> None:
    def told() -> str:
        found = map(json.loads, run("doctor", "--format", "jsonl").out.splitlines())
        return str(next(one["detail"] for one in found if one["item"] == "model"))

    assert told().startswith("your own, trained by")
    run("learn", "--spam", PITCH)
    assert told().startswith("your own, the one you trained with your labels (1 spam)")
    with History(home / "history.db") as history:
        from spamrec import message

        history.teach(message.parse(pitch(1)), "spam", "{}")
    assert told().endswith("labels in the history are not all in it, the next `learn` takes them in")
    run("forget", PITCH)
    assert told().startswith("your own, the one you trained with your labels (1 spam), trained by")


@pytest.mark.slow
def test_training_keeps_labels_and_learning_keeps_what_was_trained(run: Run, fresh: Path, tmp_path: Path) -> None:
    for label, make in (("spam", pitch), ("legit", letter)):
        (tmp_path / label).mkdir()
        for number in range(12):
            (tmp_path / label / f"{number}.eml").write_bytes(make(number))
    run("learn", "--spam", PITCH)
    ended = run("train", "--spam", tmp_path / "spam", "--legit", tmp_path / "legit")
    assert ended.status == Status.DONE
    assert "the labels you gave (1) go on counting" in ended.err
    assert model.load(fresh / "model.json").base == model.digest(fresh / "trained.json")
    trained = (fresh / "trained.json").read_bytes()
    run("forget", PITCH)
    assert (fresh / "model.json").read_bytes() == trained


# --- processes ---------------------------------------------------------------------------------------------


def test_many_at_once_lose_no_label_and_leave_the_model_of_all(fresh: Path, tmp_path: Path) -> None:
    """As procmail's copies to a pipe start them."""
    running = []
    for number in range(6):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(pitch(number) if number % 2 else letter(number))
        label = "--spam" if number % 2 else "--legit"
        running.append(subprocess.Popen(command("learn", label, path), stdout=subprocess.PIPE, env=environment(fresh)))
    ended = [one.communicate(timeout=120) and one.returncode for one in running]
    assert set(ended) <= {Status.DONE, Status.TRY_AGAIN}
    where = files.locate({"SPAMREC_HOME": str(fresh)})
    with History(fresh / "history.db") as history:
        assert history.labels() == {"spam": 3, "legitimate": 3}
    assert learning.is_current(where) or Status.TRY_AGAIN in ended
    learning.refresh(where)
    assert model.load(fresh / "model.json").learnt == {"spam": 3, "legitimate": 3}
    assert not list(fresh.glob(".model.json.*"))


def test_the_lock_has_a_time_out_of_its_own_status(run: Run, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("learn", "--spam", PITCH)
    monkeypatch.setattr("spamrec.learning.learn.__kwdefaults__", {**_defaults(), "timeout_s": 0.1})
    with learning._alone(fresh / learning.LOCK, 1.0):
        assert run("learn", "--spam", FRIEND).status == Status.TRY_AGAIN
    assert run("learn", "--spam", FRIEND).out.splitlines()[0] == "1 message learnt as spam: 1 already learnt"


def _defaults() -> dict[str, object]:
    return dict(learning.learn.__kwdefaults__ or {})


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.4, 0.6, 0.8])
def test_killed_at_any_moment_the_next_run_makes_it_whole(fresh: Path, tmp_path: Path, delay: float) -> None:
    path = tmp_path / "many.mbox"
    path.write_bytes(mbox(*(pitch(number) for number in range(60))))
    assert ran(fresh, "learn", "--legit", "-", stdin=letter(1)).returncode == Status.DONE
    killed = subprocess.Popen(command("learn", "--spam", path), stdout=subprocess.PIPE, env=environment(fresh))
    time.sleep(delay)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    between = ran(fresh, "classify", "-", stdin=PITCH.read_bytes())
    assert between.returncode == Status.DONE
    assert ran(fresh, "learn", "--spam", path).returncode == Status.DONE
    assert model.load(fresh / "model.json").learnt == {"spam": 60, "legitimate": 1}
    assert ran(fresh, "forget", path).returncode == Status.DONE
    assert model.load(fresh / "model.json").learnt == {"legitimate": 1}


def test_a_personal_model_costs_a_filter_no_heavy_library(fresh: Path) -> None:
    ran(fresh, "learn", "--spam", "-", stdin=mbox(pitch(1), pitch(2)))
    program = (
        "import sys; from spamrec import cli; status = cli.run(sys.argv[1:]); "
        "print(status, [m for m in ('numpy', 'scipy', 'sklearn', 'joblib', 'rich') if m in sys.modules], file=sys.stderr)"
    )
    start = [command()[0], "-c", program, "classify", "-"]
    ended = subprocess.run(start, input=PITCH.read_bytes(), capture_output=True, env=environment(fresh), check=False)
    assert ended.stderr.splitlines()[-1] == b"0 []"


def test_learning_loads_no_scikit_learn(fresh: Path) -> None:
    program = (
        "import sys; from spamrec import cli; status = cli.run(sys.argv[1:]); "
        "print(status, [m for m in ('sklearn', 'joblib', 'rich') if m in sys.modules], file=sys.stderr)"
    )
    start = [command()[0], "-c", program, "learn", "--spam", "-"]
    ended = subprocess.run(start, input=PITCH.read_bytes(), capture_output=True, env=environment(fresh), check=False)
    assert ended.stderr.splitlines()[-1] == b"0 []"


@pytest.mark.slow
def test_a_label_takes_two_seconds_at_most(fresh: Path, data: Path) -> None:
    """In a process of its own, with two hundred labels there already."""
    assert ran(fresh, "learn", "--spam", data / "ray-kim" / "spam").returncode == Status.DONE
    assert ran(fresh, "learn", "--legit", data / "ray-kim" / "legit").returncode == Status.DONE
    times = []
    for number in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert ran(fresh, "learn", "--spam", "-", stdin=pitch(number)).returncode == Status.DONE
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(times) <= MOST_SECONDS, times
