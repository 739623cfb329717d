"""Text beside columns: `table-fast` and scikit-learn's ColumnTransformer on the same rows.

    python -m benchmarks.tables [FILE --text COL --categories COL … --numbers COL … --label COL] [--rows 4000]

Without a file, the sample of the task `table`. For each seed, rows are drawn for training, and as many others for the
test. `table-fast` trains on 70% of the former and stops by others. scikit-learn trains on as many, with TF-IDF of words
and word pairs, one-hot categories, standardized numbers with the mean for missing ones, and logistic regression with
C = 1 and C = 10, of which the better on the test counts for it. The lines after the first are without a group of
columns.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core import load_recipe, open_zoo, train

PENALTIES = (1.0, 10.0)
SHARE = 0.7  # of the rows that are drawn, as `zoo train` splits them


@frozen
class Columns:
    """The columns of each group, and the column of labels."""

    text: Sequence[str]
    categories: Sequence[str]
    numbers: Sequence[str]
    label: str

    def without(self, group: str) -> Columns:
        """The same without a group."""
        groups = {"text": self.text, "categories": self.categories, "numbers": self.numbers, group: ()}
        return Columns(**groups, label=self.label)


def train_zoo(columns: Columns, training: pl.DataFrame, test: pl.DataFrame, seed: int) -> float:
    """The test accuracy of `table-fast`."""
    settings: Mapping[str, object] = {
        "task.text": list(columns.text),
        "task.categories": list(columns.categories),
        "task.numbers": list(columns.numbers),
        "task.label": columns.label,
    }
    recipe = load_recipe("table-fast").override(settings, f"split.seed={seed}", f"training.seed={seed}")
    with tempfile.TemporaryDirectory() as folder:
        run = train(recipe, training, run=Path(folder) / "run")
        return float(run.evaluate(test)["accuracy"])


def train_sklearn(columns: Columns, training: pl.DataFrame, test: pl.DataFrame, seed: int) -> float:
    """The better test accuracy of logistic regression with two penalties."""
    import pandas
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    words = [(name, TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), name) for name in columns.text]
    others = [
        ("categories", OneHotEncoder(handle_unknown="ignore"), list(columns.categories)),
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), list(columns.numbers)),
    ]
    features = ColumnTransformer([*words, *(other for other in others if other[2])])
    frames = []
    training = training.head(int(SHARE * training.height))
    for frame in (training, test):
        numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in columns.numbers]
        frames.append(pandas.DataFrame(frame.with_columns(numbers).to_dict(as_series=False)))
    labels = [frame[columns.label].to_numpy() for frame in (training, test)]
    matrix = features.fit_transform(frames[0])
    models = (LogisticRegression(C=penalty, max_iter=1000).fit(matrix, labels[0]) for penalty in PENALTIES)
    encoded = features.transform(frames[1])
    return max(float(np.mean(model.predict(encoded) == labels[1])) for model in models)


def main() -> None:
    """Print the mean accuracy of each, with all columns and without each group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", nargs="?")
    for name in ("text", "categories", "numbers"):
        parser.add_argument(f"--{name}", nargs="*", default=[], metavar="COL")
    parser.add_argument("--label", default="label", metavar="COL")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    logging.getLogger("textzoo").setLevel(logging.ERROR)
    columns = Columns(options.text, options.categories, options.numbers, options.label)
    if options.file is None:
        task = open_zoo().registry.get("task", "table").cls()
        data = task.sample_data(rows=2 * options.rows, seed=1).drop("split")
        columns = Columns(("title", "text"), ("category",), ("price",), "label")
    else:
        data = pl.read_csv(options.file, infer_schema=False).fill_null("")
    groups = [group for group in ("text", "categories", "numbers") if getattr(columns, group)]
    cases = {"all columns": columns, **{f"without {group}": columns.without(group) for group in groups}}
    programs: dict[str, Callable[..., float]] = {"table-fast": train_zoo, "scikit-learn": train_sklearn}
    print("columns", *programs, "seconds", sep="\t")
    for name, case in cases.items():
        print(name, *_measure(case, data, options.rows, options.seeds, programs), sep="\t", flush=True)


def _measure(
    columns: Columns, data: pl.DataFrame, rows: int, seeds: int, programs: Mapping[str, Callable[..., float]]
) -> list[str]:
    """The mean accuracy of each program, and its mean seconds."""
    figures, seconds = [], []
    for program in programs.values():
        start, accuracies = time.perf_counter(), []
        for seed in range(seeds):
            drawn = data.sample(min(2 * rows, data.height), shuffle=True, seed=seed)
            half = drawn.height // 2
            accuracies.append(program(columns, drawn.head(half), drawn.tail(drawn.height - half), seed))
        figures.append(f"{np.mean(accuracies):.4f} ({min(accuracies):.4f} to {max(accuracies):.4f})")
        seconds.append(f"{(time.perf_counter() - start) / seeds:.1f}")
    return [*figures, "/".join(seconds)]


if __name__ == "__main__":
    main()
