"""Resolve the argument RECIPE and the settings of a command to a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zoo_cli.output import print_warning

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe

SHORT_FORMS = {  # options of a command, and the settings that they are short for
    "epochs": "training.epochs",
    "lr": "optimizer.lr",
    "seed": "training.seed",
    "device": "training.device",
}


def resolve_recipe(zoo: Zoo, name: str | None, settings: Sequence[str]) -> Recipe:
    """The recipe of this name, or the default recipe, with these settings.

    Warns of the recipe's settings that are dropped with their component.
    """
    recipe = combine_recipe(zoo, name, settings)
    warn_of_dropped_settings([recipe])
    return recipe


def warn_of_dropped_settings(recipes: Iterable[Recipe], *, of_files: bool = False) -> None:
    """Warn of the settings that options have dropped, or also those that recipes drop from what they extend."""
    from zoo_core.config.merged_layers import COMMAND_LINE

    dropped = [one for recipe in recipes for one in recipe.dropped_settings() if of_files or one.layer == COMMAND_LINE]
    for one in dict.fromkeys(dropped):
        print_warning(f"{one}")


def combine_recipe(zoo: Zoo, name: str | None, settings: Sequence[str]) -> Recipe:
    """The same without warnings."""
    from zoo_core.recipes.recipe import default_recipe, load_recipe

    recipe = default_recipe(zoo) if name is None else load_recipe(name, zoo=zoo)
    return recipe.with_assignments(*settings)
