"""The join: a message, a profile, a history and a model become a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from spamrec import linkedin, message, signals, vocabulary
from spamrec.history import UNKNOWN, Standing
from spamrec.message import Message
from spamrec.model import Model
from spamrec.profile import NO_PROFILE, Profile
from spamrec.signals import Evidence
from spamrec.verdict import Kind, Label, Reason, Verdict

WORDS = "words"
"""Name under which all words together stand as one reason."""
MAX_WORDS_NAMED = 4


@dataclass(frozen=True, slots=True)
class Values:
    """What the model sees of a message."""

    signals: Mapping[str, float]
    """Signals present, with their values."""
    words: Mapping[str, float]
    """Words and pairs present, with their values."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Judges one reader's mail; holds what does not change from message to message."""

    model: Model
    profile: Profile = NO_PROFILE
    threshold: float | None = None
    """Probability from which on a message is spam; None for the model's own."""

    def classify(self, raw: bytes, standing: Standing = UNKNOWN) -> Verdict:
        """The verdict on a mail as it came, whatever its damage."""
        return self.judge(Evidence(message.parse(raw), self.profile, standing))

    def judge(self, evidence: Evidence) -> Verdict:
        """The verdict on what was measured of a message."""
        values = measure(evidence)
        probability = self.model.probability(values.signals, values.words)
        threshold = self.model.threshold if self.threshold is None else self.threshold
        mail = evidence.message
        return Verdict(
            label=Label.SPAM if probability >= threshold else Label.LEGITIMATE,
            probability=probability,
            threshold=threshold,
            kind=kind(evidence),
            reasons=self._reasons(evidence, values),
            sender=sender_name(mail),
            subject=mail.subject,
            message_id=mail.message_id,
            pitch=evidence.pitch,
        )

    def _reasons(self, evidence: Evidence, values: Values) -> tuple[Reason, ...]:
        found = [
            Reason(name, signals.reason(name, evidence), weight)
            for name, weight in self.model.contributions(values.signals)
        ]
        parts = [(word, self.model.words.get(word, 0.0) * value) for word, value in values.words.items()]
        total = sum(weight for _, weight in parts)
        if total:
            leading = sorted((p for p in parts if p[1] * total > 0), key=lambda p: -abs(p[1]))[:MAX_WORDS_NAMED]
            named = ", ".join(word for word, _ in leading)
            side = "unwanted" if total > 0 else "welcome"
            found.append(Reason(WORDS, f"its words are those of {side} mail: {named}", total))
        return tuple(sorted(found, key=lambda r: -abs(r.weight)))

    def flips(self, evidence: Evidence) -> list[tuple[str, float]]:
        """What would move the verdict across the threshold: one statement each, with the probability then."""
        now = self.judge(evidence)
        out = []
        for statement, changed in _what_ifs(evidence):
            then = self.judge(changed)
            if then.label is not now.label:
                out.append((statement, then.probability))
        return out


def measure(evidence: Evidence) -> Values:
    """Signals and words of a message."""
    return Values(signals.measure(evidence), vocabulary.measure(evidence))


def _what_ifs(evidence: Evidence) -> list[tuple[str, Evidence]]:
    """The same message with one fact about its sender or its reader changed."""
    mail, profile, standing = evidence.message, evidence.profile, evidence.standing
    known = replace(standing, known="" if standing.known else "your correspondent", known_firm=False)
    out = [
        (
            "if you did not know the sender" if standing.known else "if the sender were known to you",
            Evidence(mail, profile, known),
        ),
        ("if you had asked them to stop a month ago", Evidence(mail, profile, replace(standing, ignores_request=True, asked_to_stop=evidence.day))),
        ("if you barred them", Evidence(mail, profile, replace(standing, barred=True))),
    ]
    if evidence.pitch.places and profile.states_place:
        here = tuple(p.place for p in evidence.pitch.places)
        moved = replace(profile, relocate=(*(profile.relocate or ()), *here), remote=None)
        stays = replace(profile, relocate=(), relocate_anywhere=False)
        where = evidence.pitch.places[0].text
        out.append((f"if you would move to {where}", Evidence(mail, moved, standing)))
        out.append((f"if you would not move to {where}", Evidence(mail, stays, standing)))
    if profile.looking_on(evidence.day) is not True:
        out.append(("if you were looking for work", Evidence(mail, replace(profile, looking=True, until=None), standing)))
    if profile.looking_on(evidence.day) is not False:
        out.append(("if you were not looking for work", Evidence(mail, replace(profile, looking=False), standing)))
    return out


def sender_name(mail: Message) -> str:
    """The sender's name, else the address."""
    return (mail.sender.name or mail.sender.address) if mail.sender else ""


SCAM = ("money-mule", "advance-fee", "asks-identity", "chat-interview", "easy-money")
PROCESS = ("application-thanks", "rejection", "interview-arranged", "assessment", "offer-onboarding")


def kind(evidence: Evidence) -> Kind:
    """What sort of message it is, by its strongest traits."""
    hits, pitch = evidence.hits, evidence.pitch
    if evidence.notice and evidence.notice.kind in _NOTICES:
        return _NOTICES[evidence.notice.kind]
    process = sum(len(hits.get(f, ())) for f in PROCESS)
    if process >= 2 and pitch.strength < 0.7:
        return Kind.APPLICATION
    if pitch.strength < 0.3:
        return Kind.OTHER
    for found, answer in (
        (sum(f in hits for f in SCAM) >= 2, Kind.SCAM),
        (len(hits.get("sells-candidates", ())) >= 2, Kind.CANDIDATES),
        ("follow-up" in hits and (evidence.standing.judged or evidence.standing.earlier > 0), Kind.FOLLOW_UP),
        (bool(evidence.message.header("list-id")), Kind.GROUP_POST),
        ("job-alert-made" in hits, Kind.DIGEST),
        ("referral-asked" in hits and len(hits.get("referral-asked", ())) >= len(hits.get("asks-interest", ())) + 1, Kind.REFERRAL),
        (pitch.client_unnamed or "contract-terms" in hits or "generic-salutation" in hits, Kind.AGENCY_BLAST),
    ):
        if found:
            return answer
    return Kind.IN_HOUSE


_NOTICES = {
    linkedin.Kind.INVITATION: Kind.INVITATION,
    linkedin.Kind.INMAIL: Kind.INMAIL,
    linkedin.Kind.JOBS: Kind.DIGEST,
}


