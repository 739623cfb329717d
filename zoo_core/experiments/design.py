"""The design of a swap: variants, evaluation rows, seeds, data, and the trials that follow from them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from zoo_core.data.files.sources import expand_paths, is_stream
from zoo_core.data.label_sets.labels import class_names
from zoo_core.errors import RecipeError
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache
from zoo_core.experiments.records import Trial
from zoo_core.experiments.same_rows import skip_other_rows
from zoo_core.experiments.trials import load_swap_table
from zoo_core.experiments.variants import (
    Variant,
    Variants,
    as_recipes,
    resolve_candidates,
    select_compatible,
)
from zoo_core.filesystem.names import slugify
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe, to_toml
from zoo_core.runs.sealed_json import seal

FORMAT = 2
DEFAULT_SEEDS = 3  # per variant, without folds: with fewer, components cannot be distinguished from seeds
MAX_TRIALS = 5_000  # each has a record with its recipe


@frozen
class SwapDesign:
    """Everything that determines the result of a swap. Equal designs are the same swap, wherever they run.

    `recipe` is the first of its recipes.
    """

    recipe: Recipe
    variants: Variants
    rows: EvaluationRows
    seeds: int
    data: str | None
    sha256: str
    threads: int

    @property
    def name(self) -> str:
        """The recipes that are compared, joined by commas."""
        return ",".join(self.recipe_names())

    def recipe_names(self) -> list[str]:
        """The name of each recipe."""
        return list(dict.fromkeys(variant.recipe.name for variant in self.variants.compatible))

    def trials(self) -> tuple[Trial, ...]:
        """Every trial, ordered by seed, fold and variant, so that a swap that stops early has comparable trials."""
        folds, design = range(1, self.rows.folds + 1) or (0,), seal(self.to_dict())
        return tuple(
            evolve(self._trial(index, variant, seed_index, fold), design=design)
            for seed_index, fold in itertools.product(range(self.seeds), folds)
            for index, variant in enumerate(self.variants.compatible)
        )

    def _trial(self, index: int, variant: Variant, seed_index: int, fold: int) -> Trial:
        # each fold has seeds of its own: otherwise the effect of one seed would pass for the effect of all folds
        seed = variant.plan.training.seed + seed_index + self.seeds * max(fold - 1, 0)
        training = evolve(variant.plan.training, seed=seed, threads=self.threads)
        # the data is read once, as the first recipe says
        plan = evolve(variant.plan, training=training, reader=self.variants.compatible[0].plan.reader)
        suffix = f"seed-{seed}" + (f"-fold-{fold}" if fold else "")
        name = f"{index + 1:02d}-{slugify(variant.name)}-{suffix}"
        title = f"{variant.name}, seed {seed}" + (f", fold {fold}" if fold else "")
        recipe = to_toml(plan, variant.recipe.zoo.registry)
        return Trial(name, title, index, seed, fold, recipe, recipe_name=variant.recipe.name, variant_name=variant.name)

    def to_dict(self) -> dict[str, Any]:
        """The design as `swap.json` stores it."""
        return {
            "format": FORMAT,
            "recipe": self.name,
            "variants": [{"name": variant.name, "recipe": variant.to_toml()} for variant in self.variants.compatible],
            "evaluated_on": self.rows.split,
            "folds": self.rows.folds,
            "group": self.rows.group,
            "seeds": self.seeds,
            "threads": self.threads,
            "data": {"source": self.data, "sha256": self.sha256},
        }


def design_swap(
    recipes: Recipe | Sequence[Recipe],
    swaps: Sequence[str],
    *,
    data: str | None = None,
    reader: str = "",
    rows: EvaluationRows | None = None,
    seeds: int = 0,
    jobs: int = 1,
    strict: bool = False,
) -> SwapDesign:
    """Design a swap and check everything that can be checked before training; reads the data to find its classes.

    The data, its split and the metric are those of the first recipe. A variant that reads other rows or labels from the
    data than the first one is skipped as incompatible.
    """
    from zoo_core.experiments.workers import threads_per_process

    rows = rows or EvaluationRows()
    recipes = [recipe.with_reader(reader) for recipe in as_recipes(recipes)]
    recipe = recipes[0]
    _check_options(data, rows, seeds)
    with attribute_errors(recipe.zoo.registry):
        candidates = resolve_candidates(recipes, swaps)
        select_compatible(candidates, strict=strict)  # reports what needs no data before any data is read
        table = load_swap_table(recipe, data)
        cache = PreparedDataCache(table, rows)
        examples = cache.split_examples(recipe, recipe.plan()).examples
        names = class_names(examples.labels) if examples.probabilities is None else examples.probabilities.columns
        variants = select_compatible(candidates, num_classes=len(names), classes=names, strict=strict)
        variants = skip_other_rows(variants, cache, strict=strict)
    if len(candidates) > 1 and len(variants.compatible) < 2:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in variants.skipped.items())
        raise RecipeError(f"no compatible variant to compare with the baseline: {reasons}")
    threads = max(variant.plan.training.threads for variant in variants.compatible)
    seeds = seeds or (1 if rows.folds else DEFAULT_SEEDS)
    design = SwapDesign(recipe, variants, rows, seeds, data, table.sha256, threads_per_process(threads, jobs))
    count = len(variants.compatible) * max(rows.folds, 1) * seeds
    if count > MAX_TRIALS:
        raise RecipeError(
            f"too many trainings: got {count:,}, expected at most {MAX_TRIALS:,}",
            hint="use fewer variants, folds or seeds",
        )
    trials = design.trials()
    if max(trial.seed for trial in trials) >= 2**63:
        raise RecipeError("training.seed: the seeds of the trials must fit into 64 bits", hint="use a smaller seed")
    _reject_duplicate_trials(trials)
    return design


def _check_options(data: str | None, rows: EvaluationRows, seeds: int) -> None:
    if data is not None and any(map(is_stream, expand_paths(data))):
        raise RecipeError(
            "a swap must be resumable, so it cannot read from a pipe", hint="name a file with --data FILE"
        )
    if rows.group and not rows.folds:
        raise RecipeError("--group requires --folds", hint="add --folds 5")
    if rows.folds and rows.split != "val":
        raise RecipeError(f"--on {rows.split} and --folds exclude each other", hint="leave one of them out")
    if rows.folds == 1 or rows.folds < 0 or seeds < 0:
        raise RecipeError(f"expected at least 2 folds and 1 seed, got {rows.folds} folds and {seeds} seeds")


def _reject_duplicate_trials(trials: Sequence[Trial]) -> None:
    """Raise RecipeError if two variants have the same trial, as with overlapping seeds: it would count twice."""
    seen: dict[tuple[int, str], Trial] = {}
    for trial in trials:
        first = seen.setdefault((trial.fold, trial.recipe), trial)
        if first is not trial:
            raise RecipeError(
                f'"{first.title}" and "{trial.title}" are the same training',
                hint="choose seeds that do not overlap: each variant uses --seeds N seeds from its own training.seed "
                "on, and all variants use the same threads",
            )
