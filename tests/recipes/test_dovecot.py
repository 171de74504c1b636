"""The recipes for Dovecot, run by its own delivery agent and IMAP server: filing, spamtest, learning; and where spamrec
fails in whatever way, every mail arrives in the inbox as it was."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reader import BROKEN, OTHERS, RECIPES, RECRUITERS, mail, maildir, make, needs
from stranger import spamrec_for_all

from dovecot import Dovecot, dovecot
from spamrec import message
from spamrec.history import History
from spamrec.tagging import strip

LDA = Path("/usr/lib/dovecot/dovecot-lda")
pytestmark = needs("dovecot", "sievec")

FORGED = b"X-Spamrec: Spam, probability=1.000000, threshold=0.900, model=none\n" + mail("12-mother")
PLACES = {
    "/etc/dovecot/sieve": "{base}/sieve",
    "/usr/lib/dovecot/sieve-filter": "{base}/sieve",
    "/usr/lib/dovecot/sieve-pipe": "{base}/sieve",
}
"""Where the recipe's files lie in the tests, in place of the system's folders."""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """A Dovecot with the recipe as it stands, but for its folders and the time that a filter may hang."""
    with dovecot(more=configuration) as running:
        compile_scripts(running)
        yield running


def configuration(base: Path) -> str:
    """The recipe's configuration; its scripts are put where it looks for them, and compiled."""
    scripts = base / "sieve"
    scripts.mkdir()
    for path in RECIPES.glob("dovecot-*"):
        shutil.copy(path, scripts)
    text = (RECIPES / "dovecot-spamrec.conf").read_text(encoding="utf-8")
    for place, ours in PLACES.items():
        assert place in text
        text = text.replace(place, ours.format(base=base))
    return text


