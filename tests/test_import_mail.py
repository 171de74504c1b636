"""The Sent folder tells whom the reader knows and what they asked; an archive tells who writes where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from spamrec import imports, message, wishes
from spamrec.errors import MissingInputError
from spamrec.history import History, Request
from spamrec.message import Message
from spamrec.wishes import Wish

DAY = date(2026, 3, 2)
OWN = ("ray@own.example", "ray.kim@home.example")


def raw(
    sender: str,
    to: str,
    *,
    text: str = "Hello there.",
    subject: str = "Hello",
    headers: str = "",
    on: date = DAY,
    number: int = 1,
) -> bytes:
    """A mail at noon of a day."""
    when = datetime(on.year, on.month, on.day, 12, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    head = f"From: {sender}\nTo: {to}\nDate: {when}\nMessage-ID: <{number}.{on}@m.example>\nSubject: {subject}\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\n{headers}\n{text}\n".encode()


def folder(path: Path, *mails: bytes) -> Path:
    path.mkdir()
    for number, one in enumerate(mails):
        (path / f"{number}.eml").write_bytes(one)
    return path


@pytest.fixture
def history() -> Iterator[History]:
    with History() as memory:
        yield memory


def from_(sender: str, *, on: date = DAY + timedelta(days=30), headers: str = "") -> Message:
    """A mail that comes a month later."""
    return message.parse(raw(sender, OWN[0], headers=headers, on=on, number=99))


# --- sent --------------------------------------------------------------------------------------------------


def test_recipients_become_correspondents(history: History, tmp_path: Path) -> None:
    headers = "Cc: Bob <bob@y.example>, ray.kim@home.example\nReply-To: elsewhere@z.example\nBcc: secret@x.example\n"
    quoted = "I agree.\n\nOn Monday, eve@q.example wrote:\n> mail me at eve@q.example"
    automatic = "noreply@shop.example, do-not-reply@shop.example, sql-request@lists.example, pass@lists.x.example"
    to = f"Ann <ann@x.example>, {automatic}"
    sent = folder(tmp_path / "Sent", raw("Ray <ray@own.example>", to, headers=headers, text=quoted))
    done = imports.sent(history, [sent], own=OWN)
    assert (done.read, done.added, done.known, done.people, done.requests, done.skipped) == (
        1,
        1,
        0,
        2,
        0,
        (),
    )
    known = {a: bool(history.standing(from_(a)).known) for a in
             ("ann@x.example", "bob@y.example", "eve@q.example", "noreply@shop.example", "do-not-reply@shop.example",
              "elsewhere@z.example", "secret@x.example", "ray.kim@home.example", "pass@lists.x.example")}  # fmt: skip
    assert [address for address in known if known[address]] == ["ann@x.example", "bob@y.example"]


def test_an_import_told_twice_changes_nothing(history: History, tmp_path: Path) -> None:
    sent = folder(
        tmp_path / "Sent",
        raw(OWN[0], "ann@x.example"),
        raw(OWN[0], "eve@q.example", subject="Unsubscribe", number=2),
    )
    first = imports.sent(history, [sent], own=OWN)
    counts = history.counts()
    again = imports.sent(history, [sent, sent], own=OWN)
    assert (first.added, first.people, first.requests) == (2, 1, 1)
    assert (again.read, again.added, again.known, again.people, again.requests) == (4, 0, 4, 0, 0)
    assert history.counts() == counts


def test_mail_of_others_in_the_folder_makes_nobody_known(history: History, tmp_path: Path) -> None:
    sent = folder(tmp_path / "All", raw("eve@q.example", "ann@x.example"), raw(OWN[1], "bob@y.example", number=2))
    done = imports.sent(history, [sent], own=OWN)
    assert done.skipped == (("not written from one of your addresses", 1),)
    assert not history.standing(from_("ann@x.example")).known
    assert history.standing(from_("bob@y.example")).known
    assert imports.sent(history, [sent]).people == 1, "with no address stated all of it is the reader's"


def test_a_request_goes_to_whom_it_was_sent_and_whom_it_answers(history: History, tmp_path: Path) -> None:
    pitch = raw("jane@shark.example", OWN[0], headers="Reply-To: reply+77@ats.example\n")
    inbox = folder(tmp_path / "in", pitch)
    answer = raw(OWN[0], "reply+77@ats.example", text="Take me off your list, all of you.", on=DAY + timedelta(days=1),
                 headers="In-Reply-To: <1.2026-03-02@m.example>\n", number=2)  # fmt: skip
    imports.mail(history, [inbox], own=OWN)
    done = imports.sent(history, [folder(tmp_path / "Sent", answer)], own=OWN)
    assert done.requests == 4
    for sender in ("jane@shark.example", "bob@shark.example", "reply+77@ats.example"):
        standing = history.standing(from_(sender))
        assert (standing.known, standing.ignores_request) == ("", True), sender
    before = history.standing(from_("jane@shark.example", on=DAY))
    assert before.asked_to_stop is None


def test_a_command_to_a_list_is_no_request_to_its_host(history: History, tmp_path: Path) -> None:
    to = "sql-request@lists.example, listserv@uni.example, leave-77@news.example"
    sent = folder(tmp_path / "Sent", raw(OWN[0], to, subject="unsubscribe", text="unsubscribe"))
    assert imports.sent(history, [sent], own=OWN).requests == 0


STOP, COMPLAINT, FIRM = Wish(stop=True), Wish(complaint=True), Wish(stop=True, whole_firm=True)
BOTH, NOTHING = Wish(stop=True, complaint=True), Wish()


@pytest.mark.parametrize(
    ("subject", "text", "wish"),
    [
        ("Unsubscribe", "", STOP),
        ("unsubscribe ray@own.example", "unsubscribe", STOP),
        ("STOP", "", STOP),
        ("Re: Java role", "remove", STOP),
        ("Re: Java role", "Please remove me from your database.", STOP),
        ("Re: Java role", "Take me off your list, and that goes for everybody at Shark.", FIRM),
        ("Re: Java role", "Please don’t contact me again.", STOP),
        ("Re: Java role", "I have asked you twice to stop. Remove me now.", BOTH),
        ("Complaint", "Where did you get my address? This goes to the ICO.", COMPLAINT),
        ("Re: Position", "Bitte nehmen Sie mich aus Ihrem Verteiler.", STOP),
        ("Abmelden", "", STOP),
        ("Re: Position", "Ich widerspreche hiermit der Verarbeitung meiner Daten.", BOTH),
        ("Re: Poste", "Merci de me retirer de votre base.", STOP),
        ("Désinscription", "", STOP),
        ("Re: Poste", "Supprimez mes données et ne me contactez plus.", STOP),
        ("Re: Puesto", "Por favor, denme de baja y no me escriban más.", STOP),
        ("Baja", "", STOP),
        ("Re: Puesto", "Borren mis datos de su base.", STOP),
        ("Re: Drivers", "Please take me and the yard off everything you hold, and don't contact us again.", STOP),
        ("Re: Állás", "Kérem, töröljék az adataimat.", STOP),
        ("Re: Állás", "Kérem, hogy töröljék a nevemet és a címemet.", STOP),
        ("Re: Állás", "Harmadszor kérem: ne írjon többet.", BOTH),
        ("Leiratkozás", "", STOP),
        ("Re: Vacature", "Haal mij uit jullie bestand.", STOP),
        ("Re: Vacature", "Graag geen mails meer.", STOP),
        ("Re: Unsubscribe", "Sure, Thursday at ten is fine.", NOTHING),
        ("Re: Java role", "No thanks, but try Ann.", NOTHING),
        ("Re: Java role", "Yes please.\n\nOn Monday, Jane wrote:\n> Reply REMOVE to unsubscribe", NOTHING),
        ("Bus stop", "Does the bus stop at your office? We can stop by afterwards.", NOTHING),
        ("Re: form", "Please remove the comma from my name on the badge.", NOTHING),
        ("How lists work", "You can unsubscribe with the link. " + "And so on. " * 80, NOTHING),
        ("Re: data", "I got five messages from the monitor, all fine.", NOTHING),
        ("Re: trip", "Don't call me before nine.", NOTHING),
        ("Re: képek", "Ne küldj több fényképet, megtelt a postaládám.", NOTHING),
        ("Re: notaris", "Nog geen mail meer gehad van de notaris?", NOTHING),
    ],
)
def test_wishes_are_read_in_six_languages(subject: str, text: str, wish: Wish) -> None:
    assert wishes.read(message.parse(raw(OWN[0], "jane@shark.example", subject=subject, text=text))) == wish


def test_wishes_of_the_corpus_are_read(root: Path) -> None:
    """The own mail of the corpus's readers: its file names say which are requests and complaints."""
    marks = (
        "complaint",
        "stop",
        "ne-irjon",
        "leiratkoz",
        "panasz",
        "unsubscribe",
        "remove-me",
        "baja",
        "queja",
        "plainte",
        "desins",
        "wider",
        "gdpr",
        "austragen",
        "no-agency",
        "tallymark-off",
    )
    to_a_list = {"plug-complaint-agencies"}
    files = sorted((root / "data").glob("*/sent/*.eml"))
    assert len(files) > 90
    told = {path.stem for path in files if wishes.read(message.parse(path.read_bytes()))}
    marked = {path.stem for path in files if any(mark in path.stem for mark in marks)} - to_a_list
    assert marked <= told
    assert len(told - marked) <= 3


