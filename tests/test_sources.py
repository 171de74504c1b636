"""Mail is found wherever it lies, what is no mail is reported, and nothing is read whole into memory."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import sources
from spamrec.errors import MissingInputError, UnreadableInputError
from spamrec.sources import Mail, looks_like_mail, walk

ONE = b"From: a@x.example\nSubject: one\n\nFirst.\n"
TWO = b"Received: by y\nSubject: two\n\nSecond.\n"
SEPARATOR = b"From a@x.example Tue Jun  9 10:15:00 2026\n"
MBOX = SEPARATOR + ONE + b"\n" + SEPARATOR + TWO + b"\n"


@pytest.fixture
def skipped() -> list[tuple[str, str]]:
    return []


def found(paths: list[str | Path], skipped: list[tuple[str, str]]) -> list[Mail]:
    return [Mail(one.origin, one.raw) for one in walk(paths, lambda path, reason: skipped.append((path, reason)))]


def write(path: Path, raw: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


def test_a_file_is_one_mail_byte_for_byte(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    path = write(tmp_path / "any name", b"Subject: x\r\n\r\n\xff\x00\r")
    assert found([path, str(path)], skipped) == 2 * [Mail(str(path), path.read_bytes())]


@pytest.mark.parametrize("name", ["m.eml.gz", "m.gz", "packed without a suffix"])
def test_gzipped_mail_and_mbox_are_unpacked(tmp_path: Path, skipped: list[tuple[str, str]], name: str) -> None:
    single = write(tmp_path / "one" / name, gzip.compress(ONE))
    several = write(tmp_path / "two" / name, gzip.compress(MBOX))
    assert found([single, several], skipped) == [
        Mail(str(single), ONE),
        Mail(f"{several}:1", ONE),
        Mail(f"{several}:2", TWO),
    ]


def test_mbox_messages_are_numbered_and_unquoted(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    body = b"Subject: q\n\n>From me\n>>From you\n> From them\nFrom here on, no separator.\n\nFrom nor this one\n"
    path = write(tmp_path / "box", MBOX + SEPARATOR + body)
    mails = found([path], skipped)
    assert [mail.origin for mail in mails] == [f"{path}:1", f"{path}:2", f"{path}:3"]
    assert mails[2].raw == body.replace(b">From", b"From").replace(b">>", b">", 1)


@pytest.mark.parametrize(
    "line",
    [
        b"From - Tue Jun 09 10:15:00 2026",
        b"From MAILER-DAEMON Tue Jun  9 10:15:00 2026",
        b"From a@x.example Tue Jun  9 10:15 EDT 2026",
        b"From 1763@xxx Tue Jun 09 10:15:00 +0000 2026",
        b"From a at x.example  Tue Jun  9 10:15:00 2026",
        b"From a@x.example Tue, 9 Jun 2026 10:15:00 +0000",
    ],
)
def test_separators_of_every_mail_program_are_known(
    tmp_path: Path, skipped: list[tuple[str, str]], line: bytes
) -> None:
    for end in (b"\n", b"\r\n"):
        path = write(tmp_path / "box", (line + b"\n" + ONE + b"\n" + line + b"\n" + TWO).replace(b"\n", end))
        assert len(found([path], skipped)) == 2


def test_separator_inside_a_paragraph_is_text(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    path = write(tmp_path / "box", SEPARATOR + ONE + SEPARATOR + TWO)
    assert len(found([path], skipped)) == 1


def test_folders_are_read_by_name_and_mh_by_number(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    for name in ("10", "9", "b.eml", "a/z.eml", ".mh_sequences", ",8", ".hidden/1"):
        write(tmp_path / name, ONE)
    assert [mail.origin for mail in found([tmp_path], skipped)] == [
        str(tmp_path / name) for name in ("9", "10", "a/z.eml", "b.eml")
    ]
    assert skipped == []


def test_maildir_gives_cur_and_new_and_subfolders(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    kept = ["cur/1.host:2,S", "new/2.host", ".Sent/cur/3.host:2,S"]
    for name in [*kept, "tmp/4.host", "dovecot.index.log", "dovecot-uidlist", "maildirfolder", "subscriptions"]:
        write(tmp_path / name, ONE)
    (tmp_path / ".Sent" / "new").mkdir()
    assert {mail.origin for mail in found([tmp_path], skipped)} == {str(tmp_path / name) for name in kept}
    assert skipped == []


def test_what_is_no_mail_is_reported_with_the_reason(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    write(tmp_path / "binary", bytes(range(256)) * 20)
    write(tmp_path / "empty", b"")
    write(tmp_path / "notes.txt", b"Just notes.\n")
    write(tmp_path / "packed.gz", gzip.compress(b"\0" * 1000))
    write(tmp_path / "torn.gz", gzip.compress(ONE * 50)[:-20])
    write(tmp_path / "wrong.gz", b"\x1f\x8bnot gzip")
    assert found([tmp_path], skipped) == []
    assert [(Path(path).name, reason.partition(" (")[0]) for path, reason in skipped] == [
        ("binary", "not mail"),
        ("empty", "empty"),
        ("notes.txt", "not mail"),
        ("packed.gz", "not mail"),
        ("torn.gz", "damaged gzip file"),
        ("wrong.gz", "damaged gzip file"),
    ]


def test_missing_and_unreadable_paths_named_by_the_user_raise(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError) as missing:
        list(walk([tmp_path / "nowhere"]))
    assert missing.value.path == str(tmp_path / "nowhere")
    torn = write(tmp_path / "torn.gz", gzip.compress(ONE * 50)[:-20])
    with pytest.raises(UnreadableInputError, match="damaged gzip file"):
        list(walk([torn]))
    with pytest.raises(UnreadableInputError):
        list(walk(["a\0b"]))


def test_damaged_standard_input_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(ONE)[:-9])))
    with pytest.raises(UnreadableInputError, match="-: damaged gzip file"):
        list(walk(["-"]))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission_are_reported_inside_folders(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    path = write(tmp_path / "1", ONE)
    path.chmod(0)
    assert found([tmp_path], skipped) == []
    assert skipped == [(str(path), "permission denied")]
    with pytest.raises(UnreadableInputError, match="permission denied"):
        list(walk([path]))


def test_links_in_a_circle_end_and_broken_ones_are_reported(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    write(tmp_path / "a" / "1", ONE)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to(tmp_path / "nowhere")
    assert len(found([tmp_path], skipped)) == 1
    assert [Path(path).name for path, _ in skipped] == ["c"]


def test_pipes_inside_folders_are_not_opened(tmp_path: Path, skipped: list[tuple[str, str]]) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert found([tmp_path], skipped) == []
    assert skipped == [(str(tmp_path / "pipe"), "not a regular file")]


@pytest.mark.parametrize(
    ("raw", "origins"), [(ONE, ["-"]), (MBOX, ["-:1", "-:2"]), (gzip.compress(ONE, mtime=0), ["-"]), (b"", [])]
)
def test_standard_input_holds_a_mail_or_an_mbox(
    monkeypatch: pytest.MonkeyPatch, skipped: list[tuple[str, str]], raw: bytes, origins: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert [mail.origin for mail in found(["-"], skipped)] == origins


def test_messages_above_the_limit_are_left_out(
    tmp_path: Path, skipped: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_MESSAGE_BYTES", 20_000)
    large = ONE + b"x" * 30_000 + b"\n"
    write(tmp_path / "box", SEPARATOR + large + b"\n" + MBOX)
    write(tmp_path / "large", large)
    assert [mail.origin for mail in found([tmp_path], skipped)] == [f"{tmp_path}/box:2", f"{tmp_path}/box:3"]
    assert [Path(path).name for path, _ in skipped] == ["box:1", "large"]


def test_a_gzip_bomb_is_not_unpacked_to_its_end(
    tmp_path: Path, skipped: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_MESSAGE_BYTES", 1_000_000)
    bomb = gzip.compress(SEPARATOR + ONE + b"\0" * 50_000_000)
    write(tmp_path / "box.gz", bomb)
    write(tmp_path / "one.gz", gzip.compress(ONE + b"\0" * 50_000_000))
    tracemalloc.start()
    assert found([tmp_path], skipped) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(skipped) == 2
    assert peak < 8_000_000


def test_a_large_mbox_needs_the_memory_of_one_message(tmp_path: Path) -> None:
    path = tmp_path / "box"
    with path.open("wb") as box:
        for _ in range(300):
            box.write(SEPARATOR + ONE + (b"0123456789" * 7 + b"\n") * 700 + b"\n")
    tracemalloc.start()
    assert sum(1 for _ in walk([path])) == 300
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def quoted(raw: bytes) -> Iterator[bytes]:
    """The message's lines as an mboxrd writer puts them down."""
    for line in raw.splitlines(keepends=True):
        yield b">" + line if line.lstrip(b">").startswith(b"From ") else line


