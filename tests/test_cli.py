"""What the commands print, where, and what they do with bad input."""

from __future__ import annotations

import csv
import io
import json
import mailbox
import math
import re
from email import message_from_bytes
from pathlib import Path

import pytest
from click import Context, Option

from command_line import FRIEND, HOSTILE, MAIL, MODEL, PITCH, Run, environment, ran
from spamrec import cli, report
from spamrec.history import History
from spamrec.options import OPTION_NAMES, all_commands, option_names
from spamrec.statuses import Status

NO_PROFILE = "no profile: "


def stated(home: Path, text: str) -> None:
    (home / "profile.toml").write_text(text, encoding="utf-8")


# --- classify ----------------------------------------------------------------------------------------------


def test_results_go_to_stdout_and_talk_to_stderr(run: Run) -> None:
    ended = run("classify", PITCH, FRIEND)
    assert ended.out == (
        "spam        0.952  Devon Marsh                   Urgent requirement: Java developer in Plano, TX           "
        "it asks for your résumé or an application: “send me your updated resume”\n"
        "legitimate  0.062  Joan Ashby                    apples                                                    "
        "little in it speaks of a pitch\n"
    )
    talk, summary = ended.err.splitlines()
    assert talk.startswith(NO_PROFILE)
    assert summary == "2 messages: 1 spam, 1 legitimate (profile: none)"


def test_standard_input_is_a_message_or_an_mbox(run: Run, tmp_path: Path) -> None:
    assert run("classify", "-", stdin=PITCH.read_bytes()).out.startswith("spam  ")
    box = mailbox.mbox(tmp_path / "box")
    for path in (PITCH, FRIEND):
        box.add(message_from_bytes(path.read_bytes()))
    box.close()
    ended = run("classify", "--format", "jsonl", "-", stdin=(tmp_path / "box").read_bytes())
    assert [json.loads(line)["path"] for line in ended.out.splitlines()] == ["-:1", "-:2"]


def test_json_lines_and_csv_hold_the_same(run: Run) -> None:
    lines = [json.loads(line) for line in run("classify", "--format", "jsonl", MAIL).out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(run("classify", "--format", "csv", MAIL).out)))
    assert [line["label"] for line in lines] == ["legitimate", "legitimate", "spam"]
    assert [(r["path"], r["label"], r["date"]) for r in rows] == [(n["path"], n["label"], n["date"]) for n in lines]


