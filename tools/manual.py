"""Writes the manual page doc/spamrec.1 from the command line itself; run it when commands or options change.

click-man was the other choice: it writes a page for each command and knows neither exit statuses nor files.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from spamrec import __version__
from spamrec.cli import COMMANDS, spamrec
from spamrec.statuses import BogofilterStatus, SpamcStatus, Status

PAGE = Path(__file__).parents[1] / "doc" / "spamrec.1"
DATE = "2026-11-30"
"""Of the release, or of the last change before it."""

DESCRIPTION = (
    "reads your mail and labels each message spam (unwanted recruiter mail) or legitimate, with a probability and reasons "
    "in plain words. It weighs what you have stated in a profile (where you live and would move, what work you want, whom "
    "you know) and what it remembers: who writes, whom you wrote to, whom you asked to stop. Only spamrec imap opens a "
    "network connection, to your own mail server."
)
FILES = {
    "~/.config/spamrec/profile.toml": "What you state about yourself; spamrec init makes it.",
    "~/.config/spamrec/config.toml": "Defaults for options: at the top for all commands, in a section such as [imap] for one.",
    "~/.local/share/spamrec/history.db": "What is remembered: names, addresses, Message-IDs, days, requests, labels; no text.",
    "~/.local/share/spamrec/model.json": "A model of your own, made by train or learn; without it the shipped one counts.",
    "~/.local/share/spamrec/imap/": "How far each mail account was read, and what was moved.",
}
ENVIRONMENT = {
    "SPAMREC_HOME": "One folder for all files, in place of those above.",
    "SPAMREC_IMAP_PASSWORD": "Password for imap, where no command tells it.",
    "SPAMREC_DEBUG": "Where it is set, errors come with a traceback.",
    "SPAMREC_COMMAND_OPTION": "Default of an option, such as SPAMREC_CLASSIFY_JOBS or SPAMREC_IMAP_HOST.",
}


def page() -> str:
    """The whole page in the macros of man(7)."""
    parts = [
        f'.\\" Written by tools/manual.py\n.TH SPAMREC 1 {DATE} "spamrec {__version__}" "User Commands"',
        ".SH NAME\nspamrec \\- tell unwanted recruiter mail from the mail you must not lose",
        ".SH SYNOPSIS\n.B spamrec\n.I COMMAND\n.RI [ OPTION ]...\n.RI [ ARGUMENT ]...",
        f".SH DESCRIPTION\n.B spamrec\n{_paragraph(DESCRIPTION)}",
        ".SH COMMANDS",
        *(part for name in sorted(COMMANDS) for part in _command(name, _found(name))),
        f".SH FILES\n{_table(FILES)}",
        ".PP\nSystems other than Linux have their own places; spamrec doctor shows them.",
        f".SH ENVIRONMENT\n{_table(ENVIRONMENT)}",
        f".SH EXIT STATUS\n{_table({str(int(s)): f'{s.sentence[0].upper()}{s.sentence[1:]}.' for s in Status})}",
        f".PP\n{_paragraph(_verdicts())}",
        ".SH SEE ALSO\n.BR procmail (1),\n.BR maildrop (1),\n.BR spamc (1),\n.BR notmuch (1)",
    ]
    return "\n".join(parts) + "\n"


def _found(name: str) -> click.Command:
    command = spamrec.get_command(click.Context(spamrec), name)
    if command is None:
        raise SystemExit(f"{name} is in the table of commands and nowhere else")
    return command


def _command(name: str, command: click.Command) -> Iterator[str]:
    """A command, and those in it where it is a group."""
    if isinstance(command, click.Group):
        yield f".SS spamrec {_text(name)}\n{_help(command)}"
        for inner in sorted(command.commands):
            yield from _command(f"{name} {inner}", command.commands[inner])
        return
    context = click.Context(command, info_name=f"spamrec {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".SS spamrec {_text(name)}\n.B spamrec {_text(name)}\n{_text(usage)}\n.PP\n{_help(command)}"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            yield f".TP\n.B {_text(record[0])}\n{_paragraph(record[1])}"


def _help(command: click.Command) -> str:
    """The help of a command, its paragraphs parted."""
    paragraphs = re.split(r"\n\s*\n", (command.help or "").strip())
    return "\n.PP\n".join(map(_paragraph, paragraphs))


def _table(entries: dict[str, str]) -> str:
    return "\n".join(f".TP\n.B {_text(name)}\n{_paragraph(told)}" for name, told in entries.items())


def _verdicts() -> str:
    def told(kind: type[BogofilterStatus] | type[SpamcStatus]) -> str:
        return ", ".join(f"{int(one)} {one.name.lower()}" for one in kind)

    return (
        f"With --exit-code bogofilter the status of classify on one message is {told(BogofilterStatus)}; "
        f"with --exit-code spamc {told(SpamcStatus)}."
    )


def _paragraph(text: str) -> str:
    """Text in lines that a terminal shows whole."""
    lines = textwrap.wrap(_text(text), 79, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)


def _text(text: str) -> str:
    """Text as it is: nothing in it is a request, a macro or an escape of roff."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("’", "'")
    return text.replace("`", "'").replace("~", "\\(ti").replace("^", "\\(ha")


def main() -> None:
    """Write the page, or with --check tell whether it is up to date."""
    if "--check" in sys.argv[1:]:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
