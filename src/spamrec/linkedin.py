"""LinkedIn mail: the person, title and words inside a notification, without LinkedIn's frame."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from spamrec.linkedin_frame import Frame, opens_section, relaid, says, stock
from spamrec.message import Message
from spamrec.notices import Kind, Notice, from_linkedin

if TYPE_CHECKING:
    import re

__all__ = ["Kind", "Notice", "unwrap"]

MAX_TITLE_CHARS = 240
"""Longest title line; LinkedIn allows 220 characters, and the degree of connection may follow."""

MAX_PLACE_CHARS = 60
"""Longest line under a title that is still taken for the member's place or a date."""

MAX_BODY_CHARS = 50_000
"""Characters of a notification that are read; LinkedIn's messages end at 8,000, its digests well below this."""

MAX_RELAID_CHARS = 12_000
"""Longest body whose lost line breaks are looked for, which takes time in the square of its length."""

MAX_BARE_GREETING_CHARS = 40
"""A text no longer than this that only addresses the reader is no note."""


_SENDERS = (
    ("inmail", Kind.INMAIL), ("invitation", Kind.INVITATION), ("messaging-digest", Kind.MESSAGE), ("jobs", Kind.JOBS),
    ("jobalert", Kind.JOBS), ("job-apps", Kind.APPLICATION), ("connections", Kind.ACCEPTED), ("groups", Kind.DIGEST),
    ("news", Kind.DIGEST), ("updates", Kind.DIGEST),
)  # fmt: skip
"""Part of the sender's local part, and the kind of notice that it always stands for."""

_CLASSES = (
    ("inmail", Kind.INMAIL), ("invit", Kind.INVITATION), ("endors", Kind.DIGEST), ("search_appear", Kind.DIGEST),
    ("notification", Kind.DIGEST), ("digest", Kind.DIGEST), ("network_update", Kind.DIGEST), ("pymk", Kind.DIGEST),
    ("job", Kind.JOBS), ("jymbii", Kind.JOBS), ("message", Kind.MESSAGE), ("mbr-to-mbr", Kind.MESSAGE),
)  # fmt: skip
"""Part of X-LinkedIn-Class or X-LinkedIn-Template, the telling ones first, and the kind it stands for."""

_ACCEPTED = (
    "accepted your invitation", "your new connection", "is now in your network", "is now a connection",
    "is now part of your network", "einladung angenommen", "ihr neuer kontakt", "dein neuer kontakt",
    "accepté votre invitation", "accepté ton invitation", "partie de votre réseau maintenant",
    "fait maintenant partie de", "votre nouvelle relation", "aceptado tu invitación", "aceptó tu invitación",
    "tu nuevo contacto",
)  # fmt: skip
_APPLICATION = (
    "your application was", "your application to ", "your application for ", "you applied to", "ihre bewerbung",
    "deine bewerbung", "votre candidature", "ta candidature", "tu solicitud", "tu candidatura", "su solicitud de",
)  # fmt: skip
_INVITED = (
    "invitation to connect", "join my network", "add me to your linkedin network", "wants to connect",
    "einladung zum vernetzen", "invitation à rejoindre", "invitación para conectar", "invitación a conectar",
)  # fmt: skip
_MESSAGED = (
    "just messaged you", "sent you a message", "sent you a new message", "sent you an inmail", "sent you a new inmail",
    "new message from", "new inmail from", "you have a new message", "you have a new inmail", "you have 1 new message",
    "hat ihnen eine nachricht", "hat ihnen gerade eine nachricht", "hat dir eine nachricht", "hat ihnen eine inmail",
    "hat dir gerade eine nachricht", "neue nachricht von", "vous a envoyé un message", "vous a envoyé un inmail",
    "vous a envoyé un nouveau message", "vient de vous envoyer un message", "nouveau message de",
    "te ha enviado un mensaje", "te ha enviado un nuevo mensaje", "te envió un mensaje",
    "te acaba de enviar un mensaje", "te ha enviado un inmail", "nuevo mensaje de",
)  # fmt: skip
_OWN_ALERT = (
    "your job alert for", "created this alert", "alert was created by you", "you set this alert",
    "ihre jobbenachrichtigung", "ihr suchauftrag", "votre alerte emploi", "votre alerte d'emploi",
    "tu alerta de empleo",
)  # fmt: skip
_VIA = (" via linkedin", "(via linkedin)", " über linkedin", " sur linkedin", " a través de linkedin", " on linkedin")
_INTENDED = ("intended for ", "envoyé à ", "destiné à ", "enviado a ", "dirigido a ", "e-mail ist für ")

