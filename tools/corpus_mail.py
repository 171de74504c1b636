"""The mail of a corpus as the checks read it."""

from __future__ import annotations

import email
import email.message
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from spamrec import message
from spamrec.message import Message

LABELS = ("spam", "legit")


@dataclass(frozen=True)
class Item:
    """One message of the corpus."""

    path: Path
    """Its file."""
    raw: bytes
    """Its bytes."""

    @property
    def label(self) -> str:
        """`spam`, `legit` or `sent`."""
        return self.path.parent.name

    @property
    def reader(self) -> str:
        """Folder of the reader."""
        return self.path.parent.parent.name

    @property
    def stem(self) -> str:
        """Its name without the side of a pair."""
        return self.path.stem.partition("-pair-")[0]

    @cached_property
    def message(self) -> Message:
        """As spamrec reads it."""
        return message.parse(self.raw)

    @cached_property
    def mime(self) -> email.message.Message:
        """As the standard library reads it, so that spamrec's own parser is not its own judge."""
        return email.message_from_bytes(self.raw)


@dataclass(frozen=True)
class Corpus:
    """All mail of a corpus."""

    root: Path
    """Its folder."""
    items: tuple[Item, ...]
    """Every message, the sent ones among them."""

    @cached_property
    def labelled(self) -> tuple[Item, ...]:
        """The messages with a label."""
        return tuple(i for i in self.items if i.label in LABELS)

    @cached_property
    def readers(self) -> tuple[Path, ...]:
        """Folders of the readers."""
        return tuple(sorted({i.path.parent.parent for i in self.labelled}))


def read(root: Path) -> Corpus:
    """The corpus in a folder."""
    paths = (p for kind in (*LABELS, "sent") for p in root.glob(f"*/{kind}/*.eml"))
    return Corpus(root, tuple(Item(p, p.read_bytes()) for p in sorted(paths)))


def decoded(part: email.message.Message) -> str:
    """The text of a part."""
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    return payload.decode(charset, "replace") if isinstance(payload, bytes) else ""
