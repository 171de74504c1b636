"""LinkedIn notifications give up the member's name, title and words, and nothing of the frame."""

from __future__ import annotations

from textwrap import dedent

import pytest

from spamrec.linkedin import Kind, Notice, unwrap
from spamrec.message import parse

FOOTER = """
You are receiving Invitation emails. Unsubscribe
This email was intended for Ray Kim (Technical Writer at Mohawk Mutual). Learn why we included this.
© 2026 LinkedIn Corporation, 1000 West Maude Avenue, Sunnyvale, CA 94085
"""


def notice(
    body: str,
    *,
    sender: str = "Devin Prakash <invitations@linkedin.com>",
    subject: str = "Ray, please add me to your LinkedIn network",
    to: str = "Ray Kim <ray@example.org>",
    headers: str = "",
    kind: str = "plain",
) -> Notice | None:
    top = f"From: {sender}\nTo: {to}\nSubject: {subject}\n{headers}MIME-Version: 1.0\n"
    top += f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return unwrap(parse((top + dedent(body)).encode()))


def found(body: str, **fields: str) -> Notice:
    answer = notice(body, **fields)
    assert answer is not None
    return answer


# --- which mail is LinkedIn's ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    [
        "Ann Lee <invitations@linkedin-careers.example>",
        "Ann Lee via LinkedIn <ann@notlinkedin.com>",
        "LinkedIn <linkedin.com@mail.example>",
        "invitations@linkedin.com.example",
    ],
)
def test_a_look_alike_sender_is_other_mail(sender: str) -> None:
    assert notice("Hi Ray, I'd like to join your LinkedIn network.", sender=sender) is None


def test_a_domain_below_linkedin_counts() -> None:
    assert notice("Jobs picked for you", sender="LinkedIn <linkedin@e.linkedin.com>") is not None


@pytest.mark.parametrize(
    ("sender", "subject", "headers", "kind"),
    [
        ("A B <invitations@linkedin.com>", "A wants to connect", "", Kind.INVITATION),
        ("A B <inmail-hit-reply@linkedin.com>", "A role", "", Kind.INMAIL),
        ("A B <hit-reply@linkedin.com>", "A role", "X-LinkedIn-Class: INMAIL\n", Kind.INMAIL),
        ("A B <hit-reply@linkedin.com>", "A role", "", Kind.MESSAGE),
        ("A B via LinkedIn <messages-noreply@linkedin.com>", "A just messaged you", "", Kind.MESSAGE),
        ("LinkedIn <messaging-digest-noreply@linkedin.com>", "You have 1 new message", "", Kind.MESSAGE),
        ("LinkedIn <messages-noreply@linkedin.com>", "Ann Lee accepted your invitation", "", Kind.ACCEPTED),
        ("LinkedIn <messages-noreply@linkedin.com>", "Ana Gil ha aceptado tu invitación", "", Kind.ACCEPTED),
        ("LinkedIn <invitations@linkedin.com>", "Anna Lang hat Ihre Einladung angenommen", "", Kind.ACCEPTED),
        ("LinkedIn <invitations@linkedin.com>", "Anne Roux a accepté votre invitation", "", Kind.ACCEPTED),
        ("LinkedIn <jobs-noreply@linkedin.com>", "Acme is hiring a Writer", "", Kind.JOBS),
        ("LinkedIn <jobs-listings@linkedin.com>", "Acme und 6 weitere suchen Verstärkung", "", Kind.JOBS),
        ("LinkedIn <jobalerts-noreply@linkedin.com>", "writer: 4 new jobs", "", Kind.JOBS),
        ("LinkedIn <jobs-noreply@linkedin.com>", "Your application was sent to Acme", "", Kind.APPLICATION),
        ("LinkedIn <jobs-noreply@linkedin.com>", "Votre candidature a été envoyée", "", Kind.APPLICATION),
        ("LinkedIn <notifications-noreply@linkedin.com>", "You appeared in 9 searches", "", Kind.DIGEST),
        (
            "LinkedIn <messages-noreply@linkedin.com>",
            "Ann endorsed you",
            "X-LinkedIn-Class: ENDORSEMENT\n",
            Kind.DIGEST,
        ),
        ("A B via LinkedIn <member@linkedin.com>", "Invitation to connect on LinkedIn", "", Kind.INVITATION),
    ],
)
def test_the_kind_shows_in_address_subject_and_class(sender: str, subject: str, headers: str, kind: Kind) -> None:
    assert found("Ann Lee\nWriter\n", sender=sender, subject=subject, headers=headers).kind is kind


