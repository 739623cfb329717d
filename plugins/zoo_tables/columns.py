"""The columns of a table that a task reads, and its rows as JSON objects."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import polars as pl
from attrs import frozen

from zoo_core.components.table import Table
from zoo_core.data.numeric_columns import NUMBER_PATTERN, parse_numbers
from zoo_core.errors import DataError
from zoo_core.features.field_groups import FieldGroup
from zoo_core.features.fields import write_objects
from zoo_core.messages import quote_name

MISSING = r"(?i)^(|na|n/a|nan|null|none)$"
NUMBER_HINT = "write numbers as in 1234.5, without separators of thousands; an empty cell is a missing number"


@frozen
class Columns:
    """The names of the columns of each group."""

    text: tuple[str, ...]
    categories: tuple[str, ...]
    numbers: tuple[str, ...]

    def groups(self) -> Iterator[tuple[FieldGroup, tuple[str, ...]]]:
        yield "text", self.text
        yield "categories", self.categories
        yield "numbers", self.numbers

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order of the objects."""
        return *self.text, *self.categories, *self.numbers

    def read_objects(self, table: Table) -> tuple[pl.Series, dict[str, int]]:
        """Each row of a table as an object of these columns, and the number of missing numbers in each column.

        Numbers are as they are written, a missing one is null.

        Raises DataError for a missing column, and with the line of the first value that is not a number.
        """
        columns: dict[str, pl.Series] = {}
        for group, names in self.groups():
            columns |= zip(names, table.columns(names, setting=f"task.{group}"), strict=True)
        for name in self.numbers:
            numbers = clean_numbers(columns[name])
            invalid = find_invalid(numbers)
            if invalid is not None:
                raise DataError(invalid_number(name, numbers[invalid]), where=table.location(invalid), hint=NUMBER_HINT)
            columns[name] = numbers
        missing = {name: count for name in self.numbers if (count := columns[name].null_count())}
        return write_objects(columns), missing


def clean_numbers(column: pl.Series) -> pl.Series:
    """Numbers as they are written, without surrounding whitespace; a missing one is null."""
    stripped = column.str.strip_chars()
    return stripped.set(stripped.str.contains(MISSING), None)


def clean_number(value: str | None) -> str | None:
    """The same for one number."""
    stripped = "" if value is None else value.strip()
    return None if re.match(MISSING, stripped) else stripped


def is_number(value: str) -> bool:
    """Whether a value is a finite number, as `parse_numbers` reads it."""
    return bool(re.match(NUMBER_PATTERN, value)) and math.isfinite(float(value))


def find_invalid(numbers: pl.Series) -> int | None:
    """The first row that has a value which is not a finite number; None if there is none."""
    invalid = (parse_numbers(numbers).is_null() & numbers.is_not_null()).arg_true()
    return int(invalid[0]) if len(invalid) else None


def invalid_number(name: str, value: str) -> str:
    """The message about a value that is not a number."""
    return f"invalid number in column {quote_name(name)}: got {quote_name(value)}, expected a finite number"
