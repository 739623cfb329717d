"""The textbook's vectorizers. Their encoders, which need torch, are in `encoders` and `dense`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Encoder, State, Vectorizer, Weighting, setting, slot
from zoo_core.components.validators import not_negative

if TYPE_CHECKING:
    import polars as pl
    import torch

    from zoo_core.features.bag import Bag
    from zoo_core.features.tokens import Tokens

Units = Literal["words", "characters"]
CUTOFF = "a word is kept when it is counted more often than this"
PUNCTUATION = "whether tokens of nothing but punctuation are kept"
UNITS = "what a text is cut into; with characters, each stands where this says word"
NORM = "what the weights of a text are divided by: their length, or nothing"


def cut_into(units: Units, texts: pl.Series) -> pl.Series:
    """Texts cut at spaces, or between all characters, spaces among them."""
    return texts.str.split(" " if units == "words" else "")


@frozen
class OneHot(Vectorizer):
    """The collapsed one-hot vector: 1 for each word a text holds, however often, and 0 for every other.

    The vocabulary is of the training split alone: its words counted above the cutoff, and an unknown word
    that stands for all others. Tokens of nothing but punctuation are left out.

    Source: Rao & McMahan, sections 1.2 and 3.6."""

    name = "one-hot"
    layout = "bag"
    cutoff: int = setting(25, CUTOFF, not_negative)
    punctuation: bool = setting(False, PUNCTUATION)
    units: Units = setting("words", UNITS)

    def tokenize(self, texts: pl.Series) -> pl.Series:
        return cut_into(self.units, texts)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_textbook.encoders import OneHotEncoder

        return OneHotEncoder.fitted(tokens, cutoff=self.cutoff, punctuation=self.punctuation)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import OneHotEncoder

        return OneHotEncoder.restored(state, punctuation=self.punctuation)


@frozen
class Count(Vectorizer):
    """Term frequency: how often a text holds each word, TF(w). The vocabulary is that of one-hot.

    Source: Rao & McMahan, section 1.2 (TF representation)."""

    name = "count"
    layout = "bag"
    cutoff: int = setting(25, CUTOFF, not_negative)
    punctuation: bool = setting(False, PUNCTUATION)
    units: Units = setting("words", UNITS)
    norm: Literal["l2", "none"] = setting("none", NORM)
    weighting: Weighting = slot("count", "what a count weighs")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        return cut_into(self.units, texts)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_textbook.encoders import fitted

        return fitted(self, tokens, labels)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import restored

        return restored(self, state)


@frozen
class TfIdf(Vectorizer):
    """TF(w) · IDF(w), each text divided by its length: a word of few texts says more. The vocabulary is one-hot's.

    Source: Rao & McMahan, section 1.2 (TF-IDF representation)."""

    name = "tf-idf"
    layout = "bag"
    cutoff: int = setting(25, CUTOFF, not_negative)
    punctuation: bool = setting(False, PUNCTUATION)
    units: Units = setting("words", UNITS)
    norm: Literal["l2", "none"] = setting("l2", NORM)
    weighting: Weighting = slot("tf-idf", "what a count weighs")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        return cut_into(self.units, texts)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_textbook.encoders import fitted

        return fitted(self, tokens, labels)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.encoders import restored

        return restored(self, state)


@frozen
class DenseColumns(Vectorizer):
    """The numbers a file brings, a column each: x, or (x - mean) / standard deviation of the training split.

    A column that has one value there becomes 0.

    Source: Rao & McMahan, section 1.2 (observations as numbers); the deviation is scikit-learn's (`StandardScaler`)."""

    name = "dense-columns"
    layout = "dense"
    input_type = "numbers"
    standardize: bool = setting(True, "whether each column gets mean 0 and standard deviation 1 on the training split")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_textbook.dense_encoder import cut

        return cut(texts)

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from zoo_textbook.dense_encoder import DenseEncoder

        return DenseEncoder.fitted(tokens, standardize=self.standardize)

    def restore(self, state: State) -> Encoder:
        from zoo_textbook.dense_encoder import DenseEncoder

        return DenseEncoder.restored(state)
