#!/usr/bin/env python3
"""Turn drafts of corpus mail into `.eml` files with the headers that real mailers write.

usage: compose.py DRAFTS [--check] [--out data/READER]

DRAFTS is a folder of `*.txt` drafts for one reader, with `profile.toml` (and `history.toml`). A draft is

    #### spam/kafka-blast            spam/, legit/ or sent/ and a name
    mailer: outlook                  whose habits the headers show (MAILERS below)
    from: Ravi Teja <ravi@x.example>
    date: 2026-02-11 10:42 -0500
    subject: ...
    ----
    body, verbatim

`like: spam/NAME` takes over another draft; `swap: OLD => NEW` changes it (pairs). Everything random is seeded
by the draft's name, so the same draft always gives the same bytes. Bodies are never made here.
"""

from __future__ import annotations

import argparse
import base64
import collections
import html
import pathlib
import quopri
import random
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import formataddr, format_datetime, parseaddr

LABELS = ("spam", "legit", "sent")
HEAD = re.compile(r"^#### *(spam|legit|sent)/([a-z0-9][a-z0-9.-]*)\s*$")


class DraftError(Exception):
    """A draft that cannot be composed; the text says which and why."""


@dataclass
class Draft:
    """One message as written: its headers by lower-case key, and its body."""

    label: str
    name: str
    fields: dict[str, str] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    swaps: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @property
    def key(self) -> str:
        return f"{self.label}/{self.name}"


def read_drafts(folder: pathlib.Path) -> list[Draft]:
    """Every draft in the folder's `*.txt` files, `like:` resolved."""
    drafts: dict[str, Draft] = {}
    for path in sorted(folder.glob("*.txt")):
        for draft in _parse(path):
            if draft.key in drafts:
                raise DraftError(f"{path}: {draft.key} written twice")
            drafts[draft.key] = draft
    return [_resolve(d, drafts) for d in drafts.values()]


def _parse(path: pathlib.Path) -> Iterator[Draft]:
    draft: Draft | None = None
    in_body = False
    body: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if head := HEAD.match(line):
            if draft is not None:
                draft.body = "\n".join(body).strip("\n")
                yield draft
            draft, in_body, body = Draft(head[1], head[2]), False, []
        elif line.startswith("####"):
            raise DraftError(f"{path}:{number}: not a draft's first line: {line[:60]}")
        elif draft is None:
            if line.strip():
                raise DraftError(f"{path}:{number}: text before the first draft")
        elif in_body:
            body.append(line)
        elif line.rstrip() == "----":
            in_body = True
        elif line.strip():
            _field(draft, line, f"{path}:{number}")
    if draft is not None:
        draft.body = "\n".join(body).strip("\n")
        yield draft


def _field(draft: Draft, line: str, where: str) -> None:
    key, colon, value = line.partition(":")
    key, value = key.strip().lower(), value.strip()
    if not colon or not re.fullmatch(r"[a-z-]+", key):
        raise DraftError(f"{where}: not 'key: value': {line[:60]}")
    if key == "swap":
        old, arrow, new = value.partition("=>")
        if not arrow:
            raise DraftError(f"{where}: swap needs OLD => NEW")
        draft.swaps.append((old.strip(), new.strip()))
    elif key == "header":
        draft.extra.append(value)
    else:
        draft.fields[key] = value


def _resolve(draft: Draft, drafts: dict[str, Draft]) -> Draft:
    like = draft.fields.get("like")
    if not like:
        return draft
    if like not in drafts:
        raise DraftError(f"{draft.key}: like: {like} is not there")
    base = _resolve(drafts[like], drafts)
    fields = {k: v for k, v in base.fields.items() if k != "message-id"}
    fields |= {k: v for k, v in draft.fields.items() if k != "like"}
    body = draft.body or base.body
    for old, new in draft.swaps:
        given = [k for k in fields if old in fields[k]]
        if old not in body and not given:
            raise DraftError(f"{draft.key}: swap: {old!r} does not occur in {like}")
        body = body.replace(old, new)
        for k in given:
            fields[k] = fields[k].replace(old, new)
    return Draft(draft.label, draft.name, fields, base.extra + draft.extra, [], body)