# --- invitations -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "I'd like to join your LinkedIn network.",
        "I’d like to add you to my professional network on LinkedIn.",
        "Please add me to your LinkedIn network",
        "Hi Ray, I'd like to connect.",
        "Hi Ray, I'd like to connect with you on LinkedIn.",
        "Hi Ray, I want to connect.",
        "Hallo Ray, ich möchte Sie gerne zu meinem beruflichen Netzwerk auf LinkedIn hinzufügen.",
        "Bonjour Ray,\nJ'aimerais vous ajouter à mon réseau professionnel.",
        "Bonjour Ray, je souhaiterais rejoindre votre réseau LinkedIn.",
        "Hola, Ray:\n\nMe gustaría añadirte a mi red profesional en LinkedIn.",
        "Ray,\n\nMe gustaría unirme a tu red profesional.",
    ],
)
def test_the_stock_line_is_no_note(line: str) -> None:
    body = f"{line}\n\nDEVIN PRAKASH\nUS IT Recruiter | 28K+ connections\nHyderabad, India\n\nAccept\nView profile\n"
    answer = found(body + FOOTER)
    assert (answer.text, answer.title) == ("", "US IT Recruiter | 28K+ connections")


def test_a_note_is_kept_without_its_quotes_and_without_the_place() -> None:
    answer = found(
        """\
        Corinne Maddox would like to add you to their professional network

        "Ray, we shared a table at the SQL Saturday dinner. I'd like to connect."

        CORINNE MADDOX
        Technical Recruiter at Northway Talent
        Saratoga Springs, New York

        [Accept] https://www.linkedin.com/comm/mynetwork/invite-accept/66aq
        """
        + FOOTER,
        sender="Corinne Maddox <invitations@linkedin.com>",
    )
    assert answer.person == "Corinne Maddox"
    assert answer.title == "Technical Recruiter at Northway Talent"
    assert answer.text.startswith("Ray, we shared a table at the SQL Saturday dinner.")
    assert "Saratoga" not in answer.text


def test_a_greeting_of_linkedin_before_the_note_goes() -> None:
    body = 'Priya,\n\n"Hi Priya, Pallavi from D-1104!"\n\nPALLAVI DEO\nRecruiter at Corvane\n\nAccept  |  Ignore\n'
    answer = found(body, sender="Pallavi Deo <invitations@linkedin.com>", to="Priya Nair <p@example.org>")
    assert answer.text == "Hi Priya, Pallavi from D-1104!"


def test_the_person_may_stand_in_the_subject_alone() -> None:
    body = "LUKE BATTERSBY\nManaging Consultant, KeyStage Connect\n\nHi Ray, I'd like to connect.\n"
    answer = found(
        body,
        sender="LinkedIn Invitations <invitations@linkedin.com>",
        subject="You have an invitation from Luke Battersby",
    )
    assert (answer.person, answer.title, answer.text) == ("Luke Battersby", "Managing Consultant, KeyStage Connect", "")


def test_a_card_of_a_page_without_empty_lines() -> None:
    rows = [
        "Max would like to connect",
        "“Hi Ray! Always looking to grow our networks!”",
        "MAX THORNBURY",
        "Founder @ Helmsman",
    ]
    page = (
        "<table>"
        + "".join(f"<tr><td>{row}</td></tr>" for row in [*rows, "Manchester Area", "Accept Ignore"])
        + "</table>"
    )
    answer = found(page, sender="Max Thornbury <invitations@linkedin.com>", kind="html")
    assert (answer.title, answer.text) == ("Founder @ Helmsman", "Hi Ray! Always looking to grow our networks!")


