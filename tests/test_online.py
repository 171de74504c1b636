"""`evaluate --online`: each message judged before it is learnt, in an order, with labels at once or late."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from command_line import FRIEND, PITCH, Run
from spamrec import message, online, tokenized
from spamrec.online import Order
from spamrec.statuses import Status
from spamrec.tokenized import Tokenized
from spamrec.tokenlearner import Learner
from test_own_mail_alone import folders, mail


def toy(count: int) -> list[Tokenized]:
    """Lessons of a shop's and a choir's mail, a day apart each, the kinds in turn."""
    found = []
    for number in range(count):
        kind = ("shop", "choir")[number % 2]
        made = tokenized.tokenize(message.parse(mail(kind, number)), kind == "shop")
        found.append(made._replace(date=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=number)))
    return found


# --- order and delay ---------------------------------------------------------------------------------------


def test_by_date_the_oldest_comes_first_and_undated_mail_before_all() -> None:
    undated = tokenized.tokenize(message.parse(b"From: a@b.example\nSubject: no date\n\nx\n"), False)
    found = toy(7)
    assert online.ordered([*reversed(found), undated], Order.DATE, 0) == [undated, *found]


def test_a_random_order_hangs_on_the_seed_and_on_nothing_else() -> None:
    found = toy(30)
    first = online.ordered(found, Order.RANDOM, 1)
    assert online.ordered(found[::-1], Order.RANDOM, 1) == first
    assert online.ordered(found, Order.RANDOM, 2) != first
    assert sorted(one.digest for one in first) == sorted(one.digest for one in found)


def test_each_message_is_judged_before_it_is_learnt() -> None:
    """The scores are those of learners that know all messages before, and none from it on."""
    found = toy(12)
    scores = online.scores(found)
    for number in (0, 1, 5, 11):
        learner = Learner()
        for one in found[:number]:
            learner.learn(one)
        assert scores[number] == learner.score(found[number])
    assert scores[0] == 0.0


@pytest.mark.parametrize("delay", [1, 5, 100])
def test_a_late_label_is_learnt_late(delay: int) -> None:
    found = toy(12)
    scores = online.scores(found, delay=delay)
    assert scores[: delay + 1].tolist() == [0.0] * min(12, delay + 1)
    learner = Learner()
    for one in found[: 11 - delay] if delay < 11 else []:
        learner.learn(one)
    assert scores[11] == learner.score(found[11])


def test_the_more_is_learnt_the_better_it_is_told() -> None:
    found = online.ordered(toy(120), Order.RANDOM, 4)
    spam = np.array([one.spam for one in found])
    curve = online.evaluate(online.scores(found), spam).curve
    assert [(s.first, s.last) for s in curve] == [(1, 50), (51, 100), (101, 120)]
    assert curve[-1].roca == 0.0
    assert curve[0].roca_so_far == curve[0].roca > curve[-1].roca_so_far


# --- figures -----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)  # a thousand resamples each
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=60))
def test_the_area_is_scikit_learns(drawn: list[tuple[int, bool]]) -> None:
    """Ties counted half, by the direct way and by the one that the bootstrap takes."""
    scores, spam = np.array([s for s, _ in drawn], dtype=np.float64), np.array([label for _, label in drawn])
    if spam.all() or not spam.any():
        assert math.isnan(online.roca(scores, spam))
        return
    right = 100 * (1 - roc_auc_score(spam, scores))
    assert online.roca(scores, spam) == pytest.approx(right, abs=1e-9)
    assert online.evaluate(scores, spam).roca.value == pytest.approx(right, abs=1e-9)


def test_spam_missed_where_one_in_a_thousand_is_lost() -> None:
    """2,500 legitimate messages allow the loss of two: the third highest is the one that must stay below the cut."""
    legitimate = np.arange(2500.0)
    spam = np.array([2499.5, 2498.5, 2497.5, 2496.5, 0.5])
    scores, labels = np.concatenate([legitimate, spam]), np.arange(2505) >= 2500
    assert online.evaluate(scores, labels).missed.value == pytest.approx(40.0)
    tied = np.concatenate([legitimate, [2497.0, 2497.0, 2498.0, 2499.0, 9999.0]])
    assert online.evaluate(tied, labels).missed.value == pytest.approx(40.0), "a tie with it is no catch"


def test_few_legitimate_messages_allow_no_loss() -> None:
    scores, labels = np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, True, False, True])
    assert online.evaluate(scores, labels).missed.value == 50.0


def test_lam_is_the_logistic_average() -> None:
    """One of 9 spam messages missed, none of 9 legitimate ones lost: rates 1.5/10 and 0.5/10."""
    scores = np.array([-1.0, *[1.0] * 8, *[-1.0] * 9])
    labels = np.arange(18) < 9
    odds = math.sqrt(0.15 / 0.85 * 0.05 / 0.95)
    assert online.evaluate(scores, labels).lam.value == pytest.approx(100 * odds / (1 + odds))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 100 samples of two normal distributions, about 95 intervals hold the area that is known."""
    choice = np.random.default_rng(7)
    truth = 100 * 0.5 * math.erfc(1.5 / 2)  # spam lies 1.5 standard deviations higher
    labels = np.arange(300) < 100
    held = 0
    for _ in range(100):
        found = online.evaluate((choice.normal(0, 1, 300) + 1.5 * labels).astype(np.float64), labels)
        held += found.roca.low <= truth <= found.roca.high
        assert found.roca.low <= found.roca.value <= found.roca.high
    assert 88 <= held <= 100


