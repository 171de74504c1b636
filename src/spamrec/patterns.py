"""Regular expressions that are compiled when they are first asked to look."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

# A start judges one message, for which most expressions are never asked: all of them took 32 ms to compile.


class _Lazy:
    """Stands in for a compiled expression: each of its methods is looked up once."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source = source
        self._flags = flags
        _ALL.append(self)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found


_ALL: list[_Lazy] = []
"""All there are, in modules that are loaded."""


def lazy(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` returns, compiled at the first use."""
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))


def compile_all() -> None:
    """Compile them before processes are forked, each of which would do it again."""
    for one in _ALL:
        for method in ("search", "match", "fullmatch", "finditer", "findall", "sub", "split"):
            getattr(one, method)
