"""Whether a component says where it cuts long texts: in a setting that is a number, or in its docstring."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zoo_core.components.component import Component
from zoo_core.components.kinds import setting_fields

NUMBER = re.compile(r"\b[0-9][0-9,]*\b")


def is_explained(component: Component, ranges: Sequence[tuple[int, int]]) -> bool:
    """Whether a number of the settings or the docstring is in a range: at least the first length, below the second."""
    settings = [getattr(component, field.name) for field in setting_fields(type(component))]
    numbers = [value for value in settings if type(value) is int]
    numbers += [int(number.replace(",", "")) for number in NUMBER.findall(type(component).__doc__ or "")]
    return any(seen <= number < length for number in numbers for seen, length in ranges)
