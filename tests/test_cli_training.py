"""`train` and `evaluate` on a corpus of readers and on folders of one's own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from command_line import FRIEND, PITCH, Run
from spamrec.statuses import Status

# --- train, evaluate ---------------------------------------------------------------------------------------


def own_folders(tmp_path: Path) -> tuple[Path, Path]:
    """Twelve variants of the pitch and of the letter."""
    for label, mail in (("spam", PITCH), ("legit", FRIEND)):
        (tmp_path / label).mkdir()
        for number in range(12):
            raw = mail.read_bytes().replace(b"<blast", b"<%d" % number).replace(b"<apples", b"<%d" % number)
            (tmp_path / label / f"{number}.eml").write_bytes(raw + b"No. %d\n" % number)
    return tmp_path / "spam", tmp_path / "legit"


@pytest.mark.slow
def test_own_folders_train_a_model_that_is_used_from_then_on(run: Run, home: Path, tmp_path: Path) -> None:
    spam, legit = own_folders(tmp_path)
    (home / "model.json").unlink()
    ended = run("train", "--spam", spam, "--legit", legit)
    assert ended.status == Status.DONE
    assert f"wrote {home / 'model.json'}: 24 messages" in ended.err
    first = (home / "model.json").read_bytes()
    assert run("train", "--spam", spam, "--legit", legit).status == Status.DONE
    assert (home / "model.json").read_bytes() == first
    labels = [
        json.loads(line)["label"] for line in run("classify", "--format", "jsonl", PITCH, FRIEND).out.splitlines()
    ]
    assert labels == ["spam", "legitimate"]


def test_too_little_mail_teaches_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "1.eml").write_bytes(PITCH.read_bytes())
    ended = run("train", "--spam", tmp_path / "few", "--legit", tmp_path / "few")
    assert ended.status == Status.DATA
    assert "at least 10 are needed" in ended.err
    assert run("train", "--spam", tmp_path / "few").status == Status.USAGE


def small_corpus(data: Path, tmp_path: Path) -> Path:
    """Sixteen messages each of four readers, without pairs."""
    for name in ("ray-kim", "hannah-price", "jonas-weber", "grace-obi"):
        for kind in ("spam", "legit"):
            folder = tmp_path / "corpus" / name / kind
            folder.mkdir(parents=True)
            for path in sorted(p for p in (data / name / kind).glob("*.eml") if "-pair-" not in p.name)[:8]:
                (folder / path.name).write_bytes(path.read_bytes())
        stated_ = data / name / "profile.toml"
        (tmp_path / "corpus" / name / "profile.toml").write_bytes(stated_.read_bytes())
    return tmp_path / "corpus"


@pytest.mark.slow
def test_a_corpus_is_trained_on_and_evaluated_by_reader(run: Run, data: Path, tmp_path: Path) -> None:
    corpus = small_corpus(data, tmp_path)
    ended = run("train", corpus, "--out", tmp_path / "m.json")
    assert (ended.status, ended.out) == (Status.DONE, "")
    assert run("classify", "--model", tmp_path / "m.json", PITCH).status == Status.DONE
    page = tmp_path / "made" / "page.html"
    ended = run(
        "evaluate", corpus, "--report", page, "--max-lost", "0.05", "--false-positive-cost", "100", "--unsure", "0.1"
    )
    assert ended.status == Status.DONE
    assert f"wrote {page}" in ended.err
    assert "64 messages of 4 readers: 32 spam, 32 legitimate" in ended.out
    assert all(
        f"\n{line}" in ended.out for line in ("To lose at most 5%: ", "Where a lost message costs 100 ", "Unsure: from")
    )
    text = page.read_text(encoding="utf-8")
    assert "<h1>Evaluation of corpus</h1>" in text
    assert text.count(" taken for ") == len(json.loads(run("evaluate", corpus, "--format", "jsonl").out)["mistakes"])
    assert {r["reader"] for r in csv.DictReader(io.StringIO(run("evaluate", corpus, "--format", "csv").out))} == {
        "ray-kim", "hannah-price", "jonas-weber", "grace-obi",
    }  # fmt: skip
    assert json.loads(run("evaluate", corpus, "--format", "jsonl").out)["messages"] == 64


@pytest.mark.slow
def test_training_sets_the_threshold_by_loss_or_cost(run: Run, data: Path, tmp_path: Path) -> None:
    """The weights stay; the dearer a loss, or the less may be lost, the higher the threshold."""
    corpus = small_corpus(data, tmp_path)

    def trained(*options: str) -> dict[str, Any]:
        assert run("train", corpus, "--out", tmp_path / "m.json", *options).status == Status.DONE
        made: dict[str, Any] = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
        return made

    plain, none, many = trained(), trained("--max-lost", "0"), trained("--max-lost", "0.5")
    cheap, dear = trained("--false-positive-cost", "0.1"), trained("--false-positive-cost", "10000")
    assert many["threshold"] <= plain["threshold"] <= none["threshold"]
    assert cheap["threshold"] < dear["threshold"]
    assert none["threshold"] == pytest.approx(dear["threshold"], abs=0.2)
    assert all(made["verdict"] == plain["verdict"] for made in (none, many, cheap, dear))
    assert run("train", corpus, "--max-lost", "0.1", "--false-positive-cost", "9").status == Status.USAGE


@pytest.mark.parametrize("options", [("--max-lost", "2"), ("--max-lost", "-1"), ("--false-positive-cost", "0")])
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_impossible_losses_and_costs_are_refused(
    run: Run, tmp_path: Path, command: str, options: tuple[str, str]
) -> None:
    ended = run(command, tmp_path, *options)
    assert ended.status == Status.USAGE
    assert f"Invalid value for '{options[0]}'" in ended.err


def test_what_is_no_corpus_is_refused(run: Run, tmp_path: Path) -> None:
    for command in ("train", "evaluate"):
        assert run(command, tmp_path).status == Status.DATA
