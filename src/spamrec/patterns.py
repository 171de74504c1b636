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

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found


def lazy(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` returns, compiled at the first use."""
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))
