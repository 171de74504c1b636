"""Models of own mail alone: any two kinds of mail, learnt from few messages, by `train --no-base`."""

from __future__ import annotations

import base64
import json
import mailbox
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from command_line import FRIEND, Run, environment
from spamrec import message, model, tokenized, tokenlearner, tokens, tokenverdict
from spamrec.classifier import Classifier
from spamrec.errors import CorpusError, ModelError
from spamrec.evidence import Evidence
from spamrec.model import FORMAT, SIGNALS_FORMAT, Model
from spamrec.statuses import Status
from spamrec.verdict import Label

# --- two kinds of mail that have nothing to do with jobs: a choir's, and a plant shop's advertising ------------

_CHOIR = (
    "rehearsal tenor soprano score chapel bring pencil humming alto conductor psalm thursday tuning breath hall".split()
)
_SHOP = (
    "bargain fern orchid coupon potting discount cactus voucher greenhouse sale trowel clearance bulbs order".split()
)


def mail(kind: str, number: int, **headers: str) -> bytes:
    """One message of either kind, never the same words twice."""
    choice = random.Random(f"{kind} {number}")
    words = _SHOP if kind == "shop" else _CHOIR
    made = EmailMessage()
    made["From"] = f"{choice.choice(words)}@{'verdant-pots' if kind == 'shop' else 'st-olave-choir'}.example"
    made["To"] = "ida@home.example"
    made["Subject"] = " ".join(choice.sample(words, 3))
    made["Date"] = f"{'Mon' if number % 2 else 'Tue'}, {1 + number % 27} Mar 2026 10:{number % 60:02}:00 +0000"
    made["Message-ID"] = f"<{kind}-{number}@toy.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(" ".join(choice.choices(words, k=12)) + f"\n\nNumber {number}.\n")
    return made.as_bytes()


