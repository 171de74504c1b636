"""Hostile input costs no more than its length, whatever a sender makes of it, and never an error that is not ours."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import pumped
from fuzz_targets import KINDS, Pool, Targets
from spamrec import contacts, letters, message, wishes
from spamrec.bulk import Setup
from spamrec.delivery import Delivery

PUMPED_BYTES = 60_000
"""Length of strings that are pumped up; a quadratic step takes more than ten seconds at it."""
LIMIT_S = 2.0 * 2
"""Processor time for one mail, twice what is asked as other processes share its caches."""
FEW = 60
"""Every so manieth string is tried, where not all are."""


@pytest.fixture(scope="module")
def delivery(data: Path) -> Delivery:
    return Delivery(Setup(profile=data / "ray-kim" / "profile.toml"))


def seconds(delivery: Delivery, raw: bytes) -> float:
    """Processor time that a mail takes to be judged, as one's own too."""
    started = time.process_time()
    letters.sent(delivery.judge(raw).evidence.message)
    return time.process_time() - started


HEAD = b"From: Ann <ann@b.example>\nTo: ray@own.example\n"
BLANKS, DOTS = b" " * PUMPED_BYTES, b"." * PUMPED_BYTES
FOUND = {
    "style attribute": HEAD + b"Content-Type: text/html\n\n<p style='" + b"a" * PUMPED_BYTES + b"'>hello</p>\n",
    "style sheet of one rule": HEAD
    + b"Content-Type: text/html\n\n<style>a{display"
    + BLANKS
    + b"}</style><p>hello</p>",
    "blanks in List-Unsubscribe": HEAD + b"List-Unsubscribe: x" + BLANKS + b"x\n\nhello\n",
    "dots in the subject": HEAD + b"Subject: a" + DOTS + b"x\n\nhello\n",
    "a subject of many words": HEAD + b"Subject: " + b"\\a" * (PUMPED_BYTES // 2) + b"\n\nhello\n",
    "a bare word and dots": HEAD + b"\nunsubscribe" + DOTS + b"x\n",
    "a bare word and addresses": HEAD + b"\nunsubscribe " + b".@" * (PUMPED_BYTES // 2) + b" x\n",
    "one long local part": HEAD + b"\na@" + b"0" * PUMPED_BYTES + b"\n",
    "colons behind a title": HEAD + b"\nPlease see the position" + b":" * PUMPED_BYTES + b"!\n",
    "blanks behind a title": HEAD + b"\nPlease see the position" + b" \t" * (PUMPED_BYTES // 2) + b"!\n",
    "one word of many accents": HEAD + b"\nhttp://" + "é".encode() * PUMPED_BYTES + b"!\n",
    "letters set apart": HEAD + b"\n" + b"a " * (PUMPED_BYTES // 2) + b"!\n",
}
"""Mail that took seconds, or hours, before what it fell into was mended."""


@pytest.mark.parametrize("name", FOUND)
def test_mail_that_took_too_long_takes_no_longer_than_its_length(delivery: Delivery, name: str) -> None:
    assert seconds(delivery, FOUND[name]) < LIMIT_S


def test_the_bare_word_with_addresses_is_a_request_still() -> None:
    for text in ("unsubscribe a.b+c@d.example", "Please, remove me, merci!", "STOP me@x.example please", "opt-out."):
        assert wishes.read(message.parse(HEAD + b"\n" + text.encode())).stop, text
    assert not wishes.read(message.parse(HEAD + b"\nstop the car")).stop


def strings(data: Path) -> Iterator[bytes]:
    """What makes each expression of the package work hard."""

    def use() -> None:
        for reader in sorted(data.glob("*/profile.toml")):
            judging = Delivery(Setup(profile=reader))
            for path in [*reader.parent.glob("spam/*.eml")][:5] + [*reader.parent.glob("legit/*.eml")][:10]:
                letters.sent(judging.judge(path.read_bytes()).evidence.message)

    seen = set()
    for pattern in pumped.gathered(use):
        for made in pumped.pumped(pattern, PUMPED_BYTES):
            raw = made if isinstance(made, bytes) else made.encode("utf-8", "replace")
            if raw not in seen:
                seen.add(raw)
                yield raw


def shapes(raw: bytes) -> Iterator[bytes]:
    """Mail with a string in text, subject, other headers, HTML, and a LinkedIn notification."""
    line = raw.replace(b"\n", b"\n ")
    names = (b"From", b"Reply-To", b"List-Unsubscribe", b"List-Id", b"Date", b"Authentication-Results", b"References")
    yield HEAD + b"Subject: Java job\n\nDear Ray, we have a position in Troy.\n\n" + raw + b"\n\nRegards,\nAnn\n"
    yield HEAD + b"Subject: " + line + b"\n\nhello there\n"
    yield b"".join(name + b": " + line + b"\n" for name in names) + b"\nhello there\n"
    yield HEAD + b"Content-Type: text/html\n\n<p style='" + raw + b"'><a href='" + raw + b"'>x</a></p>" + raw
    yield b"From: Ann <invitations@linkedin.com>\nSubject: I want to connect\n\n" + raw


PROGRAM = """
import sys
from pathlib import Path
sys.path += ["tests", "tools"]
from test_hostile import LIMIT_S, Delivery, Setup, seconds, shapes, strings
data, every = Path(sys.argv[1]), int(sys.argv[2])
made = list(strings(data))
delivery = Delivery(Setup(profile=data / "ray-kim" / "profile.toml"))
slow = [(mail[:60], mail[-30:]) for raw in made[::every] for mail in shapes(raw) if seconds(delivery, mail) > LIMIT_S]
print(len(made), slow)
"""


@pytest.mark.slow
def test_every_expression_is_linear_in_what_makes_it_work_hardest(root: Path, data: Path) -> None:
    """In a process of its own, as every module is loaded anew. `every` 1 tries all there are, in half an hour."""
    command = [sys.executable, "-c", PROGRAM, str(data), str(FEW)]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stderr
    number, _, slow = ended.stdout.partition(" ")
    assert int(number) > 3_000
    assert slow == "[]\n"


def test_an_address_book_of_hostile_parameters_takes_no_time(tmp_path: Path) -> None:
    """The library tries exponentially many ways to split them before it finds that the colon is missing."""
    sound = 'FN:Bo\nEMAIL;TYPE=internet,pref;X="a:b":bo@x.example\nEMAIL;INTERNET:bo2@x.example'
    for bad in ("EMAIL;TYPE=intern" + "E=internE" * 40, "EMAIL;A" + ",b" * 60, 'EMAIL;A="x"' * 40):
        book = tmp_path / "book.vcf"
        book.write_text(f"BEGIN:VCARD\nVERSION:3.0\n{bad}\n{sound}\nEND:VCARD\n")
        started = time.process_time()
        (card,) = contacts.walk([book])
        assert time.process_time() - started < LIMIT_S
        assert (card.name, card.addresses) == ("Bo", ("bo@x.example", "bo2@x.example"))


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_input_raises_nothing_but_our_errors(data: Path, tmp_path: Path, kind: str) -> None:
    """A few of the cases that `tools/fuzz.py` runs by the ten thousand, always the same ones."""
    mails = [path.read_bytes() for path in sorted(data.glob("*/*/*.eml"))[::40]]
    targets = Targets(Pool(mails, sorted(data.glob("*/profile.toml"))[:3]), tmp_path)
    for number in range(60):
        targets.run(kind, Random(f"{kind}/{number}"))
