"""Where a recipe has a setting: hints for keys that are written in the wrong place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from zoo_core.components.fields import is_slot, takes_several
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.config.raw_values import RawScalar
from zoo_core.config.slot_lookup import SlotLookup
from zoo_core.messages import Suggestion, name_hint, suggest
from zoo_core.recipes.plan import SLOTS, TABLES, Plan


@frozen
class SettingPlaces:
    """The slots, the tables, and the settings in them, of a recipe with these merged values."""

    slots: SlotLookup
    values: Mapping[str, Any]

    def find_top_level(self, key: str, metadata_keys: Sequence[str]) -> str:
        """The hint for an unknown top-level key, which may be the name of a setting inside a table or a component."""
        inner = self._inner()
        close = suggest(key, [*SLOTS, *TABLES, *metadata_keys, *inner])
        return Suggestion(inner.get(close.match, close.match)).text if close else name_hint(key, [*SLOTS, *TABLES])

    def find(self, key: str, value: Any, *, exact: bool) -> str:
        """The hint for an unknown key inside a table or a component, which may belong elsewhere; "" if it is unknown.

        With the name of a component that a slot takes, it is the assignment: `sampler = "balanced"`. With `exact`, only
        a place of this very key.
        """
        inner = self._inner()
        close = suggest(key, [*SLOTS, *inner])
        if close is None or (exact and close.match != key):
            return ""
        name = value.text if isinstance(value, RawScalar) else value
        field = next((field for field in setting_fields(Plan) if field.name == close.match and is_slot(field)), None)
        if field is None or takes_several(field) or field.type is None:
            return Suggestion(inner.get(close.match, close.match)).text
        is_component = isinstance(name, str) and name in self.slots.registry.names(kind_of(field.type).name)
        return f'write {close.match} = "{name}"' if is_component else Suggestion(close.match).text

    def _inner(self) -> dict[str, str]:
        """The dotted key of each setting of a table, and of the components that the recipe has."""
        classes: dict[str, type | None] = dict(TABLES)
        for field in setting_fields(Plan):
            if is_slot(field):
                classes[field.name] = self.slots.find_class(field, self.values.get(field.name))
        owners = reversed([(name, cls) for name, cls in classes.items() if cls])
        return {field.name: f"{name}.{field.name}" for name, cls in owners for field in setting_fields(cls)}
