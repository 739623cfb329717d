"""The contract of each kind of component.

A component is a frozen attrs class: its fields are its settings, its class attributes its contract, its docstring its
help. Its methods build torch objects. Nothing here imports torch or polars, so that listing components is fast.
Shapes: a batch of scores is `(batch, outputs)`, targets are class indices `(batch,)` of type int64.

`build` is called with keywords, and only with those of the offered arguments that its signature names: a component
leaves out what it does not use, and `**kwargs` gets all of them. Each `build` here lists what is offered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zoo_core.components.component import Component, InputType, ScoreForm
from zoo_core.components.data_contracts import Reader, Task
from zoo_core.components.rows.augmenter import Augmenter
from zoo_core.components.rows.sampler import Sampler
from zoo_core.components.rows.splitter import Splitter
from zoo_core.features.layout_names import Layout

if TYPE_CHECKING:
    import polars as pl
    import torch
    from torch import nn

    from zoo_core.components.head import Head
    from zoo_core.components.protocols import Encoder, MetricAccumulator, State
    from zoo_core.features.bag import Bag
    from zoo_core.features.layouts import Dense, Sequence
    from zoo_core.features.tokens import Tokens

__all__ = [
    "Activation",
    "Augmenter",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Reader",
    "Sampler",
    "Scheduler",
    "Splitter",
    "Task",
    "Vectorizer",
    "Weighting",
]


class Activation(Component):
    """A function of the scores of a layer; input and output have the same shape."""

    required_methods = ("build",)
    acts: ClassVar[Literal["elementwise", "rowwise"]]
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)
    is_probability: ClassVar[bool] = False  # each value (elementwise) or each row (rowwise) is a probability

    def build(self) -> nn.Module:
        """A module `(batch, n) → (batch, n)`."""
        raise NotImplementedError

    def output_form(self) -> ScoreForm:
        """The form of the scores after this activation, a value of `Loss.expects`."""
        if self.is_probability:
            return "probabilities" if self.acts == "elementwise" else "distribution"
        return "logits" if self.range == (-math.inf, math.inf) else "scores"


class Loss(Component):
    """A scalar that training minimizes."""

    required_methods = ("build",)
    build_arguments = ("class_weights", "class_counts")
    expects: ClassVar[ScoreForm]
    link: ClassVar[Literal["sigmoid", "softmax", "identity", "none", "own"]]  # scores → probabilities; see Head
    labels: ClassVar[Literal["binary", "any"]] = "any"
    supports_soft_targets: ClassVar[bool] = True  # targets may be probabilities
    lower_bound: ClassVar[float] = 0.0  # no value is below it; -inf if there is no bound

    def outputs(self, num_classes: int) -> int:
        """The number of outputs that the model needs for this many classes.

        1 for the link "sigmoid", one for each class for "softmax", either for "identity" and "none", any number for
        "own". Called without data too, when a recipe is checked, with 2, 3 and 6 classes (2 of a binary loss)."""
        return num_classes

    def probabilities(self, scores: torch.Tensor) -> torch.Tensor:
        """The link "own": scores `(batch, outputs)` → probabilities `(batch, classes)`, whose rows sum to 1.

        The scores are float32 or float64. Gradients are needed when a prediction is explained."""
        raise NotImplementedError

    def predict(self, scores: torch.Tensor) -> torch.Tensor:
        """The link "own": scores `(batch, outputs)` → class indices `(batch,)` int64; with this, it has no threshold.

        By default the class with the largest probability, or of two classes what the run's threshold decides."""
        return self.probabilities(scores).argmax(dim=1)

    def has_own_prediction(self) -> bool:
        """Whether it predicts by a rule of its own, and not by the largest probability or a threshold."""
        return type(self).predict is not Loss.predict

    def build(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A module of scores `(batch, outputs)` and targets `(batch,)` int64 → scalar, the mean over the batch.

        Soft targets are probabilities `(batch, classes)`. Offered, by name:

        - `class_weights`: None, or `(classes,)` float32, which weigh the mean by the class of each row,
          Σ wᵣ·lᵣ / Σ wᵣ; of soft targets it may be a mean over rows, as in torch's cross-entropy. A loss that does not
          take it cannot be trained with training.class_weights.
        - `class_counts`: the rows of each class in the training split `(classes,)`: int64, or of soft targets the sums
          of the probabilities, float32. They are the same when a run is evaluated on other data.

        Called once for training and once for evaluation, without `class_weights`, on the CPU; then moved to the device.
        """
        raise NotImplementedError


class Model(Component):
    """Features → scores `(batch, outputs)`, always with two axes."""

    required_methods = ("build",)
    build_arguments = ("num_features", "num_outputs", "feature_names")
    accepts: ClassVar[tuple[Layout, ...]]
    sparse_gradients: ClassVar[bool] = False

    def output_form(self) -> ScoreForm:
        """The form of its scores, a value of `Loss.expects`."""
        return "logits"

    def accepted_layouts(self) -> tuple[Layout, ...]:
        """The layouts that it accepts with these settings and slots; `accepts` by default."""
        return self.accepts

    def has_sparse_gradients(self) -> bool:
        """Whether its gradients are sparse with these settings and slots; `sparse_gradients` by default."""
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


class Vectorizer(Component):
    """Texts → features, fitted on the training split only."""

    required_methods = ("fit", "restore")
    layout: ClassVar[Layout]
    input_type: ClassVar[InputType] = "text"
    has_feature_names: ClassVar[bool] = True  # each feature has a readable name

    def tokenize(self, texts: pl.Series) -> pl.Series:
        """Normalized texts → a column of lists of tokens, each text by itself, without empty tokens.

        The default splits whole columns at spaces, in native code. All splits are tokenized once."""
        return texts.str.split(" ")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        """Fit on the training split: tokens and class indices `(rows,)`."""
        raise NotImplementedError

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag | Dense | Sequence]:
        """`fit`, then transform the same tokens: override it if doing both together is faster."""
        encoder = self.fit(tokens, labels)
        return encoder, encoder.transform(tokens)

    def restore(self, state: State) -> Encoder:
        """Rebuild an encoder from its `state()`. The state comes from a file: validate all of it."""
        raise NotImplementedError


class Weighting(Component):
    """The weight of a feature in a text, `local_weights(count) · global_weights[feature]`; a slot of vectorizers."""

    required_methods = ("local_weights",)
    needs_labels: ClassVar[bool] = False  # `global_weights` uses the labels
    needs_counts: ClassVar[bool] = True  # it uses the count of a feature in a text, else all counts are 1

    def global_weights(self, counts: Bag, labels: torch.Tensor) -> torch.Tensor | None:
        """A factor for each feature `(width,)` float32, fitted on the training split; None for ones.

        `counts` has each feature of a row once; `labels` is `(rows,)`."""
        return None

    def local_weights(self, counts: torch.Tensor) -> torch.Tensor:
        """Counts of features in a text `(entries,)` float32, at least 1 → weights `(entries,)`."""
        raise NotImplementedError


class Optimizer(Component):
    """The rule that updates parameters from their gradients."""

    required_methods = ("build",)
    build_arguments = ("parameters", "named_parameters")
    supports_sparse_gradients: ClassVar[bool] = False
    needs_closure: ClassVar[bool] = False  # `step` takes a function that computes the gradients and returns the loss

    def accepts_sparse_gradients(self) -> bool:
        """Whether it supports sparse gradients with these settings."""
        return self.supports_sparse_gradients

    def build(self, *args: Any, **kwargs: Any) -> torch.optim.Optimizer:
        """The torch optimizer of the parameters of a model that require a gradient.

        Offered, by name: `parameters`, a list of them, and `named_parameters`, a list of pairs of the name in the
        module and the parameter, for groups with settings of their own: no decay of biases, rates by layer. Called once
        for the preflight check, and once before the first step, when the module is on its device."""
        raise NotImplementedError


class Scheduler(Component):
    """The rule that changes the learning rate during training."""

    required_methods = ("build",)
    build_arguments = ("optimizer", "epochs", "steps_per_epoch")
    interval: ClassVar[Literal["never", "batch", "epoch"]]
    needs_metric: ClassVar[bool] = False  # `step` takes the monitored metric, lower is better
    never_increases: ClassVar[bool] = False  # the learning rate never increases

    def build(self, *args: Any, **kwargs: Any) -> Any:
        """An object with `step()`, or `step(metric)` if it `needs_metric`, and the state methods of torch.

        Offered, by name: `optimizer`, the torch optimizer; `epochs`, the largest number of epochs; `steps_per_epoch`,
        the batches of an epoch. Called once before the first step, and once for the preflight check."""
        raise NotImplementedError


class Metric(Component):
    """A number that evaluates a split."""

    required_methods = ("build",)
    build_arguments = ("head",)
    response: ClassVar[Literal["labels", "probabilities"]]  # what `update` gets as `predicted`
    higher_is_better: ClassVar[bool]
    is_accuracy: ClassVar[bool] = False  # the share of correct labels, which McNemar's test compares
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)  # the lowest and the highest value

    def build(self, head: Head) -> MetricAccumulator:
        """An empty accumulator for these classes."""
        raise NotImplementedError
