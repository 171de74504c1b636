"""What the reader labels is learnt at once, exactly, and without a trace where it is taken back."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from command_line import FRIEND, MODEL, PITCH, make_home
from spamrec import bulk, files, learning, message, model, personal
from spamrec.classifier import Classifier, Values
from spamrec.errors import HistoryLockedError
from spamrec.evidence import Evidence
from spamrec.files import Files
from spamrec.history import History
from spamrec.learning import Learnt
from spamrec.profile import Profile
from spamrec.schema import MIGRATIONS
from spamrec.sources import Mail
from spamrec.standing import Standing
from spamrec.verdict import Label

SPAM, LEGITIMATE = Label.SPAM, Label.LEGITIMATE


@pytest.fixture
def where(tmp_path: Path) -> Files:
    """A reader's files, none of which exists yet."""
    return files.locate({"SPAMREC_HOME": str(tmp_path / "reader")})


def pitch(number: int, *, sender: str = "", day: int = 0, text: str = "") -> bytes:
    """One of many pitches, each with words, sender and Message-ID of its own."""
    who = sender or f"agent{number}@firm{number % 7}.example"
    return (
        f"From: Agent {number} <{who}>\nTo: robin@own.example\nSubject: Role {number % 5} for you\n"
        f"Date: Mon, {1 + (day or number) % 28:02} Jun 2026 09:00:00 +0000\nMessage-ID: <{number}@blast.example>\n\n"
        f"{text or f'Dear candidate, our direct client in town {number} needs a welder. Send me your resume and rate.'}\n"
    ).encode()


def letter(number: int) -> bytes:
    """One of many letters."""
    return (
        f"From: Friend {number} <friend{number}@home.example>\nTo: robin@own.example\nSubject: Apples {number}\n"
        f"Date: Tue, {1 + number % 28:02} Jun 2026 18:00:00 +0000\nMessage-ID: <{number}@apples.example>\n\n"
        f"Hi Robin,\n\nthe apples of tree {number} are ripe. Shall we press them on Saturday?\n"
    ).encode()


def contents(where: Files) -> bytes:
    """The reader's model file, empty where there is none."""
    return where.model.read_bytes() if where.model.exists() else b""


def learn(where: Files, raws: Sequence[bytes] | bytes, label: Label) -> Learnt:
    return learning.learn(where, [raws] if isinstance(raws, bytes) else raws, label)


def judge(where: Files, raw: bytes) -> tuple[Label, float, list[str]]:
    """Label, probability and signals of a message, as every command has them."""
    found = bulk.Judge(bulk.setup(where)).judge(Mail("-", raw)).verdict
    return found.label, found.probability, [reason.signal for reason in found.reasons]


# --- exact -------------------------------------------------------------------------------------------------


def test_what_is_forgotten_leaves_the_former_model_byte_for_byte(where: Files) -> None:
    learn(where, [pitch(n) for n in range(6)], SPAM)
    learn(where, [letter(n) for n in range(6)], LEGITIMATE)
    before = contents(where)
    assert learn(where, [pitch(7), letter(7)], LEGITIMATE).new == 2
    assert contents(where) != before
    assert learning.forget(where, [pitch(7), letter(7)]).forgotten == 2
    assert contents(where) == before


def test_with_no_label_left_the_shipped_model_is_used_again(where: Files) -> None:
    learn(where, pitch(1), SPAM)
    assert bulk.setup(where).model == where.model
    done = learning.forget(where, [pitch(1)])
    assert (done.model, done.counts) == (model.shipped_path(), {"spam": 0, "legitimate": 0})
    assert not where.model.exists()
    assert bulk.setup(where).model is None


def test_the_same_label_twice_changes_nothing_and_the_other_flips_it(where: Files) -> None:
    assert learn(where, pitch(1), SPAM)[:3] == (1, 0, 0)
    once, stamp = contents(where), where.model.stat().st_mtime_ns
    assert learn(where, pitch(1), SPAM)[:3] == (0, 0, 1)
    assert (contents(where), where.model.stat().st_mtime_ns) == (once, stamp)
    done = learn(where, pitch(1), LEGITIMATE)
    assert done[:3] == (0, 1, 0)
    assert done.counts == {"spam": 0, "legitimate": 1}
    assert contents(where) != once
    assert learn(where, pitch(1), SPAM).flipped == 1
    assert contents(where) == once


