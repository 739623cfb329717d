"""Columns beside that of labels which look like labels too: 0 and 1 in each."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.audit.commands import CheckedFiles
from zoo_core.data.audit.masks import MAX_EXAMPLES
from zoo_core.data.audit.severity import make_finding
from zoo_core.data.findings import Finding
from zoo_core.data.task_detection import TaskColumns
from zoo_core.messages import join_names, quote_name


def check_label_columns(columns: TaskColumns, table: Table, files: CheckedFiles) -> Iterator[Finding]:
    """Several columns of 0 and 1 in a file whose labels are one of them."""
    task, frame = columns.task, table.frame
    labels = () if task.has_soft_targets() else task.label_columns(table)
    if len(labels) != 1 or labels[0] not in frame.columns or not _is_0_and_1(frame[labels[0]]):
        return
    used = {labels[0], task.split_column(table), *task.text_columns(table)}
    others = [name for name in frame.columns if name not in used and _is_0_and_1(frame[name])]
    if others:
        shown = join_names(map(quote_name, [labels[0], *others]), MAX_EXAMPLES)
        message = f"columns of 0 and 1, of which one is read as the labels: {shown}"
        hint = files.train_label_sets([labels[0], *others])
        yield make_finding("columns-of-labels", message, len(others) + 1, hint=hint)


def _is_0_and_1(column: pl.Series) -> bool:
    """Whether a column has these two values, and no others."""
    if not (column.dtype == pl.String or column.dtype.is_integer()):
        return False
    return set(column.head(1000).cast(pl.String)) <= {"0", "1"} and set(column.cast(pl.String).unique()) == {"0", "1"}
