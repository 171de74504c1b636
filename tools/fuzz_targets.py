"""What damaged input is given to, and what must hold whatever it is."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import math
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from mutations import BYTES, MUTATIONS, mutated
from spamrec import contacts, letters, message, model, profile, report, sources, spamd, tagging
from spamrec.bulk import Judged, Setup
from spamrec.delivery import Delivered, Delivery
from spamrec.errors import ModelError, ProfileError, RequestError, SpamrecError
from spamrec.linkedin_export import read_export
from spamrec.model import Model, Weights
from spamrec.tagging import Style

KINDS = ("mail", "wire", "profile", "vcard", "linkedin", "model", "file")
"""Sorts of input, each with what it is given to."""
SHARES = (60, 14, 6, 8, 4, 3, 5)
"""How often each is drawn, of a hundred."""
ROWS = 400
"""Messages after which what is remembered is begun anew."""


class Unsound(AssertionError):  # noqa: N818 - it is what pytest calls a failure
    """Something that must hold did not; the text says what."""


def hold(truth: bool, what: str) -> None:
    """Raise where something does not hold; unlike `assert` also under `python -O`."""
    if not truth:
        raise Unsound(what)


class Pool(NamedTuple):
    """What cases are made of."""

    mails: Sequence[bytes]
    """Mail as it was found."""
    profiles: Sequence[Path]
    """Profiles of readers, at least one."""


class Targets:
    """The program's parts as one process uses them, with a folder for what they write."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool = pool
        self.folder = folder
        self.judged = 0
        self._deliveries: dict[Path, Delivery] = {}
        self._alone: Delivery | None = None

    def run(self, kind: str, chance: Random) -> None:
        """One case of that sort."""
        run: Callable[[Random], None] = getattr(self, f"_{kind}")
        run(chance)

    def _drawn(self, chance: Random, **how: Sequence[Callable[[Random, bytes, bytes], bytes]]) -> bytes:
        return mutated(chance, chance.choice(self.pool.mails), chance.choice(self.pool.mails), **how)

    # --- mail ----------------------------------------------------------------------------------------------

    def _mail(self, chance: Random) -> None:
        self.mail(self._drawn(chance), chance.choice(list(Style)), chance.choice(self.pool.profiles))

    def mail(self, raw: bytes, style: Style, whose: Path) -> None:
        """A mail judged and remembered as at delivery, told in each form, tagged, and stripped again."""
        delivery = self._delivery(whose)
        delivered = delivery.judge(raw)
        delivery.remember(delivered)
        letters.sent(delivered.evidence.message)
        check_delivered(delivered)
        check_tagging(raw, delivery.fields(delivered, style), style)

    def judge(self, raw: bytes) -> None:
        """A mail judged alone, as a reader's own too; nothing of it is remembered."""
        delivered = self._judging().judge(raw)
        letters.sent(delivered.evidence.message)
        check_delivered(delivered)

    def tagging(self, raw: bytes, number: int) -> None:
        """A mail tagged and stripped, whatever it is, in the style of that number."""
        style = list(Style)[number % len(Style)]
        delivery = self._judging()
        check_tagging(raw, delivery.fields(delivery.judge(b""), style), style)

    def _judging(self) -> Delivery:
        """Without a history."""
        if self._alone is None:
            self._alone = Delivery(Setup(profile=self.pool.profiles[0]))
        return self._alone

    def _delivery(self, whose: Path) -> Delivery:
        """A reader's, with a history that is begun anew from time to time."""
        self.judged += 1
        if self.judged % ROWS == 0:
            for delivery in self._deliveries.values():
                delivery.close()
            self._deliveries.clear()
            for file in self.folder.glob("history-*"):
                file.unlink()
        if whose not in self._deliveries:
            memory = self.folder / f"history-{len(self._deliveries)}.db"
            self._deliveries[whose] = Delivery(Setup(profile=whose), memory=memory, warn=_warned)
        return self._deliveries[whose]

    # --- other input ---------------------------------------------------------------------------------------

    def _wire(self, chance: Random) -> None:
        raw = mutated(chance, _request(chance, chance.choice(self.pool.mails)), b"SET: local\r\n\r\n", BYTES)
        cuts = sorted(chance.randrange(len(raw) + 1) for _ in range(chance.randint(0, 12)))
        self.wire(raw, cuts)

    def wire(self, raw: bytes, cuts: Sequence[int]) -> None:
        """A request whole and cut at those places, in order; it is the same, or refused alike."""
        whole = answer(iter([raw]))
        cut = answer(raw[a:b] for a, b in itertools.pairwise((0, *cuts, len(raw))))
        hold(whole == cut, "what a request is depends on how it was cut")
        if isinstance(whole, spamd.Request):
            spamd.head(whole.raw)

    def _profile(self, chance: Random) -> None:
        raw = mutated(
            chance,
            chance.choice(self.pool.profiles).read_bytes(),
            chance.choice(self.pool.profiles).read_bytes(),
            BYTES,
        )
        self.profile(raw)

    def profile(self, raw: bytes) -> None:
        """A profile, read or refused."""
        path = self._written("profile.toml", raw)
        try:
            profile.load(path)
        except ProfileError as error:
            hold(str(path) in str(error) and "\n" not in str(error), "a refusal names its file in one line")

    def _vcard(self, chance: Random) -> None:
        book = _vcards(chance, [message.parse(chance.choice(self.pool.mails)) for _ in range(3)])
        self.vcard(mutated(chance, book, book, BYTES))

    def vcard(self, raw: bytes) -> None:
        """An address book, read as far as its cards can be."""
        path = self._written("book.vcf", raw)
        try:
            for card in contacts.walk([path]):
                hold(all("@" in address and not address.isspace() for address in card.addresses), "an address has an @")
        except SpamrecError:
            pass

    def _linkedin(self, chance: Random) -> None:
        rows = _export(chance, [message.parse(chance.choice(self.pool.mails)) for _ in range(4)])
        inside = chance.random() < 0.7  # damage within the tables, else to the archive
        raw = archive({name: mutated(chance, text, text, BYTES) if inside else text for name, text in rows.items()})
        self.linkedin(raw if inside else mutated(chance, raw, raw, BYTES))

    def linkedin(self, raw: bytes) -> None:
        """An export as it is downloaded, read or refused."""
        path = self._written("export.zip", raw)
        try:
            read_export(path)
        except SpamrecError as error:
            hold("\n" not in str(error), "a refusal is one line")

    def _model(self, chance: Random) -> None:
        made = Model(Weights(-1.0, {"pitch": 1.0, "word:job": 2.0}), Weights(0.5, {"cold-pitch": 3.0}), threshold=0.5)
        raw = made.dumps().encode()
        if chance.random() < 0.5:  # sound JSON of the wrong shape
            table = json.loads(raw)
            table[chance.choice(list(table))] = chance.choice(
                (None, [], {}, "x", True, -1, 1e308, {"bias": "x"}, {"bias": float("nan"), "weights": {"a": None}})
            )
            raw = json.dumps(table).encode()
        self.model(mutated(chance, raw, raw, BYTES) if chance.random() < 0.7 else raw)

    def model(self, raw: bytes) -> None:
        """A model file, refused or fit to score."""
        path = self._written("model.json", raw)
        try:
            loaded = model.load(path)
        except ModelError as error:
            hold(str(path) in str(error), "a refusal names its file")
        else:
            hold(math.isfinite(loaded.pitch.score({}, ("job",))), "a model that loads scores")

    def _file(self, chance: Random) -> None:
        """A file of one mail or an mbox, gzipped or not, as `sources` finds it."""
        raw = b"".join(
            b"From x@x.example Tue Mar  3 09:12:44 2026\n" + chance.choice(self.pool.mails) + b"\n"
            for _ in range(chance.randint(1, 4))
        )
        raw = mutated(chance, raw, raw, BYTES if chance.random() < 0.5 else MUTATIONS)
        if chance.random() < 0.4:
            raw = mutated(chance, gzip.compress(raw, 1), b"\x1f\x8b", BYTES)
        try:
            for found in sources.walk([self._written("some", raw)]):
                message.parse(found.raw)
        except SpamrecError as error:
            hold("\n" not in str(error), "a refusal is one line")

    def _written(self, name: str, raw: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(raw)
        return path


# --- what must hold ----------------------------------------------------------------------------------------


def check_delivered(delivered: Delivered) -> None:
    """What was read of a mail, and what was said of it."""
    check_message(delivered.evidence.message)
    check_verdict(delivered.evidence, Judged("-", delivered.evidence.message.date, delivered.verdict))


def check_message(mail: message.Message) -> None:
    """Every text of a mail can be written anywhere; single lines are single lines."""
    for name, value in mail._asdict().items():
        for text in _texts(value):
            hold(_is_sound(text), f"{name} holds a character that cannot be written: {text[:40]!r}")
    for text in (mail.message_id, mail.subject, *(value for _, value in mail.headers)):
        hold("\n" not in text and "\r" not in text, "a header is one line")
    hold(mail.date is None or mail.date.utcoffset() is not None, "a date has its offset")
    hold(len(mail.digest) == 32, "a digest has 32 digits")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _is_sound(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text if c > "\ud000")


def check_verdict(evidence: object, judged: Judged) -> None:
    """A probability that is one, and reasons and records fit for a terminal."""
    verdict = judged.verdict
    hold(0.0 <= verdict.probability <= 1.0, f"{verdict.probability} is no probability")
    hold(all(math.isfinite(reason.weight) for reason in verdict.reasons), "a weight is a number")
    for line in (report.jsonl(report.record(judged)), report.csv_row(judged), report.plain([report.row(judged, 100)])):
        hold(_is_harmless(line.rstrip("\n")), f"a line that is not fit for a terminal: {line[:80]!r}")
        line.encode()
    json.loads(report.jsonl(report.record(judged)))
    report.plain(report.explanation(judged, evidence, [])).encode()  # type: ignore[arg-type]


def _is_harmless(line: str) -> bool:
    """Whether a terminal shows a line and does nothing else; characters that no font has are shown as boxes."""
    return line.isprintable() or not {"Cc", "Cf", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, line))


