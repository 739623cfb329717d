"""Vectorizers of n-grams. Their encoders, which need torch, are in modules of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Encoder, Problem, State, Vectorizer, Weighting, setting, slot
from zoo_core.components.validators import Bounds, at_least_one, not_negative

if TYPE_CHECKING:
    import torch

    from zoo_core.features.bag import Bag
    from zoo_core.features.tokens import Tokens


def range_problems(name: str, value: tuple[int, ...]) -> Iterator[Problem]:
    """What is wrong with a range of orders: a shortest and a longest, or nothing."""
    if value and len(value) != 2:
        yield Problem(f"must be [shortest, longest], or [] for none, not {list(value)}", setting=name)
    elif value and value[0] > value[1]:
        yield Problem(f"must not end before it begins: {list(value)}", hint=f"{[value[1], value[0]]}", setting=name)


@frozen
class Ngrams(Vectorizer):
    """n-grams of words, and of the characters inside words, that stand in enough training texts.

    Every feature can be read back: "not good" is a word 2-gram, "‹un…" the beginning of a word, "…ing›" an end.
    Features are numbered by falling document frequency. Characters help most where a text has few words, or is not
    cut into words at all: `characters_below` leaves them out where texts are long. Pairs of letters stand in most
    texts and say little, pairs of syllables or ideographs say much: `characters_share` leaves out what is that common.

    Source: Wang & Manning 2012, "Baselines and Bigrams"; character n-grams: Bojanowski et al. 2017."""

    name = "ngrams"
    layout = "bag"
    words: tuple[int, ...] = setting((1, 2), "shortest and longest word n-gram; [] for none", at_least_one)
    characters: tuple[int, ...] = setting((), "shortest and longest character n-gram; [] for none", at_least_one)
    characters_below: int = setting(
        0,
        "no character n-grams where training texts have this many words or more, on average; 0: at any length",
        not_negative,
    )
    characters_share: float = setting(
        1.0,
        "no character n-grams of a length that stand in more than this share of the training texts, on average",
        Bounds(gt=0, le=1),
    )
    min_df: int = setting(2, "training texts an n-gram must stand in, at least", at_least_one)
    max_df: float = setting(1.0, "share of the training texts it may stand in, at most", Bounds(gt=0, le=1))
    max_features: int = setting(0, "largest number of features, the most frequent first; 0 for all", not_negative)
    norm: Literal["l2", "none"] = setting("l2", "what the weights of a text are divided by: their length, or nothing")
    weighting: Weighting = slot("log-count-ratio", "what a feature of a text weighs")

    def check(self) -> Iterator[Problem]:
        yield from range_problems("words", self.words)
        yield from range_problems("characters", self.characters)
        if not self.words and not self.characters:
            yield Problem("words and characters are both [], which leaves no features", setting="words")
        elif self.characters_below and not self.words:
            yield Problem("leaves no features to long texts where words is []", hint="0", setting="characters_below")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_ngrams.encoders import fitted

        return fitted(self, tokens, labels)

    def restore(self, state: State) -> Encoder:
        from zoo_ngrams.encoders import restored

        return restored(self, state)


@frozen
class HashedNgrams(Vectorizer):
    """n-grams of words, each hashed to one of a fixed number of features: no vocabulary, nothing to read back.

    Source: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"."""

    name = "hashed-ngrams"
    layout = "bag"
    has_feature_names = False
    words: tuple[int, ...] = setting((1, 2), "shortest and longest word n-gram", at_least_one)
    size: int = setting(1 << 20, "number of features, a power of two", Bounds(ge=2, le=1 << 30))
    norm: Literal["l2", "none"] = setting("l2", "what the weights of a text are divided by: their length, or nothing")
    weighting: Weighting = slot("binary", "what a feature of a text weighs")

    def check(self) -> Iterator[Problem]:
        yield from range_problems("words", self.words)
        if not self.words:
            yield Problem("must not be [], which leaves no features", setting="words")
        if self.size & (self.size - 1):
            hint = f"{1 << self.size.bit_length()}"
            yield Problem(f"must be a power of two, not {self.size}", hint=hint, setting="size")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[Encoder, Bag]:
        from zoo_ngrams.hashing_encoder import fitted

        return fitted(self, tokens, labels)

    def restore(self, state: State) -> Encoder:
        from zoo_ngrams.hashing_encoder import restored

        return restored(self, state)
