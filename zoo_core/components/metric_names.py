"""What a metric's figure is called, where the same metric may be taken twice with other settings."""

from __future__ import annotations

from typing import Any, Literal, get_origin

from zoo_core.components.component import Component
from zoo_core.components.contracts import Metric
from zoo_core.components.fields import default_value
from zoo_core.components.kinds import setting_fields


def metric_label(metric: Metric) -> str:
    """The metric's name, and in brackets each setting that is not its default: `f1`, `f1[micro]`, `f1[of=spam]`.

    A setting that is one of a few words is that word alone.
    """
    told = []
    for one in setting_fields(type(metric)):
        value = _plain(getattr(metric, one.name))
        if value != default_value(one):
            told.append(value if get_origin(one.type) is Literal else f"{one.name}={_spelled(value)}")
    return f"{metric.name}[{','.join(told)}]" if told else metric.name


def _plain(value: Any) -> Any:
    """A part by its name, as a slot's default is."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.name if isinstance(value, Component) else value


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "+".join(map(_spelled, value)) if isinstance(value, tuple) else str(value)