_AREAS = (" area", "region", "région", "umgebung", "périphérie", "alrededores", "united ", "metropol", ", ")
"""What shows a line to be a place, where no empty line ends the card."""

_QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“", "'": "'"}
"""Opening quotation marks and what closes them."""

_NAME_AFTER = (
    "invitation from", "message from", "inmail from", "new connection,", "einladung von", "nachricht von",
    "invitation de", "message de", "invitación de", "mensaje de",
)  # fmt: skip
_NAME_BEFORE = (
    "(?:has )?accepted your", "(?:has )?endorsed you", r"and \d+ others? (?:have )?endorsed", "wants to", "would like",
    "(?:has )?sent you", "just messaged", "is waiting for", "is now", "hat (?:ihre|deine|ihnen|sie|dich)", "möchte",
    "a accepté", "vous a", "vous invite", "souhaite", "ha aceptado", "te ha", "quiere",
)  # fmt: skip


def unwrap(message: Message) -> Notice | None:
    """The notice inside a LinkedIn mail; None for other mail, look-alike senders included."""
    sender = message.sender
    if sender is None or not from_linkedin(message):
        return None
    kind = _kind(message, sender.local)
    body = _body(message, whole=kind is Kind.JOBS)
    readers = _readers(message, body)
    person = _person(message, kind, body, readers)
    frame = Frame(person, readers)
    lines = _lines(body, frame)
    if kind in (Kind.JOBS, Kind.APPLICATION, Kind.DIGEST):
        alert = sender.local.startswith("jobalert") or says(body.lower(), _OWN_ALERT)
        return Notice(kind, person, "", "", _told(lines, frame), kind is Kind.JOBS and alert)
    title, words = _card(lines, kind, frame)
    return Notice(kind, person, title, _subject(message, kind), _written(words, kind, frame))


# --- what it notifies of -----------------------------------------------------------------------------------


def _kind(message: Message, local: str) -> Kind:
    """By subject where LinkedIn reuses an address, else by sender, else by the headers' class and template."""
    subject = message.subject.replace("’", "'").lower()
    declared = f"{message.header('x-linkedin-class')} {message.header('x-linkedin-template')}".lower()
    if says(subject, _ACCEPTED) or "accepted" in declared:
        return Kind.ACCEPTED
    if local.startswith(("job", "message", "notif")) and ("application" in declared or says(subject, _APPLICATION)):
        return Kind.APPLICATION
    for fragment, kind in _SENDERS:
        if local.startswith(fragment):
            return kind
    for fragment, kind in _CLASSES:
        if fragment in declared:
            return kind
    if says(subject, _INVITED):
        return Kind.INVITATION
    return Kind.MESSAGE if says(subject, _MESSAGED) or local == "hit-reply" else Kind.DIGEST


def _subject(message: Message, kind: Kind) -> str:
    """The member's own subject, "" where LinkedIn wrote it."""
    lower = message.subject.replace("’", "'").lower()
    own = kind in (Kind.INMAIL, Kind.MESSAGE) and not says(lower, _MESSAGED) and not lower.startswith("message from ")
    return message.subject if own else ""


# --- the member and the reader -----------------------------------------------------------------------------


def _readers(message: Message, body: str) -> tuple[str, ...]:
    """Full names that the mail is addressed to, by its headers or by its footer."""
    names = [address.name for address in message.to if " " in address.name]
    lower = body.lower()
    for wording in _INTENDED:
        at = lower.find(wording)
        name = body[at + len(wording) :][:80].partition("\n")[0].partition("(")[0].strip(" .,") if at >= 0 else ""
        if 0 < name.count(" ") < 4:
            names.append(name)
    return tuple(dict.fromkeys(names))


