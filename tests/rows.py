"""Rows as training uses them: stratified splits, folds of a pool, and batches in shuffled order."""

from __future__ import annotations

import numpy as np
import torch

from zoo_core.data.folds import nested_folds
from zoo_core.data.splits import split_rows, stratified_split
from zoo_core.seeds import make_generator


def split_stratified(labels, file_splits, shares, seed):
    """The rows of each split, drawn stratified where the file has none."""

    def draw(pool, given):
        parts = stratified_split(labels.gather(pool.astype(np.uint32)), given, seed)
        return {name: pool[part] for name, part in parts.items()}

    return split_rows(labels, file_splits, shares, draw)


def folds_outside_test(labels, rows, k, seed, *, groups=None):
    """The folds of the rows in train and val."""
    pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
    at = pool.astype(np.uint32)
    shares = {name: len(rows[name]) for name in ("train", "val")}
    made = nested_folds(labels.gather(at), shares, k, seed, groups=None if groups is None else groups.gather(at))
    return [{name: pool[part] for name, part in fold.items()} for fold in made]


def shuffled(split, *, epoch, seed=0, **options):
    """The batches of a split, in order for `epoch=None`, else as the sampler "shuffled" has them."""
    if epoch is None:
        return split.batches(**options)
    generator = make_generator(seed, "shuffle", epoch)
    order = torch.randperm(len(split), generator=generator)
    return split.batches(order=order, generator=generator, **options)