# --- mail --------------------------------------------------------------------------------------------------


def test_an_archive_tells_who_posts_where(history: History, tmp_path: Path) -> None:
    header = "List-Id: <sql.lists.example>\n"
    posts = [raw("ann@x.example", "sql@lists.example", headers=header, number=n) for n in range(3)]
    nobody = b"Subject: no sender\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n\nhello\n"
    undated = b"From: bob@y.example\nSubject: when\n\nhello\n"
    inbox = folder(tmp_path / "in", *posts, raw(OWN[0], "ann@x.example", number=7), nobody, undated, b"no mail at all")
    done = imports.mail(history, [inbox], own=OWN)
    assert (done.read, done.added, done.known) == (7, 3, 0)
    assert dict(done.skipped) == {
        "written by you": 1,
        "without a sender": 1,
        "without a date": 1,
        "not mail": 1,
    }
    standing = history.standing(from_("ann@x.example", headers=header))
    assert (standing.earlier, standing.list_posts, standing.known) == (3, 3, "")
    assert imports.mail(history, [inbox], own=OWN).added == 0


def test_an_apology_in_an_archive_is_a_repair(history: History, tmp_path: Path) -> None:
    history.add_request("jane@shark.example", Request.STOP, DAY)
    later = DAY + timedelta(days=3)
    apologies = [
        raw(f"{who}@shark.example", OWN[0], on=later, text="Sorry, removed.", number=n)
        for n, who in enumerate(("jane", "bob"))
    ]
    done = imports.mail(history, [folder(tmp_path / "in", *apologies)], repairs=lambda one: "Sorry" in one.text)
    assert (done.added, done.requests) == (2, 1)
    assert history.standing(from_("jane@shark.example")).repaired


def test_progress_is_told_and_a_missing_path_is_an_error(history: History, tmp_path: Path) -> None:
    steps: list[int] = []
    inbox = folder(tmp_path / "in", *[raw("ann@x.example", OWN[0], number=n) for n in range(imports.BATCH + 5)])
    imports.mail(history, [inbox], progress=steps.append)
    assert steps == [imports.BATCH, imports.BATCH + 5]
    with pytest.raises(MissingInputError):
        imports.mail(history, [tmp_path / "none"])


@pytest.mark.slow
def test_ten_thousand_mails_take_less_than_a_minute(tmp_path: Path) -> None:
    import time

    inbox = folder(tmp_path / "in", *[raw(f"s{n % 900}@f{n % 300}.example", OWN[0], number=n) for n in range(10_000)])
    begin = time.monotonic()
    with History(tmp_path / "history.db") as memory:
        assert imports.mail(memory, [inbox]).added == 10_000
    assert time.monotonic() - begin < 60
