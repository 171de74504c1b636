"""The command line: each command reads its options, calls the library, prints, and ends with a status."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from spamrec import __version__, files, report, statuses, streams
from spamrec.errors import AnswerError, SpamrecError
from spamrec.report import literal
from spamrec.statuses import BogofilterStatus, SpamcStatus, Status

if TYPE_CHECKING:
    from spamrec.history import History
    from spamrec.imports import Imported, Progress
    from spamrec.profile import Profile
    from spamrec.questions import Question
    from spamrec.training import Fold

NO_PROFILE = (
    "no profile: every pitch from a stranger counts as spam. With one, place, role and pay wanted and people known "
    "are weighed; `spamrec init` makes it"
)
GC_THRESHOLD = 50_000
"""Objects made before Python looks for garbage; its own 700 look dozens of times while modules load."""
Command = TypeVar("Command", bound=Callable[..., Any])


def say(text: str) -> None:
    """One line on standard error, whatever mail or file names put into it."""
    click.echo(literal(text), err=True)


def _warn(why: str) -> None:
    say(f"the history is not used: {why}")


# --- shared options ----------------------------------------------------------------------------------------

_FILE = click.Path(path_type=Path)
_PATHS = click.argument("paths", nargs=-1, metavar="PATH...")
_PROFILE = click.option("--profile", type=_FILE, envvar="SPAMREC_PROFILE", help="Profile to judge by.")
_MODEL = click.option("--model", type=_FILE, envvar="SPAMREC_MODEL", help="Model to judge with.")
_THRESHOLD = click.option(
    "--threshold", type=click.FloatRange(0, 1), envvar="SPAMREC_THRESHOLD", metavar="P",
    help="Probability from which on a message is spam, 0 to 1.",
)  # fmt: skip
_JOBS = click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True, envvar="SPAMREC_JOBS", metavar="N",
    help="Processes to share the work.",
)  # fmt: skip
_FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True,
    envvar="SPAMREC_FORMAT", help="How to print.",
)  # fmt: skip


def options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which the help lists them."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


# --- the commands ------------------------------------------------------------------------------------------


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def spamrec(ctx: click.Context, /) -> None:
    """Tell unwanted recruiter mail from the mail you must not lose."""
    config = files.locate().config
    if config.exists() and ctx.invoked_subcommand not in ("doctor", "completion"):
        ctx.default_map = {
            name: dict.fromkeys(getattr(spamrec.commands[name], "commands", ()), values) or values
            for name, values in files.read_config(config, _option_names()).items()
        }


@spamrec.command()
@options(_PATHS, _FORMAT, _PROFILE, _MODEL, _THRESHOLD, _JOBS)
@click.option(
    "--files-from",
    metavar="FILE",
    help="Read paths from FILE, one a line or NUL between; - is standard input.",
)
@click.option(
    "--exit-code",
    type=click.Choice(["bogofilter", "spamc"]),
    help="Tell the verdict on one message by the status.",
)
@click.pass_context
def classify(
    ctx: click.Context, /, paths: tuple[str, ...], form: str, jobs: int, files_from: str | None, exit_code: str | None,
    **named: Any,
) -> None:  # fmt: skip
    """Label each message in files, folders, mboxes and Maildirs; - is standard input."""
    with _errors_as(BogofilterStatus.ERROR if exit_code == "bogofilter" else None):
        from spamrec import bulk

        setup = bulk.setup(files.locate(), **named)
        walk = bulk.Walk(_paths(paths, files_from))
        labels: Counter[str] = Counter()
        with streams.verdicts(form, "classifying") as (put, tick):
            for judged in bulk.judge_all(walk, setup, jobs=jobs, warn=_warn, tick=tick):
                labels[judged.verdict.label.value] += 1
                put(judged)
        walk.check(labels.total())
        if exit_code:
            ctx.exit(_verdict_status(exit_code, labels))
        if not setup.profile:
            say(NO_PROFILE)
        for path, reason in walk.few:
            say(f"left out {path}: {reason}")
        say(report.summary(labels, walk.left_out, str(setup.profile or "")))


@spamrec.command()
@options(_PATHS, _FORMAT, _PROFILE, _MODEL, _THRESHOLD)
def explain(paths: tuple[str, ...], form: str, **named: Any) -> None:
    """Show everything behind a verdict: the job found, each reason, what would turn it."""
    from spamrec import bulk, message

    judge = bulk.Judge(bulk.setup(files.locate(), **named))
    walk = bulk.Walk(_paths(paths, None))
    show = report.printer(streams.stdout(form))
    count = 0
    for count, mail in enumerate(walk, 1):
        evidence = judge.reader.evidence(message.parse(mail.raw))
        judged = judge.judge_evidence(mail.origin, evidence)
        flips = judge.classifier.flips(evidence)
        if form == "jsonl":
            would = [{"text": text, "probability": probability} for text, probability in flips]
            click.echo(report.jsonl(report.record(judged) | {"flips": would}), nl=False)
        elif form == "csv":
            click.echo(report.reasons_csv(judged, header=count == 1), nl=False)
        else:
            show([*([[]] if count > 1 else []), *report.explanation(judged, evidence, flips)])
    if judge.reader.damage:
        _warn(judge.reader.damage)
    walk.check(count)


@spamrec.command()
@click.argument("corpus", type=_FILE, required=False)
@click.option("--spam", type=_FILE, multiple=True, metavar="DIR", help="Your own unwanted mail; may be given again.")
@click.option("--legit", type=_FILE, multiple=True, metavar="DIR", help="Your own welcome mail; may be given again.")
@click.option("--out", type=_FILE, help="Model file to write; your own, or that of the checkout CORPUS lies in.")
@options(_PROFILE, _JOBS)
def train(
    corpus: Path | None, spam: tuple[Path, ...], legit: tuple[Path, ...], out: Path | None, profile: Path | None,
    jobs: int,
) -> None:  # fmt: skip
    """Make a model of labelled mail: a CORPUS of readers, your own folders, or both."""
    if bool(spam) is not bool(legit):
        raise click.UsageError("--spam and --legit need each other")
    if not corpus and not spam:
        raise click.UsageError("name a CORPUS, or your own mail with --spam and --legit")
    from spamrec import bulk, card, evaluation, own_mail, training

    out = out or (files.model_of_corpus(corpus) if corpus and not spam else None) or files.locate().model
    with report.progress("reading labelled mail") as tick:
        setup = bulk.setup(files.locate(), profile=profile)
        rows, digest = own_mail.labelled(corpus, spam, legit, setup, jobs=jobs, tick=tick)
    with report.progress("training"):
        fold = training.out_of_fold(rows, jobs=jobs)
        model = training.assemble(rows, fold, training.SHIPPED, digest=digest)
    files.write(out, model.dumps())
    if corpus and out == files.model_of_corpus(corpus):
        files.write(out.with_name("README.md"), card.text(model, evaluation.evaluate(rows, fold)))
    say(f"wrote {out}: {len(rows):,} messages, threshold {model.threshold:.4f}, "
        f"out-of-fold AUC {model.metrics['auc']:.4f}")  # fmt: skip


@spamrec.command()
@click.argument("corpus", type=_FILE, default="data")
@options(_FORMAT, _THRESHOLD, _JOBS)
def evaluate(corpus: Path, form: str, threshold: float | None, jobs: int) -> None:
    """Judge each reader's mail in CORPUS (data) by models that never saw it, and print the figures."""
    from spamrec import evaluation, figures, training
    from spamrec.errors import CorpusError

    with report.progress("reading labelled mail") as tick:
        rows = training.rows(corpus, jobs=jobs, tick=tick)
    if len({row.reader for row in rows}) < 3:
        raise CorpusError(corpus, "holds fewer than three readers, too few to judge each by the others")
    with report.progress("training"):
        fold: Fold = training.out_of_fold(rows, jobs=jobs)
    found = evaluation.evaluate(rows, fold, threshold=threshold)
    streams.show(
        form,
        table=lambda _: figures.table(found),
        csv=lambda: figures.csv(found),
        records=lambda: [figures.record(found)],
    )


