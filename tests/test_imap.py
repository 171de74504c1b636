"""`spamrec imap` with a real Dovecot: what is moved, flagged, left alone and noted, folders of all names, and errors."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from time import monotonic, sleep

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
    flags,
    ids,
)
from command_line import Run
from dovecot import MISSING, PASSWORD, Dovecot, dovecot, free_port
from spamrec.mailstate import locked, path
from spamrec.statuses import Status

pytestmark = pytest.mark.skipif(MISSING, reason="needs dovecot-imapd")


def alone(data: Path, label: str) -> list[Path]:
    """Mail of the corpus, without the pairs: of two that differ in one fact the second would follow the first."""
    return [mail for mail in sorted(data.glob(f"*/{label}/*.eml")) if "-pair-" not in mail.name]


# --- what is moved -------------------------------------------------------------------------------------------


def test_of_200_messages_those_are_moved_that_classify_calls_spam_and_a_second_run_does_nothing(
    server: Dovecot, user: str, run: Run, sort: Sort, data: Path
) -> None:
    mails = [mail for label in ("spam", "legit") for mail in alone(data, label)[:100]]
    named = ("--profile", mails[0].parents[1] / "profile.toml", "--model", Path("models/default.json"))
    told = [json.loads(line) for line in run("classify", "--format", "jsonl", *named, *mails).out.splitlines()]
    expected = {one["message_id"] for one in told if one["label"] == "spam"}
    raws = [path.read_bytes() for path in mails]
    fill(server, user, *raws)
    before = ids(server, user)
    assert len(before) == len(mails) == 200

    ended = sort("--move", "Recruiters", "--apply", *named)

    assert ended.status == 0, ended.err
    moved, kept = ids(server, user, "Recruiters"), ids(server, user)
    assert sorted(moved + kept) == sorted(before)
    assert set(moved) == expected
    assert f"200 messages looked at in INBOX: {len(moved)} moved" in ended.err
    again = sort("--move", "Recruiters", "--apply", *named)
    assert (again.status, again.out) == (0, "")
    assert "0 messages looked at in INBOX: nothing to do" in again.err
    assert (ids(server, user, "Recruiters"), ids(server, user)) == (moved, kept)


def test_only_what_came_since_the_last_run_is_looked_at(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    assert "2 messages looked at" in sort("--move", "Recruiters", "--apply").err
    fill(server, user, PITCH_2)
    assert "1 message looked at in INBOX: 1 moved" in sort("--move", "Recruiters", "--apply").err
    assert ids(server, user, "Recruiters") == [ID_PITCH_1, ID_PITCH_2]
    assert "1 message looked at" in sort("--move", "Recruiters", "--apply", "--again").err


def test_a_dry_run_tells_and_changes_and_notes_nothing(server: Dovecot, user: str, sort: Sort, home: Path) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    for _ in range(2):
        ended = sort("--move", "Recruiters")
        assert ended.status == 0
        assert ended.out.startswith("would move to Recruiters")
        assert ended.err.splitlines()[-1] == (
            "2 messages looked at in INBOX: 1 to move; nothing is done without --apply"
        )
        assert "the folder Recruiters is missing and would be made" in ended.err
    assert sorted(p.name for p in home.iterdir()) == ["model.json"]
    with server.client(user) as client:
        assert client.folder_exists("Recruiters") is False
        assert client.select_folder("INBOX")[b"RECENT"] == 2
    assert flags(server, user) == {ID_PITCH_1: set(), ID_FRIEND_1: set()}


def test_no_message_is_marked_as_read(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    sort("--move", "Recruiters", "--apply")
    assert b"\\Seen" not in flags(server, user)[ID_FRIEND_1] | flags(server, user, "Recruiters")[ID_PITCH_1]


@pytest.mark.parametrize(("flag", "set_"), [("Flagged", b"\\Flagged"), ("$Recruiter", b"$Recruiter")])
def test_a_flag_is_set_and_nothing_moved(server: Dovecot, user: str, sort: Sort, flag: str, set_: bytes) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    ended = sort("--flag", flag, "--apply")
    assert (ended.status, ended.out.split()[0]) == (0, "flagged")
    found = flags(server, user)
    assert set_ in found[ID_PITCH_1]
    assert set_ not in found[ID_FRIEND_1]
    assert ids(server, user) == [ID_PITCH_1, ID_FRIEND_1]


def test_what_the_reader_has_marked_as_deleted_stays_as_it_is(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1, PITCH_2)
    with server.client(user) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search()[:1], ["\\Deleted"])
    sort("--move", "Recruiters", "--apply")
    assert ids(server, user) == [ID_PITCH_1]
    assert ids(server, user, "Recruiters") == [ID_PITCH_2]


def test_of_a_huge_message_the_beginning_is_fetched(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1 + b"attached\n" * 1_000_000)
    assert "1 moved" in sort("--move", "Recruiters", "--apply").err
    sent = [int(n) for n in re.findall(rf"imap\({user}\).*out=(\d+)", server.log)]
    assert max(sent) < 700_000
    with server.client(user) as client:
        client.select_folder("Recruiters")
        assert client.fetch(client.search(), ["RFC822.SIZE"])[1][b"RFC822.SIZE"] > 9_000_000


def test_the_three_forms_hold_the_same(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    line = json.loads(sort("--move", "Recruiters", "--format", "jsonl").out)
    assert (line["action"], line["to"], line["applied"]) == ("move", "Recruiters", False)
    assert line["path"] == f"imap://{user}@localhost/INBOX;UID=1"
    row = next(csv.DictReader(io.StringIO(sort("--move", "Recruiters", "--format", "csv").out)))
    assert {key: row[key] for key in ("action", "to", "path", "message_id", "label")} == {
        key: line[key] for key in ("action", "to", "path", "message_id", "label")
    }


# --- folders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Für später & mehr", 'Say "yes"', "Arbeit/Köpfe jagen", "back\\slash", "&", "日本 語"]
)
def test_a_folder_may_have_any_name(server: Dovecot, user: str, sort: Sort, name: str) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    assert "1 moved" in sort("--move", name, "--apply").err
    assert ids(server, user, name) == [ID_PITCH_1]
    ended = sort("--folder", name, "--move", "Noch einer/weiter unten", "--apply")
    assert "1 moved" in ended.err
    assert ids(server, user, "Noch einer/weiter unten") == [ID_PITCH_1]


@pytest.mark.parametrize("named", ["Jobs/Ungewollt", "Jobs.Ungewollt", "INBOX.Jobs.Ungewollt", "INBOX/Jobs/Ungewollt"])
def test_a_server_may_part_names_by_dots_and_put_a_prefix_before_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)
    with dovecot(separator=".", prefix="INBOX.") as server:
        fill(server, "ray", PITCH_1, FRIEND_1)
        account = ("--host", "127.0.0.1", "--port", str(server.port), "--user", "ray", "--insecure")
        for _ in range(2):
            assert run("imap", *account, "--move", named, "--apply").status == 0
        assert ids(server, "ray", "INBOX.Jobs.Ungewollt") == [ID_PITCH_1]


def test_when_the_server_numbers_a_folder_anew_all_mail_in_it_is_new(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1, FRIEND_1, folder="Work")
    assert "1 moved" in sort("--folder", "Work", "--move", "Recruiters", "--apply").err
    with server.client(user) as client:
        client.delete_folder("Work")
    fill(server, user, PITCH_2, FRIEND_2, folder="Work")
    ended = sort("--folder", "Work", "--move", "Recruiters", "--apply")
    assert "numbers the folder Work anew" in ended.err
    assert "2 messages looked at in Work: 1 moved" in ended.err
    assert ids(server, user, "Recruiters") == [ID_PITCH_1, ID_PITCH_2]
    assert ids(server, user, "Work") == [ID_FRIEND_2]


# --- errors --------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_and_not_shown(user: str, sort: Sort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", "guess-me")
    monkeypatch.setenv("SPAMREC_DEBUG", "1")
    ended = sort("--move", "Recruiters")
    assert ended.status == Status.NO_PERMISSION
    assert f"spamrec: localhost: the login of {user} was refused, check user and password" in ended.err
    assert "guess-me" not in ended.err + ended.out
    assert "b'AHRlc3" not in ended.err


def test_a_certificate_of_nobody_known_is_refused(server: Dovecot, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)
    for port, how in ((server.tls_port, "--ssl"), (server.port, "--starttls")):
        ended = run("imap", "--host", "localhost", "--port", str(port), "--user", "ray", "--move", "R", how)
        assert ended.status == Status.UNAVAILABLE
        assert re.match(r"spamrec: localhost: its certificate is not trusted: .*; --ca-file", ended.err)
    assert "Login: user=<ray>" not in server.log


def test_a_certificate_of_another_name_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)
    with dovecot(names=("mail.example",)) as server:
        account = ("--host", "localhost", "--port", str(server.tls_port), "--user", "ray", "--ca-file", server.ca)
        ended = run("imap", *account, "--move", "R")
    assert ended.status == Status.UNAVAILABLE
    assert "not valid for 'localhost'" in ended.err


def test_starttls_protects_the_login(server: Dovecot, user: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)
    fill(server, user, PITCH_1)
    account = ("--host", "localhost", "--port", str(server.port), "--user", user, "--ca-file", server.ca)
    assert run("imap", *account, "--starttls", "--flag", "Flagged").status == 0
    end = monotonic() + 10
    while not re.search(rf"Login: user=<{user}>.*TLS", server.log):  # the server logs when it comes to it
        assert monotonic() < end, server.log
        sleep(0.05)


def test_a_server_that_is_not_there_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setattr("spamrec.mailbox.RETRY_DELAYS_S", (0.01,))
    ended = run("imap", "--host", "localhost", "--port", str(free_port()), "--user", "ray", "--move", "R")
    assert ended.status == Status.UNAVAILABLE
    assert ended.err.splitlines()[-1] == "spamrec: localhost: connecting: Connection refused"


def test_a_folder_that_is_not_there_is_told(sort: Sort) -> None:
    ended = sort("--folder", "Nowhere", "--move", "R")
    assert (ended.status, ended.err) == (Status.NO_INPUT, "spamrec: Nowhere: no such folder on localhost\n")


def test_without_a_password_nobody_is_asked_where_nobody_sits(run: Run) -> None:
    ended = run("imap", "--host", "localhost", "--user", "ray", "--move", "R")
    assert ended.status == Status.NO_PERMISSION
    assert "--password-command" in ended.err


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--insecure", "--host", "imap.example.org", "--move", "R"], "show your password"),
        (["--insecure", "--starttls", "--host", "localhost", "--move", "R"], "exclude each other"),
        (["--host", "localhost"], "say what to do"),
        (["--host", "localhost", "--flag", "F", "--learn"], "--learn needs --move"),
        (["--host", "localhost", "--move", "INBOX.Papierkorb", "--learn"], "must not be the Trash"),
        (["--host", "localhost", "--move", "INBOX"], "another folder"),
        (["--host", "localhost", "--flag", "\\Deleted"], "is no flag"),
        (["--host", "localhost", "--flag", "two words"], "is no flag"),
    ],
)
def test_options_that_make_no_sense_are_refused(run: Run, wrong: list[str], told: str) -> None:
    ended = run("imap", "--user", "ray", *wrong)
    assert ended.status == Status.USAGE
    assert told in ended.err


def test_two_runs_on_one_account_do_not_meet(sort: Sort, server: Dovecot, user: str, home: Path) -> None:
    with locked(path(home, f"{user}@localhost:{server.tls_port}")):
        ended = sort("--move", "Recruiters", "--apply")
        assert ended.status == Status.TRY_AGAIN
        assert "another `spamrec imap` on this account is at work" in ended.err
        assert sort("--move", "Recruiters").status == 0


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format":2}', '{"format":1}', '{"format":1,"read":{"INBOX":7}}', "\udcff"]
)
def test_a_damaged_state_is_refused_with_the_remedy(
    sort: Sort, server: Dovecot, user: str, home: Path, text: str
) -> None:
    noted = path(home, f"{user}@localhost:{server.tls_port}")
    noted.parent.mkdir()
    noted.write_text(text, encoding="utf-8", errors="surrogateescape")
    ended = sort("--move", "Recruiters", "--apply")
    assert ended.status == Status.CONFIGURATION
    assert ended.err.startswith(f"spamrec: {noted}: ")
    assert ended.err.endswith("without the file all mail counts as new\n")


def test_nobody_else_can_read_what_is_noted(sort: Sort, server: Dovecot, user: str, home: Path) -> None:
    fill(server, user, PITCH_1)
    sort("--move", "Recruiters", "--apply")
    assert path(home, f"{user}@localhost:{server.tls_port}").stat().st_mode & 0o077 == 0


def test_the_options_may_stand_in_the_configuration(run: Run, server: Dovecot, user: str, home: Path) -> None:
    fill(server, user, PITCH_1, FRIEND_1)
    (home / "config.toml").write_text(
        f'[imap]\nhost = "localhost"\nport = {server.tls_port}\nuser = "{user}"\nca-file = "{server.ca}"\n'
        f'move = "Recruiters"\npassword-command = "printf \'{PASSWORD}\'"\napply = true\n',
        encoding="utf-8",
    )
    ended = run("imap")
    assert ended.status == 0, ended.err
    assert ids(server, user, "Recruiters") == [ID_PITCH_1]


def test_quiet_says_only_what_goes_wrong(server: Dovecot, user: str, sort: Sort) -> None:
    fill(server, user, PITCH_1)
    assert sort("--move", "Recruiters", "--apply", "--quiet").err == ""
    assert sort("--move", "Recruiters", "--folder", "Nowhere", "--quiet").err != ""
