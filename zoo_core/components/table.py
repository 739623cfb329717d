"""Table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import polars as pl
from attrs import field, frozen

from zoo_core.errors import DataError
from zoo_core.messages import join_names, suggest

Origin = Literal["file", "stdin", "sample"]


@frozen
class Table:
    """Columns of strings, the name of where they came from, and what that is; `sha256` of the bytes, "" for none.

    `line` tells on which line a row begins, 0 for one that is on none; it reads the file again, to tell of a fault.
    """

    frame: pl.DataFrame
    source: str
    sha256: str = ""
    origin: Origin = "file"
    line_of_row: Callable[[int], int] = field(default=lambda _row: 0, eq=False, repr=False)
    parts: tuple[Table, ...] = field(default=(), eq=False, repr=False)  # the files it was read from, if several

    def files(self) -> list[str]:
        """The files it was read from, in order; none for a sample or standard input."""
        return [one.source for one in self.parts or (self,) if one.origin == "file"]

    def summary(self) -> dict[str, Any]:
        """Where it came from and how many rows it has, as a run remembers it."""
        told = {"source": self.source, "files": self.files(), "origin": self.origin, "sha256": self.sha256}
        return {**told, "read": self.frame.height}

    def location(self, row: int) -> str:
        """Where a row (from 0) stands, for a message: `file:line`, or the number of the row in the file."""
        for part in self.parts:
            if row < part.frame.height:
                return part.location(row)
            row -= part.frame.height
        line = self.line_of_row(row)
        return f"{self.source}:{line}" if line else f"{self.source}, row {row + 1}"

    def column(self, name: str, *, setting: str) -> pl.Series:
        """The column of this name; DataError with the columns there are, and the setting that chose it."""
        if name not in self.frame.columns:
            there = f"the columns are {join_names(self.frame.columns)}; choose one with --set {setting}=NAME"
            suggestion = suggest(name, self.frame.columns)
            hint = f"{suggestion.text} {there}" if suggestion else there
            raise DataError(f'there is no column "{name}"', where=self.source, hint=hint)
        return self.frame[name]
