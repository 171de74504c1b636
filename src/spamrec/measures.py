"""What the signals measure of a message where one expression does not say it."""

from __future__ import annotations

import re

from spamrec import notices
from spamrec.addresses import is_freemail
from spamrec.evidence import Evidence
from spamrec.fit import Fit
from spamrec.patterns import lazy
from spamrec.phrases import fold
from spamrec.salutation import Greeting

_REPLY = lazy(r"\s*(?:re|aw|sv|antw|rif|ref|res)\s*(?:\[\d+\])?:", re.IGNORECASE)
_REQUISITION = lazy(r"//|\|\||\|.*\||::|@ ?[A-Z]|\bW2\b|\bC2C\b")


def reply_subject(e: Evidence) -> bool:
    """Whether the subject says that it answers something, in one of six languages."""
    return bool(_REPLY.match(e.message.subject))


def fake_reply(e: Evidence) -> bool:
    """Whether it poses as a reply without a thread, quote or list behind it."""
    if not reply_subject(e) or e.standing.own_thread or e.message.quoted or e.message.forwarded:
        return False
    return not e.message.in_reply_to and not e.message.references and not e.message.header("list-id")


def in_thread(e: Evidence) -> bool:
    """Whether it goes on a conversation that it quotes."""
    return bool(e.message.quoted and (e.message.in_reply_to or e.message.references or reply_subject(e)))


def freemail(e: Evidence) -> bool:
    """Whether the sender uses an address that anybody may have."""
    sender = e.message.sender
    return sender is not None and is_freemail(sender.domain)


def foreign_contact(e: Evidence) -> str:
    """An address to write to that lies in another domain than the sender's."""
    sender = e.message.sender
    if sender is None:
        return ""
    own = sender.domain.split(".")[-2:]
    return next((c for c in e.contacts if c.rpartition("@")[2].split(".")[-2:] != own and c != sender.address), "")


def to_many(e: Evidence) -> bool:
    """Whether the reader stands neither in To nor in Cc, as in a mail to many."""
    to = [a for a in (*e.message.to, *e.message.cc) if a.address]
    sender = e.message.sender
    return not to or (sender is not None and all(a.address == sender.address for a in to))


FIRM_SHARE = 0.8
"""What it counts that somebody of the sender's firm is known, against the sender being known."""


def known_party(e: Evidence) -> float:
    """How far the sender is known, 0 to 1: as a person, else by the firm."""
    if e.known:
        return 1.0
    return FIRM_SHARE if e.standing.known_firm and not e.forged else 0.0


def why_known(e: Evidence) -> str:
    """In what way sender or firm are known."""
    sender = e.message.sender
    return e.standing.known or (f"somebody at {sender.domain}" if sender else "")


def repairs(e: Evidence) -> bool:
    """Whether a sender whom the reader asked to stop, or complained to, apologises or confirms the removal."""
    return "repair" in e.hits and (e.standing.complained or e.standing.asked_to_stop is not None)


def list_outsider(e: Evidence) -> bool:
    """Whether it comes over a list on which others were seen before, and the sender never."""
    return e.standing.list_posts == 0


NO_JOB_POST = frozenset(
    ("advance-fee", "asks-identity", "career-service", "chat-interview", "course-franchise", "easy-money", "money-mule",
     "sells-candidates")
)  # fmt: skip
"""Families of what no member of a list posts as a job."""


def list_unknown(e: Evidence) -> bool:
    """Whether it may be a member's job post: it comes over a list of which nothing is remembered, and neither sells a
    service nor promises easy money."""
    return bool(e.message.header("list-id")) and e.standing.list_posts is None and not NO_JOB_POST & e.hits.keys()


def days_since_request(e: Evidence) -> str:
    """How long ago the reader asked the sender to stop."""
    asked = e.standing.asked_to_stop
    return f"{(e.day - asked).days} days ago" if asked else ""


def wrong_name(e: Evidence) -> bool:
    """Whether it greets by a name that is not the reader's, as the profile states it; what stands in To is a guess."""
    return bool(e.profile.name) and e.salutation.greeting is Greeting.OTHER


def only_flattery(e: Evidence) -> bool:
    """Whether it flatters and names nothing that the reader did."""
    return "flattery" in e.hits and "specific-reference" not in e.hits


def buzzwords(e: Evidence) -> bool:
    """The reader's skills echoed one after another, with nothing else personal."""
    named = [s for s in e.profile.skills if re.search(rf"(?<!\w){re.escape(fold(s))}(?!\w)", e.folded)]
    return len(named) >= 3 and "specific-reference" not in e.hits


def shouts(e: Evidence) -> bool:
    """Whether most letters of a subject of some length are capitals."""
    subject = e.message.subject
    if sum(map(str.isupper, subject)) <= 0.7 * 12:
        return False
    letters = [c for c in subject if c.isalpha()]
    return len(letters) >= 12 and sum(c.isupper() for c in letters) > 0.7 * len(letters)


def requisition(e: Evidence) -> bool:
    """Whether the subject is written as staffing firms write requisitions."""
    return bool(_REQUISITION.search(e.message.subject))


