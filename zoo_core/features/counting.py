"""From where features stand to a Bag: each feature of a row once, and how often. In native code, by chunks of rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_core.features.bag import Bag
from zoo_core.features.tokens import append_in_place
from zoo_core.parallel import prefetch_map

Ints = NDArray[np.int64]
Part = tuple[NDArray[np.int32], NDArray[Any], Ints]  # ids, counts (uint8, or float32 beyond it), ids in each row
T = TypeVar("T")
Int = TypeVar("Int", bound=np.integer[Any])
CHUNK = 1024  # rows


def map_row_ranges(rows: int, work: Callable[[int, int], T], *, chunk: int = CHUNK) -> list[T]:
    """`work(start, stop)` for consecutive chunks of rows, on all cores, in order; once for no rows at all."""
    return list(_by_rows(rows, work, chunk))


def _by_rows(rows: int, work: Callable[[int, int], T], chunk: int) -> Iterator[T]:
    starts = range(0, max(rows, 1), chunk)
    return prefetch_map(lambda at: work(at, min(at + chunk, rows)), starts, threads=os.cpu_count() or 1)


def unique_counts(values: NDArray[Int]) -> tuple[NDArray[Int], Ints]:
    """The different values, ascending, and how often each stands there. Sorts `values` in place."""
    values.sort()
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    return values.take(starts), np.diff(starts, append=len(values))


def pack_keys(rows: NDArray[Any], ids: NDArray[Any], *, num_rows: int, width: int) -> NDArray[Any]:
    """A number for each row and id, ids below `width`: the row's bits above the id's, in 32 bits where they suffice.

    Half as wide, they are sorted twice as fast; and to take a key apart by division would be slow.
    """
    bits = width.bit_length()
    dtype = np.uint32 if num_rows.bit_length() + bits <= 32 else np.int64
    keys: NDArray[Any] = np.left_shift(rows.astype(dtype, copy=False), bits)
    keys |= ids.astype(dtype, copy=False)
    return keys


def count_ids(rows: NDArray[Any], ids: NDArray[Any], *, num_rows: int, width: int) -> Part:
    """Each id once for each row: ids ascending within a row, how often each stands there, and ids in each row.

    `rows` and `ids` are `(entries,)`, in any order, with ids below `width`.
    """
    keys, counts = unique_counts(pack_keys(rows, ids, num_rows=num_rows, width=width))
    bits = width.bit_length()
    ends = np.searchsorted(keys, np.arange(1, num_rows + 1, dtype=keys.dtype) << bits)
    often = counts.astype(np.uint8 if counts.max(initial=0) < 256 else np.float32)
    return (keys & ((1 << bits) - 1)).astype(np.int32), often, np.diff(ends, prepend=0)


def build_bag(rows: int, work: Callable[[int, int], Part], *, width: int, counts: bool, chunk: int = CHUNK) -> Bag:
    """The Bag of what `work(start, stop)` counts in each chunk of rows; its weights are the counts, or None for ones.

    Chunk after chunk, onto arrays that grow: what all chunks give never stands in memory beside the Bag.
    """
    ids: NDArray[Any] = np.empty(0, dtype=np.uint16 if width <= 1 << 16 else np.int32)  # half the memory, where it can
    weights: NDArray[Any] = np.empty(0, dtype=np.uint8)
    lengths: list[Ints] = []
    for own, often, found in _by_rows(rows, work, chunk):
        ids = append_in_place(ids, own)
        if counts:
            weights = append_in_place(weights.astype(np.result_type(weights, often), copy=False), often)
        lengths.append(found)
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    made = torch.from_numpy(weights) if counts else None
    return Bag(torch.from_numpy(ids), torch.from_numpy(offsets), made, width)
