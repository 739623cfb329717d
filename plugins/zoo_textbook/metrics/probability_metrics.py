"""Figures over a split of what probabilities rank and claim. Their measures, which need torch, are in `measures`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Metric, MetricAccumulator, Problem, setting
from zoo_core.components.validators import Bounds
from zoo_textbook.metrics.averaging import ONE, class_named, one_or_average

if TYPE_CHECKING:
    from zoo_core.components.head import Head

Average = Literal["macro", "weighted"]
OVER = "over the classes of more than two: each counts the same, or by its rows"


def ranked(of: str, head: Head) -> list[int]:
    """The classes that are ranked against the rest: the one named, the second of two, or each of more."""
    if of:
        return [class_named(of, head)]
    return [1] if len(head.classes) == 2 else list(range(len(head.classes)))


@frozen
class RocAUC(Metric):
    """P(p(own row) > p(other row)) + ½·P(equal): the area under the ROC curve.

    For two classes that of the second; for more the mean of each class against the rest. A class without a row, or
    with all of them, has no area and is left out of the mean; where no class has one, it is 0.5, as by chance.

    Source: Hanley & McNeil 1982; Provost & Domingos 2000 for one class against the rest."""

    name = "roc-auc"
    response = "probabilities"
    higher_is_better = True
    average: Average = setting("macro", OVER)
    of: str = setting("", ONE)

    def check(self) -> Iterator[Problem]:
        return one_or_average(self.average, self.of, "macro")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.ranking import roc_auc
        from zoo_textbook.metrics.accumulators import OneAgainstRest

        weighted = self.average == "weighted"
        return OneAgainstRest(roc_auc, ranked(self.of, head), weighted=weighted, undefined=0.5)


@frozen
class AveragePrecision(Metric):
    """Σ (Rᵢ - Rᵢ₋₁)·Pᵢ: precision P at each threshold, weighed by how much the recall R grows there.

    For two classes that of the second; for more the mean of each class against the rest. A class without a row has
    none and is left out of the mean; where no class has one, it is 0.

    Source: Manning et al. 2008, section 8.4."""

    name = "average-precision"
    response = "probabilities"
    higher_is_better = True
    average: Average = setting("macro", OVER)
    of: str = setting("", ONE)

    def check(self) -> Iterator[Problem]:
        return one_or_average(self.average, self.of, "macro")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.ranking import average_precision
        from zoo_textbook.metrics.accumulators import OneAgainstRest

        weighted = self.average == "weighted"
        return OneAgainstRest(average_precision, ranked(self.of, head), weighted=weighted, undefined=0.0)


@frozen
class Brier(Metric):
    """(1/n) Σ (p - y)²: the mean squared distance of the second class's probability p and what came true y, 0 or 1.

    For more than two classes the squares are summed over all of them, so that it goes up to 2. 0 for no rows.

    Source: Brier 1950."""

    name = "brier"
    response = "probabilities"
    higher_is_better = False

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import MeanBrier

        return MeanBrier()


@frozen
class ExpectedCalibrationError(Metric):
    """Σ (nᵦ/n)·|pᵦ - sᵦ| over equal bins of probability: how far its mean pᵦ is from the share sᵦ that came true.

    For two classes of the second's probability; for more of that of the label predicted. A bin that holds no row
    counts for nothing. 0 for no rows.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks"."""

    name = "expected-calibration-error"
    response = "probabilities"
    higher_is_better = False
    bins: int = setting(10, "how many equal bins from 0 to 1", Bounds(ge=1, le=10_000))

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import CalibrationGap

        return CalibrationGap(self.bins)
