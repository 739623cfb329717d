"""Recurrent models of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from zoo_core import Activation, setting, slot
from zoo_core.components.validators import Bounds, at_least_one
from zoo_sequences.models.sequence_model import (
    WORDS_OF_HIDDEN,
    WORDS_OF_POOLING,
    SequenceModel,
    build_classifier,
)

if TYPE_CHECKING:
    from torch import nn

MAX_LAYERS = 8


@frozen
class RecurrentModel(SequenceModel):
    """A recurrent model: its layers, directions and pooling; a subclass says which layer of torch it has."""

    units: int = setting(100, "units of each layer and direction", at_least_one)
    layers: int = setting(1, "recurrent layers, one on another", Bounds(ge=1, le=MAX_LAYERS))
    bidirectional: bool = setting(False, "whether each layer reads the text in both directions")
    pooling: Literal["last", "mean", "max", "attention"] = setting("last", WORDS_OF_POOLING)
    hidden: tuple[int, ...] = setting((), WORDS_OF_HIDDEN, at_least_one)
    dropout: float = setting(
        0.0, "share of values dropped between layers and before each linear layer", Bounds(ge=0, lt=1)
    )
    hidden_activation: Activation = slot("relu", "activation of hidden layers", where={"acts": "elementwise"})

    def layer(self) -> Any:
        """The class of a recurrent layer of torch, with its own settings."""
        raise NotImplementedError

    def build(self, *, num_features: int, num_outputs: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from zoo_sequences.modules.recurrent import RecurrentModule

        embedding, size = self.build_embedding(num_features, feature_names)
        states = self.units * (1 + self.bidirectional)
        return RecurrentModule(
            embedding,
            size,
            partial(self.layer(), batch_first=True),
            self.units,
            self.layers,
            self.bidirectional,
            self.dropout,
            self.pooling,
            build_classifier(states, self.hidden, num_outputs, self.hidden_activation, self.dropout),
        )


@frozen
class RNN(RecurrentModel):
    """hₜ = f(W·xₜ + U·hₜ₋₁ + b): a recurrent network, whose state at the last token stands for the text.

    Source: Elman 1990, "Finding Structure in Time"; Rao & McMahan, section 6.2 (surnames)."""

    name = "rnn"
    nonlinearity: Literal["tanh", "relu"] = setting("tanh", "the function f of the state")

    def layer(self) -> Any:
        from torch import nn

        return partial(nn.RNN, nonlinearity=self.nonlinearity)


@frozen
class GRU(RecurrentModel):
    """Gated recurrent units: gates decide how much of the state is kept and what is added, token by token.

    Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder"; Rao & McMahan, section 7.1."""

    name = "gru"

    def layer(self) -> Any:
        from torch import nn

        return nn.GRU


@frozen
class LSTM(RecurrentModel):
    """Long short-term memory: a state that gates add to, forget from and show, token by token.

    Source: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory"; Gers et al. 2000 (the forget gate)."""

    name = "lstm"

    def layer(self) -> Any:
        from torch import nn

        return nn.LSTM
