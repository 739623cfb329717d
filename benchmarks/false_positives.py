"""False-positive rate: a component compared with itself under different seeds. It should be at most 5 %.

Each swap has its own sample reviews and two variants, which are the same recipe with different seeds, so that every
reported difference is a false positive.

python -m benchmarks.false_positives --swaps 200
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.evaluation.intervals.interval import wilson_interval
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.prepared_cache import EvaluationRows
from zoo_core.experiments.results import summarize_swap
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.recipes.recipe import load_recipe

ROWS = 1200
SETTINGS = ("training.epochs=3", "training.device=cpu", "optimizer.lr=0.01", "vectorizer.cutoff=2")
METHODS: Mapping[str, tuple[int, int]] = {
    "3 seeds": (3, 0),
    "5 seeds": (5, 0),
    "5 folds": (1, 5),
    "1 seed (models)": (1, 0),
}


def compare_with_itself(zoo: Zoo, number: int, seeds: int, folds: int, metric: str) -> tuple[str, str]:
    """Return the verdict on the second variant, and its scope, components or models."""
    recipe = load_recipe("yelp-mlp", zoo=zoo).override(*SETTINGS)
    with tempfile.TemporaryDirectory() as folder_name:
        data = Path(folder_name) / "reviews.csv"
        recipe.plan().task.sample_data(rows=ROWS, seed=number).write_csv(data)
        seeds_of_variants = f"training.seed={1000 * number},{1000 * number + 500}"
        design = design_swap(recipe, [seeds_of_variants], data=str(data), seeds=seeds, rows=EvaluationRows(folds=folds))
        with open_swap_folder(design, str(Path(folder_name) / "swap")) as folder:
            records = run_trials(design, folder, on_record=lambda _record: None)
            (comparison,) = summarize_swap(design, folder, records, metric=metric).comparisons
    return comparison.verdict, comparison.scope


def main() -> None:
    """Print the false-positive rate of each method, with its confidence interval."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--swaps", type=int, default=200)
    parser.add_argument("--metric", default="accuracy")
    parser.add_argument("--method", choices=list(METHODS), help="run one method only")
    options = parser.parse_args()
    zoo = open_zoo()
    print(f"{options.swaps} swaps of a component against itself, {options.metric}")
    print(f"{'method':18}{'shown':>6}{'rate':>8}   95 % interval   seconds")
    for method, (seeds, folds) in METHODS.items():
        if options.method not in (None, method):
            continue
        started = time.perf_counter()
        outcomes = [
            compare_with_itself(zoo, number, seeds, folds, options.metric) for number in range(1, options.swaps + 1)
        ]
        wrong = sum(verdict != "not shown" for verdict, _ in outcomes)
        rate = wilson_interval(wrong, options.swaps)
        seconds = time.perf_counter() - started
        print(
            f"{method:18}{wrong:6}{wrong / options.swaps:8.1%}   {rate.low:.1%} to {rate.high:.1%}{seconds:14.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
