"""First messages of LinkedIn conversations as labelled mail: what the reader answered was welcome, the rest was not."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from spamrec import files
from spamrec.linkedin_export import Export
from spamrec.profile import ADDRESS
from spamrec.verdict import Label


class Opening(NamedTuple):
    """How somebody on LinkedIn began to write to the reader."""

    label: Label
    """LEGITIMATE where the reader wrote back."""
    person: str
    """Who wrote."""
    title: str
    """Title of the conversation, "" for none."""
    text: str
    """The first message."""
    at: datetime | None
    """When it was sent, None where the export does not tell."""


def openings(export: Export) -> list[Opening]:
    """What others wrote first, each text once, oldest first; a text answered anywhere counts as answered."""
    found: dict[str, Opening] = {}
    for one in export.conversations:
        if one.outgoing or not one.first:
            continue
        label = Label.LEGITIMATE if one.answered else Label.SPAM
        key = f"{one.person}\n{one.first}"
        if key not in found or label is Label.LEGITIMATE:
            found[key] = Opening(label, one.person, one.title, one.first, one.at)
    return list(found.values())


def write(found: Iterable[Opening], export: Export, folder: Path) -> None:
    """The openings as mail in `spam/` and `legit/` below a folder; the same export gives the same files.

    UnwritableOutputError.
    """
    member = export.member
    to = (member.name, next((one for one in member.emails if one.isascii() and ADDRESS.fullmatch(one)), ""))
    for opening in found:
        text = mail(opening, *to)
        name = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        below, other = ("spam", "legit") if opening.label is Label.SPAM else ("legit", "spam")
        files.write(folder / below / f"linkedin-{name}.eml", text, private=True)
        (folder / other / f"linkedin-{name}.eml").unlink(missing_ok=True)  # of an earlier export, answered since


def mail(opening: Opening, reader: str, address: str) -> str:
    """The notification as LinkedIn would have sent it, so that it is unwrapped as those that will come."""
    from email.message import EmailMessage
    from email.utils import format_datetime, formataddr

    person = _name(opening.person)
    key = hashlib.sha256(f"{opening.person}\n{opening.at}\n{opening.text}".encode("utf-8", "replace")).hexdigest()[:24]
    out = EmailMessage()
    local = "inmail-hit-reply" if opening.title else "messages-noreply"
    out["From"] = formataddr((f"{person} via LinkedIn", f"{local}@linkedin.com"))
    if address:
        out["To"] = formataddr((_name(reader), address))
    out["Subject"] = _line(opening.title) or f"{person} just messaged you"
    if opening.at:
        out["Date"] = format_datetime(opening.at)
    out["Message-ID"] = f"<{key}@linkedin-export.invalid>"
    out["X-LinkedIn-Class"] = "INMAIL" if opening.title else "MESSAGE"
    out.set_content(f"{person}\n\n{opening.text}\n", charset="utf-8", cte="base64")
    return out.as_string()


def _name(text: str) -> str:
    """A name as it stands before an address, whatever somebody calls themselves: without what ends a name there."""
    return _line("".join(c if c.isalnum() or c in ".'’-&" or unicodedata.combining(c) else " " for c in text))


def _line(text: str) -> str:
    """Text that a header can hold: one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
