"""Text and HTML of one body, in the manner of the program that wrote it."""

from __future__ import annotations

import html
import re

URL = re.compile(r"https?://[^\s<>\"')\]]+")
OWN_PAGE = re.compile(r"\s*<(!doctype|html|body|div|table|p|center|head|meta|span|font|b)\b", re.IGNORECASE)
"""How a body begins that was written as HTML."""
_META = re.compile(r"(<meta[^>]+charset=[\"']?)[\w-]+", re.IGNORECASE)
_TABLES = frozenset(
    [
        "blaster",
        "jobboard",
        "linkedin",
        "greenhouse",
        "lever",
        "ashby",
        "workday",
        "icims",
        "smartrecruiters",
        "transactional",
    ]
)
"""Mailers that lay a page out as a table."""

_CELL = '<tr><td style="padding:8px 24px;font-family:Arial,sans-serif;font-size:14px">{}</td></tr>\n'
_TABLE = (
    '<!DOCTYPE html>\n<html><head><meta charset="{charset}"><title></title></head><body style="margin:0">\n'
    '<table width="100%" cellpadding="0" cellspacing="0"><tbody>\n{rows}</tbody></table>\n</body></html>\n'
)
_WORD = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>\n'
    '<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n'
    '<style><!-- p.MsoNormal {{margin:0;font-size:11.0pt;font-family:"Calibri",sans-serif;}} --></style>\n'
    '</head><body lang="{language}">\n<div class="WordSection1">\n{paragraphs}</div></body></html>\n'
)

_COMMON = {
    "de-DE": "und der die das ist nicht wir sie ihre für mit auf ein eine zu den ich im",
    "fr-FR": "et le la les des vous nous votre est pour une dans avec je que sur au du",
    "es-ES": "y el los las para una con que del por su tu en es se no como más",
    "hu-HU": "és az egy hogy nem van ön meg is de vagy kedves üdvözlettel",
    "en-US": "and the you for with our your is we of to in this that are have on be",
}
"""Words that make up a fifth of any text in a language, by what Outlook calls it."""


def language(text: str) -> str:
    """The language of a text, `en-US` where it is too short to tell."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    scores = {tag: sum(map(words.count, common.split())) for tag, common in _COMMON.items()}
    best = max(scores, key=lambda tag: (scores[tag], tag == "en-US"))
    return best if scores[best] >= 3 else "en-US"


def as_html(text: str, kind: str, charset: str) -> str:
    """A text as a page of the mailer's making."""
    escaped = html.escape(text, quote=False)
    escaped = URL.sub(lambda m: f'<a href="{m[0]}">{m[0]}</a>', escaped)
    if kind in ("outlook", "staffing-crm"):
        paragraphs = "".join(f'<p class="MsoNormal">{line or "&nbsp;"}</p>\n' for line in escaped.split("\n"))
        tag = language(text)
        shown = "EN-US" if tag == "en-US" else tag[:2].upper()
        return _WORD.format(charset=charset, language=shown, paragraphs=paragraphs)
    if kind in _TABLES:
        blocks = re.split(r"\n\s*\n", escaped.strip())
        rows = "".join(_CELL.format(block.replace("\n", "<br>\n")) for block in blocks)
        return _TABLE.format(charset=charset, rows=rows)
    lines = "<br>\n".join(escaped.split("\n"))
    return f'<div dir="ltr">{lines}</div>\n'


def with_charset(page: str, charset: str) -> str:
    """A page written by hand that says the charset it is sent in."""
    return _META.sub(lambda m: m[1] + charset, page)


def as_text(page: str) -> str:
    """A page written by hand as the text part beside it."""
    text = re.sub(r"(?is)<(script|style|head).*?</\1>", "", page)
    text = re.sub(
        r'(?is)<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>',
        lambda m: m[2] if m[2].strip() == m[1] else f"{m[2]} ( {m[1]} )",
        text,
    )
    text = re.sub(r"(?i)<(br|/p|/div|/tr|/li|/h\d|/table)[^>]*>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", text)).strip() + "\n"


_FOOTER = re.compile(r"(?i)^.{0,90}(?:intended for|destiné à|bestimmt für|se ha enviado a|a été envoyé à)\b")


def with_footer_line(body: str) -> str:
    """A LinkedIn notification with the line of dashes that stands before its footer in the text LinkedIn sends."""
    if re.search(r"(?m)^\s*(-{4,}|_{4,})", body):
        return body
    lines = body.split("\n")
    last = next((i for i in range(len(lines) - 1, -1, -1) if _FOOTER.match(lines[i])), 0)
    return "\n".join([*lines[:last], "-" * 40, *lines[last:]]) if last else body
