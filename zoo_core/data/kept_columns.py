"""The columns of a file that are kept beside its predictions, and names for columns that are added to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from unicodedata import normalize

import polars as pl
from attrs import frozen

from zoo_core.components.contracts import Task
from zoo_core.components.missing_columns import MissingColumnsError
from zoo_core.components.table import Table
from zoo_core.data.files.column_choice import ChooseColumns, all_columns, columns_of
from zoo_core.errors import DataError
from zoo_core.messages import join_names

PREFIX = "predicted_"  # of a column of predictions whose name the file has


@frozen
class KeptColumns:
    """Columns of a file by name, in this order; all of them if `names` is None."""

    names: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, options: Sequence[str]) -> KeptColumns:
        """The columns of `--columns all`, `none` or names with commas between them; all without an option.

        >>> KeptColumns.parse(["id,text"]).names, KeptColumns.parse(["none"]).names, KeptColumns.parse([]).names
        (('id', 'text'), (), None)
        """
        if not options or list(options) == ["all"]:
            return cls()
        names = [name for option in options for name in option.split(",") if name]
        return cls(() if list(options) == ["none"] else tuple(dict.fromkeys(names)))

    def choose(self, task: Task) -> ChooseColumns:
        """The choice of the columns to read: those to keep, and those that a task uses."""
        names, used = self.names, columns_of(task)
        if names is None:
            return all_columns

        def choose(columns: list[str]) -> Collection[str]:
            return {*used(columns), *filter(None, (_find(name, columns) for name in names))}

        return choose

    def select(self, table: Table) -> pl.DataFrame:
        """The columns of a table to keep. Raises DataError with all that are missing or cannot be read."""
        if self.names is None:
            return table.frame
        found = [_find(name, table.frame.columns) for name in self.names]
        missing = [name for name, column in zip(self.names, found, strict=True) if column is None]
        if missing:
            raise MissingColumnsError.of(table.describe_missing({"": missing}))
        return table.frame.select(column for column in found if column is not None)

    def select_as(self, table: Table, first: Sequence[str] | None) -> pl.DataFrame:
        """The columns to keep of a further table of the same rows, in the order of the first.

        Raises DataError if they are others; None says that this is the first table.
        """
        kept = self.select(table)
        if first is not None and set(first) != set(kept.columns):
            message = f"the columns differ from those of the rows before: got {join_names(kept.columns)}"
            raise DataError(f"{message}, expected {join_names(first)}", where=table.source)
        return kept if first is None else kept[list(first)]


def free_names(names: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """A name for each added column that is not taken: with the prefix `predicted_` if a column of the file has it.

    >>> free_names(["label", "p_a"], ["text", "label"])
    {'label': 'predicted_label', 'p_a': 'p_a'}
    """
    free: dict[str, str] = {}
    for name in names:
        new = name
        while new in taken or new in free.values() or (new != name and new in names):
            new = f"{PREFIX}{new}"
        free[name] = new
    return free


def _find(name: str, columns: Sequence[str]) -> str | None:
    """The column of this name, also in another normal form of Unicode."""
    same = [column for column in columns if normalize("NFC", column) == normalize("NFC", name)]
    return name if name in columns else same[0] if len(same) == 1 else None
