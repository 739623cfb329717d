"""Convolutional models of sequences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Activation, Problem, setting, slot
from zoo_core.components.validators import Bounds, at_least_one, not_empty
from zoo_sequences.models.sequence_model import (
    WORDS_OF_HIDDEN,
    WORDS_OF_POOLING,
    SequenceModel,
    build_classifier,
)

if TYPE_CHECKING:
    from torch import nn

window_size = Bounds(ge=1, le=100)
MAX_FIELD, MIN_KERNEL = 10_000, 2
MAX_SHOWN = 10**12


def field_of_view(kernel: int, strides: Sequence[int]) -> tuple[int, int]:
    """The tokens that one value of the last of several convolutions sees, and the tokens from one value to the next."""
    field, step = 1, 1
    for stride in strides:
        field, step = field + (kernel - 1) * step, step * stride
    return field, step


def _shown(tokens: int) -> str:
    """A number of tokens, which may have more digits than a line."""
    return f"{tokens:,}" if tokens < MAX_SHOWN else f"more than {MAX_SHOWN:,}"


@frozen
class CNN(SequenceModel):
    """Convolutions over windows of several sizes, the maximum of each channel over the text, and a linear layer.

    A window never reaches beyond a text, unless the text is shorter than the window.

    Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification"; without its limit of the norm of the
    last weights, which `optimizer.weight_decay` takes the place of."""

    name = "cnn"
    windows: tuple[int, ...] = setting((3, 4, 5), "places of each window", not_empty, window_size)
    channels: int = setting(100, "channels of each window", at_least_one)
    pooling: Literal["last", "mean", "max", "attention"] = setting("max", WORDS_OF_POOLING)
    hidden: tuple[int, ...] = setting((), WORDS_OF_HIDDEN, at_least_one)
    dropout: float = setting(0.5, "share of the pooled and hidden values dropped in training", Bounds(ge=0, lt=1))
    activation: Activation = slot("relu", "activation of channels and hidden layers", where={"acts": "elementwise"})

    def build(self, *, num_features: int, num_outputs: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from zoo_sequences.modules.convolutional import ConvolutionModule

        embedding, size = self.build_embedding(num_features, feature_names)
        pooled = len(self.windows) * self.channels
        classifier = build_classifier(pooled, self.hidden, num_outputs, self.activation, self.dropout)
        activation = self.activation.build()
        return ConvolutionModule(embedding, size, self.windows, self.channels, self.pooling, activation, classifier)


@frozen
class ConvStack(SequenceModel):
    """Convolutions one after another, some with strides, and the mean over what is left of the text.

    With the embedding `one-hot`, no hidden layer and no dropout it is the textbook's CNN of surnames; with a learned
    embedding, a hidden layer of 100 and dropout 0.1 its CNN of news.

    Source: Rao & McMahan, sections 4.3 and 4.4 (surnames), 4.5 (batch normalization) and 5.3 (AG News)."""

    name = "conv-stack"
    channels: int = setting(100, "channels of each layer", at_least_one)
    kernel: int = setting(3, "places of a window", Bounds(ge=1, le=20))
    strides: tuple[int, ...] = setting((1, 2, 2, 1), "step of the window, of each layer", not_empty, Bounds(ge=1, le=4))
    pooling: Literal["last", "mean", "max", "attention"] = setting("mean", WORDS_OF_POOLING)
    norm: Literal["none", "batch", "layer"] = setting("none", "normalization after each activation")
    hidden: tuple[int, ...] = setting((), WORDS_OF_HIDDEN, at_least_one)
    dropout: float = setting(0.0, "share of the pooled and hidden values dropped in training", Bounds(ge=0, lt=1))
    activation: Activation = slot("elu", "activation of channels", where={"acts": "elementwise"})
    hidden_activation: Activation = slot("relu", "activation of hidden layers", where={"acts": "elementwise"})

    def check(self) -> Iterator[Problem]:
        field, step = field_of_view(self.kernel, self.strides)
        if field > MAX_FIELD:
            setting = "kernel" if field_of_view(MIN_KERNEL, self.strides)[0] <= MAX_FIELD else "strides"
            yield Problem(
                f"a value of the last layer would see {_shown(field)} tokens, at most {MAX_FIELD:,}", setting=setting
            )
        elif step > MAX_FIELD:
            message = f"there would be a value for {_shown(step)} tokens, at most {MAX_FIELD:,}"
            yield Problem(message, setting="strides")

    def build(self, *, num_features: int, num_outputs: int, feature_names: Sequence[str] = ()) -> nn.Module:
        from zoo_sequences.modules.convolutional import ConvolutionStack

        embedding, size = self.build_embedding(num_features, feature_names)
        activations = [self.activation.build() for _ in self.strides]
        classifier = build_classifier(self.channels, self.hidden, num_outputs, self.hidden_activation, self.dropout)
        return ConvolutionStack(
            embedding,
            size,
            self.kernel,
            self.strides,
            field_of_view(self.kernel, self.strides),
            self.channels,
            self.pooling,
            self.norm,
            activations,
            classifier,
        )