def good_stranger(e: Evidence) -> bool:
    """Whether it has at least four of the five marks of a stranger who took the time."""
    wanted = ("specific-reference" in e.hits, bool(e.sums), not e.pitch.client_unnamed, "easy-no" in e.hits,
              e.salutation.greeting is Greeting.READER)  # fmt: skip
    return sum(wanted) >= 4


def recruiter(e: Evidence) -> bool:
    """Whether a recruiter writes, by their words, signature or title."""
    return "recruiter-introduces" in e.closing_hits or "recruiter-introduces" in e.hits


def platform(e: Evidence) -> bool:
    """Whether a notification speaks of acceptances, applications or the network, and not for a member."""
    kinds = (notices.Kind.ACCEPTED, notices.Kind.DIGEST, notices.Kind.APPLICATION)
    return e.notice is not None and e.notice.kind in kinds


def invitation(e: Evidence) -> bool:
    """Whether it is an invitation to connect."""
    return notice_of(e, notices.Kind.INVITATION)


def judged(e: Evidence) -> list[Fit]:
    """What place, role, pay and contract are to the reader."""
    return [e.place.fit, e.role.fit, e.pay.fit, e.contract.fit]


def fits(e: Evidence) -> float:
    """How many of place, role, pay and contract fit, with none that does not, as a share of three."""
    return 0.0 if misfits(e) else min(1.0, judged(e).count(Fit.FITS) / 3)


def misfits(e: Evidence) -> bool:
    """Whether place, role, pay or contract is known not to fit."""
    return Fit.MISFITS in judged(e) or e.role.fit is Fit.OTHER


def any_fits(e: Evidence) -> bool:
    """Whether one of them is known to fit."""
    return Fit.FITS in judged(e)


def acquaintance(e: Evidence) -> str:
    """Somebody of the profile named in the message who did not write it."""
    sender = fold(e.message.sender.name) if e.message.sender else ""
    return e.mentions([name for name in e.profile.acquaintances if fold(name) != sender])


def notice_of(e: Evidence, kind: notices.Kind) -> bool:
    """Whether it is a LinkedIn notification of that kind."""
    return e.notice is not None and e.notice.kind is kind


NOTE_WORDS = 6
"""Words of a note below which it says nothing of a connection."""
_EMPTY_NOTE = (
    "networking",
    "flattery",
    "hiring",
    "exciting-opportunity",
    "came-across",
    "perfect-fit",
    "career-service",
)


def connected(e: Evidence) -> bool:
    """Whether the note of an invitation says how the two are connected: it is more than a greeting, and neither flatters
    nor collects contacts nor offers. People tell of a shared table, a stapler, a school run; no list of wordings has it."""
    if any(f in e.hits for f in ("met-before", "mutual-acquaintance", "replying")):
        return True
    said = len(e.text.split()) >= NOTE_WORDS and not any(f in e.hits for f in _EMPTY_NOTE)
    return said or bool(e.mentions((*e.profile.groups, *e.profile.acquaintances)))


OPENING = 300
"""Characters of a text in which it says what it is about."""
_THANKS = (
    "thank",
    "dank",
    "vielen",
    "merci",
    "nous vous rem",
    "gracias",
    "agradec",
    "bedankt",
    "hartelijk",
    "obrigad",
    "köszön",
)


_PROCESS = frozenset(
    ("application-thanks", "asks-resume", "assessment", "hiring", "interview-arranged", "offer-onboarding", "selected-unasked")
)  # fmt: skip
_TAKES = frozenset(("advance-fee", "chat-interview", "money-mule"))


def scam_guise(e: Evidence) -> bool:
    """Whether a stranger's mail about hiring wants money, a chat app, an account to pass money through, or, from a
    freemail address, identity or bank data: it may read as an application process all the same."""
    if e.trusted or _PROCESS.isdisjoint(e.hits):
        return False
    return not _TAKES.isdisjoint(e.hits) or ("asks-identity" in e.hits and freemail(e))


_OFFICE = lazy(
    r"\b(?:hr|human resources?|hiring|careers?|recruit\w*|talent\w*|team|desk|department|office|cent(?:er|re)|group|inc|ltd|"
    r"llc|gmbh|onboarding|staffing|admin|payroll|personalabteilung|bewerbung\w*|rrhh|reclutamiento|seleccion|recrutement)\b",
    re.IGNORECASE,
)


def poses_as_firm(e: Evidence) -> bool:
    """Whether a freemail address carries the name of an office or a firm in place of a person's."""
    sender = e.message.sender
    return sender is not None and freemail(e) and not e.trusted and bool(_OFFICE.search(sender.name))


def opens_with_thanks(e: Evidence) -> bool:
    """Whether it opens by thanking for an application or interest, as answers to one do."""
    reach = len(e.subject) + 2 + OPENING
    thanks = (hit for hit in e.hits.get("application-thanks", ()) if hit.start < reach)
    return any(hit.text.lower().startswith(_THANKS) for hit in thanks)


_SOLD = frozenset(("career-service", "course-franchise"))


def answers_application(e: Evidence) -> bool:
    """Whether it opens by thanking for an application and shows no mark of a scam in such a guise, nor sells anything."""
    return opens_with_thanks(e) and not (scam_guise(e) or poses_as_firm(e) or not _SOLD.isdisjoint(e.hits))
