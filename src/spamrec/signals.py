"""The one table of signals: name, behaviour rows, sentence, measure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from spamrec import fit, linkedin, phrases, pitch, salutation, unsubscribe
from spamrec.addresses import is_freemail
from spamrec.fit import Fit, Judgement
from spamrec.history import UNKNOWN, Standing
from spamrec.linkedin import Notice
from spamrec.message import Message
from spamrec.phrases import Hit, fold
from spamrec.pitch import NO_PITCH, Pitch
from spamrec.profile import NO_PROFILE, Profile, Remote
from spamrec.salutation import Greeting, Salutation
from spamrec.unsubscribe import Unsubscribe

SHORT_TEXT = 5
"""Words below which a message has no text of its own, so that what it forwards is judged."""
MAX_READ = 30_000
"""Characters of a message in which wordings are looked for."""


class Evidence:
    """All that is measured of one message for one reader; parts are worked out when a signal asks for them."""

    def __init__(self, message: Message, profile: Profile = NO_PROFILE, standing: Standing = UNKNOWN) -> None:
        self.message = message
        self.profile = profile
        self.standing = standing

    @cached_property
    def notice(self) -> Notice | None:
        """The LinkedIn notification around the words, where there is one."""
        return linkedin.unwrap(self.message)

    @cached_property
    def subject(self) -> str:
        """The subject, without the frame of a notification."""
        return self.notice.subject if self.notice else self.message.subject

    @cached_property
    def text(self) -> str:
        """What the sender says: the text, or what is forwarded or unwrapped where that is all there is."""
        message = self.message
        if self.notice:
            return self.notice.text
        said = message.text if len(message.text.split(maxsplit=SHORT_TEXT)) >= SHORT_TEXT else ""
        return (said or f"{message.text}\n\n{message.forwarded or message.calendar}".strip())[:MAX_READ]

    @cached_property
    def hits(self) -> Mapping[str, Sequence[Hit]]:
        """Families of wordings found in subject and text."""
        return self._families(f"{self.subject}\n\n{self.text}")

    @cached_property
    def closing_hits(self) -> Mapping[str, Sequence[Hit]]:
        """Families found in the signature, or in the title of a LinkedIn member."""
        return self._families(self.notice.title if self.notice else self.message.signature[:2000])

    @staticmethod
    def _families(text: str) -> dict[str, list[Hit]]:
        found: dict[str, list[Hit]] = {}
        for hit in phrases.matcher().find(text):
            found.setdefault(hit.family, []).append(hit)
        return found

    @cached_property
    def pitch(self) -> Pitch:
        """The job offered; empty for mail of the reader's own threads."""
        if self.standing.own_thread:
            return NO_PITCH
        return pitch.extract(self.subject, self.text, self.hits, home=self.profile.home)

    @cached_property
    def known(self) -> bool:
        """Whether the sender is known and the address not shown to be forged."""
        return bool(self.standing.known) and not self.forged

    @cached_property
    def forged(self) -> bool:
        """Whether the reader's server says that the sender address is not genuine (RFC 8601)."""
        return failed_authentication(self.message)

    @cached_property
    def cold(self) -> float:
        """How surely a stranger pitches, 0 to 1: what place, role and pay are weighed with."""
        if self.known or self.standing.own_thread or (self.standing.known_firm and not self.forged):
            return 0.0
        return self.pitch.strength

    @cached_property
    def salutation(self) -> Salutation:
        """How the reader is greeted."""
        return salutation.find(self.message, self.profile, self.text)

    @cached_property
    def unsubscribe(self) -> Unsubscribe:
        """What ways out the message offers."""
        return unsubscribe.find(self.message)

    @cached_property
    def place(self) -> Judgement:
        """The pitched place against the reader's."""
        return fit.place(self.pitch, self.profile)

    @cached_property
    def role(self) -> Judgement:
        """The pitched role against the reader's."""
        return fit.role(self.pitch, self.subject, self.profile)

    @cached_property
    def pay(self) -> Judgement:
        """The pay against the reader's floor."""
        return fit.pay(self.pitch, self.profile)

    @cached_property
    def contract(self) -> Judgement:
        """The kind of employment against those the reader wants."""
        return fit.contract(self.pitch, self.profile)

    @cached_property
    def day(self) -> date:
        """The day of the message; today where it has none."""
        return (self.message.date or datetime.now(UTC)).date()

    @cached_property
    def looking(self) -> bool | None:
        """Whether the reader is looking for work on that day."""
        return self.profile.looking_on(self.day)

    @cached_property
    def folded(self) -> str:
        """Subject and text in lower case without accents, between blanks."""
        return f" {fold(self.subject)} {fold(self.text)} "

    def mentions(self, names: Sequence[str]) -> str:
        """The first of the names that stands in subject or text as whole words, "" for none."""
        for name in names:
            if re.search(rf"(?<!\w){re.escape(fold(name))}(?!\w)", self.folded):
                return name
        return ""

    def said(self, family: str) -> str:
        """The first wording of a family found, as it stands in the message."""
        found = self.hits.get(family) or self.closing_hits.get(family)
        return " ".join(found[0].text.split())[:60] if found else ""


