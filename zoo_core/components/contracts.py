"""The contract of each kind of component.

A component is a frozen attrs class: its fields are its settings, its class attributes its contract, its docstring its
help. Its methods build torch objects. Nothing here imports torch or polars, so that listing components is fast.
Shapes: a batch of scores is `(batch, outputs)`. Targets of the type "single-label" are class indices `(batch,)` of type
int64. Those of the type "multi-label" are a matrix `(batch, classes)`: 1 for a label that the text has, else 0.

`build` is called with keywords, and only with those of the offered arguments that its signature names: a component
leaves out what it does not use, and `**kwargs` gets all of them. Each `build` here lists what is offered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zoo_core.components.component import ANY_TARGETS, Component, ScoreForm, TargetType
from zoo_core.components.data_contracts import Reader, Task
from zoo_core.components.encoding.embedding import Embedding
from zoo_core.components.encoding.tokenizer import Tokenizer
from zoo_core.components.encoding.vectorizer import Vectorizer
from zoo_core.components.encoding.weighting import Weighting
from zoo_core.components.outputs.calibrator import Calibrator
from zoo_core.components.outputs.metric import Metric
from zoo_core.components.rows.augmenter import Augmenter
from zoo_core.components.rows.sampler import Sampler
from zoo_core.components.rows.splitter import Splitter
from zoo_core.components.steps.optimizer import Optimizer
from zoo_core.components.steps.scheduler import Scheduler
from zoo_core.features.layout_names import Layout

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from zoo_core.components.head import Head
    from zoo_core.components.protocols import StartReport
    from zoo_core.features.batches import EncodedSplit

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


class Model(Component):
    """Features → scores `(batch, outputs)`, always with two axes.

    Attributes:
        accepts: The layouts of features that it takes: some of `"bag"`, `"sequence"` and `"dense"`.
        sparse_gradients: `True` if a gradient of its parameters is sparse, so that the optimizer must support it.
        targets: The types of targets that `finish` supports.
    """

    required_methods = ("build",)
    build_arguments = ("num_features", "num_outputs", "feature_names")
    accepts: ClassVar[tuple[Layout, ...]]
    sparse_gradients: ClassVar[bool] = False
    targets: ClassVar[tuple[TargetType, ...]] = ANY_TARGETS

    def output_form(self) -> ScoreForm:
        """The form of its scores, a value of `Loss.expects`.

        Called when a recipe is checked, as the two methods below are."""
        return "logits"

    def accepted_layouts(self) -> tuple[Layout, ...]:
        """The layouts that it accepts with these settings and slots; `accepts` by default.

        Called when a recipe is checked; a model with a model in a slot returns those of the slot."""
        return self.accepts

    def has_sparse_gradients(self) -> bool:
        """Whether its gradients are sparse with these settings and slots; `sparse_gradients` by default.

        Called when a recipe is checked."""
        return self.sparse_gradients

    def build(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A module of features in one of the accepted layouts → `(batch, num_outputs)`.

        Offered, by name:

        - `num_features`, `num_outputs`: the sizes of its input and its output.
        - `feature_names`: a sequence of the encoder's feature names, `num_features` long, empty if features have no
          names. The names are made when they are first used, so that a model that does not use them costs nothing.

        Called with a seeded generator, on the CPU: once for training and once when a run is opened, which then loads
        the weights of the run; before each also on the device "meta", to compare shapes without allocating memory."""
        raise NotImplementedError

    def start(self, module: nn.Module, *, train: EncodedSplit, feature_names: Sequence[str]) -> StartReport:
        """Change the built module, in place, by data from outside, as pretrained vectors; nothing by default.

        `train` is the encoded training split, `feature_names` are those of `build`. Weights keep their names, shapes
        and types. What is drawn at random comes from torch's generator, which is seeded.

        Returns a short report of plain values by name, in the words of users, as the file, its hash, and how many words
        it has: `result.json` stores it, and `zoo train` prints it. Called once, before the first epoch, on the device
        of the training and without gradients; not when a training is resumed from a checkpoint, and not when a run is
        opened, which needs no data from outside. Raises RecipeError, DataError or InputOutputError for what users must
        change."""
        return {}

    def finish(
        self, module: nn.Module, *, train: EncodedSplit, val: EncodedSplit, head: Head, class_weights: Tensor | None
    ) -> None:
        """Change the trained module, in place, by what the training and the validation split say; nothing by default.

        `class_weights` are what a row of each class counted in training, `(classes,)` float32: its weight in the loss
        times how often the sampler draws it, so that the mean over the training rows is 1; None if all rows counted
        alike. A class without training rows may have the weight 0. What is fitted to rows here weighs them in the same
        way.

        Called once, after the last epoch, with the best weights and without gradients, before the run is calibrated
        and evaluated."""
