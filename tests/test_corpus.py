"""The corpus in `data/` keeps to what makes a model trained on it right on strangers' mail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import corpus_checks
import corpus_mail
from corpus_checks import CHECKS, Check
from corpus_mail import Corpus, Item
from corpus_words import giveaways, templates, tokens


@pytest.fixture(scope="module")
def corpus(data: Path) -> Corpus:
    return corpus_mail.read(data)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_found_in_the_corpus(corpus: Corpus, check: Check) -> None:
    found = list(check(corpus))
    assert not found, "\n".join(found)


# --- the checks find what they are for ---------------------------------------------------------------------

MAIL = """From: Ann <ann@firm.example>
To: Bob <bob@home.example>
Date: Tue, 03 Feb 2026 10:00:00 +0000
Subject: {subject}
Message-ID: <{subject}@firm.example>
Content-Type: text/plain; charset="utf-8"

{body}
"""


def mail(name: str, body: str = "Some words of text.", *, headers: str = "") -> Item:
    """A message of reader `bob`, `name` being its folder and file."""
    text = headers + MAIL.format(subject=name.replace("/", "."), body=body)
    return Item(Path(f"data/bob/{name}.eml"), text.encode())


def found(check: Check, *items: Item) -> list[str]:
    return list(check(Corpus(Path("data"), items)))


def test_an_uneven_reader_is_found() -> None:
    spam = [mail(f"spam/s{n}") for n in range(7)]
    legit = [mail(f"legit/l{n}") for n in range(3)]
    assert found(corpus_checks.balance, *spam, *legit) == ["data/bob: 70% of 10 messages are spam"]
    assert not found(corpus_checks.balance, *spam[:3], *legit)


def test_a_corpus_too_small_or_without_a_row_is_found() -> None:
    assert len(found(corpus_checks.size, mail("spam/one"))) == 2
    assert len(found(corpus_checks.rows_covered, mail("spam/one"))) == 26


@pytest.mark.parametrize(
    ("names", "finding"),
    [
        (["spam/b02-far-pair-a"], "the other side of the pair is missing"),
        (["spam/b27-far-pair-a", "legit/b27-far-pair-b"], "no such row"),
        (["legit/b02-far-pair-a", "spam/b02-far-pair-b"], "side a is legitimate"),
        (["spam/far-pair-a"], "not bNN-NAME-pair-a"),
        (["spam/b02-far-pair-c"], "not bNN-NAME-pair-a"),
    ],
)
def test_an_ill_named_pair_is_found(names: list[str], finding: str) -> None:
    assert finding in "".join(found(corpus_checks.pair_names, *map(mail, names)))


def test_a_well_named_pair_is_not() -> None:
    assert not found(corpus_checks.pair_names, mail("spam/b02-far-pair-a"), mail("spam/b02-far-pair-b"))


def test_a_message_without_sender_date_or_text_is_found() -> None:
    empty = Item(Path("data/bob/spam/x.eml"), b"Subject: x\n\n")
    assert [f.partition(": ")[2] for f in found(corpus_checks.whole, empty)] == [
        "no sender",
        "no date",
        "neither text nor attachment",
    ]
    assert not found(corpus_checks.whole, mail("spam/ok"))


def test_a_message_id_twice_is_found() -> None:
    again = Item(Path("data/bob/legit/again.eml"), mail("spam/one").raw)
    assert found(corpus_checks.message_ids, mail("spam/one"), again) == [
        "data/bob/legit/again.eml: Message-ID of data/bob/spam/one.eml"
    ]


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("jobs@firm.example", False),
        ("invitations@linkedin.com", False),
        ("ravik@gmail.com", False),
        ("an-address-of-over-thirty-characters@yahoo.com", False),
        ("ravi.kumar@gmail.com", True),
        ("jobs@realfirm.com", True),
        ("someone@other.linkedin.com.evil.net", True),
    ],
)
def test_an_address_that_somebody_may_hold_is_found(address: str, held: bool) -> None:
    assert bool(found(corpus_checks.addresses, mail("spam/x", f"Write to {address}."))) is held


ALTERNATIVE = """From: ann@firm.example
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset="utf-8"

{plain}
--b
Content-Type: text/html; charset="{charset}"