def test_perfect_scores_have_no_width() -> None:
    labels = np.arange(40) < 20
    found = online.evaluate(np.where(labels, 1.0, -1.0), labels)
    assert (found.roca.value, found.roca.low, found.roca.high) == (0.0, 0.0, 0.0)
    assert found.missed.value == 0.0


def test_mail_of_one_label_is_refused() -> None:
    with pytest.raises(ValueError, match="both labels"):
        online.evaluate(np.array([1.0, 2.0]), np.array([True, True]))


# --- the command -------------------------------------------------------------------------------------------


def test_folders_are_evaluated_online_in_each_form(run: Run, tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 30)
    named = ("evaluate", "--online", "--spam", shop, "--legit", choir, "--order", "random", "--seed", "3")
    table = run(*named).out
    assert table.startswith("60 messages, 30 of them spam, in random order 3: each judged, then learnt.\n")
    assert "(1-ROCA)%" in table
    told = json.loads(run(*named, "--format", "jsonl").out)
    assert (told["messages"], told["spam"], told["order"], told["seed"], told["delay"]) == (60, 30, "random", 3, 0)
    assert told["roca"]["low"] <= told["roca"]["value"] <= told["roca"]["high"]
    rows = list(csv.DictReader(io.StringIO(run(*named, "--format", "csv").out)))
    assert [(r["first"], r["last"]) for r in rows] == [("1", "50"), ("51", "60")]
    assert float(rows[-1]["roca_so_far"]) == pytest.approx(told["roca"]["value"], rel=1e-4)


def test_late_labels_cost(run: Run, tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 30)
    named = ("evaluate", "--online", "--spam", shop, "--legit", choir, "--order", "random", "--format", "jsonl")
    at_once, late = (json.loads(run(*named, "--delay", delay).out) for delay in ("0", "40"))
    assert late["roca"]["value"] > at_once["roca"]["value"]
    assert "its label known 40 messages later" in run(*named[:-2], "--delay", "40").out


def test_a_corpus_is_evaluated_online(run: Run, tmp_path: Path) -> None:
    for reader in ("ann", "bob"):
        for kind, source in (("spam", PITCH), ("legit", FRIEND)):
            (tmp_path / reader / kind).mkdir(parents=True)
            for number in range(3):
                raw = source.read_bytes() + f"{reader} {number}\n".encode()
                (tmp_path / reader / kind / f"{number}.eml").write_bytes(raw)
    ended = run("evaluate", tmp_path, "--online")
    assert ended.status == Status.DONE
    assert ended.out.startswith("12 messages, 6 of them spam, by date")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--spam", "a"], ["--online", "--spam", "a"], ["--seed", "1"], ["--order", "random"], ["--delay", "3"],
        ["--online", "--threshold", "0.5"], ["--online", "--delay", "-1"],
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(run: Run, wrong: list[str]) -> None:
    assert run("evaluate", *wrong).status == Status.USAGE