# --- whose habits the headers show -------------------------------------------------------------------------


def _hexes(r: random.Random, n: int) -> str:
    return "".join(r.choice("0123456789abcdef") for _ in range(n))


def _letters(r: random.Random, n: int) -> str:
    return "".join(
        r.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") for _ in range(n)
    )


@dataclass(frozen=True)
class Mailer:
    """How one program writes mail."""

    headers: Callable[[random.Random], list[tuple[str, str]]]
    message_id: Callable[[random.Random, datetime, str], str]
    form: str = "text"  # text | html | both
    encoding: str = "qp"
    boundary: Callable[[random.Random], str] = lambda r: "=_" + _hexes(r, 24)
    bulk: bool = False


def _nothing(_: random.Random) -> list[tuple[str, str]]:
    return []


def _pick(*choices: list[tuple[str, str]]) -> Callable[[random.Random], list[tuple[str, str]]]:
    return lambda r: list(r.choice(choices))


def _id_at_sender(r: random.Random, when: datetime, domain: str) -> str:
    return f"{when:%Y%m%d%H%M%S}.{_hexes(r, 12)}@{domain}"


def _id_outlook(r: random.Random, _when: datetime, _domain: str) -> str:
    site = "".join(r.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(3))
    host = f"{site}PR{r.randint(1, 20):02d}MB{r.randint(1000, 9999)}"
    return f"{host}{_hexes(r, 32).upper()}@{host}.prod.outlook.com"


def _id_ses(r: random.Random, _when: datetime, _domain: str) -> str:
    return f"0100{_hexes(r, 12)}-{_hexes(r, 8)}-{_hexes(r, 4)}-{_hexes(r, 4)}-{_hexes(r, 12)}-000000@email.amazonses.com"


def _id_uuid(host: str) -> Callable[[random.Random, datetime, str], str]:
    def make(r: random.Random, _when: datetime, domain: str) -> str:
        uuid = "-".join(_hexes(r, n) for n in (8, 4, 4, 4, 12))
        return f"{uuid}@{host or domain}"

    return make


def _outlook(r: random.Random) -> list[tuple[str, str]]:
    thread = base64.b64encode(r.randbytes(22)).decode()
    return [
        ("Thread-Topic", "{subject}"),
        ("Thread-Index", thread),
        ("Accept-Language", r.choice(["en-US", "en-GB", "en-US", "de-DE", "en-CA"])),
        ("X-MS-Has-Attach", ""),
        ("X-MS-Exchange-Organization-SCL", r.choice(["1", "1", "-1", "5"])),
    ]