def test_processes_share_the_work_in_the_order_of_the_mail(run: Run, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(150):
        (folder / f"{number}").write_bytes((PITCH, FRIEND)[number % 3 == 0].read_bytes())
    alone = run("classify", "--format", "jsonl", folder)
    shared = ran(home, "classify", "--format", "jsonl", "--jobs", "2", folder)
    assert shared.stdout.decode() == alone.out
    assert shared.stderr.decode() == alone.err
    assert [json.loads(line)["path"] for line in alone.out.splitlines()] == [str(folder / str(n)) for n in range(150)]


def test_the_threshold_is_the_models_or_the_one_given(run: Run) -> None:
    assert run("classify", "--threshold", "0.99", PITCH).out.startswith("legitimate  0.952")
    assert run("classify", "--threshold", "0.05", FRIEND).out.startswith("spam        0.062")


def test_a_profile_moves_the_verdict(run: Run, home: Path, tmp_path: Path) -> None:
    near = tmp_path / "near.toml"
    near.write_text('[location]\nhome = "Plano, TX"\n', encoding="utf-8")
    ended = run("classify", "--profile", near, PITCH)
    assert ended.out.startswith("legitimate")
    assert ended.err == f"1 message: 0 spam, 1 legitimate (profile: {near})\n"
    stated(home, '[location]\nhome = "Troy, NY"\n')
    assert "the work is out of your reach" in run("explain", PITCH).out


def test_people_named_in_the_profile_are_known_without_a_history(run: Run, home: Path) -> None:
    stated(home, '[people]\nknown = ["@brightstaff.example"]\n')
    assert "named in your profile" in run("explain", PITCH).out


def test_the_history_is_read_and_left_as_it_was(run: Run, home: Path) -> None:
    from datetime import date

    with History(home / "history.db") as history:
        history.add_correspondent("devon.marsh@brightstaff.example", via="address book", since=date(2020, 1, 1))
    before = (home / "history.db").read_bytes()
    assert run("classify", PITCH).out.startswith("legitimate")
    assert (home / "history.db").read_bytes() == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_damaged_history_is_told_of_once_and_done_without(home: Path, jobs: str) -> None:
    (home / "history.db").write_bytes(b"This was a database. " * 500)
    ended = ran(home, "classify", "--jobs", jobs, PITCH, FRIEND)
    assert ended.returncode == Status.DONE
    assert ended.stdout.startswith(b"spam")
    assert ended.stderr.count(b"the history is not used") == 1


def test_paths_may_come_from_a_list(run: Run, tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text(f"{PITCH}\n\n{FRIEND}\r\n", encoding="utf-8")
    assert len(run("classify", "--files-from", lines).out.splitlines()) == 2
    lines.write_bytes(b"\0".join(str(path).encode() for path in (PITCH, FRIEND, HOSTILE)))
    assert len(run("classify", "--files-from", lines).out.splitlines()) == 3
    assert run("classify", "--files-from", lines, PITCH).status == Status.USAGE
    assert run("classify", "--files-from", tmp_path / "none").status == Status.NO_INPUT


def test_a_list_of_paths_may_come_from_standard_input(home: Path) -> None:
    ended = ran(home, "classify", "--files-from", "-", stdin=f"{PITCH}\n{FRIEND}\n".encode())
    assert len(ended.stdout.splitlines()) == 2


# --- bad input ---------------------------------------------------------------------------------------------


def test_a_missing_path_is_named(run: Run, tmp_path: Path) -> None:
    ended = run("classify", tmp_path / "gone")
    assert ended == (Status.NO_INPUT, "", f"spamrec: {tmp_path / 'gone'}: no such file or folder\n")


def test_an_empty_folder_is_no_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = run("classify", tmp_path / "empty")
    assert (ended.status, ended.out) == (Status.DONE, "")
    assert ended.err.splitlines()[-1] == "no messages found (profile: none)"


def test_what_is_no_mail_in_a_folder_is_left_out_and_counted(run: Run, tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"{name}.txt").write_text("Shopping list", encoding="utf-8")
    (tmp_path / "mail").write_bytes(FRIEND.read_bytes())
    ended = run("classify", *sorted(tmp_path.glob("[de].txt")), tmp_path / "mail")
    assert f"left out {tmp_path / 'd.txt'}: not mail\n" in ended.err
    assert ended.err.endswith("1 message: 0 spam, 1 legitimate; 2 files left out (profile: none)\n")
    (tmp_path / "home" / "model.json").rename(tmp_path / "model.json")
    ended = run("classify", "--model", tmp_path / "model.json", tmp_path)
    assert ended.err.endswith("1 message: 0 spam, 1 legitimate; 6 files left out (profile: none)\n")
    assert "left out /" not in ended.err


@pytest.mark.parametrize(("content", "reason"), [(b"", "empty"), (b"Shopping list", "not mail")])
def test_a_single_file_that_is_no_mail_is_a_fault(run: Run, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    ended = run("classify", tmp_path / "list.txt")
    assert (ended.status, ended.err) == (Status.DATA, f"spamrec: {tmp_path / 'list.txt'}: {reason}\n")
    assert run("classify", "-", stdin=content).err == f"spamrec: standard input: {reason}\n"


def test_an_unknown_key_in_the_profile_is_named_with_its_line(run: Run, home: Path) -> None:
    stated(home, '# mine\n[location]\nhoem = "Troy, NY"\n')
    ended = run("classify", PITCH)
    assert ended.status == Status.CONFIGURATION
    assert ended.err.startswith(f"spamrec: {home / 'profile.toml'}:3: location.hoem: unknown key")


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", MODEL.dumps().replace('"format": 1', '"format": 99'), "\udcff"])
def test_a_damaged_model_is_refused_with_the_remedy(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    ended = run("classify", "--model", tmp_path / "m.json", PITCH)
    assert (ended.status, ended.out) == (Status.CONFIGURATION, "")
    assert re.search(r"m\.json: .+; (train it again|install)", ended.err)


def test_usage_is_told_on_stderr(run: Run) -> None:
    for arguments in (["classify"], ["nonsense"], ["classify", "--format", "xml", "-"], ["train"], []):
        ended = run(*arguments)
        assert (ended.status, ended.out) == (Status.USAGE, ""), arguments
        assert "Usage: spamrec" in ended.err


def test_controls_and_markup_in_mail_are_printed_harmlessly(run: Run) -> None:
    for form in ("table", "jsonl", "csv"):
        for command in ("classify", "explain"):
            ended = run(command, "--format", form, HOSTILE)
            assert "[red]bold[/red]" in ended.out or form == "csv"
            assert all(report.literal(line) == line for line in (ended.out + ended.err).split("\n"))


def test_a_hostile_file_name_is_told_harmlessly(run: Run, tmp_path: Path) -> None:
    ended = run("classify", tmp_path / "\x1b[31mred\nname")
    assert ended.err == f"spamrec: {tmp_path}/[31mred name: no such file or folder\n"


def test_a_fault_of_ours_is_one_line_with_a_hint(home: Path) -> None:
    import subprocess
    import sys

    program = "from spamrec import cli, start\n@cli.spamrec.command()\ndef faulty(): 1 / 0\nstart.main()"
    for debug, lines in (("", 1), ("1", 5)):
        ended = subprocess.run(
            [sys.executable, "-c", program, "faulty"], env=environment(home, SPAMREC_DEBUG=debug),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == Status.OUR_FAULT
        assert len(ended.stderr.splitlines()) >= lines
        assert ("Traceback" in ended.stderr) is bool(debug)
        assert "ZeroDivisionError: division by zero; this is a fault of spamrec" in ended.stderr


def test_letters_that_the_terminal_lacks_are_escaped(home: Path) -> None:
    ended = ran(home, "classify", PITCH, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert rb"r\xe9sum\xe9" in ended.stdout
    ended = ran(home, "classify", "--format", "jsonl", PITCH, PYTHONIOENCODING="ascii")
    assert "résumé" in ended.stdout.decode("utf-8")


# --- explain -----------------------------------------------------------------------------------------------


def test_explain_tells_what_would_turn_the_verdict(run: Run) -> None:
    table = json.loads(run("explain", "--format", "jsonl", PITCH).out)
    assert {"text": "if the sender were known to you", "probability": pytest.approx(0.0, abs=1e-3)} in table["flips"]
    rows = list(csv.DictReader(io.StringIO(run("explain", "--format", "csv", PITCH).out)))
    assert [row["signal"] for row in rows] == [reason["signal"] for reason in table["reasons"]]


# --- the band of unsure messages ---------------------------------------------------------------------------


def test_without_a_band_nothing_is_unsure(run: Run) -> None:
    assert "unsure" not in run("classify", "--threshold", "0.96", PITCH, FRIEND).out


def test_a_band_below_the_threshold_is_unsure_in_every_form(run: Run) -> None:
    ended = run("classify", "--threshold", "0.96", "--unsure", "0.9", PITCH, FRIEND)
    assert [line[:17] for line in ended.out.splitlines()] == ["unsure      0.952", "legitimate  0.062"]
    assert ended.err.splitlines()[-1] == "2 messages: 0 spam, 1 unsure, 1 legitimate (profile: none)"
    band = ("--unsure", "0.05,0.5", PITCH, FRIEND)
    for jobs in ("1", "2"):
        records = map(json.loads, run("classify", "--format", "jsonl", "--jobs", jobs, *band).out.splitlines())
        assert [(r["label"], r["threshold"]) for r in records] == [("spam", 0.5), ("unsure", 0.5)]
    rows = csv.DictReader(io.StringIO(run("classify", "--format", "csv", *band).out))
    assert [row["label"] for row in rows] == ["spam", "unsure"]
    assert "verdict     unsure, probability 0.062, threshold 0.500" in run("explain", *band).out


def test_the_ends_of_a_band(run: Run) -> None:
    """LOW belongs to it, the threshold does not; --threshold goes before HIGH."""
    probability = json.loads(run("classify", "--format", "jsonl", PITCH).out)["probability"]
    above = str(math.nextafter(probability, 1))
    for low, threshold, label in (
        (str(probability), "0.99", "unsure"),
        (above, "0.99", "legitimate"),
        ("0.1", str(probability), "spam"),
        ("0.1", above, "unsure"),
    ):
        assert run("classify", "--unsure", f"{low},0.999", "--threshold", threshold, PITCH).out.startswith(label)


def test_unsure_has_a_status_of_its_own_with_bogofilter_and_is_kept_with_spamc(run: Run) -> None:
    for convention, status in (("bogofilter", 2), ("spamc", 0)):
        assert run("classify", "--exit-code", convention, "--unsure", "0.1,0.99", PITCH).status == status


def test_a_band_may_come_from_the_configuration(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("unsure = [0.3, 0.96]\n", encoding="utf-8")
    assert run("classify", PITCH).out.startswith("unsure")
    (home / "config.toml").write_text("threshold = 0.96\nunsure = 0.3\n", encoding="utf-8")
    assert run("classify", PITCH).out.startswith("unsure")
    assert run("classify", "--unsure", "0.955", PITCH).out.startswith("legitimate")


@pytest.mark.parametrize("band", ["0.5", "0.6", "1.2", "0.3,0.3", "0.3,2", "x", "", "0.1,0.2,0.3", "nan"])
def test_an_empty_or_impossible_band_is_refused(run: Run, band: str) -> None:
    ended = run("classify", "--unsure", band, PITCH)
    assert (ended.status, ended.out) == (Status.USAGE, "")
    assert "Invalid value for '--unsure'" in ended.err
    assert run("classify", "--exit-code", "bogofilter", f"--unsure={band}", PITCH).status == (
        3 if band in ("0.5", "0.6") else Status.USAGE
    )


# --- options from elsewhere --------------------------------------------------------------------------------


def test_options_may_come_from_variables(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAMREC_FORMAT", "csv")
    monkeypatch.setenv("SPAMREC_CLASSIFY_EXIT_CODE", "spamc")
    ended = run("classify", PITCH)
    assert (ended.status, ended.out.startswith("path,")) == (1, True)


def test_options_may_come_from_the_configuration(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('format = "csv"\n[classify]\nthreshold = 0.99\n', encoding="utf-8")
    assert ",legitimate,0.952" in run("classify", PITCH).out
    assert run("classify", "--format", "table", "--threshold", "0.5", PITCH).out.startswith("spam")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fromat = 'csv'", "fromat: no such option"),
        ("[clasify]\nformat = 'csv'", "clasify: no such command"),
        ("[classify]\nout = 'x'", "classify.out: no such option"),
        ("format = ", "cannot be read as TOML"),
        ("format = 'xml'", "Invalid value for '--format'"),
        ("[classify]\nthreshold = 7", "Invalid value for '--threshold'"),
        ("unsure = 7", "Invalid value for '--unsure'"),
        ("unsure = true", "Invalid value for '--unsure': True is not LOW or LOW,HIGH"),
        ("unsure = 'low'", "Invalid value for '--unsure': 'low' is not LOW or LOW,HIGH"),
        ("unsure = [0.7, 0.3]", "Invalid value for '--unsure': [0.7, 0.3] does not end above where it begins"),
        ("unsure = []", "Invalid value for '--unsure': [] is not LOW or LOW,HIGH"),
        ("unsure = 0.5", "Invalid value for '--unsure': the band of unsure messages begins at 0.5, not below the "),
    ],
)
def test_a_wrong_configuration_is_refused(run: Run, home: Path, text: str, told: str) -> None:
    (home / "config.toml").write_text(text, encoding="utf-8")
    ended = run("classify", PITCH)
    assert ended.status == Status.CONFIGURATION
    assert told in ended.err
    assert str(home / "config.toml") in ended.err


def test_settings_of_other_commands_are_passed_over(run: Run, home: Path) -> None:
    """`doctor` checks them."""
    (home / "config.toml").write_text("max-lost = 0.001\n[train]\nfromat = 1\n", encoding="utf-8")
    assert run("classify", PITCH).out.startswith("spam")
    assert "train.fromat: no such option" in run("doctor").out


def test_the_names_of_all_options_are_known_without_loading_the_commands() -> None:
    assert {name for named in option_names(Context(cli.spamrec)).values() for name in named} == OPTION_NAMES


# --- completion, help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_a_shell(run: Run, shell: str) -> None:
    assert "_SPAMREC_COMPLETE" in run("completion", shell).out


def test_completion_completes(home: Path) -> None:
    ended = ran(home, COMP_WORDS="spamrec cl", COMP_CWORD="1", _SPAMREC_COMPLETE="bash_complete")
    assert ended.stdout == b"plain,classify\n"


def test_every_command_and_option_has_help(run: Run) -> None:
    commands = all_commands(Context(cli.spamrec))
    assert commands.keys() == cli.COMMANDS.keys()
    for name, command in commands.items():
        assert command.help, name
        assert all(p.help for p in command.params if isinstance(p, Option)), name
        ended = run(name, "--help")
        assert ended.status == Status.DONE
        assert f"Usage: spamrec {name}" in ended.out
    assert run("--version").out == "spamrec 0.1.0\n"


# --- the shipped model -------------------------------------------------------------------------------------


def test_the_inbox_of_the_readme_is_labelled_with_the_shipped_model(run: Run, home: Path, data: Path) -> None:
    (home / "model.json").unlink()
    inbox = data / "inbox"
    ended = run("classify", "--format", "jsonl", "--profile", inbox / "profile.toml", inbox)
    assert ended.status == Status.DONE
    labels = {Path(r["path"]).stem[3:]: r["label"] for r in map(json.loads, ended.out.splitlines())}
    assert len(labels) == len(list(inbox.glob("*.eml")))
    assert labels["urgent-requirement"] == labels["impressed-by-your-background"] == "spam"
    for welcome in (
        "application-received",
        "known-recruiter",
        "fair-pitch",
        "list-thread",
        "order-shipped",
        "mother",
    ):
        assert labels[welcome] == "legitimate", welcome
