"""Encoding and epochs inside one process, measured through the Python API.

    python -m benchmarks.zoo_in_process FILE [--json]

Torch is imported before anything is timed, so that imports are not included.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

import zoo_core
from zoo_core.evaluation.evaluator import Evaluator, head_for
from zoo_core.recipes.recipe import Recipe
from zoo_core.seeds import seeded
from zoo_core.training.loop import TrainingContext, train_epoch
from zoo_core.training.preparation import PreparedData
from zoo_core.training.rows.epochs import EpochBatches

RECIPE = "yelp-perceptron"
EPOCHS = 20
PREPARATIONS = 7


def text_bytes(path: Path) -> int:
    """Return the UTF-8 bytes of the review column."""
    with path.open(newline="", encoding="utf-8") as stream:
        return sum(len(row["review"].encode()) for row in csv.DictReader(stream))


def preparations(recipe: Recipe, path: Path) -> list[Mapping[str, float]]:
    """Return the seconds of reading, normalizing and encoding, of several repetitions."""
    return [zoo_core.prepare(recipe, path).seconds for _ in range(PREPARATIONS)]


def epoch_seconds(prepared: PreparedData) -> list[float]:
    """Return the seconds of several epochs: the shuffle and the training pass."""
    plan = prepared.plan
    head = head_for(plan.loss, prepared.classes)
    with seeded(plan.training.seed, "init", "model"):
        module = plan.model.build(num_features=prepared.encoder.num_features, num_outputs=head.outputs)
    loss = plan.loss.build(class_weights=None)
    evaluator = Evaluator(head, loss, plan.training.metrics)
    context = TrainingContext(
        plan,
        EpochBatches(zoo_core.open_zoo().registry, plan, prepared.splits["train"]),
        prepared.splits["val"],
        evaluator,
        loss,
    )
    optimizer = plan.optimizer.build(list(module.parameters()))
    seconds = []
    for epoch in range(1, EPOCHS + 1):
        started = time.perf_counter()
        train_epoch(module, optimizer, context, epoch)
        seconds.append(time.perf_counter() - started)
    return seconds


def measure(path: Path) -> dict[str, Any]:
    """Return the median seconds of an epoch, and the median and best MB/s from file to features."""
    recipe = zoo_core.load_recipe(RECIPE)
    megabytes = text_bytes(path) / 1e6
    prepared = preparations(recipe, path)
    totals = [sum(seconds.values()) for seconds in prepared]
    epochs = epoch_seconds(zoo_core.prepare(recipe, path))
    return {
        "seconds_per_epoch": statistics.median(epochs),
        "megabytes": megabytes,
        "megabytes_per_second": {
            "median": megabytes / statistics.median(totals),
            "best": megabytes / min(totals),
        },
        "seconds_read": statistics.median(seconds["read"] for seconds in prepared),
        "seconds_encode": statistics.median(seconds["encode"] for seconds in prepared),
        "threads": torch.get_num_threads(),
    }


def main() -> None:
    """Measure on a file and print the results."""
    parser = argparse.ArgumentParser(description="The zoo's encoding and epochs, inside one process.")
    parser.add_argument("file", type=Path, help="a CSV file with the columns rating, review, split")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    results = measure(options.file)
    print(json.dumps(results) if options.json else "\n".join(f"{name:20} {value}" for name, value in results.items()))


if __name__ == "__main__":
    main()