MAILERS: dict[str, Mailer] = {
    "outlook": Mailer(_outlook, _id_outlook, "both", "qp", lambda r: f"_000_{_hexes(r, 24)}_"),
    "gmail": Mailer(
        _nothing, lambda r, _w, _d: f"CA{_letters(r, 49)}@mail.gmail.com", "both", "qp", lambda r: "000000000000" + _hexes(r, 16)
    ),
    "applemail": Mailer(
        lambda r: [("X-Mailer", f"Apple Mail (2.3{r.randint(600, 899)}.{r.randint(1, 700)})")],
        lambda r, _w, d: f"{_id_uuid(d)(r, _w, d).upper().split('@')[0]}@{d}",
        "text",
        "qp",
        lambda r: f"Apple-Mail=_{_hexes(r, 8).upper()}-{_hexes(r, 12).upper()}",
    ),
    "iphone": Mailer(lambda r: [("X-Mailer", f"iPhone Mail ({r.randint(18, 23)}{r.choice('ABCDEFGH')}{r.randint(100, 600)})")], _id_uuid("")),
    "thunderbird": Mailer(
        lambda r: [("User-Agent", r.choice(["Mozilla Thunderbird", f"Mozilla/5.0 (X11; Linux x86_64; rv:{r.randint(68, 128)}.0) Thunderbird"]))],
        _id_uuid(""),
        "text",
        "8bit",
    ),
    "mutt": Mailer(lambda r: [("User-Agent", f"Mutt/{r.choice(['1.5.21', '1.10.1', '2.0.5', '2.2.9'])}")], _id_at_sender, "text", "8bit"),
    "webmail": Mailer(_pick([("X-Mailer", "Open-Xchange Mailer v8.10")], [("User-Agent", "Roundcube Webmail/1.6.1")], [("X-Originating-IP", "[203.0.113.9]")]), _id_at_sender, "both"),
    "greenhouse": Mailer(lambda r: [("X-Mailgun-Sid", base64.b64encode(r.randbytes(18)).decode()), ("X-Greenhouse-Email-Id", str(r.randint(10**8, 10**9)))], lambda r, w, _d: f"{w:%Y%m%d%H%M%S}.{_hexes(r, 16)}@us.greenhouse-mail.io", "both"),
    "lever": Mailer(lambda r: [("X-Lever-Id", _hexes(r, 24))], _id_ses, "html"),
    "workday": Mailer(lambda _r: [("X-Mailer", "Workday")], lambda r, _w, _d: f"{r.randint(10**8, 10**9)}.{r.randint(1000, 9999)}.{r.randint(10**12, 10**13)}@myworkday.com", "html", "base64"),
    "ashby": Mailer(_nothing, _id_ses, "html"),
    "icims": Mailer(lambda _r: [("X-Auto-Response-Suppress", "All")], lambda r, _w, _d: f"{r.randint(10**8, 10**9)}.{r.randint(100, 999)}.JavaMail.icims@icims.com", "html", "7bit"),
    "smartrecruiters": Mailer(lambda r: [("X-SR-Message", _hexes(r, 12))], _id_ses, "html"),
    "staffing-crm": Mailer(
        _pick([("X-Mailer", "JobDiva")], [("X-Mailer", "Bullhorn")], [("X-Mailer", "Microsoft Outlook 16.0"), ("Importance", "High")], [("X-Priority", "1")], []), _id_at_sender, "html"
    ),
    "blaster": Mailer(
        lambda r: r.choice(
            [
                [("X-Mailer", f"Mailchimp Mailer - **CID{_hexes(r, 10)}**"), ("X-Campaign", f"mailchimp{_hexes(r, 20)}"), ("X-MC-User", _hexes(r, 25))],
                [("X-SG-EID", base64.b64encode(r.randbytes(60)).decode()), ("X-Entity-ID", base64.b64encode(r.randbytes(15)).decode())],
                [("X-Mailer", "MktMailer"), ("X-MarketoID", f"{r.randint(100, 999)}-{_letters(r, 3).upper()}-{r.randint(100, 999)}")],
                [("X-Feedback-ID", f"{r.randint(1, 99)}:{_hexes(r, 8)}:hs"), ("X-HS-Cid", _hexes(r, 16))],
                [("X-Roving-ID", f"{r.randint(10**9, 2 * 10**9)}.{r.randint(1000, 9999)}"), ("X-Mailer", "Roving Constant Contact 2012")],
            ]
        ),
        _id_at_sender,
        "both",
        bulk=True,
    ),
    "linkedin": Mailer(lambda r: [("X-LinkedIn-Id", _hexes(r, 22)), ("X-LinkedIn-fbl", "m2-" + _letters(r, 40))], lambda r, _w, _d: f"{r.randint(10**8, 2 * 10**9)}.{r.randint(10**6, 10**7)}.{r.randint(10**12, 10**13)}.JavaMail.app@lor1-app{r.randint(1000, 9999)}.prod.linkedin.com", "both", "qp", lambda r: f"----=_Part_{r.randint(10**6, 10**7)}_{r.randint(10**8, 10**9)}.{r.randint(10**12, 10**13)}"),
    "mailman": Mailer(_pick([("User-Agent", "Mutt/1.5.18")], [("User-Agent", "Mozilla Thunderbird")], [("X-Mailer", "Evolution 3.38.3")], []), _id_at_sender, "text", "8bit"),
    "googlegroups": Mailer(_nothing, lambda r, _w, _d: f"{_hexes(r, 8)}-{_hexes(r, 4)}-{_hexes(r, 12)}n@googlegroups.com", "both"),
    "jobboard": Mailer(lambda r: [("Feedback-ID", f"{r.randint(1, 99)}:{_hexes(r, 6)}:jobs")], _id_ses, "html", bulk=True),
    "transactional": Mailer(lambda r: r.choice([[("Feedback-ID", f"1.us-east-1.{_hexes(r, 12)}:AmazonSES")], [("X-PM-Message-Id", _id_uuid('x')(r, datetime.now(UTC), 'x').split('@')[0])], []]), _id_ses, "both"),
    "cron": Mailer(lambda _r: [("Auto-Submitted", "auto-generated"), ("X-Cron-Env", "<SHELL=/bin/sh>")], _id_at_sender, "text", "7bit"),
    "bounce": Mailer(lambda _r: [("Auto-Submitted", "auto-replied")], _id_at_sender, "text", "7bit"),
    "calendar": Mailer(_nothing, lambda r, _w, _d: f"calendar-{_id_uuid('google.com')(r, _w, _d)}", "both", "base64"),
    "github": Mailer(lambda _r: [("Precedence", "list"), ("X-GitHub-Sender", "contributor"), ("X-Auto-Response-Suppress", "All")], lambda r, _w, _d: f"org/repo/issues/{r.randint(10, 5000)}/{r.randint(10**8, 10**9)}@github.com", "both"),
    "webform": Mailer(_pick([("X-PHP-Originating-Script", "1001:form.php")], [("X-Mailer", "PHPMailer 6.5.1")]), _id_at_sender, "text"),
    "old": Mailer(_pick([("X-Mailer", "Microsoft Outlook Express 6.00.2600.0000"), ("X-MSMail-Priority", "Normal")], [("X-Mailer", "Internet Mail Service (5.5.2653.19)")], [("X-Sender", "pine@localhost")], [("X-Mailer", "QUALCOMM Windows Eudora Version 5.1")]), lambda r, w, d: f"{_hexes(r, 12)}${_hexes(r, 8)}${_hexes(r, 8)}@{d}", "text", "7bit"),
}  # fmt: skip
ALIASES = {
    "yahoogroups": "googlegroups",
    "exchange": "outlook",
    "sendgrid": "blaster",
    "mailchimp": "blaster",
    "bugzilla": "cron",
}


