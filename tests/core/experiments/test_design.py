"""Designs of swaps: their trials, and options that exclude each other."""

from __future__ import annotations

from collections import Counter

import pytest

from zoo_core.errors import RecipeError
from zoo_core.experiments.design import design_swap
from zoo_core.experiments.prepared_cache import EvaluationRows
from zoo_core.experiments.reports.tables import design_notes
from zoo_core.experiments.variants import build_variants
from zoo_core.recipes.recipe import Recipe, to_toml


def test_each_fold_has_its_own_seeds_and_all_variants_have_the_same(mlp, reviews):
    design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(reviews), seeds=2, rows=EvaluationRows(folds=3))
    trials = design.trials()
    assert len(trials) == 2 * 2 * 3
    seeds = {(trial.variant, trial.fold): set() for trial in trials}
    for trial in trials:
        seeds[trial.variant, trial.fold].add(trial.seed)
    assert all(seeds[0, fold] == seeds[1, fold] for fold in (1, 2, 3))
    assert len(set.union(*(seeds[0, fold] for fold in (1, 2, 3)))) == 6


def test_the_recipe_of_a_trial_is_the_variant_with_its_seed(mlp, reviews):
    design = design_swap(mlp, ["optimizer.lr=0.1,0.01"], data=str(reviews), seeds=2)
    for trial in design.trials():
        variant = design.variants.compatible[trial.variant]
        plan = variant.recipe.override(f"training.seed={trial.seed}").plan()
        assert trial.recipe == to_toml(plan, variant.recipe.zoo.registry)
    assert {trial.seed for trial in design.trials()} == {1337, 1338}


@pytest.mark.parametrize(
    ("swap", "rows", "is_noted"),
    [
        ("calibrator=temperature,none", EvaluationRows(), True),
        ("calibrator.prior=1,20", EvaluationRows(), True),
        ("calibrator=temperature,none", EvaluationRows(folds=3), False),
        ("calibrator=temperature,none", EvaluationRows("test"), False),
        ("optimizer.lr=0.1,0.01", EvaluationRows(), False),
    ],
)
def test_calibrators_judged_on_the_rows_of_their_fit_are_noted(mlp, reviews, swap, rows, is_noted):
    recipe = mlp.override("calibrator=temperature")
    notes = design_notes(design_swap(recipe, [swap], data=str(reviews), rows=rows))
    assert any("fitted to" in note and "--folds" in note for note in notes) == is_noted


@pytest.fixture
def resolved(monkeypatch):
    """Counts the recipes that are resolved into a plan."""
    count = Counter()
    plan = Recipe.plan

    def counted(recipe):
        count["plans"] += 1
        return plan(recipe)

    monkeypatch.setattr(Recipe, "plan", counted)
    return count


def test_every_variant_is_resolved_once(mlp, reviews, resolved):
    """The recipe, its 3 variants, and the recipe again to read the data; not each of the 9 trials."""
    swap = "model.activation=relu,prelu,tanh"
    assert len(build_variants(mlp, [swap]).compatible) == 3
    assert resolved.pop("plans") == 4
    design = design_swap(mlp, [swap], data=str(reviews), seeds=3)
    assert resolved.pop("plans") == 5
    assert len(design.trials()) == 9
    assert resolved["plans"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data": "-"}, "cannot read from a pipe"),
        ({"data": "/dev/null"}, "cannot read from a pipe"),
        ({"rows": EvaluationRows(group="rating")}, "--group requires --folds"),
        ({"rows": EvaluationRows("test", 3)}, "--on test and --folds exclude each other"),
        ({"rows": EvaluationRows(folds=1)}, "at least 2 folds"),
        ({"seeds": -1}, "1 seed"),
    ],
)
def test_rejects_contradictory_options(mlp, options, message):
    with pytest.raises(RecipeError, match=message):
        design_swap(mlp, ["optimizer.lr=0.1,0.01"], **options)


def test_rejects_two_variants_with_the_same_trial(mlp, reviews):
    with pytest.raises(RecipeError, match=r'seed 2" and "[12], seed 2" are the same training'):
        design_swap(mlp, ["training.seed=1,2"], data=str(reviews), seeds=2)


def test_rejects_too_many_trials_before_it_lists_them(mlp, reviews):
    with pytest.raises(
        RecipeError, match=r"^too many trainings: got [0-9,]+, expected at most 5,000 \(hint: use fewer"
    ):
        design_swap(mlp, ["training.l1=0,0.1"], data=str(reviews), seeds=2**62)


def test_rejects_seeds_beyond_64_bits(mlp, reviews):
    recipe = mlp.override(f"training.seed={2**63 - 2}")
    with pytest.raises(RecipeError, match="64 bits"):
        design_swap(recipe, ["optimizer.lr=0.1,0.01"], data=str(reviews), seeds=3)
