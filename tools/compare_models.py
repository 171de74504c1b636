#!/usr/bin/env python3
"""Compare ways to fit the model on a corpus: signals only, words only, both, several penalties; a Markdown table.

usage: compare_models.py [CORPUS]

All figures are out of fold by reader: AUC of the verdict with profile and history, AUC without them, AUC of the pitch
model alone, share of pairs that move the right way.
"""

from __future__ import annotations

import sys
from pathlib import Path

from spamrec import evaluation, training
from spamrec.training import SHIPPED, Settings

WAYS = {
    "signals and words (shipped)": SHIPPED,
    "signals only": Settings(word_scale=0.0),
    "words only in the pitch model": Settings(signals=False),
    "words half as strong": Settings(word_scale=SHIPPED.word_scale / 2),
    "words of 8 readers or more": Settings(min_readers=8),
    "one reader's mail not capped": Settings(reader_cap=1e9),
    "mail of known senders counted whole": Settings(trusted_weight=1.0),
    "pitch model, penalty 3 times": Settings(pitch_strength=SHIPPED.pitch_strength / 3),
    "pitch model, penalty a third": Settings(pitch_strength=SHIPPED.pitch_strength * 3),
    "verdict model, penalty 10 times": Settings(verdict_strength=SHIPPED.verdict_strength / 10),
    "verdict model, penalty a tenth": Settings(verdict_strength=SHIPPED.verdict_strength * 10),
}


def main(corpus: str = "data") -> None:
    """Print the table."""
    rows = training.rows(Path(corpus), jobs=2)
    print("| way | AUC | without profile | pitch model | pairs right | calibration error |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, settings in WAYS.items():
        found = evaluation.evaluate(rows, training.out_of_fold(rows, settings, jobs=2))
        stranger = found.auc_stranger.value if found.auc_stranger else float("nan")
        pitch = found.auc_pitch.value if found.auc_pitch else float("nan")
        print(
            f"| {name} | {found.auc.value:.4f} | {stranger:.4f} | {pitch:.4f} | "
            f"{found.pairs_right.value:.1%} | {found.calibration_error:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:2])
