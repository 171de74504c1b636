"""Records become the texts that are documented, and nothing in a mail does anything but be printed."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import FRIEND, HOSTILE, MODEL, PITCH
from spamrec import message, report
from spamrec.bulk import Judged
from spamrec.classifier import Classifier
from spamrec.evidence import Evidence
from spamrec.verdict import Kind, Label, Reason, Verdict

SENTENCE = "the work is out of your reach: Plano, TX, 1,300 km from home"
HOSTILE_SUBJECT = "\x1b]0;pwned\x07\x1b[31m[red]bold[/red] \u202egpj.exe\u202c \x9b2m\r\nBcc: =1+1\u2028end\udcff"


def judged(
    subject: str = "Java developer, Plano",
    sender: str = "Devon Marsh",
    label: Label = Label.SPAM,
    **more: Any,
) -> Judged:
    """A verdict with two reasons, one for each side."""
    reasons = (Reason("far-place", SENTENCE, 2.5), Reason("greets-reader", "it greets you: “Hi Robin”", -1.0))
    verdict = Verdict(
        label=label,
        probability=more.get("probability", 0.9523),
        threshold=0.5,
        kind=Kind.AGENCY_BLAST,
        reasons=more.get("reasons", reasons),
        sender=sender,
        subject=subject,
        message_id="<one@x.example>",
    )
    return Judged("inbox/1.eml", datetime(2026, 3, 3, 9, 12, 44, tzinfo=UTC), verdict)


# --- literal text ------------------------------------------------------------------------------------------


def test_escape_sequences_markup_and_turned_text_are_printed_as_what_they_are() -> None:
    assert report.literal(HOSTILE_SUBJECT) == "]0;pwned[31m[red]bold[/red] gpj.exe 2m Bcc: =1+1 end\ufffd"


@pytest.mark.parametrize("text", ["Zażółć gęślą jaźń", "日本語の件名", "می‌خواهم", "👩‍💻 offer", "क्ष", "plain"])
def test_scripts_keep_their_letters_and_joiners(text: str) -> None:
    assert report.literal(text) == text


@given(st.text())
def test_literal_text_is_one_line_without_controls(text: str) -> None:
    shown = report.literal(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not any(
        unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI") for c in shown
    )
    assert report.literal(shown) == shown


@given(st.text(), st.integers(2, 40))
def test_fitted_text_takes_exactly_its_cells(text: str, width: int) -> None:
    assert report.cells(report.fit(report.literal(text), width)) == width


def test_wide_letters_take_two_cells_and_accents_none() -> None:
    assert [report.cells(text) for text in ("abc", "日本", "e\u0301", "👍")] == [3, 4, 1, 2]
    assert report.fit("日本語の件名", 6) == "日本… "


# --- JSON lines and CSV ------------------------------------------------------------------------------------


def test_a_json_line_holds_the_documented_keys() -> None:
    table = json.loads(report.jsonl(report.record(judged())))
    assert table == {
        "path": "inbox/1.eml",
        "message_id": "<one@x.example>",
        "label": "spam",
        "probability": 0.9523,
        "threshold": 0.5,
        "kind": "agency blast",
        "reasons": [
            {"signal": "far-place", "text": SENTENCE, "weight": 2.5},
            {"signal": "greets-reader", "text": "it greets you: “Hi Robin”", "weight": -1.0},
        ],
        "pitch": {
            "roles": [], "places": [], "mode": "unstated", "remote_for_now": False, "relocation_asked": False,
            "locals_only": False, "pay": [], "contract": [], "client_unnamed": False, "contacts": [], "asks": [],
        },
        "sender": "Devon Marsh",
        "subject": "Java developer, Plano",
        "date": "2026-03-03T09:12:44+00:00",
    }  # fmt: skip


def test_the_job_offered_stands_in_the_json_line() -> None:
    evidence = Evidence(message.parse(PITCH.read_bytes()))
    pitch = report.record(Judged("-", None, Classifier(MODEL).judge(evidence)))["pitch"]
    assert pitch["places"] == [
        {"text": "Plano, TX", "name": "Plano", "region": "TX", "country": "US", "found": "subject"}
    ]
    assert pitch["pay"] == [{"low": 55.0, "high": 55.0, "currency": "USD", "period": "hour"}]
    assert (pitch["locals_only"], pitch["client_unnamed"], pitch["asks"]) == (True, True, ["resume", "call"])


@given(st.text())
def test_a_json_line_loses_nothing_and_moves_no_cursor(subject: str) -> None:
    line = report.jsonl(report.record(judged(subject)))
    assert json.loads(line)["subject"] == subject
    assert report.literal(line) == line.removesuffix("\n") + " "


def test_a_csv_line_is_quoted_where_it_must_be() -> None:
    assert report.csv_row(judged('Java, "senior"')) == (
        'inbox/1.eml,<one@x.example>,spam,0.9523,0.5,agency blast,Devon Marsh,"Java, ""senior""",'
        f'2026-03-03T09:12:44+00:00,"{SENTENCE}"\n'
    )


