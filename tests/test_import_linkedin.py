"""A LinkedIn export tells whom the reader is connected with, invited, and answered."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from spamrec import imports, message
from spamrec.errors import MissingInputError, SpamrecError
from spamrec.history import History, Standing

TABLES = {
    "Connections.csv": (
        "Notes:\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Steve,Nwosu,https://www.linkedin.com/in/snwosu,Steve@Sql.example,Ohio Data,DBA,12 Mar 2023\n"
        'Ann,"Lee, MD",https://www.linkedin.com/in/ann-lee-7,,Clinic,,01 Jan 2020\n'
        ",,,,,,\n"
        "Ray,Kim,,ray@own.example,,,\n"
    ),
    "Invitations.csv": (
        "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
        'Eve Stranger,Ray Kim,"3/12/23, 10:11 AM",,INCOMING,https://www.linkedin.com/in/eve,\n'
        'Ray Kim,James Serra,"11/2/22, 9:05 PM",,OUTGOING,,https://www.linkedin.com/in/jserra\n'
    ),
    "messages.csv": (
        "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,CONTENT\n"
        "a,,Ray Kim,https://linkedin.com/in/ray,Dee Roe,https://linkedin.com/in/dee,2023-03-13 08:00:00 UTC,Hi\n"
        "a,,Dee Roe,https://linkedin.com/in/dee,Ray Kim,https://linkedin.com/in/ray,2023-03-12 10:00:00 UTC,Job\n"
        "b,,Lou Fox,https://linkedin.com/in/lou,Ray Kim,https://linkedin.com/in/ray,2023-04-01 00:00:00 UTC,Me\n"
    ),
    "Profile.csv": "First Name,Last Name,Headline\nRay,Kim,Writer\n",
    "Email Addresses.csv": "Email Address,Confirmed,Primary,Updated On\nRay@Own.example,Yes,Yes,x\n",
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as out:
        for name, text in TABLES.items():
            out.writestr(name, text)
    return path


@pytest.fixture
def history() -> Iterator[History]:
    with History() as memory:
        yield memory


def notice(
    history: History, person: str, *, day: str = "02 Mar 2026", text: str = "I have a role for you."
) -> Standing:
    """How the sender of an InMail stands."""
    sender = f"{person} via LinkedIn <inmail-hit-reply@linkedin.com>"
    head = f"From: {sender}\nTo: Ray Kim <ray@own.example>\nDate: {day} 12:00:00 +0000\n"
    body = f"{person}\nRecruiter\n\nHi Ray,\n\n{text}\n"
    return history.standing(message.parse(f"{head}Message-ID: <1@linkedin.com>\nSubject: A role\n\n{body}".encode()))


def test_people_of_an_export_are_known(history: History, export: Path) -> None:
    done = imports.linkedin(history, export)
    assert (done.read, done.added, done.people) == (8, 5, 5)
    assert dict(done.skipped) == {
        "member without a name": 1, "invitation that you received": 1, "conversation that you did not answer": 1,
    }  # fmt: skip
    known = {name: notice(history, name).known for name in
             ("Steve Nwosu", "Ann Lee", "James Serra", "Dee Roe", "Eve Stranger", "Lou Fox")}  # fmt: skip
    assert [name for name in known if known[name]] == ["Steve Nwosu", "Ann Lee", "James Serra", "Dee Roe"]
    again = imports.linkedin(history, export)
    assert (again.added, again.known) == (0, 5)


def test_nobody_is_known_before_it_happened(history: History, export: Path) -> None:
    imports.linkedin(history, export)
    assert not notice(history, "Steve Nwosu", day="11 Mar 2023").known
    assert notice(history, "Steve Nwosu", day="12 Mar 2023").known
    assert not notice(history, "James Serra", day="01 Nov 2022").known
    assert not notice(history, "Dee Roe", day="12 Mar 2023").known, "the first message was a stranger's"
    assert notice(history, "Dee Roe", day="14 Mar 2023").known


def test_a_namesake_with_another_page_is_a_stranger(history: History, export: Path) -> None:
    imports.linkedin(history, export)
    same, other = (f"https://www.linkedin.com/comm/in/ann-lee-{number}" for number in (7, 8))
    assert notice(history, "Ann Lee", text=f"A role: {same}").known
    assert not notice(history, "Ann Lee", text=f"A role: {other}").known


def test_addresses_and_the_readers_own_are_taken(history: History, export: Path) -> None:
    imports.linkedin(history, export)

    def standing(sender: str) -> Standing:
        return history.standing(
            message.parse(f"From: {sender}\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n\nhi\n".encode())
        )

    assert standing("steve@sql.example").known == "your connection on LinkedIn"
    assert standing("bob@sql.example").known_firm
    assert not standing("ray@own.example").known


def test_an_export_that_cannot_be_read_changes_nothing(history: History, tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(SpamrecError):
        imports.linkedin(history, tmp_path / "export.zip")
    with pytest.raises(MissingInputError):
        imports.linkedin(history, tmp_path / "none.zip")
    assert history.counts()["correspondents"] == 0
