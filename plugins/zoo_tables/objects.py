"""Rows as JSON objects, as files give them and as users write them, and their normalization."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

import polars as pl

from zoo_core.data.numeric_columns import NUMBER_PATTERN
from zoo_core.errors import DataError, Problem
from zoo_core.features.fields import write_fields, write_objects
from zoo_core.messages import join_names, name_hint, quote_name
from zoo_tables.columns import NUMBER_HINT, Columns, clean_number, invalid_number, is_number

STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00[01][0-9a-f])*"'  # as polars writes it
NUMBER = f'"{NUMBER_PATTERN.strip("^$")}"'
JSON_NAMES = {list: "an array", dict: "an object"}


def normalize_objects(texts: pl.Series, columns: Columns, normalize: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Objects of columns as texts of fields, the columns of texts normalized, without blanks around categories.

    Raises DataError, with the row, for what is not an object of these columns.
    """
    rows = _read_objects(texts, columns)
    return write_fields(
        {
            "text": {name: normalize(rows[name].fill_null("")) for name in columns.text},
            "categories": {name: rows[name].fill_null("").str.strip_chars() for name in columns.categories},
            "numbers": {name: rows[name] for name in columns.numbers},
        }
    )


def _read_objects(texts: pl.Series, columns: Columns) -> dict[str, pl.Series]:
    """The columns of objects: those that `Columns.read_objects` wrote as a whole, others one by one."""
    is_written_here = texts.str.contains(_pattern_of(columns))
    others = is_written_here.not_().arg_true()
    if len(others):
        rewritten = [_read_object(texts[row], columns, row) for row in others.to_list()]
        columns_of_others = {
            name: pl.Series([row[name] for row in rewritten], dtype=pl.String) for name in columns.names
        }
        texts = texts.clone().scatter(others, write_objects(columns_of_others))
    dtype = pl.Struct(dict.fromkeys(columns.names, pl.String))
    return texts.str.json_decode(dtype).struct.unnest().to_dict() if len(texts) else _no_rows(columns)


def _no_rows(columns: Columns) -> dict[str, pl.Series]:
    return {name: pl.Series([], dtype=pl.String) for name in columns.names}


def _pattern_of(columns: Columns) -> str:
    """The pattern of what `write_objects` writes for these columns."""
    keys = [re.escape(json.dumps(name, ensure_ascii=False)) for name in columns.names]
    kinds = [*[STRING] * (len(keys) - len(columns.numbers)), *[NUMBER] * len(columns.numbers)]
    values = (rf"{key}:(?:null|{kind})" for key, kind in zip(keys, kinds, strict=True))
    return rf"(?s)^\{{{','.join(values)}\}}$"


def _read_object(text: str, columns: Columns, row: int) -> dict[str, str | None]:
    """The values of an object that a user wrote, for each column. DataError, with the row, if it is not one."""

    def reject(message: str, hint: str = "") -> NoReturn:
        raise DataError(Problem(message, hint=hint, row=row))

    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        reject(f"not a JSON object: got {quote_name(text)}", f"write it as in {_example(columns)}")
    missing = [name for name in columns.names if name not in found]
    if missing:
        listed = join_names([quote_name(name) for name in missing])
        unknown = [key for key in found if key not in columns.names]
        similar = name_hint(missing[0], unknown) if unknown else ""
        reject(f"missing {'keys' if len(missing) > 1 else 'key'} {listed}", similar or "null is a missing value")
    values = {name: _read_value(found[name], name, reject) for name in columns.names}
    for name in columns.numbers:
        values[name] = number = clean_number(values[name])
        if number is not None and not is_number(number):
            reject(invalid_number(name, number), NUMBER_HINT)
    return values


def _read_value(value: Any, name: str, reject: Callable[[str], NoReturn]) -> str | None:
    """A value of an object as a string, as a CSV file has it; None for null."""
    if isinstance(value, bool):
        return _cell_of(value)
    if isinstance(value, list | dict):
        reject(f"invalid value of {quote_name(name)}: got {JSON_NAMES[type(value)]}, expected one value")
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        reject(f"invalid value of {quote_name(name)}: unpaired UTF-16 surrogate")
    return value  # type: ignore[no-any-return]


def _cell_of(value: Any) -> str:
    """A value as a CSV file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _example(columns: Columns) -> str:
    """An object with these columns, for a hint."""
    values = dict.fromkeys((*columns.text, *columns.categories), "…") | dict.fromkeys(columns.numbers, 3)
    return json.dumps(values, ensure_ascii=False)


def show_object(text: str) -> str:
    """An object as its columns and values, without those that are missing or empty.

    >>> show_object('{"title":"Fast","price":"3","rating":null}')
    'title: Fast; price: 3'
    """
    try:
        values = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text
    if not isinstance(values, dict):
        return text
    return "; ".join(
        f"{name}: {_cell_of(value)}" for name, value in values.items() if value is not None and value != ""
    )
