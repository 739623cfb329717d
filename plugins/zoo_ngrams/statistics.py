"""What weightings learn from the training split: in how many texts, and in how many of each class, a feature stands."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from zoo_core.features import Bag


def document_frequency(counts: Bag) -> Tensor:
    """How many rows hold each feature: float64 `(width,)`."""
    return torch.bincount(counts.ids, minlength=counts.width).double()


def class_frequency(counts: Bag, labels: Tensor) -> Tensor:
    """How many rows of each class hold each feature: float64 `(classes, width)`."""
    classes = int(labels.max()) + 1 if len(labels) else 1
    cells = np.repeat(labels.numpy() * counts.width, counts.lengths().numpy()) + counts.ids.numpy()
    found = np.bincount(cells, minlength=classes * counts.width).reshape(classes, counts.width)
    return torch.from_numpy(found).double()


def log_count_ratio(counts: Bag, labels: Tensor, alpha: float) -> Tensor:
    """The root mean square over classes of log((p / ‖p‖₁) / (q / ‖q‖₁)), a class against the rest: `(width,)`."""
    own = class_frequency(counts, labels)  # (classes, width)
    rest = own.sum(dim=0) - own + alpha
    own = own + alpha
    ratios = (own / own.sum(dim=1, keepdim=True)).log() - (rest / rest.sum(dim=1, keepdim=True)).log()
    return ratios.square().mean(dim=0).sqrt().float()
