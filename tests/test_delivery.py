"""Mail as it is delivered is judged within limits and remembered, whatever the state of the history."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from command_line import FRIEND, PITCH, make_home
from spamrec import tagging
from spamrec.bulk import Setup
from spamrec.delivery import Delivery, time_limit
from spamrec.errors import ModelError, ProfileError, TimeLimitError
from spamrec.history import History
from spamrec.limits import Limits
from spamrec.verdict import Label

RAW = PITCH.read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A reader's files, with the small model."""
    return make_home(tmp_path / "home")


def setup(folder: Path) -> Setup:
    history = folder / "history.db"
    return Setup(model=folder / "model.json", history=history if history.exists() else None)


def counts(folder: Path) -> int:
    with History(folder / "history.db", read_only=True) as history:
        return history.counts()["messages received"]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program that lets nobody even read."""
    History(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_mail_is_judged_and_remembered(folder: Path) -> None:
    delivery = Delivery(setup(folder), memory=folder / "history.db")
    assert delivery.deliver(RAW).verdict.label is Label.SPAM
    assert delivery.deliver(FRIEND.read_bytes()).verdict.label is Label.LEGITIMATE
    assert counts(folder) == 2
    delivery.deliver(RAW)
    assert counts(folder) == 2, "delivered again, remembered once"


def test_what_was_remembered_counts_for_the_next_mail(folder: Path) -> None:
    """Also where there was no history when the first one came."""
    delivery = Delivery(setup(folder), memory=folder / "history.db")
    delivery.deliver(RAW)
    later = re.sub(rb"(?m)^Date:.*$", b"Date: Tue, 10 Mar 2026 09:00:00 +0000", RAW).replace(
        b"Message-ID: <", b"Message-ID: <again."
    )
    standing = delivery.judge(later).evidence.standing
    assert (standing.earlier, standing.judged) == (1, "spam")


def test_nothing_is_remembered_unless_asked(folder: Path) -> None:
    Delivery(setup(folder)).deliver(RAW)
    assert not (folder / "history.db").exists()


def test_a_mail_from_the_future_is_remembered_as_of_now(folder: Path) -> None:
    delivery = Delivery(setup(folder), memory=folder / "history.db")
    delivery.deliver(re.sub(rb"(?m)^Date:.*$", b"Date: Tue, 10 Mar 2099 09:00:00 +0000", RAW))
    (at,) = sqlite3.connect(folder / "history.db").execute("SELECT at FROM received").fetchone()
    assert at < "2099"


def test_of_a_large_mail_the_beginning_is_judged(folder: Path) -> None:
    delivery = Delivery(setup(folder), limits=Limits(max_bytes=len(RAW)))
    assert delivery.judge(RAW).read is None
    large = delivery.judge(RAW + b"more\n" * 100_000)
    assert (large.verdict.label, large.read) == (Label.SPAM, len(RAW))
    assert len(large.evidence.message.text) <= len(RAW)
    assert f"read={len(RAW)}" in delivery.fields(large)[0].value


def test_headers_name_model_and_version(folder: Path) -> None:
    delivery = Delivery(setup(folder))
    said = tagging.tag(RAW, delivery.fields(delivery.judge(RAW)))
    assert re.match(rb"X-Spamrec: Spam, probability=0\.\d{6}, threshold=0\.500, model=0123456789ab,\n version=\d", said)


def test_a_locked_history_neither_stops_nor_delays_mail(folder: Path) -> None:
    warnings: list[str] = []
    limits = Limits(history_wait_s=0.1)
    with locked(folder / "history.db"):
        started = time.monotonic()
        delivery = Delivery(setup(folder), memory=folder / "history.db", limits=limits, warn=warnings.append)
        assert delivery.deliver(RAW).verdict.label is Label.SPAM
        assert time.monotonic() - started < 3
    assert warnings
    assert all("locked" in warning for warning in warnings)
    delivery.deliver(RAW)
    assert counts(folder) == 1, "used again once it is free"
    assert delivery.judge(RAW).evidence.standing.earlier == 0


def test_a_history_locked_for_writing_only_is_still_read(folder: Path) -> None:
    warnings: list[str] = []
    with History(folder / "history.db") as history, history.writing():
        delivery = Delivery(
            setup(folder), memory=folder / "history.db", limits=Limits(history_wait_s=0.1), warn=warnings.append
        )
        assert delivery.deliver(RAW).verdict.label is Label.SPAM
    assert len(warnings) == 1


@pytest.mark.parametrize("damage", [b"no database at all, but long enough" * 100, b""])
def test_a_damaged_history_is_done_without(folder: Path, damage: bytes) -> None:
    (folder / "history.db").write_bytes(damage)
    warnings: list[str] = []
    delivery = Delivery(setup(folder), memory=folder / "history.db", warn=warnings.append)
    assert delivery.deliver(RAW).verdict.label is Label.SPAM
    assert bool(warnings) is bool(damage)


def test_a_history_that_cannot_be_made_is_done_without(folder: Path) -> None:
    (folder / "file").touch()
    warnings: list[str] = []
    delivery = Delivery(setup(folder), memory=folder / "file" / "history.db", warn=warnings.append)
    assert delivery.deliver(RAW).verdict.label is Label.SPAM
    assert warnings


def test_profile_and_model_must_be_usable(folder: Path) -> None:
    (folder / "profile.toml").write_text("nonsense = 1", encoding="utf-8")
    with pytest.raises(ProfileError):
        Delivery(setup(folder)._replace(profile=folder / "profile.toml"))
    (folder / "model.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError):
        Delivery(setup(folder))


def test_our_own_headers_are_no_part_of_what_is_read(folder: Path) -> None:
    delivery = Delivery(setup(folder), limits=Limits(max_bytes=2000))
    forged = b"X-Spamrec-Reasons: " + b"x " * 500 + b"\n"
    assert delivery.judge(RAW).verdict == delivery.judge(forged + RAW).verdict


# --- time --------------------------------------------------------------------------------------------------


def stubborn() -> None:
    """Goes on whatever ordinary error it meets."""
    while True:
        with suppress(Exception):
            time.sleep(1)


def test_work_that_takes_too_long_is_broken_off() -> None:
    started = time.monotonic()
    with pytest.raises(TimeLimitError, match=r"not judged within 0\.05 seconds"), time_limit(0.05):
        stubborn()
    assert time.monotonic() - started < 1
    time.sleep(0.06)


def test_a_hostile_expression_is_broken_off_too() -> None:
    with pytest.raises(TimeLimitError), time_limit(0.1):
        re.match(r"(a+)+$", "a" * 60 + "b")


def test_work_in_time_is_left_alone() -> None:
    with time_limit(0.05):
        pass
    with time_limit(0):
        time.sleep(0.06)


def test_a_delivery_keeps_the_time_limit(folder: Path) -> None:
    delivery = Delivery(setup(folder), limits=Limits(time_s=0.001))
    with pytest.raises(TimeLimitError):
        delivery.deliver(RAW * 100)
