"""Synthetic restaurant reviews, generated from a small grammar.

They let users try the zoo without a download. As in real reviews, words express the sentiment, and mixed sentiment,
negation, small talk, typos and some wrong labels hide it.
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
NEUTRAL = 2  # a kind of sentence beside the indices of RATINGS
SPLITS = ("train", "val", "test")
SPLIT_END_PERCENT = (70, 85)  # where train and val end; the rest is test
CHUNK_ROWS = 20_000
SENTENCE_COUNTS = (1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 7, 8)  # per review, by frequency

WRONG_LABEL_PER_MILLE = 35  # of the reviews
LOWER_CASE_PER_MILLE = 60  # of the reviews
NEUTRAL_PER_MILLE = 300  # of the sentences of a review, except one
OPPOSITE_PER_MILLE = 50  # of the sentences of a review, except one
UPPER_CASE_PER_MILLE = 15  # of the sentences
TYPO_PER_MILLE = 60  # of the sentences
DROPPED_LETTER_PER_MILLE = 500  # of the typos; in the others two letters are swapped


def make_reviews(rows: int, seed: int) -> pl.DataFrame:
    """Return synthetic reviews with the columns `rating`, `review` and `split`, the same for the same seed.

    Both ratings are equally frequent, in total and in every split; the splits are 70, 15 and 15 %."""
    random = RandomInts(seed)
    # Even row numbers are negative, and the first 70 % of the numbers are for training: exactly stratified.
    row_numbers = random.permutation(rows)
    ratings = row_numbers % 2
    sentiments = np.where(random.chance(WRONG_LABEL_PER_MILLE, rows), 1 - ratings, ratings)
    writer = ReviewWriter(random)
    chunks = [sentiments[start : start + CHUNK_ROWS] for start in range(0, rows, CHUNK_ROWS)]
    texts = [pl.Series(writer.write(chunk), dtype=pl.String) for chunk in chunks]
    return pl.DataFrame(
        {
            "rating": _select_names(RATINGS, ratings),
            "review": pl.concat(texts),
            "split": assign_splits(row_numbers),
        }
    )


def assign_splits(row_numbers: Numbers) -> pl.Series:
    """Return the split of each row by its number in the permutation."""
    ends = [(len(row_numbers) * percent + 50) // 100 for percent in SPLIT_END_PERCENT]
    return _select_names(SPLITS, np.searchsorted(ends, row_numbers, side="right"))


def _select_names(names: tuple[str, ...], indices: Numbers) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(pl.Series(indices))


class RandomInts:
    """Random integers from the raw bits of PCG64, which are the same on every machine and numpy version."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(derive_seed(seed, "sample"))

    def below(self, end: int | Numbers, size: int) -> Numbers:
        """Draw integers uniformly from 0 to `end` - 1; `end` may be an array `(size,)`."""
        return self._scale(self._raw(size) >> np.uint64(32), end)

    def skewed_below(self, end: int, size: int) -> Numbers:
        """Draw integers from 0 to `end` - 1, small ones much more often: products of two uniform numbers."""
        raw = self._raw(size)
        product = (raw >> np.uint64(32)) * (raw & np.uint64(0xFFFFFFFF))
        return self._scale(product >> np.uint64(32), end)

    def chance(self, per_mille: int, size: int) -> NDArray[np.bool_]:
        """Draw booleans that are true with this probability."""
        return self.below(1000, size) < per_mille

    def permutation(self, size: int) -> Numbers:
        """Draw a permutation of the integers from 0 to `size` - 1."""
        return np.argsort(self._raw(size), kind="stable").astype(np.int64)

    def _raw(self, size: int) -> NDArray[np.uint64]:
        return self._bits.random_raw(size)

    @staticmethod
    def _scale(halves: NDArray[np.uint64], end: int | Numbers) -> Numbers:
        return (halves * np.asarray(end, dtype=np.uint64) >> np.uint64(32)).astype(np.int64)


class Rule:
    """The alternatives of a rule, each split into texts and, at odd indices, names of rules."""

    def __init__(self, text: str) -> None:
        alternatives = text.split("|")
        self.has_no_rules = "{" not in text
        self.texts = np.array(alternatives, dtype=object)
        self.segments = [re.split(r"{(.+?)}", alternative) for alternative in alternatives]


