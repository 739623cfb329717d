"""Texts with several labels for benchmarks.tagging: reading, metrics, and the peers, each a process.

    python -m benchmarks.programs.label_sets fasttext|sklearn|zoo FILE OUT [--settings JSON | --run FOLDER]
    python -m benchmarks.programs.label_sets goemotions FOLDER FILE

FILE has the columns text, label (labels joined by `|`, empty for none) and split. A peer writes OUT, an `.npz` file
with the probabilities `(rows, classes)` of val and test, classes sorted. `zoo` takes `--run FOLDER` in place of
settings. `goemotions` joins train.tsv, dev.tsv, test.tsv and the names of the labels in a copy of the data set to such
a FILE.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.programs.files import SEED, separate_punctuation

PREFIX = "__label__"
SPLITS = {"train.tsv": "train", "dev.tsv": "val", "test.tsv": "test"}
Probabilities = dict[str, NDArray[np.float64]]


def read_label_sets(file: str) -> tuple[dict[str, pl.DataFrame], list[str]]:
    """The columns `text` and `labels` (lists) of each split, that of train shuffled, and the classes of train."""
    frame = pl.read_csv(file, infer_schema=False, empty_string_is_null=False)
    labels = pl.col("label").str.split("|").list.eval(pl.element().filter(pl.element() != ""))
    frame = frame.select("text", labels.alias("labels"), "split")
    frames = {name: frame.filter(pl.col("split") == name) for name in ("train", "val", "test")}
    frames["train"] = frames["train"].sample(fraction=1, shuffle=True, seed=SEED)
    return frames, sorted(frames["train"]["labels"].explode().drop_nulls().unique())


def to_matrix(labels: pl.Series, classes: list[str]) -> NDArray[np.bool_]:
    """Which labels each row has `(rows, classes)`."""
    return np.array([[name in row for name in classes] for row in map(set, labels.to_list())])


def run_fasttext(file: str, settings: Mapping[str, Any]) -> Probabilities:
    """fastText with its loss `ova`; a line without labels cannot be trained on, so that it is left out."""
    import fasttext

    frames, classes = read_label_sets(file)
    numbers = {name: at for at, name in enumerate(classes)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        texts = separate_punctuation(frames["train"]["text"])
        rows = zip(frames["train"]["labels"].to_list(), texts.to_list(), strict=True)
        lines = [" ".join([*(f"{PREFIX}{numbers[name]}" for name in names), text]) for names, text in rows if names]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = fasttext.train_supervised(str(path), loss="ova", thread=2, verbose=0, **settings)
    found = {}
    for name in ("val", "test"):
        texts = separate_punctuation(frames[name]["text"])
        found[name] = np.zeros((len(texts), len(classes)))
        for row, line in enumerate(texts):  # `predict` of a list gives each label of a text the same value with NumPy 2
            pairs = model.f.predict(f"{line}\n", len(classes), 0.0, "strict")
            found[name][row, [int(label.removeprefix(PREFIX)) for _, label in pairs]] = [value for value, _ in pairs]
    return found


def run_sklearn(file: str, settings: Mapping[str, Any]) -> Probabilities:
    """TF-IDF of words and word pairs, and logistic regression of each label against the rest."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    frames, classes = read_label_sets(file)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = OneVsRestClassifier(LogisticRegression(max_iter=300, **settings), n_jobs=2)
    model.fit(
        vectorizer.fit_transform(frames["train"]["text"].to_list()), to_matrix(frames["train"]["labels"], classes)
    )
    return {name: model.predict_proba(vectorizer.transform(frames[name]["text"].to_list())) for name in ("val", "test")}


def run_zoo(file: str, folder: str) -> Probabilities:
    """The probabilities of a trained run."""
    from zoo_core import open_run

    run, (frames, classes) = open_run(folder), read_label_sets(file)
    order = [run.head.classes.index(name) for name in classes]
    return {name: run.predict(frames[name]["text"].to_list()).values.numpy()[:, order] for name in ("val", "test")}


def write_goemotions(folder: str, file: str) -> None:
    """Join the files of GoEmotions (Demszky et al. 2020): 54,263 comments with 28 labels, in their own splits."""
    found = [path for path in (Path(folder) / "emotions.txt", Path(folder) / "labels.txt") if path.exists()]
    names = found[0].read_text(encoding="utf-8").split()
    frames = []
    for part, split in SPLITS.items():
        raw = pl.read_csv(
            Path(folder) / part, separator="\t", has_header=False, quote_char=None, new_columns=["text", "label", "id"]
        )
        numbers = raw["label"].cast(pl.String).str.split(",").to_list()
        labels = ["|".join(names[int(number)] for number in row) for row in numbers]
        frames.append(raw.select("text", pl.Series("label", labels), pl.lit(split).alias("split")))
    pl.concat(frames).write_csv(file)


def main() -> None:
    """Run a peer, or write a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", choices=("goemotions", "zoo", "fasttext", "sklearn"))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the file, what to write, and the settings")
    given = parser.parse_args()
    program, arguments = given.program, given.arguments
    if program == "goemotions":
        write_goemotions(*arguments)
        return
    file, out, *options = arguments
    if program == "zoo":
        found = run_zoo(file, options[1])
    else:
        peer = {"fasttext": run_fasttext, "sklearn": run_sklearn}[program]
        found = peer(file, json.loads(options[1]) if options else {})
    np.savez(out, **found)
    print("{}")


if __name__ == "__main__":
    main()
