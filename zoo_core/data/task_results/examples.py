"""The examples that a task reads: columns of the right types and lengths, splits, rows, and probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from zoo_core.components.contracts import Task
from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.label_sets.labels import LABEL_SETS, each_label
from zoo_core.data.splits import SPLIT_NAMES
from zoo_core.data.targets import SUM_TOLERANCE
from zoo_core.messages import pluralize
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry

ROUNDING = 1e-5  # of a sum, by storing float32
EXPECTED_PROBABILITIES = "float32, a column for each class and a row for each text, not negative, with a sum of 1"


def check_examples(registry: Registry, task: Task, table: Table, examples: object) -> Examples:
    """What `read` of a task gave for a table. Raises PluginError, with what is wrong, if it breaks its contract.

    A task reports what is wrong with a file by itself, with the line: what is found here is its own fault.
    """
    if not isinstance(examples, Examples):
        raise contract_error(registry, task, f"read() gave {type(examples).__name__}, not Examples")
    for problem in _problems(task, table, examples):
        raise contract_error(registry, task, f"read() gave {problem}")
    return examples


def _problems(task: Task, table: Table, examples: Examples) -> Iterator[str]:
    """What is wrong with examples; only the first problem is reported."""
    columns = {"texts": examples.texts, "labels": examples.labels, "splits": examples.splits}
    for name, column in columns.items():
        if column is not None:
            check = _label_set_problems if name == "labels" and task.targets == "multi-label" else _column_problems
            yield from check(name, column)
    if not isinstance(examples.dropped, dict) or any(
        type(count) is not int or count < 0 for count in examples.dropped.values()
    ):
        yield f"dropped = {examples.dropped!r}, expected the number of rows for each reason"
    height = table.frame.height - sum(examples.dropped.values())
    lengths = {name: len(column) for name, column in columns.items() if column is not None}
    for name, length in lengths.items():
        if length != height:
            dropped = f" of which {sum(examples.dropped.values())} are dropped" if examples.dropped else ""
            rows = pluralize(table.frame.height, "row")
            yield f"{length} {name} for a table of {rows}{dropped}: each row must be used or dropped and counted"
    if examples.splits is not None:
        unknown = examples.splits.filter(~examples.splits.is_in(SPLIT_NAMES))
        if len(unknown):
            yield f'the split "{unknown[0]}", expected {", ".join(SPLIT_NAMES)}'
    yield from _row_problems(examples.row_numbers, height, table.frame.height)
    yield from _probability_problems(task, examples, height)


def _column_problems(name: str, column: object) -> Iterator[str]:
    if not isinstance(column, pl.Series):
        yield f"{name} as {type(column).__name__}, expected a series of strings"
    elif column.dtype != pl.String:
        yield f"{name} of type {column.dtype}, expected strings"
    elif column.null_count():
        yield f'null in {name}, as in row {int(column.is_null().arg_true()[0])}: expected strings, "" for none'


def _label_set_problems(name: str, column: object) -> Iterator[str]:
    if not isinstance(column, pl.Series) or column.dtype != LABEL_SETS:
        found = column.dtype if isinstance(column, pl.Series) else type(column).__name__
        yield f"{name} of type {found}, expected lists of strings"
        return
    if column.null_count():
        yield f"null in {name}, as in row {int(column.is_null().arg_true()[0])}: expected lists, [] for none"
        return
    items, row = each_label(column), np.repeat(np.arange(len(column)), column.list.len().to_numpy())
    wrong = items.is_null() | (items == "").fill_null(False)
    if wrong.any():
        yield f"null or an empty string as a label, as in row {row[int(wrong.arg_true()[0])]}"
        return
    is_next = pl.Series(row[1:] == row[:-1])
    unsorted = is_next & (items[1:] <= items[:-1])
    if unsorted.any():
        at = int(row[int(unsorted.arg_true()[0])])
        yield f"the labels {column[at].to_list()} for row {at}, expected each once, sorted"


def _row_problems(numbers: object, height: int, of_table: int) -> Iterator[str]:
    if numbers is None:
        return
    if not isinstance(numbers, pl.Series) or not numbers.dtype.is_integer() or numbers.null_count():
        found = numbers.dtype if isinstance(numbers, pl.Series) else type(numbers).__name__
        yield f"row_numbers of type {found}, expected whole numbers"
    elif len(numbers) != height or numbers.n_unique() != len(numbers):
        yield f"{len(numbers)} row_numbers, {numbers.n_unique()} different ones, for {pluralize(height, 'example')}"
    elif len(numbers) and not 0 <= int(str(numbers.min())) <= int(str(numbers.max())) < of_table:
        ends = f"{numbers.min()!r} to {numbers.max()!r}"
        yield f"row_numbers from {ends} for a table of {pluralize(of_table, 'row')}"


def _probability_problems(task: Task, examples: Examples, height: int) -> Iterator[str]:
    soft = examples.probabilities
    if soft is None:
        if task.has_soft_targets():
            yield "no probabilities, but has_soft_targets() promises them"
        return
    if not task.has_soft_targets():
        yield "probabilities, which has_soft_targets() does not promise"
    if not isinstance(soft, pl.DataFrame) or set(soft.dtypes) != {pl.Float32} or soft.height != height:
        is_frame = isinstance(soft, pl.DataFrame)
        found = f"{pluralize(soft.height, 'row')} of {sorted(map(str, set(soft.dtypes)))}" if is_frame else repr(soft)
        yield f"probabilities of {found}, expected {pluralize(height, 'row')}: {EXPECTED_PROBABILITIES}"
        return
    if soft.width < 2:
        yield f"probabilities of {pluralize(soft.width, 'class')}, expected two or more"
    invalid = soft.select(pl.any_horizontal(~pl.all().is_finite().fill_null(False) | (pl.all() < 0))).to_series()
    sums = soft.select(pl.sum_horizontal(pl.all().cast(pl.Float64))).to_series()
    off = (sums - 1).abs() > SUM_TOLERANCE + ROUNDING
    for rows, what in ((invalid, "not probabilities"), (off, "a sum other than 1")):
        if rows.any():
            row = int(rows.arg_true()[0])
            values = ", ".join(f"{value:g}" if value is not None else "null" for value in soft.row(row)[:6])
            yield f"{what} for row {row}: {values}"
            return
    unknown = set(examples.labels.unique().to_list()) - set(soft.columns)
    if unknown:
        yield f'the label "{min(unknown)}", which is not a column of its probabilities'
