"""Torch modules of the transformer: an encoder with layer normalization before each part."""

from __future__ import annotations

from collections.abc import Sequence as List
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_sequences.modules.classifier import TextModule, activate
from zoo_sequences.modules.pooling import Pool, Pooling, places

Positions = Literal["learned", "rotary", "none"]
POSITION_SCALE = 0.02  # standard deviation of the first values, as in BERT
BASE = 10_000.0  # of the wavelengths of rotary positions


class EncoderLayer(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x)), with dropout after each part."""

    def __init__(self, units: int, heads: int, feed_forward: int, dropout: float, activation: nn.Module) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention, self.norm_feed_forward = nn.LayerNorm(units), nn.LayerNorm(units)
        self.projections, self.attended = nn.Linear(units, 3 * units), nn.Linear(units, units)
        self.widen, self.narrow = nn.Linear(units, feed_forward), nn.Linear(feed_forward, units)
        self.activation, self.dropout = activation, nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor, rotation: Tensor | None) -> Tensor:
        """States `(batch, length, units)`, `mask` bool `(batch, 1, 1, length)`: True for words."""
        states = states + self.dropout(self._attend(self.norm_attention(states), mask, rotation))
        wide = activate(self.activation, self.widen(self.norm_feed_forward(states)))
        return states + self.dropout(self.narrow(self.dropout(wide)))  # type: ignore[no-any-return]

    def _attend(self, states: Tensor, mask: Tensor, rotation: Tensor | None) -> Tensor:
        batch, length, units = states.shape
        projected = self.projections(states).view(batch, length, 3, self.heads, units // self.heads)
        queries, keys, values = projected.permute(2, 0, 3, 1, 4)  # (batch, heads, length, units / heads) each
        if rotation is not None:
            queries, keys = _rotate(queries, rotation), _rotate(keys, rotation)
        attended = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        return self.attended(attended.transpose(1, 2).reshape(batch, length, units))  # type: ignore[no-any-return]


class TransformerModule(TextModule):
    """Embedding, positions, encoder layers, layer normalization, pooling, classifier.

    With learned positions, words after the last position share it.
    """

    def __init__(
        self,
        embedding: nn.Module,
        size: int,
        units: int,
        layers: List[EncoderLayer],
        positions: Positions,
        max_positions: int,
        dropout: float,
        pooling: Pooling,
        classifier: nn.Module,
    ) -> None:
        super().__init__(embedding)
        self.project = nn.Linear(size, units) if size != units else nn.Identity()
        self.kind, self.max_positions = positions, max_positions
        if positions == "learned":
            self.positions = nn.Embedding(max_positions, units)
            nn.init.normal_(self.positions.weight, std=POSITION_SCALE)
        self.layers, self.norm, self.dropout = nn.ModuleList(layers), nn.LayerNorm(units), nn.Dropout(dropout)
        self.pool, self.classifier = Pool(pooling, units), classifier

    def score(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states, rotation = self.project(vectors), None
        at = torch.arange(vectors.shape[1], device=vectors.device)
        if self.kind == "learned":
            states = states + self.positions(at.clamp(max=self.max_positions - 1))
        elif self.kind == "rotary":
            rotation = rotation_of(at, states.shape[2] // self.layers[0].heads, states)
        states, mask = self.dropout(states), places(lengths, vectors.shape[1])[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask, rotation)
        return self.classifier(self.pool(self.norm(states), lengths))  # type: ignore[no-any-return]


def rotation_of(at: Tensor, size: int, like: Tensor) -> Tensor:
    """Cosines and sines of the angles of positions `(2, length, size / 2)` (Su et al. 2021), of the type of `like`."""
    wavelengths = BASE ** (torch.arange(0, size, 2, device=at.device) / size)
    angles = at[:, None] / wavelengths[None, :]
    return torch.stack([angles.cos(), angles.sin()]).to(like)


def _rotate(vectors: Tensor, rotation: Tensor) -> Tensor:
    """Turn the two halves of each vector `(…, length, size)` by the angles of its position."""
    cosines, sines = rotation.to(vectors)
    first, second = vectors.chunk(2, dim=-1)
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)
