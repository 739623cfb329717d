"""What weightings do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.weightings.counts import COUNTS


@register_exercise("weighting")
def exercise_weighting(subject: Subject) -> list[Tensor | None]:
    """Return the global and the local weights of all counts."""
    weighting = cast(Weighting, subject.component)
    weights: list[Tensor | None] = []
    for _, (counts, labels) in COUNTS:
        weights += [weighting.global_weights(counts, labels), weighting.local_weights(counts.weights_or_ones())]
    return weights
