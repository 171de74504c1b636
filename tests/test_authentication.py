"""Whom Authentication-Results are believed from, and that a forged known sender earns no trust (B10)."""

from __future__ import annotations

import pytest

from spamrec import message
from spamrec.evidence import Evidence, failed_authentication
from spamrec.profile import Profile
from spamrec.standing import Standing

OWN_FORGED = "mx.example.org; spf=fail smtp.mailfrom=firm.example; dkim=none; dmarc=fail header.from=firm.example"
OWN_GENUINE = "mx.example.org 1; spf=pass smtp.mailfrom=firm.example; dmarc=pass header.from=firm.example"
FOREIGN_GENUINE = "mail.attacker.example; spf=pass; dkim=pass; dmarc=pass header.from=firm.example"
FOREIGN_FORGED = "relay.example.net; spf=softfail smtp.mailfrom=list.example"


def mail(*results: str) -> message.Message:
    head = "".join(f"Authentication-Results: {r}\n" for r in results)
    return message.parse(f"{head}From: Jane Doe <jane@firm.example>\nSubject: hi\n\nhello\n".encode())


@pytest.mark.parametrize(
    ("results", "servers", "failed"),
    [
        ((), (), False),
        ((OWN_FORGED,), (), True),
        ((OWN_GENUINE,), (), False),
        ((OWN_GENUINE, FOREIGN_FORGED), (), False),
        ((FOREIGN_GENUINE, OWN_FORGED), (), False),
        ((FOREIGN_GENUINE, OWN_FORGED), ("mx.example.org",), True),
        ((FOREIGN_FORGED, OWN_GENUINE), ("MX.example.org",), False),
        ((FOREIGN_FORGED,), ("mx.example.org",), False),
        (("mx.example.org.attacker.example; dmarc=pass", OWN_FORGED), ("mx.example.org",), True),
    ],
)
def test_the_reader_s_own_server_is_believed_and_no_other(
    results: tuple[str, ...], servers: tuple[str, ...], failed: bool
) -> None:
    assert failed_authentication(mail(*results), servers) is failed


def test_a_known_address_that_fails_earns_no_trust() -> None:
    standing = Standing(known="in your address book", known_firm=True)
    profile = Profile(servers=("mx.example.org",))
    assert Evidence(mail(OWN_GENUINE), profile, standing).trusted
    assert not Evidence(mail(FOREIGN_GENUINE, OWN_FORGED), profile, standing).trusted
