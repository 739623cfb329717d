"""Synthetic reviews with stars, each joined from two or three reviews of `sample`."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from zoo_yelp.sample import RandomInts, ReviewWriter, assign_splits

BAD, GOOD = 0, 1
SENTIMENTS = ((BAD, BAD), (BAD, BAD, GOOD), (BAD, GOOD), (GOOD, GOOD, BAD), (GOOD, GOOD))  # of 1, 2, 3, 4 and 5 stars
CHUNK_ROWS = 10_000


def make_starred_reviews(rows: int, seed: int, *, text: str, label: str, split: str) -> pl.DataFrame:
    """Return synthetic reviews with 1 to 5 stars, the same for the same seed.

    `text`, `label` and `split` are the names of the columns. All stars are equally frequent, in total and in every
    split; the splits are 70, 15 and 15 %.
    """
    random = RandomInts(seed)
    row_numbers = random.permutation(rows)
    stars = row_numbers % len(SENTIMENTS)
    writer, texts = ReviewWriter(random), []
    for start in range(0, rows, CHUNK_ROWS):
        of_reviews = [SENTIMENTS[star] for star in stars[start : start + CHUNK_ROWS].tolist()]
        parts = writer.write(np.array([sentiment for review in of_reviews for sentiment in review], dtype=np.int64))
        ends = np.cumsum([len(review) for review in of_reviews]).tolist()
        texts += [" ".join(parts[first:end]) for first, end in pairwise([0, *ends])]
    return pl.DataFrame(
        {
            label: pl.Series((stars + 1).astype(str).tolist(), dtype=pl.String),
            text: pl.Series(texts, dtype=pl.String),
            split: assign_splits(row_numbers),
        }
    )