def check_tagging(raw: bytes, fields: Sequence[tagging.Field], style: Style) -> None:
    """Headers go in and come out, and all other bytes stay."""
    bare = tagging.strip(raw, style)
    tagged = tagging.tag(raw, fields, style)
    hold(tagging.strip(bare, style) == bare, "stripped twice is stripped once")
    hold(tagging.strip(tagged, style) == bare, "what is put in comes out, byte for byte")
    hold(tagging.tag(tagged, fields, style) == tagged, "tagged twice is tagged once")
    hold(f"{tagging.NAME}: ".encode() in tagged, "the verdict is told")
    if not any(name in raw.lower() for name in (b"x-spamrec", b"x-spam", b"x-bogosity")):
        hold(bare == raw, "a mail without headers of ours is not touched")


def answer(blocks: Iterator[bytes]) -> spamd.Request | bytes:
    """The request that these blocks make, or the line that refuses it."""
    parser = spamd.Parser(max_message_bytes=100_000, allow_tell=True)
    try:
        for block in blocks:
            if found := parser.feed(block):
                return found
        if found := parser.end():
            return found
    except RequestError as error:
        line = spamd.refusal(error)
        hold(line.isascii() and line.count(b"\n") == 1 and line.endswith(b"\r\n"), "a refusal is one line")
        return line
    raise Unsound("neither a request nor a refusal")


