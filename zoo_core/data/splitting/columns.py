"""The columns that a splitter uses, for the examples of a table."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from attrs import evolve, frozen

from zoo_core.components.contracts import Splitter
from zoo_core.components.examples import Examples
from zoo_core.components.kinds import setting_fields
from zoo_core.components.missing_columns import MissingColumns, MissingColumnsError
from zoo_core.components.table import Table
from zoo_core.data.task_results.columns import check_names
from zoo_core.errors import DataError


@frozen(eq=False)
class SplitColumns:
    """The columns of a splitter `(examples,)`, as the splitter names them; or why they cannot be given.

    A file whose own splits are complete needs no columns, so that the error is raised when they are asked for.
    """

    frame: pl.DataFrame
    error: DataError | None = None

    def select(self, rows: pl.Series) -> SplitColumns:
        """The columns of some examples, without an error."""
        return evolve(self, frame=self.frame[rows] if self.frame.width else self.frame)

    def take(self, rows: pl.Series) -> pl.DataFrame:
        """The columns of some examples. DataError if the file lacks one, or rows of the file cannot be followed."""
        if self.error is not None:
            raise self.error
        return self.select(rows).frame


def read_split_columns(splitter: Splitter, table: Table, examples: Examples) -> SplitColumns:
    """The columns that a splitter uses, for the examples that a task has read from a table."""
    names = list(check_names(splitter, splitter.used_columns()))
    if not names:
        return SplitColumns(pl.DataFrame())
    missing = [name for name in names if not table.find_column(name)]
    if missing:
        described = _describe(splitter, table, missing)
        return SplitColumns(pl.DataFrame(), MissingColumnsError.of(described))
    rows = examples.row_numbers
    if rows is None and table.frame.height != len(examples.labels):
        message = f"cannot split by {', '.join(names)}: the task dropped rows without telling which"
        return SplitColumns(pl.DataFrame(), DataError(message, where=table.source))
    frame = pl.DataFrame({name: table.frame[table.find_column(name)] for name in names})
    return SplitColumns(frame if rows is None else frame[rows])


def concat_split_columns(parts: Sequence[SplitColumns]) -> SplitColumns:
    """Join the columns of consecutive parts of a table, one or more."""
    error = next((part.error for part in parts if part.error is not None), None)
    return SplitColumns(pl.DataFrame() if error else pl.concat([part.frame for part in parts]), error)


def _describe(splitter: Splitter, table: Table, missing: Sequence[str]) -> MissingColumns:
    """What the table lacks, by the settings of the splitter that name it."""
    by_setting: dict[str, list[str]] = {}
    for name in missing:
        keys = [
            f"splitter.{field.name}"
            for field in setting_fields(type(splitter))
            if (value := getattr(splitter, field.name)) == name or (isinstance(value, tuple) and name in value)
        ]
        by_setting.setdefault(keys[0] if keys else "splitter", []).append(name)
    return table.describe_missing(by_setting)
