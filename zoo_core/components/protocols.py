"""Protocols of objects that components build beside torch modules, and of readers of typed columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    import polars as pl
    import torch

    from zoo_core.features import layouts
    from zoo_core.features.bag import Bag
    from zoo_core.features.cut_texts import CutTexts
    from zoo_core.features.layouts import Dense
    from zoo_core.features.tokens import Tokens

__all__ = [
    "CalibrationState",
    "CutsTexts",
    "Encoder",
    "EstimatesInterval",
    "FittedCalibration",
    "FittedTokenizer",
    "MetricAccumulator",
    "ReadsTypedColumns",
    "StartReport",
    "State",
]
State = dict[str, Any]  # torch.Tensor | list[str] | int | float | str, and nothing else
StartReport = Mapping[str, str | int | float]  # in the words that `zoo train` prints
CalibrationState = Mapping[str, float | Sequence[float]]  # finite numbers, and lists of them


class Encoder(Protocol):
    """A vectorizer fitted on the training split."""

    @property
    def num_features(self) -> int:
        """The number of features of `transform`."""

    def transform(self, tokens: Tokens) -> Bag | Dense | layouts.Sequence:
        """The features of each text, one row each, on the CPU. It may be called in several threads at once."""

    def feature_names(self) -> list[str]:
        """A readable name for each feature; empty if features have no names."""

    def state(self) -> State:
        """All that `restore` needs, as tensors, lists of strings, numbers and strings."""


class FittedTokenizer(Protocol):
    """What a tokenizer learned from the training split: how each token of its first pass is split further."""

    def split(self, words: pl.Series) -> pl.Series:
        """Distinct tokens of `Tokenizer.tokenize` `(words,)` → the list of tokens of each, each word by itself.

        A word without tokens disappears from texts. It may be called in several threads at once.
        """

    def state(self) -> State:
        """All that `restore` needs, as `Encoder.state` gives it."""


@runtime_checkable
class CutsTexts(Encoder, Protocol):
    """An encoder that reads only a part of long texts, which `zoo train` reports."""

    def cut_texts(self, tokens: Tokens) -> CutTexts:
        """How many of these texts `transform` cuts. Tokens that it does not know count as read."""


class FittedCalibration(Protocol):
    """A calibrator fitted on the validation split."""

    def probabilities(self, log_probabilities: torch.Tensor) -> torch.Tensor:
        """Log-probabilities `(rows, classes)` float64 → probabilities of the same shape, whose rows sum to 1.

        Each row by itself, on the device of the input. Of two classes, a higher probability of a class never becomes
        a lower one than another's; of more, the likeliest class stays the likeliest.
        """

    def state(self) -> CalibrationState:
        """All that `restore` needs, as finite numbers and lists of them."""


class MetricAccumulator(Protocol):
    """A metric that is being computed, batch by batch."""

    def update(self, predicted: torch.Tensor, targets: torch.Tensor) -> None:
        """Add a batch: class indices `(batch,)` int64 or probabilities `(batch, classes)` float64; targets `(batch,)`.

        The batch may have one row; its tensors must not be changed.
        """

    def compute(self) -> float:
        """The metric over all batches so far, which are not forgotten: more may follow.

        Finite even if there is one row, a class neither occurs nor is predicted, or a probability is 0 or 1.
        """


@runtime_checkable
class EstimatesInterval(MetricAccumulator, Protocol):
    """An accumulator that gives the confidence interval of its metric itself, which is general otherwise.

    Only for metrics whose value is biased, as an expected calibration error is: the general one comes from the values
    without some of the rows.
    """

    def interval(self, level: float) -> tuple[float, float] | None:
        """The lower and the upper end at a confidence level, as in 0.95; None if it is undefined, as for one row."""


@runtime_checkable
class ReadsTypedColumns(Protocol):
    """A reader that can leave out columns: those whose type it cannot read, and those that are not needed."""

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        """The columns as `Reader.read` gives them, and the types of the columns that are not read, by name.

        A value that a row lacks may be null: it is counted, and becomes the empty text.

        `choose` returns those of the columns of the file that are needed; the type of the others is "". Its attribute
        `list_columns`, if it has one, names columns whose values may be lists: a cell is then a JSON array of texts.
        """
