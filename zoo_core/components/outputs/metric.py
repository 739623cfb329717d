"""The contract of metrics. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from zoo_core.components.component import Component, TargetType

if TYPE_CHECKING:
    from zoo_core.components.head import Head
    from zoo_core.components.protocols import MetricAccumulator


class Metric(Component):
    """A number that evaluates a split.

    Attributes:
        response: What `update` gets as `predicted`: `"labels"` for class indices, `"probabilities"` for theirs.
        targets: The types of targets that it supports: `"single-label"`, `"multi-label"`, or both.
        higher_is_better: `True` if a larger value is better.
        is_accuracy: `True` for the share of rows whose label, or set of labels, is correct, which McNemar's test
            compares.
        range: The lowest and the highest value.
    """

    required_methods = ("build",)
    build_arguments = ("head",)
    response: ClassVar[Literal["labels", "probabilities"]]
    higher_is_better: ClassVar[bool]
    is_accuracy: ClassVar[bool] = False
    targets: ClassVar[tuple[TargetType, ...]] = ("single-label",)
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)

    def build(self, head: Head) -> MetricAccumulator:
        """An empty accumulator for these classes, and for the type of targets `head.targets`.

        Called once for each split that is evaluated, in training after each epoch; `update` is then called once for
        each batch, on the CPU, and `compute` at the end."""
        raise NotImplementedError
