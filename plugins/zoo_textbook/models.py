"""Perceptron and multilayer perceptron. Their torch modules are in `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Activation, Model, setting, slot
from zoo_core.components.component import ScoreForm
from zoo_core.components.validators import Bounds, at_least_one, not_empty

if TYPE_CHECKING:
    from torch import nn


@frozen
class Perceptron(Model):
    """y = f(w·x + b): a weighted sum of the features and an activation, the simplest neural unit.

    With `output = "identity"` the loss applies the sigmoid or softmax (bce-with-logits, cross-entropy). With
    `output = "sigmoid"` the perceptron does, for a loss that expects probabilities (bce).

    Source: Rao & McMahan, sections 3.1 and 3.6."""

    name = "perceptron"
    accepts = ("bag", "dense")
    output: Activation = slot("identity", "activation f of the output")

    def output_form(self) -> ScoreForm:
        return self.output.output_form()

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_textbook.modules import PerceptronModule

        return PerceptronModule(num_features, num_outputs, self.output.build())


@frozen
class MLP(Model):
    """Multilayer perceptron, W₂·f(W₁·x + b₁) + b₂, with one or more hidden layers.

    Source: Rao & McMahan, section 4.1; dropout: section 4.2 (Srivastava et al. 2014)."""

    name = "mlp"
    accepts = ("bag", "dense")
    hidden: tuple[int, ...] = setting((100,), "units of each hidden layer", not_empty, at_least_one)
    dropout: float = setting(0.0, "share of hidden units dropped in training", Bounds(ge=0, lt=1))
    activation: Activation = slot("relu", "activation f after each hidden layer", where={"acts": "elementwise"})

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_textbook.modules import MLPModule

        activations = [self.activation.build() for _ in self.hidden]
        return MLPModule(num_features, self.hidden, num_outputs, activations, self.dropout)