def failed_authentication(message: Message) -> bool:
    """Whether the topmost Authentication-Results, which the last server wrote, says that the sender is not genuine."""
    results = message.header("authentication-results").lower()
    if "dmarc=fail" in results:
        return True
    failed = [m for m in ("spf", "dkim") if re.search(rf"\b{m}=(?:soft)?fail", results)]
    passed = [m for m in ("spf", "dkim", "dmarc") if f"{m}=pass" in results]
    return bool(failed) and not passed


Measure = Callable[[Evidence], float]
Detail = Callable[[Evidence], str]


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured trait."""

    name: str
    """Its name in reasons and in the model file."""
    rows: str
    """Rows of the behaviour table it serves."""
    sentence: str
    """The reason it gives, `{}` standing for the detail."""
    measure: Measure
    """Its value, mostly 0 to 1; 0 means absent."""
    detail: Detail = lambda _: ""
    """The fact of this message that the sentence names."""


def family(name: str, rows: str, sentence: str) -> Signal:
    """A signal that a family of wordings occurs; twice says more than once, thrice no more."""
    return Signal(
        name, rows, sentence, lambda e: (0.0, 1.0, 1.4)[min(2, len(e.hits.get(name, ())))], lambda e: e.said(name)
    )


def cold(name: str, rows: str, sentence: str, holds: Callable[[Evidence], bool | float], detail: Detail | None = None) -> Signal:
    """A signal that counts in a stranger's pitch only, as far as it is one."""
    return Signal(name, rows, sentence, lambda e: e.cold * float(holds(e)) if e.cold else 0.0, detail or (lambda _: ""))


def _reply_subject(e: Evidence) -> bool:
    return bool(re.match(r"\s*(?:re|aw|sv|antw|rif|ref|res)\s*(?:\[\d+\])?:", e.message.subject, re.IGNORECASE))


def _fake_reply(e: Evidence) -> bool:
    if not _reply_subject(e) or e.standing.own_thread or e.message.quoted or e.message.forwarded:
        return False
    return not e.message.in_reply_to and not e.message.references and not e.message.header("list-id")


def _in_thread(e: Evidence) -> bool:
    return bool(e.message.quoted and (e.message.in_reply_to or e.message.references or _reply_subject(e)))


def _freemail_firm(e: Evidence) -> bool:
    sender = e.message.sender
    return sender is not None and is_freemail(sender.domain) and e.pitch.strength > 0


def _foreign_contact(e: Evidence) -> str:
    """An address to write to that lies in another domain than the sender's."""
    sender = e.message.sender
    if sender is None:
        return ""
    own = sender.domain.split(".")[-2:]
    return next((c for c in e.pitch.contacts if c.rpartition("@")[2].split(".")[-2:] != own and c != sender.address), "")


def _bcc(e: Evidence) -> bool:
    """Whether the reader stands neither in To nor in Cc, as in a mail to many."""
    to = [a for a in (*e.message.to, *e.message.cc) if a.address]
    sender = e.message.sender
    return not to or (sender is not None and all(a.address == sender.address for a in to))


def _repairs(e: Evidence) -> bool:
    return "repair" in e.hits and (e.standing.complained or e.standing.asked_to_stop is not None) and e.pitch.strength < 0.7


