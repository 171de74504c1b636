"""Whether an element of an HTML mail can be seen: display, size, opacity, and text in its background's colour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from spamrec.patterns import lazy

_DECLARATION = lazy(r"(?<![a-z-])([a-z-]++)\s*+:\s*+([^;]*+)")
TELLING = frozenset(["hidden", "bgcolor", "background", "color", "text", "style"])
"""Attributes that may change a style, but for those of a class that a style sheet hides."""
_NUMBER = lazy(r"-?\d*\.?\d+")
_RGB = lazy(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)")
_HEX = lazy(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_HIDING_RULE = lazy(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0")
_CLASS_SELECTOR = lazy(r"\.([a-z0-9_-]+)\Z")
_NAMED_COLOURS = {
    "white": "ffffff",
    "black": "000000",
    "snow": "fffafa",
    "ivory": "fffff0",
    "whitesmoke": "f5f5f5",
    "red": "ff0000",
    "blue": "0000ff",
    "gray": "808080",
    "grey": "808080",
    "silver": "c0c0c0",
    "yellow": "ffff00",
    "green": "008000",
    "navy": "000080",
}
MAX_STYLE_CHARS = 4_096
"""Length of a style attribute that is looked at; what is read of one is kept for the next."""
MAX_COLOUR_CHARS = 100
"""Length of a colour's attribute that is looked at."""
MAX_COLOUR_DISTANCE = 12
"""Sum of the differences in red, green and blue (0 to 765) up to which text is taken for invisible."""


class Style(NamedTuple):
    """What an element inherits that decides whether its text can be seen."""

    gone: bool = False
    """Not shown at all, whatever its children say: display none, opacity 0, zero size, off the page."""
    invisible: bool = False
    """visibility: hidden, which a child may undo."""
    tiny: bool = False
    """Font size of 0 to 1 pixel or point, which a child may undo."""
    colour: str = "000000"
    """Colour of the text as six hexadecimal digits, "" where unknown."""
    background: str = "ffffff"
    """Colour behind the text as six hexadecimal digits, "" where unknown."""

    @property
    def hidden(self) -> bool:
        """Whether a reader cannot see text of this style."""
        return self.gone or self.invisible or self.tiny or _same_colour(self.colour, self.background)

    def inside(self, tag: str, attributes: Mapping[str, str | None], hiding: frozenset[str]) -> Style:
        """Style of an element with these attributes inside one of this style."""
        told = attributes.get
        gone = "hidden" in attributes or _hidden_class(told("class"), hiding)
        colour = told("color") if tag in ("font", "basefont") else told("text") if tag == "body" else None
        inline = (told("style") or "")[:MAX_STYLE_CHARS]
        ground, shown = (told("bgcolor") or "")[:MAX_COLOUR_CHARS], (colour or "")[:MAX_COLOUR_CHARS]
        return _inside(self, tag == "a", gone, ground, bool(told("background")), shown, inline)


@lru_cache(maxsize=1024)
def _inside(outer: Style, link: bool, gone: bool, ground: str, image: bool, colour: str, inline: str) -> Style:
    """Style inside another one: newsletters repeat a few elements a hundred times."""
    changes: dict[str, bool | str] = {}
    if gone:
        changes["gone"] = True
    if ground:
        changes["background"] = _colour(ground)
    if image:
        changes["background"] = ""
    if colour:
        changes["colour"] = _colour(colour)
    if inline:
        changes.update(_declared(inline.lower()))
    elif link and outer.colour == outer.background:
        changes["colour"] = ""
    return outer._replace(**changes) if changes else outer  # type: ignore[arg-type]


VISIBLE = Style()
"""Black text on a white page."""


def hiding_classes(markup: str) -> frozenset[str]:
    """Classes that a style sheet in the mail hides for every screen; rules under @media are left out."""
    found: set[str] = set()
    lowered = markup[:200_000].lower()
    start = lowered.find("<style")
    while start >= 0:
        end = lowered.find("</style", start)
        end = len(lowered) if end < 0 else end
        sheet = lowered[lowered.find(">", start, end) + 1 : end]
        if _HIDING_RULE.search(sheet):
            found.update(_hidden_selectors(sheet))
        start = lowered.find("<style", end)
    return frozenset(found)


