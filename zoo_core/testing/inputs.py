"""Small inputs that checks feed to components: made from a seed, with the corners that matter."""

from __future__ import annotations

import polars as pl
import torch
from torch import Tensor

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import make_generator

WIDTH = 12
TEXTS = ["good food and good service", "", "awful unheardof place", "good", "never good , never bad"]


def scores(rows: int = 5, outputs: int = 4, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Scores `(rows, outputs)` between -3 and 3, none within 0.05 of a kink at 0."""
    raw = torch.rand(rows, outputs, generator=make_generator(7, "scores"), dtype=torch.float64) * 6 - 3
    away = torch.where(raw.abs() < 0.05, raw + 0.1, raw)
    return away.to(dtype)


def bag(rows: int = 6, *, dtype: torch.dtype = torch.float32, weighted: bool = False) -> Bag:
    """A Bag of some rows, the second of them empty."""
    random = make_generator(7, "bag", rows)
    lengths = torch.randint(1, 5, (rows,), generator=random)
    if rows > 1:
        lengths[1] = 0
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)])
    parts = [torch.randperm(WIDTH, generator=random)[:n].sort().values for n in lengths.tolist()]
    ids = torch.cat(parts).to(torch.int32)
    weights = torch.rand(len(ids), generator=random, dtype=torch.float64).to(dtype) + 0.5 if weighted else None
    return Bag(ids, offsets, weights, WIDTH)


def sequence(rows: int = 6) -> Sequence:
    """A Sequence of some rows, the second of them empty; ids from 1 on."""
    made = bag(rows)
    return Sequence(made.ids % (WIDTH - 1) + 1, made.offsets, WIDTH)


def dense(rows: int = 6, *, dtype: torch.dtype = torch.float32) -> Dense:
    """A Dense matrix of some rows, the second of them zero."""
    values = torch.rand(rows, WIDTH, generator=make_generator(7, "dense", rows), dtype=torch.float64) - 0.5
    if rows > 1:
        values[1] = 0
    return Dense(values.to(dtype))


def features(layout: str, rows: int = 6) -> Bag | Sequence | Dense:
    """Features of a layout."""
    if layout == "bag":
        return bag(rows)
    return sequence(rows) if layout == "sequence" else dense(rows)


def texts() -> pl.Series:
    """Normalized texts: a repeated word, an empty text, unknown words, punctuation."""
    return pl.Series("text", TEXTS, dtype=pl.String)


def training_texts() -> tuple[pl.Series, Tensor]:
    """Texts to fit on, each word often enough for any sensible cutoff, and their class indices."""
    column = pl.Series("text", ["good food and service", "awful bad place never"] * 40, dtype=pl.String)
    return column, torch.tensor([1, 0] * 40)


def sample_inputs(matter: str) -> pl.Series:
    """Normalized texts of a kind of matter, of which a vectorizer that was fitted on others takes each."""
    if matter == "text":
        return texts()
    return pl.Series("text", ["height=1.5; weight=-2", "weight=3e2; height=0", "height=7; weight=7"], dtype=pl.String)


def training_readings(matter: str) -> tuple[pl.Series, Tensor]:
    """`training_texts` of a kind of matter."""
    if matter == "text":
        return training_texts()
    column = pl.Series("text", ["height=1; weight=3", "height=2.5; weight=-1"] * 40, dtype=pl.String)
    return column, torch.tensor([1, 0] * 40)
