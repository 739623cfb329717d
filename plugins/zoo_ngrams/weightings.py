"""Weightings: a global weight per feature, times a local weight, a function of its count in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Weighting, setting
from zoo_core.components.validators import Bounds, not_negative, positive

if TYPE_CHECKING:
    from torch import Tensor

    from zoo_core.features.bag import Bag

powers = Bounds(ge=0, le=4)


@frozen
class Binary(Weighting):
    """1 for each feature that appears in the text, however often.

    Source: Rao & McMahan, section 1.2 (the collapsed one-hot vector)."""

    name = "binary"
    needs_counts = False

    def local_weights(self, counts: Tensor) -> Tensor:
        return counts.new_ones(counts.shape)


@frozen
class Count(Weighting):
    """tf: how often a feature occurs in the text.

    Source: Rao & McMahan, section 1.2 (term frequency)."""

    name = "count"

    def local_weights(self, counts: Tensor) -> Tensor:
        return counts


@frozen
class Sublinear(Weighting):
    """1 + log tf: the weight of a frequent feature grows more slowly than its count.

    Source: Manning, Raghavan & Schütze 2008, *Introduction to Information Retrieval*, section 6.4.1."""

    name = "sublinear"

    def local_weights(self, counts: Tensor) -> Tensor:
        return 1 + counts.log()


@frozen
class TfIdf(Weighting):
    """tf · idf with idf = 1 + log((1 + n) / (1 + df)); df of the n training texts have the feature.

    Source: Rao & McMahan, section 1.2; the smoothing is scikit-learn's (`TfidfTransformer`)."""

    name = "tf-idf"
    sublinear: bool = setting(False, "whether tf is replaced by 1 + log tf")

    def global_weights(self, counts: Bag, labels: Tensor) -> Tensor:
        from zoo_ngrams.feature_statistics import inverse_document_frequency

        return inverse_document_frequency(counts)

    def local_weights(self, counts: Tensor) -> Tensor:
        return 1 + counts.log() if self.sublinear else counts


@frozen
class LogCountRatio(Weighting):
    """|log((p / ‖p‖₁) / (q / ‖q‖₁))|: how unevenly a feature is distributed over the classes.

    p is α plus the number of training texts of a class that have the feature, q the same for all other texts. For
    more than two classes, the weight of a feature is the root mean square r of its ratios of each class against the
    rest; for two classes this is the ratio itself. The sign is left to the weight of the model. Counts in the text
    are ignored. With a floor f, the weight is √(r² + f²): features that are as frequent in all classes keep a weight,
    since they may tell classes apart together with others. Of several labels a text, each is one against the rest.

    Source: Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification"."""

    name = "log-count-ratio"
    needs_counts = False
    needs_labels = True
    alpha: float = setting(1.0, "smoothing α: texts added to every count", positive)
    floor: float = setting(0.0, "least weight: that of a feature as frequent in every class", not_negative)
    idf: float = setting(
        0.0, "exponent of the inverse document frequency that multiplies the weight; 0 for none", powers
    )

    def global_weights(self, counts: Bag, labels: Tensor) -> Tensor:
        from zoo_ngrams.feature_statistics import inverse_document_frequency, log_count_ratio

        weights = log_count_ratio(counts, labels, self.alpha)
        if self.floor:
            weights = weights.square().add(self.floor**2).sqrt()
        return weights * inverse_document_frequency(counts) ** self.idf if self.idf else weights

    def local_weights(self, counts: Tensor) -> Tensor:
        return counts.new_ones(counts.shape)
