"""Connections that break: whatever point they break at, `spamrec imap` loses no message and makes two of none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from accounts import fill, ids, numbered
from broken_line import Cut, broken_line
from command_line import FRIEND, PITCH, Ended, Run
from dovecot import MISSING, PASSWORD, Dovecot, dovecot

pytestmark = pytest.mark.skipif(MISSING, reason="needs dovecot-imapd")

MAILS = [numbered(mail, number) for number in range(30) for mail in (PITCH, FRIEND)]
PITCHES = sorted(f"<{number}.pitch@mail.example>" for number in range(30))
FRIENDS = sorted(f"<{number}.friend@mail.example>" for number in range(30))
OLD = "imap_capability = IMAP4rev1 UIDPLUS LITERAL+ NAMESPACE SPECIAL-USE AUTH=PLAIN"
"""A server that cannot move."""
OLDEST = "imap_capability = IMAP4rev1 LITERAL+ AUTH=PLAIN"
"""A server that cannot expunge one message either."""


@pytest.fixture(scope="module", params=["MOVE", "COPY"])
def server(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    with dovecot(more=OLD if request.param == "COPY" else "") as running:
        yield running


@pytest.fixture(autouse=True)
def _quick(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home.is_dir()  # it clears what the environment holds
    monkeypatch.setattr("spamrec.mailbox.BATCH_MESSAGES", 25)
    monkeypatch.setattr("spamrec.mailbox.RETRY_DELAYS_S", (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setenv("SPAMREC_IMAP_PASSWORD", PASSWORD)


def sorted_over(run: Run, server: Dovecot, user: str, cuts: Sequence[Cut], *, plain: bool = True) -> tuple[Ended, int]:
    """`spamrec imap` over a line that breaks, and how often it did."""
    with broken_line(server.port if plain else server.tls_port, cuts) as line:
        how = ("--insecure",) if plain else ("--ca-file", server.ca)
        account = ("--host", "localhost", "--port", str(line.port), "--user", user, *how)
        ended = run("imap", *account, "--move", "Recruiters", "--apply")
    return ended, len(line.cut)


def each_once(server: Dovecot, user: str) -> None:
    """Every message is where it belongs, once."""
    assert sorted(ids(server, user, "Recruiters")) == PITCHES
    assert sorted(ids(server, user)) == FRIENDS


EVERY = [b"AUTHENTICATE", b"LIST", b"EXAMINE", b"SELECT", b"SEARCH", b"RFC822.SIZE", b"BODY.PEEK", b"STATUS"]
COMMANDS = {"MOVE": [*EVERY, b"MOVE"], "COPY": [*EVERY, b"COPY", b"STORE", b"EXPUNGE"]}


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    ("server", "command"), [(how, one) for how, used in COMMANDS.items() for one in used], indirect=["server"]
)
def test_a_line_may_break_at_any_command_before_or_after_it_is_done(
    run: Run, server: Dovecot, user: str, command: bytes, answered: bool
) -> None:
    fill(server, user, *MAILS)
    ended, cut = sorted_over(run, server, user, [Cut(command=command, answered=answered)] * 2)
    assert ended.status == 0, ended.err
    assert cut == 2
    each_once(server, user)


@pytest.mark.parametrize("plain", [True, False])
def test_a_line_may_break_after_any_number_of_bytes(run: Run, server: Dovecot, user: str, plain: bool) -> None:
    fill(server, user, *MAILS)
    broken = 0
    for first in range(500, 15_000, 3_700):  # four lines that break, four at a time, then the same once more
        ended, cut = sorted_over(run, server, user, [Cut(after_bytes=first + 701 * n) for n in range(4)], plain=plain)
        broken += cut
        assert ended.status == 0, ended.err
    assert broken >= 8
    each_once(server, user)


@pytest.mark.parametrize("command", [b"AUTHENTICATE", b"EXAMINE", b"UNDELETED", b"RFC822.SIZE"])
def test_a_line_that_never_holds_ends_the_run_and_the_next_goes_on(
    run: Run, server: Dovecot, user: str, command: bytes
) -> None:
    fill(server, user, *MAILS)
    ended, cut = sorted_over(run, server, user, [Cut(command=command)] * 12)
    assert (ended.status, cut) == (69, 5)
    assert ended.err.count("trying again") == 4
    assert sorted_over(run, server, user, [])[0].status == 0
    each_once(server, user)


def test_a_process_that_dies_between_copy_and_deletion_makes_two_of_none(
    run: Run, user: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the line but the program ends: what was begun stands in its journal."""
    with dovecot(more=OLD) as server:
        fill(server, user, *MAILS)
        with monkeypatch.context() as patch:
            patch.setattr("spamrec.mailbox.RETRY_DELAYS_S", ())
            ended, _ = sorted_over(run, server, user, [Cut(command=b"COPY", answered=True)])
        assert ended.status == 69
        assert len(ids(server, user, "Recruiters")) > 0
        assert len(ids(server, user)) == len(MAILS)
        assert '"copies":true' in next((home / "imap").glob("*.json")).read_text(encoding="utf-8")
        with server.client(user) as client:
            account = ("--host", "localhost", "--port", str(server.port), "--user", user, "--insecure")
            # the state is that of another port: it is the same account
            noted = next((home / "imap").glob("*.json"))
            from spamrec.mailstate import path

            noted.rename(path(home, f"{user}@localhost:{server.port}"))
            assert run("imap", *account, "--move", "Recruiters", "--apply").status == 0
            assert client.noop()
        each_once(server, user)


def test_a_server_that_can_neither_move_nor_expunge_one_message_keeps_what_the_reader_marked(
    run: Run, user: str
) -> None:
    with dovecot(more=OLDEST) as server:
        fill(server, user, *MAILS)
        with server.client(user) as client:
            client.select_folder("INBOX")
            client.add_flags([2], ["\\Deleted"])
        ended, _ = sorted_over(run, server, user, [])
        assert ended.status == 0
        assert "neither MOVE nor UIDPLUS" in ended.err
        assert sorted(ids(server, user, "Recruiters")) == PITCHES
        assert sorted(ids(server, user)) == sorted(PITCHES + FRIENDS)
        with server.client(user) as client:
            client.select_folder("INBOX")
            assert len(client.search("UNDELETED")) == len(FRIENDS) - 1
