"""Metrics of predicted probabilities: ranking and calibration. Their accumulators are in `accumulators`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Metric, MetricAccumulator, Problem, setting
from zoo_core.components.component import ANY_TARGETS
from zoo_core.components.validators import Bounds
from zoo_textbook.metrics.averaging import OF_HELP, check_average, class_index

if TYPE_CHECKING:
    from zoo_core.components.head import Head

Average = Literal["macro", "weighted", "micro"]
AVERAGE_HELP = (
    "average over the classes: unweighted, weighted by the rows of a class, or micro, which ranks all classes together"
)


def ranked_classes(of: str, head: Head) -> list[int]:
    """Return the classes to rank against the rest: the named one, the second of two, or all of more."""
    if of:
        return [class_index(of, head)]
    return [1] if head.is_binary else list(range(len(head.classes)))


@frozen
class RocAUC(Metric):
    """P(p(class row) > p(other row)) + ½·P(equal): the area under the ROC curve.

    For two classes it is that of the second, for more, and of several labels a text, the mean of each class. A class
    without rows, or with all of them, has no area and is left out of the mean; if no class has one, the value is 0.5,
    as by chance.

    Source: Hanley & McNeil 1982; Provost & Domingos 2000 for one class against the rest."""

    name = "roc-auc"
    response = "probabilities"
    higher_is_better = True
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    average: Average = setting("macro", AVERAGE_HELP)
    of: str = setting("", OF_HELP)

    def check(self) -> Iterator[Problem]:
        return check_average(self.average, self.of, "macro")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.ranking import roc_auc
        from zoo_textbook.metrics.accumulators import RankingAccumulator

        classes = ranked_classes(self.of, head)
        return RankingAccumulator(head, roc_auc, classes, average=self.average, undefined=0.5)


@frozen
class AveragePrecision(Metric):
    """Σ (Rᵢ - Rᵢ₋₁)·Pᵢ: precision P at each threshold, weighted by the increase of recall R.

    For two classes it is that of the second, for more, and of several labels a text, the mean of each class. A class
    without rows is left out of the mean; if no class has rows, the value is 0.

    Source: Manning et al. 2008, section 8.4."""

    name = "average-precision"
    response = "probabilities"
    higher_is_better = True
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    average: Average = setting("macro", AVERAGE_HELP)
    of: str = setting("", OF_HELP)

    def check(self) -> Iterator[Problem]:
        return check_average(self.average, self.of, "macro")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.ranking import average_precision
        from zoo_textbook.metrics.accumulators import RankingAccumulator

        classes = ranked_classes(self.of, head)
        return RankingAccumulator(head, average_precision, classes, average=self.average, undefined=0.0)


@frozen
class Brier(Metric):
    """(1/n) Σ (p - y)²: mean squared error of the probability p of the second class; y is 0 or 1.

    For more than two classes the squares are summed over all of them, so that the maximum is 2. Of several labels a
    text, it is the mean over texts and labels. 0 for no rows.

    Source: Brier 1950."""

    name = "brier"
    response = "probabilities"
    higher_is_better = False
    targets = ANY_TARGETS
    range = (0.0, 2.0)

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import BrierAccumulator

        return BrierAccumulator(head)


@frozen
class ExpectedCalibrationError(Metric):
    """Σ (nᵦ/n)·|pᵦ - sᵦ| over equal bins of probability, with mean pᵦ and share of hits sᵦ.

    It uses the probability of the second of two classes, or of the predicted label of more. Of several labels a text,
    it is the mean of the errors of the labels. Empty bins count for nothing. 0 for no rows.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks"."""

    name = "expected-calibration-error"
    response = "probabilities"
    higher_is_better = False
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    bins: int = setting(10, "number of equal bins from 0 to 1", Bounds(ge=1, le=10_000))

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import CalibrationAccumulator

        return CalibrationAccumulator(head, self.bins)
