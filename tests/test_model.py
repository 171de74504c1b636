"""A model file is read back as it was written, and any other file is refused with the remedy."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamrec import model
from spamrec.errors import ModelError
from spamrec.model import DECIMALS, FORMAT, Model, Weights

SMALL = Model(
    pitch=Weights(-2.0, {"client-unnamed": 1.5, "word:resume": 0.25}),
    verdict=Weights(-1.0, {"pitch": 2.0, "known": -4.0}),
    threshold=0.9,
    corpus="0123456789abcdef",
    version="0.1.0",
    metrics={"auc": 0.99, "messages": 2000.0},
)


def written(path: Path, table: object) -> Path:
    path.write_text(json.dumps(table) if not isinstance(table, str) else table, encoding="utf-8")
    return path


def changed(**keys: Any) -> dict[str, Any]:
    """The small model's table with some keys replaced; None leaves the key out."""
    table: dict[str, Any] = json.loads(SMALL.dumps()) | keys
    return {key: value for key, value in table.items() if value is not None}


# --- round trip --------------------------------------------------------------------------------------------

NUMBERS = st.floats(-1e5, 1e5)
WEIGHTS = st.builds(Weights, NUMBERS, st.dictionaries(st.text(max_size=12), NUMBERS, max_size=6))
MODELS = st.builds(
    Model,
    pitch=WEIGHTS,
    verdict=WEIGHTS,
    threshold=st.floats(0.001, 0.999),
    corpus=st.text("0123456789abcdef", max_size=32),
    version=st.text(max_size=8),
    metrics=st.dictionaries(st.text(max_size=8), NUMBERS, max_size=3),
    base=st.sampled_from(["", "0a" * 16]),
    lessons=st.just("b1" * 16),
    learnt=st.fixed_dictionaries({"spam": st.integers(0, 10**9)}),
)


def encodable(text: str) -> bool:
    """Whether UTF-8 holds it: lone surrogates never come from a signal's name or a word."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


@given(MODELS)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, made: Model) -> None:
    """Weights come back to the digits the file holds, zeros left out; a second dump gives the same bytes."""
    if not encodable(made.dumps()):
        return
    path = written(tmp_path_factory.mktemp("model") / "model.json", made.dumps())
    read = model.load(path)
    assert read.dumps() == made.dumps()
    for before, after in ((made.pitch, read.pitch), (made.verdict, read.verdict)):
        assert after.bias == pytest.approx(before.bias, abs=10**-DECIMALS)
        for name, weight in before.by_name.items():
            assert after.by_name.get(name, 0.0) == pytest.approx(weight, abs=10**-DECIMALS)


def test_the_same_model_is_the_same_text_whatever_order_its_weights_came_in() -> None:
    backward = dict(reversed(list(SMALL.pitch.by_name.items())))
    again = Model(Weights(-2.0, backward), SMALL.verdict, 0.9, SMALL.corpus, SMALL.version, SMALL.metrics)
    assert again.dumps() == SMALL.dumps()
    assert SMALL.dumps().endswith("}\n")


def test_the_shipped_model_is_found(root: Path) -> None:
    assert model.shipped_path().read_bytes() == (root / "models" / "default.json").read_bytes()
    assert model.load().dumps() == model.shipped_path().read_text(encoding="utf-8")


# --- scores ------------------------------------------------------------------------------------------------


def test_a_score_is_the_bias_and_each_weight_by_its_value() -> None:
    assert SMALL.pitch.score({}) == -2.0
    assert SMALL.pitch.score({"client-unnamed": 2.0, "unheard-of": 9.0}, ["resume", "unheard"]) == -2.0 + 3.0 + 0.25
    assert SMALL.verdict.contributions({"pitch": 0.5, "known": 0.0, "unheard-of": 1.0}) == {"pitch": 1.0, "known": 0.0}


@given(st.floats(-1e300, 1e300))
def test_a_probability_lies_between_0_and_1(score: float) -> None:
    found = model.logistic(score)
    assert 0.0 <= found <= 1.0
    assert found + model.logistic(-score) == pytest.approx(1.0)
    if abs(score) < 30:
        assert found == pytest.approx(1 / (1 + math.exp(-score)), rel=1e-9)


# --- refusals ----------------------------------------------------------------------------------------------

DEEP = "[" * 100_000
REFUSED = {
    "empty": "",
    "not JSON": "bias = 1",
    "truncated": SMALL.dumps()[: len(SMALL.dumps()) // 2],
    "deeply nested": DEEP,
    "deeply nested weights": SMALL.dumps().replace('"auc": 0.99', f'"auc": {DEEP}'),
    "a list": [],
    "a number": 7,
    "another program's": {"format": 1, "weights": {}},
    "another kind": changed(kind="spamassassin model"),
    "no format": changed(format=None),
    "format in words": changed(format="1"),
    "format 0": changed(format=0),
    "format true": changed(format=True),
    "newer": changed(format=FORMAT + 1, spamrec="9.0"),
    "newer, with a version that writes on the terminal": changed(format=FORMAT + 1, spamrec="9\x1b[31m\n" * 99),
    "no pitch model": changed(pitch=None),
    "no verdict model": changed(verdict=None),
    "pitch model no table": changed(pitch=[1]),
    "no bias": changed(pitch={"weights": {}}),
    "no weights": changed(verdict={"bias": 0}),
    "weights no table": changed(verdict={"bias": 0, "weights": [1, 2]}),
    "a weight in words": changed(verdict={"bias": 0, "weights": {"pitch": "2.0"}}),
    "a weight null": changed(verdict={"bias": 0, "weights": {"pitch": None}}),
    "a weight true": changed(verdict={"bias": 0, "weights": {"pitch": True}}),
    "a weight beyond measure": changed(verdict={"bias": 0, "weights": {"pitch": 1e300}}),
    "a weight of 400 digits": changed(verdict={"bias": 0, "weights": {"pitch": 10**400}}),
    "a weight of 5,000 digits": SMALL.dumps().replace("-4.0", "4" * 5000),
    "weight NaN": SMALL.dumps().replace("-4.0", "NaN"),
    "weight infinite": SMALL.dumps().replace("-4.0", "-Infinity"),
    "bias NaN": SMALL.dumps().replace("-2.0", "NaN"),
    "no threshold": changed(threshold=None),
    "threshold in words": changed(threshold="0.9"),
    "threshold NaN": SMALL.dumps().replace('"threshold": 0.9', '"threshold": NaN'),
    "threshold 0": changed(threshold=0),
    "threshold 1": changed(threshold=1),
    "threshold 90": changed(threshold=90),
    "metrics no table": changed(metrics="good"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "model.json", REFUSED[name])
    with pytest.raises(ModelError) as caught:
        model.load(path)
    told = str(caught.value)
    assert told.startswith(f"{path}: ")
    assert "install" in told
    assert told.isprintable()
    assert len(told) < 400


def test_a_newer_file_names_the_version_to_install(tmp_path: Path) -> None:
    path = written(tmp_path / "model.json", REFUSED["newer"])
    with pytest.raises(ModelError, match=r"newer spamrec \('9\.0'\); install that version"):
        model.load(path)


@pytest.mark.parametrize("raw", [b"\x80\x04\x95pickle", b"\xff\xfe{\x00}\x00", b"\x00" * 4096])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(raw)
    with pytest.raises(ModelError, match="train it again"):
        model.load(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model; train it again"):
        model.load(tmp_path / "none.json")
    with pytest.raises(ModelError, match="cannot be read"):
        model.load(tmp_path)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.json"
    path.write_bytes(raw)
    with pytest.raises(ModelError):
        model.load(path)
