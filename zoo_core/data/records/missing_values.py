"""Rows that have no value for a column, counted."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from zoo_core.messages import join_names, note


def count_missing(frame: pl.DataFrame) -> dict[str, int]:
    """The number of nulls in each column that has any."""
    return {column.name: column.null_count() for column in frame if column.null_count()}


def note_missing(source: str, missing: Mapping[str, int]) -> None:
    """Note how many rows have no value for a column."""
    counts = [f'{count:,} without "{name}"' for name, count in missing.items() if count]
    if counts:
        note(f"{source}: rows with missing values: {join_names(counts)}")
