"""The join: a message, a profile, a history and a model become a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from spamrec import message, notices, signals, vocabulary
from spamrec.evidence import Evidence
from spamrec.model import Model, logistic
from spamrec.pitch import NO_PITCH
from spamrec.profile import NO_PROFILE, Profile
from spamrec.standing import UNKNOWN, Standing
from spamrec.verdict import Kind, Label, Reason, Verdict

WORDS = "words"
"""Name under which all words together stand as one reason."""
OWN_WORDS = "own-words"
"""Name under which all words that the reader's labels gave weight stand as one reason."""
TOLD = "told"
"""Name of the reason that the reader labelled the message."""
TOLD_SCORE = 12.0
"""Log-odds of a message that the reader labelled."""
MAX_WORDS_NAMED = 4


class Values(NamedTuple):
    """What is measured of a message for the two models."""

    content: Mapping[str, float]
    """Content signals present."""
    words: tuple[str, ...]
    """Words and pairs of words present."""
    relative: Mapping[str, float]
    """Relative signals present, not yet weighed."""
    trusted: bool
    """Whether sender, firm or thread is the reader's own."""
    stated: bool
    """Whether the reader has stated what work they want, so that a stranger's manner can matter beside it."""


PITCH, COLD_PITCH = "pitch", "cold-pitch"
SCORE_LIMIT = 6.0
"""Log-odds of a pitch beyond which more certainty adds nothing."""
COLD_PREFIX = "cold:"
"""Marks a content signal as it counts in a stranger's pitch."""
VERDICT_NAMES = (
    PITCH,
    COLD_PITCH,
    *(f"{COLD_PREFIX}{s.name}" for s in signals.CONTENT),
    *(s.name for s in signals.RELATIVE),
)
"""What the verdict model reads, in order."""
VERDICT_SIGNS = (1, 1, *(s.spam_sign for s in signals.CONTENT), *(s.spam_sign for s in signals.RELATIVE))
"""The side that each of these weights is kept to."""


def measure(evidence: Evidence) -> Values:
    """Everything the models read of a message."""
    return Values(
        signals.content(evidence),
        tuple(vocabulary.measure(evidence)),
        signals.relative(evidence),
        evidence.trusted,
        evidence.stated,
    )


def verdict_values(values: Values, score: float) -> dict[str, float]:
    """What the verdict model reads of a message with that pitch score (log-odds)."""
    strength = logistic(score)
    out = {PITCH: max(-SCORE_LIMIT, min(SCORE_LIMIT, score)) / SCORE_LIMIT}
    if not values.trusted:
        out[COLD_PITCH] = strength
    if values.stated and not values.trusted:
        out.update({f"{COLD_PREFIX}{name}": value * strength for name, value in values.content.items()})
    weighed = signals.WEIGHED
    out.update({name: value * strength if name in weighed else value for name, value in values.relative.items()})
    return out


