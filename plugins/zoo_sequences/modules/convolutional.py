"""Torch modules of the convolutional models."""

from __future__ import annotations

from collections.abc import Sequence as List
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_sequences.modules.classifier import TextModule, activate
from zoo_sequences.modules.pooling import Pool, Pooling, places

Norm = Literal["none", "batch", "layer"]


class ConvolutionModule(TextModule):
    """Convolutions of several window sizes side by side, each pooled over the text (Kim 2014)."""

    def __init__(
        self,
        embedding: nn.Module,
        size: int,
        windows: List[int],
        channels: int,
        pooling: Pooling,
        activation: nn.Module,
        classifier: nn.Module,
    ) -> None:
        super().__init__(embedding)
        self.least = max(windows)
        self.convolutions = nn.ModuleList(nn.Conv1d(size, channels, window) for window in windows)
        self.pools = nn.ModuleList(Pool(pooling, channels) for _ in windows)
        self.windows = tuple(windows)
        self.activation, self.classifier = activation, classifier

    def score(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        channels_first, pooled = vectors.transpose(1, 2), []
        for window, convolution, pool in zip(self.windows, self.convolutions, self.pools, strict=True):
            found = activate(self.activation, convolution(channels_first))  # (batch, channels, places)
            pooled.append(pool(found.transpose(1, 2), (lengths - window + 1).clamp(min=1)))
        return self.classifier(torch.cat(pooled, dim=1))  # type: ignore[no-any-return]


class MaskedNorm(nn.Module):
    """Batch or layer normalization of the places of texts `(batch, channels, length)`; others stay as they are."""

    def __init__(self, kind: Norm, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels) if kind == "batch" else nn.LayerNorm(channels)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        is_text = places(lengths, values.shape[2])
        last = values.transpose(1, 2)
        normalized = last.masked_scatter(is_text[..., None], self.norm(last[is_text]).to(last))
        return normalized.transpose(1, 2)


class ConvolutionStack(TextModule):
    """Convolutions one after another, some with strides, and pooling (Rao & McMahan, sections 4.4 and 5.3).

    A text is filled up with zeros to the next length at which the windows of every layer end with it, so that no last
    word is left out; the filled length depends on the text alone. `field_of_view` is the words that one value of the
    last layer sees, and the words from one value to the next.
    """

    def __init__(
        self,
        embedding: nn.Module,
        size: int,
        kernel: int,
        strides: List[int],
        field_of_view: tuple[int, int],
        channels: int,
        pooling: Pooling,
        norm: Norm,
        activations: List[nn.Module],
        classifier: nn.Module,
    ) -> None:
        super().__init__(embedding)
        sizes = [size, *(channels for _ in strides[1:])]
        self.convolutions = nn.ModuleList(
            nn.Conv1d(size_in, channels, kernel, stride) for size_in, stride in zip(sizes, strides, strict=True)
        )
        self.activations = nn.ModuleList(activations)
        self.norms = nn.ModuleList(MaskedNorm(norm, channels) for _ in strides if norm != "none")
        self.pool, self.classifier = Pool(pooling, channels), classifier
        self.kernel, self.strides = kernel, tuple(strides)
        self.field, self.step = field_of_view

    def score(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        lengths = self.filled(lengths)
        missing = int(lengths.max()) - vectors.shape[1]
        values = functional.pad(vectors, (0, 0, 0, max(missing, 0))).transpose(1, 2)
        for index, (convolution, activation) in enumerate(zip(self.convolutions, self.activations, strict=True)):
            values = activate(activation, convolution(values))
            lengths = (lengths - self.kernel) // self.strides[index] + 1
            if self.norms:
                values = self.norms[index](values, lengths)
        return self.classifier(self.pool(values.transpose(1, 2), lengths))  # type: ignore[no-any-return]

    def filled(self, lengths: Tensor) -> Tensor:
        """The lengths `(batch,)` that texts are filled up to."""
        steps = ((lengths - self.field).clamp(min=0) + self.step - 1) // self.step
        return self.field + steps * self.step
