"""The procmail recipe of the README, run by procmail: spam into its folder, the rest, and all else that fails, into the
inbox."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROCMAIL = shutil.which("procmail")
pytestmark = pytest.mark.skipif(PROCMAIL is None and not os.environ.get("CI"), reason="needs procmail")

RECRUITERS = {"01-urgent-requirement", "02-impressed-by-your-background", "03-hi-first-name"}
OTHERS = {"04-application-received", "08-list-thread", "09-order-shipped", "11-rejection", "12-mother"}


def deliver(folder: Path, mails: set[str], path: str) -> tuple[str, str]:
    """What lies in the recruiters' folder and in the inbox after procmail has delivered the mails."""
    block = re.search(r"```procmail\n(.*?)```", Path("README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    assert PROCMAIL, "CI must install procmail"
    rc = folder / "procmailrc"
    home = folder / "home"
    home.mkdir()
    rc.write_text(
        f"PATH={path}\nMAILDIR={folder}\nDEFAULT={folder}/inbox\nSPAMREC_HOME={home}\n{block[1]}", encoding="utf-8"
    )
    for name in sorted(mails):
        raw = Path("data/inbox", f"{name}.eml").read_bytes()
        subprocess.run([PROCMAIL, str(rc)], input=raw, check=True, capture_output=True)
    found = (folder / box for box in ("recruiters", "inbox"))
    spam, inbox = (box.read_text(encoding="utf-8", errors="replace") if box.exists() else "" for box in found)
    return spam, inbox


def subjects(mbox: str) -> int:
    return len(re.findall(r"^Subject:", mbox, re.MULTILINE))


def test_procmail_files_recruiters_mail_and_leaves_the_rest(tmp_path: Path) -> None:
    spam, inbox = deliver(tmp_path, RECRUITERS | OTHERS, f"{Path(sys.executable).parent}:/usr/bin:/bin")
    assert subjects(spam) == len(RECRUITERS)
    assert subjects(inbox) == len(OTHERS)
    assert "Tamarack Health" in inbox


def test_without_spamrec_every_mail_arrives_in_the_inbox(tmp_path: Path) -> None:
    spam, inbox = deliver(tmp_path, RECRUITERS, "/usr/bin:/bin")
    assert not spam
    assert subjects(inbox) == len(RECRUITERS)