def folders(root: Path, count: int, *, name: Callable[[int], str] = lambda n: f"{n}.eml") -> tuple[Path, Path]:
    """Folders of the shop's mail and of the choir's."""
    for kind in ("shop", "choir"):
        (root / kind).mkdir(parents=True)
        for number in range(count):
            (root / kind / name(number)).write_bytes(mail(kind, number))
    return root / "shop", root / "choir"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model of twenty messages of each kind."""
    shop, choir = folders(tmp_path_factory.mktemp("toy"), 20)
    return tokenlearner.train(tokenized.read(None, [shop], [choir]))


def judge(trained: Model, raw: bytes) -> Any:
    assert trained.tokens
    return tokenverdict.judge(trained.tokens, message.parse(raw), trained.threshold)


# --- verdicts ----------------------------------------------------------------------------------------------


def test_the_band_of_unsure_messages_holds_for_such_a_model_too(trained: Model) -> None:
    seen = Evidence(message.parse(mail("shop", 100)))
    probability = Classifier(trained).judge(seen).probability
    above, below = (probability + 1.0) / 2, probability / 2
    assert Classifier(trained, threshold=above, unsure=below).judge(seen).label is Label.UNSURE
    assert Classifier(trained, threshold=above).judge(seen).label is Label.LEGITIMATE
    assert Classifier(trained, threshold=below, unsure=below / 2).judge(seen).label is Label.SPAM


# --- learning ----------------------------------------------------------------------------------------------


def test_mail_never_seen_is_told_apart(trained: Model) -> None:
    assert [judge(trained, mail("shop", n)).spam for n in range(100, 130)] == [True] * 30
    assert [judge(trained, mail("choir", n)).spam for n in range(100, 130)] == [False] * 30


def test_five_messages_of_each_label_are_enough_to_start_with(tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 5)
    few = tokenlearner.train(tokenized.read(None, [shop], [choir]))
    shown = [(judge(few, mail("shop", n)), judge(few, mail("choir", n))) for n in range(100, 130)]
    assert all(a.probability > b.probability for a, b in shown)
    assert sum(a.spam for a, _ in shown) >= 25
    assert not any(b.spam for _, b in shown)
    assert all(0.02 < v.probability < 0.98 for pair in shown for v in pair), "so few messages give no certainty"


def test_fewer_than_two_of_a_label_teach_nothing(tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 1)
    with pytest.raises(CorpusError, match="--spam: 1 messages, at least 2"):
        tokenized.read(None, [shop], [choir])


def test_neither_the_order_nor_the_names_nor_the_form_of_files_matter(tmp_path: Path) -> None:
    """The same messages in files, in files of other names, in an mbox, and twice, give the same bytes."""
    shop, choir = folders(tmp_path / "a", 12)
    other_shop, other_choir = folders(tmp_path / "b", 12, name=lambda n: f"{97 - n}.txt")
    box = mailbox.mbox(tmp_path / "shop.mbox")
    for number in (7, 3, 11, 0, 1, 2, 10, 9, 8, 4, 5, 6, 3):
        box.add(mail("shop", number))
    box.close()
    first = tokenlearner.train(tokenized.read(None, [shop], [choir])).dumps()
    assert tokenlearner.train(tokenized.read(None, [other_shop], [other_choir, choir])).dumps() == first
    assert tokenlearner.train(tokenized.read(None, [tmp_path / "shop.mbox"], [choir])).dumps() == first


def test_a_message_in_both_folders_counts_as_legitimate(tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 5)
    (choir / "mine.eml").write_bytes(mail("shop", 2))
    by_digest = {one.digest: one.spam for one in tokenized.read(None, [shop], [choir])}
    assert by_digest[message.parse(mail("shop", 2)).digest] is False
    assert sum(by_digest.values()) == 4


def test_a_learner_says_what_its_model_says() -> None:
    """What is learnt with numpy is scored without it, to the last digit."""
    found = [tokenized.tokenize(message.parse(mail(k, n)), k == "shop") for n in range(9) for k in ("shop", "choir")]
    learner = tokenlearner.learnt(found)
    weights = learner.weights()
    for kind in ("shop", "choir"):
        seen = message.parse(mail(kind, 50))
        assert weights.score(tokens.measure(seen)) == learner.score(tokenized.tokenize(seen, True))


@pytest.mark.parametrize("shift", [-3.0, 0.0, 5.0])
def test_calibrated_scores_hold(shift: float) -> None:
    """Of messages at 0.8, eight in ten are spam."""
    import numpy as np

    choice = np.random.default_rng(1)
    odds = choice.normal(0.0, 2.0, 20_000)
    spam = choice.random(20_000) < 1 / (1 + np.exp(-odds))
    slope, offset = tokenlearner.calibration(odds / 3 + shift, spam)
    assert slope == pytest.approx(3.0, abs=0.2)
    assert offset == pytest.approx(-3.0 * shift, abs=0.7)


def test_scores_that_say_nothing_leave_the_share_of_spam() -> None:
    import numpy as np

    slope, offset = tokenlearner.calibration(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False]))
    assert (slope, offset) == (tokenlearner.LEAST_SLOPE, 0.0)


# --- what never teaches ------------------------------------------------------------------------------------

VERDICTS = {
    "X-Spam-Status": "Yes, score=9.1", "X-Spam-Flag": "YES", "X-Bogosity": "Spam, tests=bogofilter",
    "X-Spamrec": "spam, 0.99", "X-Spamrec-Reasons": "words", "X-Rspamd-Score": "12", "X-DSPAM-Result": "Spam",
    "X-CRM114-Status": "SPAM", "X-Forefront-Antispam-Report": "SFV:SPM", "X-Spambayes-Classification": "spam",
    "X-MS-Exchange-Organization-SCL": "9", "X-Gmail-Labels": "Spam", "X-Mozilla-Keys": "Junk", "X-Virus-Scanned": "yes",
    "Status": "RO", "X-Keywords": "Junk",
}  # fmt: skip


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_of_a_filter_never_teaches(name: str) -> None:
    """With the header and without, the tokens are the same."""
    without, with_ = (
        tokens.read(message.parse(raw)) for raw in (mail("shop", 1), mail("shop", 1, **{name: VERDICTS[name]}))
    )
    assert with_ == without


@pytest.mark.parametrize("tag", ["[SPAM] ", "***SPAM*** ", "{Spam?} ", "[ *SPAM* ] "])
def test_a_filters_mark_on_the_subject_never_teaches(tag: str) -> None:
    raw = mail("choir", 4)
    assert tokens.read(message.parse(raw.replace(b"Subject: ", b"Subject: " + tag.encode(), 1))) == tokens.read(
        message.parse(raw)
    )


@pytest.mark.parametrize("name", ["X-Mailer", "List-Id", "Precedence", "X-Campaign"])
def test_other_headers_do(name: str) -> None:
    seen = tokens.read(message.parse(mail("shop", 1, **{name: "Bloom 3"})))
    assert f"{name.lower()}:bloom" in seen.tokens[tokens.FAMILIES.index("header")]


# --- tokens ------------------------------------------------------------------------------------------------


def hostile() -> Iterator[bytes]:
    """Mail that is hardly any."""
    yield b""
    yield b"\n\n"
    yield b"From: a\n\nabc"
    yield bytes(range(256)) * 40
    yield b"Subject: " + b"\xff\xfe" * 900 + b"\n\n" + b"\xf0\x9f" * 5000
    yield b"Received: " + b"a." * 30_000 + b"\n\n"
    yield b"Content-Type: text/html\n\n<a href='http://[::1'>x</a><a href='http://" + b"x." * 3000 + b"'>y</a>"


@pytest.mark.parametrize("raw", list(hostile()))
def test_hostile_mail_is_judged(trained: Model, raw: bytes) -> None:
    verdict = judge(trained, raw)
    assert 0.0 <= verdict.probability <= 1.0
    assert all(0 <= at < tokens.SIZE for found in tokens.measure(message.parse(raw)) for at in found)


@pytest.mark.parametrize("raw", [mail("shop", 3), mail("choir", 77), FRIEND.read_bytes(), *hostile()])
def test_every_token_is_spelled_once(raw: bytes) -> None:
    """Reasons rest on the very buckets that are scored."""
    reading = tokens.read(message.parse(raw))
    by_family: dict[str, list[int]] = {family: [] for family in tokens.FAMILIES}
    for family, at, _ in tokens.spelled(reading):
        by_family[family].append(at)
    assert [tuple(sorted(found)) for found in by_family.values()] == list(tokens.sample(reading))


def test_buckets_are_the_same_on_every_machine() -> None:
    """A model would be void where they moved."""
    assert tokens.bucket("word", "orchid") == 253_321
    assert tokens.sample(tokens.Reading(((), (), (), ()), b"orchid", b""))[4:] == ((55_812, 210_166, 210_857), ())


# --- reasons -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "side", "words"), [("shop", 1, _SHOP), ("choir", -1, _CHOIR)])
def test_reasons_name_words_of_the_message_and_add_up(trained: Model, kind: str, side: int, words: list[str]) -> None:
    verdict = judge(trained, mail(kind, 60))
    assert trained.tokens
    score = trained.tokens.score(tokens.measure(message.parse(mail(kind, 60))))
    assert sum(reason.weight for reason in verdict.reasons) == pytest.approx(score)
    named = {
        r.signal.removeprefix("word:") for r in verdict.reasons if r.signal.startswith("word:") and r.weight * side > 0
    }
    assert len(named & set(words)) >= 3
    assert not any(r.text.endswith("“”") for r in verdict.reasons)


def test_a_gram_counts_for_the_word_that_it_lies_in() -> None:
    reading = tokens.read(message.parse(b"Subject: hello\n\nclearance of trowels\n"))
    owners = {word.text for family, _, word in tokens.spelled(reading) if family == "text-gram"}
    assert owners == {"hello", "clearance", "of", "trowels"}
    heads = {word.text for family, _, word in tokens.spelled(reading) if family == "header-gram"}
    assert heads == {"subject", "subject:hello"}


def test_what_would_turn_a_verdict_names_words(trained: Model) -> None:
    assert trained.tokens
    seen = message.parse(mail("shop", 61).replace(b"Number", b"rehearsal psalm chapel alto tenor"))
    now = tokenverdict.judge(trained.tokens, seen, trained.threshold)
    ((statement, then),) = tokenverdict.flips(trained.tokens, seen, trained.threshold)
    assert statement.startswith("without ")
    assert (then >= trained.threshold) is not now.spam


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_at_the_end_turns_nothing_over(trained: Model, threshold: float) -> None:
    assert trained.tokens
    assert tokenverdict.flips(trained.tokens, message.parse(mail("shop", 1)), threshold) == []


# --- the file ----------------------------------------------------------------------------------------------


def test_what_is_written_is_read_back(trained: Model, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(trained.dumps(), encoding="utf-8")
    read = model.load(path)
    assert read.dumps() == trained.dumps()
    assert read.tokens
    assert trained.tokens
    assert read.tokens.table == trained.tokens.table


def test_a_file_holds_no_word_of_the_mail(trained: Model) -> None:
    assert not [word for word in (*_SHOP, *_CHOIR, "ida@home", "verdant") if word in trained.dumps()]


def changed(trained: Model, **keys: Any) -> str:
    """The model's text with keys of its tokens replaced; None leaves one out."""
    table = json.loads(trained.dumps())
    table["tokens"] = {k: v for k, v in (table["tokens"] | keys).items() if v is not None}
    return json.dumps(table)


