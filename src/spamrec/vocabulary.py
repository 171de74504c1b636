"""Words and pairs of words as the model sees them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from spamrec import phrases
from spamrec.evidence import MAX_READ, Evidence

MAX_WORDS = 150
"""Words of a message that are looked at; a pitch says what it is before that (see evidence.MAX_READ)."""
LONGEST = 24
"""Characters beyond which a word is a number, a name or a code and stands for nothing."""

# Words of grammar. The model keeps them (without them AUC on development mail falls from 0.978 to 0.972 against job
# mail), but no reason names them.
GRAMMAR = frozenset(
    """a about after all also am an and any are as at be been before being both but by can could did do does done down
    each even ever few for from get go going got had has have he her here him his how if in into is it its just like
    made make many may me might more most much must my no nor not now of off on once one only or other our out over own
    per put re same see she should so some such than that the their them then there these they this those through to
    too under until up us very via was way we well went were what when where which while who why will with would yes
    yet you your im ive id ill youre youll youd youve weve thats dont didnt isnt cant wont whats
    der die das den dem des ein eine einen einem einer und oder aber als am an auf aus bei bin bis da dass du er es
    fur hat ich ihr ihre im in ist ja kann man mein mit nach nicht noch nur ob sich sie sind so um uns von vor war was
    wenn wer wie wir wird zu zum zur
    le la les un une des du de et ou mais au aux avec ce cet cette ces dans en est je il elle nous vous on par pas plus
    pour que qui sa se ses son sur ta te tes ton tu votre vos
    el los las una unos y o pero al con como del donde era es esta este ha he la lo mas me mi muy no nos para por que se
    si sin su sus te ti tu yo""".split()
)


SUBJECT = "subject:"
"""Stands before a word of the subject, which counts there for what it is there, and as any word beside."""


def measure(evidence: Evidence) -> dict[str, None]:
    """Each word and pair in subject and text, once, in order; numbers, codes and addresses are left out."""
    subject, text = ([w if _says(w) else "" for w in sequence] for sequence in _sequences(evidence))
    out = dict.fromkeys(w for w in (*subject, *text))
    out.update(dict.fromkeys(f"{SUBJECT}{word}" for word in subject if word))
    for sequence in (subject, text):
        for left, right in pairwise(sequence):
            if left and right:
                out[f"{left} {right}"] = None
    out.pop("", None)
    return out


def weights(evidence: Evidence, by_name: Mapping[str, float]) -> dict[str, float]:
    """The weights of those words and pairs that have one, in the same order; `by_name` holds a word as `word:...`."""
    get = by_name.get
    sequences = _sequences(evidence)
    found = {w: weight for sequence in sequences for w in sequence if (weight := get("word:" + w))}
    for word in sequences[0]:
        if weight := get(f"word:{SUBJECT}{word}"):
            found[f"{SUBJECT}{word}"] = weight
    for sequence in sequences:
        for left, right in pairwise(sequence):
            if weight := get(f"word:{left} {right}"):
                found[f"{left} {right}"] = weight
    return found


def _sequences(evidence: Evidence) -> tuple[list[str], list[str]]:
    """Words of subject and text. Those in which wordings are looked for are all that count, most of the time."""
    subject = phrases.keys(evidence.subject)
    text = evidence.opening_keys[len(subject) + 1 :]
    if len(text) <= MAX_WORDS and len(evidence.text) > MAX_READ:
        text = phrases.keys(evidence.text[: MAX_WORDS * 12])
    return subject, text[:MAX_WORDS]


def _says(word: str) -> bool:
    return 2 <= len(word) <= LONGEST and word.isalpha()
