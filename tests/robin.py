"""A reader, pitches to them, and how the command line judges these: shared by the tests of the memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from command_line import Run
from spamrec.statuses import Status

PROFILE = """
name = "Robin Ashby"
emails = ["robin@ashby.example"]

[location]
home = "Madison, WI"
commute_km = 50
relocate = ["Minneapolis, MN"]
remote = "yes"

[work]
titles = ["backend engineer", "software engineer"]
skills = ["Python", "PostgreSQL", "Django"]
unwanted = ["PHP", "WordPress", "help desk"]
contract = ["permanent"]
floor = ["120000 USD/year"]

[people]
{people}
"""

MAIL = """\
From: {sender}
To: Robin Ashby <robin@ashby.example>
Subject: {subject}
Date: {day} 09:31:00 -0500
Message-ID: <{key}@mail.example>
{headers}Content-Type: text/plain; charset=utf-8

{text}
"""

FAIR = """\
Hi Robin,

I work in talent acquisition at Tamarack Health, a hospital software company. We are looking for a Backend Engineer
(Python) to join our team. The role is hybrid, two days a week in our Madison, WI office. It is a permanent position,
and the salary is $135,000 to $150,000 a year.

I came across your profile and think you could be a good fit. Would you be open to a short call this week?

Paula Greer
Talent Partner, Tamarack Health
"""

FAR = FAIR.replace("hybrid, two days a week in our Madison, WI office", "on site in our Dallas, TX office")

PAULA = "Paula Greer <paula.greer@tamarack-health.example>"


class Found(NamedTuple):
    """What `classify` says."""

    probability: float
    """Of the message being spam, 0 to 1."""
    spam: bool
    """Whether that reaches the shipped model's threshold."""
    signals: frozenset[str]
    """Names of the reasons."""


def state(home: Path, people: str = "") -> None:
    (home / "profile.toml").write_text(PROFILE.format(people=people), encoding="utf-8")


def mail(
    text: str = FAIR,
    *,
    sender: str = PAULA,
    subject: str = "Backend Engineer at Tamarack Health",
    day: str = "Tue, 16 Sep 2025",
    key: str = "pitch",
    headers: str = "",
) -> bytes:
    return MAIL.format(text=text, sender=sender, subject=subject, day=day, key=key, headers=headers).encode()


def judge(run: Run, raw: bytes) -> Found:
    ended = run("classify", "--format", "jsonl", "-", stdin=raw)
    assert ended.status == Status.DONE, ended.err
    record = json.loads(ended.out)
    assert record["probability"] >= record["threshold"] or record["label"] == "legitimate"
    return Found(
        record["probability"], record["label"] == "spam", frozenset(one["signal"] for one in record["reasons"])
    )


def sent(text: str, *, to: str, subject: str = "Your mail", day: str = "Fri, 01 Aug 2025", key: str = "own") -> bytes:
    head = f"From: Robin Ashby <robin@ashby.example>\nTo: {to}\nSubject: {subject}\nDate: {day} 08:00:00 -0500\n"
    return f"{head}Message-ID: <{key}@ashby.example>\n\n{text}\n".encode()


def done(run: Run, *arguments: str | Path, stdin: bytes = b"") -> str:
    """What a command prints that must go well."""
    ended = run(*arguments, stdin=stdin)
    assert ended.status == Status.DONE, ended.err
    return ended.out


CARD = """\
BEGIN:VCARD
VERSION:3.0
FN:Paula Greer
EMAIL:Paula.Greer@tamarack-health.example
END:VCARD
"""
