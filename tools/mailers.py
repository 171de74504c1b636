"""The habits of the programs that write mail, as far as headers show them; everything random is seeded."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def hexes(r: random.Random, n: int) -> str:
    return "".join(r.choice("0123456789abcdef") for _ in range(n))


def letters(r: random.Random, n: int) -> str:
    return "".join(r.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") for _ in range(n))


@dataclass(frozen=True)
class Mailer:
    """How one program writes mail."""

    headers: Callable[[random.Random], list[tuple[str, str]]]
    message_id: Callable[[random.Random, datetime, str], str]
    form: str = "text"  # text | html | both
    encoding: str = "qp"
    boundary: Callable[[random.Random], str] = lambda r: "=_" + hexes(r, 24)
    bulk: bool = False


def _nothing(_: random.Random) -> list[tuple[str, str]]:
    return []


def _pick(*choices: list[tuple[str, str]]) -> Callable[[random.Random], list[tuple[str, str]]]:
    return lambda r: list(r.choice(choices))


def _id_at_sender(r: random.Random, when: datetime, domain: str) -> str:
    return f"{when:%Y%m%d%H%M%S}.{hexes(r, 12)}@{domain}"


def _id_outlook(r: random.Random, _when: datetime, _domain: str) -> str:
    site = "".join(r.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(3))
    host = f"{site}PR{r.randint(1, 20):02d}MB{r.randint(1000, 9999)}"
    return f"{host}{hexes(r, 32).upper()}@{host}.prod.outlook.com"


def _id_ses(r: random.Random, _when: datetime, _domain: str) -> str:
    return f"0100{hexes(r, 12)}-{hexes(r, 8)}-{hexes(r, 4)}-{hexes(r, 4)}-{hexes(r, 12)}-000000@email.amazonses.com"


def _id_uuid(host: str) -> Callable[[random.Random, datetime, str], str]:
    def make(r: random.Random, _when: datetime, domain: str) -> str:
        uuid = "-".join(hexes(r, n) for n in (8, 4, 4, 4, 12))
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
    "outlook": Mailer(_outlook, _id_outlook, "both", "qp", lambda r: f"_000_{hexes(r, 24)}_"),
    "gmail": Mailer(
        _nothing,
        lambda r, _w, _d: f"CA{letters(r, 49)}@mail.gmail.com",
        "both",
        "qp",
        lambda r: "000000000000" + hexes(r, 16),
    ),
    "applemail": Mailer(
        lambda r: [("X-Mailer", f"Apple Mail (2.3{r.randint(600, 899)}.{r.randint(1, 700)})")],
        lambda r, _w, d: f"{_id_uuid(d)(r, _w, d).upper().split('@')[0]}@{d}",
        "text",
        "qp",
        lambda r: f"Apple-Mail=_{hexes(r, 8).upper()}-{hexes(r, 12).upper()}",
    ),
    "iphone": Mailer(
        lambda r: [("X-Mailer", f"iPhone Mail ({r.randint(18, 23)}{r.choice('ABCDEFGH')}{r.randint(100, 600)})")],
        _id_uuid(""),
    ),
    "thunderbird": Mailer(
        lambda r: [
            (
                "User-Agent",
                r.choice(
                    ["Mozilla Thunderbird", f"Mozilla/5.0 (X11; Linux x86_64; rv:{r.randint(68, 128)}.0) Thunderbird"]
                ),
            )
        ],
        _id_uuid(""),
        "text",
        "8bit",
    ),
    "mutt": Mailer(
        lambda r: [("User-Agent", f"Mutt/{r.choice(['1.5.21', '1.10.1', '2.0.5', '2.2.9'])}")],
        _id_at_sender,
        "text",
        "8bit",
    ),
    "webmail": Mailer(
        _pick(
            [("X-Mailer", "Open-Xchange Mailer v8.10")],
            [("User-Agent", "Roundcube Webmail/1.6.1")],
            [("X-Originating-IP", "[203.0.113.9]")],
        ),
        _id_at_sender,
        "both",
    ),
    "greenhouse": Mailer(
        lambda r: [
            ("X-Mailgun-Sid", base64.b64encode(r.randbytes(18)).decode()),
            ("X-Greenhouse-Email-Id", str(r.randint(10**8, 10**9))),
        ],
        lambda r, w, _d: f"{w:%Y%m%d%H%M%S}.{hexes(r, 16)}@us.greenhouse-mail.io",
        "both",
    ),
    "lever": Mailer(lambda r: [("X-Lever-Id", hexes(r, 24))], _id_ses, "html"),
    "workday": Mailer(
        lambda _r: [("X-Mailer", "Workday")],
        lambda r, _w, _d: (
            f"{r.randint(10**8, 10**9)}.{r.randint(1000, 9999)}.{r.randint(10**12, 10**13)}@myworkday.com"
        ),
        "html",
        "base64",
    ),
    "ashby": Mailer(_nothing, _id_ses, "html"),
    "icims": Mailer(
        lambda _r: [("X-Auto-Response-Suppress", "All")],
        lambda r, _w, _d: f"{r.randint(10**8, 10**9)}.{r.randint(100, 999)}.JavaMail.icims@icims.com",
        "html",
        "7bit",
    ),
    "smartrecruiters": Mailer(lambda r: [("X-SR-Message", hexes(r, 12))], _id_ses, "html"),
    "staffing-crm": Mailer(
        _pick(
            [("X-Mailer", "JobDiva")],
            [("X-Mailer", "Bullhorn")],
            [("X-Mailer", "Microsoft Outlook 16.0"), ("Importance", "High")],
            [("X-Priority", "1")],
            [],
        ),
        _id_at_sender,
        "html",
    ),
    "blaster": Mailer(
        lambda r: r.choice(
            [
                [
                    ("X-Mailer", f"Mailchimp Mailer - **CID{hexes(r, 10)}**"),
                    ("X-Campaign", f"mailchimp{hexes(r, 20)}"),
                    ("X-MC-User", hexes(r, 25)),
                ],
                [
                    ("X-SG-EID", base64.b64encode(r.randbytes(60)).decode()),
                    ("X-Entity-ID", base64.b64encode(r.randbytes(15)).decode()),
                ],
                [
                    ("X-Mailer", "MktMailer"),
                    ("X-MarketoID", f"{r.randint(100, 999)}-{letters(r, 3).upper()}-{r.randint(100, 999)}"),
                ],
                [("X-Feedback-ID", f"{r.randint(1, 99)}:{hexes(r, 8)}:hs"), ("X-HS-Cid", hexes(r, 16))],
                [
                    ("X-Roving-ID", f"{r.randint(10**9, 2 * 10**9)}.{r.randint(1000, 9999)}"),
                    ("X-Mailer", "Roving Constant Contact 2012"),
                ],
            ]
        ),
        _id_at_sender,
        "both",
        bulk=True,
    ),
    "linkedin": Mailer(
        lambda r: [("X-LinkedIn-Id", hexes(r, 22)), ("X-LinkedIn-fbl", "m2-" + letters(r, 40))],
        lambda r, _w, _d: (
            f"{r.randint(10**8, 2 * 10**9)}.{r.randint(10**6, 10**7)}.{r.randint(10**12, 10**13)}"
            f".JavaMail.app@lor1-app{r.randint(1000, 9999)}.prod.linkedin.com"
        ),
        "both",
        "qp",
        lambda r: f"----=_Part_{r.randint(10**6, 10**7)}_{r.randint(10**8, 10**9)}.{r.randint(10**12, 10**13)}",
    ),
    "mailman": Mailer(
        _pick(
            [("User-Agent", "Mutt/1.5.18")],
            [("User-Agent", "Mozilla Thunderbird")],
            [("X-Mailer", "Evolution 3.38.3")],
            [],
        ),
        _id_at_sender,
        "text",
        "8bit",
    ),
    "googlegroups": Mailer(
        _nothing, lambda r, _w, _d: f"{hexes(r, 8)}-{hexes(r, 4)}-{hexes(r, 12)}n@googlegroups.com", "both"
    ),
    "jobboard": Mailer(
        lambda r: [("Feedback-ID", f"{r.randint(1, 99)}:{hexes(r, 6)}:jobs")], _id_ses, "html", bulk=True
    ),
    "transactional": Mailer(
        lambda r: r.choice(
            [
                [("Feedback-ID", f"1.us-east-1.{hexes(r, 12)}:AmazonSES")],
                [("X-PM-Message-Id", _id_uuid("x")(r, datetime.now(UTC), "x").split("@")[0])],
                [],
            ]
        ),
        _id_ses,
        "both",
    ),
    "cron": Mailer(
        lambda _r: [("Auto-Submitted", "auto-generated"), ("X-Cron-Env", "<SHELL=/bin/sh>")],
        _id_at_sender,
        "text",
        "7bit",
    ),
    "bounce": Mailer(lambda _r: [("Auto-Submitted", "auto-replied")], _id_at_sender, "text", "7bit"),
    "calendar": Mailer(_nothing, lambda r, _w, _d: f"calendar-{_id_uuid('google.com')(r, _w, _d)}", "both", "base64"),
    "github": Mailer(
        lambda _r: [("Precedence", "list"), ("X-GitHub-Sender", "contributor"), ("X-Auto-Response-Suppress", "All")],
        lambda r, _w, _d: f"org/repo/issues/{r.randint(10, 5000)}/{r.randint(10**8, 10**9)}@github.com",
        "both",
    ),
    "webform": Mailer(
        _pick([("X-PHP-Originating-Script", "1001:form.php")], [("X-Mailer", "PHPMailer 6.5.1")]), _id_at_sender, "text"
    ),
    "old": Mailer(
        _pick(
            [("X-Mailer", "Microsoft Outlook Express 6.00.2600.0000"), ("X-MSMail-Priority", "Normal")],
            [("X-Mailer", "Internet Mail Service (5.5.2653.19)")],
            [("X-Sender", "pine@localhost")],
            [("X-Mailer", "QUALCOMM Windows Eudora Version 5.1")],
        ),
        lambda r, _w, d: f"{hexes(r, 12)}${hexes(r, 8)}${hexes(r, 8)}@{d}",
        "text",
        "7bit",
    ),
}
ALIASES = {
    "yahoogroups": "googlegroups",
    "exchange": "outlook",
    "sendgrid": "blaster",
    "mailchimp": "blaster",
    "bugzilla": "cron",
}