# --- bytes -------------------------------------------------------------------------------------------------


def compose(draft: Draft, reader: str, reader_address: str, others: dict[str, Draft]) -> bytes:
    """The message as it would arrive; `reader` is `Name <address>`."""
    kind = draft.fields.get("mailer", "gmail")
    mailer = MAILERS.get(ALIASES.get(kind, kind))
    if mailer is None:
        raise DraftError(f"{draft.key}: unknown mailer {kind}")
    stem = draft.name.partition("-pair-")[0]  # a pair differs in its one fact, not in the habits
    r = random.Random(f"{reader_address}/{stem}")  # noqa: S311 - habits, no secrets
    when = _when(draft)
    _name, sender = parseaddr(draft.fields.get("from", ""))
    if "@" not in sender:
        raise DraftError(f"{draft.key}: from: has no address")
    domain = sender.rpartition("@")[2]
    charset = draft.fields.get("charset", "utf-8")
    lines = _trace(r, draft, when, domain, reader_address, mailer) if draft.label != "sent" else []
    lines += _headers(r, draft, mailer, when, domain, reader, charset)
    form = draft.fields.get("format", mailer.form)
    return _assemble(r, draft, mailer, lines, form, charset, others, reader, reader_address)


def _when(draft: Draft) -> datetime:
    text = draft.fields.get("date", "")
    for form in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            when = datetime.strptime(text, form)  # noqa: DTZ007 - given +0000 below
        except ValueError:
            continue
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return when if when.second else when.replace(second=sum(map(ord, draft.name)) % 60)
    raise DraftError(f"{draft.key}: date: {text!r} is not YYYY-MM-DD HH:MM +0000")


