"""Rows of numbers as texts: `height=1.5; weight=2`."""

from __future__ import annotations

import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.numeric_columns import read_number_column
from zoo_core.errors import DataError
from zoo_core.messages import join_names

COLUMNS_HINT = """choose the columns of numbers with --set task.columns='["NAME", "NAME"]'"""


def write_pairs(table: Table, names: list[str]) -> pl.Series:
    """Return each row of a table as pairs of column names and numbers.

    Raises:
        DataError: without columns, for a column name that pairs cannot hold, or with the line of an invalid number.
    """
    if not names:
        columns = join_names(table.names)
        raise DataError(f"no columns of numbers: got the columns {columns}", where=table.source)
    parts: list[pl.Expr] = []
    for name in names:
        read_number_column(table, name, setting="task.columns", hint=COLUMNS_HINT)
        if ";" in name or name != name.strip() or not name:
            message = f'invalid name of a column of numbers: got "{name}", expected text without ";" and outer blanks'
            raise DataError(message, where=table.source, hint="rename the column")
        parts += [pl.lit(f"; {name}=" if parts else f"{name}="), pl.lit(table.frame[name].str.strip_chars())]
    return pl.select(pl.concat_str(parts)).to_series().alias("text")