def _warned(told: str) -> None:
    raise Unsound(f"the history failed: {told}")


# --- input of other sorts ----------------------------------------------------------------------------------


def _request(chance: Random, raw: bytes) -> bytes:
    verb = chance.choice((*spamd.Verb, *spamd.Verb, "check", "GET", ""))
    packed = chance.random() < 0.3
    body = zlib.compress(raw) if packed else raw
    length = len(body) if chance.random() < 0.9 else chance.choice((0, len(body) - 1, len(body) + 1, 10**30))
    lines = [f"{verb} SPAMC/{chance.choice(('1.5', '1.2', '1.0', '0', '9999.9999', '1.'))}"]
    options = [f"Content-length: {length}", "User: ray", "Message-class: spam", "Set: local", "Remove: local, remote"]
    lines += [line for line in options if chance.random() < (0.9 if line == options[0] else 0.4)]
    lines += ["Compress: zlib"] * packed
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def archive(tables: Mapping[str, bytes]) -> bytes:
    """A LinkedIn export of those tables."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in tables.items():
            file.writestr(name, text)
    return packed.getvalue()


def _vcards(chance: Random, mails: Sequence[message.Message]) -> bytes:
    cards = []
    for mail in mails:
        name, address = (mail.sender.name, mail.sender.address) if mail.sender else ("", "")
        version = chance.choice(("2.1", "3.0", "4.0"))
        cards.append(
            f"BEGIN:VCARD\r\nVERSION:{version}\r\nFN:{name}\r\nN:{name};;;\r\n"
            f"EMAIL;TYPE=internet;PREF:{address}\r\nNOTE;ENCODING=QUOTED-PRINTABLE:=C3=\r\n=BC\r\n"
            f"URL:https://www.linkedin.com/in/x\r\nNICKNAME;CHARSET=UTF-8;ENCODING=b:QUJD\r\nORG:{mail.subject}\r\n"
            f"PHOTO;ENCODING=BASE64:QUJD\r\n QUJD\r\n\r\nEND:VCARD\r\n"
        )
    return "".join(cards).encode("utf-16" if chance.random() < 0.1 else "utf-8", "replace")


def _export(chance: Random, mails: Sequence[message.Message]) -> dict[str, bytes]:
    people = [m.sender.name.replace('"', "") if m.sender else "" for m in mails]
    connections = "Notes:\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n" + "".join(
        f'"{name}",X,https://www.linkedin.com/in/{n},a{n}@b.example,Firm,Dev,0{n} Jan 2024\n'
        for n, name in enumerate(people)
    )
    invitations = "From,To,Sent At,Message,Direction\n" + "".join(
        f'"{name}",Me,"1/{n + 1}/24, 1:0{n} PM","{m.text[:200].replace(chr(34), "")}",{chance.choice(("INCOMING", "OUTGOING"))}\n'
        for n, (name, m) in enumerate(zip(people, mails, strict=True))
    )
    messages = "CONVERSATION ID,CONVERSATION TITLE,FROM,TO,DATE,SUBJECT,CONTENT,FOLDER\n" + "".join(
        f'{n},,"{name}",Me,2024-01-0{n + 1} 10:00:00 UTC,Hi,"{m.text[:300].replace(chr(34), "")}",INBOX\n'
        for n, (name, m) in enumerate(zip(people, mails, strict=True))
    )
    member = "First Name,Last Name,Headline,Zip Code,Geo Location\nMe,Myself,Dev,12180,Troy\n"
    tables = {"Connections.csv": connections, "Invitations.csv": invitations, "messages.csv": messages}
    return {name: text.encode("utf-8", "replace") for name, text in {**tables, "Profile.csv": member}.items()}
