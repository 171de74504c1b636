"""Strings that make a regular expression work hard: for each of its repeats what leads there, the repeated part many
times over, and an end that does not match."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LETTERS = "aA0 ,.\n\t-_@/:;<>=\"'()[]{}|$%&#+*?!éß€\u0130x"
"""Tried in this order where a set of characters stands."""
ENDS = ("", "\x00", "!\n", "zz")
"""Behind what is pumped, so that what follows the repeat fails."""
REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def gathered(use: Callable[[], object]) -> list[re.Pattern[Any]]:
    """Every expression of the package: those that stand in its modules, and those that its use makes."""
    import spamrec

    folder = str(Path(spamrec.__file__).parent)
    found: dict[tuple[Any, int], re.Pattern[Any]] = {}
    compiled = re._compile  # type: ignore[attr-defined]

    def noted(pattern: Any, flags: int) -> Any:
        import sys

        made = compiled(pattern, flags)
        frame = sys._getframe(1)
        while frame and frame.f_code.co_filename == re.__file__:
            frame = frame.f_back  # type: ignore[assignment]
        if frame and frame.f_code.co_filename.startswith(folder):
            found[made.pattern, made.flags] = made
        return made

    re._compile = noted  # type: ignore[attr-defined]
    try:
        for module in pkgutil.iter_modules(spamrec.__path__):
            if module.name != "__main__":
                importlib.reload(importlib.import_module(f"spamrec.{module.name}"))
        importlib.import_module("spamrec.patterns").compile_all()
        use()
    finally:
        re._compile = compiled  # type: ignore[attr-defined]
    return sorted(found.values(), key=lambda one: str(one.pattern))


def pumped(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """Strings of about that length, text or bytes as the pattern wants them."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    for before, body in _repeats(tree, ""):
        if body:
            for end in ENDS:
                made = before + body * (length // len(body)) + end
                yield made if isinstance(pattern.pattern, str) else made.encode("latin-1", "replace")


def _repeats(tree: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """What leads to each repeat without a small bound, and what it repeats."""
    for code, value in tree:
        for inner in _inside(code, value):
            yield from _repeats(inner, before)
        if code in REPEATS and value[1] > 20:
            sample = _sample(value[2])
            yield before, sample
            for other in _others(value[2]):
                yield before, other
            yield "", before + sample
        before += _sample([(code, value)])


def _inside(code: Any, value: Any) -> list[Any]:
    if code in REPEATS:
        return [value[2]]
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    if code is codes.ATOMIC_GROUP:
        return [value]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    return []


def _others(tree: Any) -> Iterator[str]:
    """Further samples of a repeated part that is one set or several ways."""
    for code, value in tree:
        if code is codes.IN:
            yield from [c for c in LETTERS if _in(value, c)][1:5]
        elif code is codes.BRANCH:
            yield from map(_sample, value[1][1:4])
        elif code is codes.SUBPATTERN:
            yield from _others(value[3])


def _sample(tree: Iterable[Any]) -> str:
    """A short text that the expression matches, as far as that can be told."""
    return "".join(_one(code, value) for code, value in tree)


def _one(code: Any, value: Any) -> str:
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.NOT_LITERAL:
        return next(c for c in LETTERS if ord(c) != value)
    if code is codes.ANY:
        return "a"
    if code is codes.IN:
        return next((c for c in LETTERS if _in(value, c)), "a")
    if code in REPEATS:
        return str(_sample(value[2]) * max(value[0], 1 if value[0] else 0))
    if code is codes.BRANCH:
        return _sample(value[1][0])
    if code in (codes.SUBPATTERN, codes.ATOMIC_GROUP):
        return _sample(value[3] if code is codes.SUBPATTERN else value)
    return ""


def _in(items: Sequence[Any], character: str) -> bool:
    """Whether a character is of a set."""
    inside, negated = False, False
    for code, value in items:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            inside |= ord(character) == value
        elif code is codes.RANGE:
            inside |= value[0] <= ord(character) <= value[1]
        elif code is codes.CATEGORY:
            inside |= re.match(_CATEGORIES[str(value)], character) is not None
    return inside != negated


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
}  # fmt: skip
