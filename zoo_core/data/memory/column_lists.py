"""Columns given one by one: lists, arrays and series, alone or in a tuple."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from zoo_core.data.memory.values import SOURCE, is_missing
from zoo_core.errors import DataError
from zoo_core.messages import join_names

PAIR_HINT = "give a tuple of two lists, (texts, labels)"


def are_columns(data: Any) -> bool:
    """Whether data is two or three columns, and not rows. Raises DataError if both are possible."""
    if not isinstance(data, list | tuple) or len(data) not in (2, 3):
        return False
    is_column = [
        isinstance(part, list | tuple | pl.DataFrame | Iterator) or hasattr(part, "__array__") for part in data
    ]
    if isinstance(data, tuple) and any(is_column) and not all(is_column):
        part = data[is_column.index(False)]
        raise DataError(f"got {type(part).__name__} beside a list, expected two lists", where=SOURCE, hint=PAIR_HINT)
    if not all(is_column) or (isinstance(data, list) and any(isinstance(part, tuple) for part in data)):
        return False
    may_be_rows = type(data[0]) in (type(data), list if isinstance(data, list) else tuple)
    if not may_be_rows or any(len(part) != 2 for part in data):
        return True
    if len(data) == 2:
        hint = f"for columns {PAIR_HINT}; for rows a list of tuples"
        raise DataError("two lists of two values can be two rows or two columns", where=SOURCE, hint=hint)
    return False


def to_list(values: Any, name: str) -> list[Any]:
    """The values of a column. Raises DataError for a single text, and for what is not a column."""
    if isinstance(values, str | bytes | Mapping | set | frozenset) or not hasattr(values, "__iter__"):
        raise DataError(f'column "{name}": got {type(values).__name__}, expected a list of values', where=SOURCE)
    if is_pandas(values):
        return pandas_values(values)
    convert = getattr(values, "tolist", None) or getattr(values, "to_pylist", None) or getattr(values, "to_list", None)
    return list(convert() if convert else values)


def require_equal_lengths(columns: Mapping[str, Any]) -> None:
    """Raise DataError, with the first row that is not whole, unless all columns have as many values."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        shortest = min(lengths, key=lambda name: lengths[name])
        counts = join_names(f'{count} in "{name}"' for name, count in lengths.items())
        where = f"{SOURCE}, row {lengths[shortest] + 1}"
        raise DataError(f'no value in "{shortest}": the columns have different lengths, {counts}', where=where)


def is_pandas(data: Any) -> bool:
    """Whether this is an object of pandas."""
    return type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "to_numpy")


def pandas_values(series: Any) -> list[Any]:
    """The values of a series; whole numbers that pandas made floats of, as it does beside missing values, are whole."""
    values: list[Any] = series.tolist()
    if series.dtype.kind != "f":
        return values
    present = [value for value in values if not is_missing(value)]
    if len(present) < len(values) and all(float(value).is_integer() for value in present):
        return [None if is_missing(value) else int(value) for value in values]
    return values