@spamrec.command()
@click.option("--out", type=_FILE, help="Profile to write, in place of your own.")
@click.option("--force", is_flag=True, help="Overwrite a profile that exists.")
@click.option("--linkedin", type=_FILE, metavar="EXPORT", help="Take the answers from your LinkedIn data export.")
def init(out: Path | None, force: bool, linkedin: Path | None) -> None:
    """Make a profile by asking; an empty answer leaves a thing unsaid."""
    from spamrec import questions

    out = out or files.locate().profile
    if out.exists() and not force:
        raise click.UsageError(f"{out} exists; --force overwrites it")
    if linkedin:
        from spamrec.linkedin_export import read_export

        answers, left_out = questions.from_linkedin(read_export(linkedin).member)
        for reason in left_out:
            say(f"left out {reason}")
    else:
        answers = [_ask(question) for question in questions.QUESTIONS]
    files.write(out, questions.profile_text(answers))
    say(f"wrote {out}; edit it as you like, `spamrec doctor` checks it")


# --- memory ------------------------------------------------------------------------------------------------


@spamrec.group("import")
def import_() -> None:
    """Fill the history: whom you know, what you wrote, who writes to you. Again is no harm."""


@import_.command("contacts")
@options(_PATHS, _PROFILE)
def import_contacts(paths: tuple[str, ...], profile: Path | None) -> None:
    """People in address books: vCard files, or folders of them."""
    from spamrec import imports

    named = list(_paths(paths, None))
    _import("address", profile, lambda history, reader, _: imports.contacts(history, named, own=reader.emails))


