"""What `spamrec imap` makes of mail that the reader moved by hand, between folders of a real Dovecot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from accounts import (
    FRIEND_1,
    FRIEND_2,
    ID_FRIEND_1,
    ID_FRIEND_2,
    ID_PITCH_1,
    ID_PITCH_2,
    PITCH_1,
    PITCH_2,
    Sort,
    fill,
    ids,
)
from dovecot import MISSING, Dovecot

pytestmark = pytest.mark.skipif(MISSING, reason="needs dovecot-imapd")

MOVE = ("--move", "Recruiters", "--apply")
LEARN = (*MOVE, "--learn")


@pytest.fixture
def labels(home: Path) -> dict[str, str]:
    """Labels in the reader's history by Message-ID, read when asked."""

    class Labels(dict[str, str]):
        def __missing__(self, message_id: str) -> str:
            from spamrec.history import History

            with History(home / "history.db") as history:
                row = history.store.row("SELECT label FROM received WHERE message_id = ?", message_id)
            return str(row[0]) if row else ""

    return Labels()


def by_hand(server: Dovecot, user: str, message_id: str, whence: str, whither: str) -> None:
    """Move a message as the reader's own program does."""
    with server.client(user) as client:
        if not client.folder_exists(whither):
            client.create_folder(whither)
        client.select_folder(whence)
        found = client.search(["HEADER", "Message-ID", message_id])
        assert len(found) == 1
        client.move(found, whither)


def test_what_the_reader_took_out_is_left_where_it_is_and_learnt_as_legitimate(
    server: Dovecot, user: str, sort: Sort, labels: dict[str, str]
) -> None:
    fill(server, user, PITCH_1, PITCH_2, FRIEND_1)
    assert "2 moved" in sort(*LEARN).err
    by_hand(server, user, ID_PITCH_1, "Recruiters", "INBOX")
    ended = sort(*LEARN)
    assert ended.status == 0
    assert ended.out.startswith("learnt as legitimate")
    assert ended.err.splitlines()[-1].startswith("1 message looked at in INBOX: 1 learnt from")
    assert (labels[ID_PITCH_1], labels[ID_PITCH_2]) == ("legitimate", "")
    assert ids(server, user) == [ID_FRIEND_1, ID_PITCH_1]
    assert "0 messages looked at in INBOX: nothing to do" in sort(*LEARN).err


def test_without_learning_it_is_left_where_it_is_all_the_same(
    server: Dovecot, user: str, sort: Sort, labels: dict[str, str]
) -> None:
    fill(server, user, PITCH_1)
    sort(*MOVE)
    by_hand(server, user, ID_PITCH_1, "Recruiters", "INBOX")
    assert "1 message looked at in INBOX: 1 left where you put them back to" in sort(*MOVE).err
    assert "1 message looked at in INBOX: 1 left where you put them back to" in sort(*MOVE, "--again").err
    assert ids(server, user) == [ID_PITCH_1]
    assert labels[ID_PITCH_1] == ""
    assert "1 learnt from" in sort(*LEARN).err
    assert labels[ID_PITCH_1] == "legitimate"


def test_what_the_reader_put_in_is_learnt_as_spam(
    server: Dovecot, user: str, sort: Sort, labels: dict[str, str]
) -> None:
    fill(server, user, PITCH_1, FRIEND_1, FRIEND_2)
    sort(*LEARN)
    by_hand(server, user, ID_FRIEND_1, "INBOX", "Recruiters")
    line = json.loads(sort(*LEARN, "--format", "jsonl").out)
    assert (line["action"], line["to"], line["applied"]) == ("learn", "spam", True)
    assert line["message_id"] == ID_FRIEND_1
    assert (labels[ID_FRIEND_1], labels[ID_FRIEND_2], labels[ID_PITCH_1]) == ("spam", "", "")
    by_hand(server, user, ID_FRIEND_1, "Recruiters", "INBOX")
    sort(*LEARN)
    assert labels[ID_FRIEND_1] == "legitimate"


