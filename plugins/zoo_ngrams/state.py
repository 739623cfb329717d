"""Families of n-grams from the state of an encoder, which may say anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from zoo_core.features.counting import Ints
from zoo_ngrams.families import Characters, Family, Words
from zoo_ngrams.grams import Grams

FAMILIES: tuple[type[Words] | type[Characters], ...] = (Words, Characters)


def read(state: dict[str, Any]) -> tuple[tuple[Family, ...], int]:
    """Families from a state that may say anything, and how many features they have; ValueError where it cannot be."""
    families = []
    for cls in FAMILIES:
        tokens = state.get(f"{cls.name}.tokens")
        if tokens is None:
            continue
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise ValueError(f"{cls.name}.tokens must be a list of strings")
        if len(set(tokens)) != len(tokens):
            raise ValueError(f"{cls.name}.tokens holds one twice")
        orders = 1
        while f"{cls.name}.features.{orders + 1}" in state:
            orders += 1
        features = [_ints(state, f"{cls.name}.features.{order}") for order in range(1, orders + 1)]
        keys = [_ints(state, f"{cls.name}.keys.{order}") for order in range(2, orders + 1)]
        _check(len(tokens), keys, features)
        families.append(cls(Grams(pl.Series(tokens, dtype=pl.String), tuple(keys)), tuple(features)))
    ids = np.concatenate([np.zeros(0, int), *(own[own >= 0] for family in families for own in family.features)])
    if not len(ids) or not np.array_equal(np.sort(ids), np.arange(len(ids))):
        raise ValueError("the features are not numbered 0, 1, 2 …")
    return tuple(families), len(ids)


def _ints(state: dict[str, Any], name: str) -> Ints:
    value = state.get(name)
    if not isinstance(value, Tensor) or value.dtype != torch.int64 or value.ndim != 1:
        raise ValueError(f"{name} must be a row of int64")
    return value.numpy()


def _check(words: int, keys: list[Ints], features: list[Ints]) -> None:
    """Before the keys are indexed, which takes long if they are equal."""
    sizes = [words, *map(len, keys)]
    for order, own in enumerate(keys, start=2):
        bound = sizes[order - 2] * words
        if len(own) and (own[0] < 0 or own[-1] >= bound or (np.diff(own) <= 0).any()):
            raise ValueError(f"the n-grams of order {order} are not sound")
    if [len(ids) for ids in features] != sizes:
        raise ValueError("there is not one feature number for each n-gram")
