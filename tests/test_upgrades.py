"""Files that an earlier spamrec wrote are read by this one: histories of every schema, models of every format."""

from __future__ import annotations

import base64
import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from spamrec import message, model, tokens
from spamrec.classifier import Classifier
from spamrec.history import History, Standing
from spamrec.schema import MIGRATIONS

HISTORIES = Path(__file__).parent / "histories"
EARLIER = ("first-form", "version-1", "version-2")
"""Files as SQL, as spamrec of that time made them; whoever adds a migration adds the file that it starts from."""
MAIL = b"""From: jane@shark.example
To: ray@own.example
Date: Mon, 02 Mar 2026 12:00:00 +0000
Message-ID: <1@m.example>
Subject: A role
In-Reply-To: <own@own.example>
References: <old@m.example>
List-Id: <sql.lists.example>

A role for you.
"""


def made(folder: Path, name: str) -> Path:
    """A history of an earlier version, in which the same is remembered."""
    path = folder / "history.db"
    db = sqlite3.connect(path)
    db.executescript((HISTORIES / f"{name}.sql").read_text(encoding="utf-8"))
    db.close()
    return path


def schema(memory: History) -> list[tuple[str, str]]:
    """Tables and indexes with their columns, without what SQLite makes by itself."""
    found = memory.store.rows("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return [(name, " ".join(sql.split())) for name, sql in found]


# --- histories ---------------------------------------------------------------------------------------------


def test_there_is_a_file_for_each_migration() -> None:
    assert len(EARLIER) == len(MIGRATIONS)
    assert {path.stem for path in HISTORIES.iterdir()} == set(EARLIER)


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("name", EARLIER)
def test_an_earlier_history_is_carried_over(tmp_path: Path, name: str, read_only: bool) -> None:
    """What it knows counts as before; a reader alone leaves the file as it was."""
    path = made(tmp_path, name)
    before = path.read_bytes()
    for _ in range(2):
        with History(path, read_only=read_only) as memory:
            standing = memory.standing(message.parse(MAIL))
            assert memory.store.row("PRAGMA user_version") == (len(MIGRATIONS),)
            assert memory.store.rows("PRAGMA foreign_key_check") == []
        assert standing == Standing(
            known_firm=True, own_thread=True, earlier=1, list_posts=3, asked_to_stop=date(2026, 1, 1),
            ignores_request=True, thread_judged="spam", judged="spam",
        )  # fmt: skip
    assert (path.read_bytes() == before) is read_only


@pytest.mark.parametrize("name", EARLIER)
def test_a_history_carried_over_is_as_a_new_one(tmp_path: Path, name: str) -> None:
    """It has the same tables, and labels can be given."""
    mail = message.parse(MAIL)
    with History(made(tmp_path, name)) as memory, History() as new:
        assert schema(memory) == schema(new)
        memory.teach(mail, "legitimate", "{}")
        assert memory.standing(mail).told == "legitimate"
        assert memory.forget_label(mail)


# --- models ------------------------------------------------------------------------------------------------

FIRST = {
    "format": 1,
    "kind": "spamrec model",
    "spamrec": "0.1.0",
    "corpus": "0123456789abcdef",
    "threshold": 0.75,
    "metrics": {"auc": 0.99},
    "pitch": {"bias": -1.0, "weights": {"hiring": 2.0, "word:role": 0.5}},
    "verdict": {"bias": -0.5, "weights": {"pitch": 1.5, "cold-pitch": 2.0, "barred": 4.0}},
}
"""A file of format 1 as `train` wrote it first: before labels could make a model, and without tokens."""
TOKENS = {
    "bias": 2048,
    "slope": 0.5,
    "offset": 0.25,
    "buckets": 262139,
    "table": base64.b64encode(bytes(2 * 262139)).decode("ascii"),
}
"""The table that format 2 adds, in which no token weighs anything."""


def loaded(folder: Path, table: dict[str, object]) -> model.Model:
    path = folder / "model.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    return model.load(path)


def test_a_model_of_format_1_is_read_and_judges(tmp_path: Path) -> None:
    found = loaded(tmp_path, FIRST)
    assert (found.threshold, found.base, found.learnt, found.tokens) == (0.75, "", {}, None)
    assert found.pitch.score({"hiring": 1.0}, ["role"]) == 1.5
    verdict = Classifier(found).classify(MAIL)
    assert verdict.threshold == 0.75
    assert 0.0 < verdict.probability < 1.0


def test_a_model_of_format_2_is_read_and_judges(tmp_path: Path) -> None:
    """Its score is offset plus slope times bias where no token weighs anything: a table of another size is refused."""
    assert TOKENS["buckets"] == tokens.SIZE
    found = loaded(tmp_path, FIRST | {"format": 2, "tokens": TOKENS})
    assert Classifier(found).classify(MAIL).probability == pytest.approx(model.logistic(0.25 + 0.5 * 2048 / 2048))


def test_every_format_up_to_todays_is_read_here() -> None:
    assert model.FORMAT == 2, "a new format needs a file of the one before in this module"