@pytest.mark.parametrize("subject", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_reads_no_formula_from_a_subject(subject: str) -> None:
    row = next(csv.reader([report.csv_row(judged(subject))]))
    assert row[report.CSV_FIELDS.index("subject")] == f"'{subject}"


@given(st.text(), st.text())
def test_any_texts_are_one_csv_record(sender: str, subject: str) -> None:
    rows = list(csv.reader(io.StringIO(report.csv_row(judged(subject, sender)))))
    assert [len(row) for row in rows] == [len(report.CSV_FIELDS)]


# --- the table ---------------------------------------------------------------------------------------------


def test_a_piped_table_cuts_nothing() -> None:
    long = "Java developer, five years of experience, Plano in Texas, on-site, on W2"
    assert report.plain([report.row(judged()), report.row(judged(long, label=Label.LEGITIMATE))]) == (
        "spam        0.952  Devon Marsh                   Java developer, Plano                                     "
        f"{SENTENCE}\n"
        f"legitimate  0.952  Devon Marsh                   {long}  it greets you: “Hi Robin”\n"
    )


def test_what_is_unsure_stands_in_every_form() -> None:
    found = judged(label=Label.UNSURE, probability=0.45)
    assert report.plain([report.row(found)]) == (
        "unsure      0.450  Devon Marsh                   Java developer, Plano                                     "
        f"{SENTENCE}\n"
    )
    assert report.record(found)["label"] == "unsure"
    assert report.csv_row(found).startswith("inbox/1.eml,<one@x.example>,unsure,0.45,0.5,")


def test_a_table_on_a_terminal_fits_it() -> None:
    assert report.plain([report.row(judged(), 100)]) == (
        "spam        0.952  Devon Marsh      Java developer, Plano           the work is out of your reach: …\n"
    )


@given(st.text(), st.text(), st.integers(40, 200))
def test_no_line_is_wider_than_the_terminal(sender: str, subject: str, width: int) -> None:
    line = report.plain([report.row(judged(subject, sender), width)])
    assert report.cells(line.removesuffix("\n")) <= width


def test_a_narrow_terminal_shows_no_reason() -> None:
    assert report.plain([report.row(judged(), 50)]) == "spam        0.952  Devon Ma…  Java developer, Pla…\n"


def test_the_first_reason_speaks_for_the_label() -> None:
    words = Reason("words", "its words are those of pitches: role", 3.0)
    far, faint = Reason("far-place", SENTENCE, 2.0), Reason("shouting", "the subject shouts", 0.1)
    greets = Reason("greets-reader", "it greets you: “Hi Robin”", -1.0)
    for reasons, label, probability, said in (
        ((words, far), Label.SPAM, 0.9, SENTENCE),
        ((words, faint), Label.SPAM, 0.9, words.text),
        ((far,), Label.LEGITIMATE, 0.7, f"not enough: {SENTENCE}"),
        ((words, far, greets), Label.UNSURE, 0.6, SENTENCE),
        ((greets,), Label.UNSURE, 0.4, "little in it speaks of a pitch"),
        ((far,), Label.LEGITIMATE, 0.2, "little in it speaks of a pitch"),
        ((), Label.LEGITIMATE, 0.2, "little in it speaks of a pitch"),
    ):
        verdict = judged(label=label, reasons=reasons, probability=probability).verdict
        assert report.first_reason(verdict) == said


def test_the_summary_counts() -> None:
    assert report.summary({"spam": 7, "legitimate": 5}, 0, "p.toml") == (
        "12 messages: 7 spam, 5 legitimate (profile: p.toml)"
    )
    assert report.summary({"spam": 1}, 2, "") == "1 message: 1 spam, 0 legitimate; 2 files left out (profile: none)"
    assert report.summary({"spam": 7, "unsure": 1, "legitimate": 1_500}, 0, "p.toml") == (
        "1,508 messages: 7 spam, 1 unsure, 1,500 legitimate (profile: p.toml)"
    )
    assert report.summary({}, 1, "") == "no messages found; 1 file left out (profile: none)"


# --- everything about one message --------------------------------------------------------------------------


def explained(path: Path) -> str:
    evidence, classifier = Evidence(message.parse(path.read_bytes())), Classifier(MODEL)
    found = Judged(path.name, evidence.message.date, classifier.judge(evidence))
    return report.plain(report.explanation(found, evidence, classifier.flips(evidence)))


def test_a_pitch_is_explained() -> None:
    assert (
        explained(PITCH)
        == """\
file        pitch.eml
from        Devon Marsh <devon.marsh@brightstaff.example>
subject     Urgent requirement: Java developer in Plano, TX
date        2026-03-03 09:12 -0600
verdict     spam, probability 0.952, threshold 0.500, agency blast

The job offered
  role      requirement java developer
  place     Plano, TX, US (“Plano, TX”, subject)
  work      locals only
  pay       55 USD/hour
  contract  contract
  client    not named
  asks for  resume, call

Reasons, + towards spam
   +2.52 ████████████████ it asks for your résumé or an application: “send me your updated resume” [asks-resume]
   +1.80 ███████████      it is addressed to nobody in particular: “Dear job seeker” [generic-salutation]
   +1.68 ███████████      the client has no name: “our direct client” [on-behalf-of-client]

What would turn it
  0.000  if the sender were known to you
"""
    )


def test_hostile_mail_is_explained_harmlessly() -> None:
    assert (
        explained(HOSTILE)
        == """\
file        hostile.eml
from        [31mMallory <m@hostile.example>
subject     ]0;pwned[red]bold[/red] cirt2m =1+1
date        2026-03-05 08:00 +0000
verdict     legitimate, probability 0.062, threshold 0.500, other

What would turn it
  none of the facts that were tried
"""
    )


def test_a_letter_from_a_friend_has_no_job_in_it() -> None:
    assert "The job offered" not in explained(FRIEND)


# --- a terminal --------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A terminal that keeps what it is sent."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_and_no_markup_of_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """rich alone may colour; what looks like its markup stays text."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    report.printer(terminal)([report.row(judged("\x1b[5m[blink]offer[/blink] :smile:"), 120)])
    assert terminal.getvalue().startswith("\x1b[1;31mspam")
    assert "[5m[blink]offer[/blink] :smile:" in terminal.getvalue()
    assert "\x1b[5m" not in terminal.getvalue()