class Classifier(NamedTuple):
    """Judges one reader's mail; holds what does not change from message to message."""

    model: Model
    profile: Profile = NO_PROFILE
    threshold: float | None = None
    """Probability from which on a message is spam; None for the model's own."""
    unsure: float | None = None
    """Probability from which on a message is unsure, below the threshold; None where there is no such band."""

    @property
    def cut(self) -> float:
        """The threshold in force."""
        return self.model.threshold if self.threshold is None else self.threshold

    def label(self, probability: float) -> Label:
        """What a message of that probability is called."""
        if probability >= self.cut:
            return Label.SPAM
        return Label.LEGITIMATE if self.unsure is None or probability < self.unsure else Label.UNSURE

    def classify(self, raw: bytes, standing: Standing = UNKNOWN) -> Verdict:
        """The verdict on a mail as it came, whatever its damage."""
        return self.judge(Evidence(message.parse(raw), self.profile, standing))

    def judge(self, evidence: Evidence) -> Verdict:
        """The verdict on what was measured of a message."""
        if self.model.tokens:
            from spamrec import tokenverdict  # only where the model is of own mail alone

            verdict = tokenverdict.judge(self.model.tokens, evidence.message, self.cut)
            verdict = verdict._replace(label=self.label(verdict.probability))
            return _as_told(verdict, evidence) if evidence.told else verdict
        weights = vocabulary.weights(evidence, self.model.pitch.by_name)
        said = sum(weights.values())
        shallow = not evidence.standing.held_against
        content = signals.content(evidence, shallow=shallow)
        score = self.model.pitch.score_signals(content) + said
        if shallow and score >= signals.AT_WORK:
            content = signals.content(evidence)
            score = self.model.pitch.score_signals(content) + said
        strength = logistic(score)
        relative = signals.relative(evidence, faint=strength < signals.FAINT)
        seen = verdict_values(Values(content, (), relative, evidence.trusted, evidence.stated), score)
        # of mail that the reader labelled; a base model has none
        own = vocabulary.weights(evidence, self.model.verdict.by_name) if self.model.base else {}
        whole = self.model.verdict.score(seen) + sum(own.values())
        reasons = self._reasons(evidence, content, weights, seen, own)
        if told := evidence.told:
            reasons = (_told_reason(evidence, whole), *reasons)
            whole += reasons[0].weight
        probability = logistic(whole)
        mail = evidence.message
        return Verdict(
            label=Label(told) if told else self.label(probability),
            probability=probability,
            threshold=self.cut,
            kind=kind(evidence, strength),
            reasons=reasons,
            sender=mail.sender_name,
            subject=mail.subject,
            message_id=mail.message_id,
            pitch=evidence.pitch if strength >= signals.FAINT else NO_PITCH,
        )

    def _reasons(
        self,
        evidence: Evidence,
        content: Mapping[str, float],
        words: Mapping[str, float],
        seen: Mapping[str, float],
        own: Mapping[str, float],
    ) -> tuple[Reason, ...]:
        """What moved the score: the pitch's share is laid out over the wordings and words that make it one."""
        parts = self.model.verdict.contributions(seen)
        whole = parts.pop(PITCH, 0.0) + parts.pop(COLD_PITCH, 0.0)
        out: dict[str, float] = {}
        for name, weight in parts.items():
            bare = name.removeprefix(COLD_PREFIX)
            out[bare] = out.get(bare, 0.0) + weight
        wordings = self.model.pitch.contributions(content)
        wordings[WORDS] = sum(words.values())
        same = {name: weight for name, weight in wordings.items() if weight * whole > 0}
        total = sum(same.values())
        for name, weight in same.items():
            out[name] = out.get(name, 0.0) + whole * weight / total
        found = [
            Reason(n, _words_sentence(words, w) if n == WORDS else signals.reason(n, evidence), w)
            for n, w in out.items()
        ]
        if learnt := sum(own.values()):
            found.append(Reason(OWN_WORDS, _own_words_sentence(own, learnt), learnt))
        return tuple(sorted(found, key=lambda r: -abs(r.weight)))

    def flips(self, evidence: Evidence) -> list[tuple[str, float]]:
        """What would move the verdict across the threshold: one statement each, with the probability then."""
        now = self.judge(evidence)
        if self.model.tokens and not evidence.told:
            from spamrec import tokenverdict

            return tokenverdict.flips(self.model.tokens, evidence.message, now.threshold)
        out = []
        for statement, changed in _what_ifs(evidence):
            then = self.judge(changed)
            if then.label is not now.label:
                out.append((statement, then.probability))
        return out


def _told_reason(evidence: Evidence, score: float) -> Reason:
    """The reader's own word, which outweighs all else there is."""
    side = 1.0 if evidence.told == Label.SPAM else -1.0
    whose = "" if evidence.standing.told_itself else " of the same text"
    return Reason(
        TOLD, f"you said so{whose} on {evidence.standing.told_on}", side * max(1.0, TOLD_SCORE - side * score)
    )


def _as_told(verdict: Verdict, evidence: Evidence) -> Verdict:
    """A verdict with the reader's own word above it."""
    score = sum(reason.weight for reason in verdict.reasons)
    reason = _told_reason(evidence, score)
    return verdict._replace(
        label=Label(evidence.told),
        probability=logistic(score + reason.weight),
        reasons=(reason, *verdict.reasons),
    )


def _words_sentence(words: Mapping[str, float], side: float) -> str:
    return f"its words are those of {'pitches' if side > 0 else 'other mail'}: {_leading(words, side)}"


