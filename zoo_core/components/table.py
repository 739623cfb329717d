"""Tables of strings with the place that each row comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal
from unicodedata import normalize

import polars as pl
from attrs import evolve, field, frozen

from zoo_core.components.missing_columns import ColumnNames, MissingColumns, MissingColumnsError
from zoo_core.errors import DataError
from zoo_core.messages import quote_name

__all__ = ["Table"]
Origin = Literal["file", "stdin", "sample", "memory"]


def reject_patterns(names: Iterable[str], where: str) -> None:
    """Raise DataError for a name that polars reads as a pattern of names, wherever it gets one: `^…$`."""
    for name in names:
        if name.startswith("^") and name.endswith("$"):
            message = f"unsupported name of a column: {quote_name(name)} is a pattern"
            raise DataError(message, where=where, hint="rename the column")


@frozen
class Table:
    """Columns of strings, the name and kind of their source, and the `sha256` of its bytes ("" if it has none).

    `line_of_row` returns the line on which a row starts, 0 if unknown. It reads the file again, for error messages.
    `is_lines` tells that no format was recognized: each line is a row, the header of a table too. `has_header` tells
    that the names of the columns are the first row of a file, which the setting `reader.header` can tell otherwise.
    `unread` are the other columns of the file: those of values that are not texts or numbers, each with its type, and
    those that the task does not use, with the type "". `order` are the columns in the order of the file, if it is not
    that of `frame`, and `read_head` reads the first rows with every column, if they can be read again. `missing` counts
    the rows without a value for a column.
    """

    frame: pl.DataFrame
    source: str
    sha256: str = ""
    origin: Origin = "file"
    line_of_row: Callable[[int], int] = field(default=lambda _row: 0, eq=False, repr=False)
    is_lines: bool = field(default=False, eq=False)
    has_header: bool = field(default=False, eq=False)
    unread: Mapping[str, str] = field(factory=dict, eq=False)
    order: Sequence[str] = field(default=(), eq=False)
    read_head: Callable[[], pl.DataFrame] | None = field(default=None, eq=False, repr=False)
    missing: Mapping[str, int] = field(factory=dict, eq=False)
    parts: tuple[Table, ...] = field(default=(), eq=False, repr=False)  # one table for each file, if several were read
    _selected_from: tuple[Table, pl.Series] | None = field(default=None, eq=False, repr=False)  # and its row numbers

    def __attrs_post_init__(self) -> None:
        reject_patterns(self.frame.columns, self.source)

    @property
    def names(self) -> list[str]:
        """The columns of texts and numbers in the file, in its order, also those that the task does not use."""
        names = [*self.frame.columns, *(name for name, dtype in self.unread.items() if not dtype)]
        places = {name: place for place, name in enumerate(self.order)}
        return sorted(names, key=lambda name: places.get(name, len(places)))

    def files(self) -> list[str]:
        """The files that were read, in order; empty for a sample or standard input."""
        return [table.source for table in self.parts or (self,) if table.origin == "file"]

    def summary(self) -> dict[str, Any]:
        """The source and the number of rows, as a run stores them."""
        source = {"source": self.source, "files": self.files(), "origin": self.origin, "sha256": self.sha256}
        return {**source, "read": self.frame.height}

    def location(self, row: int) -> str:
        """The place of a row (from 0) for a message: `file:line`, or the number of the row in the file."""
        if self._selected_from is not None:
            whole, rows = self._selected_from
            return whole.location(int(rows[row]))
        for part in self.parts:
            if row < part.frame.height:
                return part.location(row)
            row -= part.frame.height
        line = self.line_of_row(row)
        return f"{self.source}:{line}" if line else f"{self.source}, row {row + 1}"

    def select_rows(self, rows: pl.Series) -> Table:
        """The table of these rows (from 0), which keep their places."""
        return evolve(self, frame=self.frame[rows], selected_from=(self, rows))

    def find_column(self, name: str) -> str:
        """The column of this name, also in another normal form (NFC, NFD), as some systems write it; "" if missing."""
        if name in self.frame.columns:
            return name
        same = [column for column in self.frame.columns if normalize("NFC", column) == normalize("NFC", name)]
        return same[0] if len(same) == 1 else ""

    def column(self, name: str, *, setting: str) -> pl.Series:
        """A column by name, also in another normal form; `setting` is the dotted key of the setting that names it.

        Raises MissingColumnsError with the existing columns.
        """
        return self.columns((name,), setting=setting)[0]

    def columns(self, names: Sequence[str], *, setting: str) -> list[pl.Series]:
        """Several columns by name, as `column` finds one; the error names all that are missing."""
        found = [self.find_column(name) for name in names]
        missing = [name for name, column in zip(names, found, strict=True) if not column]
        if missing:
            raise MissingColumnsError.of(self.describe_missing({setting: missing}))
        return [self.frame[column] for column in found]

    def describe_missing(self, names: ColumnNames) -> MissingColumns:
        """What an error about these columns, by setting, tells of the table that lacks them."""
        unread = {name: dtype for name, dtype in self.unread.items() if dtype}
        return MissingColumns(names, self.source, self.names, unread)
