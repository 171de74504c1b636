"""The recipes for Postfix: its content filter, and the milter of SpamAssassin with our server behind it. Where spamrec
fails in whatever way, every mail arrives."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from postfix import may_mount, postfix
from reader import BROKEN, OTHERS, RECIPES, RECRUITERS, SPAMREC, mail, make, needs
from stranger import spamrec_for_all

from spamrec.tagging import strip

pytestmark = needs("postfix", "spamass-milter", "spamc", "unshare")
whole = pytest.mark.skipif(not may_mount(), reason="needs root and a mount namespace of one's own")

FORGED = b"X-Spamrec: Spam, probability=1.000000, threshold=0.900, model=none\n" + mail("12-mother")


def body(raw: bytes) -> bytes:
    """What no mail server changes."""
    return raw.partition(b"\n\n")[2]


@pytest.fixture(scope="module")
def spamrec() -> Iterator[str]:
    with spamrec_for_all() as script:
        yield script


# --- the script, wherever it can run -------------------------------------------------------------------------


def filtered(home: Path, raw: bytes, *, sendmail: str = 'cat >"$HOME/sent"; echo "$@" >"$HOME/arguments"') -> int:
    """The status of the filter with programs of ours in its path."""
    script = (RECIPES / "postfix-filter").read_text(encoding="utf-8")
    assert script.count("PATH=/usr/local/bin:") == 1
    (home / "filter").write_text(script.replace("PATH=/usr/local/bin:", f"PATH={home}/.local/bin:"), encoding="utf-8")
    program = home / ".local" / "bin" / "sendmail"
    program.write_text(f"#!/bin/sh\n{sendmail}\n", encoding="utf-8")
    program.chmod(0o755)
    command = ["sh", str(home / "filter"), "-f", "sender@x.example", "--", "robin@robin.example"]
    temporary = home / "tmp"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        command, input=raw, env={"HOME": str(home), "TMPDIR": str(temporary)}, capture_output=True, timeout=120
    )
    assert list(temporary.iterdir()) == []
    return done.returncode


def test_the_filter_hands_on_a_tagged_mail(tmp_path: Path) -> None:
    home = make(tmp_path / "home", SPAMREC)
    assert filtered(home, mail(RECRUITERS[0])) == 0
    sent = (home / "sent").read_bytes()
    assert sent.startswith(b"X-Spamrec: Spam, ")
    assert strip(sent) == mail(RECRUITERS[0])
    assert (home / "arguments").read_text(encoding="utf-8") == "-G -i -f sender@x.example -- robin@robin.example\n"


@pytest.mark.parametrize("broken", BROKEN)
def test_with_spamrec_broken_the_filter_hands_on_the_mail_as_it_was(tmp_path: Path, broken: str) -> None:
    home = make(tmp_path / "home", BROKEN[broken])
    for raw in (mail(RECRUITERS[0]), FORGED):
        assert filtered(home, raw) == 0
        assert (home / "sent").read_bytes() == raw


def test_with_spamrec_hanging_the_filter_hands_on_the_mail_as_it_was(tmp_path: Path) -> None:
    """After the twenty seconds that the recipe allows."""
    home = make(tmp_path / "home", "sleep 60")
    assert filtered(home, mail(RECRUITERS[0])) == 0
    assert (home / "sent").read_bytes() == mail(RECRUITERS[0])


def test_where_a_mail_cannot_be_handed_on_it_stays_in_the_queue(tmp_path: Path) -> None:
    assert filtered(make(tmp_path / "home", SPAMREC), mail(RECRUITERS[0]), sendmail="cat >/dev/null; exit 71") == 75


# --- the whole of Postfix ------------------------------------------------------------------------------------


def with_filter(base: Path, spamrec: str | None) -> tuple[str, str]:
    """The recipe as it stands, but for its folder and its user."""
    home = make(base / "home", spamrec)
    shutil.copy(RECIPES / "postfix-filter", base)
    script = (base / "postfix-filter").read_text(encoding="utf-8")
    (base / "postfix-filter").write_text(
        script.replace("PATH=/usr/local/bin:", f"HOME={home}; export HOME\nPATH={home}/.local/bin:"), encoding="utf-8"
    )
    nobody = pwd.getpwnam("nobody")
    for path in (home, *home.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    entries = (RECIPES / "postfix-master.cf").read_text(encoding="utf-8")
    for ours, its in (("user=spamrec", "user=nobody"), ("/usr/local/lib/spamrec", str(base)), ("  y  ", "  n  ")):
        assert ours in entries
        entries = entries.replace(ours, its)
    return entries, ""


@whole
def test_postfix_filters_what_comes_by_smtp(spamrec: str) -> None:
    names = (*RECRUITERS, *OTHERS)
    with postfix(lambda base: with_filter(base, spamrec)) as server:
        for name in names:
            server.send(mail(name))
        came = server.arrived(len(names))
        assert len(came) == len(names), server.log
    tagged = {body(raw): raw for raw in came}
    for name in names:
        word = b"Spam" if name in RECRUITERS else b"Legitimate"
        assert b"\nX-Spamrec: %s, " % word in tagged[body(mail(name))]


@whole
@pytest.mark.parametrize("broken", ["missing", "killed while writing", "ends with 75"])
def test_with_spamrec_broken_postfix_delivers_all_the_same(broken: str) -> None:
    with postfix(lambda base: with_filter(base, BROKEN[broken])) as server:
        server.send(mail(RECRUITERS[0]))
        came = server.arrived(1)
        assert len(came) == 1, server.log
    assert body(came[0]) == body(mail(RECRUITERS[0]))
    assert b"X-Spamrec: " not in came[0]


# --- the milter ----------------------------------------------------------------------------------------------


def with_milter(base: Path) -> tuple[str, str]:
    recipe = (RECIPES / "postfix-milter.cf").read_text(encoding="utf-8")
    assert "/run/spamrec/" in recipe
    smtp = "\nsmtp      inet  n       -       n       -       -       smtpd"
    return smtp, recipe.replace("/run/spamrec/", f"{base}/")


@contextmanager
def started(*command: str | Path, socket: Path, home: Path) -> Iterator[None]:
    """A server that has its socket."""
    with subprocess.Popen([*map(str, command)], env={"HOME": str(home), "PATH": "/usr/bin:/bin:/usr/sbin"}) as process:
        end = time.monotonic() + 60
        while not socket.exists() and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
        assert socket.exists(), command
        socket.chmod(0o666)
        try:
            yield
        finally:
            process.terminate()


def commands(base: Path) -> dict[str, list[str]]:
    """The two commands that the recipe names, with our folder and our Python."""
    text = (RECIPES / "postfix-milter.cf").read_text(encoding="utf-8").replace("/run/spamrec/", f"{base}/")
    found = [line.split(":  ", 1)[1].split() for line in text.splitlines() if line.startswith("# The ")]
    assert [one[0] for one in found] == ["spamrec", "spamass-milter"]
    return {"server": [sys.executable, "-m", *found[0]], "milter": found[1]}


@whole
def test_the_milter_of_spamassassin_asks_our_server(tmp_path: Path) -> None:
    with postfix(with_milter) as server:
        run = commands(server.base)
        with (
            started(*run["server"], socket=server.base / "spamrec.sock", home=tmp_path),
            started(*run["milter"], socket=server.base / "milter.sock", home=tmp_path),
        ):
            for name in (RECRUITERS[0], OTHERS[0]):
                server.send(mail(name))
            came = {body(raw): raw for raw in server.arrived(2)}
        assert len(came) == 2, server.log
        assert b"\nX-Spam-Flag: YES" in came[body(mail(RECRUITERS[0]))]
        assert b"\nX-Spam-Flag: YES" not in came[body(mail(OTHERS[0]))]
        assert b"\nX-Spam-Status: No" in came[body(mail(OTHERS[0]))]


@whole
@pytest.mark.parametrize("gone", ["both", "server"])
def test_with_the_server_or_the_milter_gone_mail_comes_in_as_it_is(tmp_path: Path, gone: str) -> None:
    with postfix(with_milter) as server:
        if gone == "both":
            server.send(mail(RECRUITERS[0]))
        else:
            with started(*commands(server.base)["milter"], socket=server.base / "milter.sock", home=tmp_path):
                server.send(mail(RECRUITERS[0]))
        came = server.arrived(1)
        assert len(came) == 1, server.log
    assert body(came[0]) == body(mail(RECRUITERS[0]))
    assert b"X-Spam-Flag: YES" not in came[0]
