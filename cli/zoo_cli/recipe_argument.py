"""Resolve the argument RECIPE and the slot options of a command to a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe


def resolve_recipe(zoo: Zoo, name: str | None, components: Mapping[str, str | None], settings: Sequence[str]) -> Recipe:
    """The recipe of this name, or the default recipe, with these components by slot and then these settings."""
    from zoo_core.recipes.recipe import default_recipe, load_recipe

    recipe = default_recipe(zoo) if name is None else load_recipe(name, zoo=zoo)
    changes = {slot: component for slot, component in components.items() if component}
    return recipe.with_components(changes).override(*settings)