def _trace(r: random.Random, draft: Draft, when: datetime, domain: str, to: str, mailer: Mailer) -> list[str]:
    """What the servers on the way add: Return-Path, Received, authentication, signature."""
    home = to.rpartition("@")[2]
    sender = parseaddr(draft.fields["from"])[1]
    bounce = f"bounces+{_hexes(r, 10)}@{domain}" if mailer.bulk else sender
    if draft.fields.get("mailer") == "bounce":
        bounce = ""
    arrived = when + timedelta(seconds=r.randint(2, 40))
    ip = f"203.0.113.{r.randint(2, 250)}"
    out = [
        f"Return-Path: <{bounce}>",
        f"Delivered-To: {to}",
        f"Received: from {r.choice(['mail', 'mx1', 'out', 'smtp', 'o2'])}.{domain} ({domain} [{ip}])",
        f"\tby mx.{home} (Postfix) with ESMTPS id {_hexes(r, 10).upper()}",
        f"\tfor <{to}>; {format_datetime(arrived)}",
    ]
    auth = draft.fields.get("auth", "pass" if when.year >= 2014 else "none")
    if auth != "none":
        out += [
            f"Authentication-Results: mx.{home};",
            f"\tspf={auth} smtp.mailfrom={domain};",
            f"\tdkim={auth} header.d={domain};",
            f"\tdmarc={auth} header.from={domain}",
        ]
    if auth == "pass":
        out += [
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={r.choice(['s1', 'google', 'selector1', 'k1', '20230601'])};",
            "\th=from:to:subject:date:message-id; bh=" + base64.b64encode(r.randbytes(32)).decode() + ";",
            "\tb=" + base64.b64encode(r.randbytes(48)).decode(),
        ]
    if r.random() < 0.6:
        out += [
            f"Received: by {r.choice(['localhost', '10.0.3.7', 'app-1', 'unknown'])} with {r.choice(['HTTP', 'SMTP', 'ESMTPA'])}; {format_datetime(when)}"
        ]
    return out


def _headers(
    r: random.Random, draft: Draft, mailer: Mailer, when: datetime, domain: str, reader: str, charset: str
) -> list[str]:
    f = draft.fields
    subject = f.get("subject", "")
    given = f.get("message-id", "").strip("<> ")
    to = {"": reader, "undisclosed": "undisclosed-recipients:;"}.get(f.get("to", ""), f.get("to", ""))
    own = random.Random(f"{reader}/{draft.key}")  # noqa: S311
    lines = [
        f"Message-ID: <{given or mailer.message_id(own, when, domain)}>",
        f"Date: {format_datetime(when)}",
        f"From: {_mailbox(f['from'], charset)}",
        f"To: {_mailbox(to, charset)}",
    ]
    lines += [f"{k.title()}: {_mailbox(f[k], charset)}" for k in ("cc", "reply-to") if f.get(k)]
    lines.append(f"Subject: {_encoded(subject, charset)}")
    if f.get("in-reply-to"):
        ids = " ".join(f"<{i.strip('<> ')}>" for i in re.split(r"[,\s]+", f["in-reply-to"]) if i.strip("<> "))
        lines += [f"In-Reply-To: {ids.split()[-1]}", f"References: {ids}"]
    lines += _list_headers(r, draft, mailer, domain)
    lines += [
        f"{k}: {v.replace('{subject}', _encoded(subject, charset))}".rstrip() for k, v in mailer.headers(r)
    ]
    if f.get("class"):
        template = {
            "INMAIL": "email_hire_inmail_initial_single_01",
            "INVITATION": "email_m2m_invite_single_01",
        }
        lines += [
            f"X-LinkedIn-Class: {f['class']}",
            f"X-LinkedIn-Template: {template.get(f['class'], 'email_' + f['class'].lower() + '_01')}",
        ]
    lines += draft.extra
    lines.append("MIME-Version: 1.0")
    if r.random() < 0.5:  # real mailers do not agree on an order
        head, tail = lines[:1], lines[1:5]
        r.shuffle(tail)
        lines = tail + head + lines[5:]
    return lines