@import_.command("sent")
@options(_PATHS, _PROFILE)
def import_sent(paths: tuple[str, ...], profile: Path | None) -> None:
    """Mail that you wrote: whom you know, your threads, whom you asked to stop."""
    from spamrec import imports

    named = list(_paths(paths, None))

    def read(history: History, reader: Profile, progress: Progress) -> Imported:
        if not reader.emails:
            say("your profile names no addresses of yours: every mail here is taken for yours")
        return imports.sent(history, named, own=reader.emails, progress=progress)

    imports.check_mail(named, _import("mail", profile, read))


@import_.command("mail")
@options(_PATHS, _PROFILE)
def import_mail(paths: tuple[str, ...], profile: Path | None) -> None:
    """Mail that came: who writes, who posts on which list, who made good after a complaint."""
    from spamrec import imports
    from spamrec.evidence import Evidence

    named = list(_paths(paths, None))

    def read(history: History, reader: Profile, progress: Progress) -> Imported:
        return imports.mail(
            history, named, own=reader.emails, progress=progress,
            repairs=lambda mail: "repair" in Evidence(mail, reader).hits,
        )  # fmt: skip

    imports.check_mail(named, _import("mail", profile, read))


@import_.command("linkedin")
@click.argument("export", type=_FILE)
@click.option(
    "--label-messages", "folder", type=_FILE, metavar="DIR",
    help="Also make of first messages, answered or not, mail to train on in DIR/legit and DIR/spam.",
)  # fmt: skip
@click.option("-y", "--yes", is_flag=True, help="Do not ask before it is written.")
def import_linkedin(export: Path, folder: Path | None, yes: bool) -> None:
    """People in a LinkedIn data EXPORT, the zip as it came or unpacked."""
    from spamrec import imports

    _import("person", None, lambda history, *_: imports.linkedin(history, export))
    if folder:
        _label_messages(export, folder, yes)


@spamrec.command()
@click.argument("address")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Day you asked, as 2026-11-23; today if not said."
)
def unsubscribed(address: str, on: datetime | None) -> None:
    """Note that you asked an ADDRESS, or a whole domain, to stop. Nobody is written to."""
    from spamrec import parties
    from spamrec.history import History, Request

    target = parties.target(address)
    if not target:
        raise click.BadParameter(f"{address!r} is no address, nor the domain of a firm", param_hint="ADDRESS")
    day = on.date() if on else date.today()
    if day > date.today():
        raise click.BadParameter(f"{day} is still to come", param_hint="--on")
    with History(files.locate().history) as history:
        new = history.add_request(target, Request.STOP, day)
    click.echo(literal(f"{target} was asked to stop on {day}{'' if new else ' (already there)'}"))


