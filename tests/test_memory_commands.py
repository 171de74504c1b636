"""The same mail with one fact of history changed: `import`, `unsubscribed` or the profile, then `classify`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from command_line import Run
from robin import CARD, FAIR, FAR, PAULA, done, judge, mail, sent, state
from spamrec import history, message


@pytest.fixture(autouse=True)
def reader(home: Path) -> Path:
    """Robin's files, judged by the shipped model."""
    (home / "model.json").unlink()
    state(home)
    return home


# --- B9: a request to stop ---------------------------------------------------------------------------------


def test_b9_mail_after_the_grace_of_a_request_is_spam(run: Run) -> None:
    before = judge(run, mail())
    done(run, "unsubscribed", "paula.greer@tamarack-health.example", "--on", "2025-08-20")
    after = judge(run, mail())
    assert not before.spam
    assert after.spam
    assert "ignores-stop" in after.signals


def test_b9_a_request_for_the_whole_domain_concerns_everybody_there(run: Run) -> None:
    done(run, "unsubscribed", "tamarack-health.example", "--on", "2025-08-20")
    assert judge(run, mail()).spam


def test_b9_mail_within_the_grace_is_not(run: Run) -> None:
    done(run, "unsubscribed", "paula.greer@tamarack-health.example", "--on", "2025-09-08")
    found = judge(run, mail())
    assert not found.spam
    assert "ignores-stop" not in found.signals


def test_b9_a_request_in_sent_mail_is_found(run: Run) -> None:
    told = done(run, "import", "sent", "-", stdin=sent("Please remove me from your list.", to=PAULA))
    assert "1 request to stop, complaint or repair found" in told
    assert judge(run, mail()).spam


def test_b9_a_request_to_a_colleague_is_no_request_to_the_firm_and_counts_against_it(run: Run) -> None:
    before = judge(run, mail(FAR))
    done(run, "unsubscribed", "someone.else@tamarack-health.example", "--on", "2025-08-20")
    assert judge(run, mail(FAR)).probability > before.probability


# --- B10: people known -------------------------------------------------------------------------------------


def test_b10_a_contact_turns_a_far_pitch_legitimate(run: Run) -> None:
    before = judge(run, mail(FAR))
    done(run, "import", "contacts", "-", stdin=CARD.encode())
    after = judge(run, mail(FAR))
    assert before.spam
    assert not after.spam
    assert "known-sender" in after.signals


def test_b10_a_contact_forged_by_authentication_results_earns_no_trust(run: Run) -> None:
    headers = "Authentication-Results: mx.ashby.example; spf=fail; dkim=none; dmarc=fail\n"
    done(run, "import", "contacts", "-", stdin=CARD.encode())
    found = judge(run, mail(FAR, headers=headers))
    assert found.spam
    assert "known-sender" not in found.signals


def test_b10_a_firm_known_by_a_colleague_turns_it_too(run: Run) -> None:
    before = judge(run, mail(FAR))
    card = CARD.replace("Paula.Greer", "lee")
    done(run, "import", "contacts", "-", stdin=card.encode())
    after = judge(run, mail(FAR))
    assert before.spam
    assert not after.spam
    assert "known-party" in after.signals


# --- B11: threads ------------------------------------------------------------------------------------------

ANSWER = "In-Reply-To: <own@ashby.example>\nReferences: <own@ashby.example>\n"


def test_b11_an_answer_to_own_mail_is_legitimate_whatever_its_words(run: Run) -> None:
    answer = mail(FAR, subject="Re: Question about your product", headers=ANSWER)
    before = judge(run, answer)
    done(run, "import", "sent", "-", stdin=sent("Does it run on FreeBSD?", to="info@tamarack.example"))
    after = judge(run, answer)
    assert before.spam
    assert not after.spam
    assert "own-thread" in after.signals


def test_b11_a_re_without_such_a_thread_counts_towards_spam(run: Run) -> None:
    plain, fake = (mail(FAIR, subject=f"{re}Backend Engineer at Tamarack Health") for re in ("", "Re: "))
    assert judge(run, fake).probability > judge(run, plain).probability


def test_b11_an_answer_to_a_request_to_stop_earns_no_trust(run: Run) -> None:
    done(run, "import", "sent", "-", stdin=sent("Please remove me from your list.", to="info@tamarack.example"))
    found = judge(run, mail(FAR, subject="Re: Your mail", headers=ANSWER))
    assert found.spam
    assert "own-thread" not in found.signals


# --- B12: acquaintances ------------------------------------------------------------------------------------


def test_b12_an_acquaintance_named_and_known_counts_for_it(run: Run, home: Path) -> None:
    raw = mail(FAR.replace("I came across", "James Serra told me to write to you. I came across"))
    before = judge(run, raw)
    state(home, 'acquaintances = ["James Serra"]')
    after = judge(run, raw)
    assert before.spam
    assert not after.spam


