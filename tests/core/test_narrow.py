"""Codes and ids are held in 16 bits where they can be, and say the same where one more would not fit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch

from zoo_core.features.counting import build_bag, count_ids
from zoo_core.features.tokens import tokenize_column

LAST = (1 << 16) - 1


@pytest.mark.parametrize("words", [LAST, LAST + 1, LAST + 2, LAST + 5000])
def test_words_about_as_many_as_16_bits_tell_apart(words):
    texts = [f"w{at} first w{words - 2 - at}" for at in range(words - 1)]
    tokens = tokenize_column(pl.Series(texts), lambda piece: piece.str.split(" "))
    assert (len(tokens.words), tokens.codes.dtype) == (words, np.int32)
    assert tokens.words.gather(tokens.codes).to_list() == " ".join(texts).split(" ")
    some = np.arange(0, len(texts), 3)
    taken, dealt = tokens.take(some), tokens.partition({"some": some})["some"]
    for found in (taken, dealt):
        assert found.words.gather(found.codes).to_list() == " ".join(texts[::3]).split(" ")


@pytest.mark.parametrize("width", [LAST, LAST + 1, LAST + 2])
def test_ids_up_to_the_last_of_16_bits(width):
    ids = np.array([[0, width - 1], [width - 1, width - 2], [1 << 15, 1]])

    def work(start, stop):
        rows = np.repeat(np.arange(stop - start), 2)
        return count_ids(rows, ids[start:stop].ravel(), num_rows=stop - start, width=width)

    bag = build_bag(3, work, width=width, counts=False, chunk=2)
    assert bag.held.dtype == (torch.uint16 if width <= LAST + 1 else torch.int32)
    assert bag.ids.tolist() == np.sort(ids).ravel().tolist()
    assert bag.take(torch.tensor([2, 0])).ids.tolist() == [*sorted(ids[2]), *sorted(ids[0])]
