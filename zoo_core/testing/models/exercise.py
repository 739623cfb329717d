"""What models do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from torch import Tensor

from zoo_core.components.contracts import Model
from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.models.features import MANY_ROWS, SOME_EMPTY, features_of, width_of
from zoo_core.testing.models.finishing import finish, has_finish
from zoo_core.testing.models.modules import (
    OUTPUTS,
    backpropagate,
    build_model,
    feature_names,
    gradients_of,
    layouts_of,
    predict,
    train,
)
from zoo_core.training.model_memory import parameter_bytes

MAX_PARAMETER_BYTES = 1 << 26  # of a model that is built here; training compares larger ones with the memory


@register_exercise("model")
def exercise_model(subject: Subject) -> dict[str, Tensor]:
    """Return scores and gradients in both modes, by layout; of a model that is too large, nothing."""
    results: dict[str, Tensor] = {}
    for layout in layouts_of(subject):
        for description in (SOME_EMPTY, MANY_ROWS[layout]):
            features = features_of(layout, description)
            if _bytes(subject, width_of(features)) > MAX_PARAMETER_BYTES:
                return {}
            module, where = build_model(subject, width=width_of(features)), f"{description} ({layout})"
            scores = train(module, features, where)
            backpropagate(scores)
            results[f"scores of {where} in training"] = scores.detach()
            results[f"scores of {where}"] = predict(module, features, where)
            for name, gradient in gradients_of(module).items():
                results[f"gradient of {name} for {where}"] = gradient
            if has_finish(subject):
                finish(subject, module, features)
                results[f"scores of {where} after finish()"] = predict(module, features, where)
    return results


def _bytes(subject: Subject, width: int) -> int:
    model = cast(Model, subject.component)
    return parameter_bytes(model, num_features=width, num_outputs=OUTPUTS, feature_names=feature_names(width))
