"""LinkedIn mail: the person, title and words inside a notification, without LinkedIn's frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from spamrec import linkedin_frame as frame
from spamrec.message import Message

if TYPE_CHECKING:
    import re

DOMAIN = "linkedin.com"
"""Notifications come from this domain or one below it; look-alikes are other mail."""

MAX_TITLE_CHARS = 240
"""Longest title line; LinkedIn allows 220 characters, and the degree of connection may follow."""

MAX_PLACE_CHARS = 60
"""Longest line under a title that is still taken for the member's place or the date."""


class Kind(StrEnum):
    """What LinkedIn notifies of."""

    INVITATION = "invitation"
    INMAIL = "inmail"
    MESSAGE = "message"
    ACCEPTED = "accepted"
    JOBS = "jobs"
    APPLICATION = "application"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification, unwrapped."""

    kind: Kind
    """What it notifies of."""
    person: str
    """Name of the member it speaks of, "" for none."""
    title: str
    """That member's title line, "" where it is not shown."""
    subject: str
    """Subject of the member's own, "" where LinkedIn wrote it."""
    text: str
    """What the member wrote, the jobs listed or the news told; "" for an invitation without a note."""
    own_alert: bool = False
    """Whether the jobs come from an alert that the reader set up."""


def unwrap(message: Message) -> Notice | None:
    """The notice inside a LinkedIn mail; None for other mail."""
    sender = message.sender
    if sender is None or not (sender.domain == DOMAIN or sender.domain.endswith("." + DOMAIN)):
        return None
    kind = _kind(message, sender.local)
    body = _body(message)
    person = _person(message, kind, body)
    lines = _lines(body, person, _reader(message))
    if kind in (Kind.JOBS, Kind.APPLICATION, Kind.DIGEST):
        text = _joined(line for line in lines if not _is_frame(line, message))
        alert = kind is Kind.JOBS and (sender.local.startswith("jobalert") or _says(body, frame.OWN_ALERT))
        return Notice(kind, person, "", "", text, alert and not sender.local.startswith("jobs-listings"))
    title, words = _card(lines, person, message)
    text = "" if kind is Kind.ACCEPTED else _note(words, message)
    return Notice(kind, person, title, _subject(message, kind), text)


# --- what it notifies of -----------------------------------------------------------------------------------


def _kind(message: Message, local: str) -> Kind:
    """By subject where LinkedIn reuses an address, else by sender, else by the headers' class and template."""
    subject = _plain(message.subject)
    declared = f"{message.header('x-linkedin-class')} {message.header('x-linkedin-template')}".lower()
    if _says(subject, frame.ACCEPTED) or "accepted" in declared or "connection_" in declared:
        return Kind.ACCEPTED
    if "application" in declared or _says(subject, frame.APPLICATION):
        return Kind.APPLICATION
    for fragment, name in frame.SENDERS:
        if fragment in local:
            return Kind(name)
    for fragment, name in frame.CLASSES:
        if fragment in declared:
            return Kind(name)
    return Kind.MESSAGE if _says(subject, frame.MESSAGED) else Kind.DIGEST


# --- the member --------------------------------------------------------------------------------------------


def _person(message: Message, kind: Kind, body: str) -> str:
    """The name in From unless it is LinkedIn's; else in the subject or in the first line that has one."""
    name = message.sender.name if message.sender else ""
    for tail in frame.VIA:
        if name.lower().endswith(tail):
            name = name[: -len(tail)].rstrip(" (")
    if name and "linkedin" not in name.lower():
        return name
    if kind is Kind.JOBS or kind is Kind.APPLICATION:
        return ""
    for text in (message.subject, *body.split("\n", 3)[:3]):
        found = _named().search(" ".join(text.split()))
        if found is not None:
            named = next(group for group in found.groups() if group)
            return "" if named in _reader(message) else named
    return ""


@cache
def _named() -> re.Pattern[str]:
    """Finds the member in a line of LinkedIn's, before its verb or after its "from"."""
    import re

    word = r"(?:[^\W\d_a-z][\w'’.-]*|de|da|di|la|van|von|der|den|del|le|bin|al|y)"
    name = rf"([^\W\d_a-z][\w'’.-]*(?: {word}){{1,4}})"
    before = "|".join(frame.NAME_AFTER)
    after = "|".join(frame.NAME_BEFORE)
    return re.compile(rf"(?i:{before}) {name}|(?:^|, ){name},? (?i:{after})")


