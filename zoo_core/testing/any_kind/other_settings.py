"""Components with other settings: for each setting other valid values, found from its type and its limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal, get_args, get_origin

import attrs
from attrs import evolve

from zoo_core.components.fields import default_value, is_slot, named_slot, takes_named, validators_of
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.components.setting_types import (
    NONE,
    is_str_or_list,
    optional_type,
    takes_numbers_by_class,
    without_numbers_by_class,
)
from zoo_core.components.validators import Bounds
from zoo_core.config.structure import build_component, unstructure
from zoo_core.errors import ZooError
from zoo_core.plugins.registry import satisfies
from zoo_core.testing.checks import Subject

MAX_VALUES = 8  # of a setting that are tried
MAX_SIZE = 1000.0  # of the end of a range that is tried: larger ones may take long
CLASS_NAMES = ("0", "1", "a", "b", "negative", "positive")  # of the inputs of checks
WORDS = ("a", "b", "e", "good", "bad", "text", "utf-16", "x y")  # letters, labels, columns and encodings


def with_other_value(subject: Subject, field: attrs.Attribute[Any]) -> Iterator[tuple[object, Subject]]:
    """Yield the component with other valid values of a setting, and each value."""
    plain = unstructure(subject.component)
    valid = 0
    for value in _candidates(subject, field, plain.get(field.name)):
        raw = {**plain, "use": subject.entry.qualified_name, field.name: value}
        try:
            component = build_component(subject.registry, subject.entry.kind, raw)
        except ZooError:
            continue
        if component != subject.component:
            yield value, evolve(subject, component=component)
            valid += 1
        if valid == MAX_VALUES:
            return


def with_other_settings(subject: Subject, count: int) -> list[Subject]:
    """Return the component with another value of one of its settings, for so many settings."""
    found = (next(with_other_value(subject, field), None) for field in setting_fields(subject.entry.cls))
    return [other for _, other in islice(filter(None, found), count)]


def _candidates(subject: Subject, field: attrs.Attribute[Any], value: Any) -> Iterator[Any]:
    type_: Any = field.type
    if inner := optional_type(type_):
        is_given = value != NONE
        type_, value = inner, value if is_given else () if get_origin(inner) is tuple else None
        yield from [NONE] if is_given else []
    if takes_numbers_by_class(type_):
        numbers = list(islice(_numbers(field, float, 1.0), MAX_VALUES // 2))
        yield from ({name: number} for number in numbers for name in CLASS_NAMES[:1])
        yield from (dict.fromkeys(CLASS_NAMES, number) for number in numbers)
        type_, value = without_numbers_by_class(type_), None if isinstance(value, dict) else value
        if type_ is None:
            return
    if takes_named(field):
        for name in default_value(field):
            part = named_slot(field, name)
            yield from ({**value, name: other} for other in (NONE, *_of_type(subject, part, part.type, None)))
    elif is_str_or_list(type_):
        yield from (["good"], ["a", "b"], "bad", "a", [])
    elif get_origin(type_) is tuple:
        [item, _] = get_args(type_)
        ones = list(islice(_of_type(subject, field, item, value[0] if value else None), MAX_VALUES))
        pairs = [[2, 3], [1, 2]] if item in (int, float) else []
        yield from (
            *([one] for one in ones[:4]),
            *pairs,
            [],
            [*value, *value],
            value[:-1],
            value[::-1],
            [*value, *ones[:1]],
        )
    else:
        yield from _of_type(subject, field, type_, value)


def _of_type(subject: Subject, field: attrs.Attribute[Any], type_: Any, value: Any) -> Iterator[Any]:
    """Other values of a type that is not a tuple."""
    if is_slot(field):
        entries = subject.registry.of_kind(kind_of(type_).name)
        where = field.metadata.get("where", {})
        yield from (entry.qualified_name for entry in entries if satisfies(entry.cls, where))
    elif type_ is bool:
        yield not value
    elif get_origin(type_) is Literal:
        yield from (other for other in get_args(type_) if other != value)
    elif type_ in (int, float):
        yield from _numbers(field, type_, value)
    else:
        yield from (f"{value}x" if value else "z", *WORDS)


def _numbers(field: attrs.Attribute[Any], type_: type, value: Any) -> Iterator[Any]:
    value = value if isinstance(value, int | float) else 1
    limits = [validator for validator in validators_of(field) if isinstance(validator, Bounds)]
    ends = [end for limit in limits for end in (limit.ge, limit.gt, limit.le, limit.lt) if abs(end) <= MAX_SIZE]
    near = (value * 2, value / 2, value + 1, value - 1, value * 10, value / 10, 0.5, 0, 1, 2, 100, 3, -1)
    middle = [(limit.ge + limit.le) / 2 for limit in limits if math.isfinite(limit.ge + limit.le)]
    for number in (*near, *middle, *ends):
        yield int(number) if type_ is int else float(number)
