"""Disclaimers, unsubscribe wording and list footers, told from the body they stand in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from spamrec.patterns import lazy

_WORDINGS = (
    # confidentiality and law
    "confidentiality notice", "confidentiality note", "confidentiality statement", "legal notice:", "disclaimer:",
    "legal disclaimer", "not the intended recipient", "intended only for the", "intended solely for",
    "intended for the sole use", "sole use of the", "for the use of the intended", "is confidential and may",
    "are confidential and may", "may contain confidential", "contains confidential", "privileged and confidential",
    "this email and any attachments", "this e-mail and any attachments", "this message and any attachments",
    "this email and any files", "this e-mail and any files", "received this email in error",
    "received this e-mail in error", "received this message in error", "received this communication in error",
    "received this transmission in error", "received this in error", "consider the environment before",
    "think before you print", "is an equal opportunity employer", "are an equal opportunity employer",
    "equal opportunity/affirmative", "free from viruses", "virus-free", "scanned for viruses", "checked by avg",
    # unsubscribe and why it was sent
    "to unsubscribe", "unsubscribe here", "unsubscribe from", "unsubscribe instantly", "unsubscribe at any time",
    "unsubscribe link", "unsubscribe now", "unsubscribe:", "unsubscribe by", "unsubscribe |", "| unsubscribe",
    "wish to unsubscribe", "like to unsubscribe", "want to unsubscribe", "to opt out", "to opt-out",
    "opt out of receiving", "opt out of future", "opt-out of", "opt out here", "opt-out here", "click to opt",
    "wish to receive", "want to receive further", "want to receive these", "want to receive any",
    "wish to be contacted", "stop receiving", "receiving this email because", "receiving this e-mail because",
    "receiving this message because", "receiving this newsletter", "received this email because",
    "received this e-mail because", "received this message because", "this email was sent to",
    "this e-mail was sent to", "this message was sent to", "this is a commercial message",
    "this is an advertisement", "to be removed from our", "to be removed from this", "to be removed from the list",
    "to be removed from future", "to be removed,", "to be removed please", "to be removed click",
    "to be removed reply", "like to be removed", "wish to be removed", "want to be removed", "to remove your email",
    "to remove your e-mail", "to remove your name", "to be excluded from", "to be unlisted", "be unsubscribed",
    "removal requests", "future mailings", "further mailings", "receiving this mailing", "from further",
    "remove yourself", "be removed from our mailing", "be removed from this", "be taken off", "removed from future",
    "with remove in", 'with "remove"', "reply remove", "reply with remove", 'reply "remove"', "word remove",
    "subject remove", "'remove'", "manage your preferences", "manage your subscription", "manage preferences",
    "manage subscription", "manage your email", "update your preferences", "update your email preferences",
    "email preferences", "email settings", "subscription preferences", "change your subscription",
    "notification settings", "view in browser", "view this email in", "view it in your browser",
    "view in your browser", "view online", "to your address book", "to your safe sender", "can-spam",
    "cannot be considered spam", "can not be considered spam", "not be considered spam", "this is not spam",
    "bill s.1618", "please do not reply to this", "do not reply directly", "mailing list -",
    "to post to this group", "yahoo! groups is subject", "all rights reserved", "privacy policy", "privacy notice",
    "gdpr", "data protection act", "you can object", "legitimate interest",
    # German
    "diese e-mail enthält", "diese email enthält", "diese nachricht enthält", "diese e-mail ist vertraulich",
    "diese e-mail kann vertrauliche", "vertrauliche und", "vertrauliche informationen", "vertrauliche oder",
    "nicht der richtige adressat", "nicht der beabsichtigte empfänger", "irrtümlich erhalten", "abbestellen",
    "abzubestellen", "newsletter abmelden", "hier abmelden", "abmelden:", "sie erhalten diese", "handelsregister",
    "amtsgericht", "sitz der gesellschaft", "datenschutzerklärung", "datenschutzhinweise", "keine weiteren e-mails",
    # French
    "ce message et toutes", "ce message et ses pièces", "ce message est confidentiel", "ce courriel",
    "ce message peut contenir", "ce message contient", "à l'attention exclusive", "pièces jointes sont",
    "désabonner", "désinscrire", "désinscription", "désabonnement", "vous recevez ce", "ne plus recevoir",
    "données personnelles", "pensez à l'environnement",
    # Spanish, Portuguese, Italian, Dutch
    "este mensaje y", "este mensaje contiene", "este mensaje puede", "este mensaje va dirigido",
    "este mensaje se dirige", "este correo electrónico", "información confidencial", "darse de baja",
    "darte de baja", "dar de baja", "no desea recibir", "no deseas recibir", "cancelar su suscripción",
    "cancelar la suscripción", "ha recibido este", "has recibido este", "recibes este", "protección de datos",
    "esta mensagem", "cancelar a inscrição", "questo messaggio", "disiscriv", "dit bericht is", "deze e-mail is",
    "afmelden", "uitschrijven",
)  # fmt: skip
_RULE = lazy(
    r"^[ \t]*(?:_{8,}|-{20,}|={20,}|\*{20,}|#{20,}|~{20,})[ \t_=-]*$"
    r"|^-{12,} [^\n]{1,40} -{12,}[~>-]*$",
    re.M,
)
_RULE_CONTENT = lazy(r"mailing list|listinfo|unsubscribe|sponsor|subscri|receiving this mail|to post", re.I)
_RULE_CONTENT_CHARS = 250
_BARE_UNSUBSCRIBE = lazy(
    r"\W*(?:unsubscribe|opt[ -]?out|abmelden|se désinscrire|désinscription|darse de baja)\W*", re.I
)
_POSTAL = lazy(
    r"©|\(c\)|copyright|\b\d{4,5}\b|\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b|p\.?o\.? box|suite\b|street\b|\bave\b", re.I
)
_SENTENCE = lazy(r"[.!?][\"')]?\s+|\n[ \t]*(?=[-*•])")
_PARAGRAPHS = lazy(r"\n[ \t]*\n+")
_LIST_ADDRESS = lazy(r"\n\s*https?://[^\s/]+/\S*(?:mailman|listinfo|unsub)\S*\s*\Z", re.I)
MAX_FOOTER_PART_CHARS = 1_000
"""Text between two rule lines that may be part of a list's footer."""

