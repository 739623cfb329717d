"""The contract of each kind of component.

A component is a frozen attrs class: its fields are its settings, its class attributes its contract, its docstring its
help. Its methods build torch objects. Nothing here imports torch or polars, so that listing components is fast.
Shapes: a batch of scores is `(batch, outputs)`. Targets of the type "single-label" are class indices `(batch,)` of type
int64. Those of the type "multi-label" are a matrix `(batch, classes)`: 1 for a label that the text has, else 0.

`build` is called with keywords, and only with those of the offered arguments that its signature names: a component
leaves out what it does not use, and `**kwargs` gets all of them. Each `build` here lists what is offered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zoo_core.components.component import Component, ScoreForm, TargetType
from zoo_core.components.data_contracts import Reader, Task
from zoo_core.components.encoding.embedding import Embedding
from zoo_core.components.encoding.tokenizer import Tokenizer
from zoo_core.components.encoding.vectorizer import Vectorizer
from zoo_core.components.encoding.weighting import Weighting
from zoo_core.components.outputs.calibrator import Calibrator
from zoo_core.components.outputs.metric import Metric
from zoo_core.components.outputs.model import Model
from zoo_core.components.rows.augmenter import Augmenter
from zoo_core.components.rows.sampler import Sampler
from zoo_core.components.rows.splitter import Splitter
from zoo_core.components.steps.optimizer import Optimizer
from zoo_core.components.steps.scheduler import Scheduler

if TYPE_CHECKING:
    import torch
    from torch import nn


__all__ = [
    "Activation",
    "Augmenter",
    "Calibrator",
    "Embedding",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Reader",
    "Sampler",
    "Scheduler",
    "Splitter",
    "Task",
    "Tokenizer",
    "Vectorizer",
    "Weighting",
]


class Activation(Component):
    """A function of the scores of a layer; input and output have the same shape.

    Attributes:
        acts: `"elementwise"` if each value depends on itself alone, `"rowwise"` if on its row.
        range: The lowest and the highest value of its output.
        is_probability: `True` if each value (elementwise), or each row (rowwise), is a probability.
    """

    required_methods = ("build",)
    acts: ClassVar[Literal["elementwise", "rowwise"]]
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)
    is_probability: ClassVar[bool] = False

    def build(self) -> nn.Module:
        """A module `(batch, n) → (batch, n)`.

        Called by the `build` of the model that has it in a slot, as often as the model uses it; `forward` runs on the
        device of the model, in training and in prediction. It works at any width, keeps no state between calls, and the
        output and its gradient are finite for scores up to 1,000 in size, of +0 and -0, and that are equal."""
        raise NotImplementedError

    def output_form(self) -> ScoreForm:
        """The form of the scores after this activation, a value of `Loss.expects`.

        Called by models that have it in a slot of their output, when a recipe is checked."""
        if self.is_probability:
            return "probabilities" if self.acts == "elementwise" else "distribution"
        return "logits" if self.range == (-math.inf, math.inf) else "scores"


class Loss(Component):
    """A scalar that training minimizes.

    Attributes:
        expects: The form of the scores: `"logits"` (any number), `"probabilities"` (each value is one),
            `"distribution"` (each row sums to 1), or `"scores"` (any of them, without a meaning as a probability).
        link: How scores become probabilities: `"sigmoid"` or `"softmax"` of logits, `"identity"` (they are some),
            `"none"` (they never do), or `"own"` (by `probabilities` of the loss).
        labels: `"binary"` if it takes two classes only, else `"any"`.
        targets: The types of targets that it supports: `"single-label"`, `"multi-label"`, or both.
        supports_soft_targets: `True` if targets may be probabilities `(batch, classes)`.
        lower_bound: No value of the loss is below it; `-math.inf` if there is no bound.
    """

    required_methods = ("build",)
    build_arguments = ("class_weights", "class_counts", "targets", "positive_weights")
    expects: ClassVar[ScoreForm]
    link: ClassVar[Literal["sigmoid", "softmax", "identity", "none", "own"]]
    labels: ClassVar[Literal["binary", "any"]] = "any"
    targets: ClassVar[tuple[TargetType, ...]] = ("single-label",)
    supports_soft_targets: ClassVar[bool] = True
    lower_bound: ClassVar[float] = 0.0

    def outputs(self, num_classes: int) -> int:
        """The number of outputs that the model needs for this many classes.

        1 for the link "sigmoid", one for each class for "softmax", either for "identity" and "none", any number for
        "own". Called without data too, when a recipe is checked, with 2, 3 and 6 classes (2 of a binary loss). Not
        called for multi-label targets, for which the model has an output for each class."""
        return num_classes

    def probabilities(self, scores: torch.Tensor) -> torch.Tensor:
        """The link "own": scores `(batch, outputs)` → probabilities `(batch, classes)`, whose rows sum to 1.

        Called for each batch of an evaluation or a prediction, on the device of the scores, float32 or float64.
        Gradients are needed when a prediction is explained."""
        raise NotImplementedError

    def predict(self, scores: torch.Tensor) -> torch.Tensor:
        """The link "own": scores `(batch, outputs)` → class indices `(batch,)` int64; with this, it has no threshold.

        By default the class with the largest probability, or of two classes what the run's threshold decides. Called
        as `probabilities` is."""
        return self.probabilities(scores).argmax(dim=1)

    def has_own_prediction(self) -> bool:
        """Whether `predict` is a rule of its own, and not the largest probability or a threshold; not to be overridden.

        Called when a run is evaluated or predicts."""
        return type(self).predict is not Loss.predict

    def build(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A module of scores `(batch, outputs)` and targets `(batch,)` int64 → scalar, the mean over the batch.

        The same function in training and in evaluation mode, without state between calls. The loss and its gradient
        are finite for scores up to 1,000 in size, of +0 and -0, and that are equal; for probabilities, at 0 and 1.

        Soft targets are probabilities `(batch, classes)`. Multi-label targets are float32 `(batch, classes)`, 0 or 1,
        and the scores have an output for each class, which the loss treats by itself: the link "softmax" is then a
        sigmoid of each output. Their loss is the mean over rows and classes. Offered, by name:

        - `class_weights`: None, or `(classes,)` float32, which weigh the mean by the class of each row,
          Σ wᵣ·lᵣ / Σ wᵣ; of soft targets it may be a mean over rows, as in torch's cross-entropy. A loss that does not
          take it cannot be trained with training.class_weights.
        - `targets`: "single-label" or "multi-label", one of those that the loss declares.
        - `positive_weights`: None, or of multi-label targets `(classes,)` float32, which multiply the loss of a label
          for the rows that have it, as `pos_weight` of torch's `BCEWithLogitsLoss`. A loss that does not take it cannot
          be trained with training.positive_weights.
        - `class_counts`: the rows of each class in the training split `(classes,)`: int64, or of soft targets the sums
          of the probabilities, float32, which may be 0. They are the same when a run is evaluated on other data. A rare
          class costs at least as much as a frequent one with equal scores.

        Called once for training and once for evaluation, without `class_weights`, on the CPU; then moved to the device.
        """
        raise NotImplementedError