def test_one_by_one_in_any_order_is_all_at_once(tmp_path: Path) -> None:
    """Senders, threads and lists in common included, where what is known of one message could tell of another."""
    mails = [(pitch(n, sender=f"agent{n % 3}@firm.example"), SPAM) for n in range(20)]
    mails += [(letter(n), LEGITIMATE) for n in range(20)]
    mails += [(post(n), LEGITIMATE if n % 2 else SPAM) for n in range(6)]
    at_once, one_by_one = (files.locate({"SPAMREC_HOME": str(tmp_path / name)}) for name in ("at-once", "one-by-one"))
    for label in Label:
        learn(at_once, [raw for raw, given in mails if given is label], label)
    random.Random(6).shuffle(mails)
    for raw, label in mails:
        learn(one_by_one, raw, label)
    assert contents(at_once) == contents(one_by_one) != b""


def post(number: int) -> bytes:
    """One of many posts of one member to one list, in one thread."""
    head = f"From: ann@list.example\nList-Id: <py.list.example>\nReferences: <root@list.example>\nSubject: Re: job {number}\n"
    return (
        f"{head}Date: Wed, {1 + number:02} Jul 2026 09:00:00 +0000\nMessage-ID: <p{number}@list.example>\n\n".encode()
        + (f"We are hiring a welder, part {number}. Send your resume to me, the pay is 40 USD per hour.\n".encode())
    )


@pytest.mark.slow
def test_a_thousand_messages_one_by_one_make_the_model_of_all_at_once(tmp_path: Path) -> None:
    mails = [(pitch(n, text=f"{words(n)} our client hires. Send me your resume."), SPAM) for n in range(500)]
    mails += [(letter(n).replace(b"apples", words(n).encode()), LEGITIMATE) for n in range(500)]
    at_once, one_by_one = (files.locate({"SPAMREC_HOME": str(tmp_path / name)}) for name in ("at-once", "one-by-one"))
    for label in Label:
        learn(at_once, [raw for raw, given in mails if given is label], label)
    random.Random(1000).shuffle(mails)
    for raw, label in mails:
        learn(one_by_one, raw, label)
    assert contents(at_once) == contents(one_by_one)
    assert model.load(at_once.model).learnt == {"spam": 500, "legitimate": 500}


