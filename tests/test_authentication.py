"""Whom Authentication-Results are believed from, and that a forged known sender earns no trust (B10)."""

from __future__ import annotations

import pytest

from spamrec import message
from spamrec.evidence import Evidence, failed_authentication
from spamrec.profile import Profile
from spamrec.standing import Standing

OWN_FAIL = "mx.example.org; spf=fail smtp.mailfrom=firm.example; dkim=none; dmarc=fail header.from=firm.example"
OWN_PASS = "mx.example.org 1; spf=pass smtp.mailfrom=firm.example; dmarc=pass header.from=firm.example"
FOREIGN_PASS = "mail.attacker.example; spf=pass; dkim=pass; dmarc=pass header.from=firm.example"
FOREIGN_FAIL = "relay.example.net; spf=softfail smtp.mailfrom=list.example"


def mail(*results: str) -> message.Message:
    head = "".join(f"Authentication-Results: {r}\n" for r in results)
    return message.parse(f"{head}From: Jane Doe <jane@firm.example>\nSubject: hi\n\nhello\n".encode())


@pytest.mark.parametrize(
    ("results", "servers", "failed"),
    [
        ((), (), False),
        ((OWN_FAIL,), (), True),
        ((OWN_PASS,), (), False),
        ((OWN_PASS, FOREIGN_FAIL), (), False),
        ((FOREIGN_PASS, OWN_FAIL), (), False),
        ((FOREIGN_PASS, OWN_FAIL), ("mx.example.org",), True),
        ((FOREIGN_FAIL, OWN_PASS), ("MX.example.org",), False),
        ((FOREIGN_FAIL,), ("mx.example.org",), False),
        (("mx.example.org.attacker.example; dmarc=pass", OWN_FAIL), ("mx.example.org",), True),
    ],
)
def test_the_reader_s_own_server_is_believed_and_no_other(
    results: tuple[str, ...], servers: tuple[str, ...], failed: bool
) -> None:
    assert failed_authentication(mail(*results), servers) is failed


def test_a_known_address_that_fails_earns_no_trust() -> None:
    standing = Standing(known="in your address book", known_firm=True)
    profile = Profile(servers=("mx.example.org",))
    assert Evidence(mail(OWN_PASS), profile, standing).trusted
    assert not Evidence(mail(FOREIGN_PASS, OWN_FAIL), profile, standing).trusted
