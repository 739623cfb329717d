"""Vectorizers of n-grams. Their encoders, which need torch, are in `encoders` and `hashing_encoder`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Encoder, Problem, State, Tokenizer, Vectorizer, Weighting, setting, slot
from zoo_core.components.validators import Bounds, at_least_one, not_negative

if TYPE_CHECKING:
    import torch

    from zoo_core.features.bag import Bag
    from zoo_core.features.tokens import Tokens
    from zoo_ngrams.encoders import NgramEncoder
    from zoo_ngrams.hashing_encoder import HashingEncoder

NORM_HELP = "norm that the weights of a text are divided by"
TOKENIZER_HELP = "how a normalized text is split into tokens"
WEIGHTING_HELP = "weighting of the features"
lengths = Bounds(ge=1, le=32)  # each length is counted by itself


def range_problems(name: str, value: tuple[int, ...]) -> Iterator[Problem]:
    """Yield the problems of a range of n-gram lengths: a shortest and a longest, or none."""
    if value and len(value) != 2:
        yield Problem(f"must be [shortest, longest], or [] for none, not {list(value)}", setting=name)
    elif value and value[0] > value[1]:
        yield Problem(f"must be in ascending order, not {list(value)}", hint=f"{[value[1], value[0]]}", setting=name)


@frozen
class Ngrams(Vectorizer):
    """Word n-grams, and character n-grams inside words, that appear in enough training texts.

    Every feature has a readable name: "not good" is a word 2-gram, "‹un…" the start of a word, "…ing›" the end of one.
    Features are numbered by falling document frequency. Character n-grams help most if texts have few words, or are
    not split into words at all; `characters_below` drops them if texts are long. Pairs of letters appear in most texts
    and say little, pairs of syllables or ideographs say much; `characters_share` drops lengths that are too common.
    They help longer texts, too, if there are few of them, which `characters_up_to` allows.

    Source: Wang & Manning 2012, "Baselines and Bigrams"; character n-grams: Bojanowski et al. 2017."""

    name = "ngrams"
    layout = "bag"
    words: tuple[int, ...] = setting((1, 2), "shortest and longest word n-gram; [] for none", lengths)
    longest_up_to: int = setting(
        0,
        "use the longest word n-grams only if the training texts have at most this many words; 0 for any number",
        not_negative,
        no_effect="it only matters for many words",
    )
    characters: tuple[int, ...] = setting((), "shortest and longest character n-gram; [] for none", lengths)
    characters_below: int = setting(
        0,
        "use character n-grams only if training texts have fewer words than this on average; 0 for any length",
        not_negative,
    )
    characters_up_to: int = setting(
        0,
        "use character n-grams also for longer texts, if the training texts have at most this many words",
        not_negative,
        no_effect="it only matters beside characters_below, for texts that are long",
    )
    characters_share: float = setting(
        1.0,
        "use only lengths of character n-grams that appear in at most this share of the training texts on average",
        Bounds(gt=0, le=1),
    )
    min_df: int = setting(2, "minimum number of training texts that an n-gram appears in", at_least_one)
    min_df_from: int = setting(
        0,
        "use min_df only if the training texts have at least this many words; 0 for any number",
        not_negative,
        no_effect="it only matters for few words",
    )
    max_df: float = setting(1.0, "maximum share of the training texts that an n-gram appears in", Bounds(gt=0, le=1))
    max_features: int = setting(0, "maximum number of features, the most frequent first; 0 for all", not_negative)
    norm: Literal["l2", "none"] = setting("l2", NORM_HELP)
    tokenizer: Tokenizer = slot("spaces", TOKENIZER_HELP)
    weighting: Weighting = slot("log-count-ratio", WEIGHTING_HELP)

    def check(self) -> Iterator[Problem]:
        yield from range_problems("words", self.words)
        yield from range_problems("characters", self.characters)
        if not self.words and not self.characters:
            yield Problem("words and characters are both [], which leaves no features", setting="words")
        elif self.characters_below and not self.words:
            yield Problem("leaves no features for long texts if words is []", hint="0", setting="characters_below")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[NgramEncoder, Bag]:
        from zoo_ngrams.encoders import NgramSelection, fit_ngrams

        words = self.words
        if words and 0 < self.longest_up_to < len(tokens.raw_codes):
            words = (words[0], max(words[0], words[1] - 1))
        selection = NgramSelection(
            words=words,
            characters=self.characters,
            characters_below=self.characters_below,
            characters_up_to=self.characters_up_to,
            characters_share=self.characters_share,
            min_df=self.min_df if len(tokens.raw_codes) >= self.min_df_from else 1,
            max_df=self.max_df,
            max_features=self.max_features,
        )
        return fit_ngrams(selection, tokens, labels, weighting=self.weighting, norm=self.norm)

    def restore(self, state: State) -> Encoder:
        from zoo_ngrams.encoders import restore_ngrams

        return restore_ngrams(state, weighting=self.weighting, norm=self.norm)


@frozen
class HashedNgrams(Vectorizer):
    """Word n-grams, each hashed to one of a fixed number of features, without a vocabulary.

    Features have no readable names.

    Source: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"."""

    name = "hashed-ngrams"
    layout = "bag"
    has_feature_names = False
    words: tuple[int, ...] = setting((1, 2), "shortest and longest word n-gram", lengths)
    size: int = setting(1 << 20, "number of features, a power of two", Bounds(ge=2, le=1 << 30))
    norm: Literal["l2", "none"] = setting("l2", NORM_HELP)
    tokenizer: Tokenizer = slot("spaces", TOKENIZER_HELP)
    weighting: Weighting = slot("binary", WEIGHTING_HELP)

    def check(self) -> Iterator[Problem]:
        yield from range_problems("words", self.words)
        if not self.words:
            yield Problem("must not be [], which leaves no features", setting="words")
        if self.size & (self.size - 1):
            hint = f"{1 << self.size.bit_length()}"
            yield Problem(f"must be a power of two, not {self.size}", hint=hint, setting="size")

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        return self.fit_transform(tokens, labels)[0]

    def fit_transform(self, tokens: Tokens, labels: torch.Tensor) -> tuple[HashingEncoder, Bag]:
        from zoo_ngrams.hashing_encoder import fit_hashing

        orders = (self.words[0], self.words[1])
        return fit_hashing(orders, self.size, tokens, labels, weighting=self.weighting, norm=self.norm)

    def restore(self, state: State) -> Encoder:
        from zoo_ngrams.hashing_encoder import restore_hashing

        orders = (self.words[0], self.words[1])
        return restore_hashing(state, orders, self.size, weighting=self.weighting, norm=self.norm)
