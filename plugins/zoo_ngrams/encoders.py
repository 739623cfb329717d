"""Encoder of n-grams: columns of tokens to a Bag, in native code."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.components.fitted_weighting import FittedWeighting, fit_weighting, restore_weighting
from zoo_core.components.protocols import State
from zoo_core.features.bag import Bag
from zoo_core.features.counting import ChunkCounts, Ints, build_bag, count_ids
from zoo_core.features.tokens import Tokens
from zoo_ngrams.encoder_state import read_families
from zoo_ngrams.ngram_families import Characters, Family, FamilyCounts, Words, number_features


@frozen
class NgramSelection:
    """Which n-grams become features: the settings of the vectorizer `ngrams`, with the same names."""

    words: tuple[int, ...]
    characters: tuple[int, ...]
    characters_below: int
    characters_up_to: int
    characters_share: float
    min_df: int
    max_df: float
    max_features: int


@frozen(eq=False)
class NgramEncoder:
    """The weighted n-grams of each text."""

    families: tuple[Family, ...]
    num_features: int
    fitted_weighting: FittedWeighting

    def transform(self, tokens: Tokens) -> Bag:
        counts = count_features(
            tokens, self.families, self.num_features, with_counts=self.fitted_weighting.weighting.needs_counts
        )
        return self.fitted_weighting(counts)

    def feature_names(self) -> list[str]:
        names = [""] * self.num_features
        for family in self.families:
            for feature, name in family.named_features():
                names[feature] = name
        return names

    def state(self) -> State:
        state: State = dict(self.fitted_weighting.state())
        for family in self.families:
            state.update(family.state())
        return state


def count_features(tokens: Tokens, families: tuple[Family, ...], num_features: int, *, with_counts: bool) -> Bag:
    """Return each feature of a row once, in ascending order, with how often it occurs if `with_counts`."""
    finders = [family.finder(tokens.words) for family in families]

    def encode(start: int, stop: int) -> ChunkCounts:
        chunk = tokens.slice(start, stop)
        pairs = [pair for find in finders for pair in find(chunk)]
        rows, features = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return count_ids(rows, features, num_rows=len(chunk), width=num_features)

    return build_bag(len(tokens), encode, width=num_features, counts=with_counts)


def fit_ngrams(
    selection: NgramSelection, tokens: Tokens, labels: Tensor, *, weighting: Weighting, norm: str
) -> tuple[NgramEncoder, Bag]:
    """Fit an encoder of the selected n-grams to training tokens; return it and the features of these tokens."""
    families, width = _select_features(selection, tokens)
    counts = count_features(tokens, families, width, with_counts=weighting.needs_counts)
    fitted_weighting = fit_weighting(weighting, norm, counts, labels)
    return NgramEncoder(families, width, fitted_weighting), fitted_weighting(counts)


def _select_features(selection: NgramSelection, tokens: Tokens) -> tuple[tuple[Family, ...], int]:
    words = len(tokens.raw_codes)
    has_long_texts = 0 < selection.characters_below * len(tokens) <= words
    characters = () if has_long_texts and words > selection.characters_up_to else selection.characters
    ranges = [(Words, selection.words, 1.0), (Characters, characters, selection.characters_share)]
    counted: list[FamilyCounts] = []
    for cls, orders, max_share in ranges:
        if orders:
            family, frequencies = cls.learn(tokens, orders[1], selection.min_df)
            shortest = _shortest_rare_order(frequencies, orders, max_share * len(tokens))
            counted.append(FamilyCounts(family, frequencies, shortest))
    max_texts = int(selection.max_df * len(tokens) + 1e-6)  # 0.29 · 100 is 28.999… in floating point
    return number_features(counted, max_texts=max_texts, max_features=selection.max_features)


def _shortest_rare_order(frequencies: list[Ints], orders: tuple[int, ...], max_mean: float) -> int:
    """Return the shortest order whose n-grams have a mean document frequency of at most `max_mean`, or the longest."""
    shortest, longest = orders
    for order in range(shortest, longest):
        texts = frequencies[order - 1]
        if texts.sum() <= max_mean * (texts > 0).sum():
            return order
    return longest


def restore_ngrams(state: State, *, weighting: Weighting, norm: str) -> NgramEncoder:
    """Restore from `NgramEncoder.state()`; ValueError for any other state."""
    families, width = read_families(state)
    return NgramEncoder(families, width, restore_weighting(weighting, norm, state, width))
