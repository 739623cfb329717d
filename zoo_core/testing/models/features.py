"""The inputs of models: features of each layout, large and harsh, each with a description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as List
from functools import cache, partial

import torch
from torch import Tensor

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.seeds import make_generator
from zoo_core.testing.input_sets import InputSet

Features = Bag | Sequence | Dense

SOME_EMPTY = "12 rows, the first and the last empty"
LONGEST = 1000  # tokens or features of a row


def make_lengths(rows: int, most: int, *, empty: List[int] = ()) -> Tensor:
    """Return the entries in each row, 1 to `most`, and 0 in the empty ones."""
    lengths = torch.randint(1, most + 1, (rows,), generator=make_generator(7, "lengths", rows, most))
    lengths[list(empty)] = 0
    return lengths


def make_bag(lengths: Tensor, width: int, *, size: float = 0.0) -> Bag:
    """Return a Bag of distinct features in each row, with weights up to `size`, of either sign, or without weights."""
    generator = make_generator(7, "bag", width, len(lengths))
    rows = [torch.randperm(width, generator=generator)[:length].sort().values for length in lengths.tolist()]
    ids = torch.cat(rows).to(torch.int32) if rows else torch.zeros(0, dtype=torch.int32)
    weights = (torch.rand(len(ids), generator=generator) * 2 - 1) * size if size else None
    return Bag(ids, _offsets(torch.tensor([len(row) for row in rows])), weights, width)


def make_sequence(lengths: Tensor, width: int) -> Sequence:
    """Return a Sequence of ids from 1."""
    total = int(lengths.sum())
    ids = torch.randint(1, width, (total,), generator=make_generator(7, "sequence", width, len(lengths)))
    return Sequence(ids.to(torch.int32), _offsets(lengths), width)


def make_dense(lengths: Tensor, width: int, *, size: float = 1.0) -> Dense:
    """Return a Dense matrix of numbers up to `size`, of either sign; a row without entries is 0."""
    values = torch.rand(len(lengths), width, generator=make_generator(7, "dense", width, len(lengths))) * 2 - 1
    return Dense(values * size * (lengths > 0)[:, None])


def make_long_rows(make: Callable[[Tensor, int], Features]) -> Features:
    """Return a row of 1,000 entries between short ones."""
    return make(torch.tensor([3, 1, LONGEST, 0, 7]), LONGEST)


def _signed_zeros() -> Dense:
    values = make_dense(make_lengths(12, 4), 12).values
    return Dense(torch.where(values > 0.5, 0.0, torch.where(values < -0.5, -0.0, values)))


def _repeated(make: Callable[[Tensor, int], Features]) -> Features:
    return make(make_lengths(12, 4), 12).take(torch.tensor([0, 1, 0, 2, 1, 0]))


def _offsets(lengths: Tensor) -> Tensor:
    return torch.cat([torch.zeros(1, dtype=torch.int64), lengths.to(torch.int64).cumsum(0)])


def _of_any_layout(make: Callable[[Tensor, int], Features]) -> dict[str, Callable[[], Features]]:
    """What each layout has, made of the entries in each row and a width."""
    return {
        "1 row": lambda: make(make_lengths(1, 4), 12),
        SOME_EMPTY: lambda: make(make_lengths(12, 5, empty=(0, 5, 11)), 12),
        "3 empty rows": lambda: make(torch.zeros(3, dtype=torch.int64), 12),
        "rows that occur twice": partial(_repeated, make),
        "256 rows of 64 features": lambda: make(make_lengths(256, 6), 64),
        "512 rows of 64 features": lambda: make(make_lengths(512, 12, empty=(7,)), 64),
        "12 rows of 4 features": lambda: make(make_lengths(12, 3), 4),
        "a row of 1,000 entries between short ones": partial(make_long_rows, make),
    }


INPUTS: dict[str, InputSet[Features]] = {
    "bag": InputSet(
        "bags",
        1,
        {
            **_of_any_layout(make_bag),
            "weights of both signs": lambda: make_bag(make_lengths(12, 5, empty=(2,)), 12, size=1),
            "weights to 1,000": lambda: make_bag(make_lengths(12, 5), 12, size=1000),
            "512 rows with weights": lambda: make_bag(make_lengths(512, 12), 64, size=2),
            "12 rows of 1 feature": lambda: make_bag(make_lengths(12, 1), 1),
        },
    ),
    "sequence": InputSet(
        "sequences",
        1,
        {**_of_any_layout(make_sequence), "12 rows of 1 word": lambda: make_sequence(make_lengths(12, 4), 2)},
    ),
    "dense": InputSet(
        "dense matrices",
        1,
        {
            **_of_any_layout(make_dense),
            "numbers to 1,000": lambda: make_dense(make_lengths(12, 1), 12, size=1000),
            "numbers of 1e-30": lambda: make_dense(make_lengths(12, 1), 12, size=1e-30),
            "0 and -0": _signed_zeros,
            "12 rows of 1 feature": lambda: make_dense(make_lengths(12, 1), 1),
        },
    ),
}
MANY_ROWS = {
    "bag": "512 rows with weights",
    "sequence": "512 rows of 64 features",
    "dense": "512 rows of 64 features",
}


def many_rows(layout: str) -> Features:
    """Return 512 rows of a layout."""
    return features_of(layout, MANY_ROWS[layout])


def features_of(layout: str, description: str) -> Features:
    """Return an input of a layout: a copy, which a component may change."""
    features = _make(layout, description)
    return features.take(torch.arange(len(features)))


@cache
def _make(layout: str, description: str) -> Features:
    return INPUTS[layout].makers[description]()


def all_features(layouts: List[str]) -> Iterator[tuple[str, Features]]:
    """Yield every input of these layouts, with its description."""
    for layout in layouts:
        for description in INPUTS[layout].makers:
            yield f"{description} ({layout})", features_of(layout, description)


def width_of(features: Features) -> int:
    """The number of features, or of distinct ids."""
    return features.values.shape[1] if isinstance(features, Dense) else features.width
