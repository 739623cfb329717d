"""The accumulator of a metric that is a mean over rows."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.evaluation.metric_inputs import labels_of

Inputs = Callable[[Head, Tensor, Tensor], tuple[Tensor, Tensor]]  # `labels_of` or `probabilities_of`


class RowMean:
    """The mean over rows of a value of each row `(any,)`, from its predictions and true labels; 0 for no rows.

    A float64 sum, independent of the batches. A batch may have values for some of its rows only.
    """

    def __init__(self, head: Head, values: Callable[[Tensor, Tensor], Tensor], *, inputs: Inputs = labels_of) -> None:
        self.head, self.values, self.inputs = head, values, inputs
        self.total, self.rows = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        values = self.values(*self.inputs(self.head, predicted, targets))
        self.total += float(values.double().sum())
        self.rows += len(values)

    def compute(self) -> float:
        return self.total / max(self.rows, 1)
