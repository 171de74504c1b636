"""What is remembered tells how a sender stands, on the day of the message and not later."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from spamrec import message, senders
from spamrec.domains import firm, organisation
from spamrec.errors import HistoryError
from spamrec.history import GRACE, UNKNOWN, History, Request, Standing
from spamrec.message import Message
from spamrec.profile import Profile
from spamrec.store import APPLICATION_ID

DAY = date(2026, 3, 2)
JANE = "jane@shark.example"


def mail(
    sender: str = JANE,
    *,
    on: date = DAY,
    to: str = "ray@own.example",
    headers: str = "",
    text: str = "A role for you.",
    number: int = 1,
    subject: str = "A role",
) -> Message:
    """A mail at noon of a day."""
    when = datetime(on.year, on.month, on.day, 12, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    head = f"From: {sender}\nTo: {to}\nDate: {when}\nMessage-ID: <{number}.{on}@m.example>\nSubject: {subject}\n"
    return message.parse(f"{head}{headers}\n{text}\n".encode())


def invitation(person: str, *, link: str = "") -> Message:
    """LinkedIn's notice of an invitation."""
    text = f"{person}\nRecruiter at Shark\n\nRay, please join my network\n\n{link}"
    return mail(f"{person} <invitations@linkedin.com>", text=text, subject="Invitation to connect")


@pytest.fixture
def history() -> Iterator[History]:
    with History() as memory:
        yield memory


def test_of_a_stranger_nothing_is_known(history: History) -> None:
    assert history.standing(mail()) == UNKNOWN == Standing()


# --- B9, B22: what the reader asked ------------------------------------------------------------------------


@pytest.mark.parametrize("asked_of", [JANE, "@shark.example"])
@pytest.mark.parametrize("sender", [JANE, "jane@mail.shark.example"])
def test_a_request_is_ignored_once_the_grace_is_over(history: History, asked_of: str, sender: str) -> None:
    history.add_request(asked_of, Request.STOP, DAY)
    in_time, late = (history.standing(mail(sender, on=DAY + GRACE + timedelta(days=n))) for n in (0, 1))
    concerned = asked_of == sender or asked_of.startswith("@")
    assert (in_time.asked_to_stop, in_time.ignores_request) == (DAY if concerned else None, False)
    assert late.ignores_request == concerned
    assert late.firm_ignores != concerned


def test_a_request_to_a_colleague_is_told_apart(history: History) -> None:
    history.add_request("bob@eu.shark.example", Request.STOP, DAY)
    standing = history.standing(mail(on=DAY + timedelta(days=30)))
    assert (standing.asked_to_stop, standing.ignores_request) == (None, False)
    assert (standing.firm_asked, standing.firm_ignores) == (DAY, True)
    history.add_request("bob@gmail.com", Request.STOP, DAY)
    assert history.standing(mail("jane@gmail.com")).firm_asked is None


def test_a_barred_firm_is_barred_from_that_day_on(history: History) -> None:
    history.add_request("@shark.example", Request.BARRED, DAY)
    assert not history.standing(mail(on=DAY - timedelta(days=1))).barred
    assert history.standing(mail(on=DAY)).barred
    assert history.standing(mail("x@other.example"), Profile(never=("@other.example",))).barred


# --- B10: whom the reader knows ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("via", "reason"),
    [
        ("address book", "in your address book"),
        ("sent", "you wrote to them before"),
        ("linkedin", "your connection on LinkedIn"),
    ],
)
def test_a_correspondent_is_known_since_a_day(history: History, via: str, reason: str) -> None:
    history.add_correspondent(JANE.upper(), via=via, since=DAY)
    assert history.standing(mail(on=DAY - timedelta(days=1))) == UNKNOWN
    assert history.standing(mail(on=DAY)).known == reason


@pytest.mark.parametrize(
    ("known", "sender", "same"),
    [
        ("bob@shark.example", "jane@mail.shark.example", True),
        ("bob@a.co.uk", "jane@b.co.uk", False),
        ("bob@x.a.co.uk", "jane@a.co.uk", True),
        ("bob@gmail.com", "jane@gmail.com", False),
        ("bob@googlemail.com", "jane@googlemail.com", False),
        ("x@reply.linkedin.com", "jobs@linkedin.com", False),
        ("bob@a.github.io", "jane@b.github.io", False),
        ("bob@shark.example", "jane@notshark.example", False),
    ],
)
def test_a_firm_is_known_by_its_organisational_domain(history: History, known: str, sender: str, same: bool) -> None:
    history.add_correspondent(known, via="sent", since=DAY)
    assert history.standing(mail(sender)).known_firm is same


