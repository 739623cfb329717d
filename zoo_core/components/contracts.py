"""What a component of each kind promises.

A component is a frozen attrs class. Its fields are its settings, its class attributes are its contract, its
docstring is its help, and its methods make the torch part. Nothing here imports torch or polars, to stay light.

Shapes: a batch of scores is `(batch, outputs)`, targets are class indices `(batch,)` of type int64.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal

from zoo_core.components.component import Component, InputType, ScoreForm
from zoo_core.features.layout import Layout

if TYPE_CHECKING:
    import polars as pl
    import torch
    from torch import nn

    from zoo_core.components.examples import Examples
    from zoo_core.components.head import Head
    from zoo_core.components.protocols import Encoder, MetricAccumulator, State
    from zoo_core.components.table import Table
    from zoo_core.features.bag import Bag
    from zoo_core.features.layouts import Dense, Sequence
    from zoo_core.features.tokens import Tokens


class Activation(Component):
    """A function of a layer's scores; the shape out is the shape in."""

    required_methods = ("build",)
    acts: ClassVar[Literal["elementwise", "rowwise"]]
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)
    is_probability: ClassVar[bool] = False  # each value (elementwise) or each row (rowwise) is a probability

    def build(self) -> nn.Module:
        """A module `(batch, n) → (batch, n)`."""
        raise NotImplementedError

    def output_form(self) -> ScoreForm:
        """What scores become after this activation, in the words of `Loss.expects`."""
        if self.is_probability:
            return "probabilities" if self.acts == "elementwise" else "distribution"
        return "logits" if self.range == (-math.inf, math.inf) else "scores"


class Loss(Component):
    """A scalar that training makes small."""

    required_methods = ("build",)
    expects: ClassVar[ScoreForm]
    link: ClassVar[Literal["sigmoid", "softmax", "identity", "none"]]  # scores → probabilities; see Head
    labels: ClassVar[Literal["binary", "any"]] = "any"
    supports_soft_targets: ClassVar[bool] = True  # targets may be probabilities
    lower_bound: ClassVar[float] = 0.0  # it is never below this; -inf where it has no bound

    def outputs(self, num_classes: int) -> int:
        """How many outputs the model needs for this many classes."""
        return num_classes

    def build(self, *, class_weights: torch.Tensor | None) -> nn.Module:
        """A module of scores `(batch, outputs)` and targets `(batch,)` int64 → scalar, the batch's mean.

        Targets may also be probabilities `(batch, classes)`, unless `takes_soft` is False. `class_weights` is
        `(classes,)`: each row counts by the weight of its class, and the mean is over the weights, Σ wᵣ·lᵣ / Σ wᵣ. Of
        probabilities it may be over the rows, as it is in torch's cross-entropy.
        """
        raise NotImplementedError


class Model(Component):
    """Features → scores `(batch, outputs)`; the second axis is always there."""

    required_methods = ("build",)
    accepts: ClassVar[tuple[Layout, ...]]
    sparse_gradients: ClassVar[bool] = False

    def output_form(self) -> ScoreForm:
        """What its scores are, in the words of `Loss.expects`."""
        return "logits"

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        """A module of one of the layouts it accepts → `(batch, num_outputs)`."""
        raise NotImplementedError


class Vectorizer(Component):
    """Texts → features, learned from the training split alone."""

    required_methods = ("fit", "restore")
    layout: ClassVar[Layout]
    input_type: ClassVar[InputType] = "text"
    has_feature_names: ClassVar[bool] = True  # each feature has a name a person can read

    def tokenize(self, texts: pl.Series) -> pl.Series:
        """Normalized texts → a column of lists of tokens, each text's from itself alone; empty tokens are left out.

        Whole columns in native code, at a space unless this is overridden. It is done once for all splits.
        """
        return texts.str.split(" ")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        """Learn from the training split: tokens and class indices `(rows,)`."""
        raise NotImplementedError

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag | Dense | Sequence]:
        """`fit`, and what its encoder makes of the same tokens: to override where both together are quicker."""
        encoder = self.fit(tokens, labels)
        return encoder, encoder.transform(tokens)

    def restore(self, state: State) -> Encoder:
        """The encoder whose `state()` this was. The state comes from a file: trust nothing in it."""
        raise NotImplementedError


