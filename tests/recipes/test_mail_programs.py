"""The recipes for mutt, aerc, imapfilter, cron and systemd, run by these where they can be."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from reader import BROKEN, OTHERS, RECIPES, RECRUITERS, ROOT, SPAMREC, environment, mail, maildir, make, needs
from terminal import terminal

from dovecot import PASSWORD, Dovecot, dovecot
from spamrec import message
from spamrec.cli import spamrec
from spamrec.history import History

SYSTEMD = ROOT / "doc" / "systemd"


def labels(home: Path) -> dict[str, int]:
    """How many mails the reader has labelled each way."""
    path = home / ".local" / "share" / "spamrec" / "history.db"
    if not path.exists():
        return {}
    with History(path, read_only=True) as history:
        return {label: count for label, count in history.labels().items() if count}


def message_id(name: str) -> str:
    return message.parse(mail(name)).message_id


def with_mail(home: Path, *names: str) -> None:
    """Mail in the Maildirs INBOX and Recruiters under ~/Mail."""
    for folder in ("INBOX", "Recruiters"):
        for part in ("cur", "new", "tmp"):
            (home / "Mail" / folder / part).mkdir(parents=True, exist_ok=True)
    for name in names:
        (home / "Mail" / "INBOX" / "cur" / f"1.{name}.host:2,S").write_bytes(mail(name))


# --- mutt ----------------------------------------------------------------------------------------------------


def text(name: str) -> bytes:
    """What mutt does not change: it counts the lines in the header."""
    return mail(name).partition(b"\n\n")[2]


def texts(home: Path, folder: str) -> list[bytes]:
    return [raw.partition(b"\n\n")[2] for raw in maildir(home / "Mail" / folder)]


def mutt(home: Path, keys: str) -> None:
    (home / "muttrc").write_text(
        "set folder=~/Mail spoolfile=~/Mail/INBOX mbox_type=Maildir delete=yes move=no confirmappend=no quit=yes\n"
        f"source {RECIPES}/muttrc\n",
        encoding="utf-8",
    )
    command = ["mutt", "-n", "-F", str(home / "muttrc"), "-f", str(home / "Mail" / "INBOX")]
    with terminal(
        command, {**environment(home), "TERM": "xterm", "PATH": f"{home}/.local/bin:/usr/bin:/bin"}
    ) as running:
        running.until_shown(b"Msgs:")
        running.press(keys)
        running.read(1)
        running.press("q")
        running.until_ended()


@needs("mutt")
def test_in_mutt_one_key_learns_and_files(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    with_mail(home, RECRUITERS[0])
    mutt(home, "S")
    assert labels(home) == {"spam": 1}
    assert texts(home, "Recruiters") == [text(RECRUITERS[0])]
    assert texts(home, "INBOX") == []


@needs("mutt")
def test_in_mutt_it_works_for_all_tagged_mails(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    with_mail(home, *OTHERS[:2])
    mutt(home, "T.\rS")
    assert labels(home) == {"spam": 2}
    assert sorted(texts(home, "Recruiters")) == sorted(map(text, OTHERS[:2]))


@needs("mutt")
def test_in_mutt_a_mail_is_only_moved_where_spamrec_is_missing(tmp_path: Path) -> None:
    home = make(tmp_path / "home", None)
    with_mail(home, RECRUITERS[0])
    mutt(home, "S ")  # mutt shows what went wrong until a key is pressed
    assert texts(home, "Recruiters") == [text(RECRUITERS[0])]


# --- aerc ----------------------------------------------------------------------------------------------------


@needs("aerc")
@pytest.mark.parametrize(("keys", "folder", "label"), [("rs", "Recruiters", "spam"), ("rh", "INBOX", "legitimate")])
def test_in_aerc_keys_learn_and_file(tmp_path: Path, keys: str, folder: str, label: str) -> None:
    home = make(tmp_path / "home")
    with_mail(home, RECRUITERS[0])
    if folder == "INBOX":
        shutil.move(home / "Mail" / "INBOX", home / "Mail" / "Other")
        shutil.move(home / "Mail" / "Recruiters", home / "Mail" / "INBOX")
        shutil.move(home / "Mail" / "Other", home / "Mail" / "Recruiters")
    whence = "Recruiters" if folder == "INBOX" else "INBOX"
    config = home / ".config" / "aerc"
    config.mkdir(parents=True)
    accounts = config / "accounts.conf"
    accounts.write_text(
        f"[ray]\nsource = maildir://{home}/Mail\ndefault = {whence}\nfrom = Ray <ray@example.org>\n", encoding="utf-8"
    )
    accounts.chmod(0o600)
    shutil.copy(RECIPES / "aerc-binds.conf", config / "binds.conf")
    with terminal(
        ["aerc"], {**environment(home), "TERM": "xterm", "PATH": f"{home}/.local/bin:/usr/bin:/bin"}
    ) as running:
        running.until_shown(b"Vamsi")
        running.press(keys)
        running.until(lambda: bool(labels(home)))
        running.press("rr" if folder == "Recruiters" else "ri")
        running.until(lambda: not maildir(home / "Mail" / whence))
    assert labels(home) == {label: 1}
    assert maildir(home / "Mail" / folder) == [mail(RECRUITERS[0])]


# --- imapfilter ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


def imapfilter(server: Dovecot, home: Path, user: str) -> None:
    recipe = (RECIPES / "imapfilter.lua").read_text(encoding="utf-8")
    for its, ours in (
        ("'imap.example.org',", f"'localhost', port = {server.tls_port},"),
        ("'ray'", f"'{user}'"),
        ("pass show imap.example.org", f"echo {PASSWORD}"),
    ):
        assert recipe.count(its) == 1
        recipe = recipe.replace(its, ours)
    (home / "config.lua").write_text(recipe, encoding="utf-8")
    subprocess.run(
        ["imapfilter", "-t", str(server.ca), "-c", str(home / "config.lua")], stdin=subprocess.DEVNULL, timeout=120,
        env={**environment(home), "PATH": f"{home}/.local/bin:/usr/bin:/bin"}, check=True, capture_output=True,
    )  # fmt: skip


def filled(server: Dovecot, user: str) -> None:
    with server.client(user) as client:
        for name in (*RECRUITERS, *OTHERS):
            client.append("INBOX", mail(name).replace(b"\n", b"\r\n"))


def subjects(server: Dovecot, user: str, folder: str) -> set[bytes]:
    with server.client(user) as client:
        client.select_folder(folder, readonly=True)
        return {one[b"ENVELOPE"].message_id for one in client.fetch(client.search(), ["ENVELOPE"]).values()}


@needs("imapfilter", "dovecot")
def test_imapfilter_moves_recruiters_mail(server: Dovecot, tmp_path: Path) -> None:
    filled(server, "sound")
    imapfilter(server, make(tmp_path / "home", SPAMREC), "sound")
    assert subjects(server, "sound", "Recruiters") == {message_id(name).encode() for name in RECRUITERS}
    assert subjects(server, "sound", "INBOX") == {message_id(name).encode() for name in OTHERS}
    with server.client("sound") as client:
        client.select_folder("INBOX")
        assert len(client.search("UNSEEN")) == len(OTHERS)


@needs("imapfilter", "dovecot")
@pytest.mark.parametrize("broken", BROKEN)
def test_with_spamrec_broken_imapfilter_moves_nothing(server: Dovecot, tmp_path: Path, broken: str) -> None:
    user = broken.replace(" ", "-")
    filled(server, user)
    imapfilter(server, make(tmp_path / "home", BROKEN[broken]), user)
    assert len(subjects(server, user, "INBOX")) == len(RECRUITERS) + len(OTHERS)


# --- cron and systemd ----------------------------------------------------------------------------------------


@needs("crontab")
def test_cron_takes_the_crontab() -> None:
    done = subprocess.run(["crontab", "-n", str(RECIPES / "crontab")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@needs("dovecot")
def test_the_command_in_the_crontab_sorts_quietly(server: Dovecot, tmp_path: Path) -> None:
    line = (RECIPES / "crontab").read_text(encoding="utf-8").splitlines()[-1]
    schedule, command = line.split(" PATH=", 1)
    assert schedule == "*/10 * * * *"
    home = make(tmp_path / "home", SPAMREC)
    filled(server, "cron")
    settings = home / ".config" / "spamrec"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(
        f'[imap]\nhost = "localhost"\nport = {server.tls_port}\nuser = "cron"\nca-file = "{server.ca}"\n'
        f'move = "Recruiters"\npassword-command = "printf \'{PASSWORD}\'"\n',
        encoding="utf-8",
    )
    done = subprocess.run(["/bin/sh", "-c", f"PATH={command}"], env=environment(home), capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(subjects(server, "cron", "Recruiters")) == len(RECRUITERS)


def test_the_options_in_crontab_and_units_exist() -> None:
    texts = [(RECIPES / "crontab"), *SYSTEMD.glob("spamrec-imap.*")]
    lines = [
        line for path in texts for line in path.read_text(encoding="utf-8").splitlines() if "spamrec imap -" in line
    ]
    assert len(lines) == 2
    command = spamrec.commands.get("imap") or spamrec.get_command(None, "imap")  # type: ignore[arg-type]
    assert command
    known = {option for parameter in command.params for option in parameter.opts}
    for line in lines:
        assert {word for word in line.split() if word.startswith("--")} <= known


@needs("systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = tmp_path / "spamrec"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in SYSTEMD.glob("spamrec-imap.*"):
        text = unit.read_text(encoding="utf-8").replace("%h/.local/bin/spamrec", str(program))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = sorted(tmp_path.glob("spamrec-imap.*"))
    assert len(units) == 2
    for unit in units:
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
