"""Fit and restore the encoder of a vectorizer together with its tokenizer. Imports neither torch nor polars.

All code outside of vectorizers fits and restores through these functions, and so does a vectorizer with others inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from torch import Tensor

    from zoo_core.components.encoding.vectorizer import Vectorizer
    from zoo_core.components.protocols import Encoder, FittedTokenizer, State
    from zoo_core.features.bag import Bag
    from zoo_core.features.layouts import Dense, Sequence
    from zoo_core.features.tokens import Tokens

PREFIX = "tokenizer."  # of the names in the state of an encoder that belong to its tokenizer


@frozen(eq=False)
class TokenizedEncoder:
    """An encoder of the tokens that a fitted tokenizer makes; the encoder of any recipe with such a tokenizer."""

    encoder: Encoder
    tokenizer: FittedTokenizer

    @property
    def num_features(self) -> int:
        return self.encoder.num_features

    def transform(self, tokens: Tokens) -> Bag | Dense | Sequence:
        return self.encoder.transform(split_further(self.tokenizer, tokens))

    def feature_names(self) -> list[str]:
        return self.encoder.feature_names()

    def state(self) -> State:
        of_tokenizer = {f"{PREFIX}{name}": value for name, value in self.tokenizer.state().items()}
        return {**self.encoder.state(), **of_tokenizer}


def split_further(tokenizer: FittedTokenizer, tokens: Tokens) -> Tokens:
    """The tokens that a fitted tokenizer makes of those of its first pass; each distinct one is split once."""
    return tokens.replace_words(tokenizer.split(tokens.words))


@frozen(eq=False)
class SplitTokens:
    """The tokens that a vectorizer is fitted to, split by its fitted tokenizer, which is None if it learns nothing."""

    tokens: Tokens
    tokenizer: FittedTokenizer | None

    def join(self, encoder: Encoder) -> Encoder:
        """The encoder that was fitted to these tokens, with the tokenizer."""
        return encoder if self.tokenizer is None else TokenizedEncoder(encoder, self.tokenizer)


def fit_tokenizer(vectorizer: Vectorizer, tokens: Tokens) -> SplitTokens:
    """Fit the tokenizer of a vectorizer to the training split, and split the tokens by it."""
    tokenizer = vectorizer.own_tokenizer()
    if tokenizer is None or not tokenizer.learns():
        return SplitTokens(tokens, None)
    fitted = tokenizer.fit(tokens)
    return SplitTokens(split_further(fitted, tokens), fitted)


def fit_encoder(vectorizer: Vectorizer, tokens: Tokens, labels: Tensor) -> Encoder:
    """Fit the tokenizer of a vectorizer, then the vectorizer, to the training split; see `Vectorizer.fit`."""
    split = fit_tokenizer(vectorizer, tokens)
    return split.join(vectorizer.fit(split.tokens, labels))


def fit_and_transform(vectorizer: Vectorizer, tokens: Tokens, labels: Tensor) -> tuple[Encoder, Bag | Dense | Sequence]:
    """Fit as `fit_encoder` does, and transform the same tokens; see `Vectorizer.fit_transform`."""
    split = fit_tokenizer(vectorizer, tokens)
    encoder, features = vectorizer.fit_transform(split.tokens, labels)
    return split.join(encoder), features


def restore_encoder(vectorizer: Vectorizer, state: State) -> Encoder:
    """Rebuild what `fit_encoder` made from its state. Raises ValueError, KeyError or TypeError for an invalid one."""
    of_tokenizer = {name.removeprefix(PREFIX): value for name, value in state.items() if name.startswith(PREFIX)}
    tokenizer = vectorizer.own_tokenizer()
    if tokenizer is None or not tokenizer.learns():
        if of_tokenizer:
            raise ValueError(f"it has the state of a tokenizer, and {vectorizer.name} has none that learns")
        return vectorizer.restore(state)
    restored = tokenizer.restore(of_tokenizer)
    encoder = vectorizer.restore({name: value for name, value in state.items() if not name.startswith(PREFIX)})
    return TokenizedEncoder(encoder, restored)


def final_tokens(encoder: Encoder, tokens: Tokens) -> tuple[Encoder, Tokens]:
    """The tokens that features are made of, which a fitted tokenizer, if there is one, splits further; and the encoder
    that takes them."""
    if not isinstance(encoder, TokenizedEncoder):
        return encoder, tokens
    return encoder.encoder, split_further(encoder.tokenizer, tokens)
