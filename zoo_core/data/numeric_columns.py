"""Columns of finite numbers, parsed strictly: an invalid number is reported with its line."""

from __future__ import annotations

import polars as pl

from zoo_core.components.table import Table
from zoo_core.errors import DataError

NUMBER_PATTERN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def parse_numbers(column: pl.Series) -> pl.Series:
    """Each string as a float64, null if it is not a finite number. Surrounding whitespace is ignored.

    >>> parse_numbers(pl.Series(["1", " -2.5e3 ", "", "nan", "1,5"])).to_list()
    [1.0, -2500.0, None, None, None]
    """
    stripped = column.str.strip_chars()
    numeric = stripped.set(~stripped.str.contains(NUMBER_PATTERN), None).str.strip_prefix("+")
    numbers = numeric.cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite(), None)


def read_number_column(table: Table, name: str, *, setting: str, hint: str = "") -> pl.Series:
    """A column of finite numbers, float64.

    Raises DataError, with the line, for the first value that is not a finite number.
    """
    column = table.column(name, setting=setting)
    numbers = parse_numbers(column)
    if numbers.null_count():
        raise invalid_number(table, column, int(numbers.is_null().arg_true()[0]), hint=hint)
    return numbers


def invalid_number(table: Table, column: pl.Series, row: int, *, hint: str = "") -> DataError:
    """The error for a value that is not a finite number."""
    message = f'"{column[row]}" in column "{column.name}" is not a finite number'
    return DataError(message, where=table.location(row), hint=hint)