def test_b12_a_group_of_the_reader_counts_for_it(run: Run, home: Path) -> None:
    raw = mail(FAR.replace("I came across your profile", "I saw you at the MadPy meeting in May"))
    before = judge(run, raw)
    state(home, 'groups = ["MadPy"]')
    assert judge(run, raw).probability < before.probability


# --- B13, B14: LinkedIn ------------------------------------------------------------------------------------

CONNECTIONS = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
NOWHERE = "You are receiving LinkedIn notification emails. Unsubscribe\n"


def export(path: Path, *people: str, since: str = "05 Jan 2020") -> Path:
    """A LinkedIn export with these connections."""
    rows = "".join(f"{person.replace(' ', ',', 1)},,,Firm,Writer,{since}\n" for person in people)
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("Connections.csv", f"Notes:\n\n{CONNECTIONS}{rows}")
    return path


def invitation(note: str, title: str = "Technical Recruiter at Northway Talent") -> bytes:
    text = f"Corinne Maddox would like to add you to their professional network\n\n{note}\n\n"
    text += (
        f"CORINNE MADDOX\n{title}\nMilwaukee, Wisconsin\n\n[Accept] https://www.linkedin.com/comm/accept\n\n{NOWHERE}"
    )
    return mail(
        text, sender="Corinne Maddox <invitations@linkedin.com>", subject="Corinne Maddox sent you an invitation",
        headers="X-LinkedIn-Class: INVITATION\n",
    )  # fmt: skip


FLATTERY = '"Hi Robin, your profile is amazing and I would love to have you in my network of top talent!"'
MET = '"Robin, we shared a table at the MadPy dinner on Friday, I was the one with the broken foot. Good to meet you."'


def test_b13_an_invitation_flips_with_its_note(run: Run) -> None:
    met, flattered, bare = (judge(run, invitation(note)) for note in (MET, FLATTERY, ""))
    assert not met.spam
    assert flattered.spam
    assert met.probability < bare.probability < flattered.probability


def test_b13_an_invitation_from_a_recruiter_is_worse_than_from_others(run: Run) -> None:
    other = judge(run, invitation(FLATTERY, "Cellist at the Madison Symphony Orchestra"))
    assert other.probability < judge(run, invitation(FLATTERY)).probability


def test_b13_somebody_connected_already_is_known(run: Run, tmp_path: Path) -> None:
    before = judge(run, invitation(FLATTERY))
    done(run, "import", "linkedin", export(tmp_path / "export.zip", "Corinne Maddox"))
    after = judge(run, invitation(FLATTERY))
    assert after.probability < before.probability
    assert not after.spam


def inmail() -> bytes:
    text = f"Corinne Maddox\nTechnical Recruiter at Northway Talent\n\n{FAR}\n[Reply] https://www.linkedin.com/comm/x\n"
    return mail(
        text.replace("Paula Greer", "Corinne Maddox"), sender="Corinne Maddox <inmail-hit-reply@linkedin.com>",
        headers="X-LinkedIn-Class: INMAIL\n",
    )  # fmt: skip


def test_b14_an_inmail_is_judged_by_who_writes_in_it(run: Run, tmp_path: Path) -> None:
    before = judge(run, inmail())
    done(run, "import", "linkedin", export(tmp_path / "export.zip", "Corinne Maddox"))
    after = judge(run, inmail())
    assert before.spam
    assert not after.spam
    assert "known-sender" in after.signals


# --- B15: lists --------------------------------------------------------------------------------------------

ON_LIST = "List-Id: MadPy talk <talk.madpy.example>\n"


def test_b15_a_job_from_a_member_of_the_list_is_legitimate(run: Run, tmp_path: Path) -> None:
    raw = mail(FAR, headers=ON_LIST, subject="[madpy] Backend Engineer at Tamarack Health")
    unknown = judge(run, raw)
    other = mail(
        "The room is booked.",
        headers=ON_LIST,
        sender="Ada Brandt <ada@madpy.example>",
        day="Mon, 01 Sep 2025",
        key="room",
    )
    (tmp_path / "other.eml").write_bytes(other)
    done(run, "import", "mail", tmp_path / "other.eml")
    before = judge(run, raw)
    for number in range(3):
        text = "I had the same with asyncpg; a newer libpq mended it. See you on Thursday."
        day = f"Mon, 0{number + 2} Jun 2025"
        post = mail(text, headers=ON_LIST, subject="Re: [madpy] connection pool", key=f"post{number}", day=day)
        (tmp_path / f"post{number}.eml").write_bytes(post)
    done(run, "import", "mail", *sorted(tmp_path.glob("post*.eml")))
    after = judge(run, raw)
    assert "list-unknown" in unknown.signals
    assert before.spam
    assert "list-outsider" in before.signals
    assert unknown.probability < before.probability
    assert not after.spam
    assert "list-member" in after.signals


