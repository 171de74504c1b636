"""The body of a mail gathered from its parts: which text is shown, what is attached, and who wrote what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from spamrec.closing import Ending, split_ending
from spamrec.decoding import clean_text, decode_text, decode_transfer, decode_value, decoded_size
from spamrec.links import Link, bare_links
from spamrec.mime import Part
from spamrec.patterns import lazy
from spamrec.quoting import split_quoted

if TYPE_CHECKING:
    from spamrec.htmltext import HtmlText

MAX_TEXT_CHARS = 512 * 1024
"""Characters of text that are looked at in one message, all parts together."""

MAX_COVER_CHARS = 200
"""Length of a text, such as "please see attached", beside which an attached text is read too."""
_CALENDARS = ("text/calendar", "application/ics")
_FILES = frozenset(
    ("css", "csv", "directory", "rtf", "tab-separated-values", "vcard", "x-diff", "x-patch", "x-vcard", "xml")
)
"""Sorts of text that are no prose."""

_STUBS = (
    "does not support html",
    "not support html",
    "doesn't support html",
    "html version",
    "html format",
    "html email",
    "html e-mail",
    "html mail",
    "html-capable",
    "html compatible",
    "html enabled",
    "view this email in",
    "view this message in",
    "view the message",
    "email client",
    "e-mail client",
    "mail reader",
)
_MAX_STUB_CHARS = 600
_PGP_START = lazy(r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]+:[^\n]*\n)*\n?", re.M)
_PGP_END = lazy(r"^-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)", re.M | re.S)
_EMPTY_LINES = lazy(r"\n(?:[ \t]*+\n){2,}")
_META_CHARSET = lazy(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_.:-]{2,40})", re.I)
_HTML_START = lazy(r"\s*(?:<!doctype html|<html|<head|<body)", re.I)
_ENRICHED = lazy(r"</?[A-Za-z-]{1,60}>|<param>[^<]{0,200}</param>", re.I)
_ICS_FIELD = lazy(r"^(?:SUMMARY|LOCATION|DESCRIPTION)[^:\n]{0,200}:(.*)$", re.M)


class Attachment(NamedTuple):
    """A part of a mail that is not its body."""

    name: str
    """File name given by the sender, "" where there is none."""
    content_type: str
    """Declared type and subtype in lower case."""
    size: int
    """Bytes once decoded, counted without decoding."""


class Body(NamedTuple):
    """Everything that the parts of one mail say; the fields are those of `Message`."""

    text: str
    """What the sender newly wrote."""
    quoted: str
    """What is quoted from earlier mail."""
    forwarded: str
    """Text of mail passed on."""
    signature: str
    """Closing, name and address block."""
    disclaimer: str
    """Confidentiality notes, unsubscribe wording and list footers."""
    hidden: str
    """Text in HTML that a reader cannot see."""
    links: tuple[Link, ...]
    """Links in HTML, and bare addresses in plain text."""
    attachments: tuple[Attachment, ...]
    """Parts that are not the body."""
    calendar: str
    """Summary, location and description of calendar entries beside a text."""
    html: bool
    """Whether the texts came from HTML."""
    inline_images: int
    """Number of images that the HTML shows."""


def read_body(root: Part, subject: str, sender: str) -> Body:
    """What the parts of a mail say; `sender` is the display name in From, `subject` tells forwards."""
    gathered = _Gathered(subject)
    gathered.take(root)
    quoting = split_quoted("\n\n".join(gathered.shown), subject)
    ending = split_ending(quoting.own, sender)
    if len(ending.text) <= MAX_COVER_CHARS and (attached := gathered.attached_text()):
        more = split_ending(attached, sender)
        ending = Ending(*map(_joined, ending, more))
    return Body(
        text=_EMPTY_LINES.sub("\n\n", ending.text),
        quoted=_joined(quoting.quoted, *gathered.quoted),
        forwarded=_joined(quoting.forwarded, *gathered.forwarded),
        signature=_joined(ending.signature, *gathered.signature),
        disclaimer=ending.disclaimer,
        hidden=_joined(*gathered.hidden),
        links=tuple(dict.fromkeys(gathered.links)),
        attachments=tuple(gathered.attachments),
        calendar=_joined(*gathered.calendar),
        html=gathered.html,
        inline_images=gathered.images,
    )


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


class _Gathered:
    """What has been found so far on the way through the parts."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.shown: list[str] = []
        self.quoted: list[str] = []
        self.forwarded: list[str] = []
        self.signature: list[str] = []
        self.hidden: list[str] = []
        self.calendar: list[str] = []
        self.links: list[Link] = []
        self.attachments: list[Attachment] = []
        self.attached: list[Part] = []
        self.images = 0
        self.html = False
        self.left = MAX_TEXT_CHARS

    def take(self, part: Part) -> None:
        """Adds one part and all below it."""
        kind = part.content_type
        if kind == "multipart/alternative":
            self.take_alternative(part)
        elif kind.startswith("message/") and part.children:
            self.take_forwarded(part.children[0])
        elif part.children:
            for child in part.children:
                self.take(child)
        elif kind in _CALENDARS:
            self.calendar.append(_calendar(self.decoded(part)))
        elif _is_body(part, first=not self.shown):
            self.take_text(part)
        else:
            self.attach(part)

    def attach(self, part: Part) -> None:
        size = decoded_size(part.source, part.start, part.end, part.encoding)
        self.attachments.append(Attachment(part.filename, part.content_type, size))
        main, _, sub = part.content_type.partition("/")
        if main == "text" and sub not in _FILES:
            self.attached.append(part)

    def attached_text(self) -> str:
        """What there is to read where the body proper says next to nothing: attached texts, or a calendar entry that
        stands alone; "" for neither."""
        cover, self.shown = self.shown, []
        for part in self.attached:
            self.take_text(part)
        if not cover and not self.shown:
            self.shown, self.calendar = self.calendar, []
        return _joined(*self.shown)

    def decoded(self, part: Part) -> str:
        """Text of a leaf, of which no more is decoded than may still be looked at."""
        end = min(part.end, part.start + self.left * 4)
        raw = decode_transfer(part.source[part.start : end], part.encoding)
        charset = part.parameters.get("charset", "")
        if not charset and part.content_type == "text/html":
            charset = _meta_charset(raw)
        text = decode_text(raw, charset)[: self.left]
        self.left -= len(text)
        return text

    def take_text(self, part: Part) -> None:
        text = self.decoded(part)
        if _is_html(part, text):
            from spamrec.htmltext import read_html  # plain mail needs none of it

            self.show_html(read_html(text))
        else:
            self.show_plain(_plain(part, text))

    def show_plain(self, text: str) -> None:
        if text.strip():
            self.shown.append(text.strip("\n"))
        self.links.extend(bare_links(text))

    def show_html(self, page: HtmlText) -> None:
        self.html = True
        if page.text:
            self.shown.append(page.text)
        self.add_unseen(page)
        if page.signature:
            self.signature.append(page.signature)
        if page.quoted:
            split = split_quoted(page.quoted, self.subject)
            if split.forwarded and not split.own:
                self.forwarded.append(split.forwarded)
            else:
                self.quoted.append(page.quoted)

    def add_unseen(self, page: HtmlText) -> None:
        """What HTML tells beside its text, which counts even where the plain alternative is read."""
        self.links.extend(page.links)
        self.images += page.images
        if page.hidden:
            self.hidden.append(page.hidden)

    def take_alternative(self, part: Part) -> None:
        """The plain alternative unless it says nothing or something else; unseen things of the HTML anyway."""
        leaves = [leaf for leaf in part.walk() if not leaf.children]
        plain = next((leaf for leaf in leaves if leaf.content_type == "text/plain" and _is_body(leaf)), None)
        rich = next((leaf for leaf in leaves if leaf.content_type == "text/html" and _is_body(leaf)), None)
        for leaf in leaves:
            if leaf is plain or leaf is rich:
                continue
            if leaf.content_type in _CALENDARS or (leaf.content_type.startswith("text/") and not plain):
                self.take(leaf)
            elif not leaf.content_type.startswith("text/"):
                self.attach(leaf)
        if plain is None or rich is None:
            chosen = plain or rich
            if chosen is not None:
                self.take_text(chosen)
            return
        from spamrec.htmltext import read_html

        text = _plain(plain, self.decoded(plain))
        page = read_html(self.decoded(rich))
        if _says_nothing(text, page):
            self.show_html(page)
        else:
            self.show_plain(text)
            self.add_unseen(page)

    def take_forwarded(self, inner: Part) -> None:
        """The mail inside a message/rfc822: its text counts as forwarded, its attachments as attached."""
        subject = decode_value(next((value for name, value in inner.headers if name == "subject"), ""))
        below = _Gathered(subject)
        below.left = self.left
        below.take(inner)
        self.left = below.left
        self.forwarded.append(_joined(subject, *below.shown, *below.quoted, *below.forwarded))
        self.hidden.extend(below.hidden)
        self.links.extend(below.links)
        self.attachments.extend(below.attachments)
        self.calendar.extend(below.calendar)
        self.images += below.images


