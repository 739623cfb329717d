"""Labels of metrics, which distinguish one metric with different settings."""

from __future__ import annotations

from typing import Any, Literal, get_origin

from zoo_core.components.component import Component
from zoo_core.components.contracts import Metric
from zoo_core.components.fields import default_value
from zoo_core.components.kinds import setting_fields


def metric_label(metric: Metric) -> str:
    """The name of a metric, with the settings that differ from their defaults: `f1`, `f1[micro]`, `f1[of=spam]`.

    A setting with a fixed set of values is shown by its value only.
    """
    changed = []
    for field in setting_fields(type(metric)):
        value = _plain(getattr(metric, field.name))
        if value != default_value(field):
            changed.append(value if get_origin(field.type) is Literal else f"{field.name}={_format(value)}")
    return f"{metric.name}[{','.join(changed)}]" if changed else metric.name


def _plain(value: Any) -> Any:
    """A component as its name, like the default of a slot."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.name if isinstance(value, Component) else value


def _format(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return "+".join(map(_format, value)) if isinstance(value, tuple) else str(value)
