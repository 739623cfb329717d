"""The search for wrong labels: each row is judged by a model of other rows; the least likely labels are listed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from zoo_core.components.table import Table
from zoo_core.components.targets.required import require_single_labels
from zoo_core.data import loading
from zoo_core.data.files.sources import Data
from zoo_core.data.settings.files import require_files
from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import quote_name
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes import compatibility
from zoo_core.recipes.given_recipe import given_recipe
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.suspects.listing import Material, list_suspects
from zoo_core.suspects.out_of_fold import FoldTraining, OutOfFold, make_text_folds
from zoo_core.suspects.results import Suspects
from zoo_core.torch_threads import one_training

DEFAULT_FOLDS = 10
DEFAULT_SEED = 1337
NO_WORDS = "no words after normalization"
OnFold = Callable[[int, int], None]  # the number of the fold that was finished, and of all


def find_suspects(
    recipe: Recipe | str | Path,
    data: Data,
    *,
    folds: int = DEFAULT_FOLDS,
    rows: int | None = None,
    seed: int = DEFAULT_SEED,
    reader: str = "",
    progress: bool = False,
) -> Suspects:
    """Find rows whose label is likely wrong, the most suspicious one first. Nothing is changed or dropped.

    The recipe is trained once for each of `folds` folds of all rows, and judges the rows that it did not train on.
    `data` is as in `train`. `rows` is the number of rows to list; None lists as many as there are likely wrong labels,
    by confident learning. `progress` writes a line for each fold on standard error.

    Raises RecipeError for a recipe without probabilities, DataError for labels that cannot be judged.
    """

    def report(number: int, total: int) -> None:
        if progress:
            print(f"fold {number}/{total}", file=sys.stderr, flush=True)

    recipe = given_recipe(recipe).with_reader(reader)
    with attribute_errors(recipe.zoo.registry):
        table = loading.load_table(recipe, recipe.plan(), data)
    return search_table(recipe, table, folds=folds, rows=rows, seed=seed, on_fold=report)


def search_table(recipe: Recipe, table: Table, *, folds: int, rows: int | None, seed: int, on_fold: OnFold) -> Suspects:
    """The same for a table; calls `on_fold` after each fold."""
    if rows is not None and rows < 0:
        raise RecipeError(f"invalid number of rows: got {rows}, expected 0 or more")
    return list_suspects(*judge_table(recipe, table, folds=folds, seed=seed, on_fold=on_fold), rows)


def judge_table(
    recipe: Recipe, table: Table, *, folds: int, seed: int, on_fold: OnFold = lambda _number, _folds: None
) -> tuple[Material, OutOfFold]:
    """The examples of a table that can be judged, and the probabilities of their classes by models of the others."""
    if folds < 2:
        raise RecipeError(f"invalid number of folds: got {folds}, expected 2 or more")
    with one_training(), attribute_errors(recipe.zoo.registry):
        plan = compatibility.check(recipe)
        require_files(plan)
        require_single_labels("suspects", plan.task.targets)
        if plan.loss.link == "none":
            message = f'loss "{plan.loss.name}" gives no probabilities, which the search for wrong labels needs'
            raise RecipeError(message, hint="choose another loss")
        material = _read(recipe, plan, table)
        keys = material.keys
        made = make_text_folds(material.examples.labels, keys, folds, seed, table.source)
        training = FoldTraining(recipe, plan, table, material.examples, material.tokens)
        scored = training.judge(made, lambda number: on_fold(number, folds))
        return material, scored.with_votes_of_copies(material.examples.labels, keys)


def _read(recipe: Recipe, plan: Plan, table: Table) -> Material:
    """Read the examples, without those that have no words."""
    registry = recipe.zoo.registry
    examples = loading.read_task_examples(recipe, plan, table)
    if examples.probabilities is not None:
        message = "the labels are probabilities, and only labels that are classes can be wrong"
        raise DataError(message, where=table.source, hint="name a column of classes")
    normalized = loading.normalize_texts(registry, plan, examples.texts)
    tokens = loading.tokenize_normalized(registry, plan, normalized)
    has_words = np.diff(tokens.offsets) > 0
    if not has_words.all():
        kept = np.flatnonzero(has_words)
        examples, tokens = examples.drop(pl.Series(~has_words), NO_WORDS), tokens.take(kept)
        normalized = normalized.gather(kept.astype(np.uint32))
    if examples.labels.n_unique() < 2:
        found = f"only one class: {quote_name(examples.labels[0])}" if len(examples.labels) else "no rows with words"
        raise DataError(f"nothing to compare: {found}", where=table.source, hint="check the column of labels")
    return Material(table, examples, normalized, tokens, plan.task.show, plan.task.output_type == "text")
