"""A recipe that a caller gives: itself, its name, or its file."""

from __future__ import annotations

from pathlib import Path

from zoo_core.config.zoo import Zoo
from zoo_core.errors import RecipeError
from zoo_core.recipes.recipe import Recipe, load_recipe


def given_recipe(recipe: Recipe | str | Path, *, zoo: Zoo | None = None) -> Recipe:
    """The recipe that is given, or that of a name or file. Raises RecipeError as `load_recipe` does, and for others."""
    if isinstance(recipe, Recipe):
        return recipe
    if not isinstance(recipe, str | Path):
        message = f"a recipe must be a Recipe, a name or a file, not {type(recipe).__name__}"
        raise RecipeError(message, hint='as in load_recipe("yelp-mlp").override({"optimizer.lr": 0.1})')
    return load_recipe(recipe, zoo=zoo)
