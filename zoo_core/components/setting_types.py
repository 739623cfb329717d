"""The types of settings: which are supported, matching values, and their names in messages."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from zoo_core.components.kinds import BASES, kind_of

SCALAR_TYPES = (bool, int, float, str)


def is_supported_type(type_: Any, *, slot: bool = False) -> bool:
    """Whether a setting may have this type."""
    if is_str_or_list(type_):
        return not slot
    if get_origin(type_) is tuple:
        arguments = get_args(type_)
        return len(arguments) == 2 and arguments[1] is ... and is_supported_type(arguments[0], slot=slot)
    if slot:
        return type_ in BASES
    return type_ in SCALAR_TYPES or get_origin(type_) is Literal


def is_str_or_list(type_: Any) -> bool:
    """Whether the type is `str | tuple[str, ...]`, the only supported union."""
    return get_origin(type_) in (Union, UnionType) and set(get_args(type_)) == {str, tuple[str, ...]}


def matches_type(type_: Any, value: Any) -> bool:
    """Whether a Python value has a supported type, without coercion; an int is a float."""
    origin, arguments = get_origin(type_), get_args(type_)
    if is_str_or_list(type_):
        return any(matches_type(argument, value) for argument in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(matches_type(arguments[0], item) for item in value)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if type_ is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if type_ is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, type_)


def format_type(type_: Any) -> str:
    """A type in words, for messages.

    >>> format_type(tuple[int, ...])
    'list of int'
    """
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is tuple:
        return f"list of {format_type(arguments[0])}"
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in (Union, UnionType):
        return " | ".join(format_type(argument) for argument in arguments)
    if type_ in BASES:
        return kind_of(type_).name
    return getattr(type_, "__name__", str(type_))
