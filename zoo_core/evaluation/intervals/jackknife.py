"""The variance of values of a sample of rows, from their values without some of the rows: the jackknife.

Values may be of any form: they are only ever computed on rows, so that a metric of a plugin has an interval, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from attrs import frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.seeds import derive_seed

FloatArray = NDArray[np.float64]
Values = Callable[[Tensor], Sequence[float]]  # of some rows, by their indices `(rows,)` int64, which may repeat
GROUPS = 40
MANY_ROWS, CLASS_ROWS = 20_000, 10  # and the rows of a class in each group, for values of groups alone
MAX_CELLS, MAX_CELL_ROWS = 100, 400_000  # of a confusion matrix; and the rows of all values without a row
NEGLIGIBLE = 1e-12  # an influence below this part of the values is a rounding error


@frozen(eq=False)
class Jackknife:
    """Influences `(groups, values)` of groups of rows on values, which sum to 0; NaN for a value that is undefined.

    `weights` `(groups,)` groups are alike. A value is about the mean of its influences.
    """

    influences: FloatArray
    weights: FloatArray

    @property
    def count(self) -> int:
        """The number of groups of rows."""
        return int(self.weights.sum())

    @property
    def variances(self) -> FloatArray:
        """The variance of each value `(values,)`; 0 if no group changes it, NaN if it is undefined."""
        return np.asarray(self.weights @ self.influences**2 / (self.count * (self.count - 1)))

    @property
    def skewness(self) -> FloatArray:
        """The skewness of the influences on each value `(values,)`."""
        second, third = (self.weights @ self.influences**power / self.count for power in (2, 3))
        return np.asarray(np.divide(third, second**1.5, where=second > 0, out=np.zeros_like(third)))


def leave_out_rows(values: Values, codes: Tensor) -> Jackknife:
    """Leave out one row at a time, for values that depend on two rows or more by their `codes` `(rows,)` alone.

    Rows of the same code are alike, so that values are computed once for each code. If there are too many codes, groups
    of rows are left out.

    Source: Efron & Stein 1981."""
    order = torch.argsort(codes, stable=True)
    _, counts = torch.unique_consecutive(codes[order], return_counts=True)
    if len(counts) > MAX_CELLS or (len(counts) > 4 and len(counts) * len(codes) > MAX_CELL_ROWS):
        return leave_out_groups(values, [codes.numpy()])
    firsts = (counts.cumsum(0) - counts).tolist()
    return _without([values(torch.cat([order[:first], order[first + 1 :]])) for first in firsts], counts.numpy())


def leave_out_groups(values: Values, keys: Sequence[NDArray[np.generic]], fewest_rows: int = 0) -> Jackknife:
    """Leave out one of up to 40 random groups of two rows or more at a time.

    The `keys` `(rows,)`, the most important one last, describe a row: the groups depend on these alone, and not on the
    order of the rows. Of very many rows, with `fewest_rows` of the rarest class, each group has enough for its own
    values, whose mean is that of all rows, and nothing is computed twice.

    Source: Shao & Tu 1995, section 5.2, the delete-a-group jackknife."""
    rows = len(keys[0])
    groups = min(rows, GROUPS)
    random = np.random.default_rng(derive_seed(0, "intervals"))
    order = torch.from_numpy(np.lexsort(keys)[random.permutation(rows)])
    bounds = pairwise([group * rows // groups for group in range(groups + 1)])
    if rows > MANY_ROWS and fewest_rows >= GROUPS * CLASS_ROWS:
        return _alone([values(order[start:end]) for start, end in bounds])
    return _without([values(torch.cat([order[:start], order[end:]])) for start, end in bounds], np.ones(groups))


def _without(without: Sequence[Sequence[float]], weights: NDArray[np.generic]) -> Jackknife:
    """The influences from the values without each group."""
    values, numbers = np.array(without, dtype=np.float64), weights.astype(np.float64)
    means = numbers @ values / numbers.sum()
    return _from_influences((numbers.sum() - 1) * (means - values), numbers, means)


def _alone(alone: Sequence[Sequence[float]]) -> Jackknife:
    """The influences from the values of each group alone."""
    values = np.array(alone, dtype=np.float64)
    return _from_influences(values - values.mean(axis=0), np.ones(len(values)), values.mean(axis=0))


def _from_influences(influences: FloatArray, weights: FloatArray, means: FloatArray) -> Jackknife:
    """Rounding errors are no influences, and a value that is not finite without some rows has none that is known."""
    influences[:, ~np.isfinite(influences).all(axis=0)] = math.nan
    negligible = NEGLIGIBLE * weights.sum() * np.abs(means)
    return Jackknife(np.where(np.abs(influences) <= negligible, 0.0, influences), weights)


def skewed_errors(quantile: float, skewness: float, groups: int) -> tuple[float, float]:
    """The standard errors to go down and up from a mean of `groups` independent values with this skewness.

    Without skewness, the quantile on both sides.

    Source: Hall 1992, "On the removal of skewness by transformation", the cubic transformation."""
    slope = skewness / math.sqrt(groups)
    if abs(slope) < NEGLIGIBLE:
        return quantile, quantile
    down, up = (3 / slope * (math.cbrt(1 + slope * (end - slope / 6)) - 1) for end in (quantile, -quantile))
    return max(down, 0.0), max(-up, 0.0)
