"""Two peers, trained on the training split alone, with settings chosen on the validation split."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.small.files import Splits

Candidate = tuple[dict[str, Any], float, Callable[[], float]]
"""Settings, accuracy on the validation split, and what computes the accuracy on the test split until the next one."""

MANY_CHARACTERS = 1_000_000  # in train: rare n-grams of characters are left out, and fewer epochs are tried
NO_CHARACTERS = {"minn": 0, "maxn": 0}
CHARACTERS = {"minn": 2, "maxn": 5, "wordNgrams": 1}


def is_large(splits: Splits) -> bool:
    """Return whether the training texts are many or long."""
    return sum(map(len, splits["train"][0])) > MANY_CHARACTERS


def sklearn_candidates(splits: Splits) -> Iterator[Candidate]:
    """TF-IDF of words and word pairs, with and without n-grams of characters, and logistic regression."""
    from sklearn.linear_model import LogisticRegression

    (_, train_labels), (_, val_labels), (_, test_labels) = (splits[name] for name in ("train", "val", "test"))
    for name, (train, val, test) in tfidf_features(splits).items():
        model = LogisticRegression(max_iter=300, tol=1e-3, warm_start=True)
        if len(set(train_labels)) == 2:
            model = LogisticRegression(solver="liblinear", dual=True, max_iter=2000, random_state=0)
        for c in (1, 5, 20, 80):
            model.set_params(C=c).fit(train, train_labels)
            yield (
                {"features": name, "C": c},
                model.score(val, val_labels),
                lambda model=model, test=test: model.score(test, test_labels),
            )


def tfidf_features(splits: Splits) -> dict[str, list[Any]]:
    """Return the matrices of train, val and test by the name of the features."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    def encode(**options: Any) -> list[Any]:
        vectorizer = TfidfVectorizer(sublinear_tf=True, **options)
        vectorizer.fit(splits["train"][0])
        return [vectorizer.transform(splits[name][0]) for name in ("train", "val", "test")]

    words = {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
    rare = 3 if is_large(splits) else 1
    characters = encode(analyzer="char_wb", ngram_range=(2, 5), min_df=rare)
    features = {"words": encode(**words)}
    with suppress(ValueError):  # no word is in two texts
        features["words of two texts"] = encode(**words, min_df=2)
    both = zip(features["words"], characters, strict=True)
    return {**features, "words and characters": [hstack(pair).tocsr() for pair in both]}


def fasttext_candidates(splits: Splits) -> Iterator[Candidate]:
    """fastText with words, word pairs or n-grams of characters, and several epochs and rates."""
    import fasttext

    epochs = ((5, 1.0), (10, 0.5), (25, 0.25)) if is_large(splits) else ((25, 0.5), (50, 1.0), (100, 0.5))
    fewer = ((epochs[0][0] // 2 + 3, 0.5), *epochs[:2])
    grid = [
        *({**NO_CHARACTERS, "wordNgrams": words, "epoch": n, "lr": lr} for (n, lr), words in product(epochs, (1, 2))),
        *({**CHARACTERS, "epoch": n, "lr": lr} for n, lr in fewer),
    ]
    with tempfile.TemporaryDirectory() as folder:
        train, val, test = (write_fasttext(Path(folder) / name, splits, name) for name in ("train", "val", "test"))
        for settings in grid:
            try:
                model = fasttext.train_supervised(train, thread=1, verbose=0, seed=0, bucket=200_000, **settings)
            except RuntimeError:  # not a number: the rate is too high
                continue
            yield settings, model.test(val)[1], lambda model=model: model.test(test)[1]


def write_fasttext(path: Path, splits: Splits, name: str) -> str:
    """Write a split in fastText's format and return the path."""
    import polars as pl

    from benchmarks.programs.files import separate_punctuation

    numbers = {label: number for number, label in enumerate(sorted(set(splits["train"][1])))}
    texts, labels = splits[name]
    spaced = separate_punctuation(pl.Series(texts, dtype=pl.String))
    lines = (f"__label__{numbers[label]} {text}\n" for label, text in zip(labels, spaced, strict=True))
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


PEERS = {"scikit-learn": sklearn_candidates, "fastText": fasttext_candidates}


def run_peer(name: str, splits: Splits) -> dict[str, Any]:
    """Return the settings with the best validation accuracy, the first of equals, and their test accuracy."""
    started = time.perf_counter()
    chosen: dict[str, Any] = {"val": -1.0}
    for settings, val, test in PEERS[name](splits):
        if val > chosen["val"]:
            chosen = {"val": float(val), "test": float(test()), "settings": settings}
    return {**chosen, "seconds": time.perf_counter() - started}
