"""The recipes for procmail and maildrop, run by these: recruiters' mail into its folder, the rest into the inbox; and where
spamrec fails in whatever way, every mail arrives in the inbox, or waits with the mail server where that is wanted."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reader import BROKEN, OTHERS, RECIPES, RECRUITERS, environment, mail, maildir, make, mbox, needs

from spamrec.tagging import strip

pytestmark = needs("procmail", "maildrop")

TEMPFAIL = 75
FORGED = b"X-Spamrec: Spam, probability=1.000000, threshold=0.900, model=none\n" + mail("12-mother")


def procmail(recipe: str, home: Path) -> list[str]:
    """The command that delivers with this recipe, which reads HOME; a mail server names the sender too."""
    return ["procmail", "-f", "sender@x.example", f"HOME={home}", str(RECIPES / recipe)]


def maildrop(recipe: str, home: Path) -> list[str]:
    """As `procmail`; maildrop takes HOME from the password file unless told otherwise."""
    script = home / "include"
    if not script.exists():  # else another delivery may read it just then
        script.write_text(f'import HOME\ninclude "{RECIPES / recipe}"\n', encoding="utf-8")
    return ["maildrop", str(script)]


Agent = Callable[[str, Path], list[str]]
PASSING: dict[str, Agent] = {"procmailrc-filter": procmail, "procmailrc-condition": procmail, "mailfilter": maildrop}
DEFERRING: dict[str, Agent] = {"procmailrc-defer": procmail, "mailfilter-defer": maildrop}
TAGGING = ("procmailrc-filter", "mailfilter", *DEFERRING)
AGENTS = PASSING | DEFERRING


def deliver(recipe: str, home: Path, raw: bytes) -> int:
    """The status with which the delivery ends."""
    command = AGENTS[recipe](recipe, home)
    return subprocess.run(
        command, input=raw + b"\n", env=environment(home), capture_output=True, timeout=120
    ).returncode


def boxes(home: Path) -> tuple[list[bytes], list[bytes]]:
    """What lies in the recruiters' folder and in the inbox, of whichever kind they are."""
    return (
        maildir(home / "Maildir" / ".Recruiters") + mbox(home / "Mail" / "recruiters"),
        maildir(home / "Maildir") + mbox(home / "Mail" / "inbox"),
    )


@pytest.mark.parametrize("recipe", AGENTS)
def test_recruiters_mail_is_filed_and_the_rest_comes_in(recipe: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    for name in (*RECRUITERS, *OTHERS):
        assert deliver(recipe, home, mail(name)) == 0
    spam, inbox = boxes(home)
    assert sorted(map(strip, spam)) == sorted(map(mail, RECRUITERS))
    assert sorted(map(strip, inbox)) == sorted(map(mail, OTHERS))
    tagged = [raw for raw in spam + inbox if raw.startswith(b"X-Spamrec: ")]
    assert len(tagged) == (len(spam + inbox) if recipe in TAGGING else 0)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("recipe", PASSING)
def test_with_spamrec_broken_every_mail_arrives_in_the_inbox(recipe: str, broken: str, tmp_path: Path) -> None:
    """As it was; not even a mail that comes with our header goes elsewhere."""
    home = make(tmp_path / "home", BROKEN[broken])
    mails = [mail(RECRUITERS[0]), mail(OTHERS[0]), FORGED]
    assert [deliver(recipe, home, raw) for raw in mails] == [0] * len(mails)
    assert boxes(home)[0] == []
    assert sorted(boxes(home)[1]) == sorted(mails)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("recipe", DEFERRING)
def test_with_spamrec_broken_every_mail_waits_where_that_is_wanted(recipe: str, broken: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home", BROKEN[broken])
    assert [deliver(recipe, home, raw) for raw in (mail(RECRUITERS[0]), FORGED)] == [TEMPFAIL] * 2
    assert boxes(home) == ([], [])


@pytest.mark.parametrize("recipe", DEFERRING)
def test_what_cannot_be_judged_waits_where_that_is_wanted(recipe: str, tmp_path: Path) -> None:
    """The filter itself says so, by its status."""
    home = make(tmp_path / "home")
    (home / ".config" / "spamrec").mkdir(parents=True)
    (home / ".config" / "spamrec" / "profile.toml").write_text("nonsense = 1", encoding="utf-8")
    assert deliver(recipe, home, mail(RECRUITERS[0])) == TEMPFAIL
    assert boxes(home) == ([], [])


@pytest.mark.parametrize("recipe", PASSING)
def test_what_cannot_be_judged_arrives(recipe: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    (home / ".config" / "spamrec").mkdir(parents=True)
    (home / ".config" / "spamrec" / "config.toml").write_text("nonsense = 1", encoding="utf-8")
    assert deliver(recipe, home, mail(RECRUITERS[0])) == 0
    assert boxes(home) == ([], [mail(RECRUITERS[0])])


@pytest.mark.parametrize("recipe", AGENTS)
def test_a_large_mail_passes_whole(recipe: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    large = mail(RECRUITERS[0]) + b"\n0123456789abcdef" * 200_000
    assert deliver(recipe, home, large) == 0
    assert [strip(raw) for box in boxes(home) for raw in box] == [large]


@pytest.mark.parametrize("recipe", ["procmailrc-filter", "mailfilter"])
def test_many_at_once_all_arrive(recipe: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    mails = [mail(RECRUITERS[n % 2]) + b"\n%d" % n for n in range(12)]
    AGENTS[recipe](recipe, home)
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(lambda raw: deliver(recipe, home, raw), mails)) == {0}
    assert sorted(strip(raw) for box in boxes(home) for raw in box) == sorted(mails)
