"""A LinkedIn data export is read whether new or old, zipped or unpacked, and never trusted."""

from __future__ import annotations

import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spamrec import linkedin_tables
from spamrec.errors import MissingInputError, SpamrecError
from spamrec.linkedin_export import Conversation, Export, Position, parse_date, read_export
from spamrec.linkedin_tables import ExportError

NEW = {
    "Connections.csv": (
        'Notes:\n"When exporting your connection data, you may notice that some of the addresses are missing."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Steve,Nwosu,https://www.linkedin.com/in/snwosu,Steve@Sql.example,Ohio Valley Data,DBA,12 Mar 2023\n"
        'Ann,"Lee, MD",https://www.linkedin.com/in/annlee,,"Lee ""and"" Sons",,01 Jan 2020\n'
        "\n"
        "Short,Row\n"
    ),
    "Invitations.csv": (
        "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
        'Corinne Maddox,Ray Kim,"3/12/23, 10:11 AM","Ray, we met\nat dinner",INCOMING,https://l/c,https://l/r\n'
        'Ray Kim,James Serra,"11/2/22, 9:05 PM",,OUTGOING,https://l/r,https://l/j\n'
    ),
    "messages.csv": (
        "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,"
        "DATE,SUBJECT,CONTENT,FOLDER,NEW\n"
        "2-a,,Ray Kim,https://l/r,Dee Roe,https://l/d,2023-03-13 08:00:00 UTC,,No thanks,INBOX,x\n"
        "2-a,,Dee Roe,https://l/d,Ray Kim,https://l/r,2023-03-12 10:11:12 UTC,Java,"
        '"<p class=""x"">Hi Ray,</p><p>R&amp;D role</p>",INBOX,x\n'
        "2-b,Team,Lou Fox,https://l/l,Ray Kim,https://l/r,2023-04-01 00:00:00 UTC,,me again,INBOX,x\n"
        "2-b,Team,Lou Fox,https://l/l,Ray Kim,https://l/r,2023-03-30 00:00:00 UTC,,a role & a car,INBOX,x\n"
    ),
    "Profile.csv": (
        "First Name,Last Name,Headline,Summary,Industry,Zip Code,Geo Location\n"
        'Ray,Kim,"Technical Writer, DBA",I write.,Insurance,12180,"Troy, New York"\n'
    ),
    "Positions.csv": (
        "Company Name,Title,Description,Location,Started On,Finished On\n"
        "Mohawk Mutual,Technical Writer,,Troy,Mar 2019,\nAcme,Writer,,Albany,Jan 2010,Feb 2019\n"
    ),
    "Skills.csv": "Name\nSQL Server\nDocumentation\n",
    "Email Addresses.csv": "Email Address,Confirmed,Primary,Updated On\n"
    "old@example.org,Yes,No,x\nRay@Example.org,Yes,Yes,x\n",
    "Jobs/Job Seeker Preferences.csv": (
        "Locations,Preferred Job Types,Job Titles,Open To Recruiters,Job Seeking Urgency Level\n"
        "Albany | Boston,FULL_TIME,Technical Writer | Editor,Yes,Casually applying\n"
    ),
    "Ad_Targeting.csv": "Anything,At all\n\x00\x01,\n",
}
OLD = {
    "Connections.csv": (
        "First Name,Last Name,Email Address,Company,Position,Connected On\n"
        'Steve,Nwosu,steve@sql.example,Ohio Valley Data,DBA,"3/12/18, 10:11 AM"\n'
    ),
    "Invitations.csv": 'From,To,Sent At,Message\nDee Roe,Ray Kim,"3/12/18, 10:11 AM",Hello\nRay Kim,Lou Fox,,\n',
    "Messages.csv": (
        "From,To,Date,Subject,Content,Direction,Folder\n"
        'Ray Kim,Dee Roe,"3/13/18, 10:11 AM",Re: Java,No thanks,OUTGOING,SENT\n'
        'Dee Roe,Ray Kim,"3/12/18, 10:11 AM",Java,A job,INCOMING,INBOX\n'
    ),
}