class ReviewWriter:
    """Writes many reviews at once: each rule is expanded for all the places that use it."""

    def __init__(self, random: RandomInts) -> None:
        self.random = random
        self.rules = {name: Rule(text) for name, text in GRAMMAR.items()}

    def write(self, sentiments: Numbers) -> list[str]:
        """Return a review for each sentiment, an index of `RATINGS`."""
        lengths = np.array(SENTENCE_COUNTS)[self.random.below(len(SENTENCE_COUNTS), len(sentiments))]
        kinds = self._draw_kinds(sentiments, lengths)
        sentences = self._punctuate(self._write_sentences(kinds))
        is_lower_case = self.random.chance(LOWER_CASE_PER_MILLE, len(sentiments)).tolist()
        ends = np.cumsum(lengths).tolist()
        texts = ("".join(sentences[start:end]).rstrip() for start, end in pairwise([0, *ends]))
        return [text.lower() if is_lower else text for text, is_lower in zip(texts, is_lower_case, strict=True)]

    def _draw_kinds(self, sentiments: Numbers, lengths: Numbers) -> Numbers:
        """Return 0 (negative), 1 (positive) or 2 (neutral) for each sentence; one per review has its sentiment."""
        total = int(lengths.sum())
        of_sentences = np.repeat(sentiments, lengths)
        kinds = np.where(self.random.chance(OPPOSITE_PER_MILLE, total), 1 - of_sentences, of_sentences)
        kinds[self.random.chance(NEUTRAL_PER_MILLE, total)] = NEUTRAL
        with_sentiment = np.cumsum(lengths) - 1 - self.random.below(lengths, len(sentiments))
        kinds[with_sentiment] = sentiments
        return kinds

    def _write_sentences(self, kinds: Numbers) -> Texts:
        sentences = np.empty(len(kinds), dtype=object)
        for kind, name in enumerate((*RATINGS, "neutral")):
            indices = np.flatnonzero(kinds == kind)
            sentences[indices] = self.expand(name, len(indices))
        return sentences

    def expand(self, name: str, count: int) -> Texts:
        """Return `count` texts of a rule of the grammar."""
        rule = self.rules[name]
        alternatives = self.random.skewed_below(len(rule.segments), count)
        if rule.has_no_rules:
            return rule.texts[alternatives]
        texts = np.empty(count, dtype=object)
        for alternative, segments in enumerate(rule.segments):
            indices = np.flatnonzero(alternatives == alternative)
            texts[indices] = self._join(segments, len(indices))
        return texts

    def _join(self, segments: list[str], count: int) -> Texts:
        texts = np.full(count, segments[0], dtype=object)
        for index, segment in enumerate(segments[1:], start=1):
            if segment:
                texts = texts + (self.expand(segment, count) if index % 2 else segment)
        return texts

    def _punctuate(self, sentences: Texts) -> list[str]:
        """Return the sentences with capitals, typos, a punctuation mark and a gap."""
        self._add_typos(sentences)
        for index in np.flatnonzero(self.random.chance(UPPER_CASE_PER_MILLE, len(sentences))):
            sentences[index] = sentences[index].upper()
        marks, gaps = self.expand("mark", len(sentences)), self.expand("gap", len(sentences))
        return [
            text[:1].upper() + text[1:] + ("" if text[-1:] in '?"' else mark) + gap
            for text, mark, gap in zip(sentences, marks, gaps, strict=True)
        ]

    def _add_typos(self, sentences: Texts) -> None:
        """Drop a letter of a few sentences, or swap it with the next."""
        indices = np.flatnonzero(self.random.chance(TYPO_PER_MILLE, len(sentences)))
        lengths = np.array([len(sentences[index]) for index in indices], dtype=np.int64)
        letters = self.random.below(lengths - 1, len(indices)).tolist()
        is_dropped = self.random.chance(DROPPED_LETTER_PER_MILLE, len(indices)).tolist()
        for index, letter, drop in zip(indices, letters, is_dropped, strict=True):
            text = sentences[index]
            pair = text[letter : letter + 2]
            if pair.isalpha():
                sentences[index] = text[:letter] + (pair[1] if drop else pair[::-1]) + text[letter + 2 :]
