"""Uneven classes: what weights, a balanced sampler, thresholds by class and costs give on test rows.

    python -m benchmarks.uneven FILE… [--recipe text-fast] [--cost '{ fn = 1, fp = 5 }']

Each FILE has the columns text, label and split. Decisions are chosen on the validation split; the figures are of the
test split: accuracy, the means of F1 and recall over the classes, and the mean cost. The last rows are means over the
files.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import cast

import zoo_core
from zoo_core import Metric
from zoo_core.components.decisions.decision import mean_cost
from zoo_core.config.structure import build_component
from zoo_core.runs.decisions.choose import choose_by_cost, find_decision
from zoo_core.runs.decisions.cost_tables import parse_costs
from zoo_core.runs.decisions.objectives import value_of_labels
from zoo_core.runs.run import Run
from zoo_core.runs.validation.tuning_scores import tuning_scores

WAYS = {
    "nothing": (),
    "balanced weights": ("training.class_weights=balanced",),
    "balanced sampler": ("sampler=balanced",),
}


def measure(run: Run, costs: str | None) -> dict[str, list[float]]:
    """The figures of each decision on the test split: accuracy, mean F1 and recall, and the mean cost with costs."""
    macro, recall = (
        cast(Metric, build_component(run.zoo.registry, "metric", {"use": name, "average": "macro"}))
        for name in ("f1", "recall")
    )
    validation, test = tuning_scores(run), run.score_split()
    decided = {
        "most probable": run,
        "thresholds": run.with_decision(find_decision(run, macro, validation).stored.decision),
    }
    table = parse_costs(costs, run.head.classes) if costs else ()
    if table:
        decided["cost"] = run.with_decision(choose_by_cost(run, table, validation).stored.decision)
    figures = {}
    for name, one in decided.items():
        predicted = one.head.predict(test.scores)
        accuracy = float((predicted == test.targets).double().mean())
        means = (value_of_labels(metric, run.head, predicted, test.targets) for metric in (macro, recall))
        figures[name] = [accuracy, *means]
        figures[name] += [mean_cost(table, predicted, test.targets)] if table else []
    return figures


def main() -> None:
    """Train each way on each file, and print a row for each decision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--recipe", default="text-fast")
    parser.add_argument("--cost")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print("file\tin training\tdecision\taccuracy\tf1[macro]\trecall[macro]\tcost")
    means: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for file in arguments.files:
        for way, settings in WAYS.items():
            recipe = zoo_core.load_recipe(arguments.recipe).override(*settings)
            with tempfile.TemporaryDirectory() as folder:
                figures = measure(zoo_core.train(recipe, file, run=Path(folder, "run")), arguments.cost)
            for decision, values in figures.items():
                means[way, decision].append(values)
                print(Path(file).name, way, decision, *(f"{value:.4f}" for value in values), sep="\t", flush=True)
    for (way, decision), rows in means.items():
        print("mean", way, decision, *(f"{fmean(values):.4f}" for values in zip(*rows, strict=True)), sep="\t")


if __name__ == "__main__":
    main()
