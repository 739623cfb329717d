"""Data in memory of any kind, read into a table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from attrs import evolve

from zoo_core.components.contracts import Task
from zoo_core.components.table import Table
from zoo_core.data.files.column_choice import ChooseColumns, NotedChoice, all_columns
from zoo_core.data.memory.column_lists import are_columns, is_pandas, require_equal_lengths, to_list
from zoo_core.data.memory.column_names import ColumnNames, column_names
from zoo_core.data.memory.datasets import is_dataset, read_dataset, read_dataset_splits
from zoo_core.data.memory.digest import content_sha256
from zoo_core.data.memory.frames import (
    Columns,
    read_array,
    read_arrow,
    read_frame,
    read_mapping,
    read_pandas,
)
from zoo_core.data.memory.rows import ROW_HINT, choose_columns, read_rows
from zoo_core.data.memory.values import SOURCE
from zoo_core.data.records.missing_values import count_missing, note_missing
from zoo_core.errors import DataError


def is_in_memory(data: object) -> bool:
    """Whether data is values, not the name of a file or a list of names."""
    if isinstance(data, str | os.PathLike):
        return False
    return not (isinstance(data, list | tuple) and all(isinstance(item, str | os.PathLike) for item in data))


def keep_rows(data: Any) -> Any:
    """The same data, so that it can be read more than once: the rows of an iterator as a list."""
    return list(data) if isinstance(data, Iterator) else data


def read_memory(
    data: Any, task: Task | None = None, choose: ChooseColumns = all_columns, *, has_labels: bool = True
) -> Table:
    """Read a frame of polars or pandas, an Arrow table, a dictionary of columns, an array, a pair of lists, or rows.

    A pair is a tuple (texts, labels), with the splits as a third, or with a frame or a matrix in place of the texts.
    Rows are dictionaries or tuples. What has no names of columns has those that the task names: its texts, its label,
    its split; `has_labels` is as in `column_names`. Columns that `choose` leaves out are not converted.

    Raises DataError, with the row and the column, for a value that is not a text, a number or a boolean, and if there
    are no rows.
    """
    if isinstance(data, Table):
        return data
    noted, names = NotedChoice(choose), column_names(task, has_labels=has_labels)
    frame, unread = _read(data, names, noted)
    missing = count_missing(frame)
    note_missing(SOURCE, missing)
    frame = frame.fill_null("") if missing else frame
    if not frame.height:
        raise DataError("there are no rows", where=SOURCE)
    table = Table(frame, SOURCE, content_sha256(frame), "memory", unread=unread, order=noted.names, missing=missing)
    if isinstance(data, Iterator):
        return table
    return evolve(table, read_head=lambda: _read(data, names, all_columns)[0].fill_null(""))


def _read(data: Any, names: ColumnNames, choose: ChooseColumns) -> Columns:
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.Series):
        data = data.alias(names.first_text).to_frame()
    if isinstance(data, pl.DataFrame):
        return read_frame(data, choose)
    if is_pandas(data):
        return read_pandas(data, choose, names)
    if is_dataset(data):
        return read_dataset(data, choose)
    if isinstance(data, Mapping) and data and all(map(is_dataset, data.values())):
        return read_dataset_splits(data, choose, names.split or "split")
    if isinstance(data, Mapping):
        return read_mapping(data, choose)
    if hasattr(data, "__arrow_c_stream__"):
        return read_arrow(data, choose, names)
    if hasattr(data, "__array__") and not isinstance(data, str | bytes):
        return read_array(np.asarray(data), choose, names)
    if (names.has_labels or isinstance(data, tuple)) and are_columns(data):
        return _read_column_tuple(data, names, choose)
    if isinstance(data, str | bytes | bytearray | memoryview | set | frozenset) or not isinstance(data, Iterable):
        message = f"got {type(data).__name__}, expected a file name, a frame, or rows"
        raise DataError(message, where=SOURCE, hint=ROW_HINT)
    return read_rows(data, names, choose)


def _read_column_tuple(data: Sequence[Any], names: ColumnNames, choose: ChooseColumns) -> Columns:
    """The columns of a pair: texts, or a frame or a matrix of several columns, then labels, and splits, if any."""
    texts, *others = data
    if _has_columns(texts):
        frame, unread = _read(texts, names.without_label(), choose)
        columns: dict[str, Sequence[Any]] = dict(frame.to_dict(as_series=False))
    else:
        columns, unread = {names.first_text: to_list(texts, names.first_text)}, {}
    for name, values in zip((names.label, names.split or "split"), others, strict=False):
        if name in columns or name in unread:
            raise DataError(f'the column "{name}" is there twice', where=SOURCE)
        columns[name] = to_list(values, name)
    require_equal_lengths(columns)
    frame, not_chosen = choose_columns(columns, choose)
    return frame, {**unread, **not_chosen}


def _has_columns(texts: Any) -> bool:
    """Whether the first of a pair has columns of its own, as a frame and a matrix have, and a list of rows."""
    first = texts[0] if isinstance(texts, list | tuple) and texts else None
    is_matrix = getattr(texts, "ndim", 1) == 2 or hasattr(texts, "columns") or hasattr(texts, "schema")
    return is_matrix or isinstance(first, list | tuple | Mapping) or getattr(first, "ndim", 0) == 1
