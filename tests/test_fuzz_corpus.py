"""Inputs that a coverage-guided run found, and what it is run with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import coverage_fuzz
from coverage_fuzz import CORPUS, MAX_INPUT_BYTES, TARGETS
from fuzz_targets import Unsound

MAX_CORPUS_BYTES = 200_000
"""All that is kept; a longer run of the fuzzer belongs into a folder of its own."""


@pytest.mark.parametrize("target", TARGETS)
def test_kept_inputs_raise_nothing_but_our_errors(tmp_path: Path, target: str) -> None:
    files = sorted((CORPUS / target).iterdir())
    assert len(files) >= 4
    targets = coverage_fuzz.targets_in(tmp_path)
    for path in files:
        TARGETS[target](targets, path.read_bytes())


def test_the_kept_inputs_are_small_and_few() -> None:
    sizes = [path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()]
    assert max(sizes) <= MAX_INPUT_BYTES
    assert sum(sizes) <= MAX_CORPUS_BYTES
    assert {path.name for path in CORPUS.iterdir()} == {*TARGETS}


def test_a_target_that_does_not_hold_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness itself finds what it is there to find."""
    targets = coverage_fuzz.targets_in(tmp_path)
    monkeypatch.setattr("spamrec.tagging.strip", lambda raw, *_: raw)
    with pytest.raises(Unsound):
        TARGETS["tagging"](targets, b"\0From: a@b.example\n\nhello\n")


def test_the_fewest_inputs_take_what_steps_all_of_them_do() -> None:
    numbers: dict[bytes, set[int]] = {b"long": {1, 2}, b"ab": {1, 2}, b"c": {2}, b"d": {2, 3}, b"e": set()}
    taken = {raw: frozenset(("file", 0, number) for number in found) for raw, found in numbers.items()}
    assert coverage_fuzz.fewest(taken) == [b"d", b"ab"]


def test_a_run_goes_on_from_what_is_kept(tmp_path: Path) -> None:
    """A second of it, where atheris is there; it ends well, and what it finds lies in the folder named."""
    pytest.importorskip("atheris", reason="comes with the extra `fuzz`")
    command = [sys.executable, coverage_fuzz.__file__, "wire", "--minutes", "0.02", "--work", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "INITED" in ended.stderr
