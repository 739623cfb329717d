"""The two families of n-grams, of words and of characters: where their features stand, and what they are called."""

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
from zoo_ngrams.grams import Grams, aligned, distinct, learned, merged

Pairs = Iterator[tuple[Ints, Ints]]  # rows and feature numbers, of the same length
Finder = Callable[[Tokens], Pairs]
BEGIN, END, GOES_ON = "‹", "›", "…"


@frozen(eq=False)
class Family:
    """n-grams that are known, and the feature of each: `features[order - 1][number]`, -1 for none."""

    grams: Grams
    features: tuple[Ints, ...]

    name: ClassVar[str]

    def finder(self, words: pl.Series) -> Finder:
        """A function of tokens with this dictionary → the features that stand in their rows."""
        raise NotImplementedError

    def named(self) -> Iterator[tuple[int, str]]:
        """Each feature and its name."""
        raise NotImplementedError

    @classmethod
    def learned(cls, tokens: Tokens, longest: int, rarest: int) -> tuple[Family, list[Ints]]:
        """Those of enough texts, without features yet, and in how many texts each stands."""
        raise NotImplementedError

    def marked(self, numbers: Iterable[tuple[Ints, Ints]]) -> Pairs:
        """Positions and n-gram numbers of each order → positions and features, those without one left out."""
        for (at, found), feature in zip(numbers, self.features, strict=True):
            ids = feature.take(found)
            kept = ids >= 0
            yield at.compress(kept), ids.compress(kept)

    def state(self) -> dict[str, Any]:
        """What `read` needs."""
        found: dict[str, Any] = {f"{self.name}.tokens": self.grams.words.to_list()}
        for order, keys in enumerate(self.grams.keys, start=2):
            found[f"{self.name}.keys.{order}"] = torch.from_numpy(keys)
        for order, ids in enumerate(self.features, start=1):
            found[f"{self.name}.features.{order}"] = torch.from_numpy(ids)
        return found


@frozen(eq=False)
class Words(Family):
    """n-grams of words, named by their words."""

    name = "words"

    def finder(self, words: pl.Series) -> Finder:
        numbers = self.grams.numbers(words)

        def find(piece: Tokens) -> Pairs:
            rows = piece.row_ids()
            for at, ids in self.marked(self.grams.walk(*aligned(piece, numbers))):
                yield rows.take(at), ids

        return find

    def named(self) -> Iterator[tuple[int, str]]:
        for names, ids in zip(self.grams.names(" "), self.features, strict=True):
            yield from ((i, name) for i, name in zip(ids.tolist(), names, strict=True) if i >= 0)

    @classmethod
    def learned(cls, tokens: Tokens, longest: int, rarest: int) -> tuple[Family, list[Ints]]:
        grams, texts = learned(tokens, longest=longest, rarest=rarest)
        return cls(grams, ()), texts


@frozen(eq=False)
class Characters(Family):
    """n-grams of the characters inside words, between marks of a word's beginning and end."""

    name = "characters"

    def finder(self, words: pl.Series) -> Finder:
        spelled = to_characters(words)
        by_word = spelled.row_ids()
        walk = self.grams.walk(*aligned(spelled, self.grams.numbers(spelled.words)))
        pairs = [(by_word.take(at), ids) for at, ids in self.marked(walk)]
        at = np.concatenate([pair[0] for pair in pairs])
        order = np.argsort(at, kind="stable")
        ids = np.concatenate([pair[1] for pair in pairs])[order]
        each = np.bincount(at, minlength=len(words))
        offsets = np.cumsum(each) - each

        def find(piece: Tokens) -> Pairs:
            starts = offsets.take(piece.raw_codes)
            lengths = each.take(piece.raw_codes)
            ends = np.cumsum(lengths)
            where = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
            yield np.repeat(piece.row_ids(), lengths), ids.take(where)

        return find

    def named(self) -> Iterator[tuple[int, str]]:
        for names, ids in zip(self.grams.names(""), self.features, strict=True):
            for i, name in zip(ids.tolist(), names, strict=True):
                if i >= 0:
                    before = "" if name.startswith(BEGIN) else GOES_ON
                    yield i, f"{before}{name}{'' if name.endswith(END) else GOES_ON}"

    @classmethod
    def learned(cls, tokens: Tokens, longest: int, rarest: int) -> tuple[Family, list[Ints]]:
        """As for words; a text holds an n-gram if any word of it does."""
        used = used_codes(tokens.raw_codes).astype(np.uint32)
        grams, _ = learned(to_characters(tokens.words.gather(used)), longest=longest, rarest=1)
        bounds = np.cumsum((0, *grams.sizes))
        every = cls(grams, tuple(np.arange(a, b) for a, b in pairwise(bounds)))
        find, width = every.finder(tokens.words), max(int(bounds[-1]), 1)

        def texts_of(start: int, stop: int) -> tuple[Ints, Ints]:
            ((rows, ids),) = find(tokens.slice(start, stop))
            return distinct(rows, ids, num_rows=stop - start, width=width)

        ids, counts = merged(map_row_ranges(len(tokens), texts_of))
        texts = np.zeros(width, dtype=np.int64)
        texts[ids] = np.where(counts >= rarest, counts, 0)
        return cls(grams, ()), [texts[a:b] for a, b in pairwise(bounds)]


def to_characters(words: pl.Series) -> Tokens:
    """The characters of each word, between marks of its beginning and its end."""
    return tokenize_column(words, lambda piece: (BEGIN + piece + END).str.split(""))


def numbered(
    known: list[tuple[Family, list[Ints], tuple[int, ...]]], *, most: int, largest: int
) -> tuple[tuple[Family, ...], int]:
    """Features by falling document frequency, of the orders asked for, in at most `most` texts each.

    `known` holds families, the document frequencies of their n-grams, 0 for one to leave out, and the orders asked
    for, [shortest, longest]. `largest` is the most features there may be, 0 for any number.
    """
    texts = [
        np.where((counts <= most) & (order >= orders[0]), counts, 0)
        for _, frequencies, orders in known
        for order, counts in enumerate(frequencies, start=1)
    ]
    every = np.concatenate(texts)
    ranked = np.argsort(-every, kind="stable")[: int((every > 0).sum())]
    ranked = ranked[:largest] if largest else ranked
    number = np.full(len(every), -1)
    number[ranked] = np.arange(len(ranked))
    pieces = iter(np.split(number, np.cumsum([len(counts) for counts in texts])[:-1]))
    made = []
    for family, frequencies, _ in known:
        own = [next(pieces) for _ in frequencies]
        grams, old = family.grams.pruned([ids >= 0 for ids in own])
        made.append(evolve(family, grams=grams, features=tuple(ids[at] for ids, at in zip(own, old, strict=True))))
    return tuple(made), len(ranked)