def words(number: int) -> str:
    """Two words of its own for each number up to 675."""
    one = chr(97 + number // 26) + chr(97 + number % 26)
    return f"town{one} welder{one}"


def test_mail_of_a_corpus_one_by_one_makes_the_model_of_all_at_once(tmp_path: Path, data: Path) -> None:
    mails = [
        (path.read_bytes(), SPAM if path.parent.name == "spam" else LEGITIMATE)
        for path in sorted(data.glob("*/*/*.eml")) if path.parent.name in ("spam", "legit")
    ]  # fmt: skip
    mails = random.Random(30).sample(mails, 30)
    at_once, one_by_one = (files.locate({"SPAMREC_HOME": str(tmp_path / name)}) for name in ("at-once", "one-by-one"))
    for label in Label:
        learn(at_once, [raw for raw, given in mails if given is label], label)
    for raw, label in mails:
        learn(one_by_one, raw, label)
    assert contents(at_once) == contents(one_by_one) != b""


def test_two_copies_under_one_message_id_are_one_message_whichever_came_first(tmp_path: Path) -> None:
    direct = pitch(1)
    over_list = direct.replace(b"rate.", b"rate.\n-- \nlist footer") + b"list@lists.example\n"
    models_ = []
    for number, order in enumerate(((direct, over_list), (over_list, direct))):
        where = files.locate({"SPAMREC_HOME": str(tmp_path / str(number))})
        assert [learn(where, raw, SPAM).counts["spam"] for raw in order] == [1, 1]
        models_.append(contents(where))
        assert learning.forget(where, [over_list]).counts["spam"] == 0
    assert models_[0] == models_[1]


def test_headers_of_filters_teach_nothing(tmp_path: Path) -> None:
    """Our own and those of others, so that no filter learns what another one said."""
    verdicts = b"X-Spam-Flag: YES\nX-Spam-Status: Yes, score=9\nX-Bogosity: Spam, tests=bogofilter\nX-Spamd-Bar: +++\n"
    plain = files.locate({"SPAMREC_HOME": str(tmp_path / "plain")})
    tagged = files.locate({"SPAMREC_HOME": str(tmp_path / "tagged")})
    learn(plain, pitch(1), SPAM)
    learn(tagged, b"X-Spamrec: spam, probability=0.99\nX-Spamrec-Reason: x\n" + verdicts + pitch(1), SPAM)
    assert contents(plain) == contents(tagged) != b""


# --- corrections -------------------------------------------------------------------------------------------


def test_a_correction_wins_from_the_first_label(where: Files) -> None:
    assert judge(where, pitch(1))[0] is SPAM
    learn(where, pitch(1), LEGITIMATE)
    label, probability, signals = judge(where, pitch(1))
    assert (label, signals[0]) == (LEGITIMATE, "told")
    assert probability < 0.001
    learn(where, letter(1), SPAM)
    label, probability, signals = judge(where, letter(1))
    assert (label, signals[0]) == (SPAM, "told")
    assert probability > 0.999


def test_the_reason_says_when(where: Files) -> None:
    learn(where, pitch(1), LEGITIMATE)
    found = bulk.Judge(bulk.setup(where)).judge(Mail("-", pitch(1))).verdict
    assert found.reasons[0].text == f"you said so on {datetime.now(UTC).date()}"
    again = bulk.Judge(bulk.setup(where)).judge(Mail("-", sent_again(1))).verdict
    assert again.reasons[0].text == f"you said so of the same text on {datetime.now(UTC).date()}"


def sent_again(number: int) -> bytes:
    """The same text from the same sender, on another day under another Message-ID."""
    raw = pitch(number, day=number + 9)
    return raw.replace(b"<%d@blast" % number, b"<%d.again@blast" % number)


def test_a_correction_holds_for_the_same_text_of_the_same_sender_or_firm(where: Files) -> None:
    learn(where, pitch(1), LEGITIMATE)
    colleague = sent_again(1).replace(b"agent1@firm1", b"other@mail.firm1")
    stranger = sent_again(1).replace(b"agent1@firm1.example", b"eve@elsewhere.example")
    assert [judge(where, raw)[2][0] == "told" for raw in (sent_again(1), colleague, stranger)] == [True, True, False]


def test_a_short_text_is_the_same_from_the_same_sender_only(where: Files) -> None:
    short = pitch(1, text="Still interested?").replace(b"Role 1 for you", b"hi")
    learn(where, short, SPAM)
    again = short.replace(b"<1@blast", b"<2@blast")
    assert judge(where, again)[2][0] == "told"
    assert judge(where, again.replace(b"agent1@", b"other@"))[2][:1] != ["told"]


def test_the_last_word_on_a_text_counts(where: Files) -> None:
    with History(where.history) as history:
        for raw, label, day in ((pitch(1), "spam", 1), (sent_again(1), "legitimate", 2)):
            history.teach(message.parse(raw), label, "{}", at=datetime(2026, 7, day, tzinfo=UTC))
        third = message.parse(sent_again(1).replace(b".again", b".third"))
        standing = history.standing(third)
    assert (standing.told, standing.told_on, standing.told_itself) == ("legitimate", date(2026, 7, 2), False)


def test_welcome_mail_gives_no_pass_to_a_forged_copy_or_after_a_request_to_stop(where: Files) -> None:
    learn(where, pitch(1), LEGITIMATE)
    forged = b"Authentication-Results: mx.own.example; spf=fail; dkim=fail; dmarc=fail\n" + sent_again(1)
    assert judge(where, forged)[2][0] != "told"
    barred = Profile(never=("agent1@firm1.example",))
    with History(where.history) as history:
        assert history.standing(message.parse(sent_again(1))).told == "legitimate"
        assert history.standing(message.parse(sent_again(1)), barred).told == ""
        assert history.standing(message.parse(pitch(1)), barred).told == "legitimate"


def test_nothing_turns_a_correction_but_taking_it_back() -> None:
    told = Standing(told="spam", told_on=date(2026, 7, 1), told_itself=True)
    evidence = Evidence(message.parse(FRIEND.read_bytes()), standing=told)
    assert [statement for statement, _ in Classifier(MODEL).flips(evidence)] == ["if you had not said so"]


def test_every_threshold_leaves_a_correction_alone() -> None:
    for threshold in (0.0, 1.0):
        for label in Label:
            evidence = Evidence(message.parse(PITCH.read_bytes()), standing=Standing(told=label, told_itself=True))
            assert Classifier(MODEL, threshold=threshold).judge(evidence).label is label


# --- B25: what a label says of other mail ------------------------------------------------------------------


def test_b25_a_label_is_remembered_of_the_sender_from_its_day_on(where: Files) -> None:
    first = pitch(1, day=5)
    learn(where, first, SPAM)
    with History(where.history) as history:
        later = message.parse(pitch(30, sender="agent1@firm1.example", day=9, text="Just bumping this."))
        earlier = message.parse(pitch(31, sender="agent1@firm1.example", day=2, text="Just bumping this."))
        assert history.standing(later).judged == "spam"
        assert history.standing(earlier).judged == ""
    learning.forget(where, [first])
    with History(where.history) as history:
        assert history.standing(later).judged == ""


def test_spam_in_a_thread_bars_none_of_the_others_in_it(where: Files) -> None:
    """Nor the reader, nor the reader's colleagues."""
    root = pitch(1, day=3)
    learn(where, root, SPAM)
    me = Profile(emails=("robin@own.example",))

    def reply(sender: str) -> Standing:
        head = b"In-Reply-To: <1@blast.example>\nReferences: <1@blast.example>\n"
        raw = head + pitch(40, sender=sender, day=8, text="I agree with that.")
        with History(where.history) as history:
            return history.standing(message.parse(raw), me)

    for sender in ("friend@home.example", "robin@own.example", "boss@own.example"):
        assert (reply(sender).judged, reply(sender).thread_judged) == ("", "")
    assert (reply("agent1@firm1.example").judged, reply("agent1@firm1.example").thread_judged) == ("spam", "spam")
    learn(where, pitch(50, sender="boss@own.example", day=3), SPAM)
    learn(where, pitch(51, sender="robin@own.example", day=3), SPAM)
    assert reply("robin@own.example").judged == ""
    assert reply("colleague@own.example").thread_judged == ""


# --- models that the reader trained, and new shipped ones ---------------------------------------------------


def test_a_trained_model_is_kept_under_what_is_learnt_and_comes_back(where: Files) -> None:
    home = make_home(where.model.parent)
    trained = where.model.read_bytes()
    learn(where, pitch(1), SPAM)
    assert (where.trained.read_bytes(), model.load(where.model).base) == (trained, model.digest(where.trained))
    assert model.load(where.model).threshold == MODEL.threshold
    learning.forget(where, [pitch(1)])
    assert where.model.read_bytes() == trained
    assert sorted(path.name for path in home.iterdir()) == ["history.db", "learning.lock", "model.json"]


def test_labels_outlive_a_new_base(where: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first use after spamrec was updated the model is made of the new one, and no command fails."""
    shipped = tmp_path / "shipped.json"
    shipped.write_text(MODEL.dumps(), encoding="utf-8")
    monkeypatch.setattr(model, "SHIPPED", (shipped,))
    learn(where, [pitch(n) for n in range(4)], SPAM)
    shipped.write_text(MODEL._replace(threshold=0.7).dumps(), encoding="utf-8")
    assert bulk.setup(where).model == where.model
    assert model.load(where.model).threshold == 0.7
    fresh = contents(where)
    learn(where, pitch(9), SPAM)
    learning.forget(where, [pitch(9)])
    assert contents(where) == fresh


def test_where_it_cannot_be_made_anew_the_last_model_serves(
    where: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "shipped.json"
    shipped.write_text(MODEL.dumps(), encoding="utf-8")
    monkeypatch.setattr(model, "SHIPPED", (shipped,))
    learn(where, pitch(1), SPAM)
    before = contents(where)
    shipped.write_text(MODEL._replace(threshold=0.7).dumps(), encoding="utf-8")
    with learning._alone(where.model.with_name(learning.LOCK), 1.0):
        assert bulk.setup(where).model == where.model
    assert contents(where) == before
    assert bulk.setup(where).model == where.model
    assert contents(where) != before


def test_a_crash_between_label_and_model_is_mended_by_the_next_run(
    where: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(where, pitch(1), SPAM)
    before = contents(where)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(files, "write", crash)
        with pytest.raises(KeyboardInterrupt):
            learn(where, pitch(2), SPAM)
    assert contents(where) == before
    assert learn(where, pitch(2), SPAM).already == 1
    mended = contents(where)
    learning.forget(where, [pitch(2)])
    assert contents(where) == before != mended


def test_a_lock_that_is_not_let_go_is_told_and_the_label_kept(where: Files) -> None:
    learn(where, pitch(1), SPAM)
    with learning._alone(where.model.with_name(learning.LOCK), 1.0), pytest.raises(HistoryLockedError):
        learning.learn(where, [pitch(2)], SPAM, timeout_s=0.1)
    assert learn(where, pitch(2), SPAM).counts["spam"] == 2
    assert model.load(where.model).learnt == {"spam": 2}


# --- what is kept ------------------------------------------------------------------------------------------


def test_values_come_back_as_they_were() -> None:
    values = Values({"hiring": 1.4}, ("welder", "direct client", "größe"), {"far-place": 1.0}, False, True)
    assert personal.values_of(personal.record(values)) == values


@pytest.mark.parametrize(
    "damaged", ["", "[]", "{", '{"content": 3, "words": "x"}', '{"content": {"a": "b", "c": NaN}}']
)
def test_a_damaged_record_teaches_nothing(damaged: str) -> None:
    assert personal.values_of(damaged) == Values({}, (), {}, False, False)


def test_weights_stay_on_their_side(where: Files) -> None:
    """However wrong the labels are, no reason points the wrong way."""
    learn(where, [pitch(n) for n in range(30)], LEGITIMATE)
    learn(where, [letter(n) for n in range(30)], SPAM)
    made = model.load(where.model).verdict.by_name
    assert all(made.get(name, 0.0) * sign >= 0 for name, sign in personal._SIGN.items() if sign)


def test_many_copies_of_one_text_count_as_one_message(tmp_path: Path) -> None:
    def shift(raws: Iterable[bytes], name: str) -> float:
        where = files.locate({"SPAMREC_HOME": str(tmp_path / name)})
        learn(where, list(raws), LEGITIMATE)
        return model.load(where.model).verdict.by_name.get("word:welder", 0.0)

    text = "Dear candidate, our direct client in this town needs a welder. Send me your resume."
    copies = [pitch(5 * n, text=text, sender="agent@firm.example") for n in range(40)]
    assert shift(copies, "forty") == pytest.approx(shift(copies[:1], "one"), abs=0.002)


def test_a_history_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with sqlite3.connect(path) as db:
        MIGRATIONS[0](db)
        db.execute("PRAGMA user_version = 1")
        db.execute(f"PRAGMA application_id = {0x53504D52}")
        db.execute("INSERT INTO party (address, firm) VALUES ('agent1@firm1.example', 'firm1.example')")
        db.execute(
            "INSERT INTO received (party, message_id, digest, thread, list, at, verdict, label)"
            " VALUES (1, '<1@blast.example>', '', '', '', '2026-06-02', 'spam', '')"
        )
    db.close()
    mail = message.parse(pitch(1))
    with History(path) as history:
        history.teach(mail, "legitimate", "{}")
        assert history.labels() == {"spam": 0, "legitimate": 1}
        assert history.store.row("SELECT verdict, label FROM received") == ("spam", "legitimate")
        assert history.standing(mail).told == "legitimate"
        history.forget_label(mail)
        assert history.store.row("SELECT verdict, label FROM received") == ("spam", "")


def test_a_model_tells_what_it_learnt(where: Files) -> None:
    learn(where, [pitch(1), pitch(2)], SPAM)
    table: dict[str, Any] = json.loads(contents(where))
    assert (table["learnt"], table["base"]) == ({"spam": 2}, model.digest())
    assert model.load(where.model).threshold == model.load().threshold