class Weighting(Component):
    """A vectorizer's slot: how often a feature stands in a text → its weight there, `local(count) · scale[feature]`."""

    required_methods = ("local_weights",)
    needs_labels: ClassVar[bool] = False  # its scale is learned from the labels, too
    needs_counts: ClassVar[bool] = True  # it asks how often a feature stands in a text: else it gets ones

    def global_weights(self, counts: Bag, labels: torch.Tensor) -> torch.Tensor | None:
        """A factor for each feature `(width,)` float32, learned from the training split; None for ones.

        `counts` holds each feature of a row once, weighed by how often if it `needs_counts`; `labels` is `(rows,)`.
        """
        return None

    def local_weights(self, counts: torch.Tensor) -> torch.Tensor:
        """How often features stand in a text `(entries,)` float32, 1 or more → weights `(entries,)`."""
        raise NotImplementedError


class Optimizer(Component):
    """The rule that moves parameters along their gradients."""

    required_methods = ("build",)
    supports_sparse_gradients: ClassVar[bool] = False

    def accepts_sparse_gradients(self) -> bool:
        """Whether it takes sparse gradients with these settings."""
        return self.supports_sparse_gradients

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The torch optimizer of these parameters."""
        raise NotImplementedError


class Scheduler(Component):
    """The rule that changes the learning rate as training goes on."""

    required_methods = ("build",)
    interval: ClassVar[Literal["never", "batch", "epoch"]]
    needs_metric: ClassVar[bool] = False  # its step takes the validation figure, lower being better
    never_increases: ClassVar[bool] = False  # the rate never rises

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        """An object with `step()` or, where it needs the figure, `step(figure)`, and torch's state methods."""
        raise NotImplementedError


class Metric(Component):
    """A figure over a split."""

    required_methods = ("build",)
    response: ClassVar[Literal["labels", "probabilities"]]  # what `update` is given as `predicted`
    higher_is_better: ClassVar[bool]
    is_accuracy: ClassVar[bool] = False  # it is the share of rows labeled right, which McNemar's test compares

    def build(self, head: Head) -> MetricAccumulator:
        """A measure for these classes, with nothing taken yet."""
        raise NotImplementedError


class Reader(Component):
    """A file format → a table of strings."""

    required_methods = ("sniff", "read")
    suffixes: ClassVar[tuple[str, ...]]
    binary: ClassVar[bool] = False  # it is given a file's bytes as they are, not text in UTF-8
    exclusive: ClassVar[bool] = False  # what it recognizes is nothing else, whatever the file's name says
    fallback: ClassVar[bool] = False  # it takes any text, so that its recognizing one says nothing

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins so (64 KiB at most, without a byte-order mark) is of this format."""
        raise NotImplementedError

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        """Every column as strings, no nulls. Faults are `DataError`s whose `where` is a line number."""
        raise NotImplementedError

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        """Of text that begins as a file does: `(heading, end)`, so many bytes hold what later rows cannot be read
        without (a header, the first record), and so many are whole rows. With it a file is read in pieces: later ones
        are read behind the heading, and the rows that it makes by itself are then taken off.

        `(0, 0)` where that cannot be told: more is read, all of the file in the end. Needs `line`, too.
        """
        return 0, 0

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        """The line (from 1) on which a row (from 0) of `read` begins, to tell of a fault; 0 where it is on none."""
        return 0


class Task(Component):
    """What the columns of a table mean, and how a text is made plain before it is cut into tokens."""

    required_methods = ("read", "texts", "normalize")
    has_sample: ClassVar[bool] = False  # it brings example data of its own
    output_type: ClassVar[InputType] = "text"

    def has_soft_targets(self) -> bool:
        """Whether, as set, it reads a probability for each class in place of a label."""
        return False

    def read(self, table: Table) -> Examples:
        """Texts, labels and splits of a table."""
        raise NotImplementedError

    def reads_rows_independently(self) -> bool:
        """Whether, as set, it reads a row the same alone as in a table: then no training holds all texts at once."""
        return False

    def texts(self, table: Table) -> pl.Series:
        """Only the texts: what a prediction needs. Every row of the table, in order."""
        raise NotImplementedError

    def text_columns(self, table: Table) -> tuple[str, ...]:
        """The names of the columns of texts: the setting `text`, unless overridden; () if there are none."""
        text = getattr(self, "text", ())
        return (text,) if isinstance(text, str) else text if isinstance(text, tuple) else ()

    def label_column(self, table: Table) -> str:
        """The name of the column of labels: the setting `label`, unless overridden; "" if there is none."""
        return self._column_setting("label")

    def split_column(self, table: Table) -> str:
        """The name of the column of splits: the setting `split`, unless overridden; "" if there is none."""
        return self._column_setting("split")

    def _column_setting(self, name: str) -> str:
        value = getattr(self, name, "")
        return value if isinstance(value, str) else ""

    def normalize(self, texts: pl.Series) -> pl.Series:
        """Each text made plain, row for row."""
        raise NotImplementedError

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        """Synthetic example data, where `has_sample`; the same rows for the same seed."""
        raise NotImplementedError
