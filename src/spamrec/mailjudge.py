"""By what a folder on a server is sorted: mail is judged as at delivery, and the reader's labels are learnt at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spamrec import bulk, learning, tagging
from spamrec.bulk import Judged
from spamrec.delivery import Delivery, time_limit
from spamrec.errors import TimeLimitError
from spamrec.files import Files
from spamrec.verdict import Label


class MailJudge:
    """Judges and learns for one reader; raises as `Delivery` and `learning.learn` do.

    `named` are the profile, model and threshold that the user named; `remember` is whether what is judged counts as
    delivered, or the history is only read.
    """

    def __init__(
        self,
        where: Files,
        named: Mapping[str, Any],
        *,
        remember: bool,
        say: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._where, self._named, self._remember = where, named, remember
        self._say, self._warn = say, warn
        self._delivery = self._opened()

    def judge(self, origin: str, raw: bytes, *, delivered: bool = True) -> Judged | None:
        """The verdict on a message, remembered where it is delivered just now; None where it takes too long."""
        try:
            with time_limit(self._delivery.limits.time_s):
                found = self._delivery.judge(raw)
                if delivered:
                    self._delivery.remember(found)
        except TimeLimitError as error:
            self._say(f"{origin}: {error}; it stays where it is")
            return None
        return Judged(origin, found.evidence.message.date, found.verdict)

    def learn(self, found: Sequence[tuple[bytes, Label]]) -> None:
        """Learn labels; what is judged from then on is judged by what they taught."""
        self._delivery.close()
        for label in Label:
            raws = [tagging.strip(raw) for raw, given in found if given is label]
            if raws:
                learning.learn(self._where, raws, label, profile=self._profile())
        self._delivery = self._opened()

    def close(self) -> None:
        """Let go of the history."""
        self._delivery.close()

    def _profile(self) -> Path | None:
        named = self._named.get("profile")
        return Path(named) if named else None

    def _opened(self) -> Delivery:
        memory = self._where.history if self._remember else None
        return Delivery(bulk.setup(self._where, **self._named), memory=memory, warn=self._warn)
