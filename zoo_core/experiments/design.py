"""A swap: its folder, its cells, and going on with those that are not done."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from zoo_core.data.files.sources import expand_paths, is_stream
from zoo_core.errors import RecipeError
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache
from zoo_core.experiments.trials import Trial, load_swap_table
from zoo_core.experiments.variants import Variants, build_variants
from zoo_core.filesystem import slugify
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe, to_toml

FORMAT = 1
DEFAULT_SEEDS = 3  # of each choice, where there are no folds: with fewer the parts cannot be told from the seeds


@frozen
class SwapDesign:
    """What a swap is asked to do. Two of the same design are the same swap, wherever and however they are done."""

    recipe: Recipe
    variants: Variants
    rows: EvaluationRows
    seeds: int
    data: str | None
    sha256: str
    reader: str
    threads: int

    def trials(self) -> tuple[Trial, ...]:
        """Every cell: seed by seed and fold by fold each choice, so that what is done early can be compared."""
        found = []
        for seed, fold in itertools.product(range(self.seeds), range(1, self.rows.folds + 1) or (0,)):
            for number, choice in enumerate(self.variants.compatible):
                # each fold has seeds of its own, or what one seed did would pass for what all folds did
                own = choice.recipe.plan().training.seed + seed + self.seeds * max(fold - 1, 0)
                made = choice.recipe.override(f"training.seed={own}", f"training.threads={self.threads}")
                place = f"seed-{own}" + (f"-fold-{fold}" if fold else "")
                name = f"{number + 1:02d}-{slugify(choice.name)}-{place}"
                title = f"{choice.name}, seed {own}" + (f", fold {fold}" if fold else "")
                text = to_toml(made.plan(), made.zoo.registry)
                found.append(Trial(name, title, number, own, fold, text))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as kept in the folder."""
        registry = self.recipe.zoo.registry
        return {
            "format": FORMAT,
            "recipe": self.recipe.name,
            "variants": [
                {"name": one.name, "recipe": to_toml(one.recipe.plan(), registry)} for one in self.variants.compatible
            ],
            "on": self.rows.split,
            "folds": self.rows.folds,
            "group": self.rows.group,
            "seeds": self.seeds,
            "threads": self.threads,
            "data": {"source": self.data, "sha256": self.sha256, "reader": self.reader},
        }


def design_swap(
    recipe: Recipe,
    swaps: Sequence[str],
    *,
    data: str | None = None,
    reader: str = "",
    rows: EvaluationRows | None = None,
    seeds: int = 0,
    jobs: int = 1,
    strict: bool = False,
) -> SwapDesign:
    """The design of a swap, everything checked that can be before training; the data is read for its classes."""
    from zoo_core.experiments.workers import threads_per_process

    rows = rows or EvaluationRows()
    if data is not None and any(map(is_stream, expand_paths(data))):
        raise RecipeError("a swap can go on later, and a pipe cannot", hint="name a file with --data FILE")
    if rows.group and not rows.folds:
        raise RecipeError("--group is for folds", hint="--folds 5")
    if rows.folds and rows.split != "val":
        raise RecipeError(f"--on {rows.split} and --folds are two ways to judge", hint="leave one of them out")
    if rows.folds == 1 or rows.folds < 0 or seeds < 0:
        raise RecipeError("folds are 2 or more, seeds 1 or more")
    with attribute_errors(recipe.zoo.registry):
        build_variants(recipe, swaps, strict=strict)  # what needs no data is told before any is read
        table = load_swap_table(recipe, data, reader)
        choices = build_variants(
            recipe, swaps, num_classes=PreparedDataCache(table, reader, rows).count_classes(recipe), strict=strict
        )
    if swaps and len(choices.compatible) < 2:
        told = "; ".join(f"{name}: {reason}" for name, reason in choices.skipped.items())
        raise RecipeError(f"nothing is left to compare with: {told}")
    most = max(one.recipe.plan().training.threads for one in choices.compatible)
    seeds = seeds or (1 if rows.folds else DEFAULT_SEEDS)
    design = SwapDesign(recipe, choices, rows, seeds, data, table.sha256, reader, threads_per_process(most, jobs))
    _reject_duplicate_trials(design.trials())
    return design


def _reject_duplicate_trials(cells: Sequence[Trial]) -> None:
    """RecipeError where two choices come to one training, as with seeds that overlap: it would count twice."""
    seen: dict[tuple[int, str], Trial] = {}
    for cell in cells:
        twin = seen.setdefault((cell.fold, cell.recipe), cell)
        if twin is not cell:
            told = f'"{twin.title}" and "{cell.title}" are the same training'
            raise RecipeError(
                told, hint="every choice has --seeds N, from its own training.seed on, and the same threads"
            )