def test_another_folder_than_the_inbox_tells_as_much(
    server: Dovecot, user: str, sort: Sort, labels: dict[str, str]
) -> None:
    fill(server, user, PITCH_1)
    sort(*LEARN)
    by_hand(server, user, ID_PITCH_1, "Recruiters", "Gute Köpfe")
    assert "learnt as legitimate" in sort(*LEARN).out
    assert labels[ID_PITCH_1] == "legitimate"


@pytest.mark.parametrize("trash", ["Deleted Things", "Papierkorb", "Spam", "gone"])
def test_what_the_reader_threw_away_teaches_nothing(
    server: Dovecot, user: str, sort: Sort, labels: dict[str, str], trash: str
) -> None:
    """By special use or by name; or it is gone altogether."""
    fill(server, user, PITCH_1, PITCH_2)
    sort(*LEARN)
    by_hand(server, user, ID_PITCH_1, "Recruiters", trash)
    if trash == "gone":
        with server.client(user) as client:
            client.delete_folder(trash)
    assert sort(*LEARN).out == ""
    assert labels[ID_PITCH_1] == ""


def test_from_the_trash_nothing_is_learnt(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1)
    ended = sort("--move", "Deleted Things", "--apply", "--learn")
    assert ended.status == 69
    assert "is the Trash" in ended.err
    assert ids(server, user) == [ID_PITCH_1]


def test_what_lay_there_before_or_came_by_a_filter_teaches_nothing(
    server: Dovecot, user: str, sort: Sort, labels: dict[str, str]
) -> None:
    fill(server, user, FRIEND_1, folder="Recruiters")
    assert sort(*LEARN).out == ""
    fill(server, user, b"X-Spamrec: Spam, probability=0.99\n" + FRIEND_2, folder="Recruiters")
    assert sort(*LEARN).out == ""
    assert (labels[ID_FRIEND_1], labels[ID_FRIEND_2]) == ("", "")


def test_a_dry_run_learns_nothing(server: Dovecot, user: str, sort: Sort, labels: dict[str, str]) -> None:
    fill(server, user, PITCH_1)
    sort(*LEARN)
    by_hand(server, user, ID_PITCH_1, "Recruiters", "INBOX")
    for _ in range(2):
        assert sort("--move", "Recruiters", "--learn").out.startswith("would learn as legitimate")
    assert labels[ID_PITCH_1] == ""


def test_mail_is_judged_by_what_was_learnt_in_the_same_run(server: Dovecot, user: str, sort: Sort) -> None:
    """The reader takes a pitch back; the same sender's next one came meanwhile."""
    fill(server, user, PITCH_1)
    sort(*LEARN)
    by_hand(server, user, ID_PITCH_1, "Recruiters", "INBOX")
    fill(server, user, PITCH_2)
    learnt = sort(*LEARN)
    assert learnt.out.startswith("learnt as legitimate")
    assert ids(server, user) == [ID_PITCH_1, ID_PITCH_2]


def test_a_message_without_an_id_is_known_again(server: Dovecot, user: str, sort: Sort) -> None:
    nameless = b"\n".join(line for line in PITCH_1.splitlines() if not line.lower().startswith(b"message-id"))
    fill(server, user, nameless)
    assert "1 moved" in sort(*LEARN).err
    with server.client(user) as client:
        client.select_folder("Recruiters")
        client.move([1], "INBOX")
    assert "1 left where you put them back to" in sort(*LEARN).err


def test_a_second_copy_of_what_was_moved_is_moved_as_well(server: Dovecot, user: str, sort: Sort) -> None:
    """Delivered twice, by a list and directly: only what left the folder counts as put back."""
    fill(server, user, PITCH_1)
    sort(*LEARN)
    fill(server, user, PITCH_1)
    assert "1 moved" in sort(*LEARN).err
    assert ids(server, user, "Recruiters") == [ID_PITCH_1, ID_PITCH_1]
    assert ID_PITCH_2 not in ids(server, user)
