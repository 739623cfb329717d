"""Guesses which columns of a table hold texts, categories and numbers."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from zoo_core.data.numeric_columns import parse_numbers
from zoo_core.features.field_groups import FieldGroup

MOST_VALUES = 0.5  # of categories: as a share of the rows that have a value
NUMBERS_SHARE = 0.95  # of its values that are numbers
TEXT_WORDS = 3  # in a value, on average
HEAD_ROWS = 2000


def guess_fields(frame: pl.DataFrame, taken: Collection[str]) -> dict[FieldGroup, list[str]]:
    """The columns of each group, by the values of the first rows; dates and identifiers have none.

    Columns in `taken` are left out.
    """
    found: dict[FieldGroup, list[str]] = {}
    for name in (name for name in frame.columns if name not in taken):
        group = _guess_group(frame[name].head(HEAD_ROWS).cast(pl.String, strict=False).str.strip_chars())
        if group is not None:
            found.setdefault(group, []).append(name)
    return found


def _guess_group(column: pl.Series) -> FieldGroup | None:
    """The group that the values of a column suggest."""
    values = column.filter(column != "")
    if values.n_unique() < 2:
        return None
    if parse_numbers(values).is_not_null().mean() >= NUMBERS_SHARE:  # type: ignore[operator]
        return "numbers"
    if values.str.count_matches(r"\S+").mean() >= TEXT_WORDS:  # type: ignore[operator]
        return "text"
    return "categories" if values.n_unique() <= MOST_VALUES * len(values) else None
