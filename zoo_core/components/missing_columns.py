"""The error of columns that settings name and a table lacks: all of them at once, and the columns that it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Self

from attrs import field, frozen

from zoo_core.errors import Change, DataError, Problem
from zoo_core.messages import join_hints, join_names, suggest

ColumnNames = Mapping[str, Sequence[str]]  # columns by the dotted key of the setting that names them, or ""


@frozen
class MissingColumns:
    """Columns that a table lacks, those that it has, and those that are probably meant, by setting.

    `unread` are the columns of the file that hold neither texts nor numbers, with their types. `reason` and `changes`
    are for a file that should be read otherwise, as with another delimiter.
    """

    names: ColumnNames
    source: str
    columns: Sequence[str]
    unread: Mapping[str, str] = field(factory=dict)
    guesses: ColumnNames = field(factory=dict)
    reason: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def unsupported(self) -> dict[str, str]:
        """The missing columns that the file has, but that hold neither texts nor numbers, with their types."""
        asked = {name for group in self.names.values() for name in group}
        return {name: dtype for name, dtype in self.unread.items() if name in asked}

    def message(self) -> str:
        """What is missing, and the columns that there are."""
        names = list(dict.fromkeys(name for group in self.names.values() for name in group))
        absent = [f'"{name}"' for name in names if name not in self.unsupported]
        parts = [
            f'column "{name}" has the unsupported type {self.unsupported[name]}, expected texts or numbers'
            for name in names
            if name in self.unsupported
        ]
        if absent:
            listed = f"{', '.join(absent[:-1])} and {absent[-1]}" if len(absent) > 1 else absent[0]
            parts.insert(0, f"missing column{'s' * (len(absent) > 1)} {listed}")
        return f"{'; '.join(parts)}: {self._existing()}{self.reason and '; '}{self.reason}"

    def hint(self) -> str:
        """The settings to change, with the columns that are probably meant; "" if `changes` tell them."""
        if self.changes:
            return ""
        keys = [key for key in self.names if key]
        if keys and self.guesses.keys() >= self.names.keys():
            pairs = [f"{key} to {_format_value(value)}" for key, value in self.guesses.items()]
            return f"set {' and '.join(pairs)}"
        asked = [name for group in self.names.values() for name in group if name not in self.unsupported]
        suggestions = [found.text for name in asked if (found := suggest(name, self.columns))]
        change = f"set {' and '.join(keys)}" if keys and self.columns else ""
        return join_hints(" ".join(suggestions), change)

    def _existing(self) -> str:
        others = [f"{name} ({dtype})" for name, dtype in self.unread.items() if name not in self.unsupported]
        beside = f", beside {join_names(others)}" if others else ""
        if len(self.columns) == 1:
            return f'the only column is "{self.columns[0]}"{beside}'
        return f"the columns are {join_names(self.columns)}{beside}" if self.columns else "there are no columns"


class MissingColumnsError(DataError):
    """Columns that settings name and a table lacks; `missing` describes them, for code."""

    def __init__(self, *problems: Problem | str, where: str = "", hint: str = "") -> None:
        super().__init__(*problems, where=where, hint=hint)
        self.missing = MissingColumns({}, where, ())

    @classmethod
    def of(cls, missing: MissingColumns) -> Self:
        """The error that tells of missing columns."""
        error = cls(Problem(missing.message(), missing.source, missing.hint(), changes=missing.changes))
        error.missing = missing
        return error

    def at_rows(self, locate: Callable[[int], str | int]) -> Self:
        """The same error: no row is wrong."""
        return self


def _format_value(value: Sequence[str]) -> str:
    texts = [f'"{text}"' for text in value]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