# --- B16: referrals ----------------------------------------------------------------------------------------

REFERRAL = """\
Hi Robin,

We need a Backend Engineer (Python) for our Dallas, TX office, on site. Do you know anyone who might be interested?
Feel free to pass this on to your colleagues, we pay a referral bonus.

Paula
"""


def test_b16_a_request_for_a_referral_flips_with_who_asks(run: Run) -> None:
    before = judge(run, mail(REFERRAL))
    done(run, "import", "contacts", "-", stdin=CARD.encode())
    after = judge(run, mail(REFERRAL))
    assert before.spam
    assert not after.spam


# --- B17: repair -------------------------------------------------------------------------------------------

COMPLAINT = "This is the third mail after I asked you to stop. Remove me from your list. I will report you to the FTC."
APOLOGY = """\
Dear Robin,

I apologize for the mails you got from us. Your address was still in an old list. We have removed you from our database,
and you will not hear from us again.

Paula Greer
"""
LETTER = "Hi Robin,\n\nthe slides of Thursday's talk are at https://slides.example/t. Sorry it took so long.\n\nPaula\n"


def test_b17_an_apology_after_a_complaint_is_legitimate(run: Run) -> None:
    told = done(run, "import", "sent", "-", stdin=sent(COMPLAINT, to=PAULA))
    assert "2 requests" in told
    assert not judge(run, mail(APOLOGY, subject="Our apology")).spam
    assert judge(run, mail(LETTER, subject="Slides")).spam, "whatever else they write"


def test_b17_the_apology_restores_standing_and_another_pitch_takes_it(run: Run) -> None:
    never = judge(run, mail(FAIR))
    done(run, "import", "sent", "-", stdin=sent(COMPLAINT, to=PAULA))
    letter = mail(LETTER, subject="Slides", key="letter")
    unmended = judge(run, letter)
    told = done(run, "import", "mail", "-", stdin=mail(APOLOGY, subject="Our apology", day="Tue, 26 Aug 2025", key="s"))
    assert "1 request to stop, complaint or repair found" in told
    mended = judge(run, letter)
    assert unmended.spam
    assert not mended.spam
    again = judge(run, mail(FAIR))
    assert not never.spam
    assert again.spam
    assert "pitches-after-repair" in again.signals


# --- B22, B25 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("barred", ["paula.greer@tamarack-health.example", "@tamarack-health.example"])
def test_b22_whom_the_reader_barred_is_spam(run: Run, home: Path, barred: str) -> None:
    before = judge(run, mail())
    state(home, f'never = ["{barred}"]')
    after = judge(run, mail())
    assert not before.spam
    assert after.spam
    assert "barred" in after.signals


def bump() -> bytes:
    return mail(
        "Hi Robin,\n\nJust bumping this to the top of your inbox. Any thoughts on the role?\n\nPaula\n",
        subject="Re: Backend Engineer at Tamarack Health", key="bump", day="Fri, 19 Sep 2025",
        headers="In-Reply-To: <pitch@mail.example>\nReferences: <pitch@mail.example>\n",
    )  # fmt: skip


@pytest.mark.parametrize(("verdict", "spam"), [("spam", True), ("legitimate", False)])
def test_b25_a_follow_up_takes_over_the_verdict_on_the_pitch(run: Run, home: Path, verdict: str, spam: bool) -> None:
    unknown = judge(run, bump())
    with history.History(home / "history.db") as memory:
        memory.remember(message.parse(mail()), verdict)
    found = judge(run, bump())
    assert found.spam is spam
    assert (found.probability > unknown.probability) is spam


# --- facts of later ----------------------------------------------------------------------------------------


def test_facts_dated_after_a_message_do_not_count_for_it(run: Run, tmp_path: Path) -> None:
    """The mail is of 16 September 2025."""
    on_list = mail(FAR, headers=ON_LIST, subject="[madpy] Backend Engineer")
    pitches = (mail(), mail(FAR, headers=ANSWER), inmail(), on_list)
    before = [judge(run, raw) for raw in pitches]
    done(run, "unsubscribed", "paula.greer@tamarack-health.example", "--on", "2025-09-17")
    for text in ("Thank you, let us talk.", "Remove me from your list."):
        done(run, "import", "sent", "-", stdin=sent(text, to=PAULA, day="Wed, 17 Sep 2025", key=f"own{text[:1]}"))
    done(run, "import", "sent", "-", stdin=sent("Hello.", to="info@tamarack.example", day="Wed, 17 Sep 2025"))
    done(run, "import", "mail", "-", stdin=mail(headers=ON_LIST, day="Thu, 18 Sep 2025", key="post"))
    done(run, "import", "linkedin", export(tmp_path / "late.zip", "Corinne Maddox", since="17 Sep 2025"))
    assert [judge(run, raw) for raw in pitches] == before
