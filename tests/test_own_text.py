"""What the sender newly wrote is told from signature, disclaimer, quoted and forwarded mail, and hidden HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spamrec import disclaimers
from spamrec.closing import split_ending
from spamrec.htmltext import read_html
from spamrec.message import Attachment, Message, parse
from spamrec.quoting import split_quoted


@pytest.mark.parametrize(
    "closing",
    [
        "Thanks,",
        "Best regards,",
        "Thanks & Regards",
        "Cheers, Ann",
        "Mit freundlichen Grüßen",
        "Un saludo,",
        "Üdv,",
        "— Ann",
    ],
)
def test_closing_and_address_block_leave_the_text(closing: str) -> None:
    body = "Hello Ray,\n\nwe need a writer in Boston."
    ending = split_ending(f"{body}\n\n{closing}\nAnn Example\n12 Long Road, Dallas, TX", "Ann Example")
    assert ending.text == body
    assert "Dallas" in ending.signature


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\n\nthe form came through and I will pass it on to the others today.",
        "Best of all, the job is in Boston.",
        "Regards to the family, and see you on Saturday at the usual place for lunch.",
        "First line.\n\nThanks for the notes you took, they helped a lot.\n\nWill you be there on Friday?",
        "Thanks",
        "To unsubscribe",
        "",
    ],
)  # fmt: skip
def test_text_that_only_resembles_an_ending_stays_whole(text: str) -> None:
    assert split_ending(text, "Ann Example").text == text


def test_unsubscribe_wording_is_kept_apart_and_complete() -> None:
    footer = "If you do not wish to receive these, click here:\nhttps://x.example/u"
    ending = split_ending(f"A role in Troy.\n\n{footer}\n\nNorth LLC, 5 Oak Street, Troy, NY 12180")
    assert ending.text == "A role in Troy."
    assert "https://x.example/u" in ending.disclaimer
    assert "12180" in ending.disclaimer


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------", "Begin forwarded message:", "-- Weitergeleitete Nachricht --",
        "---------- Message transféré ----------", "--- begin forwarded text",
    ],
)  # fmt: skip
def test_what_follows_a_forward_marker_is_forwarded(marker: str) -> None:
    quoting = split_quoted(f"For you.\n\n{marker}\nFrom: Bo\n\n> older\n\nInner text.")
    assert quoting.own == "For you."
    assert quoting.forwarded.startswith(marker)
    assert quoting.quoted == ""


@pytest.mark.parametrize(
    ("labels", "subject", "forwarded"),
    [
        (("From", "Sent"), "FW: role", True),
        (("From", "Sent"), "RE: role", False),
        (("De ", "Envoyé "), "TR : poste", True),
        (("De", "Enviado"), "RE: puesto", False),
        (("*From:", "*Sent:"), "Re: bold", False),
    ],
)
def test_outlook_block_is_told_by_the_subject(labels: tuple[str, str], subject: str, forwarded: bool) -> None:
    text = f"My words.\n\n{labels[0]}: Bo Muster\n{labels[1]}: 8 June 2026\n\nTheir words."
    quoting = split_quoted(text, subject)
    assert quoting.own == "My words."
    assert "Their words." in (quoting.forwarded if forwarded else quoting.quoted)


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 1 Jun 2026, Bo wrote:\n--]their words\n--]and more\n",
        "On Mon, 1 Jun 2026 Bo <b@x.example> wrote:\n\n# their words\n# and more\n",
        "On Mon, Jun 1, 2026 at 1:07 PM Bo Muster <\nb@x.example> wrote:\n\n> their words\n",
        "-----Original Message-----\nFrom: Bo\nSubject: x\n\n> their words\n",
        "Bo Muster <b@x.example>:\n> their words\n",
        "BM> their words\nBM> and more\n",
    ],
)
def test_answers_below_a_quote_are_own_text(quote: str) -> None:
    quoting = split_quoted(f"{quote}\nMy answer.\n", "Re: x")
    assert quoting.own == "My answer."
    assert "their words" in quoting.quoted


@settings(max_examples=60)
@given(st.text("ab \n>-_:.,@", max_size=200))
def test_no_word_of_the_own_text_is_lost(text: str) -> None:
    quoting = split_quoted(text)
    kept = f"{quoting.own} {quoting.quoted} {quoting.forwarded}"
    assert sorted("".join(kept.split())) == sorted("".join(text.split()))


def test_links_tell_wording_from_target_and_hidden_text_is_apart() -> None:
    page = read_html('<a href=" https://evil.example/ ">www.bank.example</a><i style="display: none">secret</i>')
    assert [(link.text, link.target) for link in page.links] == [("www.bank.example", "https://evil.example/")]
    assert (page.text, page.hidden) == ("www.bank.example", "secret")


@settings(max_examples=100)
@given(st.text("<>/ab=\"' -!styledvp:none;#&", max_size=120))
def test_any_markup_is_read(markup: str) -> None:
    assert isinstance(read_html(markup).text, str)


# --- texts that are attached -------------------------------------------------------------------------------

PAGE = "Content-Type: text/html; name=job.html\nContent-Disposition: attachment\n\n<p>A job in Troy</p>"
ENTRY = "Content-Type: text/calendar\n\nBEGIN:VEVENT\nSUMMARY:A job\nDESCRIPTION:in Troy\\, NY\nEND:VEVENT"


def mixed(*parts: str) -> Message:
    """A mail of several parts."""
    return parse(
        "Content-Type: multipart/mixed; boundary=b\n\n{}\n--b--\n".format(
            "".join(f"\n--b\n{p}" for p in parts)
        ).encode()
    )


def test_an_attached_text_is_read_where_the_body_says_next_to_nothing() -> None:
    assert mixed(PAGE).text == "A job in Troy"
    assert mixed("\n \n", PAGE).text == "A job in Troy"
    assert mixed("\nSee attached.\n\nRegards,\nAnn", PAGE).text.endswith("A job in Troy")
    assert mixed(PAGE).attachments == (Attachment("job.html", "text/html", 20),)
    assert mixed("Content-Type: text/x-new\n\nA job in Troy").text == "A job in Troy"


def test_an_attached_text_is_not_read_beside_a_body_nor_where_it_is_no_prose() -> None:
    assert "Troy" not in mixed("\n" + "What the sender has to say. " * 10, PAGE).text
    assert mixed("Content-Type: text/x-vcard\n\nBEGIN:VCARD").text == ""
    assert mixed("Content-Type: application/pdf\n\n%PDF").text == ""


def test_a_calendar_entry_that_stands_alone_is_the_text() -> None:
    alone = mixed(ENTRY.replace("text/calendar", "application/ics; name=x.ics"))
    assert (alone.text, alone.calendar) == ("A job\nin Troy, NY", "")
    beside = mixed("\nhello", ENTRY)
    assert (beside.text, beside.calendar) == ("hello", "A job\nin Troy, NY")


def test_wordings_of_disclaimers_are_found_alike_in_the_first_texts_and_later(data: Path) -> None:
    """The first few are looked through plainly, since what finds them fast takes longer to prepare."""
    held = 0
    for path in sorted(data.glob("*/*/*.eml"))[::30]:
        text = path.read_bytes().decode("utf-8", "replace")
        plainly, fast = disclaimers._one_by_one(text), disclaimers._by_hints(text)
        assert (plainly is None) is (fast is None), path
        assert sorted(plainly or ()) == sorted(set(fast or ())), path
        held += bool(plainly)
    assert held > 20
