"""Training gives the same bytes for the same corpus, and `models/default.json` is what it gives for `data/`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from spamrec import calibration, model, training
from spamrec.classifier import Values
from spamrec.errors import CorpusError
from spamrec.training import Row, Settings

READERS = ("derek-olsen", "hannah-price", "jonas-weber")
EACH = 14
"""Messages of each label that a tiny corpus takes from a reader."""


def copied(data: Path, to: Path, readers: Sequence[str] = READERS) -> Path:
    """A tiny corpus: a few messages of a few readers of `data/`, with what stands beside them."""
    for reader in readers:
        for kind in ("spam", "legit"):
            (to / reader / kind).mkdir(parents=True)
            for path in sorted((data / reader / kind).glob("*.eml"))[:EACH]:
                shutil.copy(path, to / reader / kind)
        for path in (data / reader).glob("*.toml"):
            shutil.copy(path, to / reader)
    return to


@pytest.fixture(scope="module")
def tiny(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(data, tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def trained(tiny: Path) -> model.Model:
    return training.train(tiny)


# --- the same again ----------------------------------------------------------------------------------------


def test_the_same_corpus_gives_the_same_bytes(tiny: Path, trained: model.Model) -> None:
    assert training.train(tiny).dumps() == trained.dumps()


def test_two_processes_give_the_same_bytes(tiny: Path, trained: model.Model) -> None:
    assert training.train(tiny, jobs=2).dumps() == trained.dumps()


def test_where_the_corpus_lies_does_not_matter(tiny: Path, trained: model.Model, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(tiny, tmp_path / "elsewhere"))
    assert training.train(moved).dumps() == trained.dumps()


def test_another_corpus_gives_another_digest(tiny: Path, trained: model.Model, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(tiny, tmp_path / "changed"))
    next(changed.glob("*/spam/*.eml")).unlink()
    assert training.train(changed).corpus != trained.corpus


def test_what_is_trained_loads_and_tells_the_labels_apart(trained: model.Model, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(trained.dumps(), encoding="utf-8")
    assert model.load(path).dumps() == trained.dumps()
    assert trained.metrics["messages"] == 2 * EACH * len(READERS)
    assert trained.metrics["auc"] > 0.6
    assert 0.5 <= trained.threshold < 1.0


def test_ticks_count_the_messages(tiny: Path) -> None:
    ticks: list[None] = []
    found = training.rows(tiny, tick=lambda: ticks.append(None))
    assert len(ticks) == len(found) == 2 * EACH * len(READERS)
    assert {r.reader for r in found} == set(READERS)


@pytest.mark.slow
def test_the_shipped_model_is_what_the_corpus_gives(data: Path, root: Path) -> None:
    shipped = (root / "models" / "default.json").read_text(encoding="utf-8")
    assert training.train(data, jobs=2).dumps() == shipped


# --- folds -------------------------------------------------------------------------------------------------


def test_no_message_is_scored_by_a_model_that_saw_its_reader(tiny: Path) -> None:
    """Turning one reader's labels round changes the scores of all others, never that reader's own."""
    found = training.rows(tiny)
    turned = [r if r.reader != READERS[0] else _turned(r) for r in found]
    before, after = training.out_of_fold(found), training.out_of_fold(turned)
    own = np.array([r.reader == READERS[0] for r in found])
    for one, other in ((before.scores, after.scores), (before.pitches, after.pitches)):
        np.testing.assert_array_equal(one[own], other[own])
        assert (one[~own] != other[~own]).any()


def _turned(row: Row) -> Row:
    return Row(row.reader, row.name, not row.spam, not row.pitch, row.values, row.stranger)


# --- parts -------------------------------------------------------------------------------------------------


def row(reader: str, words: str, *, pitch: bool = True, trusted: bool = False) -> Row:
    """A row of which the words matter, and whose they are."""
    values = Values({}, tuple(words.split()), {}, trusted, False)
    return Row(reader, f"{reader}/spam/x", spam=pitch, pitch=pitch, values=values, stranger=None)


def test_a_word_of_too_few_readers_is_left_out() -> None:
    found = [row("ann", "job rate zeta"), row("ann", "zeta"), row("bob", "job zeta"), row("cid", "job rate")]

    def kept(least: int) -> list[str]:
        return training.vocabulary(found, Settings(min_readers=least))

    assert kept(3) == ["job"]
    assert kept(2) == ["job", "rate", "zeta"]
    assert kept(99) == ["job"]


def test_a_word_of_half_as_many_readers_is_kept_where_it_is_common() -> None:
    """Otherwise a language in which few readers write would have no words."""
    found = [row("ann", "job hely"), row("ann", "hely"), row("bob", "hely"), row("cid", "job"), row("dan", "job rare")]
    settings = Settings(min_readers=4, min_messages=3)
    assert training.vocabulary([*found, row("bob", "hely")], settings) == ["hely", "job"]
    assert training.vocabulary(found, Settings(min_readers=4, min_messages=4)) == []
    alone = [row("ann", "hely") for _ in range(9)]
    assert training.vocabulary([*found[3:], row("eve", "job"), *alone], settings) == ["job"], "of one reader alone"


def test_one_reader_s_habit_tells_no_more_than_a_few_messages() -> None:
    other = [row("bob", "plain"), row("cid", "plain habit", pitch=False)]

    def told(found: list[Row]) -> float:
        return training.tellings(found, ["habit", "plain"], [1.0] * len(found))["plain"]

    few, many = ([*[row("ann", "habit")] * n, *other] for n in (3, 30))
    assert told(few) == told(many)
    assert told([*(row(f"r{n}", "habit") for n in range(30)), *other]) > told(many) + 0.5, "thirty readers do"


def test_mail_of_known_senders_counts_less_for_what_a_pitch_is() -> None:
    """A word that only friends' offers hold: the less their mail counts, the less it says."""
    strangers = [row(f"r{n}", "we hire", pitch=True) for n in range(6)]
    strangers += [row(f"r{n}", "see you", pitch=False) for n in range(6)]
    friends = [row(f"r{n}", "join me", pitch=True, trusted=True) for n in range(6)]
    weights = [
        training.fit_pitch([*strangers, *friends], Settings(trusted_weight=each, signals=False)).by_name["word:join"]
        for each in (1.0, 0.25)
    ]
    assert weights[0] > weights[1] > 0


