"""What weightings do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.weightings.behavior import make_counts


@register_exercise("weighting")
def exercise_weighting(subject: Subject) -> list[Tensor | None]:
    """Return the global and the local weights of counts."""
    weighting, (counts, labels) = cast(Weighting, subject.component), make_counts()
    return [weighting.global_weights(counts, labels), weighting.local_weights(counts.weights_or_ones())]
