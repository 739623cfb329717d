"""Columns of numbers, read strictly: what is no finite number is told with its line, never guessed at."""

from __future__ import annotations

import polars as pl

from zoo_core.components.table import Table
from zoo_core.errors import DataError

NUMBER_PATTERN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def parse_numbers(column: pl.Series) -> pl.Series:
    """Each string as a float64, null where it is no finite number; blanks around it do not count.

    >>> parse_numbers(pl.Series(["1", " -2.5e3 ", "", "nan", "1,5"])).to_list()
    [1.0, -2500.0, None, None, None]
    """
    plain = column.str.strip_chars()
    found = plain.set(~plain.str.contains(NUMBER_PATTERN), None).str.strip_prefix("+").cast(pl.Float64, strict=False)
    return found.set(~found.is_finite(), None)


def read_number_column(table: Table, name: str, *, setting: str, hint: str = "") -> pl.Series:
    """A column of finite numbers, float64; DataError with the line of the first that is none."""
    column = table.column(name, setting=setting)
    found = parse_numbers(column)
    if found.null_count():
        raise invalid_number(table, column, int(found.is_null().arg_true()[0]), hint=hint)
    return found


def invalid_number(table: Table, column: pl.Series, row: int, *, hint: str = "") -> DataError:
    """The error for a cell that should hold a number."""
    told = f'"{column[row]}" in column "{column.name}" is no finite number'
    return DataError(told, where=table.location(row), hint=hint)
