"""Every setting must change something, for every kind of component."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import attrs

from zoo_core.components.kinds import setting_fields
from zoo_core.testing.any_kind.extremes import limit_cpu_time
from zoo_core.testing.any_kind.other_settings import with_other_value
from zoo_core.testing.checks import Skipped, Subject, register_check, skip
from zoo_core.testing.differences import copy_result, find_difference, show
from zoo_core.testing.exercises import exercise, observe

CPU_SECONDS = 20.0
MAX_PAIRED = 2  # values that are tried with each of another setting, if a setting seems to change nothing
MAX_PAIRS = 60


@register_check("", "a setting that changes nothing is a promise that is not kept")
def every_setting_changes_something(subject: Subject) -> None:
    fields = [field for field in setting_fields(subject.entry.cls) if not field.metadata.get("no_effect")]
    if not fields:
        skip("it has no settings that must change its results")
    try:
        before = copy_result(exercise(subject))
    except Skipped:
        raise
    except Exception:  # plugin code may raise anything
        skip("it cannot be used with its defaults: see same-twice")
    with limit_cpu_time(CPU_SECONDS):
        for field in fields:
            tried: list[object] = []
            has_effect = _changes(subject, field, before, tried) or _changes_with_others(subject, field, tried)
            values = ", ".join(dict.fromkeys(map(show, tried)))
            assert has_effect or not tried, (
                f"the setting {field.name} changes nothing: with {values} the results are those of its default, also "
                f'with other settings; if no check can see what it changes, say so: setting(…, no_effect="why")'
            )


def _changes(subject: Subject, field: attrs.Attribute[Any], before: object, tried: list[object]) -> bool:
    """Whether another value of a setting changes what can be observed; the values are added to `tried`."""
    for value, other in with_other_value(subject, field):
        tried.append(value)
        if find_difference(observe(other), before):
            return True
    return False


def _changes_with_others(subject: Subject, field: attrs.Attribute[Any], tried: list[object]) -> bool:
    """Whether a setting changes something if another setting has another value, too."""
    return any(
        find_difference(observe(changed), observe(other))
        for other in islice(_neighbors(subject, field), MAX_PAIRS // MAX_PAIRED)
        for _, changed in islice(with_other_value(other, field), MAX_PAIRED)
        if tried
    )


def _neighbors(subject: Subject, field: attrs.Attribute[Any]) -> Iterator[Subject]:
    """The component with another value of another setting: first of those whose name has a word in common."""
    words = set(field.name.split("_"))
    others = [other for other in setting_fields(subject.entry.cls) if other.name != field.name]
    for other_field in sorted(others, key=lambda other: words.isdisjoint(other.name.split("_"))):
        yield from (other for _, other in with_other_value(subject, other_field))