def _list_outsider(e: Evidence) -> bool:
    return bool(e.message.header("list-id")) and e.standing.list_posts == 0 and e.pitch.strength > 0.3


def _days_since_request(e: Evidence) -> str:
    asked = e.standing.asked_to_stop
    return f"{(e.day - asked).days} days ago" if asked else ""


def _only_flattery(e: Evidence) -> bool:
    return "flattery" in e.hits and "specific-reference" not in e.hits


def _buzzwords(e: Evidence) -> bool:
    """The reader's skills echoed one after another, with nothing else personal."""
    named = [s for s in e.profile.skills if re.search(rf"(?<!\w){re.escape(fold(s))}(?!\w)", e.folded)]
    return len(named) >= 3 and "specific-reference" not in e.hits


def _shout(e: Evidence) -> bool:
    letters = [c for c in e.message.subject if c.isalpha()]
    return len(letters) >= 12 and sum(c.isupper() for c in letters) > 0.7 * len(letters)


def _req_subject(e: Evidence) -> bool:
    return bool(re.search(r"//|\|\||\|.*\||::|@ ?[A-Z]|\bW2\b|\bC2C\b", e.message.subject))


def _good_stranger(e: Evidence) -> bool:
    wanted = ("specific-reference" in e.hits, bool(e.pitch.pay), not e.pitch.client_unnamed, "easy-no" in e.hits,
              e.salutation.greeting is Greeting.READER)  # fmt: skip
    return sum(wanted) >= 4


def _recruiter(e: Evidence) -> bool:
    return "recruiter-introduces" in e.closing_hits or "recruiter-introduces" in e.hits


def _invitation(e: Evidence) -> bool:
    return e.notice is not None and e.notice.kind is linkedin.Kind.INVITATION


def _named_fit(e: Evidence) -> float:
    """How many of place, role, pay and contract fit, with none that does not, as a share of three."""
    judged = [e.place.fit, e.role.fit, e.pay.fit, e.contract.fit]
    if Fit.MISFITS in judged or e.role.fit is Fit.OTHER:
        return 0.0
    return min(1.0, judged.count(Fit.FITS) / 3)


def _misfit(e: Evidence) -> bool:
    return Fit.MISFITS in (e.place.fit, e.role.fit, e.pay.fit, e.contract.fit)