LINES = st.sampled_from(
    [b"From me\n", b">From me\n", b"\n", b"text\n", b" > From\n", SEPARATOR, b">" + SEPARATOR, b"\xff\n"]
)


@given(st.lists(st.lists(LINES, max_size=8).map(b"".join), min_size=1, max_size=4))
def test_what_is_written_to_an_mbox_is_read_back(tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]) -> None:
    messages = [b"Subject: s\n\n" + body for body in bodies]
    raw = b"".join(SEPARATOR + b"".join(quoted(message)) + b"\n" for message in messages)
    path = write(tmp_path_factory.getbasetemp() / "round-trip", raw)
    assert [mail.raw for mail in walk([path])] == messages


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (ONE, True),
        (SEPARATOR + ONE, True),
        (b"\n\nSubject: x\n", True),
        (b"X-Odd: 1\n folded\nTo: a@x.example\n\n", True),
        (b"", False),
        (b"key: value\nother: value\n", False),
        (b"---\nfrom: here\n", False),
        (b"#!/bin/sh\nFrom: x\n", False),
        (b"\x7fELF\0\0", False),
        (b"X-Odd: \0\nFrom: a@x.example\n", False),
        (b"<html>", False),
    ],
)
def test_mail_is_known_by_its_headers(raw: bytes, expected: bool) -> None:
    assert looks_like_mail(raw) is expected


@given(st.binary(max_size=500))
def test_any_file_is_read_or_left_out(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = write(tmp_path_factory.getbasetemp() / "folder" / "any", raw)
    assert all(mail.origin.startswith(str(path)) for mail in walk([path.parent]))