DAMAGES: dict[str, dict[str, Any]] = {
    "no table": {"table": None}, "table cut": {"table": "AAAA"}, "table a list": {"table": [1, 2]},
    "no base64": {"table": "!" * (2 * tokens.SIZE // 3 * 4 + 4)}, "table too large": {"table": "A" * 4 * tokens.SIZE},
    "another number of buckets": {"buckets": 65_536}, "buckets in words": {"buckets": "many"},
    "no bias": {"bias": None}, "bias a fraction": {"bias": 0.5}, "bias true": {"bias": True}, "bias huge": {"bias": 10**9},
    "slope 0": {"slope": 0}, "slope negative": {"slope": -1.0}, "slope NaN": {"slope": float("nan")},
    "slope infinite": {"slope": float("inf")}, "offset in words": {"offset": "0"}, "offset huge": {"offset": 1e9},
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_refused_with_the_remedy(trained: Model, tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(changed(trained, **DAMAGES[name]), encoding="utf-8")
    with pytest.raises(ModelError, match=r"is damaged: .*; train it again with `spamrec train`"):
        model.load(path)


@pytest.mark.parametrize("tokens_", [None, [], 7])
def test_a_file_without_its_table_is_refused(trained: Model, tmp_path: Path, tokens_: Any) -> None:
    path = tmp_path / "model.json"
    table = json.loads(trained.dumps()) | {"tokens": tokens_}
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        model.load(path)
    path.write_text(json.dumps({k: v for k, v in table.items() if k != "tokens"}), encoding="utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        model.load(path)


def test_only_a_file_with_tokens_has_the_newer_format(trained: Model) -> None:
    """A spamrec that knows no tokens must refuse it, and go on reading the shipped one."""
    assert json.loads(trained.dumps())["format"] == FORMAT
    assert json.loads(model.load().dumps())["format"] == SIGNALS_FORMAT < FORMAT


def test_a_table_is_little_endian_base64(trained: Model) -> None:
    raw = base64.b64decode(json.loads(trained.dumps())["tokens"]["table"])
    assert trained.tokens
    assert len(raw) == 2 * tokens.SIZE
    assert [int.from_bytes(raw[2 * i : 2 * i + 2], "little", signed=True) for i in range(tokens.SIZE)] == list(
        trained.tokens.table
    )


# --- the commands ------------------------------------------------------------------------------------------


def test_train_classify_explain_without_a_base(run: Run, tmp_path: Path) -> None:
    shop, choir = folders(tmp_path, 12)
    out = tmp_path / "own.json"
    ended = run("train", "--no-base", "--spam", shop, "--legit", choir, "--out", out)
    assert (ended.status, ended.out) == (Status.DONE, "")
    assert f"wrote {out}: 24 messages" in ended.err
    for kind, label in (("shop", "spam"), ("choir", "legitimate")):
        ended = run("classify", "--format", "jsonl", "--model", out, "-", stdin=mail(kind, 99))
        told = json.loads(ended.out)
        assert (told["label"], told["kind"], told["pitch"]["roles"]) == (label, "other", [])
        assert {"signal", "text", "weight"} == set(told["reasons"][0])
    shown = run("explain", "--model", out, "-", stdin=mail("shop", 99)).out
    assert "it says “" in shown


def test_without_a_base_both_labels_are_needed(run: Run, tmp_path: Path) -> None:
    assert run("train", "--no-base").status == Status.USAGE
    assert run("train", "--no-base", "--spam", tmp_path).status == Status.USAGE
    assert run("train", "--no-base", "--spam", tmp_path, "--legit", tmp_path).status == Status.DATA


def test_scoring_loads_nothing_heavy(home: Path, trained: Model) -> None:
    (home / "model.json").write_text(trained.dumps(), encoding="utf-8")
    program = (
        "import sys; from spamrec import cli; status = cli.run(sys.argv[1:]); "
        "print(status, [m for m in ('numpy', 'scipy', 'sklearn', 'joblib', 'rich', 'spamrec.tokenlearner') "
        "if m in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "classify", "-"], input=mail("shop", 1), capture_output=True,
        env=environment(home), check=False,
    )  # fmt: skip
    assert ended.stderr.splitlines()[-1] == b"0 []"
    assert ended.stdout.startswith(b"spam ")


def test_a_message_without_any_token_is_learnt_too() -> None:
    learner = tokenlearner.Learner()
    for _ in range(3):
        learner.learn(tokenized.tokenize(message.parse(b""), True))
    assert learner.score(tokenized.tokenize(message.parse(b""), False)) > 0


def test_doctor_says_what_the_model_is_of(run: Run, home: Path, trained: Model) -> None:
    (home / "model.json").write_text(trained.dumps(), encoding="utf-8")
    assert "your own, of own mail alone, trained by spamrec" in run("doctor").out


def test_a_label_stands_above_a_model_of_own_mail_alone(run: Run, home: Path, trained: Model) -> None:
    """`learn` turns the message it is given, leaves the model's table alone, and `forget` undoes it."""
    (home / "model.json").write_text(trained.dumps(), encoding="utf-8")
    own, other = (home / name for name in ("own.eml", "other.eml"))
    own.write_bytes(mail("shop", 70))
    other.write_bytes(mail("shop", 71))

    def labels() -> list[str]:
        return [json.loads(line)["label"] for line in run("classify", "--format", "jsonl", own, other).out.splitlines()]

    assert labels() == ["spam", "spam"]
    assert run("learn", "--legit", own).status == Status.DONE
    assert labels() == ["legitimate", "spam"]
    assert "if you had not said so" in run("explain", own).out
    learnt = model.load(home / "model.json").tokens
    assert trained.tokens
    assert learnt
    assert learnt.table == trained.tokens.table
    assert run("forget", own).status == Status.DONE
    assert labels() == ["spam", "spam"]
    assert (home / "model.json").read_text(encoding="utf-8") == trained.dumps()
