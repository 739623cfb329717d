"""What samplers do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.samplers.inputs import INPUTS, order_of, sampler_of

EPOCHS = 3


@register_exercise("sampler")
def exercise_sampler(subject: Subject) -> dict[str, object]:
    """Return the number of rows, and the order of three epochs, for all inputs."""
    sampler = sampler_of(subject)
    return {
        description: [sampler.num_rows(classes), *(order_of(sampler, classes, epoch) for epoch in range(1, EPOCHS + 1))]
        for description, classes in INPUTS
    }
