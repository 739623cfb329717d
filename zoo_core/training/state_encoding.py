"""States as plain values and tensors, for files in which nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

UNSTORED_TYPES = (torch.complex32, torch.complex128)  # of those that safetensors does not have


def encode_state(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Encode a value as JSON; its tensors go into `tensors`. Raises TypeError for anything but plain values.

    >>> tensors = {}
    >>> decode_state(encode_state({0: (1.5, None), "rates": [float("inf")]}, tensors), tensors)
    {0: (1.5, None), 'rates': [inf]}
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, Tensor):
        if problem := find_storing_problem(value):
            raise TypeError(f"{problem}, which cannot be stored")
        name = str(len(tensors))
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, Mapping):
        return {"dict": [[encode_state(key, tensors), encode_state(item, tensors)] for key, item in value.items()]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode_state(item, tensors) for item in value]}
    raise TypeError(f"a {type(value).__name__}, which cannot be stored")


def find_storing_problem(tensor: Tensor) -> str:
    """What a tensor is if a file cannot hold it: sparse, quantized, without values; "" if it can."""
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return "a quantized tensor" if tensor.is_quantized else "a sparse tensor"
    if tensor.is_meta:
        return "a tensor without values"
    return f"a tensor of {tensor.dtype}" if tensor.dtype in UNSTORED_TYPES else ""


def decode_state(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Decode what `encode_state` returned. Raises ValueError, KeyError or TypeError for anything else."""
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise ValueError("a list without its type")
        return value
    ((kind, content),) = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "float":
        return float(content)
    if kind == "dict":
        return {decode_state(key, tensors): decode_state(item, tensors) for key, item in content}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(decode_state(item, tensors) for item in content)
    raise ValueError(f"unknown type {kind!r}")


def states_match(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> bool:
    """Whether a state has the names, shapes and types of another, and only finite numbers."""
    return set(state) == set(expected) and all(
        isinstance(tensor, Tensor)
        and (tensor.shape, tensor.dtype) == (expected[name].shape, expected[name].dtype)
        and bool(torch.isfinite(tensor).all())
        for name, tensor in state.items()
    )