def _person(message: Message, kind: Kind, body: str, readers: tuple[str, ...]) -> str:
    """The name in From unless it is LinkedIn's; else the one in the subject or in the first lines."""
    name = message.sender.name if message.sender else ""
    for tail in _VIA:
        if name.lower().endswith(tail):
            name = name[: -len(tail)].rstrip()
    if name and "linkedin" not in name.lower():
        return name
    if kind is Kind.JOBS or kind is Kind.APPLICATION:
        return ""
    for text in (message.subject, *body.split("\n", 3)[:3]):
        found = _named().search(" ".join(text[:MAX_TITLE_CHARS].split()))
        if found is not None:
            named = found.group(1) or found.group(2)
            return "" if named in readers else named
    return ""


@cache
def _named() -> re.Pattern[str]:
    """Finds the member in a line of LinkedIn's, behind its "from" or before its verb."""
    import re

    capital = r"[^\W\d_a-zà-ÿ][\w'’.-]*"
    name = rf"({capital}(?: (?:{capital}|de|da|di|la|van|von|der|den|del|le|bin|al)){{1,4}})"
    return re.compile(rf"(?i:{'|'.join(_NAME_AFTER)}) {name}|(?:^|[,!.] ){name},? (?i:{'|'.join(_NAME_BEFORE)})")


# --- the lines ---------------------------------------------------------------------------------------------


def _body(message: Message, *, whole: bool) -> str:
    """All that is shown, as the parts that a mail is split in mean nothing inside LinkedIn's frame.

    Unless `whole`, each part ends where a section about other members or jobs begins.
    """
    parts = [part[:MAX_BODY_CHARS] for part in (message.text, message.signature, message.disclaimer)]
    text, *below = parts if whole else map(_before_sections, parts)
    gap = "\n\n" if "\n\n" in text else "\n"
    ending = "\n".join(part for part in below if part)
    body = gap.join(part for part in (text, ending) if part) or message.quoted[:MAX_BODY_CHARS]
    return body.replace("’", "'").replace("\xa0", " ")


def _before_sections(text: str) -> str:
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines) if opens_section(line)), len(lines))
    return text if end == len(lines) else "\n".join(lines[:end]).rstrip()


def _lines(body: str, frame: Frame) -> list[str]:
    """Lines of a body, laid out again where the breaks between them were lost; "" for empty ones."""
    lines = [line.strip() for line in body.split("\n")]
    lost = sum(map(bool, lines)) <= 3 and max(map(len, lines)) > 2 * MAX_PLACE_CHARS
    if lost and len(body) <= MAX_RELAID_CHARS:
        lines = [line.strip() for line in relaid(body, frame).split("\n")]
    return lines


def _told(lines: list[str], frame: Frame) -> str:
    """What LinkedIn itself tells: jobs, news, what became of an application."""
    return _joined(line for line in lines if not frame.holds(line))


def _card(lines: list[str], kind: Kind, frame: Frame) -> tuple[str, list[str]]:
    """The member's title, and the lines that are neither name, title and place nor LinkedIn's."""
    at = next((i for i, line in enumerate(lines) if frame.is_name(line)), -1)
    if at < 0:
        at = next((i for i, line in enumerate(lines) if frame.is_heading(line) or _opens(line, frame)), -1)
    title, end = _title(lines, at, frame) if at >= 0 else ("", -1)
    words: list[str] = []
    for i, line in enumerate(lines):
        if i == at and any(words) and kind is not Kind.INVITATION:
            end = -1  # the name that signs the message: it belongs to its words
        signs = frame.is_name(line) and any(words) and not line.isupper()
        if not at <= i < end and (signs or not (frame.is_name(line) or frame.holds(line))):
            words.append(line)
        elif not at <= i < end:
            words.append("")
    if kind is not Kind.INVITATION and not any(words):
        return "", lines[at + 1 : end]  # nobody sends an empty message: what looked like a title is it
    return title, words


