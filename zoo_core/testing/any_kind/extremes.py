"""Checks of numeric settings at their extremes, for every kind of component."""

from __future__ import annotations

import contextlib
import math
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any, cast, get_args, get_origin

import attrs
from attrs import evolve

from zoo_core.components.fields import is_slot, validators_of
from zoo_core.components.kinds import setting_fields
from zoo_core.components.setting_types import optional_type, takes_numbers_by_class
from zoo_core.components.validators import Bounds
from zoo_core.config.structure import build_component
from zoo_core.errors import RecipeError, ZooError
from zoo_core.plugins.attribution import find_resource_error
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.exercises import exercise

CPU_SECONDS = 10.0  # within which one step with a setting must end
WHOLE = (0, 1, -1, 2**31 - 1, 2**31, 2**62, 2**63 - 1, 2**63, True)
REAL = (*WHOLE, 0.5, -0.0, 5e-324, 1e-30, 1e39, 1e308, math.nan, math.inf, -math.inf)


class TooSlow(BaseException):
    """The CPU time is used up; not an Exception, so that the component does not handle it."""


@register_check("", "a recipe may come from a stranger: no number may hang a program, crash it or blame the plugin")
def numbers_at_their_extremes(subject: Subject) -> None:
    fields = [field for field in setting_fields(subject.entry.cls) if not is_slot(field) and _number_type(field)]
    if not fields:
        skip("it has no numeric settings")
    with contextlib.suppress(Exception):
        exercise(subject)  # imports that take time
    for field in fields:
        for value in {repr(value): value for value in _values(field)}.values():
            problem = _find_problem(subject, field.name, value)
            assert not problem, f"{field.name} = {value!r} {problem}"


def _number_type(field: attrs.Attribute[Any]) -> type | None:
    """`int` or `float` if the setting is such a number, a list of them, or numbers by class."""
    if takes_numbers_by_class(field.type):
        return float
    type_ = optional_type(field.type) or field.type
    type_ = get_args(type_)[0] if get_origin(type_) is tuple else type_
    return cast(type, type_) if type_ in (int, float) else None


def _values(field: attrs.Attribute[Any]) -> Iterator[Any]:
    """The ends of the declared range, and numbers at and beyond the ends of the machine's types."""
    bounds = [validator for validator in validators_of(field) if isinstance(validator, Bounds)]
    ends = [
        end for bound in bounds for end in (bound.ge, bound.gt, bound.le, bound.lt, bound.largest) if math.isfinite(end)
    ]
    if _number_type(field) is int:
        numbers: list[Any] = [*(int(end) for end in ends), *WHOLE]
    else:
        numbers = [*ends, *(math.nextafter(end, 0) for end in ends), *REAL]
    for number in numbers:
        if takes_numbers_by_class(field.type):
            yield from ({"0": number}, {"0": number, "1": 1, "a": number})
        elif get_origin(optional_type(field.type) or field.type) is tuple:
            yield from ((number,), (1, number), (number, number))
        else:
            yield number


def _find_problem(subject: Subject, name: str, value: Any) -> str:
    """What is wrong with a setting; "" if it is rejected, done in time, or ends in an error that users understand."""
    raw = {"use": subject.entry.qualified_name, name: value}
    try:
        component = build_component(subject.registry, subject.entry.kind, raw)
    except RecipeError as error:
        named = any(problem.setting.partition(".")[0] == name for problem in error.problems)
        return "" if named else f"is rejected without naming the setting: {error}"
    try:
        with limit_cpu_time(CPU_SECONDS):
            exercise(evolve(subject, component=component))
    except TooSlow:
        return f"does not end within {CPU_SECONDS:g} s: limit it, as in setting(default, help, Bounds(ge=1, le=100))"
    except (ZooError, MemoryError):
        return ""
    except Exception as error:
        if find_resource_error(error) is None:
            return f"is accepted, and then raises {describe_exception(error)}: limit it with Bounds"
    return ""


@contextlib.contextmanager
def limit_cpu_time(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the block once it has used this CPU time; without effect in threads and on Windows."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