def _is_body(part: Part, *, first: bool = True) -> bool:
    if not part.content_type.startswith("text/") or part.disposition == "attachment":
        return False
    known = part.content_type in ("text/plain", "text/html", "text/enriched", "text/richtext")
    return known and (not part.filename or first)


def _meta_charset(raw: bytes) -> str:
    """Charset that an HTML page itself declares near its start, "" where it does not."""
    found = _META_CHARSET.search(raw, 0, 4_096)
    return found.group(1).decode("ascii") if found else ""


def _is_html(part: Part, text: str) -> bool:
    """Whether to read text as HTML: not by its label alone, which is often wrong both ways."""
    if part.content_type == "text/html":
        from spamrec.htmltext import has_markup

        return has_markup(text)
    return part.content_type == "text/plain" and _HTML_START.match(text) is not None


def _plain(part: Part, text: str) -> str:
    text = clean_text(text)
    if part.content_type in ("text/enriched", "text/richtext"):
        text = _ENRICHED.sub("", text)
    if "-----BEGIN PGP SIG" in text:
        text = _PGP_END.sub("", _PGP_START.sub("", text))
    if part.parameters.get("format", "").lower() == "flowed":
        text = _unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _unflowed(text: str, *, delete_space: bool) -> str:
    """Paragraphs of format=flowed joined again (RFC 3676); quoted lines join only within their depth."""
    out: list[str] = []
    flows = False
    depth_before = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        if content[:1] == " ":
            content = content[1:]
        if not flows or depth != depth_before or content == "-- ":
            out.append("\n" + ">" * depth + " " if depth else "\n")
        flows = content[-1:] == " " and content != "-- "
        out.append(content[:-1] if flows and delete_space else content)
        depth_before = depth
    return "".join(out)[1:]


def _says_nothing(plain: str, page: HtmlText) -> bool:
    """Whether a plain alternative is empty, a stub, or has little in common with what the HTML shows."""
    words = set(plain.lower().split())
    if not words:
        return True
    shown = page.text or page.quoted
    if not shown:
        return False
    seen = set(shown.lower().split())
    common = len(words & seen)
    if len(plain) < _MAX_STUB_CHARS and common * 2 < len(words):
        lowered = plain.lower()
        if any(stub in lowered for stub in _STUBS):
            return True
    return len(seen) > 20 and common * 4 < min(len(words), len(seen))


def _calendar(text: str) -> str:
    """Summary, location and description of calendar entries (RFC 5545), folded lines joined, escapes undone."""
    from spamrec.htmltext import tidy

    unfolded = clean_text(text).replace("\n ", "").replace("\n\t", "")
    fields = [found.group(1).strip() for found in _ICS_FIELD.finditer(unfolded)]
    joined = "\n".join(dict.fromkeys(field for field in fields if field))
    return tidy(joined.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";"))
