"""What weightings learn from the training split: in how many texts, and in how many of each class, a feature stands."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from zoo_core.features.bag import Bag

ROWS = 1 << 13


def document_frequency(counts: Bag) -> Tensor:
    """How many rows hold each feature: float64 `(width,)`."""
    return class_frequency(counts, torch.zeros(len(counts), dtype=torch.int64))[0]


def class_frequency(counts: Bag, labels: Tensor) -> Tensor:
    """How many rows of each class hold each feature: float64 `(classes, width)`."""
    classes = int(labels.max()) + 1 if len(labels) else 1
    found = np.zeros(classes * counts.width, dtype=np.int64)
    for start in range(0, len(counts), ROWS):  # by pieces, so that memory is bounded
        piece = counts.slice(start, min(start + ROWS, len(counts)))
        own = labels[start : start + len(piece)].numpy() * counts.width
        cells = np.repeat(own, piece.lengths().numpy())
        cells += piece.ids.numpy()
        found += np.bincount(cells, minlength=len(found))
    return torch.from_numpy(found.reshape(classes, counts.width)).double()


def log_count_ratio(counts: Bag, labels: Tensor, alpha: float) -> Tensor:
    """The root mean square over classes of log((p / ‖p‖₁) / (q / ‖q‖₁)), a class against the rest: `(width,)`."""
    own = class_frequency(counts, labels)  # (classes, width)
    rest = own.sum(dim=0) - own + alpha
    own = own + alpha
    ratios = (own / own.sum(dim=1, keepdim=True)).log() - (rest / rest.sum(dim=1, keepdim=True)).log()
    return ratios.square().mean(dim=0).sqrt().float()
