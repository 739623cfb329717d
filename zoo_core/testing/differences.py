"""Where two results differ, in words: tensors, frames, numbers, and lists and dictionaries of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeGuard

import attrs
import polars as pl
import torch
from torch import Tensor

MAX_SHOWN_CHARS = 60  # of a value in a message
TOLERANCES = {torch.float64: (1e-7, 1e-7), torch.float32: (1.3e-6, 1e-5)}  # relative, absolute; as torch.testing has
OF_HALF_PRECISION = (1.6e-2, 1e-3)
PLAIN = {int, float, str, bool, type(None)}


def find_difference(actual: object, expected: object, *, rtol: float = 0, atol: float = 0) -> str:
    """Say where two results differ: "got 0.5 instead of 0.7 at row 3, column 1 …"; "" if they are the same.

    NaN equals NaN, and 0 equals -0. Numbers are compared within the tolerances, all else exactly.
    """
    if isinstance(expected, Tensor) and isinstance(actual, Tensor):
        return _of_tensors(actual, expected, rtol, atol)
    if isinstance(expected, pl.DataFrame | pl.Series) and type(actual) is type(expected):
        return _of_frames(actual, expected)
    if _is_number(expected) and _is_number(actual):
        return _of_numbers(float(actual), float(expected), rtol, atol)  # type: ignore[arg-type]
    if _is_plain_list(actual) and _is_same_list(actual, expected):
        return ""
    parts, expected_parts = parts_of(actual), parts_of(expected)
    if parts is None or expected_parts is None or type(actual) is not type(expected):
        same = type(actual) is type(expected) and actual == expected
        return "" if same else f"got {show(actual)} instead of {show(expected)}"
    if parts.keys() != expected_parts.keys():
        if isinstance(expected, Mapping) or attrs.has(type(expected)):
            return f"got {show(list(parts))} instead of {show(list(expected_parts))}"
        return f"got {len(parts)} results instead of {len(expected_parts)}"
    for name, part in parts.items():
        difference = find_difference(part, expected_parts[name], rtol=rtol, atol=atol)
        if difference:
            return f"{name}: {difference}"
    return ""


def default_tolerances(value: object) -> tuple[float, float]:
    """The relative and the absolute tolerance for numbers of this type."""
    if isinstance(value, Tensor) and value.is_floating_point():
        return TOLERANCES.get(value.dtype, OF_HALF_PRECISION)
    return TOLERANCES[torch.float32 if isinstance(value, list | tuple | Mapping) else torch.float64]


def parts_of(value: Any) -> dict[str, Any] | None:
    """The parts of a list, a dictionary or an attrs object by name; None for a value without parts."""
    if isinstance(value, Mapping):
        return {str(name): part for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return {f"result {number}": part for number, part in enumerate(value, 1)}
    if attrs.has(type(value)):
        return {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    return None


def show(value: object) -> str:
    """A value on one line, cut."""
    text = " ".join((f"{value:.6g}" if isinstance(value, float) else repr(value)).split())
    return text if len(text) <= MAX_SHOWN_CHARS else text[: MAX_SHOWN_CHARS - 1] + "…"


def _is_plain_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a list of numbers and strings only, which may be long, and needs no look at each."""
    return type(value) is list and PLAIN.issuperset(map(type, value))


def _is_same_list(actual: list[Any], expected: object) -> bool:
    return type(expected) is list and [*map(type, actual)] == [*map(type, expected)] and actual == expected


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_numbers(actual: float, expected: float, rtol: float, atol: float) -> str:
    same = actual == expected or (math.isnan(actual) and math.isnan(expected))
    is_close = (rtol or atol) and math.isclose(actual, expected, rel_tol=rtol, abs_tol=atol)
    return "" if same or is_close else _say(actual, expected)


def _say(actual: float, expected: float) -> str:
    """Both numbers, with as many digits as it takes to tell them apart."""
    digits = next((digits for digits in (4, 6, 9) if f"{actual:.{digits}g}" != f"{expected:.{digits}g}"), 17)
    return f"got {actual:.{digits}g} instead of {expected:.{digits}g}"


def _of_tensors(actual: Tensor, expected: Tensor, rtol: float, atol: float) -> str:
    if actual.shape != expected.shape:
        return f"got the shape {tuple(actual.shape)} instead of {tuple(expected.shape)}"
    if actual.dtype != expected.dtype:
        return f"got {_name(actual.dtype)} instead of {_name(expected.dtype)}"
    values, others = (tensor.detach().to_dense().cpu().double() for tensor in (actual, expected))
    distances = (values - others).abs()
    unlike = (distances > atol + rtol * others.abs()) | (values.isnan() != others.isnan())
    unlike |= (values.isinf() | others.isinf()) & (values != others)
    if not unlike.any():
        return ""
    sizes = torch.where(unlike, distances.nan_to_num(nan=math.inf, posinf=math.inf), -1.0)
    index = tuple(int(i) for i in torch.unravel_index(sizes.argmax(), sizes.shape))
    text = _say(float(values[index]), float(others[index]))
    if values.ndim:
        text += f" at {list(index)}, the largest difference of {int(unlike.sum()):,} of {values.numel():,} values"
    return text


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _of_frames(actual: pl.DataFrame | pl.Series, expected: pl.DataFrame | pl.Series) -> str:
    frame, other = (data if isinstance(data, pl.DataFrame) else data.to_frame() for data in (actual, expected))
    if frame.schema != other.schema:
        return f"got the columns {show(dict(frame.schema))} instead of {show(dict(other.schema))}"
    if frame.height != other.height:
        return f"got {frame.height:,} rows instead of {other.height:,}"
    for name in frame.columns:
        unlike = frame[name].ne_missing(other[name])
        if unlike.any():
            row = int(unlike.arg_true()[0])
            return f'got {show(frame[name][row])} instead of {show(other[name][row])} in column "{name}", row {row}'
    return ""


def copy_result(value: Any) -> Any:
    """A copy of a result that does not change with it: its tensors are cloned, its objects are dictionaries."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, pl.DataFrame | pl.Series):
        return value.clone()
    if _is_plain_list(value):
        return list(value)
    parts = parts_of(value)
    if parts is None:
        return value
    copies = {name: copy_result(part) for name, part in parts.items()}
    return list(copies.values()) if isinstance(value, list | tuple) else copies


def digests_of(value: Any, place: str = "") -> dict[str, str]:
    """A hash of each tensor, frame and value of a result, by its place in it: "result 2: ids"."""
    parts = None if _is_plain_list(value) else parts_of(value)
    if parts is not None:
        found: dict[str, str] = {}
        for name, part in parts.items():
            found |= digests_of(part, f"{place}: {name}".removeprefix(": "))
        return found
    if isinstance(value, Tensor):
        dense = value.detach().to_dense().cpu()
        plain = torch.where(dense.isnan(), math.nan, dense + 0.0) if dense.is_floating_point() else dense  # no -0
        values = plain.contiguous().view(-1).view(torch.uint8).numpy().tobytes()
        content = f"{dense.dtype} {tuple(dense.shape)}".encode() + values
    elif isinstance(value, pl.DataFrame | pl.Series):
        frame = value if isinstance(value, pl.DataFrame) else value.to_frame()
        content = f"{frame.schema} {frame.to_dict(as_series=False)}".encode(errors="surrogatepass")
    else:
        content = repr(value).encode(errors="surrogatepass")
    return {place: sha256(content).hexdigest()[:20]}