def _list_headers(r: random.Random, draft: Draft, mailer: Mailer, domain: str) -> list[str]:
    f = draft.fields
    out = []
    if post := f.get("list"):
        name, _, host = post.strip("<>").partition("@")
        out += [f"Precedence: list", f"List-Id: <{name}.{host}>", f"List-Post: <mailto:{post}>"]  # noqa: F541
        if not f.get("unsub"):
            out.append(f"List-Unsubscribe: <mailto:{name}-request@{host}?subject=unsubscribe>")
        out.append(f"Sender: {name}-bounces@{host}")
    if f.get("unsub"):
        out.append(f"List-Unsubscribe: {f['unsub']}")
    elif mailer.bulk and not f.get("list") and r.random() < 0.3:
        out.append(f"Precedence: bulk")  # noqa: F541
    if f.get("oneclick", "").lower() in ("yes", "true"):
        out.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return out


def _encoded(text: str, charset: str) -> str:
    if text.isascii():
        return (
            text
            if len(text) < 70
            else textwrap.fill(
                text, 70, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False
            )
        )
    try:
        text.encode(charset)
    except (UnicodeEncodeError, LookupError):
        charset = "utf-8"
    return str(Header(text, charset, maxlinelen=70).encode())


def _mailbox(text: str, charset: str) -> str:
    if text.isascii():
        return text
    parts = []
    for one in re.split(r",(?=[^,]*@)", text):
        name, address = parseaddr(one)
        parts.append(
            formataddr((_encoded(name, charset), address))
            if name.isascii()
            else f"{_encoded(name, charset)} <{address}>"
        )
    return ", ".join(parts)


def _assemble(r: random.Random, draft: Draft, mailer: Mailer, lines: list[str], form: str, charset: str, others: dict[str, Draft], reader: str, address: str) -> bytes:  # fmt: skip
    eol = "\n"
    encoding = draft.fields.get("encoding", mailer.encoding)
    body = draft.body + "\n"
    written = body.lstrip().startswith("<") and re.match(
        r"\s*<(!doctype|html|body|div|table|p|center|head|meta|span|font|b)\b", body, re.I
    )
    page = body if written else _as_html(body, draft.fields.get("mailer", "gmail"))
    plain = _as_text(body) if written else body
    if form == "both" or (form == "text" and written):
        form = "both"
        mark = mailer.boundary(r)
        content = [f'Content-Type: multipart/alternative; boundary="{mark}"', ""]
        content += [
            f"--{mark}",
            *_leaf(plain, "plain", charset, encoding),
            f"--{mark}",
            *_leaf(page, "html", charset, "qp" if encoding == "7bit" else encoding),
            f"--{mark}--",
            "",
        ]
    else:
        content = _leaf(
            page if form == "html" else plain, "html" if form == "html" else "plain", charset, encoding
        )
    attached = [a.strip() for a in draft.fields.get("attach", "").split(",") if a.strip()]
    nested = draft.fields.get("nested")
    if attached or nested:
        mark = "mix" + _hexes(r, 20)
        outer = [f'Content-Type: multipart/mixed; boundary="{mark}"', "", f"--{mark}", *content]
        for name in attached:
            outer += [f"--{mark}", *_attachment(r, name, draft)]
        if nested:
            if nested not in others:
                raise DraftError(f"{draft.key}: nested: {nested} is not there")
            inner = compose(others[nested], reader, address, others).decode("latin-1")
            outer += [f"--{mark}", "Content-Type: message/rfc822", "", *inner.splitlines()]
        content = [*outer, f"--{mark}--", ""]
    raw = eol.join([*lines, *content])
    return raw.encode("latin-1")


