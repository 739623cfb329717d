"""Labels of metrics, which distinguish one metric with different settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

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


def parse_label(label: str, metrics: Mapping[str, type[Metric]]) -> dict[str, str]:
    """The table of a metric that has this label, `{"use": "f1", "average": "macro"}` of `f1[macro]`; {} if none has.

    `metrics` are those that there are, by name. The values are not checked.
    """
    name, bracket, written = label.removesuffix("]").partition("[")
    if name not in metrics or not (bracket and label.endswith("]") and written):
        return {}
    choices = {
        value: field.name
        for field in setting_fields(metrics[name])
        if get_origin(field.type) is Literal
        for value in get_args(field.type)
    }
    table = {"use": name}
    for part in written.split(","):
        key, equals, value = part.partition("=")
        if not equals and part not in choices:
            return {}
        table |= {key: value} if equals else {choices[part]: part}
    return table


def _plain(value: Any) -> Any:
    """A component as its name, like the default of a slot."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.name if isinstance(value, Component) else value


def _format(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return "+".join(map(_format, value)) if isinstance(value, tuple) else str(value)