def _reader(message: Message) -> tuple[str, ...]:
    """Full names that the mail is addressed to."""
    return tuple(address.name for address in message.to if " " in address.name)


# --- the lines ---------------------------------------------------------------------------------------------


def _body(message: Message) -> str:
    """All that is shown, as the parts that a mail is split in mean nothing inside LinkedIn's frame."""
    parts = (message.text, message.signature, message.disclaimer)
    return "\n\n".join(part for part in parts if part).replace("’", "'").replace("\xa0", " ")


def _lines(body: str, person: str, reader: tuple[str, ...]) -> list[str]:
    """Lines of a body, laid out again where the breaks between them were lost; "" for empty ones."""
    lines = [line.strip() for line in body.split("\n")]
    if sum(map(bool, lines)) <= 3 and max(map(len, lines)) > 160:
        body = _relaid(body, person, reader)
        lines = [line.strip() for line in body.split("\n")]
    return lines


def _relaid(body: str, person: str, reader: tuple[str, ...]) -> str:
    """A body without line breaks, broken again at the frame, at the member's name and at the greeting."""
    import re

    names = {name.split()[0] for name in reader}
    breaks = [re.escape(mark) for mark in frame.MARKS]
    if names:
        first = "|".join(map(re.escape, names))
        breaks.append(rf"(?:{'|'.join(frame.GREETINGS)}),? (?:{first})\b")
    buttons = "|".join(map(re.escape, sorted(frame.BUTTONS, key=len, reverse=True)))
    body = re.sub(rf"(?i)(?:\b(?:{buttons})\s*:?\s*)?https?://(?:\w+\.)?linkedin\.com/\S*", "\n", body)
    body = re.sub(rf"(?i)(?<=\s)(?={'|'.join(breaks)})", "\n", body)
    if person:
        body = re.sub(rf"(?:{re.escape(person.upper())}|^{re.escape(person)}|(?<=[.\n]) ?{re.escape(person)})(?=\s)", r"\n\g<0>\n", body)  # fmt: skip
    return _stock().sub("\n", body)


def _is_frame(line: str, message: Message) -> bool:
    """Whether LinkedIn wrote a line: buttons, addresses, footers, and whatever names the reader in full."""
    plain = _plain(line)
    if not plain.strip(frame.RULES):
        return bool(line)
    if _says(plain, frame.ANYWHERE) or (len(plain) < 160 and _says(plain, frame.SHORT)):
        return True
    if any(word in plain for word in frame.PRODUCTS) and len(plain) < 160 and _says(plain, frame.MAIL_WORDS):
        return True
    return _names_reader(plain, message) or _is_buttons(plain)


def _is_buttons(plain: str) -> bool:
    """Whether a line is nothing but buttons and links of LinkedIn."""
    for mark in ("|", "·", "  ", " / ", "•", ".", "["):
        plain = plain.replace(mark, "\n")
    pieces = [piece.strip(frame.RULES) for piece in plain.split("\n")]
    return all(not piece or piece in frame.BUTTONS or _is_personal_button(piece) for piece in pieces)


def _is_personal_button(piece: str) -> bool:
    """Buttons that name the member, such as "reply to Ann" and "view Ann's profile"."""
    return piece.count(" ") < 6 and piece.startswith(frame.BUTTON_STARTS)


def _names_reader(plain: str, message: Message) -> bool:
    """Whether a line is a footer about the reader: the full name first, or behind "for", or with a title."""
    for name in _reader(message):
        name = name.lower()
        at = plain.find(name)
        if at < 0 or len(plain) > 240:
            continue
        before, after = plain[:at].rstrip(" :"), plain[at + len(name) :]
        if after.startswith(" (") or (not before and after[:1] in ("", ",", " ", ".")):
            return True
        if before.endswith(frame.BEFORE_READER):
            return True
    return False


def _plain(line: str) -> str:
    """A line in lower case, without addresses at LinkedIn and without marks around it."""
    line = line.replace("’", "'").lower()
    while (at := line.find("https://")) >= 0:
        end = line.find(" ", at)
        address = line[at:] if end < 0 else line[at:end]
        if "linkedin.com" not in address:
            break
        line = line[:at] + line[at + len(address) :]
    return line.strip(frame.RULES)


def _says(text: str, wordings: tuple[str, ...]) -> bool:
    text = text.lower()
    return any(wording in text for wording in wordings)


# --- card and note -----------------------------------------------------------------------------------------


