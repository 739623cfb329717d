"""scikit-learn: TF-IDF of words and word pairs with logistic regression, or hashed ones with SGD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline

from benchmarks.programs.files import Frames, main


def run(frames: Frames, settings: Mapping[str, Any]) -> dict[str, float]:
    """Train with `method` "tfidf" and `C` and `min_df`, or with `method` "hashing" and `alpha`."""
    if settings["method"] == "tfidf":
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=settings["min_df"])
        model = LogisticRegression(C=settings["C"], max_iter=300)
    else:
        vectorizer = HashingVectorizer(ngram_range=(1, 2))
        model = SGDClassifier(loss="log_loss", alpha=settings["alpha"], n_jobs=2, random_state=0)
    pipeline = make_pipeline(vectorizer, model)
    pipeline.fit(frames["train"]["text"].to_list(), frames["train"]["label"].to_list())
    return {
        name: float(pipeline.score(frames[name]["text"].to_list(), frames[name]["label"].to_list()))
        for name in ("val", "test")
    }


if __name__ == "__main__":
    main(run)
