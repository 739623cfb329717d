"""Statistics that weightings learn: document frequencies, in total and per class."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from zoo_core.features.bag import Bag
from zoo_core.memory import require_memory

CHUNK_ROWS = 1 << 13
CHUNK_COUNTS = 1 << 22  # classes × features whose ratios are computed together
COPIES = 3  # of the counts of all classes and features


def document_frequency(counts: Bag) -> Tensor:
    """Return the number of rows that contain each feature: float64 `(width,)`."""
    return class_frequency(counts, torch.zeros(len(counts), dtype=torch.int64))[0]


def inverse_document_frequency(counts: Bag) -> Tensor:
    """Return idf = 1 + log((1 + n) / (1 + df)) of each feature, for n rows: float32 `(width,)`."""
    return 1 + ((1 + len(counts)) / (1 + document_frequency(counts))).log().float()


def class_frequency(counts: Bag, labels: Tensor) -> Tensor:
    """Return the number of rows of each class that contain each feature: float64 `(classes, width)`.

    Labels are class indices `(rows,)`, or of several labels a row a matrix `(rows, classes)` of 0 and 1. Raises
    InputOutputError if there is not the memory for it.
    """
    classes = labels.shape[1] if labels.ndim == 2 else int(labels.max()) + 1 if len(labels) else 1
    require_memory(COPIES * 8 * classes * counts.width, f"counting {counts.width:,} features of {classes:,} classes")
    if labels.ndim == 2:
        return _label_frequency(counts, labels)
    totals = np.zeros(classes * counts.width, dtype=np.int64)
    for start in range(0, len(counts), CHUNK_ROWS):  # in chunks, to bound memory
        chunk = counts.slice(start, min(start + CHUNK_ROWS, len(counts)))
        class_offsets = labels[start : start + len(chunk)].numpy() * counts.width
        cells = np.repeat(class_offsets, chunk.lengths().numpy())
        cells += chunk.ids.numpy()
        totals += np.bincount(cells, minlength=len(totals))
    return torch.from_numpy(totals.reshape(classes, counts.width)).double()


def _label_frequency(counts: Bag, labels: Tensor) -> Tensor:
    """Return the number of rows with each label `(rows, classes)` that contain each feature."""
    from scipy import sparse

    totals = np.zeros((labels.shape[1], counts.width), dtype=np.float64)
    for start in range(0, len(counts), CHUNK_ROWS):
        chunk = counts.slice(start, min(start + CHUNK_ROWS, len(counts)))
        entries = np.ones(len(chunk.ids)), chunk.ids.numpy(), chunk.offsets.numpy()
        has_feature = sparse.csr_array(entries, shape=(len(chunk), counts.width))
        has_label = sparse.csr_array(labels[start : start + len(chunk)].double().numpy())
        both = (has_label.T @ has_feature).tocoo()
        totals[both.coords] += both.data
    return torch.from_numpy(totals)


def log_count_ratio(counts: Bag, labels: Tensor, alpha: float) -> Tensor:
    """Return the root mean square over classes of log((p / ‖p‖₁) / (q / ‖q‖₁)), one against the rest: `(width,)`."""
    in_class = class_frequency(counts, labels)  # (classes, width)
    total = in_class.sum(dim=0) if labels.ndim == 1 else document_frequency(counts)
    squares = torch.zeros(counts.width, dtype=torch.float64)
    for some in in_class.split(max(1, CHUNK_COUNTS // max(counts.width, 1))):  # in chunks, to bound memory
        others = total - some + alpha
        own = some + alpha
        ratios = (own / own.sum(dim=1, keepdim=True)).log() - (others / others.sum(dim=1, keepdim=True)).log()
        squares += ratios.square().sum(dim=0)
    return (squares / len(in_class)).sqrt().float()
