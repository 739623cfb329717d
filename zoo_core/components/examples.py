"""Texts, labels and splits that a task reads from a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl
from attrs import evolve, field, frozen

from zoo_core.components.table import Table

__all__ = ["Examples", "concat_examples"]


@frozen
class Examples:
    """The rows that a task reads from a table, in its order, without dropped rows.

    `texts` are strings, `labels` class names; of multi-label targets, each row of `labels` is a list of class names,
    sorted, each once, which may be empty. `splits` are "train", "val" or "test", or None if the file has none.
    `dropped` counts the rows left out, by reason. `probabilities`, of a task with soft targets, is float32 with a
    column for each class, in their order; `labels` are then the most probable classes. `row_numbers` are the numbers
    of these rows in the table, None if none was dropped. `rare` counts the rows of each class that was dropped or
    merged because it has too few. `missing` counts the rows without a number, by column.
    """

    texts: pl.Series
    labels: pl.Series
    splits: pl.Series | None = None
    dropped: dict[str, int] = field(factory=dict)
    probabilities: pl.DataFrame | None = None
    row_numbers: pl.Series | None = None
    rare: dict[str, int] = field(factory=dict)
    missing: dict[str, int] = field(factory=dict)

    def location(self, table: Table, row: int) -> str:
        """The place of a row (from 0) in the table that these examples were read from, for a message."""
        return table.location(row if self.row_numbers is None else int(self.row_numbers[row]))

    def drop(self, rows: pl.Series, reason: str) -> Examples:
        """Drop the rows of a mask and count them."""
        count = int(rows.sum())
        if not count:
            return self
        remaining = ~rows
        return evolve(
            self,
            texts=self.texts.filter(remaining),
            labels=self.labels.filter(remaining),
            splits=None if self.splits is None else self.splits.filter(remaining),
            dropped={**self.dropped, reason: self.dropped.get(reason, 0) + count},
            probabilities=None if self.probabilities is None else self.probabilities.filter(remaining),
            row_numbers=remaining.arg_true() if self.row_numbers is None else self.row_numbers.filter(remaining),
        )


def concat_examples(parts: Sequence[Examples]) -> Examples:
    """Join the examples of consecutive parts of a table, one or more; `row_numbers` gets lost."""
    soft = [part.probabilities for part in parts if part.probabilities is not None]
    splits = [part.splits for part in parts if part.splits is not None]
    dropped, missing = Counter[str](), Counter[str]()
    for part in parts:
        dropped.update(part.dropped)
        missing.update(part.missing)
    return Examples(
        pl.concat([part.texts for part in parts]),
        pl.concat([part.labels for part in parts]),
        pl.concat(splits) if splits else None,
        dict(dropped),
        pl.concat(soft) if soft else None,
        missing=dict(missing),
    )
