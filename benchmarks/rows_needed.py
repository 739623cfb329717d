"""The accuracy of a recipe by the number of rows, for the table of the guide on small data.

    python -m benchmarks.rows_needed FILE [--test FILE] [--text COL --label COL --split COL] [--recipe text-fast]

Rows are drawn at random from those without the split "test", five times for each number, and split by `zoo train` as
usual. The test rows are those of the split, or of another file.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from zoo_core import load_recipe, train

ROWS = (100, 300, 1000, 3000, 10_000)
DRAWS = 5


def main() -> None:
    """Print the mean, the lowest and the highest accuracy for each number of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--test", type=Path, metavar="FILE")
    for name, default in (("text", "text"), ("label", "label"), ("split", "split"), ("recipe", "text-fast")):
        parser.add_argument(f"--{name}", default=default)
    options = parser.parse_args()
    logging.getLogger("textzoo").setLevel(logging.ERROR)
    pool = pl.read_csv(options.file, infer_schema=False)
    test = (
        pl.read_csv(options.test, infer_schema=False) if options.test else pool.filter(pl.col(options.split) == "test")
    )
    pool = pool if options.test else pool.filter(pl.col(options.split) != "test")
    columns = [pl.col(options.text).alias("text"), pl.col(options.label).alias("label")]
    recipe = load_recipe(options.recipe).override("task.text=text", "task.label=label")
    for rows in filter(lambda rows: rows <= pool.height, ROWS):
        accuracies = []
        for draw in range(DRAWS):
            drawn = pool.select(columns).sample(rows, shuffle=True, seed=draw)
            with tempfile.TemporaryDirectory() as folder:
                seeds = (f"split.seed={draw}", f"training.seed={draw}")
                run = train(recipe.override(*seeds), drawn, run=Path(folder) / "run")
                accuracies.append(float(run.evaluate(test.select(columns))["accuracy"]))
        print(f"{rows}\t{np.mean(accuracies):.3f} ({min(accuracies):.3f} to {max(accuracies):.3f})", flush=True)


if __name__ == "__main__":
    main()
