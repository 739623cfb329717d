"""From where features stand to a Bag: each feature of a row once, and how often. In native code, by chunks of rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_core.features import Bag
from zoo_core.tokens import grown

Ints = NDArray[np.int64]
Part = tuple[NDArray[np.int32], NDArray[Any], Ints]  # ids, counts (uint8, or float32 beyond it), ids in each row
T = TypeVar("T")
CHUNK = 2048  # rows
TOGETHER = 32  # chunks


def by_rows(rows: int, work: Callable[[int, int], T], *, chunk: int = CHUNK) -> list[T]:
    """`work(start, stop)` for consecutive chunks of rows, on all cores, in order; once for no rows at all."""
    starts = range(0, max(rows, 1), chunk)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda at: work(at, min(at + chunk, rows)), starts))


def runs(values: Ints) -> tuple[Ints, Ints]:
    """The different values, ascending, and how often each stands there. Sorts `values` in place."""
    values.sort()
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1]))) if len(values) else np.zeros(0, int)
    return values[starts], np.diff(np.append(starts, len(values)))


def counted(rows: Ints, ids: Ints, *, num_rows: int, width: int) -> Part:
    """Each id once for each row: ids ascending within a row, how often each stands there, and ids in each row.

    `rows` and `ids` are `(entries,)`, in any order, with ids below `width`.
    """
    bits = width.bit_length()  # whole bits for an id: to take a key apart by division is slow
    keys, counts = runs((rows << bits) | ids)
    at, found = keys >> bits, keys & ((1 << bits) - 1)
    often = counts.astype(np.uint8 if counts.max(initial=0) < 256 else np.float32)
    return found.astype(np.int32), often, np.bincount(at, minlength=num_rows)


def bag_of(rows: int, work: Callable[[int, int], Part], *, width: int, counts: bool, chunk: int = CHUNK) -> Bag:
    """The Bag of what `work(start, stop)` counts in each chunk of rows; its weights are the counts, or None for ones.

    A few chunks at a time, onto arrays that grow: what all chunks give never stands in memory beside the Bag.
    """
    ids = np.empty(0, dtype=np.int32)
    weights: NDArray[Any] = np.empty(0, dtype=np.uint8)
    lengths: list[Ints] = []
    for at in range(0, max(rows, 1), TOGETHER * chunk):
        stop = min(at + TOGETHER * chunk, rows)
        parts = by_rows(stop - at, lambda a, b, at=at: work(at + a, at + b), chunk=chunk)  # type: ignore[misc]
        ids = grown(ids, [part[0] for part in parts])
        if counts:
            often = [part[1] for part in parts]
            weights = grown(weights.astype(np.result_type(weights, *often), copy=False), often)
        lengths += [part[2] for part in parts]
        del parts
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    made = torch.from_numpy(weights) if counts else None
    return Bag(torch.from_numpy(ids), torch.from_numpy(offsets), made, width)
