"""The style of normalization that a task uses, found by the type of its setting: tasks choose their own names."""

from __future__ import annotations

from typing import get_args

from attrs import frozen

from zoo_core.components.contracts import Task
from zoo_core.components.kinds import setting_fields
from zoo_core.features.normalization import VERSIONS, Style


@frozen
class NormalizationStyle:
    """The style of a task, and the name of the setting that selects it."""

    setting: str
    style: Style

    @property
    def version(self) -> int:
        """The version of the style, which a run records."""
        return VERSIONS[self.style]


def find_style(task: Task) -> NormalizationStyle | None:
    """The style of a task; None for one that normalizes its texts in another way."""
    styles = [field.name for field in setting_fields(type(task)) if get_args(field.type) == get_args(Style)]
    return NormalizationStyle(styles[0], getattr(task, styles[0])) if styles else None
