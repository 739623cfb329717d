"""What components hand back that is no torch module: an encoder, a measure, and the state that is kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch

    from zoo_core.features.bag import Bag
    from zoo_core.features.layouts import Dense, Sequence
    from zoo_core.features.tokens import Tokens

State = dict[str, Any]  # torch.Tensor | list[str] | int | float | str, and nothing else


class Encoder(Protocol):
    """A fitted vectorizer: what the training split taught it, and nothing of any other split."""

    @property
    def num_features(self) -> int:
        """The width of what `transform` gives."""

    def transform(self, tokens: Tokens) -> Bag | Dense | Sequence:
        """The features of each text, one row for each, on the CPU. It may be called on several threads at once."""

    def feature_names(self) -> list[str]:
        """A readable name for each feature; empty where features have none."""

    def state(self) -> State:
        """Everything `restore` needs, as tensors, lists of strings, numbers and strings."""


class MetricAccumulator(Protocol):
    """A metric under way."""

    def update(self, predicted: torch.Tensor, targets: torch.Tensor) -> None:
        """Take a batch: class indices `(batch,)` or probabilities `(batch, classes)`; targets `(batch,)`."""

    def compute(self) -> float:
        """The figure over every batch taken; finite also where a class is missing."""
