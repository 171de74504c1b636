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
import pathlib
import quopri
import random
import re
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

import pages
from drafts import Draft, DraftError, read_drafts
from mailers import ALIASES, MAILERS, Mailer, hexes

# --- bytes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipient:
    """Whose mail is composed."""

    mailbox: str
    """`Name <address>`."""
    address: str
    """The address alone."""


def compose(draft: Draft, to: Recipient, others: dict[str, Draft]) -> bytes:
    """The message as it would arrive."""
    kind = draft.fields.get("mailer", "gmail")
    mailer = MAILERS.get(ALIASES.get(kind, kind))
    if mailer is None:
        raise DraftError(f"{draft.key}: unknown mailer {kind}")
    stem = draft.name.partition("-pair-")[0]  # a pair differs in its one fact, not in the habits
    r = random.Random(f"{to.address}/{stem}")  # noqa: S311 - habits, no secrets
    when = _when(draft)
    sender = parseaddr(draft.fields.get("from", ""))[1]
    if "@" not in sender:
        raise DraftError(f"{draft.key}: from: has no address")
    domain = sender.rpartition("@")[2]
    lines = _trace(r, draft, when, domain, to.address, mailer) if draft.label != "sent" else []
    lines += _headers(r, draft, mailer, when, domain, to.mailbox)
    return "\n".join([*lines, *_assemble(r, draft, mailer, others, to)]).encode("latin-1")


def _when(draft: Draft) -> datetime:
    text = draft.fields.get("date", "")
    for form in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            when = datetime.strptime(text, form)
        except ValueError:
            continue
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return when if when.second else when.replace(second=sum(map(ord, draft.name)) % 60)
    raise DraftError(f"{draft.key}: date: {text!r} is not YYYY-MM-DD HH:MM +0000")


SELECTORS = ("s1", "google", "selector1", "k1", "20230601")
ORIGINS = ("localhost", "10.0.3.7", "app-1", "unknown")


def _trace(r: random.Random, draft: Draft, when: datetime, domain: str, to: str, mailer: Mailer) -> list[str]:
    """What the servers on the way add: Return-Path, Received, authentication, signature."""
    home = to.rpartition("@")[2]
    sender = parseaddr(draft.fields["from"])[1]
    bounce = f"bounces+{hexes(r, 10)}@{domain}" if mailer.bulk else sender
    if draft.fields.get("mailer") == "bounce":
        bounce = ""
    arrived = when + timedelta(seconds=r.randint(2, 40))
    ip = f"203.0.113.{r.randint(2, 250)}"
    out = [
        f"Return-Path: <{bounce}>",
        f"Delivered-To: {to}",
        f"Received: from {r.choice(['mail', 'mx1', 'out', 'smtp', 'o2'])}.{domain} ({domain} [{ip}])",
        f"\tby mx.{home} (Postfix) with ESMTPS id {hexes(r, 10).upper()}",
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
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={r.choice(SELECTORS)};",
            "\th=from:to:subject:date:message-id; bh=" + base64.b64encode(r.randbytes(32)).decode() + ";",
            "\tb=" + base64.b64encode(r.randbytes(48)).decode(),
        ]
    if r.random() < 0.6:
        origin, way = r.choice(ORIGINS), r.choice(("HTTP", "SMTP", "ESMTPA"))
        out.append(f"Received: by {origin} with {way}; {format_datetime(when)}")
    return out


def _headers(r: random.Random, draft: Draft, mailer: Mailer, when: datetime, domain: str, reader: str) -> list[str]:
    f = draft.fields
    charset = f.get("charset", "utf-8")
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
    lines += _list_headers(r, draft, mailer)
    tag = pages.language(draft.body)
    for key, value in mailer.headers(r):
        shown = tag if key == "Accept-Language" and tag != "en-US" else value
        lines.append(f"{key}: {shown.replace('{subject}', _encoded(subject, charset))}".rstrip())
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


def _list_headers(r: random.Random, draft: Draft, mailer: Mailer) -> list[str]:
    f = draft.fields
    out = []
    if post := f.get("list"):
        name, _, host = post.strip("<>").partition("@")
        out += ["Precedence: list", f"List-Id: <{name}.{host}>", f"List-Post: <mailto:{post}>"]
        if not f.get("unsub"):
            out.append(f"List-Unsubscribe: <mailto:{name}-request@{host}?subject=unsubscribe>")
        out.append(f"Sender: {name}-bounces@{host}")
    if f.get("unsub"):
        out.append(f"List-Unsubscribe: {f['unsub']}")
    elif mailer.bulk and not f.get("list") and r.random() < 0.3:
        out.append("Precedence: bulk")
    if f.get("oneclick", "").lower() in ("yes", "true"):
        out.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return out


