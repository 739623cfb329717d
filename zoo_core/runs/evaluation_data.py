"""Data for evaluation: the labeled rows of a file, or of the data that a run was trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import torch
from attrs import field, frozen
from torch import Tensor

from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data import loading, splits
from zoo_core.data.files.sources import Data
from zoo_core.data.label_rules import NO_RARE_CLASSES
from zoo_core.data.splitting.columns import read_split_columns
from zoo_core.data.splitting.rows import RowSplitter
from zoo_core.data.targets import class_probabilities, label_targets, require_known_labels
from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import name_hint
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.reader_table import reader_from_text
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.regular_files import require_data_files

FILE_HINT = "name a file with --data FILE"
MEMORY_HINT = 'pass it: run.evaluate(data, split="test"); or name a file with --data FILE'


@frozen(eq=False)
class LabeledRows:
    """Texts with their targets; `split` is "" for all.

    Targets are class indices `(rows,)`, or a matrix `(rows, classes)` of probabilities or label sets.
    `locate` gives the place of a row (from 0) in the file, for messages. `numbers` are the rows of the `table` (from 0)
    that they are; None if they are all, in order. `dropped` counts the rows of the data that are left out, by reason,
    and `rare` describes the classes that were rare in training, with their rows in this data. `leaked` `(rows,)` says
    which texts an earlier split of the training data has, too; None for other data.
    """

    texts: pl.Series
    targets: Tensor
    source: str
    split: str
    locate: Callable[[int], str]
    table: Table
    numbers: pl.Series | None = None
    dropped: Mapping[str, int] = field(factory=dict)
    rare: Mapping[str, Any] = field(factory=dict)
    leaked: Tensor | None = None

    def numbers_of(self, rows: Sequence[int]) -> list[int]:
        """The numbers (from 1) of these rows (from 0) in the table."""
        numbers = pl.Series(rows, dtype=pl.UInt32) if self.numbers is None else self.numbers.gather(list(rows))
        return [int(number) + 1 for number in numbers]


@frozen(eq=False)
class TrainedOn:
    """What a run was trained with: its recipe and plan, its classes, and the summary that describes its data.

    `plan.reader` reads the data it was trained on, `other_reader` any other.
    """

    recipe: Recipe
    plan: Plan
    classes: tuple[str, ...]
    summary: Mapping[str, Any]
    other_reader: ReaderSettings = ReaderSettings()


def read_labeled_rows(
    trained_on: TrainedOn, data: Data | None, *, split: str = "", for_tuning: bool = False
) -> LabeledRows:
    """Read the rows of a split.

    Without `data`: of the data the run was trained on, split as it was ("test" by default). With `data`: of that file,
    or all of its rows by default. Data in memory that the run was trained on is split as it was then. `for_tuning` is
    for decisions that must not depend on the test split: the default is "val", also of a file that has splits.
    """
    table = load_evaluation_table(trained_on, data)
    rare = trained_on.summary["data"].get("rare", NO_RARE_CLASSES)
    examples = loading.read_task_examples(trained_on.recipe, trained_on.plan, table, rare=rare)
    if data is None or (for_tuning and examples.splits is not None):
        split = split or ("val" if for_tuning else "test")
    texts, labels, probabilities = examples.texts, examples.labels, examples.probabilities
    rows = leaked = None
    if split:
        is_other = data is not None and not _is_training_data(trained_on, table)
        by_split = _rows_by_split(trained_on, examples, split, table, is_file=is_other)
        rows = pl.Series(by_split[split])
        if table.sha256 == trained_on.summary["data"]["sha256"]:
            leaked = _leaked_rows(examples, by_split, split)
        texts, labels = texts.gather(rows), labels.gather(rows)
        probabilities = None if probabilities is None else probabilities[rows]

    def locate(row: int) -> str:
        return examples.location(table, row if rows is None else int(rows[row]))

    if probabilities is not None:
        targets = class_probabilities(probabilities, trained_on.classes, table.source)
    else:
        require_known_labels(labels, trained_on.classes, locate, remedy="name them in task.drop_labels")
        targets = label_targets(labels, trained_on.classes)
    numbers = examples.row_numbers
    if rows is not None:
        numbers = rows if numbers is None else numbers.gather(rows)
    found = {**rare, "rows": examples.rare}
    return LabeledRows(texts, targets, table.source, split, locate, table, numbers, examples.dropped, found, leaked)


def _is_training_data(trained_on: TrainedOn, table: Table) -> bool:
    """Whether a table in memory is the one that a run was trained on."""
    described = trained_on.summary["data"]
    return table.origin == "memory" and (table.origin, table.sha256) == (described["origin"], described["sha256"])


def load_evaluation_table(trained_on: TrainedOn, data: Data | None) -> Table:
    """Load the table in a file, or the one a run was trained on. Raises DataError if that is missing or changed."""
    recipe, plan, described = trained_on.recipe, trained_on.plan, trained_on.summary["data"]
    if data is not None:
        return loading.load_table(recipe, plan, data, reader=trained_on.other_reader)
    if described["origin"] == "stdin":
        raise RecipeError("the training data came from standard input", hint=FILE_HINT)
    if described["origin"] == "memory":
        raise RecipeError("the training data was in memory", hint=MEMORY_HINT)
    if described["origin"] != "file":
        return loading.load_table(recipe, plan, None)
    require_data_files(described["files"], FILE_HINT)
    reader = plan.reader
    if reader == ReaderSettings():  # the run may be of a version that stored it with the data
        reader = reader_from_text(recipe.zoo.registry, described["reader"])
    table = loading.load_table(recipe, plan, described["files"], reader=reader)
    if table.sha256 != described["sha256"]:
        raise DataError("the file was changed since training", where=table.source, hint=FILE_HINT)
    return table


def _rows_by_split(
    trained_on: TrainedOn, examples: Examples, split: str, table: Table, *, is_file: bool
) -> Mapping[str, splits.Rows]:
    """The rows of each split, of which the requested one has some."""
    source = table.source
    if split not in splits.SPLIT_NAMES:
        raise RecipeError(f'unknown split "{split}"', hint=name_hint(split, splits.SPLIT_NAMES))
    if is_file:
        if examples.splits is None:
            raise DataError("the file has no split column", where=source, hint="omit --on to use every row")
        rows: Mapping[str, splits.Rows] = {
            name: (examples.splits == name).arg_true().to_numpy().astype(np.int64) for name in splits.SPLIT_NAMES
        }
    elif split != "test" and "fold" in trained_on.summary.get("rows", {}):
        raise RecipeError(f'this run was trained on a fold, so the split "{split}" of its data does not exist')
    else:
        plan, registry = trained_on.plan, trained_on.recipe.zoo.registry
        splitter = RowSplitter(registry, plan, source, lambda row: examples.location(table, row))
        rows = splitter.split(examples, read_split_columns(plan.splitter, table, examples)).rows
    if not len(rows[split]):
        raise DataError(f'the split "{split}" has no rows', where=source)
    return rows


def _leaked_rows(examples: Examples, rows: Mapping[str, splits.Rows], split: str) -> Tensor | None:
    """Which rows `(rows,)` of a split have a text that an earlier split has, too; None for the training split."""
    if split == "train":
        return None
    return torch.from_numpy(splits.find_leaked(examples.texts.hash().to_numpy(), rows)[split].copy())
