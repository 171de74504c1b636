"""The end of a mail taken apart: signature and address block, disclaimer and list footer, and the text above."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from spamrec.disclaimers import split_disclaimer
from spamrec.patterns import lazy

MAX_SIGNATURE_LINES = 16
"""Lines, empty ones not counted, that a signature may have."""

_PHRASES = (
    "regards", "best regards", "kind regards", "kindest regards", "warm regards", "warmest regards",
    "with regards", "with best regards", "with kind regards", "with warm regards", "thanks and regards",
    "thanks and best regards", "thanks with regards", "thank you and regards", "thanks", "thanks again",
    "thanks a lot", "thanks so much", "thanks much", "thanks in advance", "thanks for your time",
    "thank you", "thank you so much", "thank you very much", "thank you for your time",
    "thank you in advance", "many thanks", "thx", "cheers", "best", "best wishes", "all the best",
    "sincerely", "sincerely yours", "yours sincerely", "yours truly", "yours faithfully", "yours",
    "respectfully", "cordially", "take care", "talk soon", "have a great day", "have a nice day", "br",
    "rgds", "love", "mit freundlichen Grüßen", "mit freundlichen Gruessen", "mit freundlichem Gruß",
    "mit besten Grüßen", "mit herzlichen Grüßen", "freundliche Grüße", "viele Grüße", "liebe Grüße",
    "beste Grüße", "besten Gruß", "herzliche Grüße", "schöne Grüße", "Grüße", "Gruß", "mfg", "vg", "lg",
    "cordialement", "bien cordialement", "très cordialement", "bien à vous", "salutations",
    "meilleures salutations", "sincères salutations", "amicalement", "bonne journée", "à bientôt", "merci",
    "merci d'avance", "un saludo", "saludos", "saludos cordiales", "un cordial saludo", "atentamente",
    "gracias", "muchas gracias", "un abrazo", "met vriendelijke groet", "groeten", "cordiali saluti",
    "saluti", "med vänlig hälsning", "mvh", "atenciosamente", "abraços", "pozdrawiam", "с уважением", "üdv",
    "üdvözlettel", "köszönettel", "s pozdravem", "hälsningar", "terveisin", "hilsen", "med venlig hilsen",
    "vennlig hilsen",
)  # fmt: skip
_CLOSINGS = frozenset(phrase.casefold() for phrase in _PHRASES)
_OPENERS = frozenset(phrase.split()[0] for phrase in _CLOSINGS) | frozenset(
    ("sent", "get", "von", "gesendet", "envoyé", "enviado", "inviato")
)
"""First words of closings and of what a device puts under a mail: few lines begin with one."""
_FIRST_WORD = lazy(r"[\W_]*+([^\W\d_]++)")
_CLOSING_HEAD = lazy(r"[^,.!;:()\n|–—]{2,40}")
_DEVICE = lazy(
    r"\W*(?:sent (?:from|via|with) (?:my|mobile|outlook|mail|proton)|get outlook for|von meinem \w+ gesendet"
    r"|gesendet von|envoyé (?:de|depuis) mon|enviado desde mi|inviato da)\b",
    re.I,
)
_DIGIT = lazy(r"\d")
_PHONE = lazy(r"\+?\(?\d[\d() ./x-]{6,20}\d")
_CONTACT = lazy(
    r"\b(?:tel|phone|ph|mobile|cell|fax|direct|office|desk|email|e-mail|mail|web|skype|ext"
    r"|whatsapp|telefon|mobil|tél|móvil)\b\.?\s?[:#.)]"
)
_TITLE = lazy(
    r"\b(?:recruit(?:er|ment|ing)|hr|acquisition|sales|representative|advisor|associate|manager|consultant|director|engineer|developer|specialist|partner|lead|head|executive"
    r"|president|founder|ceo|cto|coordinator|sourcer|talent|officer|professor|analyst|assistant|editor|team|inc|llc|ltd"
    r"|gmbh|corp|limited|s\.?a\.?|group|university)\b",
    re.I,
)
_STREET = lazy(
    r"\b(?:floor|suite|ste|street|st|avenue|ave|road|rd|blvd|boulevard|drive|lane|plaza|parkway|sector|box|straße|str|rue"
    r"|calle|platz)\b",
    re.I,
)
_NAME = lazy(r"(?:[^\W\d_][\w.'’-]*,?\s*){1,4}\Z")
_POSTSCRIPT = lazy(r"\n[ \t]*p\.?[ \t]?s\.?\b[ \t]*[:.,-]?\s", re.I)
_DELIMITER = lazy(r"^(?:--|—|- --)[ \t]*$", re.M)
_LONG_LINE = 300
_GLUED_CLOSING = lazy(
    r"(?<=[.!?)]) (?=(?:(?:best|kind|warm|kindest|many) )?(?:thanks|regards|cheers|sincerely)\b[ ,&(.!])", re.I
)
_PIECES = lazy(r"[ \t]{2,}")


class Ending(NamedTuple):
    """A sender's own text without what stands under it."""

    text: str
    """What the mail says."""
    signature: str
    """Closing, name and address block."""
    disclaimer: str
    """Confidentiality notes, unsubscribe wording, list footers."""


