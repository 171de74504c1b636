"""What a model of own mail alone says of a message, and why: each word with the 4-grams that lie in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spamrec import tokens, tokenweights, vocabulary
from spamrec.message import Message
from spamrec.model import logistic
from spamrec.tokens import Word
from spamrec.tokenweights import TokenWeights
from spamrec.verdict import Kind, Label, Reason, Verdict

MAX_NAMED = 12
"""Words that are reasons of their own; the others are summed up, those for spam and those against it."""
MAX_SUMMED_NAMED = 4
"""Words that are named of those summed up."""
MAX_TURNING = 12
"""Words, beyond which it is no use to tell that a message without them would be judged otherwise."""
_SENTENCES = {
    "word": "it says “{}”",
    "subject": "its subject says “{}”",
    "link": "it links to “{}”",
}


def judge(weights: TokenWeights, mail: Message, threshold: float) -> Verdict:
    """The verdict on a message; what the reader stated and the history do not count, since the model never saw them."""
    reading = tokens.read(mail)
    probability = logistic(weights.score(tokens.sample(reading)))
    return Verdict(
        label=Label.SPAM if probability >= threshold else Label.LEGITIMATE,
        probability=probability,
        threshold=threshold,
        kind=Kind.OTHER,
        reasons=tuple(_reasons(weights, reading)),
        sender=mail.sender_name,
        subject=mail.subject,
        message_id=mail.message_id,
    )


def flips(weights: TokenWeights, mail: Message, threshold: float) -> list[tuple[str, float]]:
    """The words without which the message would be judged otherwise, with the probability then."""
    reading = tokens.read(mail)
    score = weights.score(tokens.sample(reading))
    found = tokenweights.words_that_turn(_by_weight(weights, reading), score, tokenweights.log_odds(threshold))
    if found is None or len(found.words) > MAX_TURNING:
        return []
    named = ", ".join(dict.fromkeys(word.text for word in found.words))
    return [(f"without {named}", logistic(found.score))]


def _by_weight(weights: TokenWeights, reading: tokens.Reading) -> list[tuple[Word, float]]:
    found = weights.contributions(reading)
    return sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))


def _reasons(weights: TokenWeights, reading: tokens.Reading) -> list[Reason]:
    """Reasons whose weights add up to the score, the weightiest first."""
    found = _by_weight(weights, reading)
    named = [(word, weight) for word, weight in found if _tells(word)][:MAX_NAMED]
    chosen = {word for word, _ in named}
    out = [Reason(f"{word.family}:{word.text}", sentence(word), weight) for word, weight in named]
    out += _summed([item for item in found if item[0] not in chosen])
    more = "spam" if weights.prior > 0 else "legitimate"
    out.append(Reason("prior", f"mail of which it knows no word is {more} rather", weights.prior))
    return sorted(out, key=lambda reason: -abs(reason.weight))


def _tells(word: Word) -> bool:
    """Whether a reason may name it: words of grammar say something only in sum."""
    return bool(word.text) and not (word.family in ("word", "subject") and word.text in vocabulary.GRAMMAR)


def _summed(rest: Sequence[tuple[Word, float]]) -> Iterator[Reason]:
    """One reason for all the lesser words of each side."""
    for side, of in ((1, "spam"), (-1, "legitimate mail")):
        if same := [(word, weight) for word, weight in rest if weight * side > 0]:
            plain = dict.fromkeys(word.text for word, _ in same if word.family != "header" and _tells(word))
            named = ", ".join(list(plain)[:MAX_SUMMED_NAMED])
            text = f"{len(same):,} more of its words are those of {of}"
            yield Reason("words", f"{text}: {named}" if named else text, sum(weight for _, weight in same))


def sentence(word: Word) -> str:
    """A word as a reason."""
    if word.family != "header":
        return _SENTENCES[word.family].format(word.text)
    name, colon, value = word.text.partition(":")
    shown = "-".join(part.capitalize() for part in name.split("-"))
    return f"its {shown} header says “{value}”" if colon else f"it has a {shown} header"
