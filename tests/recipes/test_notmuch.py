"""notmuch tags what spamrec tells it to, whatever Message-ID a mail has."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from reader import BROKEN, OTHERS, RECIPES, RECRUITERS, environment, mail, make, needs

pytestmark = needs("notmuch")

HOSTILE_IDS = [
    b"<plain@x.example>", b"<a b@x>", b'<with"quote@x>', b'<"@x>', b"<par(en)@x>", b"bare@x", b"bare with space@x",
    b"<x@y> trailing", b"(comment) <c@y>", b"(nested (c)) <n@x>", b"junk <j@x>", b"<%20pct@x>", b"<*>", b"*",
    b"<back\\slash@x>", b"<-dash@x>", b"-bare", b"<open@x", b"<<double@x>>", b"<a\tb@x>", b"<a\n b@x>", b"<>", b"",
    b"<\xc3\xbc@x>", b"<\xff@x>", b"<ctl\x01\x1b[2J@x>", b"=?utf-8?q?=3Cenc=40x=3E?=", b"<x> or tag:friend",
    b"<z or * or tag:friend>", b'<q" or * or "@x>', b"<a,b;c@x>", b"#comment", b"<#@x>", b"<" + b"l" * 189 + b">",
    b"<" + b"m" * 190 + b">", b"<" + b"n" * 900 + b"@x>", "<é@x>".encode("latin-1"), b"<tag:inbox>", b"<id:a@x>",
]  # fmt: skip


class Notmuch:
    """A database of its own over the Maildir of a home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = environment(home) | {"NOTMUCH_CONFIG": str(home / "notmuch-config")}
        (home / "notmuch-config").write_text(
            f"[database]\npath={home}/Maildir\n[user]\nname=Robin\nprimary_email=robin@x.example\n[new]\ntags=new;inbox\n",
            encoding="utf-8",
        )

    def __call__(self, *arguments: str, stdin: bytes = b"") -> bytes:
        ended = subprocess.run(
            ["notmuch", *arguments], input=stdin, capture_output=True, env=self.environment, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def names(self, query: str) -> set[str]:
        """Names of the files that a query finds."""
        return {os.path.basename(os.fsdecode(path)) for path in self("search", "--output=files", query).splitlines()}

    def hook(self) -> None:
        """The recipe as the hook that runs after new mail is found."""
        hooks = self.home / "Maildir" / ".notmuch" / "hooks"
        hooks.mkdir(parents=True, exist_ok=True)
        (hooks / "post-new").unlink(missing_ok=True)
        (hooks / "post-new").symlink_to(RECIPES / "notmuch-post-new")


@pytest.fixture
def notmuch(tmp_path: Path) -> Notmuch:
    return Notmuch(make(tmp_path / "home"))


def arrive(notmuch: Notmuch, **mails: bytes) -> None:
    for name, raw in mails.items():
        (notmuch.home / "Maildir" / "new" / name).write_bytes(raw + b"\n")


def test_recruiters_mail_gets_its_tag_and_leaves_the_inbox(notmuch: Notmuch) -> None:
    notmuch("new")
    notmuch.hook()
    arrive(notmuch, **{name: mail(name) for name in (*RECRUITERS, *OTHERS)})
    notmuch("new")
    assert notmuch.names("tag:recruiter") == set(RECRUITERS)
    assert notmuch.names("tag:inbox") == set(OTHERS)
    assert notmuch.names("tag:new") == set()


@pytest.mark.parametrize("broken", BROKEN)
def test_with_spamrec_broken_no_mail_is_tagged_and_all_is_looked_at_again(notmuch: Notmuch, broken: str) -> None:
    notmuch("new")
    notmuch.hook()
    script = notmuch.home / ".local" / "bin" / "spamrec"
    sound = script.read_bytes()
    replacement = BROKEN[broken]
    if replacement is None:
        script.unlink()
    else:
        script.write_text(replacement if replacement.startswith("#!") else f"#!/bin/sh\n{replacement}\n")
    arrive(notmuch, **{name: mail(name) for name in RECRUITERS})
    subprocess.run(["notmuch", "new"], capture_output=True, env=notmuch.environment, timeout=120)
    assert notmuch.names("tag:recruiter") == set()
    assert notmuch.names("tag:inbox and tag:new") == set(RECRUITERS)
    script.write_bytes(sound)
    script.chmod(0o755)
    notmuch("new")
    assert notmuch.names("tag:recruiter") == set(RECRUITERS)


def test_whatever_its_message_id_the_mail_itself_is_tagged_and_no_other(notmuch: Notmuch) -> None:
    """And what a hostile one says besides is no query."""
    pitch = mail(RECRUITERS[0])
    head, rest = re.split(rb"(?m)^Message-ID:.*\n", pitch)
    for number, identifier in enumerate(HOSTILE_IDS):
        arrive(notmuch, **{f"{number:02}.spam": head + b"Message-ID: " + identifier + b"\n" + rest})
    arrive(notmuch, none=head + rest, friend=mail("12-mother"))
    notmuch("new")
    lines = subprocess.run(
        [str(notmuch.home / ".local" / "bin" / "spamrec"), "classify", "--files-from=-", "--format=notmuch"],
        input=notmuch("search", "--output=files", "tag:new"), capture_output=True, env=notmuch.environment, timeout=120,
    )  # fmt: skip
    assert lines.returncode == 0, lines.stderr
    told = lines.stdout.splitlines()
    assert len(told) == len(HOSTILE_IDS) + 1
    assert all(line.startswith(b'+recruiter -inbox -- id:"') for line in told)
    notmuch("tag", "--batch", stdin=lines.stdout)
    assert notmuch.names("tag:inbox") == {"friend"}
    assert notmuch.names("tag:recruiter") == {f"{n:02}.spam" for n in range(len(HOSTILE_IDS))} | {"none"}
