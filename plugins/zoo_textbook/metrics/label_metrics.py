"""Metrics of predicted labels, and log-loss. Their accumulators, which need torch, are in `accumulators`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Metric, MetricAccumulator, Problem, setting
from zoo_core.components.component import ANY_TARGETS
from zoo_textbook.metrics.averaging import AVERAGE_HELP, OF_HELP, check_average, resolve_average

if TYPE_CHECKING:
    from zoo_core.components.head import Head

Average = Literal["auto", "macro", "micro", "weighted", "samples"]


@frozen
class Accuracy(Metric):
    """correct / all: the share of rows whose label is predicted correctly.

    With several labels a text, a row is correct if its whole set of labels is (subset accuracy).

    Source: Rao & McMahan, section 3.5."""

    name = "accuracy"
    response = "labels"
    higher_is_better = True
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    is_accuracy = True

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.row_mean import RowMean

        return RowMean(head, head.form.is_correct)


@frozen
class Precision(Metric):
    """TP / (TP + FP): the share of the rows predicted as a class that belong to it.

    For two classes it is that of the second, for more the mean over the classes ("macro"). "weighted" weights each
    class by its rows; "micro" pools the counts of all classes, which gives the accuracy.
    A class that is never predicted has 0; one that neither occurs nor is predicted is left out of the mean.
    Of several labels a text, "auto" is "micro", no class is left out of a mean, and "samples" is the mean over texts.

    Source: Rao & McMahan, section 3.5 (evaluation metrics); Manning et al. 2008, section 8.3."""

    name = "precision"
    response = "labels"
    higher_is_better = True
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    average: Average = setting("auto", AVERAGE_HELP)
    of: str = setting("", OF_HELP)

    def check(self) -> Iterator[Problem]:
        return check_average(self.average, self.of, "auto")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.classification import ClassCounts
        from zoo_textbook.metrics.accumulators import averaging_accumulator

        return averaging_accumulator(head, ClassCounts.precision, resolve_average(self.average, self.of, head))


@frozen
class Recall(Metric):
    """TP / (TP + FN): the share of the rows of a class that are predicted as it.

    For two classes it is that of the second, for more the mean over the classes ("macro"). "weighted" weights each
    class by its rows, "micro" pools the counts of all classes; both give the accuracy.
    A class without rows has 0; one that neither occurs nor is predicted is left out of the mean.
    Of several labels a text, "auto" is "micro", no class is left out of a mean, and "samples" is the mean over texts.

    Source: Rao & McMahan, section 3.5 (evaluation metrics); Manning et al. 2008, section 8.3."""

    name = "recall"
    response = "labels"
    higher_is_better = True
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    average: Average = setting("auto", AVERAGE_HELP)
    of: str = setting("", OF_HELP)

    def check(self) -> Iterator[Problem]:
        return check_average(self.average, self.of, "auto")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.classification import ClassCounts
        from zoo_textbook.metrics.accumulators import averaging_accumulator

        return averaging_accumulator(head, ClassCounts.recall, resolve_average(self.average, self.of, head))


@frozen
class F1(Metric):
    """2·TP / (2·TP + FP + FN): the harmonic mean of precision and recall.

    For two classes it is that of the second, for more the mean over the classes ("macro"). "weighted" weights each
    class by its rows; "micro" pools the counts of all classes, which gives the accuracy.
    A class that never occurs has 0; one that neither occurs nor is predicted is left out of the mean.
    Of several labels a text, "auto" is "micro", no class is left out of a mean, and "samples" is the mean over texts.

    Source: Rao & McMahan, section 3.5 (evaluation metrics); van Rijsbergen 1979."""

    name = "f1"
    response = "labels"
    higher_is_better = True
    targets = ANY_TARGETS
    range = (0.0, 1.0)
    average: Average = setting("auto", AVERAGE_HELP)
    of: str = setting("", OF_HELP)

    def check(self) -> Iterator[Problem]:
        return check_average(self.average, self.of, "auto")

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.classification import ClassCounts
        from zoo_textbook.metrics.accumulators import averaging_accumulator

        return averaging_accumulator(head, ClassCounts.f1, resolve_average(self.average, self.of, head))


@frozen
class Matthews(Metric):
    """(TP·TN - FP·FN) / √((TP+FP)·(TP+FN)·(TN+FP)·(TN+FN)): correlation of labels, -1 to 1.

    For more classes it is (c·n - Σ tₖ·pₖ) / √((n² - Σ pₖ²)·(n² - Σ tₖ²)), with n rows, c of them correct, and tₖ
    actual and pₖ predicted rows of class k. 0 if all actual or all predicted labels are of one class.

    Source: Matthews 1975; Gorodkin 2004 for more classes."""

    name = "matthews"
    response = "labels"
    higher_is_better = True
    range = (-1.0, 1.0)

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import CountAccumulator, matthews

        return CountAccumulator(head, matthews)


@frozen
class LogLoss(Metric):
    """-(1/n) Σ log p(label): the mean negative logarithm of the probability of the label.

    With several labels a text, it is the mean over texts and labels of -log of the probability of the right answer.
    Probabilities below 2.2e-16 count as 2.2e-16, the precision of float64, as in scikit-learn.

    Source: Rao & McMahan, section 3.3 (cross-entropy)."""

    name = "log-loss"
    response = "probabilities"
    higher_is_better = False
    targets = ANY_TARGETS
    range = (0.0, math.inf)

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import LogLossAccumulator

        return LogLossAccumulator(head)