def test_the_readers_own_domain_is_no_firm_known(history: History) -> None:
    history.add_sent(mail("ray@own.example", to="ray.kim@home.example, boss@own.example"))
    history.add_own(["ray.kim@home.example"])
    standing = history.standing(mail("ray.kim@home.example", on=DAY + timedelta(days=1)))
    assert (standing.known, standing.known_firm) == ("", False)
    assert not history.standing(mail("thief@own.example", on=DAY + timedelta(days=1))).known_firm


def test_a_connection_is_known_by_name_in_a_notice(history: History) -> None:
    history.add_correspondent("linkedin:zoë lee", via="linkedin", since=DAY, name="Zoë Lee, MD (she/her)")
    assert history.standing(invitation("Zoe Lee")).known == "your connection"
    assert not history.standing(invitation("Zoe Leeson")).known


def test_pages_tell_members_of_one_name_apart(history: History) -> None:
    history.add_correspondent("linkedin:in/jane-roe-1", via="linkedin", since=DAY, name="Jane Roe", page="jane-roe-1")
    links = {number: f"https://www.linkedin.com/comm/in/jane-roe-{number}?x=1" for number in (1, 2)}
    assert history.standing(invitation("Jane Roe", link=links[1])).known
    assert not history.standing(invitation("Jane Roe", link=links[2])).known
    assert history.standing(invitation("Jane Roe")).known
    assert history.standing(invitation("Jane Roe", link="https://www.linkedin.com/in/raykim")).known


# --- B11, B15, B25: threads, lists, what came before -------------------------------------------------------


def test_an_answer_to_an_own_message_is_told(history: History) -> None:
    own = mail("ray@own.example", to="ann@x.example")
    history.add_sent(own)
    later = DAY + timedelta(days=1)
    assert history.standing(mail(on=later, headers=f"In-Reply-To: {own.message_id}\n")).own_thread
    assert history.standing(mail(on=later, headers=f"References: <a@b> {own.message_id} <c@d>\n")).own_thread
    assert not history.standing(
        mail(on=later, headers="In-Reply-To: <fake@own.example>\n", subject="Re: A role")
    ).own_thread
    early = mail(on=DAY - timedelta(days=1), headers=f"In-Reply-To: {own.message_id}\n")
    assert not history.standing(early).own_thread


def test_an_answer_to_a_request_to_stop_is_told_apart(history: History) -> None:
    own = mail("ray@own.example", to=JANE, text="Please take me off your list.")
    history.add_sent(own)
    standing = history.standing(mail(on=DAY + timedelta(days=1), headers=f"In-Reply-To: {own.message_id}\n"))
    assert (standing.own_thread, standing.answers_request, standing.known) == (True, True, "")


def test_posts_on_the_list_count_on_that_list_only(history: History) -> None:
    history.add_received(mail(headers="List-Id: SQL <sql.lists.example>\n"))
    history.add_posts("Sql.Lists.example", JANE, DAY - timedelta(days=500), 4)
    later = DAY + timedelta(days=1)
    post = mail(on=later, headers="List-Id: <SQL.lists.example>\n")
    assert history.standing(post).list_posts == 5
    assert history.standing(mail(on=later, headers="List-Id: <other.lists.example>\n")).list_posts is None
    assert (
        history.standing(mail("bob@shark.example", on=later, headers="List-Id: <sql.lists.example>\n")).list_posts == 0
    )


@pytest.mark.parametrize("label", ["spam", "legitimate"])
def test_a_follow_up_takes_over_the_verdict(history: History, label: str) -> None:
    first = mail()
    history.remember(first, label)
    refers = f"References: {first.message_id}\n"
    follow_up = history.standing(mail(on=DAY + timedelta(days=3), headers=refers))
    assert (follow_up.judged, follow_up.thread_judged, follow_up.earlier) == (label, label, 1)
    colleague = history.standing(mail("bob@shark.example", on=DAY + timedelta(days=3), headers=refers))
    assert (colleague.judged, colleague.thread_judged) == ("", label)
    stranger = history.standing(mail("eve@other.example", on=DAY + timedelta(days=3), headers=refers))
    assert stranger.thread_judged == "", "naming somebody's thread is no way into it"
    assert history.standing(first) == UNKNOWN, "a message is none of its own past"


