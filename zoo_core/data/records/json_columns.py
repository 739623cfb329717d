"""Columns of strings made of JSON objects, which may lack keys and have objects inside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import polars as pl

from zoo_core.data.files.column_choice import ChooseColumns, may_have_lists
from zoo_core.data.files.size_limits import check_columns, check_length
from zoo_core.errors import DataError

BATCH_ROWS = 65536  # collected before they become columns: Python strings take ten times the memory
MAX_DEPTH = 16  # of objects in objects whose keys are columns
MAX_CELLS = 1 << 22  # of a batch, unless a tenth of them has a value
LITERALS = {None: "", True: "true", False: "false"}
LIST = "list"  # the type of a value
MISSING = object()  # the value of a key that an object lacks
OTHER = "\0"  # a column that no file has: a choice of all columns has it
Columns = tuple[pl.DataFrame, dict[str, str]]  # those that are read, null where a key is missing; types of the others
RECORDS_HINT = 'write one object on each line, or all in an array: [{"text": "…"}, …]'
NESTED_HINT = "read lists and objects as text with --set reader.nested=json"


class Pairs(list[Any]):
    """The keys and values of an object; a list is an array."""


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class _Batch:
    """Consecutive objects, with their keys in order of first appearance."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.rows: list[dict[str, Any]] = []
        self.keys: dict[str, None] = {}
        self.nested: dict[str, str] = {}  # the keys with a list or an object, and its type
        self.inner: dict[str, None] = {}  # the dotted names of keys of objects inside
        self.inner_rows: dict[int, dict[str, Any]] = {}  # the values of these, by the number of the row

    def add(self, line: int, pairs: Any) -> None:
        """Add a decoded value. Raises DataError if it is not an object, or has a key twice."""
        row = _to_dict(pairs, line)
        types = set(map(type, row.values()))
        inner = self._find_inner(row, line) if list in types or Pairs in types else {}
        if inner or row.keys() != self.keys.keys():
            self.keys |= dict.fromkeys(row)
            self.inner |= dict.fromkeys(inner)
            check_columns(len(self.keys) + len(self.inner), str(line))
        if inner:
            self.inner_rows[len(self.rows)] = inner
        self.lines.append(line)
        self.rows.append(row)

    def _find_inner(self, row: dict[str, Any], line: int) -> dict[str, Any]:
        """What the objects in an object hold, by dotted names."""
        inner: dict[str, Any] = {}
        for key, value in row.items():
            if isinstance(value, list):
                self.nested[key] = _kind(value) if self.nested.get(key, LIST) == LIST else self.nested[key]
                inner |= _walk(key, value, line, 1) if type(value) is Pairs else ()
        self.nested |= {name: _kind(value) for name, value in inner.items() if isinstance(value, list)}
        return inner

    def values(self, name: str) -> list[Any]:
        """The values of a column, MISSING where an object has none."""
        values = [row.get(name, MISSING) for row in self.rows]
        for number, inner in self.inner_rows.items() if name in self.inner else ():
            if name in inner and values[number] is not MISSING:
                message = f'the key "{name}" is ambiguous: it is also the name of a key in an object'
                raise DataError(message, where=str(self.lines[number]), hint="rename one of them")
            values[number] = inner.get(name, values[number])
        return values


def build_columns(
    records: Iterator[tuple[int, Any]], choose: ChooseColumns, *, longest: int, has_nested: bool
) -> Columns:
    """The chosen columns of decoded values, each with its line; those of lists and objects only if `has_nested`.

    Raises DataError, with the line, for a value that is not an object, and for a chosen column with a list or an object
    in it. A choice of all columns leaves such columns out.
    """
    frames: list[pl.DataFrame] = []
    unread: dict[str, str] = {}
    is_end, error = False, None
    while not is_end and error is None:
        batch, is_end = _Batch(), True
        try:
            for line, value in islice(records, BATCH_ROWS):
                batch.add(line, value)
                is_end = False
        except DataError as found:
            error = found  # unless an earlier line has one
        if batch.rows:
            frame, others = _read_batch(batch, choose, longest, has_nested)
            frames.append(frame)
            unread |= {name: dtype or unread.get(name, "") for name, dtype in others.items()}
    if error is not None:
        raise error
    if not frames:
        return pl.DataFrame(), {}
    frame = pl.concat(frames, how="diagonal", rechunk=False) if len(frames) > 1 else frames[0]
    if frame.height == 1 and not frame.width and not has_nested and all(unread.values()):
        raise DataError("one JSON object of lists or objects, expected an object for each row", hint=RECORDS_HINT)
    of_texts = [name for name in frame.columns if not unread.get(name)]  # in some rows others have lists
    return frame[of_texts], {name: dtype for name, dtype in unread.items() if name not in frame.columns or dtype}


