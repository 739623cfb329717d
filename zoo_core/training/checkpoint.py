"""What a training stands at, kept in a file to go on from: tensors and plain values, nothing that runs."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from attrs import define, field
from torch import Tensor

from zoo_core.errors import DataError, InputOutputError, RunFolderError
from zoo_core.messages import warn

FORMAT = 1
CHECKPOINT_FILE = "checkpoint.safetensors"


@define
class Checkpoint:
    """The checkpoint of an unfinished run, written at most every `every` seconds; always if that is 0.

    `data` is the SHA-256 of what is trained on: the state of one training is none of another.
    """

    folder: Path
    interval_seconds: float
    data_sha256: str
    _last: float = field(factory=time.perf_counter)

    def save(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Write a state in place of the one before, if the time has come. A kill leaves one or the other whole."""
        if time.perf_counter() - self._last < self.interval_seconds:
            return
        tensors: dict[str, Tensor] = {}
        try:
            plain = encode_state({"format": FORMAT, "data": self.data_sha256, "state": state()}, tensors)
        except TypeError as error:
            self.interval_seconds = math.inf
            warn(f"this run cannot be resumed: its state holds {error}")
            return
        partial = self.folder / f"{CHECKPOINT_FILE}.partial"
        try:
            partial.write_bytes(safetensors.torch.save(tensors, metadata={"state": json.dumps(plain)}))
            partial.replace(self.folder / CHECKPOINT_FILE)
        except OSError as error:
            raise InputOutputError(f"cannot write {partial}: {error.strerror or error}") from None
        self._last = time.perf_counter()

    def load(self) -> Mapping[str, Any] | None:
        """The state kept last, None for none; RunFolderError for a file that holds no state of a training."""
        path = self.folder / CHECKPOINT_FILE
        if not os.path.lexists(path):
            return None
        try:
            with safetensors.safe_open(path, framework="pt") as stored:
                # copies: Windows replaces no file that is mapped, and the next checkpoint replaces this one
                tensors = {name: stored.get_tensor(name).clone() for name in stored.keys()}  # noqa: SIM118
                found = decode_state(json.loads((stored.metadata() or {})["state"]), tensors)
            if found["format"] != FORMAT:
                raise ValueError(f"format {found['format']!r}")
            data, state = found["data"], dict(found["state"])
        except (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunFolderError(f"this is no checkpoint: {error}", where=str(path)) from None
        if data != self.data_sha256:
            raise DataError("the data is not what this run began with", hint="train anew, or bring that file back")
        return state


def encode_state(value: Any, tensors: dict[str, Tensor]) -> Any:
    """A value as JSON, its tensors put aside under the names it then holds; TypeError for what is no plain value.

    >>> kept = {}
    >>> unpacked(packed({0: (1.5, None), "rates": [float("inf")]}, kept), kept)
    {0: (1.5, None), 'rates': [inf]}
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, Mapping):
        return {"dict": [[encode_state(key, tensors), encode_state(own, tensors)] for key, own in value.items()]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode_state(own, tensors) for own in value]}
    raise TypeError(f"a {type(value).__name__}, which no file can hold")


def decode_state(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What `packed` was given; ValueError, KeyError or TypeError for what it never gave."""
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise ValueError("a bare list")
        return value
    ((kind, own),) = value.items()
    if kind == "tensor":
        return tensors[own]
    if kind == "float":
        return float(own)
    if kind == "dict":
        return {decode_state(key, tensors): decode_state(item, tensors) for key, item in own}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(decode_state(item, tensors) for item in own)
    raise ValueError(f"a {kind!r}")


def states_match(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> bool:
    """Whether a state has the names, shapes and types of another, and every number of it is finite."""
    return set(state) == set(expected) and all(
        isinstance(own, Tensor)
        and (own.shape, own.dtype) == (expected[name].shape, expected[name].dtype)
        and bool(torch.isfinite(own).all())
        for name, own in state.items()
    )