def _own_words_sentence(words: Mapping[str, float], side: float) -> str:
    return f"mail with these words was {'spam' if side > 0 else 'welcome'} to you: {_leading(words, side)}"


def _leading(words: Mapping[str, float], side: float) -> str:
    leading = sorted((w for w, weight in words.items() if weight * side > 0), key=lambda w: -abs(words[w]))
    plain = dict.fromkeys(word.removeprefix(vocabulary.SUBJECT) for word in leading)
    telling = (word for word in plain if not vocabulary.GRAMMAR.issuperset(word.split()))
    return ", ".join(islice(telling, MAX_WORDS_NAMED))


def _what_ifs(evidence: Evidence) -> list[tuple[str, Evidence]]:
    """The same message with one fact about its sender or its reader changed."""
    mail, profile, standing = evidence.message, evidence.profile, evidence.standing
    if evidence.told:  # nothing else turns it
        return [("if you had not said so", Evidence(mail, profile, standing._replace(told="")))]
    known = standing._replace(known="" if standing.known else "your correspondent", known_firm=False)
    out = [
        (
            "if you did not know the sender" if standing.known else "if the sender were known to you",
            Evidence(mail, profile, known),
        ),
        (
            "if you had asked them to stop a month ago",
            Evidence(mail, profile, standing._replace(ignores_request=True, asked_to_stop=evidence.day)),
        ),
        ("if you barred them", Evidence(mail, profile, standing._replace(barred=True))),
    ]
    if evidence.pitch.places and profile.states_place:
        here = tuple(p.place for p in evidence.pitch.places)
        moved = profile._replace(relocate=(*(profile.relocate or ()), *here), remote=None)
        stays = profile._replace(relocate=(), relocate_anywhere=False)
        where = evidence.pitch.places[0].text
        out.append((f"if you would move to {where}", Evidence(mail, moved, standing)))
        out.append((f"if you would not move to {where}", Evidence(mail, stays, standing)))
    if profile.looking_on(evidence.day) is not True:
        out.append(
            ("if you were looking for work", Evidence(mail, profile._replace(looking=True, until=None), standing))
        )
    if profile.looking_on(evidence.day) is not False:
        out.append(("if you were not looking for work", Evidence(mail, profile._replace(looking=False), standing)))
    return out


SCAM = ("money-mule", "advance-fee", "asks-identity", "chat-interview", "easy-money")
PROCESS = ("application-thanks", "rejection", "interview-arranged", "assessment", "offer-onboarding")


def kind(evidence: Evidence, strength: float) -> Kind:
    """What sort of message it is, by its strongest traits."""
    hits = evidence.hits
    if evidence.notice and evidence.notice.kind in _NOTICES:
        return _NOTICES[evidence.notice.kind]
    process = sum(len(hits.get(f, ())) for f in PROCESS)
    if process >= 2 and strength < 0.5:
        return Kind.APPLICATION
    if strength < 0.5:
        return Kind.OTHER
    for found, answer in (
        (sum(f in hits for f in SCAM) >= 2, Kind.SCAM),
        (len(hits.get("sells-candidates", ())) >= 2, Kind.CANDIDATES),
        ("follow-up" in hits and (evidence.standing.judged or evidence.standing.earlier > 0), Kind.FOLLOW_UP),
        (bool(evidence.message.header("list-id")), Kind.GROUP_POST),
        ("job-alert-made" in hits, Kind.DIGEST),
        (
            "referral-asked" in hits and len(hits.get("referral-asked", ())) >= len(hits.get("asks-interest", ())) + 1,
            Kind.REFERRAL,
        ),
        ("on-behalf-of-client" in hits or "contract-terms" in hits or "generic-salutation" in hits, Kind.AGENCY_BLAST),
    ):
        if found:
            return answer
    return Kind.IN_HOUSE


_NOTICES = {
    notices.Kind.INVITATION: Kind.INVITATION,
    notices.Kind.INMAIL: Kind.INMAIL,
    notices.Kind.JOBS: Kind.DIGEST,
    notices.Kind.APPLICATION: Kind.APPLICATION,
}