def test_lost_line_breaks_are_found_again() -> None:
    body = (
        "Hi Ray, I'd like to join your LinkedIn network. DEVIN PRAKASH US IT Recruiter | LION Accept: "
        "https://www.linkedin.com/comm/a?x=1 View profile: https://www.linkedin.com/comm/in/d Unsubscribe | Help "
        "This email was intended for Ray Kim (Technical Writer at Mohawk Mutual) LinkedIn Corporation, Sunnyvale"
    )
    answer = found(body)
    assert (answer.person, answer.title, answer.text) == ("Devin Prakash", "US IT Recruiter | LION", "")


# --- InMail and messages -----------------------------------------------------------------------------------

INMAIL = """\
You have a new InMail

Rebecca Stahl · 2nd
Senior Recruiter at Parchment AI
Lyon Area

Hi Ray,

We have a role for a technical writer. If the pay is below your floor, say so.

See you Thursday?
Message me with questions, we have 12 mutual connections.

Kind regards,
Rebecca

Reply https://www.linkedin.com/comm/messaging/thread/2-9e3b
Not interested | View Rebecca's profile
People you may know
Ines Haller, Talent Acquisition Manager
"""


def test_an_inmail_keeps_every_line_of_the_member() -> None:
    answer = found(INMAIL + FOOTER, sender="Rebecca Stahl <inmail-hit-reply@linkedin.com>", subject="Writer, Lyon")
    assert (answer.kind, answer.title, answer.subject) == (
        Kind.INMAIL,
        "Senior Recruiter at Parchment AI",
        "Writer, Lyon",
    )
    expected = INMAIL[INMAIL.index("Hi Ray") : INMAIL.index("\n\nReply")]
    assert answer.text.split() == expected.split()


@pytest.mark.parametrize(
    "subject", ["Rebecca sent you a new message", "Rebecca vous a envoyé un message", "Message from Rebecca Stahl"]
)
def test_a_subject_that_linkedin_wrote_is_left_out(subject: str) -> None:
    assert found(INMAIL, sender="Rebecca Stahl <inmail-hit-reply@linkedin.com>", subject=subject).subject == ""


@pytest.mark.parametrize(
    "heading",
    [
        "You have a new InMail from Rebecca Stahl, Recruiter at Parchment",
        "New message from Rebecca Stahl\nRecruiter at Parchment",
        "Rebecca Stahl sent you a message\nRecruiter at Parchment",
        "Rebecca Stahl, Recruiter at Parchment sent you a message",
        "Rebecca Stahl sent you an InMail\n\nRecruiter at Parchment",
        "REBECCA STAHL\nRecruiter at Parchment\n2 Feb",
    ],
)
def test_the_title_stands_in_or_under_the_heading(heading: str) -> None:
    answer = found(f"{heading}\n\nHi Ray, a role in Lyon?\n", sender="Rebecca Stahl <inmail-hit-reply@linkedin.com>")
    assert (answer.title, answer.text) == ("Recruiter at Parchment", "Hi Ray, a role in Lyon?")


def test_a_signature_is_the_members_own_words() -> None:
    body = (
        "Hi Ray,\n\nA role in Green Bay, interested?\n\nThanks,\nRob Castellano\nAccount Executive\n\nReply | Report\n"
    )
    answer = found(body, sender="Rob Castellano <inmail-hit-reply@linkedin.com>")
    assert answer.title == "Account Executive"
    assert "Rob Castellano" in answer.text
    assert "Report" not in answer.text


def test_a_message_under_the_name_is_no_title() -> None:
    answer = found(
        "Jess Lind · 6:05 PM\nbeers after the meetup?\nReply\n", sender="Jess Lind <messages-noreply@linkedin.com>"
    )
    assert (answer.title, answer.text) == ("", "beers after the meetup?")


