"""Small inputs of the checks: generated from a seed, with the relevant edge cases."""

from __future__ import annotations

import polars as pl
import torch
from torch import Tensor

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import make_generator

WIDTH = 12  # features
TEXTS = ["good food and good service", "", "awful unheardof place", "good", "never good , never bad"]


def make_scores(rows: int = 5, outputs: int = 4, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return scores `(rows, outputs)` between -3 and 3, none within 0.05 of 0, where functions may have a kink."""
    scores = torch.rand(rows, outputs, generator=make_generator(7, "scores"), dtype=torch.float64) * 6 - 3
    return torch.where(scores.abs() < 0.05, scores + 0.1, scores).to(dtype)


def make_bag(rows: int = 6, *, dtype: torch.dtype = torch.float32, weighted: bool = False) -> Bag:
    """Return a Bag whose second row is empty."""
    generator = make_generator(7, "bag", rows)
    lengths = torch.randint(1, 5, (rows,), generator=generator)
    if rows > 1:
        lengths[1] = 0
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)])
    row_ids = [torch.randperm(WIDTH, generator=generator)[:length].sort().values for length in lengths.tolist()]
    ids = torch.cat(row_ids).to(torch.int32)
    weights = torch.rand(len(ids), generator=generator, dtype=torch.float64).to(dtype) + 0.5 if weighted else None
    return Bag(ids, offsets, weights, WIDTH)


def make_sequence(rows: int = 6) -> Sequence:
    """Return a Sequence whose second row is empty, with ids from 1."""
    bag = make_bag(rows)
    return Sequence(bag.ids % (WIDTH - 1) + 1, bag.offsets, WIDTH)


def make_dense(rows: int = 6, *, dtype: torch.dtype = torch.float32) -> Dense:
    """Return a Dense matrix whose second row is zero."""
    values = torch.rand(rows, WIDTH, generator=make_generator(7, "dense", rows), dtype=torch.float64) - 0.5
    if rows > 1:
        values[1] = 0
    return Dense(values.to(dtype))


def make_features(layout: str, rows: int = 6) -> Bag | Sequence | Dense:
    """Return features of a layout."""
    if layout == "bag":
        return make_bag(rows)
    return make_sequence(rows) if layout == "sequence" else make_dense(rows)


def sample_inputs(input_type: str) -> pl.Series:
    """Return normalized texts to encode: a repeated word, an empty text, unknown words, punctuation; or numbers."""
    numbers = ["height=1.5; weight=-2", "weight=3e2; height=0", "height=7; weight=7"]
    return pl.Series("text", numbers if input_type == "numbers" else TEXTS, dtype=pl.String)


def training_inputs(input_type: str) -> tuple[pl.Series, Tensor]:
    """Return texts to fit on, with words frequent enough for a common cutoff, or numbers; and class indices."""
    texts = ["good food and service", "awful bad place never"]
    numbers = ["height=1; weight=3", "height=2.5; weight=-1"]
    column = pl.Series("text", (numbers if input_type == "numbers" else texts) * 40, dtype=pl.String)
    return column, torch.tensor([1, 0] * 40)
