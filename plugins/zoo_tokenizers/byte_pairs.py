"""Words split by learned byte pairs, without the package that learns them."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Self

import polars as pl
from attrs import frozen

from zoo_core import State

Pair = tuple[str, str]


@frozen(eq=False)
class BytePairs:
    """Pairs of neighboring pieces that are joined, each with its rank: the order in which they were learned."""

    ranks: Mapping[Pair, int]

    @classmethod
    def restore(cls, state: State) -> Self:
        """Restore from `state()`. Raises ValueError or KeyError for any other state."""
        if set(state) != {"left", "right"}:
            raise KeyError("left, right")
        left, right = state["left"], state["right"]
        for column in (left, right):
            if not isinstance(column, list) or not all(isinstance(piece, str) and piece for piece in column):
                raise ValueError("the pieces are not lists of strings")
        if len(left) != len(right):
            raise ValueError(f"{len(left)} pieces on the left, {len(right)} on the right")
        pieces = set()
        for pair in zip(left, right, strict=True):
            for piece in pair:
                if len(piece) > 1 and piece not in pieces:
                    raise ValueError("a pair is joined before its pieces are")
            pieces.add("".join(pair))
        ranks = {pair: rank for rank, pair in enumerate(zip(left, right, strict=True))}
        if len(ranks) != len(left):
            raise ValueError("a pair is there twice")
        return cls(ranks)

    def state(self) -> State:
        return {"left": [left for left, _ in self.ranks], "right": [right for _, right in self.ranks]}

    def split(self, words: pl.Series) -> pl.Series:
        return pl.Series([self.split_word(word) for word in words.to_list()], dtype=pl.List(pl.String))

    def split_word(self, word: str) -> list[str]:
        """The pieces of a word: its characters, joined pair by pair, that of the lowest rank first, from the left.

        >>> BytePairs({("o", "o"): 0, ("f", "oo"): 1}).split_word("foooo")
        ['foo', 'oo']
        """
        pieces, end = list(word), len(word)
        after, before = list(range(1, end + 1)), list(range(-1, end - 1))  # the neighbors of each piece
        ranks = self.ranks
        queue = [(ranks[pair], at) for at, pair in enumerate(pairwise(pieces)) if pair in ranks]
        heapify(queue)
        while queue:
            rank, left = heappop(queue)
            right = after[left]
            if right == end or ranks.get((pieces[left], pieces[right])) != rank:
                continue  # one of the two was joined to another
            pieces[left] += pieces[right]
            pieces[right] = ""
            after[left] = following = after[right]
            if following != end:
                before[following] = left
                _push(queue, ranks.get((pieces[left], pieces[following])), left)
            if before[left] >= 0:
                _push(queue, ranks.get((pieces[before[left]], pieces[left])), before[left])
        return [piece for piece in pieces if piece]


def _push(queue: list[tuple[int, int]], rank: int | None, at: int) -> None:
    if rank is not None:
        heappush(queue, (rank, at))