@spamrec.command()
@click.option(
    "--by", type=click.Choice(["address", "firm"]), default="address", show_default=True, help="Whom a line stands for."
)
@options(_FORMAT)
def senders(by: str, form: str) -> None:
    """Who writes how often, and who goes on after you asked them to stop; the worst first."""
    from spamrec import remembered
    from spamrec import senders as senders_
    from spamrec.history import History

    with History(files.locate().history, read_only=True) as history:
        found = senders_.report(history, by=senders_.By(by))
    streams.show(
        form,
        table=lambda width: remembered.table(found, width),
        csv=lambda: remembered.csv(found),
        records=lambda: map(remembered.record, found),
    )
    if not found:
        say("nobody is remembered yet; `spamrec import mail PATH...` reads who writes to you")


def _import(item: str, named_profile: Path | None, read: Callable[[History, Profile, Progress], Imported]) -> Imported:
    """Have something read into the history, and print what came of it; `item` names one thing read."""
    from spamrec import profile as profiles
    from spamrec import remembered
    from spamrec.history import History

    where = files.locate()
    path = named_profile or (where.profile if where.profile.exists() else None)
    reader = profiles.load(path) if path else profiles.NO_PROFILE
    with History(where.history) as history, report.progress("importing") as tick:
        done = read(history, reader, streams.up_to(tick))
    click.echo(remembered.imported(done, item=item), nl=False)
    return done


def _label_messages(path: Path, folder: Path, yes: bool) -> None:
    """Show what others wrote first on LinkedIn, and write it as labelled mail where the user agrees."""
    from spamrec import conversations, remembered
    from spamrec.linkedin_export import read_export

    export = read_export(path)
    found = conversations.openings(export)
    report.printer(sys.stdout)(remembered.openings(found))
    labels = Counter(one.label.value for one in found)
    if not found:
        say("no conversation that somebody else began")
    elif yes or _agreed(
        f"Write {labels['spam']:,} unanswered as spam and {labels['legitimate']:,} answered as legitimate to {folder}?"
    ):
        conversations.write(found, export, folder)
        say(f"wrote {folder}; `spamrec train data/ --spam {folder / 'spam'} --legit {folder / 'legit'}` learns from it")
    else:
        say("nothing is written")


def _agreed(question: str) -> bool:
    """Whether the user says yes; where nobody can be asked again, any other line is a no."""
    if sys.stdin.isatty():
        return click.confirm(literal(question), err=True)
    say(question)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


# --- setting up and looking --------------------------------------------------------------------------------


@spamrec.command()
@options(_FORMAT, _PROFILE, _MODEL)
@click.pass_context
def doctor(ctx: click.Context, /, form: str, profile: Path | None, model: Path | None) -> None:
    """Show what is set up, which files are used, and what is missing."""
    from spamrec import doctor as doctor_

    where = files.locate()
    where = where._replace(profile=profile or where.profile, model=model or where.model)
    found = list(doctor_.examine(where, _option_names(), own_profile=bool(profile), own_model=bool(model)))
    streams.show(
        form,
        table=lambda _: doctor_.table(found),
        csv=lambda: doctor_.csv(found),
        records=lambda: (f._asdict() for f in found),
    )
    if any(f.state is doctor_.State.BROKEN for f in found):
        ctx.exit(Status.CONFIGURATION)


@spamrec.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands and options in a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(spamrec, {}, "spamrec", "_SPAMREC_COMPLETE").source())


# --- what the commands share -------------------------------------------------------------------------------


def _option_names() -> dict[str, dict[str, str]]:
    """Options of each command by the names under which a configuration sets them, with the names of their
    parameters; those of a group are those of the commands in it."""
    return {name: _options_of(command) for name, command in spamrec.commands.items()}


