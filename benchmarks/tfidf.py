"""The scikit-learn pipeline that most would write: TF-IDF of the raw text into a logistic regression.

usage: tfidf.py train SAVED SPAM-LIST LEGIT-LIST; tfidf.py classify SAVED <LIST. Lists hold one path a line.
"""

from __future__ import annotations

import sys
from pathlib import Path


def texts(lines: str) -> list[str]:
    """What stands in the files of a list."""
    return [Path(line).read_text(encoding="latin-1") for line in lines.splitlines()]


def main(do: str, saved: str, *lists: str) -> None:
    """Train and save, or load and judge."""
    import joblib

    if do == "train":
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        spam, legit = (texts(Path(name).read_text(encoding="utf-8")) for name in lists)
        pipeline = make_pipeline(TfidfVectorizer(min_df=2, sublinear_tf=True), LogisticRegression(max_iter=1000))
        joblib.dump(pipeline.fit([*spam, *legit], [1] * len(spam) + [0] * len(legit)), saved)
    else:
        for probability in joblib.load(saved).predict_proba(texts(sys.stdin.read()))[:, 1]:
            print(f"{probability:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
