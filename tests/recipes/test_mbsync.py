"""mbsync fetches, spamrec moves, and mbsync carries the move to the server without a complaint."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from reader import BROKEN, OTHERS, RECIPES, RECRUITERS, environment, mail, maildir, make, needs

pytestmark = needs("mbsync")

CONFIGURATION = """\
MaildirStore server
Path {home}/server/
Inbox {home}/server/INBOX

MaildirStore here
Path {home}/Mail/
Inbox {home}/Mail/INBOX
SubFolders Verbatim

Channel all
Far :server:
Near :here:
Patterns *
Create Both
Expunge Both
SyncState *
"""


def prepared(home: Path) -> Path:
    """A home folder with mail on what stands for a server."""
    (home / ".mbsyncrc").write_text(CONFIGURATION.format(home=home), encoding="utf-8")
    for part in ("cur", "new", "tmp"):
        (home / "server" / "INBOX" / part).mkdir(parents=True)
    for name in (*RECRUITERS, *OTHERS):
        (home / "server" / "INBOX" / "new" / name).write_bytes(mail(name))
    return home


def fetch(home: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([RECIPES / "mbsync"], capture_output=True, env=environment(home), timeout=120)


def fetched(folder: Path) -> list[bytes]:
    """The mails in a Maildir, without the header by which mbsync knows them."""
    return sorted(re.sub(rb"(?m)^X-TUID:.*\n", b"", raw) for raw in maildir(folder))


def test_moved_mail_is_moved_on_the_server_too(tmp_path: Path) -> None:
    home = prepared(make(tmp_path / "home"))
    for _ in range(2):
        ended = fetch(home)
        assert ended.returncode == 0, ended.stderr
        assert b"UID" not in ended.stderr.replace(b"no UIDVALIDITY, creating new", b"")
    for root in (home / "Mail", home / "server"):
        assert fetched(root / "Recruiters") == sorted(map(mail, RECRUITERS))
        assert fetched(root / "INBOX") == sorted(map(mail, OTHERS))


def test_with_spamrec_broken_nothing_is_moved(tmp_path: Path) -> None:
    for number, script in enumerate(BROKEN.values()):
        home = prepared(make(tmp_path / f"home {number}".replace(" ", "-"), script))
        fetch(home)
        assert len(maildir(home / "Mail" / "INBOX")) == len(RECRUITERS + OTHERS)
        assert maildir(home / "Mail" / "Recruiters") == []