def _options_of(command: click.Command) -> dict[str, str]:
    found = {p.opts[-1].lstrip("-"): str(p.name) for p in command.params if isinstance(p, click.Option)}
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        found |= _options_of(inner)
    return found


def _paths(paths: Sequence[str], files_from: str | None) -> Iterable[str]:
    """The paths named, by argument or by a list; read as they are needed, so that a list may be endless."""
    if files_from is None:
        if not paths:
            raise click.UsageError("name a file or folder of mail, or - for standard input")
        return paths
    if paths:
        raise click.UsageError("--files-from takes the place of PATH")
    return files.listed(files_from)


def _ask(question: Question) -> Mapping[str, str]:
    """The keys that an answer sets; on a terminal asks until it can stand."""
    from spamrec import questions

    if not sys.stdin.isatty():
        return questions.check(question, sys.stdin.readline())
    while True:
        answer = click.prompt(question.text, default="", show_default=False, err=True)
        try:
            return questions.check(question, answer)
        except AnswerError as error:
            say(f"  {error.reason}")


def _verdict_status(convention: str, labels: Counter[str]) -> int:
    """The verdict on the one message as bogofilter or spamc tells it."""
    if labels.total() != 1:
        raise click.UsageError(f"--exit-code tells of one message, here are {labels.total()}")
    kind = BogofilterStatus if convention == "bogofilter" else SpamcStatus
    return kind[next(iter(labels)).upper()]


# --- errors ------------------------------------------------------------------------------------------------


@contextmanager
def _errors_as(status: int | None) -> Iterator[None]:
    """Ends with this status on any error, which is told in one line; None leaves errors as they are."""
    try:
        yield
    except (click.exceptions.Exit, BrokenPipeError):
        raise
    except Exception as error:
        if status is None:
            raise
        _tell(error)
        raise click.exceptions.Exit(status) from error


def _tell(error: BaseException) -> None:
    """One line about an error, with the traceback where SPAMREC_DEBUG is set."""
    if os.environ.get("SPAMREC_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
    elif statuses.of(error) is Status.OUR_FAULT:
        say(f"spamrec: {type(error).__name__}: {error}; this is a fault of spamrec, "
            "please report it with what SPAMREC_DEBUG=1 prints")  # fmt: skip
    else:
        say(f"spamrec: {error if isinstance(error, SpamrecError) else getattr(error, 'strerror', None) or error}")


def main() -> None:
    """Run the command line and end the process with its status."""
    # A mail filter starts once for each message. Of 200 ms of processor time for one message, collecting garbage
    # took 8 and taking the interpreter down 20 (median of 15, one pitch).
    gc.set_threshold(GC_THRESHOLD)
    status = run(sys.argv[1:])
    if "joblib" in sys.modules:
        sys.exit(status)  # its workers are let go when the interpreter ends
    sys.stderr.flush()
    os._exit(status)


def run(arguments: list[str]) -> int:
    """The status that the command line ends with; every error is told here and nowhere else."""
    streams.mend()
    try:
        status = _invoke(arguments)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return Status.INTERRUPTED
    except click.ClickException as error:
        _tell(error)
        return _status_of_usage(error)
    except Exception as error:
        if not isinstance(error, BrokenPipeError):
            _tell(error)
        streams.drop_output()
        return statuses.of(error)
    return status


def _invoke(arguments: list[str]) -> int:
    if "_SPAMREC_COMPLETE" in os.environ:
        spamrec.main(arguments, prog_name="spamrec")
    # not click's own main(), which ends with 1 where a pipe was closed
    try:
        with spamrec.make_context("spamrec", arguments, auto_envvar_prefix="SPAMREC") as ctx:
            spamrec.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return Status.DONE


def _status_of_usage(error: click.ClickException) -> Status:
    """USAGE, or CONFIGURATION where the value at fault stands in the configuration file."""
    ctx, param = getattr(error, "ctx", None), getattr(error, "param", None)
    if ctx and param and ctx.get_parameter_source(param.name) is ParameterSource.DEFAULT_MAP:
        say(f"spamrec: the value stands in {files.locate().config}")
        return Status.CONFIGURATION
    return Status.USAGE
