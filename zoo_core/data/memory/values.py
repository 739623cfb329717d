"""Values of a Python program as the strings of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from zoo_core.errors import DataError

SOURCE = "in-memory data"  # in messages and summaries
PLAIN_TYPES = (int, Decimal, date, datetime, time)  # with one plain form as text
NAN_TYPES = (float, datetime, np.floating, np.datetime64)


def text_column(name: str, values: Sequence[Any], *, first_row: int = 0, has_lists: bool = False) -> pl.Series:
    """A column of strings: numbers and booleans as text, None and NaN as the empty text.

    With `has_lists`, a list, tuple, set or array of such values becomes a JSON array of texts.

    Raises DataError, with the row and the column, for any other value; `first_row` is the number (from 0) of the first.
    """
    if set(map(type, values)) <= {str, type(None)}:
        with suppress(UnicodeEncodeError):
            return pl.Series(name, values, dtype=pl.String).fill_null("")
    convert = _list_to_text if has_lists else _to_text
    texts = [convert(value, name, row) for row, value in enumerate(values, start=first_row)]
    return pl.Series(name, texts, dtype=pl.String)


def at_row(row: int, name: str = "") -> str:
    """The place of a row (from 0), and of a column in it, for a message."""
    return f'{SOURCE}, row {row + 1}, column "{name}"' if name else f"{SOURCE}, row {row + 1}"


def _list_to_text(value: Any, name: str, row: int) -> str:
    is_list = isinstance(value, list | tuple | set | frozenset) or getattr(value, "ndim", 0) == 1
    if not is_list:
        return _to_text(value, name, row)
    items = [_to_text(item, name, row) for item in value]
    return json.dumps(sorted(items) if isinstance(value, set | frozenset) else items, ensure_ascii=False)


def _to_text(value: Any, name: str, row: int) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise DataError("unpaired UTF-16 surrogate", where=at_row(row, name)) from None
        return str.__str__(value)
    if is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, PLAIN_TYPES):
        return str(int(value)) if isinstance(value, int) else str(value)
    if isinstance(value, np.floating | np.datetime64):
        return str(value)
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # a scalar of numpy or torch
        return _to_text(value.item(), name, row)
    raise DataError(f"got {type(value).__name__}, expected text", where=at_row(row, name))


def is_missing(value: Any) -> bool:
    """Whether a value stands for a missing one: None, NaN, and pandas' NaT and NA."""
    if value is None or type(value).__name__ == "NAType":
        return True
    return isinstance(value, NAN_TYPES) and bool(value != value)
