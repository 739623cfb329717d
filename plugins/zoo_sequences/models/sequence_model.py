"""What the models of sequences have in common: the slot of the embedding, and its start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from attrs import frozen

from zoo_core import Activation, Embedding, Model, StartReport, slot

if TYPE_CHECKING:
    from torch import nn

    from zoo_core.features.batches import EncodedSplit

WORDS_OF_HIDDEN = "units of each hidden layer between the pooled text and the scores"
WORDS_OF_POOLING = "how one vector is made of all places of a text; padding is ignored"


@frozen
class SequenceModel(Model):
    """A model whose first layer is an embedding, in the attribute `embedding` of its module."""

    accepts = ("sequence",)
    embedding: Embedding = slot("learned", "the vectors of tokens")

    def start(self, module: nn.Module, *, train: EncodedSplit, feature_names: Sequence[str]) -> StartReport:
        return self.embedding.start(cast("nn.Module", module.embedding), train=train, feature_names=feature_names)

    def embedding_layer(self, module: nn.Module) -> nn.Module:
        return cast("nn.Module", module.embedding)

    def build_embedding(self, num_features: int, feature_names: Sequence[str]) -> tuple[nn.Module, int]:
        """The module of the embedding, and the size of its vectors."""
        from zoo_core import call_build

        offered = {"num_features": num_features, "feature_names": feature_names}
        return call_build(self.embedding, **offered), self.embedding.vector_size(num_features)


def build_classifier(
    size: int, hidden: tuple[int, ...], num_outputs: int, activation: Activation, dropout: float
) -> nn.Module:
    """Hidden layers, each with the activation, and the layer of the scores."""
    from zoo_sequences.modules.classifier import Classifier

    return Classifier(size, hidden, num_outputs, [activation.build() for _ in hidden], dropout)
