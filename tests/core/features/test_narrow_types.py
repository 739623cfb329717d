"""Codes and ids at the limit of uint16: stored as uint16 up to it, as int32 above it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch

from zoo_core.features.counting import build_bag, count_ids
from zoo_core.features.tokens import tokenize_column

UINT16_MAX = (1 << 16) - 1


@pytest.mark.parametrize("words", [UINT16_MAX, UINT16_MAX + 1, UINT16_MAX + 2, UINT16_MAX + 5000])
def test_vocabularies_near_the_limit(words):
    texts = [f"w{at} first w{words - 2 - at}" for at in range(words - 1)]
    tokens = tokenize_column(pl.Series(texts), lambda column: column.str.split(" "))
    assert (len(tokens.words), tokens.codes.dtype) == (words, np.int32)
    assert tokens.words.gather(tokens.codes).to_list() == " ".join(texts).split(" ")
    some = np.arange(0, len(texts), 3)
    for selected in (tokens.take(some), tokens.partition({"some": some})["some"]):
        assert selected.words.gather(selected.codes).to_list() == " ".join(texts[::3]).split(" ")


@pytest.mark.parametrize("width", [UINT16_MAX, UINT16_MAX + 1, UINT16_MAX + 2])
def test_widths_near_the_limit(width):
    ids = np.array([[0, width - 1], [width - 1, width - 2], [1 << 15, 1]])

    def work(start, stop):
        rows = np.repeat(np.arange(stop - start), 2)
        return count_ids(rows, ids[start:stop].ravel(), num_rows=stop - start, width=width)

    bag = build_bag(3, work, width=width, counts=False, chunk=2)
    assert bag.raw_ids.dtype == (torch.uint16 if width <= UINT16_MAX + 1 else torch.int32)
    assert bag.ids.tolist() == np.sort(ids).ravel().tolist()
    assert bag.take(torch.tensor([2, 0])).ids.tolist() == [*sorted(ids[2]), *sorted(ids[0])]