def test_the_readers_label_outdoes_the_verdict(history: History) -> None:
    history.remember(mail(), "spam")
    history.add_received(mail(), "legitimate")
    later = mail(on=DAY + timedelta(days=1))
    assert history.standing(later).judged == "legitimate"
    assert history.forget_label(mail())
    assert history.standing(later).judged == "spam"
    assert not history.forget_label(mail())


# --- B17: repair -------------------------------------------------------------------------------------------


def test_a_repair_restores_standing_until_they_pitch_again(history: History) -> None:
    history.add_request("@shark.example", Request.STOP, DAY)
    asked: list[Message] = []

    def repairs(one: Message) -> bool:
        asked.append(one)
        return "sorry" in one.text

    history.remember(mail("eve@other.example", on=DAY + timedelta(days=20), text="sorry"), "spam", repairs=repairs)
    assert asked == [], "only those of whom something was asked can make it good"
    history.remember(mail(on=DAY + timedelta(days=20), text="So sorry, removed."), "legitimate", repairs=repairs)
    after = [history.standing(mail(on=DAY + timedelta(days=n), number=9)) for n in (19, 21, 30, 31)]
    assert [(one.repaired, one.ignores_request) for one in after] == [(False, True), *[(True, False)] * 3]
    history.remember(mail(on=DAY + timedelta(days=30), number=2), "spam", repairs=repairs)
    relapsed = history.standing(mail(on=DAY + timedelta(days=31), number=3))
    assert (relapsed.repaired, relapsed.ignores_request) == (False, True)
    assert history.standing(mail(on=DAY + timedelta(days=29), number=3)).repaired, "a later pitch is none of its past"


def test_a_request_after_a_repair_stands(history: History) -> None:
    for kind, days in ((Request.COMPLAINT, 0), (Request.REPAIR, 5), (Request.STOP, 9)):
        history.add_request(JANE, kind, DAY + timedelta(days=days))
    states = [history.standing(mail(on=DAY + timedelta(days=n))) for n in (4, 6, 10, 40)]
    assert [one.repaired for one in states] == [False, True, False, False]
    assert [one.ignores_request for one in states] == [False, False, False, True]
    assert history.open_wish(mail(on=DAY + timedelta(days=10))) == JANE


# --- once, and on disk -------------------------------------------------------------------------------------


def test_what_is_told_twice_is_remembered_once(history: History) -> None:
    without_id = message.parse(b"From: jane@shark.example\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n\nhello\n")
    for first in (True, False):
        assert history.add_received(mail()) is first
        assert history.add_received(without_id) is first
        assert history.add_sent(mail("ray@own.example", to="ann@x.example")).new is first
        assert history.add_correspondent("bob@x.example", via="address book", since=DAY) is first
        assert history.add_request(JANE, Request.STOP, DAY) is first
    counts = {"correspondents": 2, "own messages": 1, "requests": 1, "messages received": 2, "labels": 0}
    assert history.counts() == counts


def test_a_forged_message_id_does_not_replace_a_message(history: History) -> None:
    history.remember(mail(), "legitimate")
    history.remember(mail("eve@other.example"), "spam")
    assert history.standing(mail(on=DAY + timedelta(days=1))).judged == "legitimate"