FAMILIES: tuple[Signal, ...] = (
    family("generic-salutation", "B1 B4", "it is addressed to nobody in particular: “{}”"),
    family("pleasantry", "B1", "it opens with a pleasantry: “{}”"),
    family("came-across", "B1 B5", "it says it found you somewhere: “{}”"),
    family("perfect-fit", "B1", "it says you fit: “{}”"),
    family("exciting-opportunity", "B1", "it praises its offer: “{}”"),
    family("flattery", "B5", "it flatters: “{}”"),
    family("recruiter-introduces", "B1 B13", "a recruiter writes: “{}”"),
    family("on-behalf-of-client", "B7", "the client has no name: “{}”"),
    family("hiring", "B1", "it offers a job: “{}”"),
    family("job-details", "B1", "it holds a job description: “{}”"),
    family("contract-terms", "B18", "it speaks of contract terms: “{}”"),
    family("visa-status", "B1", "it asks about visa or clearance: “{}”"),
    family("pay-talk", "B18", "it speaks of pay: “{}”"),
    family("remote-work", "B2", "it speaks of remote work: “{}”"),
    family("relocation-asked", "B2", "it speaks of moving: “{}”"),
    family("company-boast", "B1", "it boasts of a company: “{}”"),
    family("asks-resume", "B6", "it asks for your résumé or an application: “{}”"),
    family("asks-interest", "B1", "it asks whether you are interested: “{}”"),
    family("asks-call", "B6", "it asks for a call: “{}”"),
    family("urgency", "B6", "it presses: “{}”"),
    family("call-me-now", "B6", "it wants a call at once: “{}”"),
    family("referral-asked", "B16", "it asks whom you know: “{}”"),
    family("follow-up", "B25", "it follows up: “{}”"),
    family("answer-expected", "B25", "it reproaches you for not answering: “{}”"),
    family("unsubscribe-offered", "B8", "it speaks of unsubscribing: “{}”"),
    family("unsubscribe-by-reply", "B8", "unsubscribing takes a reply: “{}”"),
    family("not-spam-claim", "B1", "it protests: “{}”"),
    family("easy-no", "B21", "it leaves you an easy no: “{}”"),
    family("specific-reference", "B5 B21", "it refers to something you did: “{}”"),
    family("mutual-acquaintance", "B12", "it names who sent it: “{}”"),
    family("met-before", "B10", "it speaks of having met: “{}”"),
    family("replying", "B11", "it answers: “{}”"),
    family("sells-candidates", "B1", "it sells candidates or hiring services: “{}”"),
    family("career-service", "B19", "it sells services to job seekers: “{}”"),
    family("course-franchise", "B19", "it sells a course, franchise or sideline: “{}”"),
    family("easy-money", "B19", "it promises easy work: “{}”"),
    family("money-mule", "B19", "money is to pass through your hands: “{}”"),
    family("advance-fee", "B19", "it asks for money: “{}”"),
    family("asks-identity", "B19", "it asks for identity or bank data: “{}”"),
    family("chat-interview", "B19", "it moves to a chat app: “{}”"),
    family("selected-unasked", "B19", "it says you were chosen: “{}”"),
    family("application-thanks", "B24", "it is about an application: “{}”"),
    family("rejection", "B24", "it turns an application down: “{}”"),
    family("interview-arranged", "B24", "it is about an interview: “{}”"),
    family("assessment", "B24", "it is about an assessment: “{}”"),
    family("offer-onboarding", "B24", "it is about an offer or a start: “{}”"),
    family("hiring-inside", "B24", "it is about somebody being hired: “{}”"),
    family("job-seeker", "B24", "somebody looks for work: “{}”"),
    family("job-alert-made", "B24", "it comes from a job alert: “{}”"),
    family("linkedin-stock", "B13", "it uses LinkedIn's words: “{}”"),
    family("repair", "B17", "it apologises or confirms a removal: “{}”"),
    family("order-receipt", "B26", "it is about an order or account: “{}”"),
    family("no-reply-notice", "B26", "it is an automatic notice: “{}”"),
    family("career-office", "B24", "it comes from a career office: “{}”"),
)