def compile_scripts(server: Dovecot) -> None:
    for script in (server.base / "sieve").glob("*.sieve"):
        done = subprocess.run(
            ["sievec", "-c", server.base / "dovecot.conf", "-D", script], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def spamrec() -> Iterator[str]:
    with spamrec_for_all() as script:
        yield script


@pytest.fixture
def home(server: Dovecot, user: str, spamrec: str) -> Path:
    """Home of the test's user, with spamrec in it."""
    return settle(server, user, spamrec)


def settle(server: Dovecot, user: str, spamrec: str | None) -> Path:
    home = make(server.base / "home" / user, spamrec)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (home, *home.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return home


def deliver(server: Dovecot, user: str, raw: bytes) -> int:
    """The status with which Dovecot's delivery agent ends."""
    done = subprocess.run(
        [LDA, "-c", server.base / "dovecot.conf", "-d", user], input=raw + b"\n", capture_output=True, timeout=120
    )
    return done.returncode


def boxes(home: Path) -> tuple[list[bytes], list[bytes]]:
    """What lies in the recruiters' folder and in the inbox."""
    return maildir(home / "Maildir" / ".Recruiters"), maildir(home / "Maildir")


def test_recruiters_mail_is_filed_and_the_rest_comes_in(server: Dovecot, user: str, home: Path) -> None:
    for name in (*RECRUITERS, *OTHERS):
        assert deliver(server, user, mail(name)) == 0
    spam, inbox = boxes(home)
    assert sorted(map(strip, spam)) == sorted(map(mail, RECRUITERS))
    assert sorted(map(strip, inbox)) == sorted(map(mail, OTHERS))
    assert all(b"X-Spamrec: " in raw for raw in spam + inbox)


@pytest.mark.parametrize("broken", [*BROKEN, "hangs"])
def test_with_spamrec_broken_every_mail_arrives_in_the_inbox(
    server: Dovecot, user: str, broken: str, spamrec: str
) -> None:
    """As it was; not even a mail that comes with our header goes elsewhere."""
    script = "sleep 60" if broken == "hangs" else BROKEN[broken]
    if script and "os.kill" in script:  # in the Python that this user may run
        script = script.replace(f"exec {sys.executable} ", spamrec.replace('-m spamrec "$@"', ""))
    home = settle(server, user, script)
    mails = [mail(RECRUITERS[0]), mail(OTHERS[0]), FORGED]
    assert [deliver(server, user, raw) for raw in mails] == [0] * len(mails)
    assert boxes(home)[0] == []
    assert sorted(boxes(home)[1]) == sorted(mails)


def test_many_at_once_all_arrive(server: Dovecot, user: str, home: Path) -> None:
    mails = [mail(RECRUITERS[n % 2]) + b"\n%d" % n for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda raw: deliver(server, user, raw), mails)) == {0}
    assert sorted(strip(raw) for box in boxes(home) for raw in box) == sorted(mails)


def test_a_large_mail_passes_whole(server: Dovecot, user: str, home: Path) -> None:
    large = mail(RECRUITERS[0]) + b"\n0123456789abcdef" * 200_000
    assert deliver(server, user, large) == 0
    assert [strip(raw) for box in boxes(home) for raw in box] == [large]


# --- spamtest ------------------------------------------------------------------------------------------------


def test_a_script_of_the_readers_own_asks_for_the_probability(user: str, spamrec: str) -> None:
    def tagging_only(base: Path) -> str:
        return configuration(base).replace("dovecot-spamrec.sieve", "dovecot-tag.sieve")

    with dovecot(more=tagging_only) as server:
        compile_scripts(server)
        home = settle(server, user, spamrec)
        shutil.copy(RECIPES / "dovecot-spamtest.sieve", home / ".dovecot.sieve")
        for name in (*RECRUITERS, *OTHERS):
            assert deliver(server, user, mail(name)) == 0
        spam, inbox = boxes(home)
        assert sorted(map(strip, spam)) == sorted(map(mail, RECRUITERS))
        assert sorted(map(strip, inbox)) == sorted(map(mail, OTHERS))
        home.joinpath(".local/bin/spamrec").unlink()
        assert deliver(server, user, mail(RECRUITERS[0])) == 0
        assert mail(RECRUITERS[0]) in boxes(home)[1]


# --- learning ------------------------------------------------------------------------------------------------


def labels(home: Path) -> dict[str, str]:
    """Labels in the reader's history by Message-ID."""
    path = home / ".local" / "share" / "spamrec" / "history.db"
    if not path.exists():
        return {}
    with History(path, read_only=True) as history:
        return {str(one): str(label) for one, label in history.store.rows("SELECT message_id, label FROM received")}


def message_id(name: str) -> str:
    return message.parse(mail(name)).message_id


def by_hand(server: Dovecot, user: str, name: str, whence: str, whither: str) -> None:
    """Move a mail as the reader's own program does."""
    with server.client(user) as client:
        for folder in (whence, whither):
            if not client.folder_exists(folder):
                client.create_folder(folder)
        client.select_folder(whence)
        client.move(client.search(["HEADER", "Message-ID", message_id(name)]), whither)


def test_what_is_moved_by_hand_is_learnt(server: Dovecot, user: str, home: Path) -> None:
    pitch, other = RECRUITERS[0], OTHERS[0]
    for name in (pitch, other):
        deliver(server, user, mail(name))
    assert set(labels(home).values()) == {""}
    by_hand(server, user, pitch, "Recruiters", "INBOX")
    by_hand(server, user, other, "INBOX", "Recruiters")
    assert labels(home) == {message_id(pitch): "legitimate", message_id(other): "spam"}
    by_hand(server, user, other, "Recruiters", "INBOX")
    assert labels(home)[message_id(other)] == "legitimate"


def test_what_is_thrown_away_teaches_nothing(server: Dovecot, user: str, home: Path) -> None:
    deliver(server, user, mail(RECRUITERS[0]))
    by_hand(server, user, RECRUITERS[0], "Recruiters", "Trash")
    assert labels(home) == {message_id(RECRUITERS[0]): ""}


def test_a_filter_that_files_teaches_nothing(server: Dovecot, user: str, home: Path) -> None:
    for name in RECRUITERS:
        deliver(server, user, mail(name))
    assert set(labels(home).values()) == {""}


def test_with_spamrec_broken_a_mail_can_be_moved_all_the_same(server: Dovecot, user: str) -> None:
    home = settle(server, user, None)
    deliver(server, user, mail(RECRUITERS[0]))
    by_hand(server, user, RECRUITERS[0], "INBOX", "Recruiters")
    assert boxes(home) == ([mail(RECRUITERS[0])], [])
