"""Figures over a split that labels alone decide, and log-loss. Their measures, which need torch, are in `measures`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Metric, MetricAccumulator, Problem, setting
from zoo_textbook.metrics.averaging import AUTO, ONE, chosen, one_or_average

if TYPE_CHECKING:
    from zoo_core.components.head import Head

Average = Literal["auto", "macro", "micro", "weighted"]


@frozen
class Accuracy(Metric):
    """correct / all: the share of rows whose label is predicted.

    Source: Rao & McMahan, section 3.5."""

    name = "accuracy"
    response = "labels"
    higher_is_better = True
    is_accuracy = True

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import Counts, accuracy

        return Counts(len(head.classes), accuracy)


@frozen
class Precision(Metric):
    """TP / (TP + FP): the share of the rows called a class that are of it.

    For two classes that of the second; for more the mean over the classes ("macro"). "weighted" weighs each class by
    its rows, "micro" counts all classes as one, which makes it the accuracy.
    A class that is never predicted has 0; one that neither occurs nor is predicted is left out of the mean.

    Source: Rao & McMahan, section 3.5 (evaluation metrics); Manning et al. 2008, section 8.3."""

    name = "precision"
    response = "labels"
    higher_is_better = True
    average: Average = setting("auto", AUTO)
    of: str = setting("", ONE)

    def check(self) -> Iterator[Problem]:
        return one_or_average(self.average, self.of, "auto")

    def build(self, head: Head) -> MetricAccumulator:
        from functools import partial

        from zoo_core.evaluation.classification import ClassCounts
        from zoo_textbook.metrics.accumulators import Counts, averaged

        over = chosen(self.average, self.of, head)
        return Counts(len(head.classes), partial(averaged, each=ClassCounts.precision, over=over))


@frozen
class Recall(Metric):
    """TP / (TP + FN): the share of a class's rows that are called so.

    For two classes that of the second; for more the mean over the classes ("macro"). "weighted" weighs each class by
    its rows, "micro" counts all classes as one; both make it the accuracy.
    A class without a row has 0; one that neither occurs nor is predicted is left out of the mean.

    Source: Rao & McMahan, section 3.5 (evaluation metrics); Manning et al. 2008, section 8.3."""

    name = "recall"
    response = "labels"
    higher_is_better = True
    average: Average = setting("auto", AUTO)
    of: str = setting("", ONE)

    def check(self) -> Iterator[Problem]:
        return one_or_average(self.average, self.of, "auto")

    def build(self, head: Head) -> MetricAccumulator:
        from functools import partial

        from zoo_core.evaluation.classification import ClassCounts
        from zoo_textbook.metrics.accumulators import Counts, averaged

        over = chosen(self.average, self.of, head)
        return Counts(len(head.classes), partial(averaged, each=ClassCounts.recall, over=over))


@frozen
class F1(Metric):
    """2·TP / (2·TP + FP + FN): the harmonic mean of precision and recall; 0 where a class never occurs.

    For two classes that of the second; for more the mean over the classes ("macro"). "weighted" weighs each class by
    its rows, "micro" counts all classes as one, which makes it the accuracy.
    A class that neither occurs nor is predicted is left out of the mean.

    Source: Rao & McMahan, section 3.5 (evaluation metrics); van Rijsbergen 1979."""

    name = "f1"
    response = "labels"
    higher_is_better = True
    average: Average = setting("auto", AUTO)
    of: str = setting("", ONE)

    def check(self) -> Iterator[Problem]:
        return one_or_average(self.average, self.of, "auto")

    def build(self, head: Head) -> MetricAccumulator:
        from functools import partial

        from zoo_core.evaluation.classification import ClassCounts
        from zoo_textbook.metrics.accumulators import Counts, averaged

        over = chosen(self.average, self.of, head)
        return Counts(len(head.classes), partial(averaged, each=ClassCounts.f1, over=over))


@frozen
class Matthews(Metric):
    """(TP·TN - FP·FN) / √((TP+FP)·(TP+FN)·(TN+FP)·(TN+FN)): the correlation of predicted and true labels, -1 to 1.

    For more classes its generalization, with n rows, c of them right, tₖ true and pₖ predicted rows of a class:
    (c·n - Σ tₖ·pₖ) / √((n² - Σ pₖ²)·(n² - Σ tₖ²)). 0 where all rows are of one class, or are called one.

    Source: Matthews 1975; Gorodkin 2004 for more classes."""

    name = "matthews"
    response = "labels"
    higher_is_better = True

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import Counts, matthews

        return Counts(len(head.classes), matthews)


@frozen
class LogLoss(Metric):
    """-(1/n) Σ log p(label): the mean of the negative logarithm of the label's probability.

    Probabilities are kept at least 1e-7 away from 0.

    Source: Rao & McMahan, section 3.3 (cross-entropy)."""

    name = "log-loss"
    response = "probabilities"
    higher_is_better = False

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_textbook.metrics.accumulators import MeanLogLoss

        return MeanLogLoss()