def _leaf(text: str, subtype: str, charset: str, encoding: str) -> list[str]:
    """One text part as lines; characters stand for bytes (latin-1)."""
    try:
        data = text.encode(charset)
    except (UnicodeEncodeError, LookupError):
        charset = "utf-8"
        data = text.encode(charset)
    if encoding in ("7bit", "8bit"):
        encoding = ("7bit" if data.isascii() else "8bit") if max(map(len, data.split(b"\n"))) < 990 else "qp"
    name = {"qp": "quoted-printable"}.get(encoding, encoding)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "qp":
        data = quopri.encodestring(data)
    return [
        f'Content-Type: text/{subtype}; charset="{charset}"',
        f"Content-Transfer-Encoding: {name}",
        "",
        *data.decode("latin-1").split("\n"),
    ]


TYPES = {"pdf": "application/pdf", "ics": "text/calendar", "png": "image/png", "jpg": "image/jpeg", "doc": "application/msword", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip": "application/zip", "vcf": "text/vcard", "txt": "text/plain", "patch": "text/x-patch", "csv": "text/csv"}  # fmt: skip


def _attachment(r: random.Random, name: str, draft: Draft) -> list[str]:
    suffix = name.rpartition(".")[2].lower()
    kind = TYPES.get(suffix, "application/octet-stream")
    data = r.randbytes(r.randint(300, 900))
    if suffix == "ics":
        when = _when(draft).astimezone(UTC)
        summary = draft.fields.get("subject", "")
        data = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{_hexes(r, 16)}\r\nDTSTART:{when:%Y%m%dT%H%M%SZ}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    shown = _encoded(name, "utf-8")
    return [
        f'Content-Type: {kind}; name="{shown}"',
        f'Content-Disposition: attachment; filename="{shown}"',
        "Content-Transfer-Encoding: base64",
        "",
        *base64.encodebytes(data).decode().split("\n"),
    ]


# --- text and HTML of the same body, in the mailer's manner ------------------------------------------------

URL = re.compile(r"https?://[^\s<>\"')\]]+")


def _as_html(text: str, kind: str) -> str:
    escaped = html.escape(text, quote=False)
    escaped = URL.sub(lambda m: f'<a href="{m[0]}">{m[0]}</a>', escaped)
    if kind in ("outlook", "staffing-crm"):
        paragraphs = "".join(f'<p class="MsoNormal">{line or "&nbsp;"}</p>\n' for line in escaped.split("\n"))
        return f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n<style><!-- p.MsoNormal {{margin:0;font-size:11.0pt;font-family:"Calibri",sans-serif;}} --></style>\n</head><body lang="EN-US">\n<div class="WordSection1">\n{paragraphs}</div></body></html>\n'
    if kind in (
        "blaster",
        "jobboard",
        "linkedin",
        "greenhouse",
        "lever",
        "ashby",
        "workday",
        "icims",
        "smartrecruiters",
        "transactional",
    ):
        blocks = re.split(r"\n\s*\n", escaped.strip())
        rows = "".join(
            f'<tr><td style="padding:8px 24px;font-family:Arial,sans-serif;font-size:14px">{b.replace(chr(10), "<br>" + chr(10))}</td></tr>\n'
            for b in blocks
        )
        return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title></title></head><body style="margin:0">\n<table width="100%" cellpadding="0" cellspacing="0"><tbody>\n{rows}</tbody></table>\n</body></html>\n'
    lines = "<br>\n".join(escaped.split("\n"))
    return f'<div dir="ltr">{lines}</div>\n'


def _as_text(page: str) -> str:
    text = re.sub(r"(?is)<(script|style|head).*?</\1>", "", page)
    text = re.sub(
        r'(?is)<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>',
        lambda m: m[2] if m[2].strip() == m[1] else f"{m[2]} ( {m[1]} )",
        text,
    )
    text = re.sub(r"(?i)<(br|/p|/div|/tr|/li|/h\d|/table)[^>]*>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", text)).strip() + "\n"


