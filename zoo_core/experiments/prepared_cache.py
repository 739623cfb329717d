"""A cache of prepared data: consecutive trials share examples, tokens and encoded splits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from attrs import define, evolve, field, frozen

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.examples import Examples
from zoo_core.components.missing_columns import MissingColumnsError
from zoo_core.components.table import Table
from zoo_core.config.structure import unstructure
from zoo_core.data import folds, loading
from zoo_core.data.splits import find_leaked
from zoo_core.data.splitting.columns import read_split_columns
from zoo_core.data.splitting.rows import RowSplit, RowSplitter
from zoo_core.data.targets import training_classes
from zoo_core.errors import DataError, RecipeError
from zoo_core.features.tokens import Tokens
from zoo_core.recipes.compatibility import check_plan
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.timing import Stopwatch
from zoo_core.training import preparation
from zoo_core.training.preparation import PreparedData


@frozen
class EvaluationRows:
    """The rows that trials are evaluated on: a split, or each of `folds` folds.

    `group` is a column; rows with the same value stay in one fold.
    """

    split: str = "val"
    folds: int = 0
    group: str = ""

    @property
    def evaluated_on(self) -> str:
        """The name of the split that metrics are computed on."""
        return "fold" if self.folds else self.split


@frozen
class CacheKeys:
    """Keys of the three stages; recipes with an equal key share what the stage made."""

    examples: str
    tokens: str
    prepared: str


def cache_keys(plan: Plan, fold: int) -> CacheKeys:
    """Make the keys under which a plan shares examples, tokens and encoded splits."""

    def key(*components: Any) -> str:
        return json.dumps([unstructure(component) for component in components], sort_keys=True)

    examples = key(plan.task, plan.split, plan.splitter)
    has_default_tokenizer = type(plan.vectorizer).tokenize is Vectorizer.tokenize
    # a tokenizer of its own may depend on any setting of the vectorizer
    tokenizer = [plan.vectorizer.own_tokenizer()] if has_default_tokenizer else [plan.vectorizer]
    tokens = examples + key(*filter(None, tokenizer))
    return CacheKeys(examples, tokens, tokens + key(plan.vectorizer, plan.augmenter) + f"/{fold}")


@frozen(eq=False)
class SplitExamples:
    """Examples, and for each fold the row indices of its splits; a single entry without folds."""

    examples: Examples
    folds: Sequence[RowSplit]


@define
class PreparedDataCache:
    """A table and the latest result of each stage. Request recipes in the order of `cache_keys` to reuse results."""

    table: Table
    evaluation_rows: EvaluationRows
    _examples: tuple[str, SplitExamples] | None = field(default=None, init=False)
    _tokens: tuple[str, Tokens] | None = field(default=None, init=False)
    _prepared: tuple[str, PreparedData] | None = field(default=None, init=False)

    def prepare(self, recipe: Recipe, plan: Plan, fold: int = 0) -> PreparedData:
        """Encode the splits of one fold (0 without folds); the vectorizer is fitted on its training rows alone."""
        check_plan(recipe, plan)
        keys = cache_keys(plan, fold)
        if self._prepared is not None and self._prepared[0] == keys.prepared:
            return self._prepared[1]
        self._prepared = None
        stopwatch = Stopwatch()
        split = self._cached_examples(recipe, plan, keys.examples)
        examples, row_split = split.examples, split.folds[max(fold - 1, 0)]
        rows = row_split.rows
        stopwatch.lap("read")

        def locate(row: int) -> str:
            return examples.location(self.table, row)

        classes = training_classes(examples.labels, examples.probabilities, rows, self.table.source, locate)
        check_plan(recipe, plan, classes=classes)
        tokens = self._cached_tokens(recipe, plan, examples, keys.tokens)
        stopwatch.lap("normalize")
        targets = preparation.build_targets(examples, rows, classes, self.table.source)
        encoder, encoded = preparation.encode_splits(
            recipe.zoo.registry,
            plan,
            lambda name: tokens.take(rows[name]),
            targets,
            self.table.source,
            lambda name, row: locate(int(rows[name][row])),
        )
        stopwatch.lap("encode")
        leaked = find_leaked(examples.texts.hash().to_numpy(), rows)
        report = loading.data_report(self.table.summary(), plan.task, examples, leaked, row_split, plan.reader)
        texts = preparation.select_training_texts(recipe.zoo.registry, plan, examples.texts, rows)
        masks = preparation.to_masks(leaked)
        prepared = PreparedData(plan, classes, encoder, encoded, report, stopwatch.laps, texts, masks)
        self._prepared = (keys.prepared, prepared)
        return prepared

    def _cached_examples(self, recipe: Recipe, plan: Plan, key: str) -> SplitExamples:
        if self._examples is None or self._examples[0] != key:
            self._examples = self._tokens = None  # frees the memory first
            self._examples = (key, self.split_examples(recipe, plan))
        return self._examples[1]

    def _cached_tokens(self, recipe: Recipe, plan: Plan, examples: Examples, key: str) -> Tokens:
        if self._tokens is None or self._tokens[0] != key:
            self._tokens = None
            self._tokens = (key, loading.tokenize_texts(recipe.zoo.registry, plan, examples.texts))
        return self._tokens[1]

    def split_examples(self, recipe: Recipe, plan: Plan) -> SplitExamples:
        """Read the examples of the table and split them; the test split only if it is evaluated on."""
        examples = loading.read_task_examples(recipe, plan, self.table)
        source, evaluation = self.table.source, self.evaluation_rows
        splitter = RowSplitter(recipe.zoo.registry, plan, source, lambda row: examples.location(self.table, row))
        columns = read_split_columns(plan.splitter, self.table, examples)
        split = splitter.split(examples, columns)
        if not evaluation.folds:
            names = [name for name in ("train", "val", "test") if name in ("train", "val", evaluation.split)]
            return SplitExamples(examples, [evolve(split, rows={name: split.rows[name] for name in names})])
        if evaluation.group:
            made = self._grouped_folds(plan, examples, split.rows)
        else:
            made = splitter.folds(examples, columns, split.rows, evaluation.folds)
        return SplitExamples(examples, [evolve(split, rows=rows) for rows in made])

    def _grouped_folds(self, plan: Plan, examples: Examples, rows: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The folds of whole groups of the column that was asked for."""
        if plan.splitter.used_columns():
            hint = f'leave out --group, or the splitter "{plan.splitter.name}"'
            raise RecipeError("--group and the splitter of the recipe would both decide about the folds", hint=hint)
        pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
        at = pl.Series(pool.astype(np.uint32))
        labels, groups = examples.labels.gather(at), self._read_groups(examples).gather(at)
        shares = {name: float(len(rows[name])) for name in ("train", "val")}
        try:
            made = folds.nested_folds(labels, shares, self.evaluation_rows.folds, plan.split.seed, groups=groups)
        except DataError as error:
            source = self.table.source
            raise DataError(*(evolve(one, where=one.where or source) for one in error.problems)) from None
        return [{name: pool[part] for name, part in fold.items()} for fold in made]

    def _read_groups(self, examples: Examples) -> pl.Series:
        group, frame = self.evaluation_rows.group, self.table.frame
        column = self.table.find_column(group)
        if not column:
            raise MissingColumnsError.of(self.table.describe_missing({"": [group]}))
        if examples.row_numbers is not None:
            return frame[column].gather(examples.row_numbers)
        if len(frame) != len(examples.texts):
            raise DataError("rows cannot be grouped: the task dropped rows without reporting which")
        return frame[column]
