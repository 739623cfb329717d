"""The fitted n-gram vectorizer: whole columns of tokens → a Bag, in native code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen
from torch import Tensor

from zoo_core.components import fitted_weighting
from zoo_core.components.contracts import Weighting
from zoo_core.components.fitted_weighting import FittedWeighting
from zoo_core.components.protocols import State
from zoo_core.features.bag import Bag
from zoo_core.features.counting import ChunkCounts, Ints, build_bag, count_ids
from zoo_core.features.tokens import Tokens
from zoo_ngrams.families import Characters, Family, Words, numbered
from zoo_ngrams.state import read

if TYPE_CHECKING:
    from zoo_ngrams.vectorizers import Ngrams


@frozen(eq=False)
class NgramEncoder:
    """Texts as the n-grams they hold, weighted."""

    families: tuple[Family, ...]
    num_features: int
    weighting: Weighting
    weigher: FittedWeighting | None  # None while the counts are taken that it learns from

    def counts(self, tokens: Tokens) -> Bag:
        """Each feature of a row once, ascending, with how often it stands there."""
        finders = [family.finder(tokens.words) for family in self.families]

        def encoded(start: int, stop: int) -> ChunkCounts:
            piece = tokens.slice(start, stop)
            pairs = [pair for find in finders for pair in find(piece)]
            rows, ids = (np.concatenate(column) for column in zip(*pairs, strict=True))
            return count_ids(rows, ids, num_rows=len(piece), width=self.num_features)

        return build_bag(len(tokens), encoded, width=self.num_features, counts=self.weighting.needs_counts)

    def transform(self, tokens: Tokens) -> Bag:
        assert self.weigher is not None
        return self.weigher(self.counts(tokens))

    def feature_names(self) -> list[str]:
        found = [""] * self.num_features
        for family in self.families:
            for index, name in family.named():
                found[index] = name
        return found

    def state(self) -> State:
        assert self.weigher is not None
        found: State = dict(self.weigher.state())
        for family in self.families:
            found.update(family.state())
        return found


def fitted(part: Ngrams, tokens: Tokens, labels: Tensor) -> tuple[NgramEncoder, Bag]:
    """An encoder of the n-grams that a vectorizer's settings keep, and the features of what it was fitted on."""
    long = 0 < part.characters_below * len(tokens) <= len(tokens.raw_codes)
    characters = () if long else part.characters
    asked = [(Words, part.words, 1.0), (Characters, characters, part.characters_share)]
    known: list[tuple[Family, list[Ints], tuple[int, ...]]] = []
    for cls, orders, share in asked:
        if orders:
            family, texts = cls.learned(tokens, orders[1], part.min_df)
            known.append((family, texts, (_rare_enough(texts, orders, share * len(tokens)), orders[1])))
    most = int(part.max_df * len(tokens) + 1e-6)  # 0.29 · 100 is 28.999… in floating point
    families, width = numbered(known, most=most, largest=part.max_features)
    bare = NgramEncoder(families, width, part.weighting, None)
    counts = bare.counts(tokens)
    weigher = fitted_weighting.fit_weighting(part.weighting, part.norm, counts, labels)
    return NgramEncoder(families, width, part.weighting, weigher), weigher(counts)


def _rare_enough(texts: list[Ints], orders: tuple[int, ...], most: float) -> int:
    """The shortest of the orders asked for whose n-grams stand in `most` texts or fewer, on average; or the longest."""
    shortest, longest = orders
    for order in range(shortest, longest):
        found = texts[order - 1]
        if found.sum() <= most * (found > 0).sum():
            return order
    return longest


def restored(part: Ngrams, state: State) -> NgramEncoder:
    """From `state()`; ValueError for anything else."""
    families, width = read(state)
    return NgramEncoder(
        families, width, part.weighting, fitted_weighting.restore_weighting(part.weighting, part.norm, state, width)
    )
