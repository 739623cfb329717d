"""How well values rank the rows of a class above the others: areas under the ROC and PR curves. All in float64."""

from __future__ import annotations

import torch
from torch import Tensor


def cumulative_counts(values: Tensor, positive: Tensor) -> tuple[Tensor, Tensor]:
    """True and false positives at each distinct value as the threshold, the highest first; a single 0 for no rows."""
    if not len(values):
        return torch.zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    order = torch.argsort(values, descending=True, stable=True)
    values, positive = values[order], positive[order].double()
    is_last_of_ties = torch.cat([values.diff() != 0, torch.ones(1, dtype=torch.bool)])
    hits = positive.cumsum(0)[is_last_of_ties]
    rows = torch.arange(1, len(values) + 1, dtype=torch.float64)[is_last_of_ties]
    return hits, rows - hits


def roc_auc(hits: Tensor, misses: Tensor) -> float:
    """The area under the ROC curve by trapezoids; NaN if there are no positive or no negative rows.

    `hits` and `misses` are cumulative counts `(thresholds,)`.
    """
    zero = torch.zeros(1, dtype=torch.float64)
    return float(torch.trapezoid(torch.cat([zero, hits / hits[-1]]), torch.cat([zero, misses / misses[-1]])))


def average_precision(hits: Tensor, misses: Tensor) -> float:
    """The sum of each precision times the step of recall to it; NaN if there are no positive rows."""
    recall = hits / hits[-1]
    return float((torch.cat([recall[:1], recall.diff()]) * hits / (hits + misses)).sum())
