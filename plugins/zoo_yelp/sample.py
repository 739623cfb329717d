"""Synthetic restaurant reviews, written by a small grammar: nobody ate at these restaurants.

They are for trying the zoo without a download. Their feeling is told by words, as in real reviews, and hidden
as there: by mixed feelings, negation, small talk, typos and some wrong labels.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.seeds import derive_seed
from zoo_yelp.phrases import GRAMMAR

Numbers = NDArray[np.int64]
Texts = NDArray[np.object_]

RATINGS = ("negative", "positive")
TRAIN, VAL = 70, 85  # per cent of the rows up to which a split reaches; the rest is "test"
CHUNK = 20_000  # reviews
SENTENCES = (1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 7, 8)  # a review has so many

# In a thousand.
WRONG_LABEL = 35  # reviews
ALL_LOWER = 60  # reviews
SMALL_TALK = 300  # of all sentences of a review but one
OTHER_FEELING = 50  # of all sentences of a review but one
SHOUTED = 15  # sentences
TYPO = 60  # sentences


def reviews(rows: int, seed: int) -> pl.DataFrame:
    """`rows` synthetic reviews with the columns `rating`, `review` and `split`, the same for the same seed.

    Both ratings are equally frequent, over all and in every split; the splits are 70, 15 and 15 %."""
    draw = Draw(seed)
    # Of rows numbered so, the even are negative and the first 70 % are for training: stratified to a row.
    number = draw.permutation(rows)
    rating = number % 2
    felt = np.where(draw.chance(WRONG_LABEL, rows), 1 - rating, rating)
    writer = Writer(draw)
    texts = [pl.Series(writer.write(felt[at : at + CHUNK]), dtype=pl.String) for at in range(0, rows, CHUNK)]
    return pl.DataFrame(
        {
            "rating": _names(RATINGS, rating),
            "review": pl.concat(texts),
            "split": splits_of(number),
        }
    )


def splits_of(number: Numbers) -> pl.Series:
    """The split of each of so many rows, by the number it has among them."""
    ends = [(len(number) * share + 50) // 100 for share in (TRAIN, VAL)]
    return _names(("train", "val", "test"), np.searchsorted(ends, number, side="right"))


def _names(names: tuple[str, ...], indices: Numbers) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(pl.Series(indices))


class Draw:
    """Chance in whole numbers, from the raw bits of PCG64: these stay the same on every machine and numpy."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(derive_seed(seed, "sample"))

    def below(self, end: int | Numbers, size: int) -> Numbers:
        """Numbers from 0 to `end` - 1, all equally likely; `end` may differ from number to number."""
        return self._scale(self._raw(size) >> np.uint64(32), end)

    def early(self, end: int, size: int) -> Numbers:
        """Numbers from 0 to `end` - 1, the small ones much more often: each from the product of two draws."""
        raw = self._raw(size)
        product = (raw >> np.uint64(32)) * (raw & np.uint64(0xFFFFFFFF))
        return self._scale(product >> np.uint64(32), end)

    def chance(self, per_mille: int, size: int) -> NDArray[np.bool_]:
        """True for so many in a thousand."""
        return self.below(1000, size) < per_mille

    def permutation(self, size: int) -> Numbers:
        """The numbers from 0 to `size` - 1 in any order."""
        return np.argsort(self._raw(size), kind="stable").astype(np.int64)

    def _raw(self, size: int) -> NDArray[np.uint64]:
        return self._bits.random_raw(size)

    @staticmethod
    def _scale(halves: NDArray[np.uint64], end: int | Numbers) -> Numbers:
        return (halves * np.asarray(end, dtype=np.uint64) >> np.uint64(32)).astype(np.int64)


class Rule:
    """The alternatives of a rule, each cut into texts and, at odd places, names of rules."""

    def __init__(self, text: str) -> None:
        alternatives = text.split("|")
        self.plain = "{" not in text
        self.texts = np.array(alternatives, dtype=object)
        self.parts = [re.split(r"{(.+?)}", alternative) for alternative in alternatives]


class Writer:
    """Writes many reviews at once: every rule is applied to all the places that ask for it."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.rules = {name: Rule(text) for name, text in GRAMMAR.items()}

    def write(self, felt: Numbers) -> list[str]:
        """A review for each feeling, an index of `RATINGS`."""
        lengths = np.array(SENTENCES)[self.draw.below(len(SENTENCES), len(felt))]
        kinds = self._kinds(felt, lengths)
        sentences = self._finish(self._of_kinds(kinds))
        lower = self.draw.chance(ALL_LOWER, len(felt)).tolist()
        ends = np.cumsum(lengths).tolist()
        texts = ("".join(sentences[a:b]).rstrip() for a, b in pairwise([0, *ends]))
        return [text.lower() if low else text for text, low in zip(texts, lower, strict=True)]

    def _kinds(self, felt: Numbers, lengths: Numbers) -> Numbers:
        """0, 1 or 2 for each sentence: negative, positive or neutral. One of each review has its own feeling."""
        total = int(lengths.sum())
        own = np.repeat(felt, lengths)
        kinds = np.where(self.draw.chance(OTHER_FEELING, total), 1 - own, own)
        kinds[self.draw.chance(SMALL_TALK, total)] = 2
        sure = np.cumsum(lengths) - 1 - self.draw.below(lengths, len(felt))
        kinds[sure] = felt
        return kinds

    def _of_kinds(self, kinds: Numbers) -> Texts:
        sentences = np.empty(len(kinds), dtype=object)
        for kind, name in enumerate((*RATINGS, "neutral")):
            places = np.flatnonzero(kinds == kind)
            sentences[places] = self.expand(name, len(places))
        return sentences

    def expand(self, name: str, count: int) -> Texts:
        """`count` texts of a rule of the grammar."""
        rule = self.rules[name]
        chosen = self.draw.early(len(rule.parts), count)
        if rule.plain:
            return rule.texts[chosen]
        texts = np.empty(count, dtype=object)
        for index, parts in enumerate(rule.parts):
            places = np.flatnonzero(chosen == index)
            texts[places] = self._join(parts, len(places))
        return texts

    def _join(self, parts: list[str], count: int) -> Texts:
        joined = np.full(count, parts[0], dtype=object)
        for place, part in enumerate(parts[1:], start=1):
            if part:
                joined = joined + (self.expand(part, count) if place % 2 else part)
        return joined

    def _finish(self, sentences: Texts) -> list[str]:
        """Sentences with capitals, typos, a mark and a gap."""
        self._mistype(sentences)
        for place in np.flatnonzero(self.draw.chance(SHOUTED, len(sentences))):
            sentences[place] = sentences[place].upper()
        marks, gaps = self.expand("mark", len(sentences)), self.expand("gap", len(sentences))
        return [
            text[:1].upper() + text[1:] + ("" if text[-1:] in '?"' else mark) + gap
            for text, mark, gap in zip(sentences, marks, gaps, strict=True)
        ]

    def _mistype(self, sentences: Texts) -> None:
        """Drops a letter of a few sentences, or lets it change places with the next."""
        places = np.flatnonzero(self.draw.chance(TYPO, len(sentences)))
        lengths = np.array([len(sentences[place]) for place in places], dtype=np.int64)
        letters = self.draw.below(lengths - 1, len(places)).tolist()
        drops = self.draw.chance(500, len(places)).tolist()
        for place, letter, drop in zip(places, letters, drops, strict=True):
            text = sentences[place]
            pair = text[letter : letter + 2]
            if pair.isalpha():
                sentences[place] = text[:letter] + (pair[1] if drop else pair[::-1]) + text[letter + 2 :]
