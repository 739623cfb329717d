"""The page of shipped recipes, from `registry.toml`."""

from __future__ import annotations

from _generate.markdown import code, note, table
from zoo_core import load_recipe, open_zoo
from zoo_core.recipes.plan import SLOTS

HEAD = """# Recipes

The recipes that come with textzoo. `zoo show recipe NAME` prints one with every setting, `zoo list recipe` also lists
those of plugins and of your own `zoo.toml`.
"""


def page() -> str:
    """What each recipe is for, and its components."""
    zoo = open_zoo(disabled=("*",))
    names = sorted(zoo.recipes)
    plans = {name: load_recipe(name, zoo=zoo).plan() for name in names}
    about = [(code(name), str(zoo.recipes[name].values["about"])) for name in names]
    varied = [slot for slot in SLOTS if len({getattr(plan, slot).name for plan in plans.values()}) > 1]
    made_of = [(code(name), *(code(getattr(plans[name], slot).name) for slot in varied)) for name in names]
    tables = [table(("recipe", "what it is for"), about), "", table(("recipe", *varied), made_of)]
    return "\n".join([note("recipes"), "", HEAD, *tables])
