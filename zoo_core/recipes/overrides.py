"""What a stored recipe, with every setting written out, changes of the recipe of its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from zoo_core.components.setting_types import NONE
from zoo_core.config.assignment import join_key
from zoo_core.config.structure import build_component, unstructure
from zoo_core.config.zoo import Zoo
from zoo_core.errors import ZooError
from zoo_core.recipes.recipe import load_recipe

Values = Mapping[str, Any]


@define
class Overrides:
    """Compares stored recipes with those of a zoo; what it reads of these is kept, since many runs share a recipe."""

    zoo: Zoo
    _recipes: dict[str, Values | None] = field(factory=dict, init=False)
    _defaults: dict[tuple[str, str], Values] = field(factory=dict, init=False)

    def find(self, name: str, stored: Values) -> dict[str, Any] | None:
        """The dotted keys whose values differ from the recipe of this name; None if there is no such recipe.

        Where another component was chosen, those of its settings that differ from its defaults.
        """
        if name not in self._recipes:
            self._recipes[name] = self._load(name)
        recipe = self._recipes[name]
        return None if recipe is None else dict(self._compare(stored, recipe, ""))

    def _load(self, name: str) -> Values | None:
        if name not in self.zoo.recipes and not name.endswith(".toml"):
            return None
        try:
            values: Values = unstructure(load_recipe(name, zoo=self.zoo).plan(), self.zoo.registry)
            return values
        except (ZooError, OSError):
            return None

    def _compare(self, stored: Values, expected: Values, prefix: str) -> Iterator[tuple[str, Any]]:
        for key, value in stored.items():
            other = expected.get(key)
            if prefix and _are_components(value):
                yield from self._compare_named(value, other, f"{prefix}{key}")
                continue
            if not isinstance(value, Mapping) or (prefix and "use" not in value):  # or numbers by class
                if key != "use" and (key not in expected or other != value):
                    yield f"{prefix}{key}", shorten_components(value, other)
                continue
            name, own = value.get("use"), other if isinstance(other, Mapping) else {}
            if isinstance(name, str) and own.get("use") != name:
                yield f"{prefix}{key}", name
                own = self._defaults_of(key, name)
            yield from self._compare(value, own, f"{prefix}{key}.")

    def _compare_named(self, stored: Values, expected: Any, slot: str) -> Iterator[tuple[str, Any]]:
        """The differences of components by name."""
        others = expected if isinstance(expected, Mapping) else {}
        named = {name: value for name, value in stored.items() if isinstance(value, Mapping)}
        left_out = [name for name in stored if name not in named and others.get(name) != stored[name]]
        yield from ((f"{slot}.{join_key([name])}", stored[name]) for name in left_out)
        for name, value in named.items():
            own = others.get(name)
            yield from self._compare({join_key([name]): value}, {join_key([name]): own}, f"{slot}.")

    def _defaults_of(self, slot: str, name: str) -> Values:
        """The settings of a new component of this name; nothing if it is unknown or has no defaults."""
        registry = self.zoo.registry
        if (slot, name) not in self._defaults:
            self._defaults[slot, name] = {}
            kinds = {slot: None} | {entry.kind: None for entry in registry.entries}  # slots are mostly named for kinds
            for kind in kinds:
                if name.rpartition(":")[2] in registry.names(kind):
                    try:
                        self._defaults[slot, name] = unstructure(build_component(registry, kind, name), registry)
                    except (ZooError, TypeError, ValueError):
                        continue
                    break
        return self._defaults[slot, name]


def _are_components(value: Any) -> bool:
    """Whether a stored value is components by name, some of which may be left out."""
    if not isinstance(value, Mapping) or not value or "use" in value:
        return False
    return all(item == NONE or (isinstance(item, Mapping) and "use" in item) for item in value.values())


def shorten_components(value: Any, other: Any = None) -> Any:
    """A list of components as their names, unless these are the names of the other list as well.

    >>> shorten_components([{"use": "f1", "of": "a"}]), shorten_components([1, 2]), shorten_components("relu")
    (['f1'], [1, 2], 'relu')
    """
    names, others = ([_name(item) for item in items] if isinstance(items, list) else [] for items in (value, other))
    return names if names and all(names) and names != others else value


def _name(item: Any) -> Any:
    return item.get("use") if isinstance(item, Mapping) else None
