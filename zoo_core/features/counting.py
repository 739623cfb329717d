"""Counts of features as a Bag: each feature of a row once, with its count; in native code, by chunks of rows."""

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
ChunkCounts = tuple[NDArray[np.int32], NDArray[Any], Ints]  # ids, counts (uint8 or float32), ids per row
T = TypeVar("T")
Int = TypeVar("Int", bound=np.integer[Any])
CHUNK_ROWS = 1024


def map_row_ranges(rows: int, work: Callable[[int, int], T], *, chunk: int = CHUNK_ROWS) -> list[T]:
    """Call `work(start, stop)` for consecutive chunks of rows, on all cores, in order; once if there are no rows."""
    return list(_iter_row_ranges(rows, work, chunk))


def _iter_row_ranges(rows: int, work: Callable[[int, int], T], chunk: int) -> Iterator[T]:
    starts = range(0, max(rows, 1), chunk)
    return prefetch_map(lambda start: work(start, min(start + chunk, rows)), starts, threads=os.cpu_count() or 1)


def unique_counts(values: NDArray[Int]) -> tuple[NDArray[Int], Ints]:
    """The distinct values, ascending, and the count of each. Sorts `values` in place."""
    values.sort()
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    return values.take(starts), np.diff(starts, append=len(values))


def pack_keys(rows: NDArray[Any], ids: NDArray[Any], *, num_rows: int, width: int) -> NDArray[Any]:
    """Pack each row and id (below `width`) into one number, the bits of the row above those of the id.

    32 bits are used if they suffice, because they sort twice as fast. Bits are unpacked faster than by division.
    """
    bits = width.bit_length()
    dtype = np.uint32 if num_rows.bit_length() + bits <= 32 else np.int64
    keys: NDArray[Any] = np.left_shift(rows.astype(dtype, copy=False), bits)
    keys |= ids.astype(dtype, copy=False)
    return keys


def count_ids(rows: NDArray[Any], ids: NDArray[Any], *, num_rows: int, width: int) -> ChunkCounts:
    """Count the ids of each row: distinct ids, ascending within a row, the count of each, and the ids per row.

    `rows` and `ids` are `(entries,)`, in any order, with ids below `width`.
    """
    keys, counts = unique_counts(pack_keys(rows, ids, num_rows=num_rows, width=width))
    bits = width.bit_length()
    ends = np.searchsorted(keys, np.arange(1, num_rows + 1, dtype=keys.dtype) << bits)
    narrow = counts.astype(np.uint8 if counts.max(initial=0) < 256 else np.float32)
    return (keys & ((1 << bits) - 1)).astype(np.int32), narrow, np.diff(ends, prepend=0)


def build_bag(
    rows: int, work: Callable[[int, int], ChunkCounts], *, width: int, counts: bool, chunk: int = CHUNK_ROWS
) -> Bag:
    """Build a Bag from what `work(start, stop)` counts in each chunk of rows.

    Its weights are the counts, or None if `counts` is False. Arrays grow chunk by chunk, so that the counts of all
    chunks are never in memory beside the Bag.
    """
    ids: NDArray[Any] = np.empty(0, dtype=np.uint16 if width <= 1 << 16 else np.int32)  # uint16 takes half the memory
    weights: NDArray[Any] = np.empty(0, dtype=np.uint8)
    lengths: list[Ints] = []
    for chunk_ids, chunk_counts, chunk_lengths in _iter_row_ranges(rows, work, chunk):
        ids = append_in_place(ids, chunk_ids)
        if counts:
            dtype = np.result_type(weights, chunk_counts)
            weights = append_in_place(weights.astype(dtype, copy=False), chunk_counts)
        lengths.append(chunk_lengths)
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    return Bag(torch.from_numpy(ids), torch.from_numpy(offsets), torch.from_numpy(weights) if counts else None, width)
