"""Components by name in a slot: those of the default and those that a recipe adds or leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from zoo_core.components.fields import Named, default_value, named_slot, slot_base
from zoo_core.components.kinds import kind_of
from zoo_core.components.setting_types import NONE
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.raw_values import RawScalar, format_value
from zoo_core.config.structuring.values import MISSING, ValueStructurer
from zoo_core.messages import quote_name

MAX_COMPONENTS = 1000  # in one slot
Build = Callable[[type[Any], "attrs.Attribute[Any]", Any, KeyPath], Any]


def structure_named(
    structurer: ValueStructurer, build: Build, field: attrs.Attribute[Any], raw: Any, path: KeyPath
) -> Any:
    """The components of a slot by name, each made by `build(base, field, raw, path)`; MISSING if one has a problem."""
    kind = kind_of(slot_base(field)).name
    if not isinstance(raw, Mapping):
        message = f"must be a table of components of kind {kind}, not {format_value(raw)}"
        return structurer.add_problem(path, message, f'write it as in {{ NAME = "{kind}" }}')
    names = {**default_value(field), **raw}
    if len(names) > MAX_COMPONENTS:
        message = f"must have at most {MAX_COMPONENTS:,} components, not {len(names):,}"
        return structurer.add_problem(path, message)
    parts = {name: _structure_part(structurer, build, field, name, value, path) for name, value in names.items()}
    return MISSING if any(part is MISSING for part in parts.values()) else Named(parts)


def _structure_part(
    structurer: ValueStructurer, build: Build, field: attrs.Attribute[Any], name: str, raw: Any, path: KeyPath
) -> Any:
    at = (*path, name)
    written = raw.get("use") if isinstance(raw, Mapping) else raw
    written = written.text if isinstance(written, RawScalar) else written
    if written is None and not isinstance(raw, Mapping):
        return None
    if written == NONE:
        others = [key for key in raw if key != "use"] if isinstance(raw, Mapping) else []
        for key in others:
            kind = kind_of(slot_base(field)).name
            structurer.add_unknown_setting((*at, key), f"{quote_name(name)} is left out: name a {kind}")
        return MISSING if others else None
    return build(slot_base(field), named_slot(field, name), raw, at)