def test_the_matrix_holds_named_values_only() -> None:
    found = training.matrix([{"a": 1.0, "x": 9.0}, {}, {"b": 0.5, "a": 2.0}], ["a", "b"])
    np.testing.assert_array_equal(found.toarray(), [[1.0, 0.0], [0.0, 0.0], [2.0, 0.5]])


def test_calibration_finds_the_slope_and_offset_that_made_the_labels() -> None:
    made = np.random.default_rng(1)
    scores = made.normal(size=50_000)
    labels = made.random(50_000) < 1 / (1 + np.exp(-(2 * scores - 1)))
    slope, offset = calibration.calibration(scores, labels)
    assert slope == pytest.approx(2, abs=0.1)
    assert offset == pytest.approx(-1, abs=0.1)


@pytest.mark.parametrize(("most_lost", "lost"), [(0.0, 0), (0.001, 1), (0.0019, 1), (0.01, 10)])
def test_the_threshold_loses_no_more_than_allowed(most_lost: float, lost: int) -> None:
    """Of 1,000 legitimate messages from 0.6 upwards, one thousandth is one message."""
    probabilities = np.random.default_rng(1).permutation(np.linspace(0.6, 0.99, 1000))
    threshold = calibration.threshold(probabilities, np.ones(1000), most_lost)
    assert int((probabilities >= threshold).sum()) == lost


def test_a_message_counts_by_its_weight() -> None:
    """The surest three weigh a thousandth together, the fourth is too much."""
    probabilities = np.array([0.99, 0.98, 0.97, 0.96, *np.linspace(0.5, 0.6, 96)])
    weights = np.array([1 / 3, 1 / 3, 1 / 3, 99.0, *np.full(96, 900 / 96)])
    assert 0.96 < calibration.threshold(probabilities, weights, 0.00101) <= 0.97


def test_the_threshold_is_never_below_one_half() -> None:
    assert calibration.threshold(np.array([0.01, 0.02]), np.ones(2)) == 0.5


@pytest.mark.parametrize("content", [[], ["note.txt"]])
def test_no_corpus_is_refused(tmp_path: Path, content: list[str]) -> None:
    for name in content:
        (tmp_path / name).write_text("not mail")
    with pytest.raises(CorpusError):
        training.train(tmp_path)
    with pytest.raises(CorpusError, match="no such folder"):
        training.train(tmp_path / "none")
