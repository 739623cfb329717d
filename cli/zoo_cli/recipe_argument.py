"""Recipe argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe

SLOT_HELP = {
    "task": "How the columns are read.",
    "vectorizer": "How texts become features.",
    "model": "How features become scores.",
    "loss": "What training minimizes.",
    "optimizer": "How parameters are updated.",
    "scheduler": "How the learning rate changes.",
}


def resolve_recipe(zoo: Zoo, name: str | None, parts: Mapping[str, str | None], settings: Sequence[str]) -> Recipe:
    """A recipe by name, or none but the defaults, with the parts and then the settings that were given."""
    from zoo_core.recipes.recipe import default_recipe, load_recipe

    recipe = default_recipe(zoo) if name is None else load_recipe(name, zoo=zoo)
    return recipe.with_components({slot: part for slot, part in parts.items() if part}).override(*settings)
