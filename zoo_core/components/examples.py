"""Examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl
from attrs import field, frozen


@frozen
class Examples:
    """What a task reads from a table: rows in the table's order, without those it dropped.

    `texts` are strings; `labels` are class names; `splits` are "train", "val" or "test", or None where the
    file does not say. `dropped` counts the rows left out, by reason; read = used + dropped. `probabilities`, of a task
    with soft targets, is float32 with a column for each class, in their order; `labels` are then the likeliest ones.
    `kept` are the numbers of the table's rows these are, None where none was dropped.
    """

    texts: pl.Series
    labels: pl.Series
    splits: pl.Series | None = None
    dropped: dict[str, int] = field(factory=dict)
    probabilities: pl.DataFrame | None = None
    row_numbers: pl.Series | None = None

    def drop(self, rows: pl.Series, reason: str) -> Examples:
        """These without the rows of a mask, which are counted as dropped."""
        count = int(rows.sum())
        if not count:
            return self
        kept = ~rows
        return Examples(
            self.texts.filter(kept),
            self.labels.filter(kept),
            None if self.splits is None else self.splits.filter(kept),
            {**self.dropped, reason: count},
            None if self.probabilities is None else self.probabilities.filter(kept),
            kept.arg_true() if self.row_numbers is None else self.row_numbers.filter(kept),
        )


def concat_examples(parts: Sequence[Examples]) -> Examples:
    """The examples of consecutive parts of a table, one or more, as one; `kept` is not known of them."""
    soft = [one.probabilities for one in parts if one.probabilities is not None]
    splits = [one.splits for one in parts if one.splits is not None]
    dropped: Counter[str] = Counter()
    for one in parts:
        dropped.update(one.dropped)
    return Examples(
        pl.concat([one.texts for one in parts]),
        pl.concat([one.labels for one in parts]),
        pl.concat(splits) if splits else None,
        dict(dropped),
        pl.concat(soft) if soft else None,
    )
