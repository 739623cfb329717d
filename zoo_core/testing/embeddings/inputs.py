"""The inputs of embeddings: ids of words in batches of texts, padded with 0."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.features.batches import EncodedSplit
from zoo_core.features.layouts import Sequence
from zoo_core.testing.input_sets import InputSet
from zoo_core.testing.models.features import make_lengths, make_sequence

CLASSES = 3


@frozen(eq=False)
class Ids:
    """Ids int64 `(batch, length)` below `width`, the number of ids."""

    values: Tensor
    width: int


def padded(lengths: Tensor, width: int) -> Ids:
    """Texts of these lengths, with ids from 1, padded to the longest."""
    return Ids(make_sequence(lengths, width).padded()[0], width)


EMBEDDING_INPUTS = InputSet[Ids](
    "ids",
    1,
    {
        "12 texts of up to 5 of 12 words": lambda: padded(make_lengths(12, 5, empty=(0, 11)), 12),
        "1 text": lambda: padded(make_lengths(1, 4), 12),
        "3 empty texts": lambda: padded(torch.zeros(3, dtype=torch.int64), 12),
        "no text": lambda: Ids(torch.zeros(0, 3, dtype=torch.int64), 12),
        "texts of one word": lambda: padded(make_lengths(12, 4), 2),
        "256 texts of up to 6 of 64 words": lambda: padded(make_lengths(256, 6), 64),
        "a text of 1,000 words between short ones": lambda: padded(torch.tensor([3, 1, 1000, 0, 7]), 1000),
    },
)
SOME, MANY = "12 texts of up to 5 of 12 words", "256 texts of up to 6 of 64 words"


def ids_of(description: str) -> Ids:
    """An input by its description."""
    return EMBEDDING_INPUTS.makers[description]()


def training_split(width: int) -> EncodedSplit:
    """An encoded training split of texts with this many ids; one of them is empty."""
    lengths = make_lengths(40, 8, empty=(3,))
    features: Sequence = make_sequence(lengths, width)
    return EncodedSplit(features, torch.arange(40) % CLASSES)
