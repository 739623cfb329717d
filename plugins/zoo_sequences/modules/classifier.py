"""What the models of sequences have in common: the embedding before, and the classifier after what they do."""

from __future__ import annotations

from collections.abc import Sequence as List

from torch import Tensor, nn

from zoo_core.features.layouts import Sequence


class TextModule(nn.Module):
    """Ids → vectors of the `embedding` → scores; subclasses define `score`.

    `least` is the length that texts are padded to at least. A text without words counts as one of padding.
    """

    least = 1

    def __init__(self, embedding: nn.Module) -> None:
        super().__init__()
        self.embedding = embedding

    def forward(self, features: Sequence) -> Tensor:
        ids, lengths = features.padded(to=self.least)
        return self.score(self.embedding(ids), lengths.clamp(min=1))

    def score(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors `(batch, length, dimensions)`, 0 after the end of a text, and lengths `(batch,)` → scores."""
        raise NotImplementedError


class Classifier(nn.Sequential):
    """Layers with dropout before each, and an activation between them: `(batch, size)` → `(batch, outputs)`."""

    def __init__(
        self, size: int, hidden: List[int], outputs: int, activations: List[nn.Module], dropout: float
    ) -> None:
        sizes = [size, *hidden, outputs]
        layers: list[nn.Module] = [nn.Dropout(dropout), nn.Linear(sizes[0], sizes[1])]
        for activation, size_in, size_out in zip(activations, sizes[1:-1], sizes[2:], strict=True):
            layers += [activation, nn.Dropout(dropout), nn.Linear(size_in, size_out)]
        super().__init__(*layers)


def activate(activation: nn.Module, values: Tensor) -> Tensor:
    """An elementwise activation, which takes `(batch, n)`, of a tensor with more axes."""
    activated: Tensor = activation(values.reshape(len(values), -1))
    return activated.view_as(values)
