"""Drafts of corpus mail as their writers write them; `compose.py` says how."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LABELS = ("spam", "legit", "sent")
HEAD = re.compile(r"^#### *(spam|legit|sent)/([a-z0-9][a-z0-9.-]*)\s*$")


class DraftError(Exception):
    """A draft that cannot be composed; the text says which and why."""


@dataclass
class Draft:
    """One message as written: its headers by lower-case key, and its body."""

    label: str
    name: str
    fields: dict[str, str] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    swaps: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @property
    def key(self) -> str:
        return f"{self.label}/{self.name}"


def read_drafts(folder: pathlib.Path) -> list[Draft]:
    """Every draft in the folder's `*.txt` files, `like:` resolved."""
    drafts: dict[str, Draft] = {}
    for path in sorted(folder.glob("[0-9]*.txt")):
        for draft in _parse(path):
            if draft.key in drafts:
                raise DraftError(f"{path}: {draft.key} written twice")
            drafts[draft.key] = draft
    return [_resolve(d, drafts) for d in drafts.values()]


def _parse(path: pathlib.Path) -> Iterator[Draft]:
    draft: Draft | None = None
    in_body = False
    body: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if head := HEAD.match(line):
            if draft is not None:
                draft.body = "\n".join(body).strip("\n")
                yield draft
            draft, in_body, body = Draft(head[1], head[2]), False, []
        elif line.startswith("####"):
            raise DraftError(f"{path}:{number}: not a draft's first line: {line[:60]}")
        elif draft is None:
            if line.strip():
                raise DraftError(f"{path}:{number}: text before the first draft")
        elif in_body:
            body.append(line)
        elif line.rstrip() == "----":
            in_body = True
        elif line.strip():
            _field(draft, line, f"{path}:{number}")
    if draft is not None:
        draft.body = "\n".join(body).strip("\n")
        yield draft


def _field(draft: Draft, line: str, where: str) -> None:
    key, colon, value = line.partition(":")
    key, value = key.strip().lower(), value.strip()
    if not colon or not re.fullmatch(r"[a-z-]+", key):
        raise DraftError(f"{where}: not 'key: value': {line[:60]}")
    if key == "swap":
        old, arrow, new = value.partition("=>")
        if not arrow:
            raise DraftError(f"{where}: swap needs OLD => NEW")
        draft.swaps.append((old.strip(), new.strip()))
    elif key == "header":
        draft.extra.append(value)
    else:
        draft.fields[key] = value


def _resolve(draft: Draft, drafts: dict[str, Draft]) -> Draft:
    like = draft.fields.get("like")
    if not like:
        return draft
    if like not in drafts:
        raise DraftError(f"{draft.key}: like: {like} is not there")
    base = _resolve(drafts[like], drafts)
    fields = {k: v for k, v in base.fields.items() if k != "message-id"}
    fields |= {k: v for k, v in draft.fields.items() if k != "like"}
    body = draft.body or base.body
    for old, new in draft.swaps:
        given = [k for k in fields if old in fields[k]]
        if old not in body and not given:
            raise DraftError(f"{draft.key}: swap: {old!r} does not occur in {like}")
        body = body.replace(old, new)
        for k in given:
            fields[k] = fields[k].replace(old, new)
    return Draft(draft.label, draft.name, fields, base.extra + draft.extra, [], body)
