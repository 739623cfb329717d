"""The contract of embeddings. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo_core.components.component import Component
from zoo_core.components.protocols import StartReport

if TYPE_CHECKING:
    from torch import nn

    from zoo_core.features.batches import EncodedSplit


class Embedding(Component):
    """Token ids → vectors, the first layer of a model of sequences; a slot of models."""

    required_methods = ("vector_size", "build")
    build_arguments = ("num_features", "feature_names")

    def vector_size(self, num_features: int) -> int:
        """The dimensions of a vector, which follow from the settings and the number of ids alone.

        Called by the `build` of the model, for the shapes of its layers."""
        raise NotImplementedError

    def build(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A module of ids int64 `(batch, length)` → vectors `(batch, length, vector_size)`.

        The vector of an id depends on the id alone. The id 0 is padding: its vector is 0, and gets no gradient. The
        shapes of the weights, and which of them are trained, follow from the settings and the number of ids, and all
        that `start` changes is among the weights: a run that is opened builds the module and loads them. Offered, by
        name:

        - `num_features`: the number of ids, that of padding included.
        - `feature_names`: the token of each id, `num_features` long, empty if ids have no names; made when first used.

        Called by the `build` of the model that has it in a slot, as is said there."""
        raise NotImplementedError

    def start(self, module: nn.Module, *, train: EncodedSplit, feature_names: Sequence[str]) -> StartReport:
        """Change the built module in place, by data from outside, as pretrained vectors; nothing by default.

        Called by `start` of the model, with its arguments and the module of the embedding. Returns a report as that
        does."""
        return {}
