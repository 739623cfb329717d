"""Read the n-gram families from the state of an encoder, which may come from an untrusted file."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from zoo_core.features.counting import Ints
from zoo_ngrams.grams import Grams
from zoo_ngrams.ngram_families import Characters, Family, Words

FAMILIES: tuple[type[Words] | type[Characters], ...] = (Words, Characters)


def read_families(state: dict[str, Any]) -> tuple[tuple[Family, ...], int]:
    """Return the families and their number of features; ValueError for an invalid state."""
    families = []
    for cls in FAMILIES:
        tokens = state.get(f"{cls.name}.tokens")
        if tokens is None:
            continue
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise ValueError(f"{cls.name}.tokens must be a list of strings")
        if len(set(tokens)) != len(tokens):
            raise ValueError(f"{cls.name}.tokens contains a token twice")
        longest = 1
        while f"{cls.name}.features.{longest + 1}" in state:
            longest += 1
        features = [_read_ints(state, f"{cls.name}.features.{order}") for order in range(1, longest + 1)]
        keys = [_read_ints(state, f"{cls.name}.keys.{order}") for order in range(2, longest + 1)]
        _check_orders(len(tokens), keys, features)
        families.append(cls(Grams(pl.Series(tokens, dtype=pl.String), tuple(keys)), tuple(features)))
    columns = [features for family in families for features in family.features]
    ids = np.concatenate([np.zeros(0, int), *(features[features >= 0] for features in columns)])
    if not len(ids) or not np.array_equal(np.sort(ids), np.arange(len(ids))):
        raise ValueError("the features are not numbered 0, 1, 2 …")
    return tuple(families), len(ids)


def _read_ints(state: dict[str, Any], name: str) -> Ints:
    value = state.get(name)
    if not isinstance(value, Tensor) or value.dtype != torch.int64 or value.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional int64 tensor")
    return value.numpy()


def _check_orders(num_tokens: int, keys: list[Ints], features: list[Ints]) -> None:
    """Check keys and features before the keys are indexed, which is slow if many are equal."""
    sizes = [num_tokens, *map(len, keys)]
    for order, order_keys in enumerate(keys, start=2):
        bound = sizes[order - 2] * num_tokens
        if len(order_keys) and (order_keys[0] < 0 or order_keys[-1] >= bound or (np.diff(order_keys) <= 0).any()):
            raise ValueError(f"the keys of order {order} must be ascending and within 0 and {bound}")
    if [len(ids) for ids in features] != sizes:
        raise ValueError("the number of features must be the number of n-grams in each order")
