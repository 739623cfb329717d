"""Vectorizers of the textbook. Their encoders, which need torch, are in `encoders` and `dense_encoder`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Encoder, State, Tokenizer, Vectorizer, Weighting, setting, slot
from zoo_core.components.validators import not_negative

if TYPE_CHECKING:
    import polars as pl
    import torch

    from zoo_core.features.bag import Bag
    from zoo_core.features.tokens import Tokens

CUTOFF_HELP = "a word enters the vocabulary if it occurs more often than this"
PUNCTUATION_HELP = "whether tokens that consist of punctuation only are kept"
TOKENIZER_HELP = "how a normalized text is split into tokens"
NORM_HELP = "norm that the weights of a text are divided by"


@frozen
class OneHot(Vectorizer):
    """Collapsed one-hot vector: 1 for each word that appears in a text, 0 for every other.

    The vocabulary is built from the training split alone: the words that occur more often than the cutoff, and one
    unknown word for all others. Tokens that consist of punctuation only are dropped.

    Source: Rao & McMahan, sections 1.2 and 3.6."""

    name = "one-hot"
    layout = "bag"
    cutoff: int = setting(25, CUTOFF_HELP, not_negative)
    punctuation: bool = setting(False, PUNCTUATION_HELP)
    tokenizer: Tokenizer = slot("spaces", TOKENIZER_HELP)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_textbook.encoders import OneHotEncoder

        return OneHotEncoder.fit(tokens, cutoff=self.cutoff, punctuation=self.punctuation)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import OneHotEncoder

        return OneHotEncoder.restore(state, punctuation=self.punctuation)


@frozen
class Count(Vectorizer):
    """Term frequency TF(w): how often each word occurs in a text.

    The vocabulary is the same as that of one-hot.

    Source: Rao & McMahan, section 1.2 (TF representation)."""

    name = "count"
    layout = "bag"
    cutoff: int = setting(25, CUTOFF_HELP, not_negative)
    punctuation: bool = setting(False, PUNCTUATION_HELP)
    norm: Literal["l2", "none"] = setting("none", NORM_HELP)
    tokenizer: Tokenizer = slot("spaces", TOKENIZER_HELP)
    weighting: Weighting = slot("count", "weighting of the counts")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_textbook.encoders import OneHotEncoder, fit_weighted

        words = OneHotEncoder.fit(tokens, cutoff=self.cutoff, punctuation=self.punctuation)
        return fit_weighted(words, tokens, labels, weighting=self.weighting, norm=self.norm)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import restore_weighted

        return restore_weighted(state, punctuation=self.punctuation, weighting=self.weighting, norm=self.norm)


@frozen
class TfIdf(Vectorizer):
    """TF(w) · IDF(w), L2-normalized per text: rare words weigh more than common ones.

    The vocabulary is the same as that of one-hot.

    Source: Rao & McMahan, section 1.2 (TF-IDF representation)."""

    name = "tf-idf"
    layout = "bag"
    cutoff: int = setting(25, CUTOFF_HELP, not_negative)
    punctuation: bool = setting(False, PUNCTUATION_HELP)
    norm: Literal["l2", "none"] = setting("l2", NORM_HELP)
    tokenizer: Tokenizer = slot("spaces", TOKENIZER_HELP)
    weighting: Weighting = slot("tf-idf", "weighting of the counts")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_textbook.encoders import OneHotEncoder, fit_weighted

        words = OneHotEncoder.fit(tokens, cutoff=self.cutoff, punctuation=self.punctuation)
        return fit_weighted(words, tokens, labels, weighting=self.weighting, norm=self.norm)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import restore_weighted

        return restore_weighted(state, punctuation=self.punctuation, weighting=self.weighting, norm=self.norm)


@frozen
class DenseColumns(Vectorizer):
    """Numeric columns as a dense vector: x, or (x - mean) / standard deviation.

    Mean and standard deviation are those of the training split. A column that is constant there becomes 0.

    Source: Rao & McMahan, section 1.2 (observations as numbers); the deviation is scikit-learn's (`StandardScaler`)."""

    name = "dense-columns"
    layout = "dense"
    input_type = "numbers"
    standardize: bool = setting(True, "whether each column is scaled to mean 0 and standard deviation 1")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_textbook.dense_encoder import split_pairs

        return split_pairs(texts)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_textbook.dense_encoder import DenseEncoder

        return DenseEncoder.fit(tokens, standardize=self.standardize)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.dense_encoder import DenseEncoder

        return DenseEncoder.restore(state)
