"""Disclaimers, unsubscribe wording and list footers, told from the body they stand in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count

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
# behind a line break, not at "^": what starts with a literal character is found in a tenth of the time
_RULE = lazy(
    r"\n(?:[ \t]*(?:_{8,}|-{20,}|={20,}|\*{20,}|#{20,}|~{20,})[ \t_=-]*$|-{12,} [^\n]{1,40} -{12,}[~>-]*$)", re.M
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
_WORDS = ("unsubscribe", "opt-out", "vertraulich", "bestellen", "melden", "datenschutz", "désabonn", "désinscri")
"""Parts of words by which wordings are looked for, whatever stands before them."""
FIRST_LOOKS = 3
"""Texts in which wordings are looked for one by one, which takes 0.3 ms; to prepare the fast way takes 4 ms, and a mail
filter starts for one mail."""
_looks = count()
RARE_CHARS = 8
"""Length from which on a word is in few messages."""
MAX_FOOTER_PART_CHARS = 1_000
"""Text between two rule lines that may be part of a list's footer."""

MAX_FOOTER_CHARS = 3_000
"""Text behind a rule line that may be a list's footer."""


def split_disclaimer(text: str) -> tuple[str, str]:
    """Text without disclaimers, and the disclaimers; all is text where nothing else would be left."""
    body, footer = _cut_rule(text)
    wordings = _held(body)
    if wordings is None:
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


def _held(text: str) -> Sequence[str] | None:
    """The wordings that a text holds, None where it holds none and no "unsubscribe" either."""
    return _one_by_one(text) if next(_looks) < FIRST_LOOKS else _by_hints(text)


def _one_by_one(text: str) -> Sequence[str] | None:
    folded = _folded(text)
    held = [wording for wording in _WORDINGS if wording in folded]
    return held if held or _WORDS[0] in folded else None


def _by_hints(text: str) -> Sequence[str] | None:
    """The same in a tenth of the time; looking one by one took an eighth of the time of reading a mail."""
    inner, words, by_hint = _hints()
    flat = text.lower().replace("’", "'").replace("\n", " ").replace("\t", " ")
    found = {" ".join(hint.split()) for hint in inner.findall(flat)}
    found.update([word for word in words[flat.isascii()] if word in flat])
    likely = [wording for hint in found for rarest, wording in by_hint[hint] if rarest in flat]
    if likely:
        folded = _folded(text)
        likely = [wording for wording in likely if wording in folded]
    return likely if likely or _WORDS[0] in found else None


@cache
def _hints() -> tuple[re.Pattern[str], tuple[Sequence[str], Sequence[str]], Mapping[str, Sequence[tuple[str, str]]]]:
    """An expression for a word or two of each wording before which a blank stands; words that may stand inside of others,
    all and those in ASCII; and the wordings to look for where either is found, each behind the longest other word of it."""
    by_hint: dict[str, list[tuple[str, str]]] = {}
    for wording in _WORDINGS:
        hint = _hint(wording)
        others = (word for word in wording.split() if word not in hint and hint not in word)
        by_hint.setdefault(hint, []).append((max(others, key=len, default=hint), wording))
    words = [*_WORDS, *(wording for wording in _WORDINGS if wording in by_hint)]
    letters: dict[str, list[str]] = {}
    for hint in sorted(by_hint.keys() - {*words}, key=len):
        letters.setdefault(hint[0], []).insert(0, hint[1:])
        for start in range(1, len(hint)):
            by_hint[hint] += by_hint.get(hint[:start], [])
    inner = "|".join(f"{re.escape(one)}(?:{'|'.join(map(re.escape, rest))})" for one, rest in letters.items())
    inner = inner.replace(r"\ ", " +")
    return re.compile(f" (?=({inner}))"), (words, [word for word in words if word.isascii()]), by_hint


def _hint(wording: str) -> str:
    """What of a wording is looked for first: one of the words, else the longest word but the first one, if it is short
    with one beside it."""
    for word in _WORDS:
        if word in wording:
            return word
    inner = wording.split()[1:]
    if not inner:
        return wording
    longest = max(inner, key=len)
    if len(longest) >= RARE_CHARS or len(inner) == 1:
        return longest
    at = min(inner.index(longest), len(inner) - 2)
    return " ".join(inner[at : at + 2])


def _folded(text: str) -> str:
    """Lower case with every run of blanks and line breaks as one blank."""
    return " ".join(text.lower().replace("’", "'").split())


def _mentions(text: str, wordings: Sequence[str]) -> bool:
    folded = _folded(text)
    return any(wording in folded for wording in wordings)


def _cut_rule(text: str) -> tuple[str, str]:
    """A list's footer cut off, from the first of its lines of underscores or dashes on; some text stays."""
    cut = len(text.rstrip())
    first = max(0, len(text) - MAX_FOOTER_CHARS)
    for found in reversed(list(_RULE.finditer("\n" + text[first:]))):
        start, end = first + found.start(), first + found.end() - 1
        between = text[end:cut]
        if (start and text[start - 1] != "\n") or len(between) > MAX_FOOTER_PART_CHARS:
            break
        if between.strip() and not _RULE_CONTENT.search(between[:_RULE_CONTENT_CHARS]):
            break
        cut = start
    bare = _LIST_ADDRESS.search(text, max(0, cut - 200), cut)
    if bare is not None and bare.start():
        cut = bare.start()
    above = text[:cut].rstrip()
    return (above, text[cut:].strip()) if above else (text, "")


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