def _hidden_selectors(sheet: str) -> list[str]:
    found: list[str] = []
    depth = 0
    at_rule = 0
    prelude = ""
    for piece in re.split(r"([{}])", sheet):
        if piece == "{":
            depth += 1
            if "@" in prelude:
                at_rule = at_rule or depth
        elif piece == "}":
            at_rule = 0 if at_rule >= depth else at_rule
            depth = max(0, depth - 1)
        elif depth and not at_rule and _HIDING_RULE.search(piece):
            selectors = (_CLASS_SELECTOR.match(one.strip()) for one in prelude.split(","))
            found.extend(selector.group(1) for selector in selectors if selector)
        if piece not in "{}":
            prelude = piece.rpartition(";")[2]
    return found


def _hidden_class(names: str | None, hiding: frozenset[str]) -> bool:
    return bool(hiding and names and not hiding.isdisjoint(names.lower().split()))


def _declared(style: str) -> Mapping[str, bool | str]:
    """Fields of `Style` that an inline style attribute sets."""
    rules = {name: value.strip() for name, value in _DECLARATION.findall(style)}
    found: dict[str, bool | str] = {}
    if _removed(rules):
        found["gone"] = True
    if "visibility" in rules:
        found["invisible"] = rules["visibility"].startswith(("hidden", "collapse"))
    size = rules.get("font-size") or rules.get("font", "").partition("/")[0].rpartition(" ")[2]
    if size:
        found["tiny"] = _tiny(size)
    if "color" in rules:
        found["colour"] = _colour(rules["color"])
    for name in ("background", "background-color"):
        if name in rules:
            found["background"] = "" if "url(" in rules[name] else _colour(rules[name])
    if "background-image" in rules:
        found["background"] = ""
    if rules.get("color", "").startswith("transparent"):
        found["gone"] = True
    return found


def _removed(rules: Mapping[str, str]) -> bool:
    if rules.get("display", "").startswith("none"):
        return True
    if "opacity" in rules and _zero(rules["opacity"]):
        return True
    if rules.get("overflow", "").startswith("hidden") and any(
        _zero(rules.get(side, "")) for side in ("height", "max-height", "width", "max-width")
    ):
        return True
    return any(_far_off(rules.get(side, "")) for side in ("text-indent", "left", "top", "margin-left"))


def _zero(value: str) -> bool:
    number = _NUMBER.match(value)
    return number is not None and float(number.group()) == 0


def _far_off(value: str) -> bool:
    number = _NUMBER.match(value) if value.startswith("-") else None
    return number is not None and float(number.group()) <= -900


def _tiny(size: str) -> bool:
    """Whether a font size is at most one pixel or point; 1em and 1 without a unit are not."""
    number = _NUMBER.match(size)
    if number is None:
        return False
    value, unit = float(number.group()), size[number.end() :]
    return value == 0 or (value <= 1 and unit.startswith(("px", "pt"))) or (value <= 5 and unit.startswith("%"))


def _colour(value: str) -> str:
    """Six hexadecimal digits of a colour, "" when it is written in a way not known here."""
    value = value.strip().lower()
    shown = _HEX.search(value)
    if shown is None and len(value) == 6 and re.fullmatch("[0-9a-f]{6}", value):
        return value
    if shown is not None:
        digits = shown.group(1)
        return digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = _RGB.search(value)
    if parts is not None:
        return "".join(f"{min(int(part[:4]), 255):02x}" for part in parts.groups())
    return next((_NAMED_COLOURS[word] for word in value.split() if word in _NAMED_COLOURS), "")


@lru_cache(maxsize=1024)
def _same_colour(first: str, second: str) -> bool:
    if not first or not second:
        return False
    if first == second:
        return True
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (0, 2, 4))
    return sum(abs(a - b) for a, b in pairs) <= MAX_COLOUR_DISTANCE