def folder(path: Path, tables: dict[str, str], *, encoding: str = "utf-8") -> Path:
    for name, text in tables.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding=encoding, newline="")
    return path


def zipped(path: Path, tables: dict[str, str], *, inside: str = "") -> Path:
    target = path / "export.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in tables.items():
            out.writestr(inside + name, text)
    return target


@pytest.fixture(params=["folder", "bom", "zip", "zip with a folder", "windows"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Export:
    if request.param.startswith("zip"):
        return read_export(zipped(tmp_path, NEW, inside="Basic/" if "folder" in request.param else ""))
    if request.param == "windows":
        return read_export(folder(tmp_path, {name: text.replace("\n", "\r\n") for name, text in NEW.items()}))
    return read_export(folder(tmp_path, NEW, encoding="utf-8-sig" if request.param == "bom" else "utf-8"))


def test_connections_stand_below_notes(new: Export) -> None:
    first, second, short = new.connections
    assert (first.name, first.email) == ("Steve Nwosu", "steve@sql.example")
    assert (first.since, first.url) == (datetime(2023, 3, 12, tzinfo=UTC), "https://www.linkedin.com/in/snwosu")
    assert (second.name, second.email) == ("Ann Lee, MD", "")
    assert (short.name, short.since) == ("Short Row", None)


def test_invitations_tell_who_asked_whom(new: Export) -> None:
    received, sent = new.invitations
    assert (received.person, received.outgoing, received.url) == ("Corinne Maddox", False, "https://l/c")
    assert received.message.split() == ["Ray,", "we", "met", "at", "dinner"]
    assert (sent.person, sent.outgoing, sent.message) == ("James Serra", True, "")
    assert sent.at == datetime(2022, 11, 2, 21, 5, tzinfo=UTC)


def test_conversations_give_the_first_message_and_whether_it_was_answered(new: Export) -> None:
    answered, ignored = new.conversations
    at = datetime(2023, 3, 12, 10, 11, 12, tzinfo=UTC)
    assert answered.first.split() == ["Hi", "Ray,", "R&D", "role"]
    assert answered == Conversation("Java", "Dee Roe", "https://l/d", answered.first, at, False, True, 2)
    assert (ignored.title, ignored.person, ignored.first) == ("Team", "Lou Fox", "a role & a car")
    assert (ignored.answered, ignored.messages) == (False, 2)


def test_the_member_is_read_from_several_tables(new: Export) -> None:
    member = new.member
    assert (member.name, member.headline) == ("Ray Kim", "Technical Writer, DBA")
    assert (member.location, member.postal_code) == ("Troy, New York", "12180")
    assert member.positions == (Position("Mohawk Mutual", "Technical Writer", True), Position("Acme", "Writer", False))
    assert member.skills == ("SQL Server", "Documentation")
    assert member.emails == ("ray@example.org", "old@example.org")


def test_job_seeker_preferences_are_lists(new: Export) -> None:
    looking = new.member.looking
    assert looking is not None
    assert (looking.titles, looking.locations) == (("Technical Writer", "Editor"), ("Albany", "Boston"))
    assert (looking.open_to_recruiters, looking.urgency) == (True, "Casually applying")


def test_an_old_export_lacks_tables_and_columns(tmp_path: Path) -> None:
    old = read_export(folder(tmp_path, OLD))
    assert (old.member.name, old.member.looking, old.member.skills) == ("", None, ())
    assert old.connections[0].since == datetime(2018, 3, 12, 10, 11, tzinfo=UTC)
    assert [(one.person, one.outgoing) for one in old.invitations] == [("Dee Roe", False), ("Lou Fox", True)]
    only = old.conversations[0]
    assert (only.person, only.first, only.answered, only.outgoing) == ("Dee Roe", "A job", True, False)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12 Mar 2023", datetime(2023, 3, 12, tzinfo=UTC)),
        ("2023-03-12 10:11:12 UTC", datetime(2023, 3, 12, 10, 11, 12, tzinfo=UTC)),
        ("3/12/23, 10:11 AM", datetime(2023, 3, 12, 10, 11, tzinfo=UTC)),
        ("3/12/23, 10:11\u202fPM", datetime(2023, 3, 12, 22, 11, tzinfo=UTC)),
        ("25/12/2023", datetime(2023, 12, 25, tzinfo=UTC)),
        ("", None),
        ("last week", None),
        ("2023-02-30", None),
    ],
)
def test_dates_come_in_several_forms(text: str, moment: datetime | None) -> None:
    assert parse_date(text) == moment


