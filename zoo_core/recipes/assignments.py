"""The assignments `KEY=VALUE` that make one recipe of another."""

from __future__ import annotations

import re
from typing import Any

from zoo_core.errors import ZooError
from zoo_core.recipes.flat_keys import flatten_plan, format_toml
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe

BARE_WORD = re.compile(r"(?!(?:true|false|inf|nan)$)[A-Za-z][A-Za-z0-9_-]*")
MAX_LEVELS = 8  # of components inside components


def find_assignments(recipe: Recipe, plan: Plan) -> dict[str, str]:
    """The values, as a command line has them, that the recipe needs in order to resolve to this plan.

    Where a slot has another component, only the settings that differ from that component's defaults are listed.
    """
    registry = recipe.zoo.registry
    wanted, found = flatten_plan(plan, registry), dict[str, str]()
    for _ in range(MAX_LEVELS):
        current = _flatten_or_nothing(recipe.with_assignments(*(f"{key}={value}" for key, value in found.items())))
        keys = [key for key, value in wanted.items() if key not in current or current[key] != value]
        if not keys:
            break
        outermost = [key for key in keys if not any(key.startswith(f"{other}.") for other in keys)]
        found |= {key: format_value(wanted[key]) for key in outermost}
    return found


def _flatten_or_nothing(recipe: Recipe) -> dict[str, Any]:
    """The keys of a recipe, none of a recipe that is invalid as it stands."""
    try:
        return flatten_plan(recipe.plan(), recipe.zoo.registry)
    except ZooError:
        return {}


def format_value(value: Any) -> str:
    """A plain value as the command line has it: words without quotes.

    >>> format_value("relu"), format_value("a b"), format_value([100]), format_value("true")
    ('relu', '"a b"', '[100]', '"true"')
    """
    is_word = isinstance(value, str) and BARE_WORD.fullmatch(value)
    return str(value) if is_word else format_toml(value)
