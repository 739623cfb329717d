"""Slots of a tree of plain values: which component a written value names, found from the classes that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import attrs
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.fields import default_value, is_slot, named_slot, takes_named, takes_several
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.components.setting_types import takes_numbers_by_class
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.raw_values import RawScalar
from zoo_core.errors import ZooError
from zoo_core.plugins.registry import Registry


@frozen
class SlotLookup:
    """Finds the slots of values that belong to the class `root`."""

    registry: Registry
    root: type

    def find_slot(self, values: Mapping[str, Any], path: KeyPath) -> attrs.Attribute[Any] | None:
        """The slot at a key path, with the components that `values` name on the way; None if it is not a slot."""
        field = self._find_field(values, path)
        return field if field is not None and is_slot(field) else None

    def is_by_class(self, values: Mapping[str, Any], path: KeyPath) -> bool:
        """Whether the setting at a key path may be numbers by class, with the components that `values` name."""
        field = self._find_field(values, path)
        return field is not None and not is_slot(field) and takes_numbers_by_class(field.type)

    def _find_field(self, values: Mapping[str, Any], path: KeyPath) -> attrs.Attribute[Any] | None:
        holder: type | attrs.Attribute[Any] | None = self.root
        raw: Any = values
        for key in path[:-1]:
            field = _field_of(holder, key)
            raw = raw.get(key) if isinstance(raw, Mapping) else None
            if field is None:
                return None
            holder = field.type
            if is_slot(field):
                holder = field if takes_named(field) else self.find_class(field, raw)
        return _field_of(holder, path[-1])

    def is_reader_table(self, path: KeyPath) -> bool:
        """Whether a table with `use` is at a key path, whose settings are kept when another reader is named."""
        field = _field_of(self.root, path[0]) if len(path) == 1 else None
        return field is not None and field.type is ReaderSettings

    def find_class(self, slot: attrs.Attribute[Any], raw: Any) -> type[Component] | None:
        """The class of the component that a raw value names in a slot; None if it is unknown or not a single one."""
        name = written_name(raw) or default_value(slot)
        if takes_several(slot) or takes_named(slot) or not isinstance(name, str):
            return None
        try:
            return self.registry.get(kind_of(slot.type).name, name).cls if slot.type else None
        except ZooError:
            return None

    def is_same_component(self, slot: attrs.Attribute[Any], old: Any, new: Any) -> bool:
        """Whether two raw values name the same component of a slot, by whatever name."""
        old_class, new_class = self.find_class(slot, old), self.find_class(slot, new)
        return old_class is new_class if old_class and new_class else written_name(old) == written_name(new)


def written_name(raw: Any) -> str:
    """The name in a raw value of a slot: a string, a scalar of the command line, or the `use` of a table; or ""."""
    if isinstance(raw, Mapping):
        raw = raw.get("use", "")
    if isinstance(raw, RawScalar):
        raw = raw.text
    return raw if isinstance(raw, str) else ""


def _field_of(holder: type | attrs.Attribute[Any] | None, name: str) -> attrs.Attribute[Any] | None:
    """A setting of a class, or the slot of a name in a slot of components by name."""
    if isinstance(holder, attrs.Attribute):
        return named_slot(holder, name)
    if holder is None or not attrs.has(holder):
        return None
    return _fields_by_name(holder).get(name)


@cache
def _fields_by_name(holder: type) -> dict[str, attrs.Attribute[Any]]:
    return {field.name: field for field in setting_fields(holder)}