# --- what cannot be read -----------------------------------------------------------------------------------


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError):
        read_export(tmp_path / "gone.zip")


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"First Name,Last Name\n", b"\x00" * 4000])
def test_what_is_no_zip_is_refused_with_path_and_remedy(tmp_path: Path, raw: bytes) -> None:
    target = tmp_path / "export.zip"
    target.write_bytes(raw)
    with pytest.raises(ExportError, match=r"export\.zip: .*ask LinkedIn for a new copy"):
        read_export(target)


def test_an_entry_without_a_name_is_passed_over(tmp_path: Path) -> None:
    """A NUL ends a name for Python, here at its beginning."""
    target = zipped(tmp_path, {**NEW, "photo.txt": "hello"})
    target.write_bytes(target.read_bytes().replace(b"photo.txt", b"\0hoto.txt"))
    assert any(entry.filename == "" for entry in zipfile.ZipFile(target).infolist())
    assert read_export(target) == read_export(zipped(tmp_path, NEW))


def test_an_entry_whose_name_is_not_in_the_encoding_it_names_is_refused(tmp_path: Path) -> None:
    target = zipped(tmp_path, {**NEW, "é.txt": "hello"})
    target.write_bytes(target.read_bytes().replace("é.txt".encode(), b"\xf9\xa9.txt"))
    with pytest.raises(ExportError, match=r"export\.zip: not a readable zip"):
        read_export(target)


def test_a_foreign_folder_or_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="holds no table"):
        read_export(zipped(tmp_path, {"photo.txt": "hello"}))
    (tmp_path / "export.zip").unlink()
    with pytest.raises(ExportError, match="holds no table"):
        read_export(tmp_path)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"connections\.csv has no column named first name"):
        read_export(folder(tmp_path, {"Connections.csv": "a,b\n1,2\n"}))


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    assert read_export(folder(tmp_path, {"Connections.csv": ""})).connections == ()


def test_a_zip_that_climbs_out_of_its_folder_writes_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    read_export(zipped(inside, {"../../Connections.csv": OLD["Connections.csv"], "..\\Skills.csv": NEW["Skills.csv"]}))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["export.zip", "inside"]


@pytest.mark.parametrize("limit", ["MAX_FILE_BYTES", "MAX_ZIP_ENTRIES", "MAX_ROWS", "MAX_FIELD_CHARS"])
def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(linkedin_tables, limit, 2)
    with pytest.raises(ExportError):
        read_export(zipped(tmp_path, NEW))


def test_damage_anywhere_gives_an_export_or_an_error_of_ours(tmp_path: Path) -> None:
    """300 zips with a few bytes changed; the seed is fixed so that a failure can be had again."""
    chance = random.Random(20260101)
    sound = zipped(tmp_path, NEW).read_bytes()
    target = tmp_path / "damaged.zip"
    refusals = []
    for _ in range(300):
        raw = bytearray(sound[: chance.choice([len(sound), chance.randrange(len(sound))])])
        for _ in range(chance.randint(1, 8)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        target.write_bytes(raw)
        try:
            read_export(target)
        except SpamrecError as error:
            refusals.append(str(error))
    assert refusals
    assert all(refusal.startswith(str(target)) for refusal in refusals)
