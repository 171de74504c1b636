"""Whatever a sender or a file holds, only what is documented comes of it; each by rules that make such input."""

from __future__ import annotations

import csv
import io
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import fuzz_targets
from spamrec import contacts, files, message, model, profile
from spamrec.errors import ConfigError, ForeignInputError, ModelError, ProfileError, SpamrecError
from spamrec.linkedin_export import read_export
from spamrec.model import Model, Weights

Written = Callable[[str, bytes], Path]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Puts bytes into a file of a name, which the next one takes the place of."""
    folder = tmp_path_factory.mktemp("any")

    def write(name: str, raw: bytes) -> Path:
        (folder / name).write_bytes(raw)
        return folder / name

    return write


# --- mail --------------------------------------------------------------------------------------------------

HEADS = st.sampled_from([
    b"From: =?utf-8?q?A=0AB?= <a@b.example>\n", b"Subject: \xff\0\x1b[2J\n", b"Date: 1 Jan 0 0:0 +2400\n", b"To: a@b, (\n",
    b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/html; charset=utf-7\n", b"X: " + b"=?" * 99 + b"\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Disposition: attachment; filename*0*=utf-16''%ff\n", b"no header\n",
    b"Content-Type: message/rfc822\n", b"Content-Type: text/calendar\n", b"Message-ID: \xe9\n", b"\rSubject: a\r", b" fold\n",
    b"Content-Type: multipart/alternative; boundary=\"b\"; boundary=c\n", b"From \n", b"Content-Type: application/ics\n",
])  # fmt: skip
BODIES = st.sampled_from([
    b"\n--b\n", b"\n--b--\n", b"\n\n", b"> q\n", b"On 1 Jan 2026 a wrote:\n", b"-- \n", b"<p hidden>\0</p>", b"<plaintext>",
    b"SUMMARY:\\n\\\x01\n", b"=ED=A0=80", b"4oI=", b"+2AA-", b"\xed\xa0\x80", b"BEGIN:VEVENT\n", b"<a href='\x07'>x", b"&#0;",
    b"Dear {{name}},\n", b"Regards,\nAnn\n", b"Subject: b\n\n", b"$90/hr in Troy, NY\n", b"Unsubscribe: \x85http://x\n",
])  # fmt: skip


@settings(max_examples=250)
@given(st.lists(HEADS, max_size=8).map(b"".join), st.lists(BODIES | HEADS, max_size=16).map(b"".join))
def test_every_text_of_any_mail_can_be_written_anywhere(head: bytes, body: bytes) -> None:
    """No NUL, no half of a character, single lines single, a digest and a date that are one."""
    fuzz_targets.check_message(message.parse(head + b"\n" + body))


# --- files of a reader -------------------------------------------------------------------------------------

KEYS = [key for section, keys in profile._SECTIONS.items() for key in (f"{section}.{name}" for name in keys)]
STRINGS = st.text(st.characters(codec="utf-8"), max_size=12).map(
    lambda text: json.dumps(text).replace("\x7f", "\\u007F")
)
VALUES = st.recursive(
    STRINGS
    | st.integers(-(10**30), 10**30).map(str)
    | st.floats().map(repr)
    | st.sampled_from(["true", "false", "2027-03-31", "2027-03-31T00:00:00Z", "07:32:00", "0x" + "f" * 900, "9" * 5000])
    | st.sampled_from(['"Troy, NY"', '"a@b.example"', '"95000 USD/year"', '"yes"', '"anywhere"', '"permanent"', "60"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]") | inner.map("{{a = {}}}".format)
    ),
    max_leaves=4,
)


@settings(max_examples=250)
@given(st.sampled_from(["name", "aliases", "emails", *KEYS]), VALUES)
@example("name", "[" * 2000)
def test_any_value_at_any_key_is_read_or_refused_by_name(written: Written, key: str, value: str) -> None:
    section, _, name = key.rpartition(".")
    path = written("profile.toml", (f"[{section}]\n" * bool(section) + f"{name} = {value}\n").encode())
    try:
        profile.load(path)
    except ProfileError as error:
        told = str(error)
        assert told.isprintable(), told
        assert f": {key}: " in told or "is not TOML" in told


@given(st.sampled_from(["exit-code", "threshold", "format"]), VALUES)
@example("threshold", "[" * 2000)
def test_any_value_in_a_configuration_is_read_or_refused(written: Written, key: str, value: str) -> None:
    options = {"classify": {"exit-code": "exit_code", "threshold": "threshold", "format": "format"}}
    try:
        files.read_config(written("config.toml", f"{key} = {value}\n".encode()), options)
    except ConfigError as error:
        assert str(error).isprintable()  # noqa: PT017 - either outcome is right


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.sampled_from(["bias", "weights"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
SOUND = json.loads(
    Model(
        Weights(-1.0, {"pitch": 1.0}), Weights(0.5, {"cold-pitch": 3.0}), threshold=0.5, base="0", lessons="1", learnt={"spam": 2}
    ).dumps()
)  # fmt: skip


@settings(max_examples=250)
@given(st.dictionaries(st.sampled_from([*SOUND, "tokens"]), JSON, max_size=4), st.sampled_from([0, 1, 2, 3]))
def test_any_json_is_a_model_that_scores_or_refused_with_the_remedy(
    written: Written, changes: dict[str, Any], number: int
) -> None:
    path = written("model.json", json.dumps({**SOUND, "format": number, **changes}).encode())
    try:
        loaded = model.load(path)
    except ModelError as error:
        told = str(error)
        assert told.startswith(f"{path}: ")
        assert told.isprintable()
    else:
        assert 0.0 <= model.logistic(loaded.verdict.score({"cold-pitch": 1.0})) <= 1.0
        assert loaded.dumps().startswith("{")


# --- address books and exports -----------------------------------------------------------------------------

CARD_LINES = st.sampled_from([
    "FN:Bo Ek", "FN;CHARSET=x;ENCODING=QUOTED-PRINTABLE:=C3=", "=BC", " folded", "EMAIL:bo@x.example", "EMAIL;TYPE=a,b;PREF:x@y",
    "EMAIL;X=\"a;b\":c@d.example", "EMAIL", ":", "N:;;;;", "N;ENCODING=b:QUJ", "NICKNAME;ENCODING=BASE64:\u00e9", "VERSION:2.1",
    "VERSION:4.0", "URL:https://www.linkedin.com/in/%ff", "item1.EMAIL:mailto:<A@B>", "BEGIN:VCARD", "END:VCARD", "", "\0", "\x0c",
    "BEGIN:VEVENT", "ORG;LANGUAGE=de:\\,\\;\\n", "EMAIL;ENCODING=QUOTED-PRINTABLE:a=40b.example", "\ufeffFN:x", "X-A;=:", "N:" + ";" * 99,
])  # fmt: skip


@settings(max_examples=250)
@given(
    st.lists(CARD_LINES, max_size=12),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_lines_are_cards_with_addresses_or_no_address_book(
    written: Written, lines: list[str], charset: str, end: str
) -> None:
    raw = end.join(["BEGIN:VCARD", *lines, "END:VCARD"]).encode(charset, "replace")
    try:
        cards = list(contacts.walk([written("book.vcf", raw)]))
    except ForeignInputError:
        return
    for card in cards:
        assert all(len(address.split()) == 1 and "@" in address for address in card.addresses)
        assert card.addresses == () or not card.damage


CELLS = st.text(string.printable + "\0\ufeff\ud7ff\u2028é", max_size=20) | st.sampled_from(
    [
        "INCOMING",
        "12 Mar 2023",
        "1/2/23, 1:02 AM",
        "2023-03-12 10:11:12 UTC",
        "0001-01-01",
        "31 Dec 9999",
        "<p>a",
        "Ray Kim",
    ]
)
HEADINGS = {
    "Connections.csv": "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    "Invitations.csv": "From,To,Sent At,Message,Direction",
    "messages.csv": "CONVERSATION ID,CONVERSATION TITLE,FROM,TO,DATE,SUBJECT,CONTENT,FOLDER",
    "Profile.csv": "First Name,Last Name,Headline,Zip Code,Geo Location",
    "Positions.csv": "Company Name,Title,Started On,Finished On",
    "Email Addresses.csv": "Email Address,Confirmed,Primary",
    "Job Seeker Preferences.csv": "Locations,Job Titles,Open To Recruiters,Job Seeking Urgency Level",
}


@given(
    st.dictionaries(st.sampled_from(sorted(HEADINGS)), st.lists(st.lists(CELLS, max_size=9), max_size=4), min_size=1)
)
def test_any_cells_are_an_export_or_refused_in_one_line(written: Written, tables: dict[str, list[list[str]]]) -> None:
    made = {}
    for name, rows in tables.items():
        text = io.StringIO()
        csv.writer(text, escapechar="\\").writerows([HEADINGS[name].split(","), *rows])
        made[name] = text.getvalue().encode()
    try:
        export = read_export(written("export.zip", fuzz_targets.archive(made)))
    except SpamrecError as error:
        assert str(error).isprintable()  # noqa: PT017 - either outcome is right
    else:
        for conversation in export.conversations:
            assert conversation.messages >= 1
