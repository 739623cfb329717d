"""The conclusion of a swap: the best variant, whether it lies at an edge, and the command that trains it."""

from __future__ import annotations

import math
import shlex

import numpy as np
import pytest

from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.experiments.analysis import VariantSummary
from zoo_core.experiments.reports.conclusion import conclude, find_edges
from zoo_core.experiments.reports.train_command import train_command
from zoo_core.experiments.scoring import TrialScores
from zoo_core.experiments.variants import build_variants
from zoo_core.recipes.assignments import find_assignments
from zoo_core.recipes.recipe import default_recipe, load_recipe

ROWS = 1000


@pytest.fixture
def mlp(small):
    return small("training.epochs=2", "model.hidden=[8]", name="yelp-mlp")


def conclude_from(variants, accuracies, parameters=None):
    """The conclusion for these shares of correct rows; the errors of a better variant are errors of a worse one."""
    scores, summaries = [], []
    for index, (variant, accuracy) in enumerate(zip(variants, accuracies, strict=True)):
        correct = np.arange(ROWS) < accuracy * ROWS
        scores.append({(0, 0): TrialScores(accuracy, ROWS, ROWS, correct=correct, value_range=(0.0, 1.0))})
        count = parameters[index] if parameters else 10
        summaries.append(VariantSummary(variant.name, 1, 0, accuracy, Interval(-math.inf, math.inf), count, 1, 1))
    return conclude(variants, summaries, scores, higher_is_better=True, command=lambda variant: f"train {variant.name}")


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ((0.6, 0.8, 0.9), ["best so far: 1 (m 0.9000)", "1 is the largest optimizer.lr tried: try larger ones"]),
        (
            (0.9, 0.8, 0.6),
            ["best so far: 0.01 (m 0.9000)", "0.01 is the smallest optimizer.lr tried: try smaller ones"],
        ),
        ((0.6, 0.9, 0.8), ["best so far: 0.1 (m 0.9000)"]),
        (
            (0.8, 0.801, 0.802),
            [
                "no clear winner; best so far: 1 (m 0.8020), but 0.01, the first, is not shown to be worse",
                "1 is the largest optimizer.lr tried; larger ones were not tried",
            ],
        ),
        (
            (0.802, 0.801, 0.6),
            [
                "no clear winner; best so far: 0.01 (m 0.8020), the first; not shown to be worse: 0.1",
                "0.01 is the smallest optimizer.lr tried: try smaller ones",
            ],
        ),
        (
            (0.6, 0.801, 0.802),
            [
                "no clear winner; best so far: 1 (m 0.8020), "
                "but 0.1, the smallest (5 parameters), is not shown to be worse",
                "1 is the largest optimizer.lr tried: try larger ones",
            ],
        ),
    ],
)
def test_best_variant_and_its_place(mlp, accuracies, expected):
    variants = build_variants(mlp, ["optimizer.lr=0.01,0.1,1"]).compatible
    found = conclude_from(variants, accuracies, parameters=(10, 5, 7))
    *lines, command = found.lines("m")
    assert lines == expected and command == f"to train it: train {found.best}"


def test_single_variant_has_a_command_and_no_verdict(mlp):
    variants = build_variants(mlp, []).compatible
    assert conclude_from(variants, (0.8,)).lines("m") == ["to train it: train baseline"]


@pytest.mark.parametrize(
    ("swaps", "edges"),
    [
        (("training.seed=1,5",), []),
        (("model.activation=relu,tanh",), []),
        (("model.hidden=[8],[9]",), []),
        (("training.l1=0.1,0.0",), []),  # 0 is the least that is valid
        (("training.l1=0.0,0.1",), ["training.l1"]),
        (("training.epochs=2,1",), []),
        (("training.epochs=1,2", "model.activation=relu,tanh"), ["training.epochs"]),
    ],
)
def test_edges_are_numbers_that_go_on(mlp, swaps, edges):
    variants = build_variants(mlp, swaps).compatible
    assert [edge.key for edge in find_edges(variants, variants[-1])] == edges


@pytest.mark.parametrize(
    "swaps",
    [
        (),
        ("optimizer=sgd,adam", "optimizer.lr=0.5"),
        ('model.activation={use="prelu", init=0.1},relu',),
        ("model.hidden=[8],[50, 50]",),
        ("model=perceptron",),
        ("task.text=review,headline",),
    ],
)
def test_command_resolves_to_the_variant(mlp, swaps):
    perceptron = load_recipe("yelp-perceptron", zoo=mlp.zoo).override("split.seed=7", "training.l1=0.25")
    for variant in build_variants([mlp, perceptron], swaps).compatible:
        named = load_recipe(variant.recipe.name, zoo=mlp.zoo)
        assignments = find_assignments(named, variant.plan)
        resolved = named.override(*map("=".join, assignments.items())).plan()
        assert resolved == variant.plan
        command = train_command(variant, "my data.csv")
        assert shlex.split(command)[:5] == ["zoo", "train", variant.recipe.name, "--data", "my data.csv"]


def test_command_is_short_and_uses_options_of_the_command_line(mlp):
    variants = build_variants(mlp, ["optimizer=sgd", "task.text=review,headline"]).compatible
    command = train_command(variants[-1], None)
    assert "--optimizer sgd" in command and "--text headline" in command and "optimizer.lr" not in command
    assert train_command(variants[-1], "a\x1b.csv") == ""


def test_command_says_how_the_data_is_read(mlp):
    recipe = mlp.override("reader.header=false", "reader.delimiter=;", "reader.encoding=cp949", 'task.text="1"')
    command = shlex.split(train_command(build_variants(recipe, ()).compatible[0], "a.csv"))
    assert {"--no-header", "--delimiter", ";", "--encoding", "cp949", "--text", "1"} <= {*command}


def test_recipe_without_a_name_has_no_command(mlp):
    (variant,) = build_variants(default_recipe(mlp.zoo), []).compatible
    assert train_command(variant, None) == ""
