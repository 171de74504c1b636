"""Compare the figures on real development mail with the floors below; status 1 where one is missed.

usage: floors.py SCORE.json      what `score.py --json` printed

The shipped model without a profile. Floors are only ever raised: each stands at what a released model has reached, or
at what the next one must.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

AT_LEAST = {
    "auc_recruiter_jobmail": 0.985,
    "auc_recruiter_ham": 0.998,
    "flagged recruiter": 0.9,
    "flagged scam": 0.85,
}
AT_MOST = {
    "flagged ham": 0.001,
    "flagged jobmail": 0.03,
}


def figures(score: dict[str, Any]) -> dict[str, float]:
    """Figures by name, shares called spam as `flagged FOLDER`."""
    named = {name: value for name, value in score.items() if isinstance(value, int | float)}
    return named | {f"flagged {folder}": share for folder, share in score["flagged"].items()}


def main(path: str) -> int:
    """Say of each figure how it stands to its floor or ceiling."""
    found = figures(json.loads(Path(path).read_text(encoding="utf-8")))
    missed = 0
    for bounds, sign in ((AT_LEAST, 1), (AT_MOST, -1)):
        for name, bound in bounds.items():
            holds = sign * (found[name] - bound) >= 0
            missed += not holds
            relation = ">=" if sign > 0 else "<="
            told = f"{name:<24}{found[name]:>9.4f}  {relation} {bound:<7} {'holds' if holds else 'MISSED'}"
            print(told)  # noqa: T201 - its output
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
