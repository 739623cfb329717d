"""A vectorizer fitted on texts in one call, for Python code."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import torch
from attrs import frozen

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.encoding.tokenized_encoder import fit_encoder
from zoo_core.components.protocols import Encoder
from zoo_core.config.load_component import load_component
from zoo_core.config.zoo import Zoo, default_zoo
from zoo_core.errors import RecipeError
from zoo_core.evaluation.encoded_texts import EncodedTexts
from zoo_core.features.tokens import Tokens, tokenize_column
from zoo_core.plugins.attribution import attribute_errors


@frozen(eq=False, repr=False)
class FittedVectorizer:
    """A vectorizer with what it learned from texts."""

    vectorizer: Vectorizer
    encoder: Encoder

    def __repr__(self) -> str:
        return f"<{self.vectorizer} with {self.encoder.num_features} features>"

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The name of each feature, in order; () if they have none."""
        return tuple(self.encoder.feature_names())

    def transform(self, texts: Sequence[str]) -> EncodedTexts:
        """The words and vectors of texts."""
        return EncodedTexts.of_tokens(self.encoder, _tokenize(self.vectorizer, texts), self.vocabulary)


def fit_vectorizer(
    vectorizer: Vectorizer | str,
    texts: Sequence[str],
    labels: Sequence[object] | None = None,
    *,
    zoo: Zoo | None = None,
) -> FittedVectorizer:
    """Fit a vectorizer, or the one of this name: `fit_vectorizer("ngrams", ["good food", "bad food"], ["yes", "no"])`.

    Texts are split into tokens as they are: it is the task of a recipe that normalizes them. `labels` are class names
    or indices, one for each text, which some weightings use; None is a single class. Raises RecipeError for texts that
    are not strings, and for another number of labels.
    """
    zoo = zoo or default_zoo()
    fitted = vectorizer if isinstance(vectorizer, Vectorizer) else load_component("vectorizer", vectorizer, zoo=zoo)
    classes = [0] * len(texts) if labels is None else list(labels)
    if len(classes) != len(texts):
        raise RecipeError(f"got {len(classes)} labels, expected one for each of {len(texts)} texts")
    numbers = {label: number for number, label in enumerate(sorted(set(classes), key=str))}
    with attribute_errors(zoo.registry):
        tokens = _tokenize(fitted, texts)
        targets = torch.tensor([numbers[label] for label in classes], dtype=torch.int64)
        return FittedVectorizer(fitted, fit_encoder(fitted, tokens, targets))


def _tokenize(vectorizer: Vectorizer, texts: Sequence[str]) -> Tokens:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise RecipeError("texts must be a list of strings", hint='as in ["good food", "bad food"]')
    return tokenize_column(pl.Series(texts, dtype=pl.String), vectorizer.tokenize)