@pytest.mark.parametrize(
    "footer",
    [
        "This email was intended for Ray Kim (Technical Recruiter at Mohawk Mutual)",
        "Ray Kim (Technical Recruiter) · Unsubscribe · Help",
        "Ray Kim, Technical Recruiter at Mohawk Mutual",
        "Ray Kim | Technical Recruiter | Mohawk Mutual",
        "For RAY KIM, Technical Recruiter",
        "Recipient: Ray Kim, Technical Recruiter",
        "Sent to Ray Kim (Technical Recruiter). Unsubscribe",
        "Cet e-mail a été envoyé à Ray Kim (Technical Recruiter)",
        "Este email se ha enviado a Ray Kim (Technical Recruiter)",
        "Diese E-Mail ist für Ray Kim (Technical Recruiter) bestimmt.",
        "Ezt az e-mailt Ray Kim kapta. Leiratkozás",
        "Antwoorden: https://www.linkedin.com/comm/messaging/2-1",
    ],
)
def test_the_readers_own_title_is_never_the_senders(footer: str) -> None:
    body = f"Nadia Roth sent you a message\n\nHi Ray! A frontend opening?\n\n{footer}\n"
    answer = found(body, sender="Nadia Roth <inmail-hit-reply@linkedin.com>")
    assert (answer.person, answer.title, answer.text) == ("Nadia Roth", "", "Hi Ray! A frontend opening?")


def test_the_reader_is_known_by_the_footer_where_to_has_no_name() -> None:
    body = "Hi Ray, one line.\n\nRay Kim · Technical Recruiter\nThis email was intended for Ray Kim (Recruiter)\n"
    assert found(body, to="ray@example.org", sender="A Roe <inmail-hit-reply@linkedin.com>").text == "Hi Ray, one line."


def test_the_full_name_of_the_reader_in_a_members_line_stays() -> None:
    body = "Ann Roe\nWriter\n\nRay Kim, I saw your talk about runbooks.\n"
    answer = found(body, sender="Ann Roe <messages-noreply@linkedin.com>", subject="Ann just messaged you")
    assert answer.text == "Ray Kim, I saw your talk about runbooks."


# --- jobs and news -----------------------------------------------------------------------------------------


def test_jobs_are_listed_and_an_alert_of_the_readers_own_is_told() -> None:
    listed = "Your job alert for writer in Albany\n\nTechnical Writer\nHanover · Troy, NY\nPromoted"
    own = found(
        f"{listed}\n\nSee all jobs · Manage alerts\n{FOOTER}",
        sender="LinkedIn Job Alerts <jobalerts-noreply@linkedin.com>",
    )
    assert own.own_alert
    assert own.text == listed
    other = found("Jobs picked for you\n\nWriter\nAcme · Reno\n", sender="LinkedIn <jobs-listings@linkedin.com>")
    assert (other.own_alert, other.person) == (False, "")


def test_an_accepted_invitation_names_the_member_and_has_no_words() -> None:
    body = "Renee Roy is now a connection\n\nRenee Roy\nMachinery Engineer\n\nPeople you may know\nTom Low, Recruiter\n"
    answer = found(
        body, sender="LinkedIn <notifications-noreply@linkedin.com>", subject="Renee Roy accepted your invitation"
    )
    assert (answer.person, answer.title, answer.text) == ("Renee Roy", "Machinery Engineer", "")


def test_the_jobs_under_an_application_are_left_out() -> None:
    body = (
        "Your application was viewed by Acme\n\nWriter\nAcme · Troy\n\nTop jobs looking for your skills\nNurse, Reno\n"
    )
    answer = found(body, sender="LinkedIn <jobs-noreply@linkedin.com>", subject="Your application was viewed by Acme")
    assert "Nurse" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        "·",
        "https://www.linkedin.com/",
        "https://",
        "Ray Kim",
        "\x00" * 9,
        "a" * 9999,
        "Accept View profile " * 9999,
    ],
)
@pytest.mark.parametrize("sender", ["@linkedin.com", "invitations@linkedin.com", '" " <inmail-hit-reply@linkedin.com>'])
def test_odd_mail_is_unwrapped_without_an_error(body: str, sender: str) -> None:
    notice(body, sender=sender, subject="", to="")
