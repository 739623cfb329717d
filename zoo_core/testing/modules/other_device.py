"""A device that is pretended: what a module computes on the CPU beside it is found on machines without a GPU.

Tensors there say that their device is "meta", and hold their values on the CPU. As on a GPU, they cannot be used
together with tensors on the CPU, apart from single numbers and indices."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map

DEVICE = torch.device("meta")
aten = torch.ops.aten
MIXED = {  # operators that take indices or lengths on the CPU beside tensors of another device
    aten.index.Tensor,
    aten.index_put.default,
    aten.index_put_.default,
    aten._index_put_impl_.default,
    aten.copy_.default,
    aten._pack_padded_sequence.default,
    aten._pad_packed_sequence.default,
}


class OtherDeviceError(Exception):
    """A tensor on the CPU was used together with one on the other device, or a number was read from there."""


class TensorElsewhere(Tensor):
    """A tensor of the pretended device, around its values on the CPU."""

    on_cpu: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, values: Tensor) -> TensorElsewhere:
        return Tensor._make_wrapper_subclass(
            cls,
            values.size(),
            strides=values.stride(),
            storage_offset=values.storage_offset(),
            dtype=values.dtype,
            device=DEVICE,
        )

    def __init__(self, values: Tensor) -> None:
        self.on_cpu = values

    def __repr__(self, **_options: Any) -> str:  # type: ignore[override]
        return f"TensorElsewhere({self.on_cpu})"

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _dispatch(func, args, kwargs or {})


class OtherDevice(TorchDispatchMode):
    """In the block, tensors can be moved to the pretended device and made there."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _dispatch(func, args, kwargs or {})


def move_module(module: nn.Module) -> nn.Module:
    """Move the parameters and buffers of a module to the pretended device, as `to` does."""
    return cast(nn.Module, module._apply(lambda tensor: TensorElsewhere(tensor.detach())))


def _dispatch(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    flat, _ = tree_flatten((args, kwargs))
    is_there = any(isinstance(value, TensorElsewhere) for value in flat)
    here = [value for value in flat if isinstance(value, Tensor) and not isinstance(value, TensorElsewhere)]
    if function is aten._local_scalar_dense.default and is_there:
        _check_read(args[0])
    mixed = next((tensor for tensor in here if tensor.ndim), None)
    if is_there and mixed is not None and function not in MIXED:
        raise OtherDeviceError(
            f"{function.overloadpacket.__name__}() gets a tensor of shape {tuple(mixed.shape)} that is on the CPU"
        )
    wanted = kwargs.get("device")
    goes_there = is_there if wanted is None else torch.device(wanted) == DEVICE
    plain_args, plain_kwargs = tree_map(_unwrap, (args, kwargs))
    if wanted is not None:
        plain_kwargs["device"] = torch.device("cpu")
    result = function(*plain_args, **plain_kwargs)
    if not goes_there:
        return tree_map(lambda value: value.clone() if is_there and isinstance(value, Tensor) else value, result)
    if function is aten._pack_padded_sequence.default:
        return TensorElsewhere(result[0]), result[1]  # the sizes of the batches stay on the CPU
    wrapped = tree_map(lambda value: TensorElsewhere(value) if isinstance(value, Tensor) else value, result)
    return return_and_correct_aliasing(function, args, kwargs, wrapped) if is_there else wrapped


def _unwrap(value: Any) -> Any:
    return value.on_cpu if isinstance(value, TensorElsewhere) else value


def _check_read(tensor: TensorElsewhere) -> None:
    """Numbers and answers must not be read from the device; sizes, which are integers, may be."""
    if tensor.dtype.is_floating_point:
        raise OtherDeviceError("it reads a number out of a tensor, as by item(), which waits for the device")
    if tensor.dtype == torch.bool:
        raise OtherDeviceError("it decides by the values of a tensor, as in `if`, which waits for the device")
