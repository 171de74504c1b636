"""A salutation names the reader, somebody else, nobody, or a field that was never filled in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import message, salutation
from spamrec.message import Message
from spamrec.profile import NO_PROFILE, Profile
from spamrec.salutation import Greeting

RAY = Profile(name="Ray Kim", aliases=("Raymond",), emails=("ray.kim@example.org",))
ZSOFIA = Profile(name="Zsófia Kelemen", emails=("zsofia@posta.example",))
JURGEN = Profile(name="Jürgen Groß", emails=("jg@post.example",))

BODY = "I write to you about a matter that is worth a minute. Would you look at it?"


def mail(
    begins: str, *, subject: str = "A matter", to: str = "Ray Kim <ray.kim@example.org>", body: str = BODY
) -> Message:
    """A message whose text begins so."""
    head = f"From: Ann Lee <ann@firm.example>\nTo: {to}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n"
    return message.parse(f"{head}\n{begins}\n\n{body}\n".encode())


def greeting(begins: str, profile: Profile = RAY) -> Greeting:
    return salutation.find(mail(begins), profile).greeting


@pytest.mark.parametrize(
    "begins",
    [
        "Hi Ray,",
        "hi ray",
        "Dear Ray Kim,",
        "Hello Raymond!",
        "Ray,",
        "Ray -",
        "Kim,",
        "Good morning Ray,",
        "Dear Mr. Kim,",
        "Hey Ray how are you",
        "Hi Ann and Ray,",
        "*Hi Ray*,",
        "“Hi Ray,",
        "Sehr geehrter Herr Kim,",
        "Lieber Ray,",
        "Guten Tag Herr Kim,",
        "Moin Ray,",
        "Bonjour Ray,",
        "Cher Monsieur Kim,",
        "Salut Ray",
        "Hola Ray,",
        "Estimado Ray:",
        "Buenos días Ray,",
        "Kedves Ray!",
        "Tisztelt Kim Ray!",
    ],
)
def test_the_reader_is_named(begins: str) -> None:
    assert greeting(begins) is Greeting.READER


@pytest.mark.parametrize(
    ("begins", "profile"),
    [
        ("Kedves Zsófia!", ZSOFIA),
        ("Dear Zsofia,", ZSOFIA),
        ("KEDVES ZSÓFIA!", ZSOFIA),
        ("Sehr geehrter Herr Gross,", JURGEN),
        ("Hallo Jürgen,", JURGEN),
        ("Dan,", Profile(name="Daniel Ortiz")),
        ("Hi Dan,", Profile(name="Daniel Ortiz")),
    ],
)
def test_accents_and_short_forms_do_not_matter(begins: str, profile: Profile) -> None:
    assert greeting(begins, profile) is Greeting.READER


@pytest.mark.parametrize(
    "begins",
    [
        "Hi Sam,",
        "Dear Samantha,",
        "Hello Mr. Patel,",
        "Dear Priya Nair,",
        "Sehr geehrter Herr Müller,",
        "Liebe Katrin,",
        "Chère Madame Dupont,",
        "Bonjour Luc,",
        "Estimada señora García:",
        "Hola Marta,",
        "Kedves Péter!",
    ],
)
def test_another_is_named(begins: str) -> None:
    assert greeting(begins) is Greeting.OTHER


@pytest.mark.parametrize(
    "begins",
    [
        "Hi,",
        "Hello",
        "Hi there,",
        "Hi all,",
        "Hi team,",
        "Hi Google team,",
        "Dear candidate,",
        "Dear Candidate,",
        "Dear Job Seeker,",
        "Dear Hiring Manager,",
        "Dear Sir/Madam,",
        "Greetings!",
        "Good morning,",
        "Sehr geehrte Damen und Herren,",
        "Sehr geehrte Bewerberin,",
        "Liebe Kolleginnen und Kollegen,",
        "Sehr geehrte Mitarbeiterinnen und Mitarbeiter,",
        "Liebe Eltern,",
        "Liebe Kursteilnehmerin,",
        "Cher abonné,",
        "Estimados condóminos:",
        "Beste relatie,",
        "Geachte leden,",
        "Guten Tag,",
        "Hallo zusammen,",
        "Bonjour,",
        "Bonjour à tous,",
        "Cher Candidat,",
        "Hola,",
        "Estimado Candidato,",
        "Hola a todos,",
        "Kedves Jelentkező!",
        "Tisztelt Hölgyem/Uram!",
    ],
)
def test_nobody_is_named(begins: str) -> None:
    assert greeting(begins) is Greeting.NOBODY


@pytest.mark.parametrize(
    ("begins", "field"),
    [
        ("Hi {{first_name}},", "{{first_name}}"),
        ("Hi {firstname},", "{firstname}"),
        ("Hi {{ contact.name | default }},", "{{ contact.name | default }}"),
        ("Dear %FIRSTNAME%,", "%FIRSTNAME%"),
        ("Hi [Name],", "[Name]"),
        ("Hallo [Vorname],", "[Vorname]"),
        ("Bonjour [Prénom],", "[Prénom]"),
        ("Beste [voornaam],", "[voornaam]"),
        ("Hello [First Name],", "[First Name]"),
        ("Hello [Candidate's name],", "[Candidate's name]"),
        ("Hello <FirstName>,", "<FirstName>"),
        ("Hi <<First Name>>,", "<<First Name>>"),
        ("Hi *|FNAME|*,", "*|FNAME|*"),
        ("Hi $name,", "$name"),
        ("Dear null,", "Dear null"),
        ("Hi FirstName,", "Hi FirstName"),
        ("Dear XXXX,", "Dear XXXX"),
        ("Hi ,", "Hi ,"),
        ("Dear  ,", "Dear  ,"),
    ],
)
def test_a_field_was_left_open(begins: str, field: str) -> None:
    found = salutation.find(mail(begins), RAY)
    assert found == salutation.Salutation(Greeting.OPEN_FIELD, field)


def test_a_field_left_open_in_the_subject_counts() -> None:
    found = salutation.find(mail("Hi Ray,", subject="{{first_name}}, a quick question"), RAY)
    assert found.greeting is Greeting.OPEN_FIELD


@pytest.mark.parametrize("begins", ["We are hiring.", "I saw your talk in Troy.", "Thanks,", "Sam,", "Yes, do."])
def test_there_is_none(begins: str) -> None:
    assert salutation.find(mail(begins), RAY) == salutation.Salutation(Greeting.NONE, "")


def test_what_the_message_says_is_kept() -> None:
    assert salutation.find(mail("Dear Mr. Patel,"), RAY).text == "Dear Mr. Patel"


# --- whose name it is --------------------------------------------------------------------------------------


def test_without_a_profile_the_name_in_to_is_the_readers() -> None:
    assert salutation.find(mail("Hi Ray,"), NO_PROFILE).greeting is Greeting.READER
    assert salutation.find(mail("Hi Sam,"), NO_PROFILE).greeting is Greeting.OTHER


@pytest.mark.parametrize("to", ["ray.kim@example.org", "undisclosed-recipients:;", "A <a@x.example>, B <b@x.example>"])
def test_where_nobody_knows_the_readers_name_none_is_wrong(to: str) -> None:
    assert salutation.find(mail("Hi Sam,", to=to), NO_PROFILE).greeting is Greeting.NOBODY


def test_a_blast_addressed_to_its_own_sender_does_not_name_the_reader() -> None:
    """Many are sent to the sender's own address, the readers in Bcc."""
    found = salutation.find(mail("Hi Ann,", to="Ann Lee <ann@firm.example>"), NO_PROFILE)
    assert found.greeting is Greeting.NOBODY


def test_names_come_from_profile_and_own_address() -> None:
    names = salutation.reader_names(mail("", to="Mr Typo Kimm <ray.kim@example.org>"), RAY)
    assert names >= {"ray", "kim", "raymond", "typo", "kimm"}
    assert not salutation.reader_names(mail("", to="ray@home.example"), NO_PROFILE)


def test_an_unwrapped_text_stands_in() -> None:
    assert salutation.find(mail("Hi Sam,"), RAY, "Hi Ray,\n\nhow are you?").greeting is Greeting.READER


@given(st.text(max_size=120))
def test_any_text_has_an_answer(text: str) -> None:
    salutation.find(mail("x"), RAY, text)


@pytest.mark.parametrize("text", ["hi " * 5_000, "{" * 20_000, "[name " * 5_000, "%" * 20_000, "dear" + " " * 50_000])
def test_a_hostile_text_takes_no_long_time(text: str) -> None:
    started = time.perf_counter()
    salutation.find(mail("x"), RAY, text)
    assert time.perf_counter() - started < 2.0