MAX_FOOTER_CHARS = 3_000
"""Text behind a rule line that may be a list's footer."""


def split_disclaimer(text: str) -> tuple[str, str]:
    """Text without disclaimers, and the disclaimers; all is text where nothing else would be left."""
    body, footer = _cut_rule(text)
    folded = _folded(body)
    wordings = [wording for word, sharing in _by_word() if word in folded for wording in sharing if wording in folded]
    if not wordings and "unsubscribe" not in folded:
        return body, footer
    kept: list[str] = []
    taken: list[str] = []
    footing = False
    for paragraph in _PARAGRAPHS.split(body):
        own, note = _split_paragraph(paragraph, wordings)
        if note:
            footing = True
        elif footing and len(paragraph) <= 200 and paragraph.count("\n") < 5 and _POSTAL.search(paragraph):
            own, note = "", paragraph
        else:
            footing = False
        if own.strip():
            kept.append(own)
        if note.strip():
            taken.append(note.strip())
    if footer:
        taken.append(footer)
    if not kept:
        return text, ""
    return "\n\n".join(kept), "\n\n".join(taken)


RARE_CHARS = 7
"""Length from which on a word is in few messages, so that the wordings with it need seldom be looked for."""


@cache
def _by_word() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The wordings by a word that they share: looked for one by one they took a thirtieth of all time."""
    left = list(_WORDINGS)
    out = []
    while left:
        counts = Counter(word for wording in left for word in {*wording.split()})
        shared = max(counts, key=lambda word: (counts[word] if len(word) >= RARE_CHARS else 0, len(word), word))
        out.append((shared, tuple(wording for wording in left if shared in wording)))
        left = [wording for wording in left if shared not in wording]
    return tuple(out)


def _folded(text: str) -> str:
    """Lower case with every run of blanks and line breaks as one blank."""
    return " ".join(text.lower().replace("’", "'").split())


def _mentions(text: str, wordings: Sequence[str]) -> bool:
    folded = _folded(text)
    return any(wording in folded for wording in wordings)


def _cut_rule(text: str) -> tuple[str, str]:
    """A list's footer cut off, from the first of its lines of underscores or dashes on; some text stays."""
    cut = len(text.rstrip())
    for found in reversed(list(_RULE.finditer(text, max(0, len(text) - MAX_FOOTER_CHARS)))):
        start = found.start()
        between = text[found.end() : cut]
        if (start and text[start - 1] != "\n") or len(between) > MAX_FOOTER_PART_CHARS:
            break
        if between.strip() and not _RULE_CONTENT.search(between[:_RULE_CONTENT_CHARS]):
            break
        cut = start
    bare = _LIST_ADDRESS.search(text, max(0, cut - 200), cut)
    if bare is not None and bare.start():
        cut = bare.start()
    if not text[:cut].strip():
        return text, ""
    return text[:cut].rstrip(), text[cut:].strip()


def _split_paragraph(paragraph: str, wordings: Sequence[str]) -> tuple[str, str]:
    """Own text and disclaimer of one paragraph, parted at the start of the sentence that gives it away."""
    if _BARE_UNSUBSCRIBE.fullmatch(paragraph):
        return "", paragraph
    if not _mentions(paragraph, wordings):
        return paragraph, ""
    starts = [0, *(found.end() for found in _SENTENCE.finditer(paragraph))]
    ends = [*starts[1:], len(paragraph)]
    for start, end in zip(starts, ends, strict=True):
        if _mentions(paragraph[start:end], wordings):
            start = _line_start(paragraph, start, end, wordings)
            if len(paragraph) > 600 and 0 < start < len(paragraph) // 3:
                return paragraph[:start] + paragraph[end:], paragraph[start:end]
            return paragraph[:start], paragraph[start:]
    return "", paragraph


def _line_start(paragraph: str, start: int, end: int, wordings: Sequence[str]) -> int:
    """Start of the lines that give a sentence away, where lines stand for blocks and short ones precede."""
    position = start
    for line in paragraph[start:end].splitlines(keepends=True):
        behind = paragraph[position + len(line) :][:1]
        if len(line) > 60 or _mentions(line, wordings) or behind.islower():
            break
        position += len(line)
    else:
        return start
    return position if _mentions(paragraph[position:end], wordings) else start