RELATIVE: tuple[Signal, ...] = (
    Signal("pitch", "B1", "it offers a job, candidates or a career service", lambda e: e.pitch.strength),
    Signal("cold-pitch", "B10", "a stranger offers it", lambda e: e.cold),
    Signal("signature-recruiter", "B1", "a recruiter signs: “{}”",
           lambda e: float("recruiter-introduces" in e.closing_hits), lambda e: e.said("recruiter-introduces")),
    # B2: place
    cold("far-place", "B2", "the work is out of your reach: {}", lambda e: e.place.fit is Fit.MISFITS, lambda e: e.place.why),
    cold("near-place", "B2", "the work is in your reach: {}", lambda e: e.place.fit is Fit.FITS, lambda e: e.place.why),
    cold("asks-to-move", "B2", "it wants you to move", lambda e: e.pitch.relocation_asked and not e.profile.relocate_anywhere),
    cold("locals-only", "B2", "it wants local people only, and you are not",
         lambda e: e.pitch.locals_only and e.place.fit is not Fit.FITS),
    cold("remote-for-now", "B2", "it is remote for now only", lambda e: e.pitch.remote_for_now and e.profile.remote is not Remote.NO),
    cold("place-named", "B7", "it names the place of work", lambda e: bool(e.pitch.places)),
    # B3: role
    cold("unwanted-role", "B3", "you do not want {}", lambda e: e.role.fit is Fit.MISFITS, lambda e: e.role.why),
    cold("wanted-role", "B3", "it is the work you want: {}", lambda e: e.role.fit is Fit.FITS, lambda e: e.role.why),
    cold("other-role", "B3", "it is not the work you do: {}", lambda e: e.role.fit is Fit.OTHER, lambda e: e.role.why),
    cold("unwanted-contract", "B18", "you do not work on such a contract: {}", lambda e: e.contract.fit is Fit.MISFITS, lambda e: e.contract.why),
    cold("wanted-contract", "B18", "it is the kind of contract you want: {}", lambda e: e.contract.fit is Fit.FITS, lambda e: e.contract.why),
    # B18: pay
    cold("low-pay", "B18", "the pay is below your floor: {}", lambda e: e.pay.fit is Fit.MISFITS, lambda e: e.pay.why),
    cold("fair-pay", "B18", "the pay is above your floor: {}", lambda e: e.pay.fit is Fit.FITS, lambda e: e.pay.why),
    Signal("pay-named", "B21", "it names the pay", lambda e: float(bool(e.pitch.pay))),
    cold("all-fits", "B2 B3 B18", "it fits what you want", _named_fit),
    cold("any-misfit", "B2 B3 B18", "something does not fit", _misfit),
    # B4: salutation
    Signal("greets-reader", "B4", "it greets you: “{}”", lambda e: float(e.salutation.greeting is Greeting.READER), lambda e: e.salutation.text),
    Signal("open-field", "B4", "a field for the name was left open: “{}”",
           lambda e: float(e.salutation.greeting is Greeting.OPEN_FIELD), lambda e: e.salutation.text),
    cold("wrong-name", "B4", "it greets somebody else: “{}”", lambda e: e.salutation.greeting is Greeting.OTHER, lambda e: e.salutation.text),
    cold("no-name", "B4", "it does not greet you by name", lambda e: e.salutation.greeting in (Greeting.NOBODY, Greeting.NONE)),
    # B5, B7, B20, B21: what a stranger knows
    cold("only-flattery", "B5", "it flatters without naming anything you did", _only_flattery),
    cold("homework", "B5", "the stranger names something you did: “{}”", lambda e: "specific-reference" in e.hits, lambda e: e.said("specific-reference")),
    cold("unnamed-client", "B7", "a stranger will not name the client: “{}”", lambda e: e.pitch.client_unnamed, lambda e: e.said("on-behalf-of-client")),
    cold("buzzwords", "B20", "it lists your skills and nothing else about you", _buzzwords),
    cold("good-stranger", "B21", "a stranger who took the time", _good_stranger),
    # B6, B8, B19: pressure, ways out, scam
    cold("asks-at-first", "B6", "a stranger asks for {}", lambda e: len(e.pitch.asks) >= 2, lambda e: " and ".join(e.pitch.asks)),
    Signal("unsubscribe-missing", "B8", "bulk mail without a way out", lambda e: float(e.unsubscribe.missing and e.pitch.strength > 0)),
    Signal("unsubscribe-reply", "B8", "the way out is to write back: “{}”", lambda e: float(e.unsubscribe.by_reply), lambda e: e.unsubscribe.detail),
    Signal("unsubscribe-foreign", "B8", "the way out leads elsewhere: {}", lambda e: float(e.unsubscribe.foreign), lambda e: e.unsubscribe.detail),
    Signal("unsubscribe-works", "B8", "it offers a proper way out", lambda e: float(e.unsubscribe.proper)),
    Signal("freemail-firm", "B19", "a freemail address speaks for a firm: {}", lambda e: float(_freemail_firm(e)) * e.cold,
           lambda e: e.message.sender.address if e.message.sender else ""),
    cold("foreign-contact", "B8", "it wants the answer at another address: {}", lambda e: bool(_foreign_contact(e)), _foreign_contact),
    cold("to-many", "B1", "you are not named among the recipients", _bcc),
    cold("shouting", "B6", "the subject shouts", _shout),
    cold("req-subject", "B1", "the subject is a requisition", _req_subject),
    # B9 to B17, B22, B25: history
    Signal("known-sender", "B10", "you know the sender: {}", lambda e: float(e.known), lambda e: e.standing.known),
    Signal("known-firm", "B10", "you know somebody at {}", lambda e: float(e.standing.known_firm and not e.forged),
           lambda e: e.message.sender.domain if e.message.sender else ""),
    Signal("forged-sender", "B10", "the sender's address is not genuine", lambda e: float(e.forged)),
    Signal("forged-known", "B10", "somebody poses as a person you know", lambda e: float(e.forged and bool(e.standing.known))),
    Signal("own-thread", "B11", "it answers a message you wrote", lambda e: float(e.standing.own_thread)),
    Signal("fake-reply", "B11", "it poses as a reply, and there was no such thread", lambda e: float(_fake_reply(e))),
    Signal("in-thread", "B11", "it goes on a conversation that it quotes", lambda e: float(_in_thread(e) and not e.standing.own_thread)),
    Signal("ignores-stop", "B9", "you asked them to stop {}", lambda e: float(e.standing.ignores_request and not _repairs(e)), _days_since_request),
    Signal("asked-to-stop", "B9", "you have asked them to stop", lambda e: float(e.standing.asked_to_stop is not None)),
    Signal("complained", "B17", "you complained to them", lambda e: float(e.standing.complained and not _repairs(e))),
    Signal("repairs", "B17", "they make good after your complaint", lambda e: float(_repairs(e))),
    Signal("pitches-after-repair", "B17", "they pitch again after having promised to stop",
           lambda e: float(e.standing.repaired and e.pitch.strength > 0.3)),
    Signal("barred", "B22", "you have barred them", lambda e: float(e.standing.barred)),
    Signal("judged-spam", "B25", "their earlier pitch was spam", lambda e: float(e.standing.judged == "spam")),
    Signal("judged-legitimate", "B25", "their earlier mail was welcome", lambda e: float(e.standing.judged == "legitimate")),
    Signal("acquaintance", "B12", "it names somebody you know: {}",
           lambda e: float(bool(e.mentions(e.profile.acquaintances))), lambda e: e.mentions(e.profile.acquaintances)),
    Signal("shared-group", "B12", "it names a group of yours: {}", lambda e: float(bool(e.mentions(e.profile.groups))), lambda e: e.mentions(e.profile.groups)),
    Signal("list-member", "B15", "a member of the list posts it", lambda e: float(e.standing.list_posts > 0)),
    Signal("list-outsider", "B15", "somebody never seen on this list pitches on it", lambda e: float(_list_outsider(e))),
    Signal("from-list", "B15", "it came over a mailing list", lambda e: float(bool(e.message.header("list-id")))),
    cold("referral-stranger", "B16", "a stranger asks whom you know", lambda e: "referral-asked" in e.hits),
    # B13, B14: LinkedIn
    Signal("linkedin", "B14", "it came through LinkedIn", lambda e: float(e.notice is not None)),
    Signal("inmail", "B14", "it is an InMail", lambda e: float(e.notice is not None and e.notice.kind is linkedin.Kind.INMAIL)),
    Signal("invitation-recruiter", "B13", "a recruiter invites you without saying how you are connected",
           lambda e: float(_invitation(e) and _recruiter(e) and not _connected(e))),
    Signal("invitation-bare", "B13", "the invitation does not say how you are connected", lambda e: float(_invitation(e) and not _connected(e))),
    Signal("invitation-connected", "B13", "the invitation says how you are connected", lambda e: float(_invitation(e) and _connected(e))),
    # B23: mode
    cold("not-looking", "B23", "you are not looking for work", lambda e: e.looking is False),
    cold("looking", "B23", "you are looking for work", lambda e: e.looking is True),
    cold("looking-and-fits", "B23", "you are looking, and it fits", lambda e: _named_fit(e) * (e.looking is True)),
    cold("looking-and-misfit", "B23", "you are looking, but not for this", lambda e: _misfit(e) and e.looking is True),
    cold("no-profile", "B23", "a stranger pitches", lambda e: not (e.profile.states_place or e.profile.states_role)),
)  # fmt: skip


def _connected(e: Evidence) -> bool:
    families = ("met-before", "mutual-acquaintance", "specific-reference", "replying")
    return any(f in e.hits for f in families) or bool(e.mentions((*e.profile.groups, *e.profile.acquaintances)))


SIGNALS: tuple[Signal, ...] = (*FAMILIES, *RELATIVE)
BY_NAME: Mapping[str, Signal] = {signal.name: signal for signal in SIGNALS}


def measure(evidence: Evidence) -> dict[str, float]:
    """Every signal present in the evidence with its value, in the order of the table."""
    values = ((signal.name, signal.measure(evidence)) for signal in SIGNALS)
    return {name: value for name, value in values if value}


def reason(name: str, evidence: Evidence) -> str:
    """The sentence of a signal about this message."""
    signal = BY_NAME[name]
    return signal.sentence.format(signal.detail(evidence)) if "{}" in signal.sentence else signal.sentence