# --- checks ------------------------------------------------------------------------------------------------


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", _as_text(text).lower() if "<" in text[:200] else text.lower())


def shared_wording(drafts: list[Draft], run: int = 10, several: int = 4) -> Iterator[str]:
    """Pairs of drafts, apart from marked pairs, that share several runs of words."""
    where: dict[int, set[str]] = collections.defaultdict(set)
    for d in drafts:
        kept = [ln for ln in d.body.splitlines() if not ln.lstrip().startswith(">")]
        words = _words("\n".join(kept))
        for i in range(len(words) - run + 1):
            where[hash(tuple(words[i : i + run]))].add(d.key)
    together = collections.Counter(
        (a, b) for keys in where.values() for a in keys for b in keys if a < b and _stem(a) != _stem(b)
    )
    yield from (
        f"{a} ~ {b}: {n} runs of {run} words shared" for (a, b), n in together.most_common() if n >= several
    )


def _stem(key: str) -> str:
    return key.partition("/")[2].partition("-pair-")[0]


def check(drafts: list[Draft]) -> list[str]:
    """What is wrong with a reader's drafts as a set."""
    count = collections.Counter(d.label for d in drafts)
    out = [f"{count['spam']} spam, {count['legit']} legit, {count['sent']} sent"]
    stems: dict[str, set[str]] = collections.defaultdict(set)
    for d in drafts:
        if m := re.fullmatch(r"(.+)-pair-([ab])", d.name):
            stems[m[1]].add(m[2])
            if not re.match(r"b\d\d-", d.name):
                out.append(f"{d.key}: a pair's name begins with its row, as b02-")
        if not d.body.strip() and "empty" not in d.name:
            out.append(f"{d.key}: empty body")
    out += [f"{stem}: only {''.join(have)} of the pair" for stem, have in stems.items() if have != {"a", "b"}]
    rows = collections.Counter(stem[:3] for stem in stems)
    out.append("pairs: " + " ".join(f"{k}:{n}" for k, n in sorted(rows.items())))
    return out + list(shared_wording(drafts))


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ap.add_argument("drafts", type=pathlib.Path)
    ap.add_argument("--check", action="store_true", help="write nothing, say what is wrong")
    ap.add_argument("--out", type=pathlib.Path, help="folder of the reader's corpus mail")
    a = ap.parse_args()
    try:
        drafts = read_drafts(a.drafts)
        profile = tomllib.loads((a.drafts / "profile.toml").read_text(encoding="utf-8"))
        address = profile["emails"][0]
        reader = f"{profile.get('name', '')} <{address}>".strip()
        by_key = {d.key: d for d in drafts}
        made = {d.key: compose(d, reader, address, by_key) for d in drafts}
    except (DraftError, OSError, ValueError, KeyError, IndexError) as e:
        print(f"compose: {type(e).__name__}: {e}", file=sys.stderr)
        return 1
    print("\n".join(check(drafts)))
    if a.out and not a.check:
        for key, raw in made.items():
            path = a.out / f"{key}.eml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    return 0


if __name__ == "__main__":
    sys.exit(main())
