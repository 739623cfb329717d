"""Rows that are uncertain and differ from one another: maximal marginal relevance over encoded texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
MAX_PAIRS = 20_000_000  # of a row and a chosen row: more take minutes


def choose_diverse(features: Bag | Dense | Sequence, margins: Floats, count: int) -> list[int]:
    """Choose up to `count` of some rows, the best first: unsure ones that are not like those chosen before.

    `margins` `(rows,)` are small for unsure rows. Each step takes the row with the largest sum of its uncertainty, the
    margin scaled to 0 to 1 over these rows and reversed, and of its distance from the nearest chosen row, 1 minus the
    cosine of their features. Equal rows are taken in their order. Above MAX_PAIRS pairs of a row and a chosen one, the
    rows are those with the smallest margins.

    Source: maximal marginal relevance, Carbonell & Goldstein 1998; margins, Scheffer et al. 2001.
    """
    if len(margins) * count > MAX_PAIRS:  # for so many rows, the margin alone
        return [int(row) for row in np.argsort(margins, kind="stable")[:count]]
    vectors = unit_vectors(features)
    worst, best = margins.max(initial=0), margins.min(initial=np.inf)
    value = (worst - margins) / (worst - best) if worst > best else np.zeros(len(margins))
    nearest = np.zeros(len(margins))
    chosen: list[int] = []
    for _ in range(min(count, len(margins))):
        row = int((value - nearest).argmax())
        chosen.append(row)
        value[row] = -np.inf
        np.maximum(nearest, _cosines(vectors, row), out=nearest)
    return chosen


def unit_vectors(features: Bag | Dense | Sequence) -> csr_matrix:
    """The rows of features as sparse vectors of length 1 `(rows, used features + 1)`.

    Of a sequence, each id counts as often as it stands there. Rows without features share the last column, so that they
    are alike.
    """
    from scipy.sparse import csr_matrix, diags, hstack

    rows, ids, values = _entries(features)
    used, columns = np.unique(ids, return_inverse=True)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(features), len(used)))
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scaled = diags(1 / np.where(norms > 0, norms, 1)) @ matrix
    return csr_matrix(hstack([scaled, csr_matrix((norms == 0).astype(np.float64)[:, None])]))


def _entries(features: Bag | Dense | Sequence) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """The row, the feature and the value of each entry `(entries,)`."""
    if isinstance(features, Dense):
        rows, ids = features.values.nonzero(as_tuple=True)
        return rows.numpy(), ids.numpy(), features.values[rows, ids].double().numpy()
    if isinstance(features, Bag):
        return features.row_ids().numpy(), features.ids.long().numpy(), features.weights_or_ones().double().numpy()
    lengths = features.lengths()
    rows = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
    return rows.numpy(), features.ids.long().numpy(), np.ones(len(rows))


def _cosines(vectors: csr_matrix, row: int) -> Floats:
    """The cosine of one row with every row `(rows,)`."""
    start, stop = vectors.indptr[row], vectors.indptr[row + 1]
    dense = np.zeros(vectors.shape[1])
    dense[vectors.indices[start:stop]] = vectors.data[start:stop]
    cosines: Floats = vectors @ dense
    return cosines
