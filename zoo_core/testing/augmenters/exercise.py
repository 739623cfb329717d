"""What augmenters do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.augmenters.inputs import INPUTS, augmenter_of
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise

SEEDS = (1, 2)


@register_exercise("augmenter")
def exercise_augmenter(subject: Subject) -> dict[str, object]:
    """Return the texts of two seeds, for all inputs."""
    augmenter = augmenter_of(subject)
    return {text: [augmenter.augment(texts, seed=seed) for seed in SEEDS] for text, texts in INPUTS}