def split_ending(text: str, sender: str = "") -> Ending:
    """Text, signature and disclaimer of a body without quotes; the text is never left empty if others are not.

    `sender` is the display name in From, which makes a bare name under the text a signature.
    """
    text = restore_lines(text)
    body, disclaimer = split_disclaimer(text)
    postscript = _postscript(body)
    main, after = body[:postscript], body[postscript:]
    lines = main.split("\n")
    start, end = _signature_span(lines, sender)
    own = "\n".join([*lines[:start], *lines[end:]]).strip()
    if not own:
        own, start, end = main, 0, 0
    signature = "\n".join(lines[start:end]).strip()
    return Ending(f"{own.strip()}\n\n{after.strip()}".strip(), signature, disclaimer)


def restore_lines(text: str) -> str:
    """Line breaks put where two or more blanks stand, in a body that lost all its line breaks."""
    breaks = text.count("\n")
    if len(text) < 80 or (breaks and len(text) // (breaks + 1) < _LONG_LINE):
        return text
    if "  " in text:
        text = _PIECES.sub("\n", text)
    end = max(0, len(text) - _LONG_LINE)
    return text[:end] + _GLUED_CLOSING.sub("\n", text[end:])


def _postscript(text: str) -> int:
    """Offset of a postscript that follows at least one line of text, the text's length where there is none."""
    for found in _POSTSCRIPT.finditer("\n" + text):
        if text[: found.start()].strip():
            return found.start()
    return len(text)


def _signature_span(lines: Sequence[str], sender: str) -> tuple[int, int]:
    """First line of the signature and the line behind its last; an empty span where there is none."""
    found = _delimited(lines, sender)
    if found is None:
        found = _closed(lines, sender)
    if found is None:
        found = _contact_block(lines)
    if found is None:
        found = _lone_name(lines)
    if found is not None:
        return found, len(lines)
    return _amid(lines, sender)


def _delimited(lines: Sequence[str], sender: str) -> int | None:
    """The "-- " line of RFC 3676, when what follows is short enough; a closing just above it comes along."""
    found = None
    taken = 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if not line:
            continue
        taken += not line.isspace()
        if taken > MAX_SIGNATURE_LINES + 4:
            break
        if line[0] in "-—" and _DELIMITER.match(line):
            found = index
    if found is None:
        return None
    above = _closed(lines[:found], sender)
    return found if above is None else above


def _closed(lines: Sequence[str], sender: str) -> int | None:
    """Line of a closing, or of the sender's name, behind which only short lines stand."""
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    found = None
    taken = 0
    for index in range(len(lines) - 1, first, -1):
        line = lines[index].strip()
        if not line:
            continue
        taken += 1
        if taken > MAX_SIGNATURE_LINES:
            break
        if is_closing(line) or _names(line, sender):
            found = index
        elif _is_prose(line):
            break
    return found


def _contact_block(lines: Sequence[str]) -> int | None:
    """A last paragraph that opens with a name and holds a telephone number, an address or a title."""
    start = len(lines)
    while start and not lines[start - 1].strip():
        start -= 1
    end = start
    while start and lines[start - 1].strip():
        start -= 1
    block = [line.strip() for line in lines[start:end]]
    if start == 0 or not 2 <= len(block) <= 8 or any(_is_prose(line) for line in block):
        return None
    if not _NAME.match(block[0]) or not block[0][:1].isupper():
        return None
    marks = sum(1 for line in block[1:] if _locates(line))
    titles = any(_TITLE.search(line) for line in block[1:])
    return start if marks + titles >= 2 or (marks and len(block) <= 3) else None


def _lone_name(lines: Sequence[str]) -> int | None:
    """A last paragraph of one capitalised word, as in mail between people who know each other."""
    last = next((index for index in range(len(lines) - 1, 0, -1) if lines[index].strip()), 0)
    if last < 2 or lines[last - 1].strip():
        return None
    word = lines[last].strip(" -–—~.,")
    return last if word.isalpha() and word.istitle() and len(word) <= 14 else None


def _amid(lines: Sequence[str], sender: str) -> tuple[int, int]:
    """A signature with more text below it: a closing alone on its line, a name, and lines that are no prose."""
    for index, line in enumerate(lines):
        if len(line) > 40:
            line = line.strip()
        if not line or len(line) > 40 or not 0 < index < len(lines) - 1 or not is_closing(line.strip()):
            continue
        if not any(one.strip() for one in lines[:index]):
            continue
        end = _block_end(lines, index + 1, sender)
        if end > index + 1:
            return index, end
    return 0, 0


def _block_end(lines: Sequence[str], start: int, sender: str) -> int:
    """Line behind the name and contact lines that follow a closing; `start` where no name follows."""
    end = start
    named = False
    for index in range(start, min(len(lines), start + MAX_SIGNATURE_LINES)):
        line = lines[index].strip()
        if not line:
            continue
        if not named:
            if len(line) > 60 or not (_NAME.match(line) or _names(line, sender)):
                return start
            named = True
        elif _is_prose(line) or not (_locates(line) or _TITLE.search(line)):
            break
        end = index + 1
    return end


def is_closing(line: str) -> bool:
    """Whether a line is a closing such as "Best regards," alone, or with a name behind it."""
    first = _FIRST_WORD.match(line) if len(line) <= 60 else None
    if first is None or first[1].casefold() not in _OPENERS:
        return False
    if _DEVICE.match(line):
        return True
    whole = _plain(line)
    if whole in _CLOSINGS:
        return True
    head = _CLOSING_HEAD.match(line.strip(" *_~-"))
    if head is not None and head.end() < len(line) and _plain(head.group()) in _CLOSINGS:
        rest = line.strip(" *_~-")[head.end() :].strip(" ,.!;:()|–—-")
        names = rest.split()
        return len(names) <= 8 and (_title_line(rest) or all(name[:1].isupper() for name in names[:4]))
    words = line.split()
    if not 2 <= len(words) <= 5 or line.endswith((".", "?", ":")):
        return False
    return any(
        _plain(" ".join(words[:count])) in _CLOSINGS and all(word[:1].isupper() for word in words[count:])
        for count in range(1, len(words))
    )


def _plain(phrase: str) -> str:
    """A closing without case, decoration and punctuation; "&" and "/" read as "and"."""
    phrase = phrase.casefold().replace("&", " and ").replace("/", " and ").replace("+", " and ")
    return " ".join(phrase.strip(" *_~-,.!;:").split())


def _names(line: str, sender: str) -> bool:
    """Whether a short line is or begins with the sender's name, or is the first name alone."""
    name = sender.casefold()
    first = name.partition(" ")[0]
    plain = line.strip(" -–—~*_,.").casefold() if len(line) <= 120 else ""
    if not first or not plain.startswith(first):
        return False
    if plain in (first, name):
        return True
    if " " in name and plain.startswith(name):
        return not line.endswith((".", "!", "?", ":"))
    return plain.startswith(first + " ") and _title_line(line)


def _locates(line: str) -> bool:
    """Whether a line tells how to reach somebody: telephone, mail, site, or street with a number."""
    lower = line.lower()
    if (
        "@" in line
        or "http:" in lower
        or "https:" in lower
        or "www." in lower
        or "linkedin" in lower
        or _CONTACT.search(lower)
    ):
        return True
    if not _DIGIT.search(line):
        return False
    return _PHONE.search(line) is not None or _STREET.search(line) is not None


def _title_line(line: str) -> bool:
    """Whether a line names somebody's post, as "Ann Example Senior Recruiter at Example Ltd" does."""
    return line[:1].isupper() and not line.endswith(("!", "?", ":")) and _TITLE.search(line) is not None


def _is_prose(line: str) -> bool:
    """Whether a line reads as running text or a list item rather than as part of an address block."""
    if line[:2] in ("- ", "* ", "• ") or line[:1] == "•":
        return True
    if _locates(line):
        return len(line) > 160
    words = line.count(" ") + 1
    if words > 8 and not line.endswith(".") and _title_line(line):
        capitals = sum(1 for word in line.split() if not word[:1].islower())
        return len(line) > 140 or capitals * 3 < words * 2
    if line.endswith("?"):
        return words > 3
    if line.endswith((".", "!", ":")):
        return words > 6
    return len(line) > 72 or words > 11