def _opens(line: str, frame: Frame) -> bool:
    """Whether a line holds the name and, behind a comma, the title."""
    return bool(frame.person) and line.lower().startswith(frame.person.lower() + ", ") and len(line) < MAX_TITLE_CHARS


def _title(lines: list[str], at: int, frame: Frame) -> tuple[str, int]:
    """Title in or under the line with the name, and the number of the first line behind the card."""
    title = _title_beside(lines[at], frame)
    end = at + 1
    dense = "" not in lines  # no empty lines to go by, as in a page of tables
    if not title and end < len(lines) and _is_title(lines[end], dense, frame):
        title = lines[end].lstrip("·| ").removeprefix("1st ").removeprefix("2nd ").removeprefix("3rd ")
        end += 1
    elif not title and _stands_apart(lines, end, frame):
        return lines[end + 1], end + 2
    while title and end < min(len(lines), at + 4) and _is_place(lines, end, dense, frame):
        end += 1
    return title, end


def _title_beside(line: str, frame: Frame) -> str:
    """Title behind the name and a comma in one line, "" where there is none."""
    at = line.lower().find(frame.person.lower() + ", ") if frame.person else -1
    if at < 0:
        return ""
    title = line[at + len(frame.person) + 2 :]
    for ending in (" sent you a message", " sent you an inmail", " wants to connect", " just messaged you"):
        title = title.removesuffix(ending)
    return title.strip(" ,:")


def _is_title(line: str, dense: bool, frame: Frame) -> bool:
    if not line or len(line) > MAX_TITLE_CHARS or line[0] in _QUOTES:
        return False
    if dense and (line[0].islower() or line.endswith("?")):
        return False
    return not frame.greets(line) and not frame.holds(line) and stock().search(line) is None


def _stands_apart(lines: list[str], at: int, frame: Frame) -> bool:
    """Whether a title stands between two empty lines, before a greeting or a quoted note."""
    if at + 3 >= len(lines) or lines[at] or lines[at + 2] or len(lines[at + 1]) > 2 * MAX_PLACE_CHARS:
        return False
    return _is_title(lines[at + 1], True, frame) and _begins(lines[at + 3], frame)


def _begins(line: str, frame: Frame) -> bool:
    """Whether a member's words begin with a line."""
    return frame.greets(line) or line[:1] in _QUOTES


def _is_place(lines: list[str], at: int, dense: bool, frame: Frame) -> bool:
    """Whether a line under a title is the member's place or a date, not the first of the message."""
    line = lines[at]
    if not line or len(line) > MAX_PLACE_CHARS or line[-1] in ".!?:,;" or line.count(" ") > 7 or _begins(line, frame):
        return False
    if dense and not says(line.lower(), _AREAS) and not (at + 1 < len(lines) and _begins(lines[at + 1], frame)):
        capital = all(not word[0].islower() for word in line.split())
        return capital and line.count(" ") < 4 and not frame.holds(line)
    return not frame.holds(line)


# --- the words ---------------------------------------------------------------------------------------------


def _written(words: list[str], kind: Kind, frame: Frame) -> str:
    """What the member wrote; "" where nothing but LinkedIn's stock line and a greeting stand."""
    if kind is Kind.ACCEPTED:
        return ""
    if kind is Kind.INVITATION:
        words = [stock().sub("", word) for word in words]
        if not any(word and not _only_greets(word, frame) for word in words):
            return ""
    text = _joined(words)
    first, _, rest = text.partition("\n")
    if _only_greets(first, frame) and rest.lstrip()[:1] in _QUOTES:
        text = rest.lstrip()  # LinkedIn greets, then quotes the note
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def _only_greets(line: str, frame: Frame) -> bool:
    return len(line) <= MAX_BARE_GREETING_CHARS and frame.greets(line) and line.count(" ") < 3


def _joined(lines: Iterable[str]) -> str:
    """Lines as one text with no more than one empty line between two."""
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()
