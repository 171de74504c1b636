"""Setting up: `init` asks and writes a profile, `doctor` tells what is there and what is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from command_line import Run
from spamrec import doctor, profile, report
from spamrec.doctor import Finding, State
from spamrec.questions import QUESTIONS
from spamrec.statuses import Status


def stated(home: Path, text: str) -> None:
    (home / "profile.toml").write_text(text, encoding="utf-8")


# --- init --------------------------------------------------------------------------------------------------

ANSWERS = {
    "name": "Ray Kim",
    "emails": "ray.kim@example.org, ray@work.example",
    "location.home": "Troy, NY",
    "location.relocate": "Boston, MA; Canada",
    "location.remote": "yes",
    "work.titles": "technical writer, database administrator",
    "work.skills": 'SQL Server, "documentation"',
    "work.unwanted": "Java",
    "work.contract": "Permanent",
    "work.floor": "95000 USD/year; 60 USD/hour",
    "mode.looking": "yes until 2027-03-31",
}


def answers(**changed: str) -> bytes:
    told = ANSWERS | {key.replace("_", "."): value for key, value in changed.items()}
    return "".join(f"{told[question.key]}\n" for question in QUESTIONS).encode()


def test_init_writes_a_profile_of_the_answers(run: Run, home: Path) -> None:
    assert run("init", stdin=answers()).status == Status.DONE
    made = profile.load(home / "profile.toml")
    assert (made.name, made.emails) == ("Ray Kim", ("ray.kim@example.org", "ray@work.example"))
    assert made.home
    assert made.home.name == "Troy"
    assert [place.name for place in made.relocate or ()] == ["Boston", "Canada"]
    assert made.titles == ("technical writer", "database administrator")
    assert made.skills == ("SQL Server", '"documentation"')
    assert [str(pay) for pay in made.floor] == ["95,000 USD/year", "60 USD/hour"]
    assert (made.looking, str(made.until)) == (True, "2027-03-31")


def test_without_answers_the_profile_is_all_examples_and_each_of_them_holds(run: Run, home: Path) -> None:
    assert run("init").status == Status.DONE
    text = (home / "profile.toml").read_text(encoding="utf-8")
    assert not any(section for section in tomllib.loads(text).values())
    examples = re.sub(r"(?m)^# (?=\w+ = )", "", text)
    made = profile.parse(examples, Path("examples"))
    assert all((made.home, made.floor, made.known, made.groups))
    assert made.looking is False


def test_nowhere_and_anywhere_are_answers(run: Run, home: Path) -> None:
    run("init", stdin=answers(location_relocate="nowhere"))
    assert profile.load(home / "profile.toml").relocate == ()
    run("init", "--force", stdin=answers(location_relocate="anywhere"))
    assert profile.load(home / "profile.toml").relocate_anywhere


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"location_home": "Nowhereville"}, "no place we know"),
        ({"emails": "ray"}, "no mail address"),
        ({"work_floor": "a lot"}, "no pay"),
        ({"location_remote": "maybe"}, '"yes", "no" or "only"'),
        ({"work_contract": "eternal"}, "not one of permanent"),
        ({"mode_looking": "perhaps"}, "true or false"),
        ({"mode_looking": "yes until spring"}, "TOML"),
    ],
)
def test_a_piped_answer_that_cannot_stand_ends_it_with_nothing_written(
    run: Run, home: Path, changed: dict[str, str], told: str
) -> None:
    ended = run("init", stdin=answers(**changed))
    assert ended.status == Status.DATA
    assert told in ended.err
    assert not (home / "profile.toml").exists()


def test_init_overwrites_only_by_force(run: Run, home: Path) -> None:
    stated(home, 'name = "Old"\n')
    assert run("init", stdin=answers()).status == Status.USAGE
    assert profile.load(home / "profile.toml").name == "Old"
    assert run("init", "--force", stdin=answers()).status == Status.DONE
    assert profile.load(home / "profile.toml").name == "Ray Kim"


# --- doctor, completion, help ------------------------------------------------------------------------------


def test_doctor_finds_what_is_there_and_what_is_missing(run: Run, home: Path) -> None:
    found = {f["item"]: f for f in map(json.loads, run("doctor", "--format", "jsonl").out.splitlines())}
    assert {item: f["state"] for item, f in found.items()} == {
        "spamrec": "ok", "profile": "missing", "history": "missing", "model": "ok", "places": "ok",
        "configuration": "missing",
    }  # fmt: skip
    assert found["model"]["path"] == str(home / "model.json")
    assert "trained by spamrec 0.1.0 on corpus 0123456789ab; " in found["model"]["detail"]
    assert "threshold 0.5000" in found["model"]["detail"]


def test_doctor_says_what_a_profile_states(run: Run) -> None:
    run("init", stdin=answers())
    assert "states name, addresses, home, relocation, remote" in run("doctor").out


@pytest.mark.parametrize("name", ["profile.toml", "history.db", "model.json", "config.toml"])
def test_doctor_tells_what_is_broken(run: Run, home: Path, name: str) -> None:
    (home / name).write_text("not [ what = it should be\n" * 100, encoding="utf-8")
    ended = run("doctor")
    assert ended.status == Status.CONFIGURATION
    assert ended.out.count(" broken ") == 1


def test_a_profile_that_was_named_must_be_there(run: Run, tmp_path: Path) -> None:
    assert run("doctor", "--profile", tmp_path / "none.toml").status == Status.CONFIGURATION


def test_findings_are_listed_with_their_files() -> None:
    found = [
        Finding("spamrec", State.OK, "", "version 0.1.0"),
        Finding("profile", State.BROKEN, "/home/r/\x1b[31mp.toml", "nam: unknown key"),
    ]
    assert report.plain(doctor.table(found)) == (
        "spamrec       ok       version 0.1.0\n"
        "profile       broken   nam: unknown key\n"
        "                       /home/r/[31mp.toml\n"
    )
    assert doctor.csv(found) == (
        "item,state,path,detail\nspamrec,ok,,version 0.1.0\nprofile,broken,/home/r/[31mp.toml,nam: unknown key\n"
    )
