"""The two families of n-grams, of words and of characters: where their features appear, and their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import polars as pl
import torch
from attrs import evolve, frozen

from zoo_core.features.counting import Ints, map_row_ranges
from zoo_core.features.tokens import Tokens, tokenize_column, used_codes
from zoo_ngrams.grams import Grams, align_tokens, count_distinct, learn_grams, merge_counts

Pairs = Iterator[tuple[Ints, Ints]]  # row numbers and features, of the same length
Finder = Callable[[Tokens], Pairs]
WORD_START, WORD_END, CONTINUES = "‹", "›", "…"
NO_FEATURE = -1


@frozen(eq=False)
class Family:
    """Known n-grams and the feature of each: `features[order - 1][number]`, NO_FEATURE for none."""

    grams: Grams
    features: tuple[Ints, ...]

    name: ClassVar[str]

    def finder(self, words: pl.Series) -> Finder:
        """Return a function that finds the features of tokens with this dictionary."""
        raise NotImplementedError

    def named_features(self) -> Iterator[tuple[int, str]]:
        """Yield each feature and its name."""
        raise NotImplementedError

    @classmethod
    def learn(cls, tokens: Tokens, longest: int, min_df: int) -> tuple[Family, list[Ints]]:
        """Return the n-grams of at least `min_df` texts, without features, and their document frequencies."""
        raise NotImplementedError

    def to_features(self, numbers: Iterable[tuple[Ints, Ints]]) -> Pairs:
        """Map positions and n-gram numbers of each order to positions and features; drop those without a feature."""
        for (positions, gram_numbers), order_features in zip(numbers, self.features, strict=True):
            features = order_features.take(gram_numbers)
            has_feature = features >= 0
            yield positions.compress(has_feature), features.compress(has_feature)

    def state(self) -> dict[str, Any]:
        """Return what `read_families` reads."""
        state: dict[str, Any] = {f"{self.name}.tokens": self.grams.words.to_list()}
        for order, keys in enumerate(self.grams.keys, start=2):
            state[f"{self.name}.keys.{order}"] = torch.from_numpy(keys)
        for order, features in enumerate(self.features, start=1):
            state[f"{self.name}.features.{order}"] = torch.from_numpy(features)
        return state


@frozen(eq=False)
class Words(Family):
    """N-grams of words, named by their words."""

    name = "words"

    def finder(self, words: pl.Series) -> Finder:
        numbers = self.grams.word_numbers(words)

        def find(tokens: Tokens) -> Pairs:
            rows = tokens.row_ids()
            for positions, features in self.to_features(self.grams.walk(*align_tokens(tokens, numbers))):
                yield rows.take(positions), features

        return find

    def named_features(self) -> Iterator[tuple[int, str]]:
        for names, features in zip(self.grams.names(" "), self.features, strict=True):
            yield from ((feature, name) for feature, name in zip(features.tolist(), names, strict=True) if feature >= 0)

    @classmethod
    def learn(cls, tokens: Tokens, longest: int, min_df: int) -> tuple[Family, list[Ints]]:
        grams, frequencies = learn_grams(tokens, longest=longest, min_df=min_df)
        return cls(grams, ()), frequencies


@frozen(eq=False)
class Characters(Family):
    """N-grams of the characters inside words, between marks of the start and the end of a word."""

    name = "characters"

    def finder(self, words: pl.Series) -> Finder:
        characters = split_characters(words)
        word_of_character = characters.row_ids()
        walk = self.grams.walk(*align_tokens(characters, self.grams.word_numbers(characters.words)))
        pairs = [(word_of_character.take(positions), features) for positions, features in self.to_features(walk)]
        word_codes = np.concatenate([pair[0] for pair in pairs])
        order = np.argsort(word_codes, kind="stable")
        features_by_word = np.concatenate([pair[1] for pair in pairs])[order]
        counts = np.bincount(word_codes, minlength=len(words))
        offsets = np.cumsum(counts) - counts

        def find(tokens: Tokens) -> Pairs:
            starts = offsets.take(tokens.raw_codes)
            lengths = counts.take(tokens.raw_codes)
            ends = np.cumsum(lengths)
            indices = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
            yield np.repeat(tokens.row_ids(), lengths), features_by_word.take(indices)

        return find

    def named_features(self) -> Iterator[tuple[int, str]]:
        for names, features in zip(self.grams.names(""), self.features, strict=True):
            for feature, name in zip(features.tolist(), names, strict=True):
                if feature >= 0:
                    before = "" if name.startswith(WORD_START) else CONTINUES
                    yield feature, f"{before}{name}{'' if name.endswith(WORD_END) else CONTINUES}"

    @classmethod
    def learn(cls, tokens: Tokens, longest: int, min_df: int) -> tuple[Family, list[Ints]]:
        """As for words; a text contains an n-gram if any of its words does."""
        used = used_codes(tokens.raw_codes).astype(np.uint32)
        grams, _ = learn_grams(split_characters(tokens.words.gather(used)), longest=longest, min_df=1)
        bounds = np.cumsum((0, *grams.sizes))
        all_grams = cls(grams, tuple(np.arange(start, end) for start, end in pairwise(bounds)))
        find, width = all_grams.finder(tokens.words), max(int(bounds[-1]), 1)

        def count_texts(start: int, stop: int) -> tuple[Ints, Ints]:
            ((rows, numbers),) = find(tokens.slice(start, stop))
            return count_distinct(rows, numbers, num_rows=stop - start, width=width)

        numbers, counts = merge_counts(map_row_ranges(len(tokens), count_texts))
        frequencies = np.zeros(width, dtype=np.int64)
        frequencies[numbers] = np.where(counts >= min_df, counts, 0)
        return cls(grams, ()), [frequencies[start:end] for start, end in pairwise(bounds)]


def split_characters(words: pl.Series) -> Tokens:
    """Return the characters of each word, between marks of its start and its end."""
    return tokenize_column(words, lambda column: (WORD_START + column + WORD_END).str.split(""))


@frozen(eq=False)
class FamilyCounts:
    """A family, the document frequencies of its n-grams by order, and the shortest order that becomes features.

    A frequency of 0 marks an n-gram that does not become a feature.
    """

    family: Family
    frequencies: list[Ints]
    shortest: int


def number_features(
    counted: list[FamilyCounts], *, max_texts: int, max_features: int
) -> tuple[tuple[Family, ...], int]:
    """Number features by falling document frequency; return the families with them, and how many there are.

    N-grams of more than `max_texts` texts become no features. `max_features` is 0 for no limit.
    """
    frequencies = [
        np.where((texts <= max_texts) & (order >= family_counts.shortest), texts, 0)
        for family_counts in counted
        for order, texts in enumerate(family_counts.frequencies, start=1)
    ]
    flat = np.concatenate(frequencies)
    ranked = np.argsort(-flat, kind="stable")[: int((flat > 0).sum())]
    ranked = ranked[:max_features] if max_features else ranked
    numbers = np.full(len(flat), NO_FEATURE)
    numbers[ranked] = np.arange(len(ranked))
    by_order = iter(np.split(numbers, np.cumsum([len(texts) for texts in frequencies])[:-1]))
    families = []
    for family_counts in counted:
        features = [next(by_order) for _ in family_counts.frequencies]
        grams, old_numbers = family_counts.family.grams.prune([ids >= 0 for ids in features])
        kept = tuple(ids[old] for ids, old in zip(features, old_numbers, strict=True))
        families.append(evolve(family_counts.family, grams=grams, features=kept))
    return tuple(families), len(ranked)
