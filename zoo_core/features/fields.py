"""Rows of several columns as texts: a JSON object of the columns of texts, categories and numbers, by group."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from zoo_core.features.field_groups import GROUPS, FieldGroup

__all__ = ["join_fields", "read_fields", "write_fields", "write_objects"]


def write_objects(columns: Mapping[str, pl.Series]) -> pl.Series:
    """Each row of columns of strings as a JSON object, a null for a missing value.

    >>> write_objects({"title": pl.Series(["Fast"]), "price": pl.Series([None], dtype=pl.String)}).to_list()
    ['{"title":"Fast","price":null}']
    """
    return pl.DataFrame(dict(columns)).select(pl.struct(pl.all()).struct.json_encode()).to_series().alias("text")


def write_fields(groups: Mapping[FieldGroup, Mapping[str, pl.Series]]) -> pl.Series:
    """Columns of strings by group and name as texts of the input type "fields", one for each row.

    >>> write_fields({"text": {"title": pl.Series(["Fast"])}, "numbers": {"price": pl.Series(["3.5"])}}).to_list()
    ['{"text":{"title":"Fast"},"numbers":{"price":"3.5"}}']
    """
    structs: dict[str, pl.Series] = {
        group: pl.DataFrame(dict(columns)).to_struct() for group, columns in groups.items() if columns
    }
    return write_objects(structs)


def read_fields(texts: pl.Series) -> dict[FieldGroup, dict[str, pl.Series]]:
    """The columns of strings, by group and name, that `write_fields` made these texts of.

    All rows have the columns of the first one. Raises ValueError for other texts.
    """
    if not len(texts):
        return {}
    names = _names_of(texts[0])
    dtype = pl.Struct({group: pl.Struct(dict.fromkeys(columns, pl.String)) for group, columns in names.items()})
    try:
        rows = texts.str.json_decode(dtype)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"not rows of fields: {error}") from None
    if len(rows) != len(texts):
        raise ValueError("not rows of fields: a text is empty")
    return {group: rows.struct.field(group).struct.unnest().to_dict() for group in names}


def _names_of(text: str) -> dict[FieldGroup, list[str]]:
    row = json.loads(text)
    if not isinstance(row, dict) or not all(isinstance(row.get(group, {}), dict) for group in GROUPS):
        raise ValueError("not rows of fields: expected an object of groups of columns")
    return {group: list(row[group]) for group in GROUPS if row.get(group)}


def join_fields(texts: pl.Series) -> pl.Series:
    """Rows of fields as words alone, without the names of the columns, for what compares the words of rows.

    >>> join_fields(pl.Series(['{"text":{"title":"fast food"},"numbers":{"price":"3.5","size":null}}'])).to_list()
    ['fast food | 3.5 | ']
    """
    columns = [values.fill_null("") for group in read_fields(texts).values() for values in group.values()]
    return pl.select(pl.concat_str(columns, separator=" | ")).to_series().alias("text") if columns else texts
