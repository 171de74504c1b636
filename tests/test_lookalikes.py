"""Words dressed up for the eye are read as they are meant, and foreign ones are left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import evasion
from spamrec import model
from spamrec.lookalikes import MAX_CHARS, plain


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Dеаr jоb sееkеr", "Dear job seeker"),
        ("Ηеllο frοm Αnn", "Hello from Ann"),
        ("сору", "copy"),
        ("p\u0301osi\u0302tion", "position"),
        ("an  o f f e r  for you", "an  offer  for you"),
        ("your r.e.s.u.m.e, please", "your resume, please"),
        ("c-a-l-l", "call"),
        ("ᴀᴘᴘʟʏ now", "apply now"),
    ],
)
def test_what_only_looks_like_words_is_made_words(text: str, meant: str) -> None:
    assert plain(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Привет, это письмо о работе", "Сегодня встреча в 10", "Γειά σου, τι κάνεις;", "нужен SQL и Python", "U.S.A.", "J. R. Kim",
        "plan a b c", "x = a*b*c", "Müller, Ångström, ñandú", "1 2 3 4 5", "a|b|c", "日本語のメール",
    ],
)  # fmt: skip
def test_what_is_written_in_another_alphabet_stays(text: str) -> None:
    assert plain(text) == text


def test_what_lies_far_behind_is_not_looked_at() -> None:
    text = "x" * MAX_CHARS + " j o b s"
    assert plain(text) == text


@given(st.text())
def test_any_text_is_read_and_read_twice_alike(text: str) -> None:
    once = plain(text)
    assert len(once) <= len(text)
    assert plain(plain(once)) == plain(once)


STAY = {
    "letters of Cyrillic, wherever one looks alike": 0.9,
    "one Cyrillic letter in each word": 0.9,
    "zero-width letters within words": 0.9,
    "soft hyphens within words": 0.9,
    "blanks within words": 0.9,
    "dots within words": 0.9,
    "accents on letters": 0.85,
    "mathematical letters": 0.95,
    "full-width letters": 0.95,
    "tags and comments within words": 0.95,
    "letters as entities": 0.95,
    "good words that nobody sees (display: none)": 0.95,
    "good words in white on white": 0.95,
    "good words in letters of no size": 0.95,
    "all in an attached text": 0.95,
    "all in an attached page, with a word of greeting": 0.85,
    "all in a mail passed on": 0.7,
    "all in a calendar entry": 0.85,
    "all in a calendar file, with a word of greeting": 0.7,
    "text in base64": 0.95,
    "text in UTF-16": 0.95,
    "subject with a faked Re:": 0.95,
    "headers that say legitimate": 0.95,
    "sender forged to be known, authentication failed": 0.95,
}
"""Share of caught spam that stays so; of the other tricks it is known that they get through."""


def test_cheap_tricks_fail(data: Path) -> None:
    """Every twentieth message; doc/evasion.md has the whole table."""
    found = list(evasion.caught(data, 20))
    assert len(found) > 50
    rates = evasion.rates(found)
    assert {trick: rate for trick, rate in rates.items() if rate < STAY.get(trick, 0.0)} == {}


def test_the_table_of_tricks_is_of_this_model_and_these_tricks() -> None:
    """`tools/evasion.py --every 3 --write` makes it anew."""
    table = evasion.PAGE.read_text(encoding="utf-8")
    assert model.digest() in table
    assert re.findall(r"^\| (.+) \| [\d.]+% \|$", table, re.M) == list(evasion.TRICKS)
