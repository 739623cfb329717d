"""Columns of any type, as polars reads them from Parquet or Arrow → columns of strings."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from zoo_core.errors import DataError


def to_strings(read: Callable[[], pl.DataFrame], kind: str) -> pl.DataFrame:
    """What `read` gives with every column as strings: null is the empty text, true and false are words.

    DataError where the file is damaged, or a column holds lists, objects or bytes.
    """
    try:
        frame = read()
    except BaseException as error:  # a damaged file may make polars panic, which is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        told = (str(error).splitlines() or ["unreadable"])[0]
        raise DataError(f"a damaged {kind} file: {told}") from None
    return frame.select(_column_to_strings(column) for column in frame)


def _column_to_strings(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object, pl.Unknown):
        raise DataError(f'the column "{column.name}" holds {column.dtype}, no texts or numbers')
    return column.cast(pl.String).fill_null("")
