"""Checkpoints: the state of a training in a file of tensors and plain values; nothing in it is executed."""

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

from zoo_core.errors import DataError, RunFolderError
from zoo_core.filesystem.writing import write_file
from zoo_core.messages import warn
from zoo_core.runs.staging import CHECKPOINT_FILE

FORMAT = 1


@define
class Checkpoint:
    """The checkpoint of an unfinished run, written at most every `interval_seconds`; after each epoch if that is 0.

    `data_sha256` identifies the training data: a state is not restored on other data.
    """

    folder: Path
    interval_seconds: float
    data_sha256: str
    _last_save: float = field(factory=time.perf_counter)

    def save(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Replace the stored state if the interval has passed. A kill leaves the old or the new file whole."""
        if time.perf_counter() - self._last_save < self.interval_seconds:
            return
        tensors: dict[str, Tensor] = {}
        try:
            encoded = encode_state({"format": FORMAT, "data": self.data_sha256, "state": state()}, tensors)
        except TypeError as error:
            self.interval_seconds = math.inf
            warn(f"this run cannot be resumed: its state holds {error}")
            return
        data = safetensors.torch.save(tensors, metadata={"state": json.dumps(encoded)})
        write_file(self.folder / CHECKPOINT_FILE, data)
        self._last_save = time.perf_counter()

    def load(self) -> Mapping[str, Any] | None:
        """Read the stored state; None if there is none. Raises RunFolderError for an invalid file."""
        path = self.folder / CHECKPOINT_FILE
        if not os.path.lexists(path):
            return None
        try:
            with safetensors.safe_open(path, framework="pt") as stored:
                # copies: Windows replaces no file that is mapped, and the next checkpoint replaces this one
                tensors = {name: stored.get_tensor(name).clone() for name in stored.keys()}  # noqa: SIM118
                content = decode_state(json.loads((stored.metadata() or {})["state"]), tensors)
            if content["format"] != FORMAT:
                raise ValueError(f"got format {content['format']!r}, expected {FORMAT}")
            data_sha256, state = content["data"], dict(content["state"])
        except (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunFolderError(f"invalid checkpoint: {error}", where=str(path)) from None
        if data_sha256 != self.data_sha256:
            raise DataError(
                "the data was changed since this run started", hint="restore the file, or train into another folder"
            )
        return state


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
        name = str(len(tensors))
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, Mapping):
        return {"dict": [[encode_state(key, tensors), encode_state(item, tensors)] for key, item in value.items()]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode_state(item, tensors) for item in value]}
    raise TypeError(f"a {type(value).__name__}, which cannot be stored")


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
