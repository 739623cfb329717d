"""What embeddings do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

import torch

from zoo_core.components.contracts import Embedding
from zoo_core.errors import ZooError
from zoo_core.testing.checks import Subject
from zoo_core.testing.embeddings.inputs import MANY, SOME, ids_of
from zoo_core.testing.embeddings.modules import build_embedding, has_start, start, vectors
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.models.modules import feature_names, gradients_of
from zoo_core.training.model_memory import parameter_bytes

MAX_PARAMETER_BYTES = 1 << 26


@register_exercise("embedding")
def exercise_embedding(subject: Subject) -> dict[str, object]:
    """Return vectors and gradients for two inputs, and after `start` its report, or its error as text."""
    results: dict[str, object] = {}
    for description in (SOME, MANY):
        ids = ids_of(description)
        offered = {"num_features": ids.width, "feature_names": feature_names(ids.width)}
        if parameter_bytes(cast(Embedding, subject.component), **offered) > MAX_PARAMETER_BYTES:
            return {}
        module = build_embedding(subject, ids.width)
        found = vectors(module, ids.values, description)
        if found.requires_grad:
            (found * torch.linspace(1, 2, found.numel()).view_as(found)).sum().backward()
        results[description] = [found.detach(), gradients_of(module)]
        if has_start(subject):
            try:
                results[f"{description}: report"] = dict(start(subject, module, ids.width))
            except ZooError as error:
                results[f"{description}: error"] = str(error)
            results[f"{description} after start()"] = vectors(module, ids.values).detach()
    return results
