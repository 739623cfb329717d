"""The decision rule: a threshold, thresholds by class, or the costs of mistakes. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Costs", "Decision", "LabelThresholds"]
Costs = tuple[tuple[float, ...], ...]  # (classes, classes): of predicting the class of the column for one of the row
COST = "cost"  # the name of the mean cost among the metrics of a decision
SUM_TOLERANCE = 0.01  # thresholds are stored with few digits, and only their ratios matter


@frozen
class Decision:
    """Which class is predicted from the probabilities p of the classes. By default the most probable one.

    - `thresholds` t `(classes,)`, which sum to 1: the class with the largest p/t. Of two classes, this is the second
      one if its probability is at least its threshold. Source: weights of classes as in Lachiche & Flach, *Improving
      accuracy and cost of two-class and multi-class probabilistic classifiers using ROC curves* (2003).
    - `costs` C `(classes, classes)`, with `by_cost`: the class j with the least expected cost Σₖ pₖ·C[k, j]. Source:
      Elkan, *The foundations of cost-sensitive learning* (2001). Without `by_cost` they only measure decisions.
    """

    default_name: ClassVar[str] = "most probable"  # of the decision without thresholds, as the title of a column
    thresholds: tuple[float, ...] = ()
    costs: Costs = ()
    by_cost: bool = False

    @classmethod
    def of_threshold(cls, threshold: float, costs: Costs = ()) -> Decision:
        """The decision of two classes with the threshold of the second one; 0.5 is the default."""
        return cls(() if threshold == 0.5 else (1 - threshold, threshold), costs)

    @classmethod
    def of_costs(cls, costs: Costs) -> Decision:
        """The least expected cost; of two classes it is a threshold.

        >>> Decision.of_costs(((0, 1), (4, 0))).threshold
        0.2
        """
        if len(costs) > 2:
            return cls(costs=costs, by_cost=True)
        [[right, false_positive], [false_negative, also_right]] = costs
        positive, negative = false_positive - right, false_negative - also_right
        return cls.of_threshold(positive / (positive + negative), costs)

    @property
    def is_default(self) -> bool:
        """Whether it predicts the most probable class."""
        return not self.thresholds and not self.by_cost

    @property
    def threshold(self) -> float:
        """The threshold of the second of two classes."""
        return self.thresholds[1] if self.thresholds else 0.5

    @property
    def has_class_thresholds(self) -> bool:
        """Whether it has a threshold for each class, and not one number for two of them."""
        return len(self.thresholds) > 2

    def describe(self) -> str:
        """The rule in a few words, without how it was chosen."""
        if self.by_cost:
            return "the least expected cost"
        if self.has_class_thresholds:
            return "thresholds by class"
        return f"threshold {self.threshold:.6g}" if self.thresholds else "the most probable class"

    def choose(self, probabilities: Tensor) -> Tensor:
        """Class indices `(batch,)` from probabilities `(batch, classes)`."""
        if probabilities.shape[1] == 2 and not self.by_cost:
            return (probabilities[:, 1] >= self.threshold).long()
        values = probabilities.double()
        if self.by_cost:
            return (values @ values.new_tensor(self.costs)).argmin(dim=1)
        return (values / values.new_tensor(self.thresholds) if self.thresholds else values).argmax(dim=1)

    def mean_cost(self, predicted: Tensor, targets: Tensor) -> float:
        """The mean cost of predicted class indices `(rows,)`, whose true classes are `targets` `(rows,)`."""
        return mean_cost(self.costs, predicted, targets)

    def problem(self, classes: int) -> str:
        """Why this is not the decision of so many classes; "" if it is."""
        if self.thresholds:
            low = 0 if classes == 2 else math.nextafter(0, 1)
            valid = len(self.thresholds) == classes and all(low <= value <= 1 for value in self.thresholds)
            if not valid or abs(sum(self.thresholds) - 1) > SUM_TOLERANCE:
                return f"expected {classes} thresholds between 0 and 1 that sum to 1"
        if self.costs and (problem := costs_problem(self.costs, classes)):
            return problem
        return "expected costs to decide by" if self.by_cost and not self.costs else ""


@frozen
class LabelThresholds(Decision):
    """Which labels are predicted from the probabilities p of each: those with p ≥ t, 0.5 by default.

    `thresholds` t `(classes,)` are independent of each other; none or all of the labels may be predicted.
    """

    default_name = "at 0.5"

    @property
    def has_class_thresholds(self) -> bool:
        return bool(self.thresholds)

    def describe(self) -> str:
        if len(values := set(self.thresholds or (0.5,))) > 1:
            return "thresholds by class"
        return f"every label with a probability of at least {values.pop():.6g}"

    def choose(self, probabilities: Tensor) -> Tensor:
        """The predicted labels, bool `(batch, classes)`, from probabilities `(batch, classes)`."""
        values = probabilities.double()
        return values >= (values.new_tensor(self.thresholds) if self.thresholds else 0.5)

    def problem(self, classes: int) -> str:
        if self.costs or self.by_cost:
            return "costs of mistakes need one label for each text"
        is_valid = len(self.thresholds) in (0, classes) and all(0 <= value <= 1 for value in self.thresholds)
        return "" if is_valid else f"expected {classes} thresholds between 0 and 1"


def mean_cost(costs: Costs, predicted: Tensor, targets: Tensor) -> float:
    """The mean cost of predicted class indices `(rows,)`, whose true classes are `targets` `(rows,)`."""
    import torch

    return float(torch.tensor(costs, dtype=torch.float64)[targets, predicted].mean())


def costs_problem(costs: Sequence[Sequence[float]], classes: int) -> str:
    """Why these are not the costs of mistakes between so many classes; "" if they are.

    A mistake costs at least as much as the right answer (the condition of reasonableness, Elkan 2001), and some mistake
    costs more.
    """
    if len(costs) != classes or any(len(row) != classes for row in costs):
        return f"expected {classes} costs for each of {classes} classes"
    if not all(math.isfinite(cost) and abs(cost) <= 1e12 for row in costs for cost in row):
        return "expected finite costs of at most 1e12"
    lowest = min(cost - row[true] for true, row in enumerate(costs) for cost in row)
    if lowest < 0:
        return "a mistake costs less than the right answer"
    is_decided = (
        all(any(cost > row[true] for cost in row) for true, row in enumerate(costs))
        if classes == 2
        else any(cost > row[true] for true, row in enumerate(costs) for cost in row)
    )
    return "" if is_decided else "expected mistakes that cost more than the right answer"
