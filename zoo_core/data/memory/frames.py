"""Frames of polars, pandas and Arrow, and arrays, as columns of strings. Their libraries are not imported here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from zoo_core.data.files.column_choice import ChooseColumns, may_have_lists
from zoo_core.data.files.columnar_child import is_list_type, is_text_type, to_texts
from zoo_core.data.memory.column_lists import pandas_values, require_equal_lengths, to_list
from zoo_core.data.memory.column_names import ColumnNames
from zoo_core.data.memory.rows import choose_columns
from zoo_core.data.memory.values import SOURCE, text_column
from zoo_core.errors import DataError

Columns = tuple[pl.DataFrame, dict[str, str]]  # those that are read, and the others as `Table.unread`


def read_frame(frame: pl.DataFrame, choose: ChooseColumns) -> Columns:
    """The chosen columns of texts and numbers, null and NaN as the empty text, and the types of the others.

    The fields of a struct are columns, too, under dotted names.
    """
    fields = {name: column for column in frame for name, column in _fields(column)}
    chosen = set(choose([*frame.columns, *fields]))
    columns, unread = [], {}
    for column in chain(frame, (column.alias(name) for name, column in fields.items() if name not in frame.columns)):
        has_lists = may_have_lists(choose, column.name)
        is_text = is_text_type(column.dtype) or column.dtype == pl.Object or (has_lists and is_list_type(column.dtype))
        if column.name in chosen and is_text:
            columns.append(_to_texts(column, has_lists))
        elif column.name not in fields or not is_text:
            unread[column.name] = "" if is_text else str(column.dtype)
    return pl.DataFrame({column.name: column for column in columns}), unread


def _fields(column: pl.Series, prefix: str = "") -> list[tuple[str, pl.Series]]:
    """The fields of a column of structs, those inside of others included, by dotted name."""
    if not isinstance(column.dtype, pl.Struct):
        return []
    prefix, found = f"{prefix}{column.name}.", []
    for field in column.dtype.fields:
        inner = column.struct.field(field.name)
        found += [(f"{prefix}{field.name}", inner), *_fields(inner, prefix)]
    return found


def _to_texts(column: pl.Series, has_lists: bool) -> pl.Series:
    if column.dtype == pl.Object:
        return text_column(column.name, column.to_list(), has_lists=has_lists)
    return to_texts(column.fill_nan(None) if column.dtype.is_float() else column)


def read_arrow(data: Any, choose: ChooseColumns, names: ColumnNames) -> Columns:
    """The columns of an object that exports the Arrow C stream interface: a table, or a single column."""
    try:
        frame = pl.DataFrame(data)
    except Exception:
        frame = pl.Series(names.first_text, data).to_frame()
    return read_frame(frame, choose)


def read_pandas(data: Any, choose: ChooseColumns, names: ColumnNames) -> Columns:
    """The chosen columns of a frame of pandas, or its series, converted one by one: pandas needs no other library.

    The levels of an index that have names are columns, too, as `reset_index` makes them.
    """
    if not hasattr(data, "columns"):
        return choose_columns({names.first_text: pandas_values(data)}, choose)
    columns = [str(name) for name in data.columns]
    _require_unique(columns)
    levels = {str(name): at for at, name in enumerate(data.index.names) if name is not None and name not in columns}
    columns = [*columns, *levels]
    chosen = set(choose(columns))
    read = {
        name: pandas_values(data.index.get_level_values(levels[name]) if name in levels else data.iloc[:, at])
        for at, name in enumerate(columns)
        if name in chosen
    }
    frame, _ = choose_columns(read, choose)
    return frame, dict.fromkeys((name for name in columns if name not in chosen), "")


def read_array(array: np.ndarray[Any, Any], choose: ChooseColumns, names: ColumnNames) -> Columns:
    """The columns of a structured array or of one of the shape `(rows, columns)`; one with one axis has the texts."""
    if array.dtype.names:
        return choose_columns({name: array[name].tolist() for name in array.dtype.names}, choose)
    if array.ndim == 1:
        return choose_columns({names.first_text: array.tolist()}, choose)
    if array.ndim != 2:
        message = f"got an array of {array.ndim} axes, expected rows and columns"
        raise DataError(message, where=SOURCE)
    columns = names.of_width(array.shape[1], SOURCE)
    return choose_columns(dict(zip(columns, array.T.tolist(), strict=True)), choose)


def read_mapping(data: Mapping[Any, Any], choose: ChooseColumns) -> Columns:
    """The chosen columns of a dictionary of columns."""
    columns = {}
    for name, values in data.items():
        if not isinstance(name, str):
            raise DataError(f"got a column name of type {type(name).__name__}, expected text", where=SOURCE)
        columns[name] = to_list(values, name)
    require_equal_lengths(columns)
    return choose_columns(columns, choose)


def _require_unique(columns: list[str]) -> None:
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise DataError(f'the column "{twice[0]}" is there twice', where=SOURCE)
