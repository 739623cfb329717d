"""Rows of a Python program as columns of strings: dictionaries, tuples, texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import polars as pl

from zoo_core.data.files.column_choice import ChooseColumns, may_have_lists
from zoo_core.data.memory.column_names import ColumnNames
from zoo_core.data.memory.values import at_row, text_column
from zoo_core.errors import DataError
from zoo_core.messages import pluralize

BATCH_ROWS = 65536  # of rows that become columns together
MAX_DEPTH = 16  # of dictionaries in a row whose keys are columns
ROW_HINT = 'a row is a dict such as {"text": …, "label": …}, or a tuple (text, label)'


def read_rows(rows: Iterable[Any], names: ColumnNames, choose: ChooseColumns) -> tuple[pl.DataFrame, dict[str, str]]:
    """The chosen columns of rows, and the others, as `Table.unread`; columns that a row lacks are null in it.

    Raises DataError, with the row, for what is not a row, or not a row as the first one.
    """
    frames: list[pl.DataFrame] = []
    unread: dict[str, str] = {}
    kind, first_row = "", 0
    for batch in _batches(rows):
        kind = kind or _kind_of(batch[0], first_row)
        _check_kinds(batch, kind, first_row)
        frame, others = _READERS[kind](batch, first_row, names, choose)
        frames.append(frame)
        unread |= others
        first_row += len(batch)
    frame = pl.concat(frames, how="diagonal", rechunk=False) if frames else pl.DataFrame()
    return frame, {name: dtype for name, dtype in unread.items() if name not in frame.columns}


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_ROWS)):
        yield batch


def is_row(value: Any) -> bool:
    """Whether this is a row of several values, not a single one."""
    return isinstance(value, Mapping | list | tuple) or hasattr(value, "keys") or getattr(value, "ndim", None) == 1


def _kind_of(row: Any, number: int) -> str:
    if isinstance(row, str):
        return "text"
    if isinstance(row, Mapping) or hasattr(row, "keys") or hasattr(row, "_asdict"):  # as of sqlite3, and named tuples
        return "dict"
    if isinstance(row, list | tuple) or getattr(row, "ndim", None) == 1:
        return "tuple"
    raise DataError(f"got {type(row).__name__}, expected a row", where=at_row(number), hint=ROW_HINT)


def _check_kinds(batch: list[Any], kind: str, first_row: int) -> None:
    if len(set(map(type, batch))) == 1:
        return
    for number, row in enumerate(batch, start=first_row):
        found = _kind_of(row, number)
        if found != kind:
            raise DataError(f"got a {found}, expected a {kind} as in the first row", where=at_row(number))


def _read_dicts(
    batch: list[Any], first_row: int, _names: ColumnNames, choose: ChooseColumns
) -> tuple[pl.DataFrame, dict[str, str]]:
    rows = _flatten([row if isinstance(row, Mapping) else _to_dict(row) for row in batch])
    keys: dict[Any, None] = {}
    for row in rows:
        keys |= dict.fromkeys(row)
    _check_keys(keys, rows, first_row)
    chosen = set(choose(list(keys)))
    columns = [_pick(rows, name, first_row, may_have_lists(choose, name)) for name in keys if name in chosen]
    return pl.DataFrame({column.name: column for column in columns}), dict.fromkeys(
        (name for name in keys if name not in chosen), ""
    )


def _flatten(rows: Sequence[Mapping[Any, Any]], depth: int = 0) -> Sequence[Mapping[Any, Any]]:
    """The rows with the keys of dictionaries inside of them under dotted names; a key that also has texts stays.

    >>> _flatten([{"ticket": {"subject": "late"}, "label": "a"}])
    [{'ticket.subject': 'late', 'label': 'a'}]
    """
    found = {key for row in rows for key, value in row.items() if isinstance(value, Mapping) and isinstance(key, str)}
    inner = {key for key in found if all(isinstance(row.get(key) or {}, Mapping) for row in rows)}
    if not inner or depth == MAX_DEPTH:
        return rows
    flat = []
    for row in rows:
        values: dict[Any, Any] = {}
        for key, value in row.items():
            if key not in inner:
                values[key] = value
            else:
                values |= {
                    f"{key}.{name}": field for name, field in (value or {}).items() if f"{key}.{name}" not in row
                }
        flat.append(values)
    return _flatten(flat, depth + 1)


def _pick(rows: Sequence[Mapping[str, Any]], name: str, first_row: int, has_lists: bool) -> pl.Series:
    """The values of a key in all rows; null in rows that lack it."""
    column = text_column(name, [row.get(name) for row in rows], first_row=first_row, has_lists=has_lists)
    lacking = pl.Series([name not in row for row in rows])
    return column.set(lacking, None) if lacking.any() else column


def _to_dict(row: Any) -> Mapping[str, Any]:
    return dict(row._asdict()) if hasattr(row, "_asdict") else {key: row[key] for key in row.keys()}  # noqa: SIM118


def _check_keys(keys: Iterable[Any], rows: Sequence[Mapping[Any, Any]], first_row: int) -> None:
    for key in keys:
        if not isinstance(key, str):
            number = next(number for number, row in enumerate(rows, start=first_row) if key in row)
            raise DataError(f"got a key of type {type(key).__name__}, expected text", where=at_row(number))


def _read_tuples(
    batch: list[Any], first_row: int, names: ColumnNames, choose: ChooseColumns
) -> tuple[pl.DataFrame, dict[str, str]]:
    columns = names.of_width(len(batch[0]), at_row(first_row))
    for number, row in enumerate(batch, start=first_row):
        if len(row) != len(columns):
            message = f"got {pluralize(len(row), 'value')}, expected {len(columns)} as in the first row"
            raise DataError(message, where=at_row(number))
    return choose_columns(dict(zip(columns, zip(*batch, strict=True), strict=True)), choose, first_row=first_row)


def _read_texts(
    batch: list[Any], first_row: int, names: ColumnNames, _choose: ChooseColumns
) -> tuple[pl.DataFrame, dict[str, str]]:
    return text_column(names.first_text, batch, first_row=first_row).to_frame(), {}


def choose_columns(
    columns: Mapping[str, Sequence[Any]], choose: ChooseColumns, *, first_row: int = 0
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The chosen columns as strings, and the names of the others."""
    chosen = set(choose(list(columns)))
    read = {
        name: text_column(name, values, first_row=first_row, has_lists=may_have_lists(choose, name))
        for name, values in columns.items()
        if name in chosen
    }
    return pl.DataFrame(read), dict.fromkeys((name for name in columns if name not in chosen), "")


_READERS = {"dict": _read_dicts, "tuple": _read_tuples, "text": _read_texts}
