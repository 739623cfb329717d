"""How often a swap of a part against itself, with other seeds, says that one was better: it should be 5 % at most.

Each swap has sample reviews of its own and two choices that are the same recipe begun with other seeds, so that
whatever is shown is shown wrongly.

python -m benchmarks.false_positives --swaps 200
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.execution import run_trials
from zoo_core.experiments.prepared_cache import EvaluationRows
from zoo_core.experiments.results import summarize_swap
from zoo_core.experiments.statistics import wilson_interval
from zoo_core.experiments.swap_folder import open_swap_folder
from zoo_core.recipes.recipe import load_recipe

ROWS = 1200
SETTINGS = ("training.epochs=3", "training.device=cpu", "optimizer.lr=0.01", "vectorizer.cutoff=2")
WAYS: Mapping[str, tuple[int, int]] = {
    "3 seeds": (3, 0),
    "5 seeds": (5, 0),
    "5 folds": (1, 5),
    "1 seed (models)": (1, 0),
}


def swap(zoo: Zoo, number: int, seeds: int, folds: int, metric: str) -> tuple[str, str]:
    """The verdict on the second choice, and whether it speaks of the parts or of the models."""
    recipe = load_recipe("yelp-mlp", zoo=zoo).override(*SETTINGS)
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "reviews.csv"
        recipe.plan().task.sample_data(rows=ROWS, seed=number).write_csv(data)
        twice = f"training.seed={1000 * number},{1000 * number + 500}"
        design = design_swap(recipe, [twice], data=str(data), seeds=seeds, rows=EvaluationRows(folds=folds))
        with open_swap_folder(design, str(Path(place) / "swap")) as folder:
            records = run_trials(design, folder, on_record=lambda _record: None)
            (found,) = summarize_swap(design, folder, records, metric=metric).comparisons
    return found.verdict, found.scope


def main() -> None:
    """Print the rate of each way of judging, with its interval."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--swaps", type=int, default=200)
    parser.add_argument("--metric", default="accuracy")
    parser.add_argument("--way", choices=list(WAYS), help="one way alone")
    given = parser.parse_args()
    zoo = open_zoo()
    print(f"{given.swaps} swaps of a part against itself, {given.metric}")
    print(f"{'judged by':18}{'shown':>6}{'rate':>8}   95 % of the rate   seconds")
    for way, (seeds, folds) in WAYS.items():
        if given.way not in (None, way):
            continue
        began = time.perf_counter()
        found = [swap(zoo, number, seeds, folds, given.metric) for number in range(1, given.swaps + 1)]
        wrong = sum(verdict != "not shown" for verdict, _ in found)
        rate = wilson_interval(wrong, given.swaps)
        seconds = time.perf_counter() - began
        print(
            f"{way:18}{wrong:6}{wrong / given.swaps:8.1%}   {rate.low:.1%} to {rate.high:.1%}{seconds:14.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
