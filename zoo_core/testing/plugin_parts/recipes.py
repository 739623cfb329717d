"""Checks of the recipes of a plugin."""

from __future__ import annotations

from zoo_core.config.named_recipes import NamedRecipe
from zoo_core.errors import ZooError
from zoo_core.recipes.compatibility import check
from zoo_core.recipes.migration import find_renamed
from zoo_core.recipes.recipe import Recipe, load_recipe
from zoo_core.testing.checks import register_check, skip
from zoo_core.testing.parts import Part


def _named(part: Part) -> NamedRecipe:
    assert part.recipe is not None, "it is not a recipe"
    return part.recipe


def _load(part: Part) -> Recipe:
    return load_recipe(_named(part).qualified_name, zoo=part.zoo)


@register_check("recipe", "a recipe must be valid: known names, valid settings, compatible components")
def recipe_is_valid(part: Part) -> None:
    try:
        check(_load(part))
    except ZooError as error:
        problems = "; ".join(problem.text for problem in error.problems)
        raise AssertionError(f"it is not valid: {problems}") from None


@register_check("recipe", "`zoo list` and `zoo recipe list` show what each recipe is for")
def recipe_is_described(part: Part) -> None:
    about = _named(part).document.values.get("about", "")
    assert str(about).strip(), 'it has no description: about = "what it is for"'


@register_check("recipe", "old names of components end one day")
def recipe_has_no_old_names(part: Part) -> None:
    try:
        renamed = find_renamed(_load(part))
    except ZooError:
        skip("it is not valid: see recipe-is-valid")
    assert not renamed, "; ".join(map(str, renamed))
