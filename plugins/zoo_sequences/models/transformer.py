"""A transformer encoder for sequences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Activation, Problem, setting, slot
from zoo_core.components.validators import Bounds, at_least_one
from zoo_sequences.models.sequence_model import (
    WORDS_OF_HIDDEN,
    WORDS_OF_POOLING,
    SequenceModel,
    build_classifier,
)

if TYPE_CHECKING:
    from torch import nn


@frozen
class Transformer(SequenceModel):
    """A small encoder: self-attention and feed-forward layers, each with layer normalization before it.

    A linear layer comes between embedding and encoder if their sizes differ. With learned positions, the tokens after
    `max_positions` share the last one. Attention takes time and memory that grow with the square of a text's length.

    Source: Vaswani et al. 2017, "Attention Is All You Need"; Xiong et al. 2020 (normalization before each layer); Su et
    al. 2021, "RoFormer" (rotary positions)."""

    name = "transformer"
    units: int = setting(64, "size of a token's vector in the encoder", at_least_one)
    layers: int = setting(2, "encoder layers", Bounds(ge=1, le=12))
    heads: int = setting(2, "attention heads of each layer", Bounds(ge=1, le=64))
    feed_forward: int = setting(128, "units between the two linear layers of an encoder layer", at_least_one)
    positions: Literal["learned", "rotary", "none"] = setting("learned", "how the place of a token is known")
    max_positions: int = setting(512, "positions that are learned", at_least_one)
    pooling: Literal["last", "mean", "max", "attention"] = setting("mean", WORDS_OF_POOLING)
    hidden: tuple[int, ...] = setting((), WORDS_OF_HIDDEN, at_least_one)
    dropout: float = setting(0.1, "share of values dropped in training, not of attention", Bounds(ge=0, lt=1))
    activation: Activation = slot("gelu", "activation of feed-forward and hidden layers", where={"acts": "elementwise"})

    def check(self) -> Iterator[Problem]:
        step = self.heads * (2 if self.positions == "rotary" else 1)
        if self.units % step:
            what = "twice the heads, for rotary positions" if step > self.heads else "the heads"
            yield Problem(f"must be a multiple of {step}, {what}, not {self.units}", setting="units")

    def build(self, *, num_features: int, num_outputs: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from zoo_sequences.modules.transformer import EncoderLayer, TransformerModule

        embedding, size = self.build_embedding(num_features, feature_names)
        layers = [
            EncoderLayer(self.units, self.heads, self.feed_forward, self.dropout, self.activation.build())
            for _ in range(self.layers)
        ]
        return TransformerModule(
            embedding,
            size,
            self.units,
            layers,
            self.positions,
            self.max_positions,
            self.dropout,
            self.pooling,
            build_classifier(self.units, self.hidden, num_outputs, self.activation, self.dropout),
        )
