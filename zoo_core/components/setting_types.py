"""The types of settings: which are supported, matching values, and their names in messages."""

from __future__ import annotations

from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from zoo_core.components.fields import Named, NumbersByClass
from zoo_core.components.kinds import BASES, kind_of

SCALAR_TYPES = (bool, int, float, str)
NONE = "none"  # None in a recipe, since TOML has no such value


def is_supported_type(type_: Any, *, slot: bool = False) -> bool:
    """Whether a setting may have this type."""
    if takes_numbers_by_class(type_):
        others = without_numbers_by_class(type_)
        return not slot and (others is None or is_supported_type(others))
    inner = optional_type(type_)
    if inner is not None:
        return not slot and is_supported_type(inner) and NONE not in get_args(inner)
    if is_str_or_list(type_):
        return not slot
    if get_origin(type_) is Named:
        return slot and get_args(type_)[0] in BASES
    if get_origin(type_) is tuple:
        arguments = get_args(type_)
        return len(arguments) == 2 and arguments[1] is ... and is_supported_type(arguments[0], slot=slot)
    if slot:
        return type_ in BASES
    return type_ in SCALAR_TYPES or get_origin(type_) is Literal


def optional_type(type_: Any) -> Any:
    """`T` of `T | None`, the type of a setting that may have no value; None for any other type."""
    members = _members(type_)
    others = [member for member in members if member is not NoneType]
    if len(others) == len(members):
        return None
    return reduce(or_, others)


def takes_numbers_by_class(type_: Any) -> bool:
    """Whether the type is `NumbersByClass`, or a union with it."""
    return type_ is NumbersByClass or NumbersByClass in _members(type_)


def without_numbers_by_class(type_: Any) -> Any:
    """`T` of `T | NumbersByClass`; None for `NumbersByClass` alone, any other type unchanged."""
    if not takes_numbers_by_class(type_):
        return type_
    others = [member for member in _members(type_) if member is not NumbersByClass]
    return reduce(or_, others) if others else None


def _members(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else ()


def is_str_or_list(type_: Any) -> bool:
    """Whether the type is `str | tuple[str, ...]`, the only supported union, beside that with None."""
    return get_origin(type_) in (Union, UnionType) and set(get_args(type_)) == {str, tuple[str, ...]}


def matches_type(type_: Any, value: Any) -> bool:
    """Whether a Python value has a supported type, without coercion; an int is a float."""
    origin, arguments = get_origin(type_), get_args(type_)
    if takes_numbers_by_class(type_):
        others = without_numbers_by_class(type_)
        return isinstance(value, NumbersByClass) or (others is not None and matches_type(others, value))
    if optional_type(type_) is not None:
        return value is None or matches_type(optional_type(type_), value)
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

    >>> format_type(tuple[int, ...]), format_type(int | None)
    ('list of int', 'int | "none"')
    """
    origin, arguments = get_origin(type_), get_args(type_)
    if type_ is NoneType:
        return f'"{NONE}"'
    if type_ is NumbersByClass:
        return "numbers by class"
    if origin is tuple:
        return f"list of {format_type(arguments[0])}"
    if origin is Named:
        return f"{format_type(arguments[0])} by name"
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in (Union, UnionType):
        return " | ".join(format_type(argument) for argument in arguments)
    if type_ in BASES:
        return kind_of(type_).name
    return getattr(type_, "__name__", str(type_))
