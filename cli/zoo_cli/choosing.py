"""The options by which several commands choose a recipe: a part for each slot, and settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zoo_cli.completion import complete_assignment, complete_part

if TYPE_CHECKING:
    from zoo_core.config import Zoo
    from zoo_core.recipe import Recipe

F = TypeVar("F", bound=Callable[..., Any])
SLOTS = {
    "task": "What the columns mean.",
    "vectorizer": "Texts into features.",
    "model": "Features into scores.",
    "loss": "What training makes small.",
    "optimizer": "How parameters move.",
    "scheduler": "How the learning rate changes.",
}

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_assignment,
    help="Change a setting or a part (repeatable).",
)
classes_option = click.option(
    "--classes", type=click.IntRange(2), default=2, show_default=True, help="How many classes the data will have."
)


def slot_options(command: F) -> F:
    """An option for each slot, the first slot's first; the command gets them by the slots' names."""
    for slot, help in reversed(SLOTS.items()):
        command = click.option(f"--{slot}", metavar="NAME", shell_complete=complete_part, help=help)(command)
    return command


def chosen(zoo: Zoo, name: str | None, parts: Mapping[str, str | None], settings: Sequence[str]) -> Recipe:
    """A recipe by name, or none but the defaults, with the parts and then the settings that were given."""
    from zoo_core.recipe import assembled, load_recipe

    recipe = assembled(zoo) if name is None else load_recipe(name, zoo=zoo)
    return recipe.choose({slot: part for slot, part in parts.items() if part}).override(*settings)
