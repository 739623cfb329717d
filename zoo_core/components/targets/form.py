"""The operations on targets, labels and scores that differ between the types of targets.

Everything that depends on the type asks for them. Labels are class indices `(rows,)` int64, or a matrix
`(rows, classes)` bool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from torch import Tensor

from zoo_core.components.component import TargetType
from zoo_core.components.decisions.decision import Decision

__all__ = ["MIN_LOG_PROBABILITY", "MIN_PROBABILITY", "Link", "TargetForm"]
Link = Literal["sigmoid", "softmax", "identity", "none", "own"]
MIN_PROBABILITY = 2.0**-64  # of a loss that gives probabilities itself, which may be 0
MIN_LOG_PROBABILITY = -10_000.0


class LinkedLoss(Protocol):
    """What the head of a model needs of a loss; see `Loss`."""

    @property
    def link(self) -> Link:
        """The link of exclusive classes."""

    def outputs(self, num_classes: int) -> int:
        """The outputs for exclusive classes."""


class TargetForm(ABC):
    """The operations on targets, labels and scores that differ between the types of targets.

    Attributes:
        name: The type of targets.
        decision: The rule that predicts labels from probabilities if none was chosen.
        is_exclusive: Whether a row has one class only, so that one class is mistaken for another.
        has_thresholds: Whether that rule compares probabilities with a threshold for each label.
        threshold_range: The numbers that are thresholds by class, in words.
        confidence_name: What the confidence of a prediction is, for the axis of a plot.
        too_confident, too_unsure: What is wrong with probabilities whose surplus confidence is above 0, or below.
    """

    name: ClassVar[TargetType]
    decision: ClassVar[Decision]
    is_exclusive: ClassVar[bool] = True
    has_thresholds: ClassVar[bool] = False
    threshold_range: ClassVar[str] = "a number above 0"
    confidence_name: ClassVar[str] = "probability of the predicted label"
    too_confident: ClassVar[str] = "those of the predicted labels are too high"
    too_unsure: ClassVar[str] = "those of the predicted labels are too low"

    @abstractmethod
    def labels(self, targets: Tensor) -> Tensor:
        """The labels of the targets of a loss, which may be probabilities `(rows, classes)`."""

    @abstractmethod
    def memberships(self, labels: Tensor, classes: int) -> Tensor:
        """Whether each row belongs to each class, bool `(rows, classes)`."""

    @abstractmethod
    def threshold_problem(self, classes: int) -> str:
        """Why one number is not a threshold of so many classes, for a message; "" if it is."""

    @abstractmethod
    def decision_of_threshold(self, threshold: float, classes: int) -> Decision:
        """The decision of one threshold."""

    @abstractmethod
    def is_threshold(self, value: float) -> bool:
        """Whether a finite number is a threshold of one of several classes."""

    @abstractmethod
    def decision_of_thresholds(self, thresholds: Sequence[float]) -> Decision:
        """The decision of a threshold for each class."""

    @abstractmethod
    def matrix_problem(self, targets: Tensor) -> str:
        """What is wrong with targets `(rows, classes)` float32 of a file; "" if nothing is."""

    @abstractmethod
    def are_probabilities(self, targets: Tensor) -> bool:
        """Whether the targets of a loss are probabilities, and not labels."""

    @abstractmethod
    def right_probabilities(self, probabilities: Tensor, labels: Tensor) -> Tensor:
        """The probabilities of what is right: `(rows, 1)` of the class, or `(rows, classes)` of each label's answer."""

    @abstractmethod
    def surplus_confidence(self, probabilities: Tensor, labels: Tensor) -> float:
        """By how much the mean probability of the likeliest answers is above the share of those that are right."""

    @abstractmethod
    def num_answers(self, classes: int) -> int:
        """The number of answers that a probability is of one of."""

    @abstractmethod
    def is_correct(self, predicted: Tensor, labels: Tensor) -> Tensor:
        """Whether the predicted labels of each row are all right, bool `(rows,)`."""

    @abstractmethod
    def row_codes(self, labels: Tensor) -> Tensor:
        """A number for the labels of each row, int64 `(rows,)`: rows with equal labels have equal ones."""

    @abstractmethod
    def describe(self, labels: Tensor, classes: Sequence[str]) -> str:
        """The names of the labels of one row."""

    @abstractmethod
    def leading_class(self, predicted: Tensor, values: Tensor) -> Tensor:
        """The class that a row is explained for `(rows,)`: the predicted one, or of labels the most probable one."""

    @abstractmethod
    def wrong_answers(self, predicted: Tensor, labels: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """The class of each wrong row that says most about its mistake, and the value of the wrong answer `(rows,)`.

        It is the predicted class; of labels the wrong one whose probability is furthest from what is right."""

    @abstractmethod
    def class_rows(self, labels: Tensor, classes: int) -> Tensor:
        """The rows of each class, int64 `(classes,)`."""

    def best_constant(self, labels: Tensor) -> Tensor:
        """The most frequent labels of a row, the first of ties by class, repeated for each row, one or more."""
        codes = self.row_codes(labels)
        distinct, counts = codes.unique(return_counts=True)
        row = int((codes == distinct[counts.argmax()]).nonzero()[0])
        return labels[row].expand(labels.shape)

    @abstractmethod
    def outputs_and_link(self, loss: LinkedLoss, classes: int) -> tuple[int, Link]:
        """The outputs of a model that is trained with a loss, and the link from them to probabilities."""

    @abstractmethod
    def probabilities(self, link: Link, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → probabilities `(batch, classes)`; ValueError for a link that has none."""

    @abstractmethod
    def log_probabilities(self, link: Link, scores: Tensor) -> Tensor:
        """The logarithms of probabilities that sum to 1, along the last axis, of float64 scores.

        `(batch, classes)`; of labels by themselves `(batch, classes, 2)`, whose second one is of having the label.
        """

    @abstractmethod
    def class_scores(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → a score for each class `(batch, classes)`."""


def no_probabilities() -> ValueError:
    """The error of a link that has no probabilities."""
    return ValueError("scores cannot be converted to probabilities: the loss has no link")
