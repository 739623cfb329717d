"""How many planted wrong labels `zoo data suspects` finds, beside cleanlab on the same probabilities.

    python -m benchmarks.suspects FILE [FILE…] [--text COL --label COL] [--rows 0] [--share 0.05] [--kind uniform]
        [--recipe text-fast] [--folds 10] [--seeds 1] [--json OUT]

A share of the labels of each file is replaced: `uniform` by any other class, `similar` by the class that the models
confuse it with most. Listed as many rows as labels were planted, "found" is the share of them that are planted. The
others are labels that the file has wrong itself, and rows that are only hard, so that the share of labels that the
models agree with, before any are planted, limits it. cleanlab (`pip install cleanlab`; columns "cleanlab") ranks by
self-confidence, by normalized margin, and by its own choice of issues. `estimate` is the estimated number of wrong
labels for each one that was planted.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from zoo_core import load_recipe
from zoo_core.data import loading
from zoo_core.data.memory.reading import read_memory
from zoo_core.recipes.recipe import Recipe
from zoo_core.suspects.confident_learning import count_wrong, rank_rows
from zoo_core.suspects.search import judge_table


def read(path: str, options: argparse.Namespace) -> pl.DataFrame:
    """The texts and labels of a file, or some of its rows."""
    recipe = load_recipe("text-fast").override(f"task.text={json.dumps(options.text)}", f"task.label={options.label}")
    plan = recipe.plan()
    examples = loading.read_task_examples(recipe, plan, loading.load_table(recipe, plan, path))
    frame = pl.DataFrame({"text": examples.texts, "label": examples.labels})
    return frame.sample(min(options.rows or frame.height, frame.height), shuffle=True, seed=7)


def judge(recipe: Recipe, frame: pl.DataFrame, folds: int) -> tuple[tuple[str, ...], Any, Any, pl.Series]:
    """The classes, label indices and probabilities of the judged rows, and their row numbers."""
    task = recipe.plan().task
    material, scored = judge_table(recipe, read_memory(frame, task), folds=folds, seed=1337)
    judged = np.flatnonzero(~np.isnan(scored.probabilities[:, 0]))
    numbers = material.examples.row_numbers
    rows = pl.Series(judged) if numbers is None else numbers.gather(judged)
    labels = scored.class_indices(material.examples.labels)[judged]
    return scored.classes, labels, scored.probabilities[judged], rows


def confused_with(classes: tuple[str, ...], labels: Any, probabilities: Any) -> dict[str, str]:
    """The class that the models think of most in the rows of each class, besides itself."""
    means = np.stack([probabilities[labels == index].mean(axis=0) for index in range(len(classes))])
    np.fill_diagonal(means, -1)
    return {name: classes[int(best)] for name, best in zip(classes, means.argmax(axis=1), strict=True)}


def plant(labels: pl.Series, share: float, confused: dict[str, str] | None, seed: int) -> pl.Series:
    """The labels with a share of them replaced."""
    random, names = np.random.default_rng(seed), labels.unique().sort().to_list()
    planted = labels.to_list()
    for row in random.permutation(len(planted))[: round(share * len(planted))]:
        place = names.index(planted[row]) + int(random.integers(1, len(names)))
        planted[row] = confused[planted[row]] if confused else names[place % len(names)]
    return pl.Series(planted, dtype=pl.String)


def cleanlab_orders(labels: Any, probabilities: Any) -> dict[str, Any]:
    """Rows in the orders of cleanlab; none if it is not installed."""
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        return {}
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    orders = {
        f"cleanlab {method}": np.argsort(get_label_quality_scores(labels, probabilities, method=method), kind="stable")
        for method in ("self_confidence", "normalized_margin")
    }
    by = {"return_indices_ranked_by": "self_confidence", "n_jobs": 1}
    return {**orders, "cleanlab issues": find_label_issues(labels, probabilities, **by)}


def measure(path: str, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of one file, means over the seeds."""
    frame, recipe = read(path, options), load_recipe(options.recipe)
    classes, labels, probabilities, _ = judge(recipe, frame, options.folds)
    confused = confused_with(classes, labels, probabilities) if options.kind == "similar" else None
    agreement = float((probabilities.argmax(axis=1) == labels).mean())
    found: dict[str, list[float]] = {}
    for seed in range(options.seeds):
        planted = frame.with_columns(label=plant(frame["label"], options.share, confused, seed))
        start = time.perf_counter()
        _, labels, probabilities, rows = judge(recipe, planted, options.folds)
        seconds = time.perf_counter() - start
        at = rows.cast(pl.UInt32)
        wrong = (planted["label"] != frame["label"]).gather(at).to_numpy()
        count = int(wrong.sum())
        orders = {"found": rank_rows(labels, probabilities), **cleanlab_orders(labels, probabilities)}
        values = {name: wrong[order[:count]].sum() / count for name, order in orders.items()}
        values |= {"estimate": count_wrong(labels, probabilities) / count, "seconds": seconds}
        for name, value in values.items():
            found.setdefault(name, []).append(float(value))
    means = {name: round(float(np.mean(values)), 3) for name, values in found.items()}
    sizes = {"file": Path(path).stem, "rows": frame.height, "classes": len(classes)}
    return {**sizes, "agreement": round(agreement, 3), **means}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--rows", type=int, default=0, help="of each file, drawn at random; 0 for all")
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--kind", choices=("uniform", "similar"), default="uniform")
    parser.add_argument("--recipe", default="text-fast")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    results = []
    for path in options.files:
        results.append(measure(path, options))
        print("  ".join(f"{key} {value}" for key, value in results[-1].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
