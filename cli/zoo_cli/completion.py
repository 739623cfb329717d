"""Shell completion: names of recipes, kinds, components and keys. Imports no torch; says nothing when in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from zoo_cli.streams import capture_output

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe

Items = list[CompletionItem]
Complete = Callable[[click.Context, click.Parameter, str], Items]


def _without_errors(answer: Complete) -> Complete:
    """A completion beside which nothing is printed, and none where it would have an error: the command will tell it."""

    def quiet(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        try:
            with capture_output([]):
                return answer(ctx, parameter, incomplete)
        except Exception:
            return []

    return quiet


def _zoo(ctx: click.Context) -> Zoo:
    from zoo_core.config.zoo import open_zoo

    return open_zoo(disabled=tuple(ctx.find_root().params.get("no_plugin") or ()))


def _matching_items(names: Iterable[tuple[str, str]], incomplete: str) -> Items:
    return [CompletionItem(name, help=help) for name, help in names if name.startswith(incomplete)]


def _recipe_names(zoo: Zoo) -> list[tuple[str, str]]:
    return [(name, str(one.values.get("about", ""))) for name, one in sorted(zoo.recipes.items())]


def _component_names(zoo: Zoo, kind: str) -> list[tuple[str, str]]:
    from zoo_core.components.kinds import summary_line

    return [(zoo.registry.recipe_name(entry.cls), summary_line(entry.cls)) for entry in zoo.registry.of_kind(kind)]


@_without_errors
def complete_recipe(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Recipes by name."""
    return _matching_items(_recipe_names(_zoo(ctx)), incomplete)


@_without_errors
def complete_kind(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The kinds, and `recipe`."""
    from inspect import cleandoc

    from zoo_core.components.kinds import KINDS

    kinds = [(kind.name, cleandoc(kind.base.__doc__ or "").partition("\n")[0]) for kind in KINDS]
    return _matching_items([*kinds, ("recipe", "A recipe by name.")], incomplete)


@_without_errors
def complete_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The components of the kind that was typed before."""
    kind, zoo = ctx.params.get("kind"), _zoo(ctx)
    return _matching_items(_recipe_names(zoo) if kind == "recipe" else _component_names(zoo, str(kind)), incomplete)


@_without_errors
def complete_slot_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The components of the kind an option is called by."""
    return _matching_items(_component_names(_zoo(ctx), str(parameter.name)), incomplete)


@_without_errors
def complete_key(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The keys of the recipe that was typed before."""
    return _matching_items(_keys(_recipe(ctx)), incomplete)


@_without_errors
def complete_slot(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The slots of the recipe that was typed before."""
    from zoo_core.recipes.alternatives import iter_slots

    return _matching_items([(key, kind) for key, kind, _ in iter_slots(_recipe(ctx).plan())], incomplete)


@_without_errors
def complete_assignment(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """`KEY=` of every key of the recipe, then the values that stand for a choice."""
    return _assignment_items(_recipe(ctx), incomplete, "")


@_without_errors
def complete_swap(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The same, and after a comma the values that are not there yet."""
    before, comma, _ = incomplete.rpartition(",")
    return _assignment_items(_recipe(ctx), incomplete, before.partition("=")[2] + comma)


def _assignment_items(recipe: Recipe, incomplete: str, before: str) -> Items:
    key, equals, _ = incomplete.partition("=")
    if not equals:
        return _matching_items([(f"{name}=", help) for name, help in _keys(recipe)], incomplete)
    left = [one for one in _compatible_values(recipe, key) if one[0] not in before.split(",")]
    return _matching_items([(f"{key}={before}{value}", help) for value, help in left], incomplete)


def _recipe(ctx: click.Context) -> Recipe:
    """The recipe as far as it was typed: its name, the parts chosen, the settings that are whole."""
    from zoo_cli.recipe_argument import SLOT_HELP, resolve_recipe

    given: dict[str, Any] = ctx.params
    name = given.get("recipe") or given.get("base")
    if name is None and "recipe" in given and ctx.args:  # an option that waits for its value keeps click from naming it
        name = ctx.args[0]
    settings = [one for one in given.get("settings") or () if "=" in one]
    return resolve_recipe(_zoo(ctx), name, {slot: given.get(slot) for slot in SLOT_HELP}, settings)


def _keys(recipe: Recipe) -> list[tuple[str, str]]:
    from zoo_core.recipes.keys import flatten_plan, format_toml

    return [(key, format_toml(value)) for key, value in flatten_plan(recipe.plan(), recipe.zoo.registry).items()]


def _compatible_values(recipe: Recipe, key: str) -> list[tuple[str, str]]:
    from zoo_core.recipes.alternatives import enum_values, find_alternatives, iter_slots

    plan = recipe.plan()
    if key in {name for name, _, several in iter_slots(plan) if not several}:
        return [(choice.name, "") for choice in find_alternatives(recipe, key).candidates if not choice.reasons]
    return [(word, "") for word in enum_values(plan, key)]


class FileFallback(ShellComplete):
    """Where nothing is known of what could stand, a file: most of what has no name is a run or a file of texts."""

    def get_completions(self, args: list[str], incomplete: str) -> Items:
        found = super().get_completions(args, incomplete)
        nothing = bool(args) and not found and not incomplete.startswith("-") and "=" not in incomplete
        return [CompletionItem(incomplete, type="file")] if nothing else found


class Zsh(FileFallback, ZshComplete):
    """zsh, with files."""


class Fish(FileFallback, FishComplete):
    """fish, with files, and with commas in what is offered."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","', 1)


class Bash(FileFallback, BashComplete):
    """Bash, with files. It cuts words at `=` too: `KEY=VAL` comes as three, and only the last of them is replaced."""

    source_template = BashComplete.source_template.replace(
        "    done\n", "    done\n\n    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n", 1
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        *args, incomplete = rejoin_words([*args, incomplete])
        return args, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Of `KEY=VALUE` only the value: the rest is on the line already."""
        value = item.value if item.value.endswith("=") else item.value.rpartition("=")[2]
        return f"{item.type},{value}"


def rejoin_words(words: list[str]) -> list[str]:
    """Words as they were before they were cut at `=`.

    >>> rejoin_words(["--set", "loss", "=", "bce", "--set", "model.activation", "="])
    ['--set', 'loss=bce', '--set', 'model.activation=']
    """
    whole: list[str] = []
    for word in words:
        if whole and (word == "=" or (whole[-1].endswith("=") and word and not word.startswith("--"))):
            whole[-1] += word
        else:
            whole.append(word)
    return whole


def register_shells() -> None:
    """Let click know of this module's shells; only where one asks."""
    for shell in (Bash, Fish, Zsh):
        add_completion_class(shell)
