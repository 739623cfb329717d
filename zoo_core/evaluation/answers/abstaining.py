"""Abstaining: the confidence below which a text is not answered, and the accuracy of those that are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from attrs import frozen
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation.answers.shares import Share
from zoo_core.evaluation.evaluator import class_values

MAX_SHARES = 50  # answered shares that are tried: each is a test, and more of them succeed by chance more often
MAX_DIGITS = 17  # of a threshold; that many tell any two numbers apart


def label_confidence(values: Tensor, indices: Tensor) -> Tensor:
    """The probability of the predicted labels, float64 `(rows,)`, from those of all classes `(rows, classes)`."""
    return values.gather(1, indices.unsqueeze(1)).squeeze(1).double()


@frozen(eq=False)
class Confidences:
    """The confidence of the predicted label of each row, float64 `(rows,)`, and whether it is right `(rows,)`."""

    values: Tensor
    is_correct: Tensor

    @classmethod
    def of_scores(cls, head: Head, scores: Tensor, targets: Tensor) -> Confidences:
        """The confidences of scores `(rows, outputs)` with true classes `(rows,)`."""
        indices = head.predict(scores)
        return cls(label_confidence(class_values(head, scores), indices), indices == targets)

    def answered(self, threshold: float) -> AnsweredRows:
        """The rows that are answered if those below a confidence are not."""
        is_answered = self.values >= threshold
        return AnsweredRows(len(self.values), int(is_answered.sum()), int((is_answered & self.is_correct).sum()))


@frozen
class AnsweredRows:
    """How many of `rows` are answered, and how many of these correctly."""

    rows: int
    count: int
    correct: int

    @property
    def share(self) -> Share:
        """The share of the rows that are answered."""
        return Share(self.count, self.rows)

    @property
    def accuracy(self) -> Share:
        """The accuracy on the answered rows."""
        return Share(self.correct, self.count)

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON; an accuracy of no rows is None."""
        (share, share_interval), (accuracy, accuracy_interval) = self.share.to_json(), self.accuracy.to_json()
        intervals = {"share": share_interval, "accuracy": accuracy_interval}
        return {"rows": self.count, "share": share, "accuracy": accuracy, "intervals": intervals}


@frozen
class AccuracyThreshold:
    """The confidence below which texts are not answered, for a target, and the rows that it was chosen on."""

    target: float
    value: float
    measured: AnsweredRows


def find_accuracy_threshold(confidences: Confidences, target: float, place: str = "") -> AccuracyThreshold:
    """The threshold that answers the most rows with an accuracy of at least `target`.

    The accuracy of the rows that the choice is made on is optimistic, so the lower end of its 95 % interval must reach
    the target. Up to 50 thresholds are tried, at equal steps of the answered share. 0, which answers every text, if
    all rows can be answered. Raises RecipeError if no threshold reaches the target, with the best that one does.
    """
    tried = [(low, confidences.answered(low)) for low in _candidates(confidences.values)]
    for threshold, measured in tried:  # the largest answered share first
        if measured.accuracy.interval[0] >= target:
            is_every_row = measured.count == measured.rows
            return AccuracyThreshold(target, 0.0 if is_every_row else threshold, measured)
    best = max((measured for _, measured in tried), key=lambda measured: measured.accuracy.interval[0])
    low = math.floor(best.accuracy.interval[0] * 1000) / 1000
    message = (
        f"no confidence threshold reaches an accuracy of {target:g}: the best that {best.rows} validation rows confirm "
        f"is {low:g}, with {best.share.value:.0%} of them answered"
    )
    hint = f"ask for {low:g} or less, or train with more validation rows" if low > 0 else ""
    raise RecipeError(message, where=place, hint=hint)


def _candidates(values: Tensor) -> Iterator[float]:
    """Thresholds with rising confidence, so that the answered shares are near multiples of 2 %, from all rows on."""
    ordered = values.sort(descending=True).values
    last = sorted({math.ceil(len(values) * step / MAX_SHARES) for step in range(1, MAX_SHARES + 1)}, reverse=True)
    lowest = list(dict.fromkeys(float(ordered[count - 1]) for count in last))
    for value in lowest:
        below = ordered[ordered < value]
        yield _shortest_between(float(below[0]), value) if len(below) else value


def _shortest_between(low: float, high: float) -> float:
    """The number with the fewest digits that is above `low` and at most `high`."""
    rounded = (math.floor(high * 10**digits) / 10**digits for digits in range(1, MAX_DIGITS))
    return next((value for value in rounded if low < value <= high), high)
