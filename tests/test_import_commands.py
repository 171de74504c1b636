"""`import`, `unsubscribed`, `senders` and `init --linkedin`: what they read, print, keep and refuse."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import FRIEND, PITCH, Run
from spamrec import conversations, linkedin, message, profile, remembered
from spamrec.errors import ForeignInputError
from spamrec.history import History, Request
from spamrec.imports import Imported
from spamrec.linkedin_export import read_export
from spamrec.senders import Sender
from spamrec.statuses import Status
from spamrec.verdict import Label

CARDS = {
    "old.vcf": "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Eva\n"
    "EMAIL;INTERNET:eva@mueller.example\nEND:VCARD\n",
    "newer.vcf": "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nEMAIL;TYPE=WORK:Jane@Firm.example\nEMAIL:jane@home.example\n"
    "END:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:No Address\nEND:VCARD\n",
    "newest.vcf": "BEGIN:VCARD\nVERSION:4.0\nFN:Lou Fox\nEMAIL:lou@fox.example\nEND:VCARD\n",
}

TABLES = {
    "Connections.csv": "Notes:\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    "Steve,Nwosu,https://www.linkedin.com/in/snwosu,steve@sql.example,Ohio Data,DBA,12 Mar 2023\n",
    "Profile.csv": 'First Name,Last Name,Headline,Geo Location\nRay,Kim,Writer,"Troy, New York, United States"\n',
    "Positions.csv": "Company Name,Title,Finished On\nMohawk,Technical Writer,\nOld,Clerk,Jan 2010\n",
    "Skills.csv": "Name\nSQL Server\nDocumentation\n",
    "Email Addresses.csv": "Email Address,Confirmed,Primary,Updated On\nRay@Own.example,Yes,Yes,x\n",
    "Jobs/Job Seeker Preferences.csv": "Job Titles,Locations,Open To Recruiters\nTechnical Writer | Editor,,No\n",
    "messages.csv": "CONVERSATION ID,CONVERSATION TITLE,FROM,TO,DATE,CONTENT\n"
    "a,,Ray Kim,Dee Roe,2023-03-13 08:00:00 UTC,Hi Dee\n"
    "a,,Dee Roe,Ray Kim,2023-03-12 10:00:00 UTC,Are you at the meeting on Friday?\n"
    "b,A role,Lou Fox,Ray Kim,2023-04-01 00:00:00 UTC,Dear professional I have a great role for you\n"
    "c,,Ray Kim,Ann Lee,2023-05-01 00:00:00 UTC,Happy birthday\n",
}


def make_export(path: Path, **changed: str) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for name, text in TABLES.items():
            out.writestr(name, changed.get(name.rpartition("/")[2].removesuffix(".csv"), text))
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return make_export(tmp_path / "export.zip")


# --- import ------------------------------------------------------------------------------------------------


def test_address_books_of_all_versions_lie_side_by_side(run: Run, tmp_path: Path, home: Path) -> None:
    for name, text in CARDS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ended = run("import", "contacts", tmp_path)
    assert (ended.status, ended.err) == (Status.DONE, "")
    assert ended.out == (
        "read 5 addresses: 4 added, 0 already there\n"
        "4 people known from now on\n"
        "1 left out (card without an address: 1)\n"
    )
    with History(home / "history.db", read_only=True) as memory:
        known = {
            address for (address,) in memory.store.rows("SELECT address FROM correspondent JOIN party ON id = party")
        }
    assert known == {"eva@mueller.example", "jane@firm.example", "jane@home.example", "lou@fox.example"}


@pytest.mark.parametrize("what", ["contacts", "sent", "mail", "linkedin"])
def test_importing_twice_adds_nothing_and_changes_no_verdict(run: Run, tmp_path: Path, what: str) -> None:
    (tmp_path / "people.vcf").write_text(CARDS["newer.vcf"], encoding="utf-8")
    path = {"contacts": tmp_path / "people.vcf", "linkedin": make_export(tmp_path / "x.zip")}.get(what, FRIEND)
    first = run("import", what, path)
    assert first.status == Status.DONE, first.err
    assert " 0 added" not in first.out
    verdicts = run("classify", "--format", "jsonl", PITCH, FRIEND).out
    again = run("import", what, path)
    added, there = (int(part.split()[0]) for part in again.out.splitlines()[0].partition(": ")[2].split(", "))
    assert added == 0
    assert there > 0
    assert run("classify", "--format", "jsonl", PITCH, FRIEND).out == verdicts


def test_an_unpacked_export_tells_the_same_as_the_zip(run: Run, export: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(export).extractall(tmp_path / "unpacked")
    first = run("import", "linkedin", export).out
    again = run("import", "linkedin", tmp_path / "unpacked").out
    assert first.startswith("read 4 people: 3 added, 0 already there\n")
    assert again.startswith("read 4 people: 0 added, 3 already there\n")


def test_mail_of_others_among_the_sent_is_left_out_where_the_profile_names_the_reader(run: Run, home: Path) -> None:
    assert "names no addresses of yours" in run("import", "sent", FRIEND).err
    (home / "profile.toml").write_text('emails = ["ray.kim@example.org"]\n', encoding="utf-8")
    ended = run("import", "sent", PITCH)
    assert (ended.status, ended.err) == (Status.DONE, "")
    assert ended.out.splitlines()[-1] == "1 left out (not written from one of your addresses: 1)"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["contacts"], Status.USAGE),
        (["contacts", "nothing"], Status.NO_INPUT),
        (["sent", "nothing"], Status.NO_INPUT),
        (["mail", "nothing"], Status.NO_INPUT),
        (["linkedin", "nothing"], Status.NO_INPUT),
        (["contacts", PITCH], Status.DATA),
        (["linkedin", PITCH], Status.DATA),
        (["mail", __file__], Status.DATA),
        (["sent", __file__], Status.DATA),
        (["mail", FRIEND, "--profile", "nothing"], Status.CONFIGURATION),
    ],
)
def test_what_cannot_be_imported_ends_with_its_status(run: Run, arguments: list[str], status: Status) -> None:
    ended = run("import", *arguments)
    assert (ended.status, ended.out if status is not Status.DATA else "") == (status, "")
    assert ended.err


@pytest.mark.parametrize("arguments", [("import", "mail", FRIEND), ("unsubscribed", "a@b.example"), ("senders",)])
def test_a_damaged_history_is_told_with_the_remedy(run: Run, home: Path, arguments: tuple[str, ...]) -> None:
    (home / "history.db").write_bytes(b"not a database" * 100)
    ended = run(*arguments)
    assert ended.status == Status.CONFIGURATION
    assert "move it away" in ended.err


def test_names_of_hostile_people_are_printed_harmlessly(run: Run, tmp_path: Path) -> None:
    rows = TABLES["messages.csv"] + 'd,,"\x1b[31mEve\u202e",Ray Kim,2023-06-01 00:00:00 UTC,"\x1b]0;owned\x07\nhello"\n'
    ended = run(
        "import", "linkedin", make_export(tmp_path / "x.zip", messages=rows), "--label-messages", tmp_path / "o"
    )
    assert "[31mEve" in ended.out
    sender = b"From: \x1b[2Jx@\x1b[31mevil.example\nDate: Tue, 16 Sep 2025 09:31:00 +0000\nMessage-ID: <1@x>\n\nHello\n"
    run("import", "mail", "-", stdin=sender)
    printed = (
        ended.out + ended.err + "".join(run("senders", "--format", form).out for form in ("table", "csv", "jsonl"))
    )
    assert not any(c in printed for c in "\x1b\x07\u202e")


def test_counts_read_as_sentences() -> None:
    done = Imported(1200, 1, 1100, 1, 2, (("without a date", 90), ("written by \x1byou", 9)))
    assert remembered.imported(done, item="mail") == (
        "read 1,200 mails: 1 added, 1,100 already there\n"
        "1 person known from now on\n"
        "2 requests to stop, complaints or repairs found\n"
        "99 left out (without a date: 90; written by you: 9)\n"
    )


# --- LinkedIn: profile, labelled messages ------------------------------------------------------------------


def test_init_makes_the_profile_of_an_export(run: Run, home: Path, export: Path) -> None:
    assert run("init", "--linkedin", export).status == Status.DONE
    made = profile.load(home / "profile.toml")
    assert (made.name, made.emails) == ("Ray Kim", ("ray@own.example",))
    assert made.home is not None
    assert (made.home.name, made.home.region) == ("Troy", "NY")
    assert (made.titles, made.skills) == (("Technical Writer", "Editor"), ("SQL Server", "Documentation"))
    assert made.looking is False


def test_what_an_export_tells_and_a_profile_cannot_hold_is_left_out_and_said(
    run: Run, home: Path, tmp_path: Path
) -> None:
    table = "First Name,Last Name,Headline,Geo Location\nRay,Kim,Writer,Qwxzv Area\n"
    ended = run("init", "--linkedin", make_export(tmp_path / "x.zip", Profile=table))
    assert ended.status == Status.DONE
    assert "left out location.home: “Qwxzv Area”" in ended.err
    made = profile.load(home / "profile.toml")
    assert (made.name, made.home) == ("Ray Kim", None)


@pytest.mark.parametrize(
    ("region", "name"), [("Greater Eau Claire Area", "Eau Claire"), ("Duluth Metropolitan Area", "Duluth")]
)
def test_a_region_of_linkedin_is_the_city_it_is_named_for(
    run: Run, home: Path, tmp_path: Path, region: str, name: str
) -> None:
    table = f"First Name,Last Name,Headline,Geo Location\nRay,Kim,Writer,{region}\n"
    run("init", "--linkedin", make_export(tmp_path / "x.zip", Profile=table))
    made = profile.load(home / "profile.toml")
    assert made.home is not None
    assert made.home.name == name


def test_messages_are_shown_and_written_only_when_the_user_agrees(run: Run, export: Path, tmp_path: Path) -> None:
    folder = tmp_path / "labelled"
    no = run("import", "linkedin", export, "--label-messages", folder, stdin=b"n\n")
    assert "Write 1 unanswered as spam and 1 answered as legitimate to" in no.err
    assert no.out.splitlines()[-2:] == [
        f"legitimate  2023-03-12  {'Dee Roe':<24}  Are you at the meeting on Friday?",
        f"spam        2023-04-01  {'Lou Fox':<24}  Dear professional I have a great role for you",
    ]
    assert not folder.exists()
    assert run("import", "linkedin", export, "--label-messages", folder).err.endswith("nothing is written\n")
    for _ in range(2):
        assert run("import", "linkedin", export, "--label-messages", folder, stdin=b"y\n").status == Status.DONE
        assert [len(list((folder / name).glob("*.eml"))) for name in ("spam", "legit")] == [1, 1]


def test_labelled_messages_are_unwrapped_as_linkedin_s_own_mail_is(run: Run, export: Path, tmp_path: Path) -> None:
    run("import", "linkedin", export, "--label-messages", tmp_path / "o", "--yes")
    (spam,), (legit,) = ((tmp_path / "o" / name).glob("*.eml") for name in ("spam", "legit"))
    for path, kind, person, text in (
        (spam, linkedin.Kind.INMAIL, "Lou Fox", "Dear professional I have a great role for you"),
        (legit, linkedin.Kind.MESSAGE, "Dee Roe", "Are you at the meeting on Friday?"),
    ):
        notice = linkedin.unwrap(message.parse(path.read_bytes()))
        assert notice is not None
        assert (notice.kind, notice.person, notice.text) == (kind, person, text)


@given(person=st.text(min_size=1, max_size=60), title=st.text(max_size=40), text=st.text(max_size=200))
def test_whatever_a_member_is_called_their_message_is_linkedin_s(person: str, title: str, text: str) -> None:
    opening = conversations.Opening(Label.SPAM, person, title, text, datetime(2023, 4, 1, tzinfo=UTC))
    notice = linkedin.unwrap(message.parse(conversations.mail(opening, person, "ray@own.example").encode()))
    assert notice is not None
    assert notice.kind in (linkedin.Kind.INMAIL, linkedin.Kind.MESSAGE)


def test_a_text_sent_twice_is_labelled_once_and_by_its_answer(tmp_path: Path) -> None:
    twice = TABLES["messages.csv"] + (
        "e,,Lou Fox,Ray Kim,2023-07-01 00:00:00 UTC,Dear professional I have a great role for you\n"
        "e,,Ray Kim,Lou Fox,2023-07-02 00:00:00 UTC,Tell me more\n"
    )
    found = conversations.openings(read_export(make_export(tmp_path / "x.zip", messages=twice)))
    assert {one.person: one.label for one in found} == {"Dee Roe": Label.LEGITIMATE, "Lou Fox": Label.LEGITIMATE}


def test_a_message_answered_since_an_earlier_export_changes_its_label(run: Run, tmp_path: Path) -> None:
    answer = TABLES["messages.csv"] + "b,A role,Ray Kim,Lou Fox,2023-07-02 00:00:00 UTC,Tell me more\n"
    for name, changed in (("old.zip", {}), ("new.zip", {"messages": answer})):
        run("import", "linkedin", make_export(tmp_path / name, **changed), "--label-messages", tmp_path / "o", "--yes")
    assert [len(list((tmp_path / "o" / name).glob("*.eml"))) for name in ("spam", "legit")] == [0, 2]


# --- unsubscribed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "target"),
    [
        ("Bob@Staff.example", "bob@staff.example"),
        ("<bob@staff.example>", "bob@staff.example"),
        ("mailto:bob@staff.example", "bob@staff.example"),
        ("staff.example", "@staff.example"),
        ("@mail.staff.co.uk", "@mail.staff.co.uk"),
        ("linkedin:Jane Doe", "linkedin:jane doe"),
    ],
)
def test_an_address_a_domain_or_a_member_can_be_asked_to_stop(run: Run, home: Path, named: str, target: str) -> None:
    assert run("unsubscribed", named, "--on", "2025-08-20").out == f"{target} was asked to stop on 2025-08-20\n"
    assert run("unsubscribed", named, "--on", "2025-08-20").out.endswith("(already there)\n")
    with History(home / "history.db", read_only=True) as memory:
        assert memory.store.rows("SELECT address, kind, day FROM request JOIN party ON id = party") == [
            (target, Request.STOP, "2025-08-20")
        ]


@pytest.mark.parametrize(
    "named", ["gmail.com", "@gmail.com", "linkedin.com", "bob", "bob smith@x", "", "a@b@c.example"]
)
def test_what_stands_for_nobody_is_refused(run: Run, home: Path, named: str) -> None:
    assert run("unsubscribed", named).status == Status.USAGE
    assert not (home / "history.db").exists()


def test_the_day_is_checked(run: Run) -> None:
    tomorrow = date.today() + timedelta(days=1)
    assert run("unsubscribed", "a@b.example", "--on", tomorrow.isoformat()).status == Status.USAGE
    assert run("unsubscribed", "a@b.example", "--on", "08/20/2025").status == Status.USAGE
    assert run("unsubscribed", "a@b.example").out == f"a@b.example was asked to stop on {date.today()}\n"


# --- senders -----------------------------------------------------------------------------------------------


@pytest.fixture
def written(home: Path) -> None:
    """Three mails of somebody asked to stop, two of a colleague, one of a friend."""
    with History(home / "history.db") as memory:
        for number, (address, label) in enumerate([
            ("bob@staff.example", "spam"), ("bob@staff.example", "spam"), ("bob@staff.example", ""),
            ("al@staff.example", "spam"), ("al@staff.example", ""), ("zoe@friend.example", "legitimate"),
        ]):  # fmt: skip
            memory.add_judged(f"<{number}@x>", address, label, date(2025, 8, 1 + 10 * number % 31))
        memory.add_request("bob@staff.example", Request.STOP, date(2025, 7, 1))


@pytest.mark.usefixtures("written")
def test_senders_are_sorted_by_offence_in_every_form(run: Run) -> None:
    worst_first = ["bob@staff.example", "al@staff.example", "zoe@friend.example"]
    table = run("senders").out.splitlines()
    assert table[0].split() == ["sender", *"mails first last spam legit asked after ignored days".split()]
    assert [line.split()[0] for line in table[1:]] == worst_first
    rows = list(csv.DictReader(run("senders", "--format", "csv").out.splitlines()))
    records = [json.loads(line) for line in run("senders", "--format", "jsonl").out.splitlines()]
    assert [row["sender"] for row in rows] == [one["sender"] for one in records] == worst_first
    days = (date.today() - date(2025, 7, 1)).days
    assert records[0] == {
        "sender": "bob@staff.example", "first": "2025-08-01", "last": "2025-08-21", "count": 3, "spam": 2,
        "legitimate": 0, "asked": "2025-07-01", "after": 3, "ignored": 3, "days_since": days, "barred": False,
    }  # fmt: skip
    assert rows[0] == {name: "" if value is None else str(value) for name, value in records[0].items()}


@pytest.mark.usefixtures("written")
def test_senders_of_one_firm_are_put_together(run: Run) -> None:
    rows = list(csv.DictReader(run("senders", "--by", "firm", "--format", "csv").out.splitlines()))
    assert [(row["sender"], row["count"]) for row in rows] == [("staff.example", "5"), ("friend.example", "1")]


def test_without_a_history_nobody_is_listed_and_none_is_made(run: Run, home: Path) -> None:
    ended = run("senders")
    assert (ended.status, ended.out) == (Status.DONE, "")
    assert "nobody is remembered" in ended.err
    assert run("senders", "--format", "csv").out.startswith("sender,first,last,count,")
    assert not (home / "history.db").exists()


@pytest.mark.parametrize("width", [60, 80, 90, 120])
def test_a_table_fits_the_terminal_it_is_shown_on(width: int) -> None:
    one = Sender("a-very-long-address@with-a-long-domain.example", None, None, 0, 0, 0, None, 0, 0, None, True)
    lines = ["".join(piece.text for piece in line) for line in remembered.table([one], width)]
    assert {len(line) <= width for line in lines} == {True}
    assert len({len(line) for line in lines}) == 1
    assert lines[1].startswith("a-very-long-addr")


def test_what_is_damaged_is_bad_data_and_an_error_of_reading_too() -> None:
    assert issubclass(ForeignInputError, OSError)


# --- configuration -----------------------------------------------------------------------------------------


def test_the_configuration_reaches_commands_in_a_group(run: Run, home: Path) -> None:
    (home / "named.toml").write_text('emails = ["other@example.org"]\n', encoding="utf-8")
    (home / "config.toml").write_text(f"[import]\nprofile = '{home / 'named.toml'}'\n", encoding="utf-8")
    assert "not written from one of your addresses: 1" in run("import", "sent", FRIEND).out
