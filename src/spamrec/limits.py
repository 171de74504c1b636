"""What judging one mail may cost at its delivery."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """What one mail may cost."""

    max_bytes: int = 512 * 1024
    """Bytes looked at; of a larger mail the rest, mostly what is attached, is passed without being read."""
    time_s: float = 5.0
    """Seconds, of which none means no limit; half of what Dovecot allows a filter."""
    history_wait_s: float = 0.5
    """Seconds that a history which another program holds is waited for, each time it is asked."""


LIMITS = Limits()
"""Where nothing else is said."""
