"""Mail is moved into a Maildir so that at every moment it is whole and somewhere, and no other mail suffers."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import pytest

from command_line import FRIEND, PITCH, Run
from spamrec.errors import UnwritableOutputError
from spamrec.moving import Maildir
from spamrec.statuses import Status

RAW = PITCH.read_bytes()


def make(folder: Path, **mails: bytes) -> Path:
    """A Maildir with mails in `cur`, or in `new` where their names hold no flags."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for name, raw in mails.items():
        (folder / ("cur" if ":" in name else "new") / name).write_bytes(raw)
    return folder


def mails(folder: Path) -> list[bytes]:
    return [path.read_bytes() for part in ("cur", "new") for path in sorted((folder / part).iterdir())]


@pytest.fixture(params=["same file system", "another", "one without links"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the target lies, as a link from one to the other tells."""
    number = {"another": errno.EXDEV, "one without links": errno.EPERM}.get(request.param)
    if number:

        def link(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "link", link)
    return str(request.param)


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize(
    ("where", "name", "part", "flags"),
    [
        ("cur", "1780.M1P2.host,U=17:2,FS", "cur", ":2,FS"),
        ("cur", "1780.M1P2.host,U=17:2,", "cur", ":2,"),
        ("cur", "1780.M1P2.host,S=1234,W=1250:2,Sab", "cur", ":2,Sab"),
        ("cur", "1780.M1P2.host", "cur", ""),
        ("new", "1780.M1P2.host,U=3", "new", ""),
        ("new", "1780.M1P2.host,U=3:2,", "new", ":2,"),
        (".", "pitch.eml", "new", ""),
        (".", "17:2,S", "cur", ":2,S"),
    ],
)
def test_a_mail_keeps_its_flags_and_gets_a_name_of_its_own(
    tmp_path: Path, where: str, name: str, part: str, flags: str
) -> None:
    path = (make(tmp_path / "inbox") / where).joinpath(name)
    path.write_bytes(RAW)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    target = Maildir(tmp_path / "recruiters").take(path)
    assert target
    assert target.parent == tmp_path / "recruiters" / part
    assert re.fullmatch(r"\d+\.M\d+(?:P\d+Q\d+R[0-9a-f]{8}|I[0-9a-f]+Z\d+)\.[^,:/]+" + re.escape(flags), target.name)
    assert target.read_bytes() == RAW
    assert target.stat().st_mtime == 1_700_000_000
    assert not path.exists()
    assert not list((tmp_path / "recruiters" / "tmp").iterdir())


def test_a_move_that_was_killed_half_way_is_ended_and_not_done_twice(tmp_path: Path) -> None:
    path = make(tmp_path / "inbox", **{"1:2,": RAW}) / "cur" / "1:2,"
    target = Maildir(tmp_path / "recruiters")
    target._put(path, target.folder / "cur" / "moved:2,", alone=True)
    assert target.take(path) == target.folder / "cur" / "moved:2,"
    assert (mails(tmp_path / "inbox"), mails(target.folder)) == ([], [RAW])


def test_a_copy_whose_reader_has_read_it_since_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The move was killed between copying and taking away; a mail program moved the copy on and marked it."""

    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "")

    monkeypatch.setattr(os, "link", link)
    path = make(tmp_path / "inbox", **{"1.x,U=1": RAW}) / "new" / "1.x,U=1"
    target = Maildir(tmp_path / "recruiters")
    _, copy = target._put(path, target.folder / "new" / "moved", alone=True)
    seen = copy.rename(target.folder / "cur" / f"{copy.name},U=7:2,S")
    assert target.take(path.rename(path.parent.parent / "cur" / "1.x,U=1:2,F")) == seen
    assert (mails(tmp_path / "inbox"), mails(target.folder)) == ([], [RAW])


@pytest.mark.usefixtures("system")
def test_a_mail_that_has_gone_is_no_failure(tmp_path: Path) -> None:
    target = Maildir(tmp_path / "recruiters")
    assert target.take(tmp_path / "gone:2,S") is None
    assert mails(target.folder) == []


@pytest.mark.usefixtures("system")
def test_a_mail_renamed_under_our_hands_stays_where_its_reader_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not there twice."""
    source = make(tmp_path / "inbox", **{"1:2,": RAW})
    target = Maildir(tmp_path / "recruiters")
    put = Maildir._put

    def slowly(self: Maildir, path: Path, to: Path, *, alone: bool) -> tuple[Path | None, Path]:
        done = put(self, path, to, alone=alone)
        path.rename(path.with_name("1:2,S"))
        return done

    monkeypatch.setattr(Maildir, "_put", slowly)
    assert target.take(source / "cur" / "1:2,") is None
    assert [path.name for path in (source / "cur").iterdir()] == ["1:2,S"]
    assert mails(target.folder) == []


def test_of_many_that_move_one_mail_one_does(tmp_path: Path) -> None:
    source = make(tmp_path / "inbox", **{f"{n}:2,S": RAW + b"%d" % n for n in range(40)})
    target = Maildir(tmp_path / "recruiters")
    paths = sorted((source / "cur").iterdir()) * 4
    with ThreadPoolExecutor(8) as pool:
        taken = [path for path in pool.map(target.take, paths) if path]
    assert len(taken) == 40
    assert sorted(mails(target.folder)) == sorted(RAW + b"%d" % n for n in range(40))
    assert mails(source) == []


@pytest.mark.usefixtures("system")
@pytest.mark.slow
def test_killed_at_whatever_point_the_mail_is_whole_and_somewhere(tmp_path: Path) -> None:
    source, folder = tmp_path / "inbox", tmp_path / "recruiters"
    seen, begun = set(), 0
    for last in range(1, 1_000):
        shutil.rmtree(source, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        path = make(source, **{"1:2,": RAW}) / "cur" / "1:2,"
        target = Maildir(folder)
        if not died_at(last, lambda path=path, target=target: target.take(path)):  # type: ignore[misc]
            break
        here, there = mails(source), mails(folder)
        assert set(here + there) == {RAW}
        seen.add((len(here), len(there)))
        begun += bool(here and there)
        target.take(path)
        assert (mails(source), mails(folder)) == ([], [RAW]), "once more to its end, it is there once"
        assert not list((folder / "tmp").iterdir())
    assert begun
    assert seen >= {(1, 0), (0, 1)}
    assert 20 < last < 999


def died_at(last: int, work: Callable[[], object]) -> bool:
    """Whether a process that ends, without any clearing up, at that call of C ended before the work did."""
    child = os.fork()
    if child == 0:
        calls = 0

        def count(_: FrameType, event: str, __: object) -> None:
            nonlocal calls
            calls += event in ("c_call", "c_return")
            if calls == last:
                os._exit(1)

        sys.setprofile(count)
        work()
        sys.setprofile(None)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def test_a_folder_that_is_no_maildir_is_refused(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter").touch()
    with pytest.raises(UnwritableOutputError, match="is a folder and no Maildir"):
        Maildir(tmp_path / "documents")
    with pytest.raises(UnwritableOutputError):
        Maildir(tmp_path / "documents" / "letter")


@pytest.mark.usefixtures("system")
def test_what_cannot_be_moved_stays(tmp_path: Path) -> None:
    source = make(tmp_path / "inbox", **{"1:2,": RAW})
    target = Maildir(tmp_path / "recruiters")
    shutil.rmtree(target.folder)
    with pytest.raises(UnwritableOutputError):
        target.take(source / "cur" / "1:2,")
    assert mails(source) == [RAW]


# --- the command -------------------------------------------------------------------------------------------


def inbox(tmp_path: Path) -> Path:
    """A Maildir as mbsync leaves it: a pitch and a friend's letter, both new and both seen before."""
    friend = FRIEND.read_bytes()
    return make(
        tmp_path / "Mail" / "INBOX",
        **{"1.x,U=1": RAW, "2.x,U=2": friend, "3.x,U=3:2,S": RAW, "4.x,U=4:2,S": friend},
    )


def test_classify_moves_spam_out_of_a_maildir(run: Run, tmp_path: Path) -> None:
    source, folder = inbox(tmp_path), tmp_path / "Mail" / "Recruiters"
    ended = run("classify", source, "--move", folder)
    assert ended.status == 0
    assert f"moved 2 to {folder}\n" in ended.err
    assert sorted(path.name for path in source.rglob("*.x*")) == ["2.x,U=2", "4.x,U=4:2,S"]
    assert mails(folder) == [RAW, RAW]
    assert not [path for path in folder.rglob("*") if "U=" in path.name]


def test_new_mail_only(run: Run, tmp_path: Path) -> None:
    """mbsync puts unseen mail into `new`; a mail program moves it on when it has shown it."""
    source, folder = inbox(tmp_path), tmp_path / "Mail" / "Recruiters"
    assert len(run("classify", "--new", source, "--format", "csv").out.splitlines()) == 3
    ended = run("classify", "--new", tmp_path / "Mail", "--move", folder)
    assert f"moved 1 to {folder}\n" in ended.err
    again = run("classify", "--new", tmp_path / "Mail", "--move", folder)
    assert f"moved 0 to {folder}\n" in again.err, "the folder itself is passed over"
    assert len(mails(source)) == 3


def test_moving_with_several_processes(run: Run, tmp_path: Path) -> None:
    source, folder = inbox(tmp_path), tmp_path / "Mail" / "Recruiters"
    assert run("classify", source, "--move", folder, "--jobs", "2").status == 0
    assert mails(folder) == [RAW, RAW]


def test_mail_that_is_no_file_of_its_own_is_not_moved(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "Recruiters"
    mbox = tmp_path / "box" / "mbox"
    mbox.parent.mkdir()
    mbox.write_bytes(b"From x@x.example Tue Mar  3 09:12:44 2026\n" + RAW)
    before = mbox.read_bytes()
    for path, reason in (("-", "is standard input"), (str(mbox), "is an mbox")):
        ended = run("classify", path, "--move", folder, stdin=RAW)
        assert ended.status == Status.USAGE
        assert f"--move moves mail that is a file of its own, {path} {reason}" in ended.err
        assert not folder.exists()
    ended = run("classify", mbox.parent, "--move", folder)
    assert (ended.status, mbox.read_bytes()) == (0, before)
    assert f"moved 0 to {folder}; 1 in an mbox or gzipped, left there\n" in ended.err


def test_a_listed_mail_that_has_gone_is_no_failure_where_mail_is_moved(run: Run, tmp_path: Path) -> None:
    source = inbox(tmp_path)
    (tmp_path / "list").write_text(f"{source}/new/0.gone\n{source}/new/1.x,U=1\n", encoding="utf-8")
    ended = run("classify", "--files-from", tmp_path / "list", "--move", tmp_path / "Recruiters")
    assert ended.status == 0
    assert "moved 1" in ended.err
