"""The contract of each kind of component.

A component is a frozen attrs class: its fields are its settings, its class attributes its contract, its docstring its
help. Its methods build torch objects. Nothing here imports torch or polars, so that listing components is fast.
Shapes: a batch of scores is `(batch, outputs)`, targets are class indices `(batch,)` of type int64."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal

from zoo_core.components.component import Component, InputType, ScoreForm
from zoo_core.features.layout_names import Layout

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
    expects: ClassVar[ScoreForm]
    link: ClassVar[Literal["sigmoid", "softmax", "identity", "none"]]  # scores → probabilities; see Head
    labels: ClassVar[Literal["binary", "any"]] = "any"
    supports_soft_targets: ClassVar[bool] = True  # targets may be probabilities
    lower_bound: ClassVar[float] = 0.0  # no value is below it; -inf if there is no bound

    def outputs(self, num_classes: int) -> int:
        """The number of outputs that the model needs for this many classes."""
        return num_classes

    def build(self, *, class_weights: torch.Tensor | None = None) -> nn.Module:
        """A module of scores `(batch, outputs)` and targets `(batch,)` int64 → scalar, the mean over the batch.

        Soft targets are probabilities `(batch, classes)`. `class_weights` `(classes,)` weigh the mean by the class of
        each row, Σ wᵣ·lᵣ / Σ wᵣ; of soft targets it may be a mean over rows, as in torch's cross-entropy."""
        raise NotImplementedError


class Model(Component):
    """Features → scores `(batch, outputs)`, always with two axes."""

    required_methods = ("build",)
    accepts: ClassVar[tuple[Layout, ...]]
    sparse_gradients: ClassVar[bool] = False

    def output_form(self) -> ScoreForm:
        """The form of its scores, a value of `Loss.expects`."""
        return "logits"

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        """A module of features in one of the accepted layouts → `(batch, num_outputs)`."""
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
    supports_sparse_gradients: ClassVar[bool] = False

    def accepts_sparse_gradients(self) -> bool:
        """Whether it supports sparse gradients with these settings."""
        return self.supports_sparse_gradients

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The torch optimizer of these parameters."""
        raise NotImplementedError


class Scheduler(Component):
    """The rule that changes the learning rate during training."""

    required_methods = ("build",)
    interval: ClassVar[Literal["never", "batch", "epoch"]]
    needs_metric: ClassVar[bool] = False  # `step` takes the monitored metric, lower is better
    never_increases: ClassVar[bool] = False  # the learning rate never increases

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        """An object with `step()`, or `step(metric)` if it `needs_metric`, and the state methods of torch."""
        raise NotImplementedError


class Metric(Component):
    """A number that evaluates a split."""

    required_methods = ("build",)
    response: ClassVar[Literal["labels", "probabilities"]]  # what `update` gets as `predicted`
    higher_is_better: ClassVar[bool]
    is_accuracy: ClassVar[bool] = False  # the share of correct labels, which McNemar's test compares
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)  # the lowest and the highest value

    def build(self, head: Head) -> MetricAccumulator:
        """An empty accumulator for these classes."""
        raise NotImplementedError


class Reader(Component):
    """A file format → a table of strings."""

    required_methods = ("sniff", "read")
    suffixes: ClassVar[tuple[str, ...]]
    binary: ClassVar[bool] = False  # it gets the bytes of a file unchanged, not UTF-8 text
    exclusive: ClassVar[bool] = False  # what it recognizes has no other format, whatever the suffix
    fallback: ClassVar[bool] = False  # it recognizes any text, so it is tried last

    def sniff(self, head: bytes) -> bool:
        """Whether a file with this head (at most 64 KiB, without a byte-order mark) has this format."""
        raise NotImplementedError

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        """Every column as strings without nulls; DataError with a line number as `where` for invalid data."""
        raise NotImplementedError

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        """Byte offsets in the start of a file, `(heading, end)`, with which it is read in chunks; `(0, 0)` if unknown.

        Every chunk is read behind the heading (a header, the first record), whose own rows are dropped again; `end`
        is the end of the last complete row. A reader that defines it must define `line_of_row`."""
        return 0, 0

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        """The line (from 1) on which a row (from 0) of `read` starts, for messages; 0 if unknown."""
        return 0


class Task(Component):
    """The meaning of the columns of a table, and the normalization of texts."""

    required_methods = ("read", "texts", "normalize")
    has_sample: ClassVar[bool] = False  # it has example data
    output_type: ClassVar[InputType] = "text"

    def has_soft_targets(self) -> bool:
        """Whether it reads a probability for each class instead of a label, with these settings."""
        return False

    def read(self, table: Table) -> Examples:
        """The texts, labels and splits of a table."""
        raise NotImplementedError

    def reads_rows_independently(self) -> bool:
        """Whether each row is read independently of the others: then a file is read and tokenized in chunks."""
        return False

    def used_columns(self, columns: list[str]) -> Collection[str]:
        """The columns that `read` and `texts` use, of those of a file: the others are not read. All by default."""
        return columns

    def texts(self, table: Table) -> pl.Series:
        """The texts for a prediction: every row of the table, in order."""
        raise NotImplementedError

    def text_columns(self, table: Table) -> tuple[str, ...]:
        """The names of the columns of texts: the setting `text`, unless overridden; () if there are none."""
        text = getattr(self, "text", ())
        return (text,) if isinstance(text, str) else text if isinstance(text, tuple) else ()

    def label_column(self, table: Table) -> str:
        """The name of the column of labels: the setting `label`, unless overridden; "" if there is none."""
        return str(getattr(self, "label", ""))

    def split_column(self, table: Table) -> str:
        """The name of the column of splits: the setting `split`, unless overridden; "" if there is none."""
        return str(getattr(self, "split", ""))

    def normalize(self, texts: pl.Series) -> pl.Series:
        """The normalized texts, each by itself."""
        raise NotImplementedError

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        """Synthetic example data, if `has_sample`; the same rows for the same seed."""
        raise NotImplementedError
