"""The same mail with one fact changed moves the verdict, both ways: B2, B3, B4 and B18 of the behaviour table."""

from __future__ import annotations

from pathlib import Path

import pytest

from spamrec import model, profile
from spamrec.classifier import Classifier
from spamrec.verdict import Label, Verdict

PROFILE = """
name = "Robin Ashby"
emails = ["robin@ashby.example"]

[location]
home = "Madison, WI"
commute_km = 50
relocate = ["Minneapolis, MN", "Canada"]
remote = "yes"

[work]
titles = ["backend engineer", "software engineer"]
skills = ["Python", "PostgreSQL", "Django"]
unwanted = ["PHP", "WordPress", "help desk"]
contract = ["permanent"]
floor = ["120000 USD/year"]
"""

PITCH = """\
From: Paula Greer <paula.greer@{firm}>
To: Robin Ashby <robin@ashby.example>
Subject: {role} at Tamarack Health
Date: Tue, 15 Sep 2026 09:31:00 -0500
Message-ID: <pitch@{firm}>
Content-Type: text/plain; charset=utf-8

{greeting}

I work in talent acquisition at Tamarack Health, a hospital software company. We are looking for a
{role} to join our team. {where} It is a permanent position, and the salary is {pay} a year.

I came across your profile and think you could be a good fit. Would you be open to a short call this week? You can
also send me your resume.

Paula Greer
Talent Partner, Tamarack Health
"""

FACTS = {
    "firm": "tamarack-health.example",
    "role": "Backend Engineer (Python)",
    "greeting": "Hi Robin,",
    "where": "The role is hybrid, two days a week in our Madison, WI office.",
    "pay": "$135,000 to $150,000",
}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    path = tmp_path_factory.mktemp("profile") / "profile.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return Classifier(model.load(Path("models/default.json")), profile.load(path))


def judge(classifier: Classifier, **changed: str) -> Verdict:
    return classifier.classify(PITCH.format(**(FACTS | changed)).encode())


def test_the_fair_pitch_itself_is_legitimate(classifier: Classifier) -> None:
    assert judge(classifier).label is Label.LEGITIMATE


IN_REACH = [
    pytest.param("It is on site in our Middleton, WI office.", id="a town within the commute"),
    pytest.param("It is on site in Minneapolis, MN.", id="a place the reader would move to"),
    pytest.param("It is on site in Toronto.", id="a city of a country the reader would move to"),
    pytest.param("The role is fully remote.", id="remote, which the reader takes"),
    pytest.param("You can work in our Dallas, Phoenix or Madison, WI office.", id="several places, one in reach"),
    pytest.param("Our headquarters are in Dallas, TX; the role is fully remote.", id="a far head office"),
]
OUT_OF_REACH = [
    pytest.param("It is on site in our Dallas, TX office.", id="a far city"),
    pytest.param("It is on site in Berlin, Germany.", id="another country"),
    pytest.param("The role is hybrid, three days a week in Phoenix, AZ.", id="hybrid in a far city"),
    pytest.param("You can work in our Dallas, Phoenix or Tampa office.", id="several places, all far"),
    pytest.param("It is remote until our office in Tampa, FL opens in January.", id="remote for now only"),
    pytest.param("You must relocate to Atlanta, GA.", id="must relocate"),
    pytest.param("You would work at our headquarters in Dallas, TX.", id="at a far head office"),
]


@pytest.mark.parametrize("where", IN_REACH)
def test_b2_a_place_in_reach_is_welcome(classifier: Classifier, where: str) -> None:
    assert judge(classifier, where=where).label is Label.LEGITIMATE


@pytest.mark.parametrize("where", OUT_OF_REACH)
def test_b2_a_place_out_of_reach_flips_the_same_mail_to_spam(classifier: Classifier, where: str) -> None:
    verdict = judge(classifier, where=where)
    assert verdict.label is Label.SPAM
    assert verdict.probability > judge(classifier).probability


@pytest.mark.parametrize("role", ["Software Engineer", "Senior Backend Engineer (Django)", "Python Developer"])
def test_b3_a_role_wanted_is_welcome(classifier: Classifier, role: str) -> None:
    assert judge(classifier, role=role).label is Label.LEGITIMATE


@pytest.mark.parametrize("role", ["PHP Developer", "WordPress Developer", "Help Desk Analyst"])
def test_b3_a_role_unwanted_flips_the_same_mail_to_spam(classifier: Classifier, role: str) -> None:
    assert judge(classifier, role=role).label is Label.SPAM


@pytest.mark.parametrize("greeting", ["Hello Robin,", "Dear Robin Ashby,", "Robin,"])
def test_b4_the_reader_s_name_is_welcome(classifier: Classifier, greeting: str) -> None:
    assert judge(classifier, greeting=greeting).label is Label.LEGITIMATE


@pytest.mark.parametrize("greeting", ["Hi {first_name},", "Dear %FIRSTNAME%,", "Hi [First Name],", "Hi ,", "Hi Kevin,"])
def test_b4_an_open_field_or_a_wrong_name_counts_strongly_towards_spam(classifier: Classifier, greeting: str) -> None:
    greeting = greeting.replace("{first_name}", "{{first_name}}")
    named = judge(classifier)
    assert judge(classifier, greeting=greeting).probability > named.probability + 0.1


def test_b4_nobody_s_name_counts_towards_spam(classifier: Classifier) -> None:
    assert judge(classifier, greeting="Dear job seeker,").probability > judge(classifier).probability


@pytest.mark.parametrize("pay", ["$125,000", "$130k-150k", "$128,000 to $160,000"])
def test_b18_pay_above_the_floor_is_welcome(classifier: Classifier, pay: str) -> None:
    assert judge(classifier, pay=pay).label is Label.LEGITIMATE


@pytest.mark.parametrize("pay", ["$62,000", "$55k-65k", "$70,000 to $85,000"])
def test_b18_pay_below_the_floor_flips_the_same_mail_to_spam(classifier: Classifier, pay: str) -> None:
    assert judge(classifier, pay=pay).label is Label.SPAM
