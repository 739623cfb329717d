"""What a feature of a text weighs: a factor learned for the feature, times a function of how often it stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Weighting, setting
from zoo_core.components.validators import positive

if TYPE_CHECKING:
    from torch import Tensor

    from zoo_core.features.bag import Bag


@frozen
class Binary(Weighting):
    """1: whether a feature stands in the text, however often.

    Source: Rao & McMahan, section 1.2 (the collapsed one-hot vector)."""

    name = "binary"
    needs_counts = False

    def local_weights(self, counts: Tensor) -> Tensor:
        return counts.new_ones(counts.shape)


@frozen
class Count(Weighting):
    """tf: how often a feature stands in the text.

    Source: Rao & McMahan, section 1.2 (term frequency)."""

    name = "count"

    def local_weights(self, counts: Tensor) -> Tensor:
        return counts


@frozen
class Sublinear(Weighting):
    """1 + log tf: a feature that stands there often counts more, but not so many times more.

    Source: Manning, Raghavan & Schütze 2008, *Introduction to Information Retrieval*, section 6.4.1."""

    name = "sublinear"

    def local_weights(self, counts: Tensor) -> Tensor:
        return 1 + counts.log()


@frozen
class TfIdf(Weighting):
    """tf · idf, with idf = 1 + log((1 + n) / (1 + df)) over n training texts, df of which hold the feature.

    Source: Rao & McMahan, section 1.2; the smoothing is scikit-learn's (`TfidfTransformer`)."""

    name = "tf-idf"
    sublinear: bool = setting(False, "whether 1 + log tf stands for tf")

    def global_weights(self, counts: Bag, labels: Tensor) -> Tensor:
        from zoo_ngrams.statistics import document_frequency

        return 1 + ((1 + len(counts)) / (1 + document_frequency(counts))).log().float()

    def local_weights(self, counts: Tensor) -> Tensor:
        return 1 + counts.log() if self.sublinear else counts


@frozen
class LogCountRatio(Weighting):
    """|log((p / ‖p‖₁) / (q / ‖q‖₁))|: how differently a feature is spread over the classes; binary in the text.

    p is α plus the number of a class's training texts that hold the feature, q the same of all other texts. For more
    than two classes the feature's weight is the root mean square of its ratio for each class against the rest, which
    for two is the ratio itself. The sign is left to the model's weight.

    Source: Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification"."""

    name = "log-count-ratio"
    needs_counts = False
    needs_labels = True
    alpha: float = setting(1.0, "smoothing: texts added to every count", positive)

    def global_weights(self, counts: Bag, labels: Tensor) -> Tensor:
        from zoo_ngrams.statistics import log_count_ratio

        return log_count_ratio(counts, labels, self.alpha)

    def local_weights(self, counts: Tensor) -> Tensor:
        return counts.new_ones(counts.shape)
