"""What judging one mail may cost at its delivery."""

from __future__ import annotations

from typing import NamedTuple

MAX_BYTES = 512 * 1024
"""How much of a mail is looked at; of a larger one the beginning, where its text stands before what is attached."""
TIME_LIMIT_S = 5.0
"""How long one mail may take, in seconds: half of what Dovecot allows a filter."""
HISTORY_WAIT_S = 0.5
"""How long a history that another program holds is waited for, each time it is asked, in seconds."""


class Limits(NamedTuple):
    """What one mail may cost."""

    max_bytes: int = MAX_BYTES
    """Bytes looked at; of a larger mail the rest is passed without being read."""
    time_s: float = TIME_LIMIT_S
    """Seconds, of which none means no limit."""
    history_wait_s: float = HISTORY_WAIT_S
    """Seconds that a locked history is waited for."""


LIMITS = Limits()
