"""The command that sorts mail where it lies, on a mail server: `imap`."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spamrec import files, streams
from spamrec.options import FILE, FORMAT, MODEL, PROFILE, THRESHOLD, options
from spamrec.talk import say, warn

if TYPE_CHECKING:
    from spamrec.account import Account, Secret
    from spamrec.mailbox import Task

FLAG_CHARACTERS = "$_-.!#&+,/:;<=>?@^`|~"
"""What a flag's name may hold beside letters and digits."""


def _flag(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """A flag as IMAP names it; of its own flags only \\Flagged says what is meant here."""
    if not value:
        return ""
    if value.lower().lstrip("\\") == "flagged":
        return "\\Flagged"
    if not all(c.isascii() and (c.isalnum() or c in FLAG_CHARACTERS) for c in value):
        raise click.BadParameter(f"{value!r} is no flag: Flagged, or a word of your own such as $Recruiter", ctx, param)
    return value


_ACCOUNT = (
    click.option("--host", required=True, help="Mail server; its certificate must bear this name."),
    click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port, if not 993, or 143 for --starttls."),
    click.option("--user", required=True, help="Name to log in with."),
    click.option("--ssl", is_flag=True, help="TLS from the first byte: so unless told otherwise."),
    click.option("--starttls", is_flag=True, help="TLS from before the login on."),
    click.option("--insecure", is_flag=True, help="No TLS: to this machine only."),
    click.option("--ca-file", type=FILE, metavar="FILE", help="Certificates to trust in place of the system's."),
    click.option(
        "--password-command", metavar="COMMAND",
        help="Shell command that prints the password; else SPAMREC_IMAP_PASSWORD, the keyring, or you are asked.",
    ),
    click.option("--token-command", metavar="COMMAND", help="Shell command that prints an OAuth 2.0 access token."),
)  # fmt: skip
_TASK = (
    click.option("--folder", default="INBOX", show_default=True, help="Folder where mail arrives."),
    click.option("--move", default="", metavar="FOLDER", help="Move recruiters' mail to FOLDER, made if missing."),
    click.option("--flag", default="", callback=_flag, metavar="NAME", help="Flag it: Flagged, or a word of your own."),
    click.option("--learn", is_flag=True, help="Learn from what you moved into FOLDER or out of it, Trash left out."),
    click.option("--again", is_flag=True, help="Look at all mail, not only at what came since the last run."),
    click.option("--apply", is_flag=True, help="Do it; without, only tell what would be done."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but what goes wrong: for cron."),
)


@click.command()
@options(*_ACCOUNT, *_TASK, PROFILE, MODEL, THRESHOLD, FORMAT)
def imap(form: str, quiet: bool, **named: Any) -> None:
    """Sort a folder on a mail server: move or flag recruiters' mail that came since the last run."""
    from spamrec import imap_report, mailbox, mailstate
    from spamrec.imapserver import Server
    from spamrec.mailjudge import MailJudge

    account = _account(**{key: named.pop(key) for key in ("host", "port", "user", "ssl", "starttls", "insecure", "ca_file")})  # fmt: skip
    commands = named.pop("password_command"), named.pop("token_command")
    task = _task(**{key: named.pop(key) for key in ("folder", "move", "flag", "learn", "again", "apply")})
    where = files.locate()
    noted = mailstate.path(where.history.parent, account.name)
    counts: Counter[mailbox.Action] = Counter()
    with mailstate.locked(noted) if task.apply else nullcontext():
        state = mailstate.State.load(noted)
        judge = MailJudge(where, named, remember=task.apply, say=say, warn=warn)
        secret = _secret(account, *commands)
        talk = (lambda _: None) if quiet else say
        sorter = mailbox.Sorter(task, state, judge=judge, save=lambda state: mailstate.save(noted, state), say=talk)
        put = imap_report.output(streams.stdout(form), form, applied=task.apply)
        for done in sorter.run(lambda: Server(account, secret)):
            counts[done.action] += 1
            put(done)
        judge.close()
    talk(imap_report.summary(counts, folder=task.folder, looked=sorter.looked, left=sorter.left, applied=task.apply))


def _account(
    *, host: str, port: int | None, user: str, ssl: bool, starttls: bool, insecure: bool, ca_file: Path | None
) -> Account:
    from spamrec.account import Account, Security, is_this_machine

    if ssl + starttls + insecure > 1:
        raise click.UsageError("--ssl, --starttls and --insecure exclude each other")
    if insecure and not is_this_machine(host):
        raise click.UsageError(f"--insecure would show your password to whoever listens on the way to {host}")
    security = Security.NONE if insecure else Security.STARTTLS if starttls else Security.TLS
    return Account(host, user, port, security, ca_file)


def _task(*, folder: str, move: str, flag: str, learn: bool, again: bool, apply: bool) -> Task:
    from spamrec.mailbox import Task, is_trash_name

    if not move and not flag:
        raise click.UsageError("say what to do with recruiters' mail: --move FOLDER or --flag NAME")
    if learn and (not move or is_trash_name(move)):
        raise click.UsageError("--learn needs --move FOLDER, which must not be the Trash")
    if move == folder:
        raise click.UsageError("--move must name another folder than --folder")
    return Task(folder, move, flag, apply, learn, again)


def _secret(account: Account, password_command: str | None, token_command: str | None) -> Secret:
    from spamrec import passwords
    from spamrec.account import Secret

    if token_command:
        return Secret(passwords.told(token_command, "token"), token=True)
    return Secret(passwords.find(account.user, account.host, command=password_command, environment=os.environ))
