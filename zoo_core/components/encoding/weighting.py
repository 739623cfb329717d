"""The contract of weightings. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zoo_core.components.component import ANY_TARGETS, Component, TargetType

if TYPE_CHECKING:
    import torch

    from zoo_core.features.bag import Bag


class Weighting(Component):
    """The weight of a feature in a text, `local_weights(count) · global_weights[feature]`; a slot of vectorizers.

    Attributes:
        needs_labels: `True` if `global_weights` uses the labels.
        needs_counts: `True` if it uses the count of a feature in a text; else every count is 1.
        targets: The types of targets whose labels `global_weights` supports.
    """

    required_methods = ("local_weights",)
    needs_labels: ClassVar[bool] = False
    needs_counts: ClassVar[bool] = True
    targets: ClassVar[tuple[TargetType, ...]] = ANY_TARGETS

    def global_weights(self, counts: Bag, labels: torch.Tensor) -> torch.Tensor | None:
        """A factor for each feature `(width,)` float32, fitted on the training split; None for ones.

        `counts` has each feature of a row once; `labels` are those that
        `Vectorizer.fit` gets. Called once, when the vectorizer is fitted."""
        return None

    def local_weights(self, counts: torch.Tensor) -> torch.Tensor:
        """Counts of features in a text `(entries,)` float32, at least 1 → weights `(entries,)`.

        Called for chunks of texts that are encoded, on the CPU, in several threads at once."""
        raise NotImplementedError
