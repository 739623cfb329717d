"""Synthetic reviews with stars: each is made of two or three of the sample's, and its stars are how many please."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from zoo_yelp.sample import Draw, Writer, splits_of

BAD, GOOD = 0, 1
FEELINGS = ((BAD, BAD), (BAD, BAD, GOOD), (BAD, GOOD), (GOOD, GOOD, BAD), (GOOD, GOOD))  # of 1 star, 2, 3, 4 and 5
CHUNK = 10_000  # reviews


def starred_reviews(rows: int, seed: int, *, text: str, label: str, split: str) -> pl.DataFrame:
    """`rows` synthetic reviews, all stars equally frequent over all and in every split; the same for the same seed.

    The columns of text, stars and split are called so; the splits are 70, 15 and 15 %.
    """
    draw = Draw(seed)
    number = draw.permutation(rows)
    stars = number % len(FEELINGS)
    writer, texts = Writer(draw), []
    for start in range(0, rows, CHUNK):
        parts = [FEELINGS[star] for star in stars[start : start + CHUNK].tolist()]
        written = writer.write(np.array([feeling for part in parts for feeling in part], dtype=np.int64))
        ends = np.cumsum([len(part) for part in parts]).tolist()
        texts += [" ".join(written[a:b]) for a, b in pairwise([0, *ends])]
    return pl.DataFrame(
        {
            label: pl.Series((stars + 1).astype(str).tolist(), dtype=pl.String),
            text: pl.Series(texts, dtype=pl.String),
            split: splits_of(number),
        }
    )
