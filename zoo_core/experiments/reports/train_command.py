"""The command that trains a variant of a swap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from zoo_core.config.assignment import FLAGS, OPTIONS
from zoo_core.errors import ZooError
from zoo_core.experiments.variants import Variant
from zoo_core.messages import suggest_command
from zoo_core.recipes.assignments import BARE_WORD, find_assignments
from zoo_core.recipes.plan import SLOTS
from zoo_core.recipes.recipe import load_recipe

PLAIN_STRING = re.compile(r'"([^"\\]+)"')


def train_command(variant: Variant, data: str | None, plugin_files: Sequence[str] = ()) -> str:
    """The command that trains this variant on the data of its swap, with the seed of its recipe.

    "" if its recipe has neither a known name nor a file, or if a word cannot be suggested.
    """
    recipe = variant.recipe
    try:
        named = load_recipe(recipe.name, zoo=recipe.zoo)
    except ZooError:
        return ""
    name = recipe.name if recipe.name in recipe.zoo.recipes else PurePath(recipe.name)
    parts = [suggest_command("zoo train", name)]
    parts += [suggest_command("--data", PurePath(data))] if data is not None else []
    parts += [suggest_command("--plugin", PurePath(file)) for file in plugin_files]
    parts += [_option(key, value) for key, value in find_assignments(named, variant.plan).items()]
    return " ".join(parts) if all(parts) else ""


def _option(key: str, value: str) -> str:
    if key in SLOTS and BARE_WORD.fullmatch(value):
        return suggest_command(f"--{key}", value)
    plain = PLAIN_STRING.fullmatch(value)
    if key in OPTIONS and (plain or BARE_WORD.fullmatch(value)):
        return suggest_command(OPTIONS[key], plain[1] if plain else value)
    if (key, value) in FLAGS:
        return FLAGS[key, value]
    return suggest_command("--set", f"{key}={value}")