def _read_batch(batch: _Batch, choose: ChooseColumns, longest: int, has_nested: bool) -> Columns:
    names = [*batch.keys, *(name for name in batch.inner if name not in batch.keys)]
    chosen = set(choose(names))
    is_all = OTHER in choose([*names, OTHER])
    lists = {name for name, kind in batch.nested.items() if kind == LIST and may_have_lists(choose, name)}
    left_out = {*batch.nested} - lists if is_all and not has_nested else set[str]()
    read = [name for name in names if name in chosen and name not in left_out]
    _check_cells(batch, read)
    columns, errors = [], []
    for name in read:
        try:
            columns.append(_text_column(name, batch.values(name), batch.lines, longest, has_nested or name in lists))
        except DataError as error:
            errors.append(error)
    if errors:
        raise min(errors, key=lambda error: int(error.problems[0].where))
    others = [name for name in names if name not in read]
    frame = (
        pl.DataFrame({column.name: column for column in columns})
        if columns
        else pl.DataFrame({OTHER: [""] * len(batch.rows)}).drop(OTHER)
    )
    return frame, {name: "" if has_nested else batch.nested.get(name, "") for name in others}


def _kind(value: list[Any]) -> str:
    return "object" if type(value) is Pairs else LIST


def _to_dict(pairs: Any, line: int) -> dict[str, Any]:
    if type(pairs) is not Pairs:
        raise DataError("not a JSON object", where=str(line), hint='write objects, as {"text": "…", "label": "…"}')
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = min(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise DataError(f'the key "{twice}" is twice in one object', where=str(line))
    if not row:
        raise DataError("an object without keys", where=str(line))
    return row


def _walk(prefix: str, pairs: Any, line: int, depth: int) -> Iterator[tuple[str, Any]]:
    """The values inside of an object that are not objects, by dotted names; a list is a value."""
    for key, value in _to_dict(pairs, line).items() if pairs else ():
        if type(value) is Pairs and depth < MAX_DEPTH:
            yield from _walk(f"{prefix}.{key}", value, line, depth + 1)
        else:
            yield f"{prefix}.{key}", value


def _check_cells(batch: _Batch, names: Sequence[str]) -> None:
    """Raise DataError for objects of so many different keys that their table has hardly a value."""
    cells = len(names) * len(batch.rows)
    if cells > MAX_CELLS and cells > 10 * sum(map(len, (*batch.rows, *batch.inner_rows.values()))):
        raise DataError(f"the objects have too many different keys: {len(names):,}", where=str(batch.lines[0]))


def _text_column(name: str, values: list[Any], lines: Sequence[int], longest: int, has_nested: bool) -> pl.Series:
    """The values as strings, null where they are missing."""
    if set(map(type, values)) != {str}:
        values = [_to_text(name, value, line, has_nested) for value, line in zip(values, lines, strict=True)]
    try:
        column = pl.Series(name, values, dtype=pl.String)
        name.encode()
    except UnicodeEncodeError:
        line = next((line for value, line in zip(values, lines, strict=True) if not _is_encodable(value)), lines[0])
        raise DataError("unpaired UTF-16 surrogate", where=str(line)) from None
    if (column.str.len_bytes().max() or 0) > longest:  # type: ignore[operator]
        for value, line in zip(values, lines, strict=True):
            check_length(name, value or "", line, longest)
    return column


def _to_text(name: str, value: Any, line: int, has_nested: bool) -> str | None:
    if isinstance(value, str):
        return str.__str__(value)
    if value is MISSING:
        return None
    if isinstance(value, list):
        if has_nested:
            try:
                return "".join(_write(value))
            except RecursionError:
                raise DataError("JSON that is nested too deep for a text", where=str(line)) from None
        message = f'the value of "{name}" is {"an" if type(value) is Pairs else "a"} {_kind(value)}, expected text'
        raise DataError(message, where=str(line), hint=NESTED_HINT)
    return LITERALS[value]


def _write(value: Any) -> Iterator[str]:
    """A value as JSON, each number as it was written."""
    if type(value) is Pairs:
        for at, (key, inner) in enumerate(value):
            yield f"{', ' if at else '{'}{json.dumps(key, ensure_ascii=False)}: "
            yield from _write(inner)
        yield "}" if value else "{}"
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield ", " if at else "["
            yield from _write(inner)
        yield "]" if value else "[]"
    else:
        yield value if type(value) is Number else json.dumps(value, ensure_ascii=False)


def _is_encodable(value: str | None) -> bool:
    return value is None or not any("\ud800" <= character <= "\udfff" for character in value)
