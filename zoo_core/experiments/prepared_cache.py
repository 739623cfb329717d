"""Data read once for many recipes: what they have in common is made once, in the order they are asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import define, field, frozen

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.config.structure import unstructure
from zoo_core.data import folds, splits
from zoo_core.data import loading as intake
from zoo_core.data.targets import training_classes
from zoo_core.errors import DataError, RecipeError
from zoo_core.features.tokens import Tokens
from zoo_core.recipes import compatibility
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.timing import Stopwatch
from zoo_core.training import preparation
from zoo_core.training.preparation import PreparedData


@frozen
class EvaluationRows:
    """Which rows a cell is judged on: those of a split, or of one of `folds`; `group` is a column that folds keep
    together."""

    split: str = "val"
    folds: int = 0
    group: str = ""

    @property
    def evaluated_on(self) -> str:
        """The name of the split that figures are of."""
        return "fold" if self.folds else self.split


def cache_keys(plan: Plan, fold: int) -> tuple[str, str, str]:
    """What recipes must have in common to share the rows, the tokens and the encoded splits."""

    def told(*parts: Any) -> str:
        return json.dumps([unstructure(part) for part in parts], sort_keys=True)

    rows = told(plan.task, plan.split)
    plain = type(plan.vectorizer).tokenize is Vectorizer.tokenize  # a cut of its own may depend on any of its settings
    tokens = rows if plain else rows + told(plan.vectorizer)
    return rows, tokens, tokens + told(plan.vectorizer) + f"/{fold}"


@define
class PreparedDataCache:
    """A table and what was last made of it. One of each stage is kept: ask for recipes in the order of `keys_of`."""

    table: Table
    reader: str
    evaluation_rows: EvaluationRows
    _examples: tuple[str, Examples, Sequence[Mapping[str, Any]]] | None = field(default=None, init=False)
    _tokens: tuple[str, Tokens] | None = field(default=None, init=False)
    _prepared: tuple[str, PreparedData] | None = field(default=None, init=False)

    def prepare(self, recipe: Recipe, fold: int = 0) -> PreparedData:
        """The splits of one fold (0 where there are none), encoded by a vectorizer that saw its training rows alone."""
        plan = compatibility.check(recipe)
        of_rows, of_tokens, whole = cache_keys(plan, fold)
        if self._prepared is not None and self._prepared[0] == whole:
            return self._prepared[1]
        self._prepared = None
        clock = Stopwatch()
        if self._examples is None or self._examples[0] != of_rows:
            self._examples = self._tokens = None
            examples = intake.read_task_examples(recipe, plan, self.table)
            self._examples = (of_rows, examples, self._folds(plan, examples))
        _, examples, folds = self._examples
        rows = folds[max(fold - 1, 0)]
        clock.lap("read")
        classes = training_classes(examples.labels, examples.probabilities, rows, self.table.source)
        plan = compatibility.check(recipe, num_classes=len(classes))
        if self._tokens is None or self._tokens[0] != of_tokens:
            self._tokens = None
            self._tokens = (of_tokens, intake.tokenize_texts(recipe.zoo.registry, plan, examples.texts))
        clock.lap("normalize")
        tokens, source = self._tokens[1], self.table.source
        wanted = preparation.build_targets(examples, rows, classes, source)
        made = preparation.encode_splits(recipe, plan, lambda name: tokens.take(rows[name]), wanted, source)
        clock.lap("encode")
        report = intake.data_report(
            self.table.summary(), examples.dropped, examples.texts.hash().to_numpy(), rows, self.reader
        )
        self._prepared = (whole, PreparedData(plan, classes, *made, report, clock.laps))
        return self._prepared[1]

    def count_classes(self, recipe: Recipe) -> int:
        """How many classes the data has; DataError where its rows cannot be split as asked."""
        plan = recipe.plan()
        examples = intake.read_task_examples(recipe, plan, self.table)
        self._folds(plan, examples)
        return int(examples.labels.n_unique())

    def _folds(self, plan: Plan, examples: Examples) -> list[dict[str, Any]]:
        """The splits of each fold; one alone where there are none, without the test split unless it is asked for."""
        shares = {name: getattr(plan.split, name) for name in splits.SPLIT_NAMES}
        try:
            found = splits.split_rows(examples.labels, examples.splits, shares, plan.split.seed)
            if not self.evaluation_rows.folds:
                return [
                    {
                        name: found[name]
                        for name in ("train", "val", "test")
                        if name in ("train", "val", self.evaluation_rows.split)
                    }
                ]
            groups = self._groups(examples) if self.evaluation_rows.group else None
            return list(
                folds.nested_folds(examples.labels, found, self.evaluation_rows.folds, plan.split.seed, groups=groups)
            )
        except DataError as error:
            raise DataError(*(_placed(problem, self.table.source) for problem in error.problems)) from None

    def _groups(self, examples: Examples) -> pl.Series:
        if self.evaluation_rows.group not in self.table.frame.columns:
            there = ", ".join(self.table.frame.columns)
            raise RecipeError(
                f'there is no column "{self.evaluation_rows.group}" to group by', hint=f"the columns are {there}"
            )
        column = self.table.frame[self.evaluation_rows.group]
        if examples.row_numbers is not None:
            return column.gather(examples.row_numbers)
        if len(column) != len(examples.texts):
            raise DataError("rows were dropped, and it is not known which: they cannot be grouped")
        return column


def _placed(problem: Any, source: str) -> Any:
    from attrs import evolve

    return problem if problem.where else evolve(problem, where=source)
