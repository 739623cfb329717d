"""Models for many sparse features. Their torch modules are in `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from attrs import frozen

from zoo_core import Model, setting
from zoo_core.components.validators import at_least_one

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo_core.components.head import Head
    from zoo_core.features.bag_layers import BagLinear
    from zoo_core.features.batches import EncodedSplit
    from zoo_core.features.layout_names import Layout


@frozen
class Linear(Model):
    """W·x + b with weights initialized to 0, for many features of which most are rare.

    A feature that does not appear in the training split then has no effect, which a random weight would have.

    With `naive_bayes`, the trained weights W become a·W + b·R, where R are the weights of complement naive Bayes.
    The factors a and b, which are not negative, and the smoothing of R have the lowest cross-entropy on the validation
    split: naive Bayes is the better the fewer rows there are. Of several labels a text, each has factors
    of its own. It needs a loss with the link "softmax" or "sigmoid".

    Source: Wang & Manning 2012, "Baselines and Bigrams"; Rao & McMahan, section 3.1 (the perceptron); Rennie et al.
    2003, "Tackling the Poor Assumptions of Naive Bayes Text Classifiers"; Wolpert 1992, "Stacked Generalization"."""

    name = "linear"
    accepts = ("bag", "dense")
    naive_bayes: bool = setting(
        False, "whether weights of naive Bayes are added, as far as they help on the validation split"
    )

    def accepted_layouts(self) -> tuple[Layout, ...]:
        return ("bag",) if self.naive_bayes else self.accepts

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_ngrams.modules import ZeroLinear

        return ZeroLinear(num_features, num_outputs)

    def finish(
        self,
        module: nn.Module,
        *,
        train: EncodedSplit,
        val: EncodedSplit,
        head: Head,
        class_weights: Tensor | None,
        positive_weights: Tensor | None,
    ) -> None:
        if self.naive_bayes:
            from zoo_ngrams.naive_bayes import add_naive_bayes

            weights = positive_weights if head.targets == "multi-label" else class_weights
            add_naive_bayes(cast("BagLinear", module), train, val, head, weights)


@frozen
class EmbeddingBag(Model):
    """W·mean(E[features]) + b: mean embedding and a linear layer, as in fastText.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"."""

    name = "embedding-bag"
    accepts = ("bag",)
    sparse_gradients = True
    dimensions: int = setting(10, "dimensions of an embedding", at_least_one)

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_ngrams.modules import MeanEmbedding

        return MeanEmbedding(num_features, self.dimensions, num_outputs)
