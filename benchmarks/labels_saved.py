"""The labels that `zoo data next` saves against labeling rows in random order.

    python -m benchmarks.labels_saved FILE [FILE…] [--text COL --label COL --split COL] [--recipe text-fast]
        [--set KEY=VALUE] [--batch 100] [--labels 2000] [--seeds 3] [--json OUT]

Of each file, rows without the split "test" are the pool, and all others the test rows; without a column of splits, a
fifth is drawn for testing. A run is trained on 100 random rows of the pool; then a batch is labeled, joined to the rows
before and trained on again, until `--labels` rows have a label. The batch is random, or the least sure rows (margin),
or those of `zoo data next` (margin and diversity). Curves are means over the seeds; all orders of a seed begin with the
same rows. The labels that an order needs are those at which its accuracy on the test rows first reaches that of the
random order with all labels, between two batches by interpolation.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from zoo_core import load_recipe, next_rows, train
from zoo_core.runs.run import Run

START = 100  # random rows, which every order begins with
MAX_POOL = 10_000  # rows
MAX_TEST = 4_000
SHARES = ("split.train=0.84", "split.val=0.15", "split.test=0.01")
Order = Callable[[Run, pl.DataFrame, int, int], list[int]]


def random_order(_run: Run, pool: pl.DataFrame, count: int, seed: int) -> list[int]:
    """Rows in random order."""
    return [int(row) for row in np.random.default_rng(seed).permutation(pool.height)[:count]]


def margin_order(run: Run, pool: pl.DataFrame, count: int, _seed: int) -> list[int]:
    """The rows with the smallest margins."""
    best = run.predict(pool["text"]).values.topk(2, dim=1).values
    return [int(row) for row in (best[:, 0] - best[:, 1]).sort(stable=True).indices[:count]]


def next_order(run: Run, pool: pl.DataFrame, count: int, _seed: int) -> list[int]:
    """The rows of `zoo data next`."""
    return [row - 1 for row in next_rows(run, pool["text"], rows=count).table["row"]]


ORDERS: dict[str, Order] = {"random": random_order, "margin": margin_order, "margin and diversity": next_order}


def read(path: Path, options: argparse.Namespace) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The pool and the test rows of a file."""
    frame = pl.read_csv(path, infer_schema=False).sample(fraction=1, shuffle=True, seed=1)
    data = frame.select(pl.col(options.text).alias("text"), pl.col(options.label).alias("label"))
    if options.split in frame.columns:
        is_test = frame[options.split] == "test"
    else:
        is_test = pl.int_range(frame.height, eager=True) < frame.height // 5
    pool = data.filter(~is_test).drop_nulls().unique("text", keep="first", maintain_order=True)
    return pool.head(MAX_POOL), data.filter(is_test).drop_nulls().head(MAX_TEST)


def curve(pool: pl.DataFrame, test: pl.DataFrame, order: Order, seed: int, options: argparse.Namespace) -> list[float]:
    """The accuracy on the test rows after each batch."""
    recipe = load_recipe(options.recipe).override(
        "task.text=text", "task.label=label", *SHARES, f"training.seed={seed}", *options.set
    )
    rest = pool.sample(fraction=1, shuffle=True, seed=seed)
    labeled, rest, accuracies = rest.head(START), rest.slice(START), []
    while True:
        with tempfile.TemporaryDirectory() as folder:
            run = train(recipe, labeled, run=Path(folder) / "run")
            accuracies.append(float(run.evaluate(test)["accuracy"]))
            if labeled.height >= options.labels:
                return accuracies
            chosen = order(run, rest, min(options.batch, options.labels - labeled.height), seed)
        labeled = pl.concat([labeled, rest[chosen]])
        rest = rest[np.setdiff1d(np.arange(rest.height), chosen)]


def labels_needed(labels: list[int], accuracies: list[float], target: float) -> float:
    """The number of labels at which a curve first reaches an accuracy; NaN if it never does."""
    for at, accuracy in enumerate(accuracies):
        if accuracy >= target:
            if not at:
                return labels[0]
            before = accuracies[at - 1]
            return labels[at - 1] + (target - before) / (accuracy - before) * (labels[at] - labels[at - 1])
    return float("nan")


def main() -> None:
    """Print the curves and the labels needed, for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    for name, default in (("text", "text"), ("label", "label"), ("split", "split"), ("recipe", "text-fast")):
        parser.add_argument(f"--{name}", default=default)
    for name, number in (("batch", 100), ("labels", 2000), ("seeds", 3)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the recipe")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    logging.getLogger("textzoo").setLevel(logging.ERROR)
    results = []
    for path in options.files:
        pool, test = read(path, options)
        curves = {}
        for name, order in ORDERS.items():
            made = [curve(pool, test, order, seed, options) for seed in range(options.seeds)]
            curves[name] = np.mean(made, axis=0).tolist()
            labels = [*range(START, options.labels, options.batch), options.labels]
            needed = labels_needed(labels, curves[name], curves["random"][-1])
            shown = {at: round(value, 4) for at, value in zip(labels, curves[name], strict=True)}
            points = {at: shown[at] for at in (100, 200, 500, 1000, 1500, 2000) if at in shown}
            saved = 1 - needed / options.labels
            print(f"{path.name}\t{name}\t{points}\tlabels {needed:.0f}\tsaved {saved:.0%}", flush=True)
            results.append({"file": path.name, "order": name, "accuracy": shown, "labels": needed, "saved": saved})
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
