"""Words and pairs of words as the model sees them."""

from __future__ import annotations

from spamrec.phrases import words
from spamrec.signals import Evidence

MAX_WORDS = 400
"""Words of a message that are looked at; a pitch says what it is before that."""
LONGEST = 24
"""Characters beyond which a word is a number, a name or a code and stands for nothing."""


def measure(evidence: Evidence) -> dict[str, float]:
    """Each word and pair in subject and text with the value 1; names, numbers and addresses are left out."""
    subject = [f"{key}" for key in keys(evidence.subject)]
    text = keys(evidence.text)[:MAX_WORDS]
    out = dict.fromkeys((*subject, *text), 1.0)
    for sequence in (subject, text):
        for left, right in zip(sequence, sequence[1:], strict=False):
            if left and right:
                out[f"{left} {right}"] = 1.0
    out.pop("", None)
    return out


def keys(text: str) -> list[str]:
    """The words of a text, "" where one stands that says nothing."""
    return [w.key if 2 <= len(w.key) <= LONGEST and w.key.isalpha() else "" for w in words(text[: MAX_WORDS * 12])]
