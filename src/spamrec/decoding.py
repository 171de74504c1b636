"""Bytes to text: charsets that are declared, undeclared or lying, transfer encodings, encoded words."""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from spamrec.patterns import lazy

MAX_CHARSET_CHARS = 80
"""Length of a charset's name that is looked at."""

MAX_ENCODED_WORDS = 1_000
"""Encoded words of one header that are decoded; the rest stays as it stands."""

NORMALIZED_CHARS = 64 * 1024
"""Characters of a text that are normalized at once."""

_CHARSET_ALIASES = {
    "ansi_x3.4-1968": "ascii",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf8mb3": "utf-8",
    "unicode": "utf-8",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
}
"""Names found in mail that Python does not know, or that are declared for a larger set (WHATWG's table)."""

_NOT_FOR_MAIL = frozenset(
    ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "rot13", "rot-13"]
)
_STATEFUL = ("iso-2022", "iso2022", "hz", "utf-7", "utf7", "csiso2022")
_WIDE = ("utf-16", "utf16", "utf-32", "utf32", "ucs-2", "ucs2")
_CHARSET_NAME = lazy(r"[a-z0-9_.:+-]{2,40}\Z")

_CONTROLS = lazy("[\x00-\x08\x0e-\x1f\x7f]")
_UNSEEN = lazy(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"  # control characters, then invisible ones
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
LEAST_HEAP = 65
"""Marks and signs in a row that no language has upon one letter."""
_HEAPED = lazy(rf"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){{{LEAST_HEAP},}}")
"""Holds more marks upon one letter than any language has; signs that are no letters may be among them."""
_LINE_BREAKS = "\r\x0b\x0c\x85\u2028\u2029"
PRINTED = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
"""Printable ASCII, tabs and line breaks: hardly any header holds anything else."""
_PLAIN = PRINTED.replace(b"\r", b"")

_ENCODED_WORD = lazy(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?=]|\?(?!=)|=(?!\?[\w.:*+-]{1,60}\?[bBqQ]\?))*+)(?:\?=|$)")
_BETWEEN_WORDS = lazy(r"(\?=)[ \t\r\n]++(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_FOLD = lazy(r"[\r\n]+[ \t]*")

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_PROSE = lazy(rb"\s*[^\s=]{1,30}[ \t][^\s=]{1,30}[ \t][^\s=]{1,30}")


def decode_text(raw: bytes, charset: str = "") -> str:
    """Text of bytes whose declared charset may be missing, unknown or wrong; never raises.

    UTF-8 is tried first, as hardly any other text is valid UTF-8 by chance; then the declared charset;
    then windows-1252. Charsets that use ASCII bytes only (ISO-2022-JP, UTF-7, UTF-16) must go first.
    """
    name = _known_charset(charset[:MAX_CHARSET_CHARS])
    if name and (name.startswith(_STATEFUL) or (name.startswith(_WIDE) and b"\0" in raw)):
        return raw.decode(name, "replace")
    if raw.isascii():
        return raw.decode("ascii")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if name in ("", "utf-8", "utf8", "cp1252"):
        return _damaged_utf8(raw) or _windows_1252(raw)
    text = raw.decode(name, "replace")
    return text if text.count("\ufffd") * 20 <= len(text) else _windows_1252(raw)


@lru_cache(maxsize=128)
def _known_charset(declared: str) -> str:
    """Python's name for a declared charset, "" when it is none that mail may use."""
    name = declared.strip().strip("\"'").lower()
    name = _CHARSET_ALIASES.get(name, name)
    if not _CHARSET_NAME.match(name) or name.replace("-", "_") in _NOT_FOR_MAIL:
        return ""
    try:
        "".encode(name)  # refuses codecs that are not text encodings, such as hex and zlib
        codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return name


def _damaged_utf8(raw: bytes) -> str:
    """UTF-8 with some broken sequences, or "" when most of its non-ASCII bytes make no UTF-8."""
    text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(raw) - len(raw.translate(None, bytes(range(0xC2, 0xF5)))) - broken
    return text if sound > broken else ""


def _windows_1252(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def decode_transfer(raw: bytes, encoding: str) -> bytes:
    """Content-Transfer-Encoding undone; damage is tolerated, and what was never encoded stays as it is."""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding == "base64":
        return _base64(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    if _PROSE.match(raw):
        return raw
    digits = raw.translate(None, _NOT_BASE64).partition(b"=")[0]
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def decoded_size(source: bytes, start: int, end: int, encoding: str) -> int:
    """Bytes that a part holds once decoded, counted without decoding it."""
    length = end - start
    if encoding == "base64":
        breaks = source.count(b"\n", start, end) + source.count(b"\r", start, end)
        padding = source.count(b"=", max(start, end - 8), end)
        return max(0, (length - breaks) * 3 // 4 - padding)
    if encoding == "quoted-printable":
        return length - 2 * source.count(b"=", start, end) - source.count(b"=\r\n", start, end)
    return length


def decode_header(raw: bytes) -> str:
    """A header's value unfolded, its 8-bit bytes and its encoded words decoded (RFC 2047), well formed or not."""
    return decode_value(unfold(raw))


def unfold(raw: bytes) -> str:
    """A header's value on one line, its 8-bit bytes decoded."""
    text = raw.decode("ascii") if raw.isascii() else decode_text(raw)
    return (_FOLD.sub(" ", text) if "\n" in text or "\r" in text else text).strip()


def decode_value(text: str) -> str:
    """An unfolded header's value with its encoded words decoded."""
    if "=?" in text:
        text = decode_words(text)
    elif text.isprintable() and text.isascii():
        return text.strip()
    return clean_line(text)


def decode_words(text: str) -> str:
    """Encoded words in a line decoded; neighbours of one charset join before decoding, as senders cut characters."""
    pieces: list[str] = []
    pending: list[bytes] = []
    charset = ""
    position = 0
    for count, word in enumerate(_ENCODED_WORD.finditer(_BETWEEN_WORDS.sub(r"\1", text))):
        if count >= MAX_ENCODED_WORDS:
            break
        between = word.string[position : word.start()]
        name = word.group(1).partition("*")[0].lower()
        if pending and (between or name != charset):
            pieces.append(decode_text(b"".join(pending), charset))
            pending = []
        pieces.append(between)
        charset = name
        pending.append(_word_bytes(word.group(2), word.group(3)))
        position = word.end()
    pieces.append(decode_text(b"".join(pending), charset))
    pieces.append(_BETWEEN_WORDS.sub(r"\1", text)[position:])
    return "".join(pieces)


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    if encoding in "bB":
        return _base64(raw)
    return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)


def decode_parameter(pieces: Iterable[tuple[bool, str]]) -> str:
    """A parameter from its RFC 2231 pieces in order, each with whether it is percent-encoded."""
    from urllib.parse import unquote_to_bytes

    charset = ""
    raw = b""
    for number, (encoded, content) in enumerate(pieces):
        value = content
        if encoded:
            if number == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            raw += unquote_to_bytes(value)
        else:
            raw += value.encode("utf-8", "replace")
    text = decode_text(raw, charset)
    return clean_line(decode_words(text) if "=?" in text else text)


def _normalized(text: str) -> str:
    """NFKC. One letter may become eighteen: a long text grows to twice its length at most. Marks upon one letter are put
    in order, which takes the square of their number: 130,000 of them took 14 s. Heaps are taken away."""
    if len(text) - len(text.encode("ascii", "ignore")) >= LEAST_HEAP:
        text = _HEAPED.sub(_without_marks, text)
    if len(text) <= NORMALIZED_CHARS:
        return unicodedata.normalize("NFKC", text)
    pieces: list[str] = []
    left = 2 * len(text)
    for at in range(0, len(text), NORMALIZED_CHARS):
        pieces.append(unicodedata.normalize("NFKC", text[at : at + NORMALIZED_CHARS])[:left])
        left -= len(pieces[-1])
    return "".join(pieces)


def _without_marks(found: re.Match[str]) -> str:
    return "".join(c for c in found[0] if unicodedata.category(c)[0] != "M" and c not in "\uff9e\uff9f")


def clean_line(text: str) -> str:
    """One line of text without control and invisible characters, blanks of every kind made plain."""
    return clean_text(text).replace("\n", " ").strip()


def clean_text(text: str) -> str:
    """Text as a reader sees it: line breaks as newlines, NFKC, no invisible and no control characters."""
    plain = text.isascii()
    if plain and text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if plain and not text.encode("ascii").translate(None, _PLAIN):
        return text
    for mark in _LINE_BREAKS:
        text = text.replace(mark, "\n")
    if plain:
        return _CONTROLS.sub("", text)
    # a no-break space would make normalizing much slower, and comes to a blank by it
    return _normalized(_UNSEEN.sub("", text.replace("\xa0", " ")))
