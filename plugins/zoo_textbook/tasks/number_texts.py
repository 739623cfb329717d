"""Rows of numbers told as texts: `height=1.5; weight=2`."""

from __future__ import annotations

import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.numeric_columns import read_number_column
from zoo_core.errors import DataError
from zoo_core.messages import join_names

CHOOSE = """choose the columns of numbers with --set task.columns='["NAME", "NAME"]'"""


def pairs(table: Table, names: list[str]) -> pl.Series:
    """Each row of a table as its columns' names and numbers; DataError, with its line, for what is no number."""
    if not names:
        raise DataError(f"there is no column of numbers among {join_names(table.frame.columns)}", where=table.source)
    parts: list[pl.Expr] = []
    for name in names:
        read_number_column(table, name, setting="task.columns", hint=CHOOSE)
        if ";" in name or name != name.strip() or not name:
            told = f'the column "{name}" cannot be told in a row: its name is empty, has blanks around it or a ";"'
            raise DataError(told, where=table.source, hint="give it another name")
        parts += [pl.lit(f"; {name}=" if parts else f"{name}="), pl.lit(table.frame[name].str.strip_chars())]
    return pl.select(pl.concat_str(parts)).to_series().alias("text")
