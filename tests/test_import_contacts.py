"""Address books of every age and origin are read, and a broken card costs no other."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from spamrec import contacts, imports, message
from spamrec.contacts import Card
from spamrec.errors import MissingInputError, UnreadableInputError
from spamrec.history import History

PHOTO = base64.b64encode(bytes(range(200))).decode()

VCARD_2_1 = f"""BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg =
M=C3=BCller
EMAIL;INTERNET;PREF:Joerg@Example.org
EMAIL;HOME:home@example.org
TEL;CELL:+49 170 1
PHOTO;ENCODING=BASE64;JPEG:
 {PHOTO[:60]}
 {PHOTO[60:120]}

END:VCARD
"""
VCARD_3 = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iOS 17.0//EN
N:Lee;Ann;;;MD
FN:Ann Lee\\, MD
item1.EMAIL;type=INTERNET;type=pref:ann.lee@a-very-long-host-name-that-is-folded.exam
 ple
item1.X-ABLabel:_$!<Other>!$_
EMAIL;TYPE=WORK:ann@example.org
item2.URL;type=pref:https\\://www.linkedin.com/in/ann-lee-7
NOTE:EMAIL:not@an.address
END:VCARD
"""
VCARD_4 = """begin:vcard
version:4.0
FN:Bo Ek
KIND:individual
EMAIL;PREF=1:mailto:bo@example.org
EMAIL;TYPE=work:bo2@example.org
PHOTO:data:image/jpeg;base64,AAAA
UID:urn:uuid:1
end:vcard
"""
BROKEN = """BEGIN:VCARD
VERSION:3.0
FN;ENCODING=BASE64:abcde
EMAIL:lost@example.org
END:VCARD
BEGIN:VCARD
VERSION:3.0
this line is garbage
FN:No End
EMAIL:noend@example.org
BEGIN:VCARD
EMAIL:noname@example.org
EMAIL:not an address
EMAIL:
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Truncated
EMAIL:cut@example.org
"""


def read(tmp_path: Path, text: str, *, encoding: str = "utf-8", newline: str = "\r\n") -> list[Card]:
    path = tmp_path / "book.vcf"
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    return list(contacts.walk([path]))


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_cards_of_all_versions_are_read(tmp_path: Path, encoding: str, newline: str) -> None:
    cards = read(tmp_path, VCARD_2_1 + VCARD_3 + VCARD_4, encoding=encoding, newline=newline)
    assert cards == [
        Card("Jörg Müller", ("joerg@example.org", "home@example.org")),
        Card(
            "Ann Lee, MD",
            ("ann.lee@a-very-long-host-name-that-is-folded.example", "ann@example.org"),
            "ann-lee-7",
        ),
        Card("Bo Ek", ("bo@example.org", "bo2@example.org")),
    ]


def test_older_phones_write_windows_1252(tmp_path: Path) -> None:
    (card,) = read(tmp_path, "BEGIN:VCARD\nVERSION:2.1\nFN:Zoë\nEMAIL:z@x.example\nEND:VCARD\n", encoding="cp1252")
    assert card == Card("Zoë", ("z@x.example",))


def test_a_broken_card_costs_no_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first, second, third, last = read(tmp_path, BROKEN)
    assert "base64" in first.damage
    assert (second.addresses, third.addresses) == (("noend@example.org",), ("noname@example.org",))
    assert last.addresses[0] == "cut@example.org"
    assert capfd.readouterr().err == "", "the library's own complaints are not printed"


def test_a_broken_photograph_costs_nothing(tmp_path: Path) -> None:
    cards = read(tmp_path, VCARD_2_1.replace(PHOTO[:60], PHOTO[:59]))
    assert cards[0].addresses == ("joerg@example.org", "home@example.org")


@pytest.mark.parametrize("seed", range(30))
def test_no_damage_raises(tmp_path: Path, seed: int) -> None:
    import random

    chance = random.Random(seed)
    raw = bytearray((VCARD_2_1 + VCARD_3 + VCARD_4).encode())
    for _ in range(60):
        raw[chance.randrange(12, len(raw))] = chance.randrange(256)
    path = tmp_path / "book.vcf"
    path.write_bytes(raw)
    try:
        for card in contacts.walk([path]):
            assert all("@" in address for address in card.addresses)
    except UnreadableInputError as error:
        assert "holds no vCard" in str(error)  # noqa: PT017 - either answer will do


def test_what_is_named_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear job seeker")
    for name, kind, reason in [
        ("none.vcf", MissingInputError, "no such file"),
        ("letter.txt", UnreadableInputError, "holds no vCard"),
        (".", UnreadableInputError, "no vCard file"),
    ]:
        with pytest.raises(kind, match=reason):
            list(contacts.walk([tmp_path / name]))


def test_people_in_the_address_book_are_known_for_all_time(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(VCARD_3)
    (tmp_path / "b.VCF").write_text(BROKEN)
    with History() as memory:
        done = imports.contacts(memory, [tmp_path], own=["ann@example.org"])
        assert (done.read, done.added, done.known, done.people) == (6, 4, 0, 4)
        assert done.skipped == (("your own address", 1), ("damaged card", 1))
        again = imports.contacts(memory, [tmp_path], own=["ann@example.org"])
        assert (again.added, again.known) == (0, 4)
        old = message.parse(b"From: noend@example.org\nDate: Mon, 02 Mar 1998 12:00:00 +0000\n\nhello\n")
        assert memory.standing(old).known == "in your address book"
        notice = message.parse(
            b"From: Ann Lee <invitations@linkedin.com>\nSubject: Invitation to connect\n\nAnn Lee\nDoctor\n\nHello\n"
        )
        assert memory.standing(notice).known == "your connection"
