"""Metrics of several labels a text. The values of rows, which need torch, are in `row_values`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Metric, MetricAccumulator, setting
from zoo_core.components.validators import at_least_one

if TYPE_CHECKING:
    from torch import Tensor

    from zoo_core.components.head import Head

K_HELP = "number of labels k that are looked at, the most probable ones"


def mean_of_probabilities(head: Head, values: Callable[[Tensor, Tensor], Tensor]) -> MetricAccumulator:
    """Return the accumulator of the mean of a value of each row, from probabilities and true labels."""
    from zoo_core.evaluation.metric_inputs import probabilities_of
    from zoo_core.evaluation.row_mean import RowMean

    return RowMean(head, values, inputs=probabilities_of)


@frozen
class HammingLoss(Metric):
    """The share of all pairs of a text and a label that are predicted wrongly.

    Source: Schapire & Singer 1999, "Improved Boosting Algorithms Using Confidence-rated Predictions"."""

    name = "hamming-loss"
    response = "labels"
    higher_is_better = False
    targets = ("multi-label",)
    range = (0.0, 1.0)

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_core.evaluation.row_mean import RowMean
        from zoo_tagging.metrics.row_values import hamming_loss

        return RowMean(head, hamming_loss)


@frozen
class PrecisionAtK(Metric):
    """The share of the k most probable labels that a text has, mean over texts.

    Of fewer classes than k, all count. Of equal probabilities, the first class comes first.

    Source: Manning et al. 2008, section 8.4."""

    name = "precision-at-k"
    response = "probabilities"
    higher_is_better = True
    targets = ("multi-label",)
    range = (0.0, 1.0)
    k: int = setting(1, K_HELP, at_least_one)

    def build(self, head: Head) -> MetricAccumulator:
        from functools import partial

        from zoo_tagging.metrics.row_values import precision_at_k

        return mean_of_probabilities(head, partial(precision_at_k, k=self.k))


@frozen
class RecallAtK(Metric):
    """The share of the labels of a text that are among the k most probable ones, mean over texts with labels.

    Texts without a label are left out; 0 if there are no others. Of equal probabilities, the first class comes first.

    Source: Manning et al. 2008, section 8.4."""

    name = "recall-at-k"
    response = "probabilities"
    higher_is_better = True
    targets = ("multi-label",)
    range = (0.0, 1.0)
    k: int = setting(5, K_HELP, at_least_one)

    def build(self, head: Head) -> MetricAccumulator:
        from functools import partial

        from zoo_tagging.metrics.row_values import recall_at_k

        return mean_of_probabilities(head, partial(recall_at_k, k=self.k))


@frozen
class LabelRankingAveragePrecision(Metric):
    """For each label of a text, the share of its labels among those at least as probable; mean over texts.

    1 for a text that has all labels, or none, as in scikit-learn.

    Source: Schapire & Singer 2000, "BoosTexter: A Boosting-based System for Text Categorization"."""

    name = "label-ranking-average-precision"
    response = "probabilities"
    higher_is_better = True
    targets = ("multi-label",)
    range = (0.0, 1.0)

    def build(self, head: Head) -> MetricAccumulator:
        from zoo_tagging.metrics.row_values import ranking_precision

        return mean_of_probabilities(head, ranking_precision)
