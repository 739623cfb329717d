"""What a component of each kind promises.

A component is a frozen attrs class. Its fields are its settings, its class attributes are its contract, its
docstring is its help, and its methods make the torch part. Nothing here imports torch or polars, to stay light.

Shapes: a batch of scores is `(batch, outputs)`, targets are class indices `(batch,)` of type int64.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal

from zoo_core.components.component import Component, Form, Matter
from zoo_core.features.layout import Layout

if TYPE_CHECKING:
    import polars as pl
    import torch
    from torch import nn

    from zoo_core.components.examples import Examples
    from zoo_core.components.head import Head
    from zoo_core.components.protocols import Encoder, Measure, State
    from zoo_core.components.table import Table
    from zoo_core.features.bag import Bag
    from zoo_core.features.layouts import Dense, Sequence
    from zoo_core.features.tokens import Tokens


class Activation(Component):
    """A function of a layer's scores; the shape out is the shape in."""

    acts: ClassVar[Literal["elementwise", "rowwise"]]
    range: ClassVar[tuple[float, ...]] = (-math.inf, math.inf)
    probability: ClassVar[bool] = False  # each value (elementwise) or each row (rowwise) is a probability

    def build(self) -> nn.Module:
        """A module `(batch, n) → (batch, n)`."""
        raise NotImplementedError

    def form(self) -> Form:
        """What scores become after this activation, in the words of `Loss.wants`."""
        if self.probability:
            return "probabilities" if self.acts == "elementwise" else "distribution"
        return "logits" if self.range == (-math.inf, math.inf) else "scores"


class Loss(Component):
    """A scalar that training makes small."""

    wants: ClassVar[Form]
    link: ClassVar[Literal["sigmoid", "softmax", "identity", "none"]]  # scores → probabilities; see Head
    labels: ClassVar[Literal["binary", "any"]] = "any"
    takes_soft: ClassVar[bool] = True  # targets may be probabilities
    least: ClassVar[float] = 0.0  # it is never below this; -inf where it has no bound

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

    accepts: ClassVar[tuple[Layout, ...]]
    sparse_gradients: ClassVar[bool] = False

    def emits(self) -> Form:
        """What its scores are, in the words of `Loss.wants`."""
        return "logits"

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        """A module of one of the layouts it accepts → `(batch, num_outputs)`."""
        raise NotImplementedError


class Vectorizer(Component):
    """Texts → features, learned from the training split alone."""

    emits: ClassVar[Layout]
    takes: ClassVar[Matter] = "text"
    readable: ClassVar[bool] = True  # each feature has a name a person can read

    def cut(self, texts: pl.Series) -> pl.Series:
        """Normalised texts → a column of lists of tokens, each text's from itself alone; empty tokens are left out.

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

    needs_labels: ClassVar[bool] = False  # its scale is learned from the labels, too
    needs_counts: ClassVar[bool] = True  # it asks how often a feature stands in a text: else it gets ones

    def scale(self, counts: Bag, labels: torch.Tensor) -> torch.Tensor | None:
        """A factor for each feature `(width,)` float32, learned from the training split; None for ones.

        `counts` holds each feature of a row once, weighed by how often if it `needs_counts`; `labels` is `(rows,)`.
        """
        return None

    def local(self, counts: torch.Tensor) -> torch.Tensor:
        """How often features stand in a text `(entries,)` float32, 1 or more → weights `(entries,)`."""
        raise NotImplementedError


class Optimizer(Component):
    """The rule that moves parameters along their gradients."""

    accepts_sparse: ClassVar[bool] = False

    def takes_sparse(self) -> bool:
        """Whether it takes sparse gradients with these settings."""
        return self.accepts_sparse

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The torch optimizer of these parameters."""
        raise NotImplementedError


class Scheduler(Component):
    """The rule that changes the learning rate as training goes on."""

    steps: ClassVar[Literal["never", "batch", "epoch"]]
    needs_figure: ClassVar[bool] = False  # its step takes the validation figure, lower being better
    falls: ClassVar[bool] = False  # the rate never rises

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        """An object with `step()` or, where it needs the figure, `step(figure)`, and torch's state methods."""
        raise NotImplementedError


class Metric(Component):
    """A figure over a split."""

    needs: ClassVar[Literal["labels", "probabilities"]]  # what `update` is given as `predicted`
    better: ClassVar[Literal["higher", "lower"]]
    counts_hits: ClassVar[bool] = False  # it is the share of rows labelled right, which McNemar's test compares

    def build(self, head: Head) -> Measure:
        """A measure for these classes, with nothing taken yet."""
        raise NotImplementedError


class Reader(Component):
    """A file format → a table of strings."""

    suffixes: ClassVar[tuple[str, ...]]
    binary: ClassVar[bool] = False  # it is given a file's bytes as they are, not text in UTF-8
    specific: ClassVar[bool] = False  # what it recognises is nothing else, whatever the file's name says
    fallback: ClassVar[bool] = False  # it takes any text, so that its recognising one says nothing

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins so (64 KiB at most, without a byte-order mark) is of this format."""
        raise NotImplementedError

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        """Every column as strings, no nulls. Faults are `DataError`s whose `where` is a line number."""
        raise NotImplementedError

    def whole(self, data: bytes) -> tuple[int, int]:
        """Of text that begins as a file does: `(heading, end)`, so many bytes hold what later rows cannot be read
        without (a header, the first record), and so many are whole rows. With it a file is read in pieces: later ones
        are read behind the heading, and the rows that it makes by itself are then taken off.

        `(0, 0)` where that cannot be told: more is read, all of the file in the end. Needs `line`, too.
        """
        return 0, 0

    def line(self, stream: BinaryIO, row: int) -> int:
        """The line (from 1) on which a row (from 0) of `read` begins, to tell of a fault; 0 where it is on none."""
        return 0


class Task(Component):
    """What the columns of a table mean, and how a text is made plain before it is cut into tokens."""

    has_sample: ClassVar[bool] = False  # it brings example data of its own
    gives: ClassVar[Matter] = "text"

    def soft(self) -> bool:
        """Whether, as set, it reads a probability for each class in place of a label."""
        return False

    def read(self, table: Table) -> Examples:
        """Texts, labels and splits of a table."""
        raise NotImplementedError

    def by_rows(self) -> bool:
        """Whether, as set, it reads a row the same alone as in a table: then no training holds all texts at once."""
        return False

    def texts(self, table: Table) -> pl.Series:
        """Only the texts: what a prediction needs. Every row of the table, in order."""
        raise NotImplementedError

    def label_column(self, table: Table) -> str:
        """The name of the column that holds a table's labels; "" where the settings name none."""
        label = getattr(self, "label", "")
        return label if isinstance(label, str) else ""

    def normalise(self, texts: pl.Series) -> pl.Series:
        """Each text made plain, row for row."""
        raise NotImplementedError

    def sample(self, *, rows: int, seed: int) -> pl.DataFrame:
        """Synthetic example data, where `has_sample`; the same rows for the same seed."""
        raise NotImplementedError
