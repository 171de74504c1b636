"""The ways out that a message offers: headers (RFC 2369, RFC 8058), links and wordings, and what is wrong with them."""

from __future__ import annotations

import re
from typing import NamedTuple

from spamrec.addresses import is_freemail
from spamrec.domains import organisation
from spamrec.message import Message
from spamrec.patterns import lazy


class Unsubscribe(NamedTuple):
    """How one message lets its reader out."""

    bulk: bool
    """Whether it shows signs of mail to many."""
    missing: bool
    """Bulk mail with no way out at all."""
    by_reply: bool
    """The way out is to answer, or to write to another address."""
    foreign: bool
    """The way out leads to another site or a freemail address."""
    proper: bool
    """A link or header of the sender's own."""
    detail: str = ""
    """The address, site or wording at fault."""


_BY_REPLY = lazy(
    r"(?:reply|respond|return|answer|write back|e-?mail|send|mail)[^.\n]{0,60}\b(?:remove|unsubscribe|stop|opt.?out|no thanks|take me off)\b"
    r"|\b(?:remove|unsubscribe|stop|opt.?out)\b[\"'”’ ]{0,3} in (?:the )?(?:subject|body)|(?:antworten|antworte)[^.\n]{0,40}"
    r"(?:abmelden|stop|löschen)|(?:répond|envoyez)[^.\n]{0,40}(?:stop|désab|désin|retir)|(?:responde|contesta|envía)[^.\n]{0,40}\bbaja\b",
    re.IGNORECASE,
)
_WORDS = (
    "unsubscri", "optout", "opt out", "opt-out", "désabonn", "désinscri", "abmelde", "abbestell", "dar de baja",
    "darte de baja", "darse de baja", "manage preferences", "manage your preferences", "email preferences",
    "update your preferences", "stop receiving",
)  # fmt: skip
_REPLY_PIECES = (
    "remove", "unsubscribe", "stop", "opt", "no thanks", "take me off", "abmelden", "löschen", "désab", "désin", "retir",
    "baja",
)  # fmt: skip
"""One of these stands in all that _BY_REPLY matches, which takes 1 ms to compile."""
_REPLY_VERBS = (
    "reply", "respond", "return", "answer", "write back", "mail", "send", "subject", "body", "antwort", "répond",
    "envoyez", "contesta", "envía",
)  # fmt: skip
"""And one of these."""
_MASS_MAILERS = frozenset(("x-campaign", "x-mc-user", "x-sg-eid", "x-marketoid", "feedback-id"))
"""Headers of theirs."""
_WEB = lazy(r"^https?://(?:[^/@]*@)?([^/:?#]*).*$", re.IGNORECASE | re.DOTALL)
_TARGET = lazy(r"(?:https?|mailto):[^>,\s]+", re.IGNORECASE)


def _host(target: str) -> str:
    if target.lower().startswith("mailto:"):
        return target[7:].split("?")[0].rpartition("@")[2]
    return _WEB.sub(r"\1", target)


def _offers(lower: str) -> bool:
    """Whether a text in lower case speaks of a way out."""
    return any(words in lower for words in _WORDS)


def _by_reply(text: str, lower: str) -> re.Match[str] | None:
    """The first wording that wants an answer, which stands on one line; only lines that hold a piece are searched."""
    pieces = [piece for piece in _REPLY_PIECES if piece in lower]
    verbs = [verb for verb in _REPLY_VERBS if verb in lower] if pieces else []
    if not verbs:
        return None
    for line in text.split("\n"):
        low = line.lower()
        spoken_of = any(piece in low for piece in pieces) and any(verb in low for verb in verbs)
        if spoken_of and (found := _BY_REPLY.search(line)):
            return found
    return None


def find(message: Message) -> Unsubscribe:
    """The ways out of a message."""
    header = message.header("list-unsubscribe")
    sender = organisation(message.sender.domain) if message.sender else ""
    said = f"{message.text[-3000:]}\n{message.disclaimer[:5000]}"
    lower = said.lower()
    offered = _offers(lower)
    reply = _by_reply(said, lower)
    targets = _TARGET.findall(header)
    links = message.links
    if "unsubscribe" in "\n".join([link.target for link in links]).lower() or _offers(
        "\n".join([link.text for link in links]).lower()
    ):  # hardly any message has such a link, and a page may have a hundred links
        targets += [link.target for link in links if _offers(link.text.lower()) or "unsubscribe" in link.target.lower()]
    hosts = [_host(t) for t in targets]
    foreign = [h for h in hosts if h and organisation(h) != sender]
    mails = [h for t, h in zip(targets, hosts, strict=True) if t.lower().startswith("mailto:") and is_freemail(h)]
    own = [h for h in hosts if h and organisation(h) == sender]
    bulk = bool(header) or message.header("precedence").lower() in ("bulk", "list") or offered or _many(message)
    return Unsubscribe(
        bulk=bulk,
        missing=bulk and not header and not offered and not reply and not message.header("list-id"),
        by_reply=bool(reply) and not targets,
        foreign=bool(mails) or (bool(foreign) and not own and not message.header("list-id")),
        proper=bool(own),
        detail=(mails or foreign or [" ".join(reply[0].split())[:60] if reply else ""])[0],
    )


def _many(message: Message) -> bool:
    """Whether a mail was sent to many: no recipient named, or a mass mailer's own header."""
    named = [a for a in (*message.to, *message.cc) if a.address]
    return not named or any(name in _MASS_MAILERS and value for name, value in message.headers)
