"""Structuring of the values of settings by their types, without coercion, with every problem at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import attrs
from attrs import define

from zoo_core.components.fields import NumbersByClass
from zoo_core.components.setting_types import (
    NONE,
    format_type,
    is_str_or_list,
    optional_type,
    takes_numbers_by_class,
    without_numbers_by_class,
)
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.located_problems import LocatedProblem, add_hints
from zoo_core.config.raw_values import RawScalar, format_value
from zoo_core.errors import Problem
from zoo_core.messages import name_hint

MISSING = object()  # a value that is not given or invalid
MAX_CLASS_NUMBERS = 10_000
TYPE_WORDS = {"int": "a whole number", "float": "a number", "str": "a string", "bool": "true or false"}


@define
class ValueStructurer:
    """Structures values without components, and keeps the problems found so far."""

    problems: list[LocatedProblem] = attrs.field(factory=list, init=False)

    def add_problem(self, path: KeyPath, message: str, hint: str = "") -> Any:
        """Add a problem and return MISSING."""
        self.problems.append(LocatedProblem(path, Problem(message, hint=hint)))
        return MISSING

    def add_unknown_setting(self, path: KeyPath, hint: str) -> None:
        """Add the problem of a table with a key that is not one of its settings."""
        problem = Problem(f'unknown setting "{path[-1]}"', hint=hint, code="unknown-setting")
        self.problems.append(LocatedProblem(path, problem))

    def _numbers_by_class(self, raw: Mapping[str, Any], path: KeyPath) -> Any:
        if not 0 < len(raw) <= MAX_CLASS_NUMBERS:
            return self.add_problem(path, f"must have 1 to {MAX_CLASS_NUMBERS:,} numbers, not {len(raw):,}")
        numbers = {name: self.structure_value(float, number, (*path, name)) for name, number in raw.items()}
        return MISSING if any(number is MISSING for number in numbers.values()) else NumbersByClass(numbers)

    def structure_value(self, type_: Any, raw: Any, path: KeyPath) -> Any:
        """A value of exactly this type; only an int is accepted as a float, and "none" for None where it is allowed."""
        if takes_numbers_by_class(type_) and (type_ is not NumbersByClass or isinstance(raw, Mapping)):
            if isinstance(raw, Mapping):
                return self._numbers_by_class(raw, path)
            before, inner = len(self.problems), without_numbers_by_class(type_)
            value = self.structure_value(inner or NumbersByClass, raw, path)
            add_hints(self.problems, before, "write numbers by class as in { CLASS = 5 }")
            return value
        if (inner := optional_type(type_)) is not None:
            text = raw.text if isinstance(raw, RawScalar) else raw
            if text is None or (isinstance(text, str) and text == NONE):
                return None
            before = len(self.problems)
            value = self.structure_value(inner, raw, path)
            add_hints(self.problems, before, f'write "{NONE}" for no value')
            return value
        if is_str_or_list(type_):
            is_list = isinstance(raw.value if isinstance(raw, RawScalar) else raw, list | tuple)
            type_ = tuple[str, ...] if is_list else str
        if isinstance(raw, RawScalar):
            raw = raw.text if type_ is str or get_origin(type_) is Literal else raw.value
        if get_origin(type_) is tuple:
            if not isinstance(raw, list | tuple):
                return self.add_problem(path, f"must be a {format_type(type_)}, not {format_value(raw)}")
            item_type = get_args(type_)[0]
            items = [self.structure_value(item_type, item, (*path, str(at))) for at, item in enumerate(raw)]
            return MISSING if any(item is MISSING for item in items) else tuple(items)
        if get_origin(type_) is Literal:
            if isinstance(raw, str) and raw in get_args(type_):
                return raw
            hint = name_hint(raw, get_args(type_)) if isinstance(raw, str) else ""
            return self.add_problem(path, f"must be {format_type(type_)}, not {format_value(raw)}", hint)
        is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
        if type_ is float and is_number:
            try:
                value = float(raw)
            except OverflowError:
                value = math.inf
            return value if math.isfinite(value) else self.add_problem(path, f"must be finite, not {format_value(raw)}")
        if type_ is int and is_number and isinstance(raw, int):
            return raw if abs(raw) < 2**63 else self.add_problem(path, "must fit into 64 bits")
        if type_ in (bool, str) and type(raw) is type_:
            return raw
        type_name = format_type(type_)
        return self.add_problem(path, f"must be {TYPE_WORDS.get(type_name, type_name)}, not {format_value(raw)}")
