"""The values of rows whose means are metrics of several labels a text."""

from __future__ import annotations

import torch
from torch import Tensor


def hamming_loss(predicted: Tensor, targets: Tensor) -> Tensor:
    """Return the share of the labels of each row that are wrong, from bool `(rows, classes)` each."""
    return (predicted != targets).double().mean(dim=1)


def precision_at_k(probabilities: Tensor, targets: Tensor, *, k: int) -> Tensor:
    """Return the share of the k most probable labels that each row has."""
    return _most_probable(probabilities, targets, k).double().mean(dim=1)


def recall_at_k(probabilities: Tensor, targets: Tensor, *, k: int) -> Tensor:
    """Return the share of the labels of each row with some that are among the k most probable ones."""
    counts = targets.sum(dim=1)
    has_labels = counts > 0
    found = _most_probable(probabilities, targets, k).sum(dim=1)
    return found[has_labels].double() / counts[has_labels]


def _most_probable(probabilities: Tensor, targets: Tensor, k: int) -> Tensor:
    """Return whether a row has each of its k most probable labels, bool `(rows, k)`; the first of ties comes first."""
    order = torch.argsort(probabilities, dim=1, descending=True, stable=True)
    return targets.gather(1, order[:, :k])


def ranking_precision(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return the label ranking average precision of each row.

    A label with the rank r has r labels at least as probable; its precision is the number of true ones among them / r.
    Ranks are found by sorting, in time that grows with classes · log classes.
    """
    order = torch.argsort(probabilities, dim=1, descending=True, stable=True)
    values, has_label = probabilities.gather(1, order), targets.gather(1, order)
    # of equal values all have the rank of the last one: the first place from the end where the value changes
    is_last = torch.cat([values.diff(dim=1) != 0, torch.ones_like(has_label[:, :1])], dim=1)
    places = torch.arange(values.shape[1], device=values.device).expand_as(values)
    last = torch.where(is_last, places, values.shape[1]).flip(1).cummin(dim=1).values.flip(1)
    hits = has_label.cumsum(dim=1).gather(1, last)
    precisions = hits.double() / (last + 1) * has_label
    counts = has_label.sum(dim=1)
    return torch.where(counts > 0, precisions.sum(dim=1) / counts.clamp(min=1), 1.0)
