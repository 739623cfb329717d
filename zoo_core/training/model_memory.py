"""The memory of a model's parameters, compared with what is available before they are allocated."""

from __future__ import annotations

from typing import Any

from zoo_core.components.building.call import call_build
from zoo_core.components.building.meta_device import meta_device
from zoo_core.components.contracts import Embedding, Model
from zoo_core.components.kinds import kind_of
from zoo_core.errors import InputOutputError
from zoo_core.memory import is_out_of_memory, require_memory

TRAINING_COPIES = 3  # of each parameter: itself, its gradient, and its best value so far


def parameter_bytes(model: Model | Embedding, **offered: Any) -> int:
    """The bytes of the parameters and buffers of a component built with these arguments, without allocating them.

    Raises InputOutputError for sizes that no memory has.
    """
    try:
        with meta_device():
            module = call_build(model, **offered)
        return sum(tensor.numel() * tensor.element_size() for tensor in module.state_dict().values())
    except Exception as error:
        if is_out_of_memory(error):
            message = f'{kind_of(type(model)).name} "{model.name}" has more parameters than any memory holds'
            raise InputOutputError(message, hint="lower the sizes of its layers") from error
        return 0  # whatever is wrong is reported when it is built in earnest


def check_model_memory(model: Model, *, num_features: int, **offered: Any) -> None:
    """Raise InputOutputError if the parameters cannot be trained in the available memory."""
    needed = TRAINING_COPIES * parameter_bytes(model, num_features=num_features, **offered)
    require_memory(needed, f'training model "{model.name}" for {num_features:,} features')
