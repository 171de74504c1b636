"""An account on an IMAP server, and how a connection to it comes about: protected, verified, logged in."""

from __future__ import annotations

import ipaddress
import re
import ssl
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spamrec.errors import ConnectionLostError, ForeignInputError, LoginError, MissingInputError

if TYPE_CHECKING:
    from imapclient import IMAPClient

CONNECT_TIMEOUT_S = 30.0
"""How long a connection may take to come about, in seconds."""
READ_TIMEOUT_S = 90.0
"""How long the server may be silent, in seconds."""
MAX_ANSWER_CHARACTERS = 200
"""How long an answer to a login may be to be shown."""
PORTS = {"ssl": 993, "starttls": 143, "insecure": 143}


class Security(StrEnum):
    """How the connection is protected."""

    TLS = "ssl"
    """From its first byte."""
    STARTTLS = "starttls"
    """From before the login, or there is none."""
    NONE = "insecure"
    """Not at all: to this machine only."""


class Account(NamedTuple):
    """Whose mail, and where."""

    host: str
    """Name or address of the server; its certificate must bear it."""
    user: str
    """Who logs in."""
    port: int | None = None
    """Port of the server; None for the usual one."""
    security: Security = Security.TLS
    """How the connection is protected."""
    ca_file: Path | None = None
    """Certificates to trust in place of the system's."""

    @property
    def name(self) -> str:
        """The account in files, locks and addresses of mail: "ray@imap.example.org:993"."""
        return f"{self.user}@{self.host.lower()}:{self.port or PORTS[self.security]}"


class Secret:
    """A password, or an OAuth 2.0 access token; never shown."""

    def __init__(self, text: str, *, token: bool = False) -> None:
        self.text = text
        self.token = token

    def __repr__(self) -> str:
        return "Secret()"


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine itself, so that nobody between can listen."""
    if host.lower().rstrip(".") == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def connected(account: Account) -> IMAPClient:
    """A connection on which nobody is logged in yet; errors as IMAPClient and the socket raise them."""
    from imapclient import IMAPClient, SocketTimeout

    client = IMAPClient(
        account.host,
        account.port or PORTS[account.security],
        ssl=account.security is Security.TLS,
        ssl_context=_trust(account.ca_file) if account.security is Security.TLS else None,
        timeout=SocketTimeout(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
    )
    if account.security is Security.STARTTLS:
        try:
            client.starttls(_trust(account.ca_file))
        except BaseException:
            with suppress(OSError):  # where the socket went to TLS, the old one is closed
                client.shutdown()
            raise
    return client


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """What verifies certificates and names. MissingInputError, ForeignInputError."""
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except FileNotFoundError as error:
        raise MissingInputError(str(ca_file)) from error
    except ssl.SSLError as error:
        raise ForeignInputError(str(ca_file), "holds no certificates in PEM") from error


def log_in(client: IMAPClient, account: Account, secret: Secret) -> None:
    """Log in by the best that the server offers. LoginError where it refuses; ConnectionLostError where it has no time
    just now."""
    from imapclient.exceptions import IMAPClientAbortError
    from imapclient.exceptions import LoginError as Refused

    try:
        _authenticate(client, account, secret)
    except Refused as error:  # not chained: the text of the server may hold what it was sent
        if isinstance(error.__context__, IMAPClientAbortError) or "[UNAVAILABLE]" in str(error):
            raise ConnectionLostError(account.host, "broke off at the login") from None
        raise LoginError(account.host, _refusal(str(error), account, secret)) from None


def _authenticate(client: IMAPClient, account: Account, secret: Secret) -> None:
    if secret.token and client.has_capability("AUTH=OAUTHBEARER"):
        client.oauthbearer_login(account.user, secret.text)
    elif secret.token:
        client.oauth2_login(account.user, secret.text)
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(account.user, secret.text)
    elif client.has_capability("LOGINDISABLED"):
        raise LoginError(account.host, "takes no password on this connection")
    elif not (account.user + secret.text).isascii():
        raise LoginError(account.host, "takes user names and passwords in ASCII only")
    else:
        client.login(account.user, secret.text)


def _refusal(answer: str, account: Account, secret: Secret) -> str:
    """What the server said to a login, as far as it holds nothing of the secret."""
    what = "token" if secret.token else "password"
    said = re.sub(r"^\w+ failed: ", "", answer)
    tail = f" ({said})" if secret.text not in answer and len(said) < MAX_ANSWER_CHARACTERS else ""
    return f"the login of {account.user} was refused, check user and {what}{tail}"