def test_a_transaction_is_kept_whole_or_not_at_all(history: History) -> None:
    def fail() -> None:
        with history.writing():
            history.add_request(JANE, Request.STOP, DAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert history.counts()["requests"] == 0
    history.add_request(JANE, Request.STOP, DAY)
    assert history.counts()["requests"] == 1


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.db"
    old = os.umask(0)
    try:
        with History(path) as memory:
            memory.add_request(JANE, Request.STOP, DAY)
            modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["history.db"]
    path.chmod(0o644)
    History(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_reading_creates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none" / "history.db"
    with History(path, read_only=True) as memory:
        assert memory.standing(mail()) == UNKNOWN
    assert not path.parent.exists()


def test_a_reader_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20" / "history.db"
    with History(path) as memory:
        memory.add_request(JANE, Request.STOP, DAY)
    before = path.read_bytes()
    with History(path, read_only=True) as memory:
        assert memory.standing(mail()).asked_to_stop == DAY
        with pytest.raises(HistoryError, match="readonly"):
            memory.add_request(JANE, Request.BARRED, DAY)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["history.db"]


def test_a_new_file_says_what_it_is(tmp_path: Path) -> None:
    with History(tmp_path / "history.db") as memory:
        assert memory.store.row("PRAGMA application_id") == (APPLICATION_ID,)
        assert memory.store.row("PRAGMA journal_mode") == ("wal",)
        assert memory.store.row("PRAGMA foreign_keys") == (1,)


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("damage", ["text", "newer", "foreign", "page", "cut", "folder"])
def test_a_file_that_cannot_be_used_is_a_clear_error(tmp_path: Path, damage: str, read_only: bool) -> None:
    path = tmp_path / "history.db"
    expected = {"text": "not a database", "newer": "update spamrec", "foreign": "another program",
                "page": "damaged", "cut": "damaged", "folder": "history.db"}  # fmt: skip
    spoil(path, damage)
    with pytest.raises(HistoryError, match=expected[damage]) as caught:
        read_all(path, read_only=read_only)
    assert caught.value.path == str(path)
    assert "\n" not in str(caught.value)


def read_all(path: Path, *, read_only: bool) -> None:
    with History(path, read_only=read_only) as memory:
        memory.standing(mail())
        memory.counts()


def spoil(path: Path, damage: str) -> None:
    """A file in which something is wrong."""
    if damage == "folder":
        path.mkdir()
    elif damage == "text":
        path.write_text("Dear history,\n" * 300)
    elif damage == "foreign":
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE moz_places (a)")
        db.close()
    else:
        with History(path) as memory, memory.writing():
            for number in range(2000):
                memory.add_request(f"someone{number}@somewhere.example", Request.STOP, DAY)
        if damage == "newer":
            db = sqlite3.connect(path)
            db.execute("PRAGMA user_version = 99")
            db.close()
        elif damage == "cut":
            os.truncate(path, 8192)
        else:
            raw = path.read_bytes()
            path.write_bytes(raw[:4096] + b"\xa5" * (len(raw) - 4096))


# --- domains, senders --------------------------------------------------------------------------------------


def test_domains_are_parted_as_the_public_suffix_list_says() -> None:
    """The rules picked for one domain give what the whole list gives."""
    from publicsuffixlist import PSLFILE, PublicSuffixList

    from spamrec.domains import _rules

    whole = PublicSuffixList()
    lines = [line.split()[0] for line in Path(PSLFILE).read_text("utf-8").splitlines() if line[:1] not in ("", "/")]
    for rule in lines[::61]:
        domain = f"mail.firm.{rule.lstrip('!*.')}"
        assert _rules(domain).privatesuffix(domain) == whole.privatesuffix(domain), rule


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("Mail.Shark.CO.UK.", "shark.co.uk"), ("shark.example", "shark.example"), ("co.uk", "co.uk"), ("", ""),
        ("localhost", "localhost"), ("10.1.2.3", "10.1.2.3"), ("[10.1.2.3]", "[10.1.2.3]"), ("a..b", "a..b"),
        ("mail.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"), ("x.city.kobe.jp", "city.kobe.jp"),
    ],
)  # fmt: skip
def test_any_text_has_an_organisation(domain: str, registered: str) -> None:
    assert organisation(domain) == registered


@pytest.mark.parametrize(
    ("address", "expected"),
    [("a@mail.b.example", "b.example"), ("@b.example", "b.example"), ("a@gmail.com", ""), ("a", "")],
)
def test_an_address_stands_for_a_firm(address: str, expected: str) -> None:
    assert firm(address) == expected


def test_senders_are_sorted_by_offence(history: History) -> None:
    for day in range(0, 60, 10):
        history.remember(mail(on=DAY + timedelta(days=day)), "spam")
        history.remember(mail("news@list.example", on=DAY + timedelta(days=day)), "legitimate")
    history.remember(mail("bob@shark.example"), "spam")
    history.add_request(JANE, Request.STOP, DAY + timedelta(days=5))
    history.add_request("@quiet.example", Request.STOP, DAY)
    today = DAY + timedelta(days=45)
    rows = senders.report(history, today=today)
    assert [row.sender for row in rows] == [JANE, "bob@shark.example", "news@list.example", "@quiet.example"]
    assert rows[0] == senders.Sender(
        sender=JANE, first=DAY, last=DAY + timedelta(days=40), count=5, spam=5, legitimate=0,
        asked=DAY + timedelta(days=5), after=4, ignored=3, days_since=40, barred=False,
    )  # fmt: skip
    assert (rows[3].count, rows[3].first, rows[3].days_since) == (0, None, 45)
    by_firm = senders.report(history, by=senders.By.FIRM, today=today)
    assert [(row.sender, row.count, row.ignored) for row in by_firm[:2]] == [
        ("shark.example", 6, 3),
        ("list.example", 5, 0),
    ]
