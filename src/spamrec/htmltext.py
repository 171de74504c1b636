"""HTML mail as a reader sees it: visible text in lines, what is hidden, links, and quoted parts told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from spamrec.decoding import clean_text
from spamrec.links import Link
from spamrec.patterns import lazy
from spamrec.styles import TELLING, VISIBLE, Style, hiding_classes

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_TAGS = 20_000
"""Tags above which markup is only stripped: the parser needs time quadratic in the depth of nesting."""

MAX_LINKS = 1_000
"""Links of one message that are kept; the rest is left out."""

_DROPPED = frozenset(
    ["head", "style", "script", "title", "template", "noscript", "object", "svg", "select", "textarea", "meta"]
)
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tbody", "thead", "tr", "ul",
))  # fmt: skip
_PARAGRAPHS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "hr", "pre",
))  # fmt: skip
_EDGES = {tag: "\f" if tag in _PARAGRAPHS else "\v" for tag in _BLOCKS}
"""What stands at both ends of a block."""
_BREAKS = frozenset("\n\v\f")
_BLANKS = " \t\n\r\xa0"
_OTHERS = frozenset(["br", "td", "th", "img", "iframe", "frame", "a", "area"])
"""Elements that are no blocks and yet show something beside their text."""
_QUOTE_CLASSES = frozenset(
    ["gmail_quote", "gmail_quote_container", "gmail_extra", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote"]
)
_QUOTE_IDS = frozenset(["reply-intro", "isForwardContent"])
_QUOTE_REST_IDS = frozenset(["divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container"])
_SIGNATURE_CLASSES = frozenset(["gmail_signature", "moz-signature", "protonmail_signature_block-user"])
_SIGNATURE_IDS = frozenset(["Signature", "signature", "ms-outlook-mobile-signature"])
_MARKUP = lazy(r"<(?:br|p|div|table|tr|td|li|h[1-6]|html|body|a|span|font|b|i)\b[^<>]{0,2000}>", re.I)
_SPACES = lazy(r"  +")
_NEWLINES = lazy(r"\n\n\n+")
_TAG = lazy(r"<[^<>]*+>?")


class HtmlText(NamedTuple):
    """What one HTML part shows and hides."""

    text: str
    """Visible text in lines, without quoted mail and marked signature."""
    quoted: str
    """Text that a mail program marked as quoted or forwarded from another mail."""
    signature: str
    """Text that a mail program marked as the signature."""
    hidden: str
    """Text that a reader cannot see."""
    links: tuple[Link, ...]
    """Links in order."""
    images: int
    """Number of images."""


def has_markup(text: str) -> bool:
    """Whether text declared as HTML really holds any tag."""
    return _MARKUP.search(text) is not None


def read_html(markup: str) -> HtmlText:
    """Text, hidden text and links of an HTML part, whatever its damage; comments are in neither text."""
    if markup.count("<") > 2 * MAX_TAGS:
        return HtmlText(tidy(clean_text(_TAG.sub(" ", markup))), "", "", "", (), markup.lower().count("<img"))
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(markup).root
    walk = _Walk(hiding_classes(markup))
    if root is not None:
        walk.run(root)
    return walk.result()


def tidy(text: str) -> str:
    """Text with runs of blanks and of empty lines reduced to one."""
    text = _SPACES.sub(" ", text.replace("\t", " ").replace("\xa0", " "))
    return _NEWLINES.sub("\n\n", text.replace(" \n", "\n").replace("\n ", "\n")).strip()


class _Walk:
    """One pass over the tree, children before the closing of their parent, without recursion."""

    def __init__(self, hiding: frozenset[str]) -> None:
        self.hiding = hiding
        self.streams: dict[str, list[str]] = {name: ["\f"] for name in ("text", "quoted", "signature", "hidden")}
        self.into = dict(self.streams)
        self.alternatives: list[str] = []
        self.links: list[Link] = []
        self.images = 0
        self.anchor: tuple[str, list[str]] | None = None

    def run(self, root: LexborNode) -> None:
        node: LexborNode | None = root
        style, hidden, stream, depth = VISIBLE, False, "text", 0
        stack: list[tuple[LexborNode, str, Style, bool, str]] = []
        unseen = self.into["hidden"]
        while node is not None:
            tag = node.tag or ""
            child = None
            if tag == "-text":
                content = node.text_content or ""
                if not depth:
                    content = content.replace("\n", " ").replace("\r", " ") if content.strip(_BLANKS) else " "
                out = self.into["hidden" if hidden else stream]
                if content != " " or out[-1] not in _BREAKS:
                    out.append(content)
                if self.anchor is not None and not hidden:
                    self.anchor[1].append(content)
            elif tag not in _DROPPED and tag[:1] not in "-!":
                attributes = node.attributes
                inner_style, inner_hidden, inner_stream = style, hidden, stream
                if attributes:
                    if hidden or self.hiding or not TELLING.isdisjoint(attributes):
                        inner_style = style.inside(tag, attributes, self.hiding)
                        inner_hidden = inner_style.hidden
                    if stream != "quoted" and ("class" in attributes or "id" in attributes or tag == "blockquote"):
                        inner_stream = self.stream_of(tag, attributes, stream)
                if tag in _EDGES:
                    out = self.into["hidden" if inner_hidden else inner_stream]
                    _edge(out, _EDGES[tag])
                    if tag == "li":
                        out.append("- ")
                elif tag in _OTHERS:
                    self.open(tag, attributes, inner_hidden, inner_stream)
                child = node.first_child
            if child is not None:
                stack.append((node, tag, style, hidden, stream))
                depth += tag == "pre"
                node, style, hidden, stream = child, inner_style, inner_hidden, inner_stream
                continue
            if tag == "a":
                self.close_anchor()
            following = node.next
            while following is None and stack:
                node, tag, style, hidden, stream = stack.pop()
                if tag in _EDGES:
                    depth -= tag == "pre"
                    _edge(self.into[stream], _EDGES[tag])
                    if unseen[-1] != "\f":
                        _edge(unseen, _EDGES[tag])
                elif tag in ("a", "area"):
                    self.close_anchor()
                following = node.next
            node = following

    def stream_of(self, tag: str, attributes: Mapping[str, str | None], stream: str) -> str:
        """Which text an element belongs to, by the marks that mail programs leave on quotes and signatures."""
        name = attributes.get("id") or ""
        if name in _QUOTE_REST_IDS:
            self.into = dict.fromkeys(self.into, self.into["quoted"]) | {"hidden": self.into["hidden"]}
        classes = (attributes.get("class") or "").split()
        if tag == "blockquote" and (attributes.get("type") == "cite" or "gmail_quote" in classes):
            return "quoted"
        if name in _QUOTE_IDS or not _QUOTE_CLASSES.isdisjoint(classes):
            return "quoted"
        if name in _SIGNATURE_IDS or not _SIGNATURE_CLASSES.isdisjoint(classes):
            return "signature"
        return stream

    def open(self, tag: str, attributes: Mapping[str, str | None], hidden: bool, stream: str) -> None:
        out = self.into["hidden" if hidden else stream]
        if tag == "br":
            _edge(out, "\n")
        elif tag in ("td", "th"):
            if out[-1] not in _BREAKS:
                out.append(" ")
        elif tag == "img":
            self.images += 1
            alternative = " ".join((attributes.get("alt") or "").split())
            if alternative and not hidden:
                self.alternatives.append(alternative)
                if self.anchor is not None:
                    self.anchor[1].append(alternative)
        elif tag in ("iframe", "frame") and attributes.get("src"):
            self.links.append(Link("", clean_text("".join((attributes["src"] or "").split()))))
        elif tag in ("a", "area") and len(self.links) < MAX_LINKS:
            target = "".join((attributes.get("href") or "").split())
            self.close_anchor()
            self.anchor = (target, [attributes.get("alt") or ""] if tag == "area" else [])

    def close_anchor(self) -> None:
        if self.anchor is not None:
            target, words = self.anchor
            self.anchor = None
            if target and not target.startswith("#"):
                self.links.append(Link(clean_text(" ".join("".join(words).split())), clean_text(target)))

    def result(self) -> HtmlText:
        shown = {name: _lines("".join(pieces)) if len(pieces) > 1 else "" for name, pieces in self.streams.items()}
        if not any(shown[name] for name in ("text", "quoted", "signature")):
            shown["text"] = clean_text("\n".join(self.alternatives))
        return HtmlText(links=tuple(self.links), images=self.images, **shown)


def _edge(out: list[str], mark: str) -> None:
    """A break put behind the pieces, of which several are kept as the one that they come to."""
    if out[-1] not in _BREAKS:
        out.append(mark)
    elif mark != "\v":
        out[-1] = "\f"


_BREAKS_RUN = lazy(r"[\n\v\f][ \t\xa0]*+[\n\v\f][\n\v\f \t\xa0]*+")
_EMPTY_BLOCK = lazy(r"[\v\f][ \t\xa0]*+\n|\n[ \t\xa0]*+\n")


def _lines(text: str) -> str:
    """Joined pieces as lines: \\n a forced break, \\v the edge of a block, \\f that of a paragraph.

    Two edges that meet make one break; a paragraph, two forced breaks or an empty block make an empty line.
    """

    def breaks(found: re.Match[str]) -> str:
        run = found.group()
        return "\f" if "\f" in run or _EMPTY_BLOCK.search(run) else "\n"

    text = _BREAKS_RUN.sub(breaks, text).replace("\f", "\n\n").replace("\v", "\n")
    return tidy(clean_text(text))
