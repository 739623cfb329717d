"""How well values rank a class's rows above the others: the areas under two curves. All in float64."""

from __future__ import annotations

import torch
from torch import Tensor


def cumulative_counts(values: Tensor, positive: Tensor) -> tuple[Tensor, Tensor]:
    """The class's rows and the others' at or above each value that occurs, the highest first; one 0 for no rows."""
    if not len(values):
        return torch.zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    order = torch.argsort(values, descending=True, stable=True)
    values, positive = values[order], positive[order].double()
    last = torch.cat([values.diff() != 0, torch.ones(1, dtype=torch.bool)])  # of each group of equals
    hits = positive.cumsum(0)[last]
    rows = torch.arange(1, len(values) + 1, dtype=torch.float64)[last]
    return hits, rows - hits


def roc_auc(hits: Tensor, misses: Tensor) -> float:
    """The area under the ROC curve, by trapezoids; NaN where the class has no rows, or the others have none."""
    zero = torch.zeros(1, dtype=torch.float64)
    return float(torch.trapezoid(torch.cat([zero, hits / hits[-1]]), torch.cat([zero, misses / misses[-1]])))


def average_precision(hits: Tensor, misses: Tensor) -> float:
    """The sum of each precision times the step of recall to it; NaN where the class has no rows."""
    recall = hits / hits[-1]
    return float((torch.cat([recall[:1], recall.diff()]) * hits / (hits + misses)).sum())