def _encoded(text: str, charset: str) -> str:
    if text.isascii():
        return (
            text
            if len(text) < 70
            else textwrap.fill(text, 70, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False)
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


def _assemble(r: random.Random, draft: Draft, mailer: Mailer, others: dict[str, Draft], to: Recipient) -> list[str]:
    """Content-Type and all that follows, as lines; characters stand for bytes (latin-1)."""
    content = _content(r, draft, mailer)
    attached = [a.strip() for a in draft.fields.get("attach", "").split(",") if a.strip()]
    nested = draft.fields.get("nested")
    if not attached and not nested:
        return content
    mark = "mix" + hexes(r, 20)
    outer = [f'Content-Type: multipart/mixed; boundary="{mark}"', "", f"--{mark}", *content]
    for name in attached:
        outer += [f"--{mark}", *_attachment(r, name, draft)]
    if nested:
        if nested not in others:
            raise DraftError(f"{draft.key}: nested: {nested} is not there")
        inner = compose(others[nested], _first_recipient(draft, others[nested], to), others).decode("latin-1")
        outer += [f"--{mark}", "Content-Type: message/rfc822", "", *inner.splitlines()]
    return [*outer, f"--{mark}--", ""]


def _first_recipient(outer: Draft, inner: Draft, reader: Recipient) -> Recipient:
    """Who got an attached message first: whoever sends it on, but for what the reader wrote."""
    if inner.label == "sent":
        return reader
    return Recipient(outer.fields["from"], parseaddr(outer.fields["from"])[1])


def _content(r: random.Random, draft: Draft, mailer: Mailer) -> list[str]:
    """The body as one part or two, without attachments."""
    form = draft.fields.get("format", mailer.form)
    encoding = draft.fields.get("encoding", mailer.encoding)
    kind = draft.fields.get("mailer", "gmail")
    body = (pages.with_footer_line(draft.body) if kind == "linkedin" else draft.body) + "\n"
    charset = _fitting(body, draft.fields.get("charset", "utf-8"))
    written = pages.OWN_PAGE.match(body)
    page = pages.with_charset(body, charset) if written else pages.as_html(body, kind, charset)
    plain = pages.as_text(body) if written else body
    if form == "html":
        return _leaf(page, "html", charset, encoding)
    if form == "text" and not written:
        return _leaf(plain, "plain", charset, encoding)
    mark = mailer.boundary(r)
    return [
        f'Content-Type: multipart/alternative; boundary="{mark}"',
        "",
        f"--{mark}",
        *_leaf(plain, "plain", charset, encoding),
        f"--{mark}",
        *_leaf(page, "html", charset, "qp" if encoding == "7bit" else encoding),
        f"--{mark}--",
        "",
    ]


def _fitting(text: str, charset: str) -> str:
    """The charset by its registered name, UTF-8 where it does not hold the text."""
    try:
        text.encode(charset)
    except (UnicodeEncodeError, LookupError):
        return "utf-8"
    return "iso-8859-1" if charset == "latin-1" else charset


def _leaf(text: str, subtype: str, charset: str, encoding: str) -> list[str]:
    """One text part as lines; characters stand for bytes (latin-1)."""
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


TYPES = {
    "pdf": "application/pdf",
    "ics": "text/calendar",
    "png": "image/png",
    "jpg": "image/jpeg",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "vcf": "text/vcard",
    "txt": "text/plain",
    "patch": "text/x-patch",
    "csv": "text/csv",
}


def _attachment(r: random.Random, name: str, draft: Draft) -> list[str]:
    suffix = name.rpartition(".")[2].lower()
    kind = TYPES.get(suffix, "application/octet-stream")
    data = r.randbytes(r.randint(300, 900))
    if suffix == "ics":
        when = _when(draft).astimezone(UTC)
        summary = draft.fields.get("subject", "")
        data = (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{hexes(r, 16)}\r\n"
            f"DTSTART:{when:%Y%m%dT%H%M%SZ}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        ).encode()
    shown = _encoded(name, "utf-8")
    return [
        f'Content-Type: {kind}; name="{shown}"',
        f'Content-Disposition: attachment; filename="{shown}"',
        "Content-Transfer-Encoding: base64",
        "",
        *base64.encodebytes(data).decode().split("\n"),
    ]


# --- checks ------------------------------------------------------------------------------------------------


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", pages.as_text(text).lower() if "<" in text[:200] else text.lower())


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
    yield from (f"{a} ~ {b}: {n} runs of {run} words shared" for (a, b), n in together.most_common() if n >= several)


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
        to = Recipient(f"{profile.get('name', '')} <{address}>".strip(), address)
        by_key = {d.key: d for d in drafts}
        made = {d.key: compose(d, to, by_key) for d in drafts}
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