def _card(lines: list[str], person: str, message: Message) -> tuple[str, list[str]]:
    """The title under the member's name, and the lines that are neither that card nor LinkedIn's frame."""
    at = next((i for i, line in enumerate(lines) if _is_name(line, person)), -1)
    title, taken = "", set[int]()
    if at < 0:
        at = next((i for i, line in enumerate(lines) if _is_headed(line, person)), -1)
    if at >= 0:
        taken.add(at)
        title = _title_beside(lines[at], person)
        if not title and at + 1 < len(lines) and _is_title(lines[at + 1], message):
            title = lines[at + 1]
            taken.add(at + 1)
        after = at + 1 + (at + 1 in taken)
        while title and after < len(lines) and after < at + 4 and _is_place(lines[after], message):
            taken.add(after)
            after += 1
    words = []
    for i, line in enumerate(lines):
        if _plain(line).startswith(frame.SECTIONS):
            break
        if i not in taken and not _is_name(line, person) and not _is_headed(line, person):
            words.append("" if _is_frame(line, message) else line)
    return title, words


def _is_name(line: str, person: str) -> bool:
    """Whether a line is the member's name, as it stands in From or with a title left out or in capitals."""
    if not person or not line or len(line) > 80:
        return False
    name = line.split("·")[0].strip().lower()
    return name == person.lower() or (" " in name and person.lower().endswith(" " + name))


def _is_headed(line: str, person: str) -> bool:
    """Whether a line of LinkedIn's tells that the member wrote or wants to connect."""
    if not line or len(line) > 300:
        return False
    plain = _plain(line)
    if plain.startswith(frame.NEW_FROM):
        return True
    first = person.lower().split(" ")[0] if person else ""
    return bool(first) and first in plain and plain.endswith(frame.HEADED)


def _title_beside(line: str, person: str) -> str:
    """Title behind the name and a comma in one line, "" where there is none."""
    at = line.lower().find(person.lower() + ", ") if person else -1
    if at < 0:
        return ""
    title = line[at + len(person) + 2 :]
    for ending in frame.HEADED:
        if title.lower().endswith(ending):
            title = title[: -len(ending)]
    return title.strip(" ,:")


def _is_title(line: str, message: Message) -> bool:
    if not line or len(line) > MAX_TITLE_CHARS or line[0] in "\"“«„'":
        return False
    return not _is_greeting(line, message) and not _is_frame(line, message) and not _is_stock(line)


def _is_place(line: str, message: Message) -> bool:
    """Whether a line under a title is the member's place or a date, not the first of the message."""
    if not line or len(line) > MAX_PLACE_CHARS or line[-1] in ".!?:,;" or line[0] in "\"“«„'":
        return False
    return not _is_greeting(line, message) and not _is_frame(line, message) and line.count(" ") < 7


def _is_greeting(line: str, message: Message) -> bool:
    """Whether a line begins by addressing the reader."""
    lower = line.lower().lstrip("¡\"“«„' ")
    if lower.startswith(tuple(f"{greeting}{mark}" for greeting in frame.GREETINGS for mark in " ,!:.")) or lower in frame.GREETINGS:
        return True
    firsts = {name.split()[0].lower() for name in _reader(message)}
    return any(lower.startswith(first) and lower[len(first) : len(first) + 2].strip()[:1] in set(",-–:.!") for first in firsts)


def _note(words: list[str], message: Message) -> str:
    """What the member wrote, "" where only a greeting and LinkedIn's stock line stand."""
    text = _joined(_stock().sub("", line) for line in words)
    if len(text) < 40 and _is_greeting(text, message) and text.count(" ") < 4 and "\n" not in text:
        return ""
    if len(text) > 1 and frame.QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def _is_stock(line: str) -> bool:
    return _stock().search(line) is not None


@cache
def _stock() -> re.Pattern[str]:
    """Finds the sentence that LinkedIn puts in an invitation without a note."""
    import re

    return re.compile(rf"(?im)(?:\b(?:{'|'.join(frame.STOCK)}))\s*(?:[.!]+|$)")


def _subject(message: Message, kind: Kind) -> str:
    """The member's own subject, "" where LinkedIn wrote it."""
    if kind not in (Kind.INMAIL, Kind.MESSAGE) or _says(message.subject.replace("’", "'"), frame.MESSAGED):
        return ""
    return message.subject


def _joined(lines: object) -> str:
    """Lines as a text with no more than one empty line between two."""
    out: list[str] = []
    for line in lines:  # type: ignore[attr-defined]
        line = line.strip()
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()