<html><head><meta charset="utf-8"></head><body><p>{page}</p></body></html>
--b--
"""


@pytest.mark.parametrize(("page", "differ"), [("one two three", False), ("something else entirely", True)])
def test_two_bodies_that_differ_are_found(page: str, differ: bool) -> None:
    raw = ALTERNATIVE.format(plain="one two three", page=page, charset="utf-8").encode()
    assert bool(found(corpus_checks.bodies_agree, Item(Path("data/bob/spam/x.eml"), raw))) is differ


@pytest.mark.parametrize(("charset", "differ"), [("utf-8", False), ("windows-1252", True)])
def test_a_page_that_names_another_charset_is_found(charset: str, differ: bool) -> None:
    raw = ALTERNATIVE.format(plain="one", page="one", charset=charset).encode()
    assert bool(found(corpus_checks.charsets_agree, Item(Path("data/bob/spam/x.eml"), raw))) is differ


LONG = "the quick brown fox jumps over the lazy dog and runs home again before dinner is cold"


def test_a_template_is_found() -> None:
    one, two = mail("spam/one", f"{LONG}."), mail("legit/two", f"Well: {LONG}!")
    assert found(templates, one, two)


def test_quoted_text_footers_and_pairs_are_no_templates() -> None:
    one = mail("spam/one", f"{LONG}.")
    assert not found(templates, one, mail("legit/two", f"> {LONG}"))
    assert not found(templates, one, mail("legit/two", f"Bye.\n-----\n{LONG}"))
    assert not found(templates, mail("spam/b02-x-pair-a", LONG), mail("legit/b02-x-pair-b", LONG))


def test_a_habit_that_gives_the_label_away_is_found() -> None:
    spam = [mail(f"spam/s{n}", "Buy now", headers="X-Mailer: BlastPro 7\n") for n in range(20)]
    legit = [mail(f"legit/l{n}", "See you") for n in range(20)]
    told = "".join(found(giveaways, *spam, *legit))
    assert "'header:x-mailer' stands in 20 spam messages and 0 others" in told
    assert "'word:x-mailer:blastpro'" in told
    assert "'text:see' stands in 20 legit messages" in told
    assert "header:subject" not in told


def test_every_habit_is_a_token() -> None:
    raw = ALTERNATIVE.format(plain="Hello", page="Hello", charset="windows-1252").encode()
    found_tokens = tokens(Item(Path("data/bob/spam/x.eml"), raw))
    assert {"text:hello", "type:text/html", "charset:windows-1252", "boundary:a", "header:from"} <= found_tokens


# --- what stands beside the mail ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reader = tmp_path / "bob"
    (reader / "spam").mkdir(parents=True)
    (reader / "spam" / "one.eml").write_bytes(mail("spam/one").raw)
    return reader


def test_a_bad_profile_is_found(folder: Path) -> None:
    (folder / "profile.toml").write_text("nam = 'Bob'\n")
    assert "unknown key" in "".join(corpus_checks.profiles(corpus_mail.read(folder.parent)))


@pytest.mark.parametrize(
    ("entry", "finding"),
    [
        ('[[barred]]\naddress = "@shark.example"\non = 2025-01-01', ""),
        ('[[barred]]\naddress = "shark.example"\non = 2025-01-01', "is no address"),
        ('[[barred]]\naddress = "@shark.example"\non = "2025-01-01"', "is no date"),
        ('[[barred]]\naddress = "@shark.example"', "on missing"),
        ('[[barred]]\naddress = "@shark.example"\non = 2025-01-01\nwhy = "x"', "unknown key why"),
        ('[[blocked]]\naddress = "@shark.example"', "unknown blocked"),
        ("[[barred", "Expected"),
    ],
)
def test_a_bad_history_is_found(folder: Path, entry: str, finding: str) -> None:
    (folder / "history.toml").write_text(entry)
    told = "".join(corpus_checks.histories(corpus_mail.read(folder.parent)))
    assert finding in told
    assert bool(told) is bool(finding)


def test_a_note_about_a_message_that_is_not_there_is_found(folder: Path) -> None:
    (folder / "not-pitches.txt").write_text("one\ntwo\n")
    told = list(corpus_checks.notes(corpus_mail.read(folder.parent)))
    assert told == [f"{folder / 'not-pitches.txt'}: two is not in spam/"]


def test_the_command_ends_with_a_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert corpus_checks.main(str(folder.parent)) == 1
    shutil.rmtree(folder)
    assert "1 messages read" in capsys.readouterr().out
