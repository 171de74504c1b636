"""The hash by which messages, labels and model files are known again."""

from __future__ import annotations

from collections.abc import Iterable

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL, up to 15 ms of a cold start
except ImportError:
    from hashlib import blake2b


def digest(blocks: Iterable[bytes]) -> str:
    """32 hexadecimal digits of all blocks, one behind the other."""
    state = blake2b(digest_size=16)
    for block in blocks:
        state.update(block)
    return state.hexdigest()
