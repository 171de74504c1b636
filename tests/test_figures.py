"""Out-of-fold figures become the texts that are documented."""

from __future__ import annotations

import json

from small_evaluation import found
from spamrec import figures, report
from spamrec.evaluation import Asked


def test_what_was_not_asked_for_is_not_told() -> None:
    text = report.plain(figures.table(found()))
    assert not any(word in text for word in ("To lose", "costs", "Unsure"))
    record = json.loads(report.jsonl(figures.record(found())))
    assert [record[key] for key in ("loss_limit", "cost", "unsure")] == [None, None, None]


def test_the_json_object_holds_what_was_asked_for() -> None:
    record = json.loads(report.jsonl(figures.record(found(Asked(0.2, 100, 0.15)))))
    assert record["loss_limit"]["max_lost"] == 0.2
    assert record["loss_limit"]["effect"]["lost"]["hits"] == 1
    cost = record["cost"]
    assert (cost["false_positive_cost"], cost["effect"]["threshold"]) == (100, 0.99)
    assert (cost["least"], cost["in_force"], cost["unfiltered"]) == (5 / 12, (2 + 100) / 12, 0.5)
    assert record["unsure"]["low"] == 0.15
    assert (record["unsure"]["spam"]["hits"], record["unsure"]["legitimate"]["hits"]) == (2, 1)


def test_csv_has_a_line_for_each_reader() -> None:
    assert figures.csv(found()) == (
        "reader,spam,legitimate,auc,caught,lost\nann,6,5,0.9,0.666667,0\nbob,0,1,nan,nan,1\n"
    )
