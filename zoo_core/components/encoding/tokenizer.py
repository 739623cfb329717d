"""The contract of tokenizers. Nothing here imports torch or polars, so that listing components is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_core.components.component import Component

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.protocols import FittedTokenizer, State
    from zoo_core.features.tokens import Tokens


class Tokenizer(Component):
    """Normalized texts → lists of tokens; a slot of vectorizers of texts."""

    required_methods = ("tokenize",)

    def tokenize(self, texts: pl.Series) -> pl.Series:
        """Normalized texts → a column of lists of tokens, each text by itself, in order, without empty tokens.

        It keeps no state: the same text gives the same tokens in every process. Called for chunks of texts, in several
        threads at once, and for each text that is predicted, before the splits are known: what is learned from the
        training split is learned by `fit`."""
        raise NotImplementedError

    def learns(self) -> bool:
        """Whether it learns from the training split, that is, whether it defines `fit`; not to be overridden.

        Called when an encoder is fitted and when a run is opened, whose state must then have what was learned."""
        return type(self).fit is not Tokenizer.fit

    def fit(self, tokens: Tokens) -> FittedTokenizer:
        """Learn from the training split how each token is split further. Only a tokenizer that learns defines it.

        `tokens` are those of `tokenize`, with how often each appears. Called once for a training, on the CPU, before
        the vectorizer is fitted; the same tokens must give the same result. Raises DataError if they are too few."""
        raise NotImplementedError

    def restore(self, state: State) -> FittedTokenizer:
        """Rebuild what `fit` learned from its `state()`. The state comes from a file: validate all of it.

        Called once when a run is opened, if the tokenizer learns. Raises ValueError, KeyError or TypeError if the state
        is invalid, also if it is empty."""
        raise NotImplementedError
