"""The device "meta", whose tensors have shapes alone: modules are built there to learn the sizes of their weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

NORMAL = (nn.init.normal_, torch.Tensor.normal_)  # torch loads its compiler for it there, which takes a second


@contextlib.contextmanager
def meta_device() -> Iterator[None]:
    """Make every tensor of the block on the device "meta"."""
    with torch.device("meta"), _WithoutNormal():
        yield


class _WithoutNormal(TorchFunctionMode):
    """Leave tensors on the device "meta", which have no values, as they are where they would get normal ones."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in NORMAL:
            tensor = args[0] if args else kwargs["tensor"]
            if tensor.is_meta:
                return tensor
        return func(*args, **kwargs)
