"""Columns of any type, as polars reads them from Parquet or Arrow, converted to strings."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from zoo_core.errors import DataError


def to_strings(read: Callable[[], pl.DataFrame], kind: str) -> pl.DataFrame:
    """What `read` returns with every column as strings: null is the empty text, booleans are true and false.

    Raises DataError if the file is damaged, or a column has lists, objects or bytes.
    """
    try:
        frame = read()
    except BaseException as error:  # polars may panic on a damaged file, which does not raise an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        reason = (str(error).splitlines() or ["unreadable"])[0]
        raise DataError(f"damaged {kind} file: {reason}") from None
    return frame.select(_column_to_strings(column) for column in frame)


def _column_to_strings(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object, pl.Unknown):
        raise DataError(f'the column "{column.name}" has values of type {column.dtype}, expected texts or numbers')
    return column.cast(pl.String).fill_null("")
