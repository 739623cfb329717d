"""What models do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from torch import Tensor

from zoo_core.components.contracts import Model
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.inputs import WIDTH, make_features
from zoo_core.testing.models.behavior import OUTPUTS, build_model
from zoo_core.training.model_memory import parameter_bytes

MAX_PARAMETER_BYTES = 1 << 26  # of a model that is built here; training compares larger ones with the memory


@register_exercise("model")
def exercise_model(subject: Subject) -> list[Tensor]:
    """Return the scores for features in each layout that the model accepts; of a model that is too large, nothing."""
    model = cast(Model, subject.component)
    if parameter_bytes(model, num_features=WIDTH, num_outputs=OUTPUTS) > MAX_PARAMETER_BYTES:
        return []
    outputs = []
    for layout in model.accepts:
        scores = build_model(subject)(make_features(layout))
        if scores.requires_grad:
            scores.sum().backward()
        outputs.append(scores.detach())
    return outputs
