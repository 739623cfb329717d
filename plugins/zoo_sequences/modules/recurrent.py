"""Torch modules of the recurrent models.

Texts are padded, not packed: on a CPU torch's packed recurrences take five times as long, and batches have texts of
about one length. No padding is read before a text: the backward direction reads each text from its own last word.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_sequences.modules.classifier import TextModule
from zoo_sequences.modules.pooling import Pool, Pooling

MakeLayer = Callable[[int, int], nn.Module]  # the sizes of input and output → nn.RNN, nn.GRU or nn.LSTM, batch first


class RecurrentModule(TextModule):
    """Recurrent layers, one direction or both, pooled over the text; of both directions "last" is where each ends."""

    def __init__(
        self,
        embedding: nn.Module,
        size: int,
        make_layer: MakeLayer,
        units: int,
        layers: int,
        is_bidirectional: bool,
        dropout: float,
        pooling: Pooling,
        classifier: nn.Module,
    ) -> None:
        super().__init__(embedding)
        sizes = [size, *([units * (1 + is_bidirectional)] * layers)]
        self.forwards = nn.ModuleList(make_layer(size_in, units) for size_in in sizes[:-1])
        self.backwards = nn.ModuleList(make_layer(size_in, units) for size_in in sizes[:-1] if is_bidirectional)
        self.dropout, self.units = dropout, units
        self.pooling, self.pool = pooling, Pool(pooling, sizes[-1])
        self.classifier = classifier

    def score(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states = self.states(vectors, lengths)
        pooled = self.pool(states, lengths)
        if self.pooling == "last" and self.backwards:
            pooled = torch.cat([pooled[:, : self.units], states[:, 0, self.units :]], dim=1)
        return self.classifier(pooled)  # type: ignore[no-any-return]

    def states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """The states of the last layer at each word `(batch, length, units)`, or twice the units of both directions."""
        turned = reversed_places(lengths, vectors.shape[1])[..., None] if self.backwards else None
        for index, forward_layer in enumerate(self.forwards):
            if index:
                vectors = functional.dropout(vectors, self.dropout, self.training)
            states, _ = forward_layer(vectors)
            if turned is not None:
                backward_states, _ = self.backwards[index](_take(vectors, turned))
                states = torch.cat([states, _take(backward_states, turned)], dim=2)
            vectors = states
        return vectors


def reversed_places(lengths: Tensor, longest: int) -> Tensor:
    """The place of each word when every text is reversed by itself: int64 `(batch, longest)`; padding stays."""
    at = torch.arange(longest, device=lengths.device)[None, :]
    return torch.where(at < lengths[:, None], lengths[:, None] - 1 - at, at)


def _take(vectors: Tensor, places: Tensor) -> Tensor:
    return vectors.gather(1, places.expand(-1, -1, vectors.shape[2]))
