"""Intervals of functions of scored rows, as of probabilities or of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.evaluation.intervals.estimates import (
    Intervals,
    Range,
    is_bounded,
    score_intervals,
    skewed_intervals,
    widest,
)
from zoo_core.evaluation.intervals.jackknife import Values, leave_out_groups
from zoo_core.evaluation.quantiles import student_quantile_series


def row_keys(head: Head, scores: Tensor, targets: Tensor) -> list[NDArray[Any]]:
    """What describes a scored row, for `row_intervals`: its labels, and the sum of their scores; each `(rows,)`."""
    own = head.form.memberships(targets, len(head.classes))
    return [head.form.row_codes(targets).numpy(), head.class_scores(scores).masked_fill(~own, 0).sum(dim=1).numpy()]


def row_intervals(
    functions: Values, values: Sequence[float], keys: Sequence[NDArray[Any]], value_range: Range, fewest_rows: int = 0
) -> Intervals:
    """The interval of each function of rows, beside its value over all of them; `fewest_rows` has the rarest class.

    None where it is undefined: for a single row, for a value that no row changes, and for one that is not finite
    without some of the rows.
    """
    if len(keys[0]) < 2:
        return [None] * len(values)
    found = leave_out_groups(functions, keys, fewest_rows)
    quantile = student_quantile_series(found.count - 1)
    skewed = skewed_intervals(found, values, value_range, quantile)
    if not is_bounded(value_range):
        return skewed
    scores = score_intervals(found, values, value_range, quantile, [fewest_rows] * len(values))
    return [widest(*pair) for pair in zip(scores, skewed, strict=True)]


def rarest_class_rows(head: Head, targets: Tensor) -> int:
    """The rows of the rarest class that has rows, of the labels of rows; 0 if there is one class only."""
    counts = head.form.class_rows(targets, len(head.classes))
    counts = counts[counts > 0]
    return int(counts.min()) if len(counts) > 1 else 0
