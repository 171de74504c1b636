"""Our headers go into a mail and out again, and no other byte changes; what they say is what the verdict says."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spamrec import message, tagging
from spamrec.classifier import Classifier
from spamrec.model import load
from spamrec.tagging import NAMES, Style, strip, tag
from spamrec.verdict import Kind, Label, Reason, Verdict

REASONS = (Reason("known-sender", "", -3.1), Reason("far-place", "", 2.1), Reason("generic-salutation", "", 0.9))


def verdict(probability: float, threshold: float = 0.9, reasons: tuple[Reason, ...] = REASONS) -> Verdict:
    label = Label.SPAM if probability >= threshold else Label.LEGITIMATE
    return Verdict(label, probability, threshold, Kind.OTHER, reasons)


FIELDS = tagging.judged(verdict(0.987654), model="0123456789ab", version="0.1.0")
HEADERS = b"""\
X-Spamrec: Spam, probability=0.987654, threshold=0.900, model=0123456789ab,
 version=0.1.0
X-Spamrec-Reasons: known-sender -3.10; far-place +2.10;
 generic-salutation +0.90
"""

# --- bytes -------------------------------------------------------------------------------------------------

SHAPES = {
    "plain": b"From: a@x.example\nSubject: hi\n\nbody\n",
    "CRLF": b"From: a@x.example\r\nSubject: hi\r\n\r\nbody\r\n",
    "mbox line": b"From a@x.example Tue Mar  3 09:12:44 2026\nFrom: a@x.example\n\nbody\n",
    "mbox line, CRLF": b"From a@x.example Tue Mar  3 09:12:44 2026\r\nFrom: a@x.example\r\n\r\nbody\r\n",
    "mbox line alone": b"From a@x.example Tue Mar  3 09:12:44 2026\n",
    "mbox line without end": b"From a@x.example Tue Mar  3 09:12:44 2026",
    "mbox line, then text": b"From a@x.example Tue Mar  3 09:12:44 2026\nhello\n",
    "mbox line, then a relay's": b"From a@x.example Tue Mar  3 09:12:44 2026\n>From b Tue\nA: b\n\nbody",
    "folded": b"Subject: long\n\tsubject\n goes on\nTo: a@x.example,\n b@x.example\n\nbody\n",
    "folded with a blank line in it": b"Subject: long\n \n goes on\n\nbody\n",
    "no body": b"From: a@x.example\nSubject: hi\n",
    "no body, blank line": b"From: a@x.example\nSubject: hi\n\n",
    "no final newline": b"From: a@x.example\n\nbody",
    "no final newline in the header": b"From: a@x.example",
    "empty": b"",
    "a newline": b"\n",
    "a CRLF": b"\r\n",
    "body alone behind a blank line": b"\nbody\n",
    "text alone": b"hello there\n\nX-Spamrec: quoted\n",
    "text alone that begins with a blank": b" hello\n\tthere\n\nmore\n",
    "text alone, CRLF": b"hello there\r\n\r\nmore\r\n",
    "text that names us": b"hello there\nX-Spamrec: Spam, all the same\n",
    "NUL": b"Subject: a\0b\n\nbody\0\n\0",
    "NUL first": b"\0Subject: a\n\nbody",
    "lone CR": b"Subject: a\rTo: b\r\rbody\r",
    "lone CR in the header": b"Subject: a\rX-Spamrec: b\nTo: c\n\nbody",
    "lone CR first": b"\rbody",
    "CR before a blank": b"Subject: a\n\r\r\nbody\n",
    "mixed ends": b"Subject: a\r\nTo: b\n\r\nbody\n\r\n",
    "8-bit": "Subject: Zürich\n\nGrüße\n".encode("latin-1"),
    "quoted in the body": b"Subject: a\n\nX-Spamrec: Spam, quoted\nX-Bogosity: Spam\n",
    "a name that begins alike": b"X-Spamrecipe: soup\nX-Spam-Flagship: no\n\nbody\n",
    "garbage in the header": b"Subject: a\ngarbage\nTo: b\n\nbody\n",
    "a long line": b"Subject: " + b"x" * 100_000 + b"\n\n" + b"y" * 100_000,
}


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_put_in_comes_out_and_nothing_else(shape: str, style: Style) -> None:
    raw = SHAPES[shape]
    assert strip(raw, style) == raw
    tagged = tag(raw, tagging.judged(verdict(0.95), style=style), style)
    assert strip(tagged, style) == raw
    start = next(n for n in range(len(raw) + 1) if tagged.endswith(raw[n:]))
    assert tagged.startswith(raw[:start])
    assert len(tagged) > len(raw)


line = st.sampled_from([
    b"From a Tue", b"A: b", b" folded", b"\tfolded", b"", b"text", b"\0", b"X-Spamrec: Spam, x", b"x-spamrec-REASONS : y",
    b"X-Spamrec-Header: added", b"X-Bogosity: Ham", b"X-Spam-Flag: YES", b"X-Spamrec", b"X-Spamrec:", b":", b"\r",
])  # fmt: skip
ends = st.sampled_from([b"\n", b"\r\n", b"\r", b""])
mails = st.lists(st.tuples(line, ends), max_size=12).map(lambda lines: b"".join(a + b for a, b in lines)) | st.binary()


@given(mails, st.sampled_from(Style))
@example(b"X-Spamrec: a\nX-Spamrec-Header: added\n\nX-Spamrec: b\n\nbody", Style.SPAMREC)
@example(b"X-Spamrec: a\nSubject: x\rX-Spamrec: b\r\rbody", Style.SPAMREC)
def test_any_bytes_come_back(raw: bytes, style: Style) -> None:
    """Whatever a mail is: taking out is final, and takes out what was put in and no more."""
    bare = strip(raw, style)
    assert strip(bare, style) == bare
    for fields in (FIELDS, tagging.judged(verdict(0.2), style=style)):
        tagged = tag(raw, fields, style)
        assert strip(tagged, style) == bare
        assert tag(tagged, fields, style) == tagged


def test_the_corpus_comes_back(data: Path) -> None:
    paths = sorted(data.rglob("*.eml"))
    assert len(paths) > 2_500
    for path in paths:
        raw = path.read_bytes()
        assert strip(tag(raw, FIELDS)) == raw, path


def test_headers_stand_before_the_first_in_the_line_ends_of_the_mail() -> None:
    assert tag(SHAPES["plain"], FIELDS) == HEADERS + SHAPES["plain"]
    assert tag(SHAPES["CRLF"], FIELDS) == HEADERS.replace(b"\n", b"\r\n") + SHAPES["CRLF"]
    envelope, rest = SHAPES["mbox line"].split(b"\n", 1)
    assert tag(SHAPES["mbox line"], FIELDS) == envelope + b"\n" + HEADERS + rest
    envelope, relay, rest = SHAPES["mbox line, then a relay's"].split(b"\n", 2)
    assert tag(SHAPES["mbox line, then a relay's"], FIELDS) == b"\n".join((envelope, relay, HEADERS + rest))
    assert tag(b"", FIELDS) == HEADERS
    assert tag(b"\nbody", FIELDS) == HEADERS + b"\nbody"


@pytest.mark.parametrize("shape", ["text alone", "text alone that begins with a blank", "mbox line, then text"])
def test_a_text_without_a_header_stays_a_text(shape: str) -> None:
    parsed = email.message_from_bytes(tag(SHAPES[shape], FIELDS))
    payload = parsed.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert SHAPES[shape].endswith(payload)
    assert b"hello" in payload
    assert "hello" not in "".join(parsed.values())


FORGED = (
    b"Received: from x\nX-Spamrec: Legitimate, probability=0.000001,\n threshold=0.900\nSubject: a\n"
    b"x-spamrec-reasons : known-sender\n\t-9\nX-SPAMREC:\nTo: b\n\nX-Spamrec: in the body\n"
)


def test_what_a_sender_forged_is_gone_for_good() -> None:
    bare = b"Received: from x\nSubject: a\nTo: b\n\nX-Spamrec: in the body\n"
    assert strip(FORGED) == bare
    assert tag(FORGED, FIELDS) == HEADERS + bare
    assert strip(FORGED.replace(b"\n", b"\r\n")) == bare.replace(b"\n", b"\r\n")


def test_a_forged_header_behind_a_line_that_is_none_is_gone_too() -> None:
    """procmail and Dovecot read on up to the blank line, and would believe it."""
    assert strip(b"Subject: a\nno header\nX-Spamrec: Legitimate\n\nbody") == b"Subject: a\nno header\n\nbody"


@pytest.mark.parametrize("style", [style for style in Style if NAMES[style]])
def test_a_style_takes_out_its_own_headers_and_leaves_those_of_others(style: Style) -> None:
    others = b"".join(b"%s: x\n" % n.encode() for s in Style if s is not style for n in NAMES[s])
    own = b"".join(b"%s: forged\n" % name.encode() for name in NAMES[style])
    assert strip(own + others + b"A: b\n\nbody", style) == others + b"A: b\n\nbody"
    assert strip(own + b"A: b\n\nbody") == own + b"A: b\n\nbody"


def test_hostile_headers_cost_no_more_than_their_length() -> None:
    for part in (b"X-Spamrec-Header: added\n\n", b"X-Spamrec: a\n", b"X-Spamrec: a\nX-Spamrec-Header: added\n\n",
                 b"X-Spamrec: a\r", b" \n", b"\r", b"X-Spamrec: a\n\tb\n"):  # fmt: skip
        strip(part * (2_000_000 // len(part)))


# --- what is said ------------------------------------------------------------------------------------------


def told(fields: tuple[tagging.Field, ...], style: Style = Style.SPAMREC) -> dict[str, str]:
    """The headers as a mail program reads them."""
    parsed = email.message_from_bytes(tag(b"Subject: a\n\nbody\n", fields, style), policy=email.policy.compat32)
    return {name: re.sub(r"\n\s", " ", value) for name, value in parsed.items() if name != "Subject"}


def test_the_verdict_is_told_in_the_order_of_its_weight() -> None:
    assert told(FIELDS) == {
        "X-Spamrec": "Spam, probability=0.987654, threshold=0.900, model=0123456789ab, version=0.1.0",
        "X-Spamrec-Reasons": "known-sender -3.10; far-place +2.10; generic-salutation +0.90",
    }


def test_lines_are_ascii_and_short() -> None:
    many = tuple(Reason(f"reason-{'x' * n}\u00fc;,\n\x1b", "", 1.0 / n) for n in range(1, 40))
    for style in Style:
        lines = tag(b"", tagging.judged(verdict(0.5, reasons=many), style=style, version="1\n2"), style).split(b"\n")
        assert all(len(line) <= 78 and line.isascii() and b"\x1b" not in line for line in lines), lines


def test_a_mail_below_the_threshold_never_reads_as_if_it_reached_it() -> None:
    said = told(tagging.judged(verdict(0.89999999)))["X-Spamrec"]
    assert said.startswith("Legitimate, probability=0.899999, threshold=0.900,")
    assert "threshold=0.9054," in told(tagging.judged(verdict(0.9, 0.9054)))["X-Spamrec"]


@given(st.floats(0, 1), st.integers(0, 10**6).map(lambda n: n / 10**6))
def test_numbers_and_words_agree(probability: float, threshold: float) -> None:
    judgement = verdict(probability, threshold)
    said = dict(tagging.judged(judgement, style=Style.SPAMASSASSIN))
    shown, cut = (float(n) for n in re.findall(r"=(\d\.\d+)", said["X-Spamrec"])[:2])
    assert (shown >= cut) is judgement.spam
    score, required = (float(n) for n in re.findall(r"(?:score|required)=(-?\d+\.\d)", said["X-Spam-Status"]))
    assert (score >= required) is judgement.spam
    assert score == tagging.points(judgement)


def test_only_spam_is_called_so() -> None:
    tagged = tag(b"A: b\n\n", tagging.judged(verdict(0.1)))
    assert not re.search(rb"^X-Spamrec: Spam", tagged, re.MULTILINE)


def test_how_much_of_a_large_mail_was_read_is_told() -> None:
    assert told(tagging.judged(verdict(0.1), read=524288))["X-Spamrec"].endswith(", read=524288")


def test_bogofilter_style() -> None:
    for probability, said in ((0.95, "Spam"), (0.1, "Ham")):
        found = told(tagging.judged(verdict(probability), style=Style.BOGOFILTER, version="0.1.0"))
        expected = f"{said}, tests=bogofilter, spamicity={probability:.6f}, version=0.1.0"
        assert found["X-Bogosity"] == expected
        assert found["X-Spamrec"]


def test_spamassassin_style() -> None:
    spam = told(tagging.judged(verdict(0.9), style=Style.SPAMASSASSIN, version="0.1.0"))
    assert spam["X-Spam-Flag"] == "YES"
    assert spam["X-Spam-Level"] == "*****"
    assert spam["X-Spam-Status"].startswith("Yes, score=5.0 required=5.0 tests=KNOWN_SENDER,")
    assert spam["X-Spam-Status"].endswith(" autolearn=no autolearn_force=no version=0.1.0")
    ham = told(tagging.judged(verdict(0.89999, reasons=()), style=Style.SPAMASSASSIN))
    assert "X-Spam-Flag" not in ham
    assert ham["X-Spam-Level"] == "****"
    assert ham["X-Spam-Status"].startswith("No, score=4.9 required=5.0 tests=none autolearn=no")


def test_spambayes_style() -> None:
    assert told(tagging.judged(verdict(0.999), style=Style.SPAMBAYES))["X-Spambayes-Classification"] == "spam; 0.99"
    assert told(tagging.judged(verdict(0.1), style=Style.SPAMBAYES))["X-Spambayes-Classification"] == "ham; 0.10"


# --- no evidence -------------------------------------------------------------------------------------------


def test_no_filters_header_is_evidence(data: Path) -> None:
    """Neither ours, genuine or forged, nor another filter's: the verdict stays as it is without them."""
    classifier = Classifier(load())
    for path in (data / "inbox").glob("*.eml"):
        raw = path.read_bytes()
        bare = classifier.classify(raw)
        for style in Style:
            for probability in (0.0, 1.0):
                tagged = tag(raw, tagging.judged(verdict(probability), style=style), style)
                assert classifier.classify(tagged) == bare
                assert message.parse(tagged).digest == message.parse(raw).digest
