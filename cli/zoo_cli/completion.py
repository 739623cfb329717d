"""Shell completion: names of recipes, kinds, components and keys. Does not import torch and hides every error."""

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
from zoo_core.messages import escape_control_chars

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe

PLAIN = "@%+=:,./-_"  # besides letters and digits, what no shell interprets inside a word
Items = list[CompletionItem]
Complete = Callable[[click.Context, click.Parameter, str], Items]


def _without_errors(complete: Complete) -> Complete:
    """Make a completion print nothing and return no items after an error: the command itself will report it."""

    def complete_quietly(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
        try:
            with capture_output([]):
                return complete(ctx, parameter, incomplete)
        except Exception:
            return []

    return complete_quietly


def _open_zoo(ctx: click.Context) -> Zoo:
    from zoo_core.config.zoo import open_zoo

    # pressing Tab is not a consent to run code of the working folder
    return open_zoo(disabled=tuple(ctx.find_root().params.get("no_plugin") or ()), trusts_project=False, warns=False)


def _matching_items(names: Iterable[tuple[str, str]], incomplete: str) -> Items:
    """Items for names that the shell takes as they are: a name may be a stranger's, and is put on the command line."""
    return [
        CompletionItem(name, help=" ".join(escape_control_chars(help).split()))
        for name, help in names
        if name.startswith(incomplete) and _is_plain_word(name)
    ]


def _is_plain_word(name: str) -> bool:
    return all(character.isalnum() or character in PLAIN for character in name) and name[:1] not in ("-", "=", "")


def _recipe_names(zoo: Zoo) -> list[tuple[str, str]]:
    return [(name, str(document.values.get("about", ""))) for name, document in sorted(zoo.recipes.items())]


def _component_names(zoo: Zoo, kind: str) -> list[tuple[str, str]]:
    from zoo_core.components.kinds import summary_line

    return [(zoo.registry.recipe_name(entry.cls), summary_line(entry.cls)) for entry in zoo.registry.of_kind(kind)]


@_without_errors
def complete_recipe(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a recipe."""
    return _matching_items(_recipe_names(_open_zoo(ctx)), incomplete)


@_without_errors
def complete_kind(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a kind, or `recipe`."""
    from zoo_core.components.kinds import KINDS, summary_line

    kinds = [(kind.name, summary_line(kind.base)) for kind in KINDS]
    return _matching_items([*kinds, ("recipe", "A recipe by name.")], incomplete)


@_without_errors
def complete_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a component of the kind given before."""
    kind, zoo = ctx.params.get("kind"), _open_zoo(ctx)
    return _matching_items(_recipe_names(zoo) if kind == "recipe" else _component_names(zoo, str(kind)), incomplete)


@_without_errors
def complete_slot_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a component of the kind that the option is named for."""
    return _matching_items(_component_names(_open_zoo(ctx), str(parameter.name)), incomplete)


@_without_errors
def complete_plugin(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a plugin, also of one that is disabled or broken; imports none of them."""
    from zoo_core.config.zoo import disabled_plugins, plugin_sources

    found = {source.plugin: str(source) for source in plugin_sources()}
    return _matching_items(sorted({**dict.fromkeys(disabled_plugins(), "disabled"), **found}.items()), incomplete)


@_without_errors
def complete_distribution(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a distribution with a plugin."""
    from zoo_core.plugins.plugin_source import API_DISTRIBUTION, installed_plugins

    names = {source.distribution for source in installed_plugins()} - {API_DISTRIBUTION}
    return _matching_items([(name, "") for name in sorted(names)], incomplete)


@_without_errors
def complete_key(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete a key of the recipe given before."""
    return _matching_items(_keys(_recipe(ctx)), incomplete)


@_without_errors
def complete_slot(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete a slot of the recipe given before."""
    from zoo_core.recipes.alternatives import iter_slots

    return _matching_items([(key, kind) for key, kind, _ in iter_slots(_recipe(ctx).plan())], incomplete)


@_without_errors
def complete_assignment(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete `KEY=`, then a value: a component that fits the slot, or a word of an enumeration."""
    return _assignment_items(_recipe(ctx), incomplete, "")


@_without_errors
def complete_short_form(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the value of an option that is short for an assignment."""
    from zoo_cli.recipe_argument import SHORT_FORMS

    return _matching_items(_compatible_values(_recipe(ctx), SHORT_FORMS[str(parameter.name)]), incomplete)


@_without_errors
def complete_swap(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete `SLOT=a,b`: as `complete_assignment`, without the values that are already listed."""
    text_before, comma, _ = incomplete.rpartition(",")
    return _assignment_items(_recipe(ctx), incomplete, text_before.partition("=")[2] + comma)


def _assignment_items(recipe: Recipe, incomplete: str, listed: str) -> Items:
    """Items for `KEY=VALUE`; `listed` holds the values before the one to complete, each followed by a comma."""
    key, equals, _ = incomplete.partition("=")
    if not equals:
        return _matching_items([(f"{name}=", help) for name, help in _keys(recipe)], incomplete)
    values = [item for item in _compatible_values(recipe, key) if item[0] not in listed.split(",")]
    return _matching_items([(f"{key}={listed}{value}", help) for value, help in values], incomplete)


def _recipe(ctx: click.Context) -> Recipe:
    """The recipe that the words before describe: its name, components, and complete settings."""
    from zoo_cli.recipe_argument import combine_recipe
    from zoo_core.recipes.plan import SLOTS

    params: dict[str, Any] = ctx.params
    name = params.get("recipe") or params.get("base")
    if name is None and "recipe" in params and ctx.args:  # click leaves arguments in `args` before an unfinished option
        name = ctx.args[0]
    components = [f"{slot}={params[slot]}" for slot in SLOTS if params.get(slot)]
    settings = [setting for setting in params.get("settings") or () if "=" in setting]
    return combine_recipe(_open_zoo(ctx), name, [*components, *settings])


def _keys(recipe: Recipe) -> list[tuple[str, str]]:
    from zoo_core.recipes.flat_keys import flatten_plan, format_toml

    return [(key, format_toml(value)) for key, value in flatten_plan(recipe.plan(), recipe.zoo.registry).items()]


def _compatible_values(recipe: Recipe, key: str) -> list[tuple[str, str]]:
    from zoo_core.recipes.alternatives import enum_values, find_alternatives, iter_slots

    plan = recipe.plan()
    if key in {name for name, _, is_list in iter_slots(plan) if not is_list}:
        candidates = find_alternatives(recipe, key).candidates
        return [(candidate.name, "") for candidate in candidates if not candidate.reasons]
    return [(word, "") for word in enum_values(plan, key)]


class FileFallback(ShellComplete):
    """Complete file names where no other items exist: most such arguments are runs or files of texts."""

    def get_completions(self, args: list[str], incomplete: str) -> Items:
        items = super().get_completions(args, incomplete)
        needs_file = bool(args) and not items and not incomplete.startswith("-") and "=" not in incomplete
        return [CompletionItem(incomplete, type="file")] if needs_file else items


class Zsh(FileFallback, ZshComplete):
    """zsh with file names."""


class Fish(FileFallback, FishComplete):
    """fish with file names, and with commas inside items."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","', 1)


class Bash(FileFallback, BashComplete):
    """Bash with file names. Bash splits words at `=`: `KEY=VAL` arrives as three words; it replaces the last one."""

    source_template = BashComplete.source_template.replace(
        "    done\n", "    done\n\n    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n", 1
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        *words, incomplete = rejoin_words([*words, incomplete])
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Format only the value of `KEY=VALUE`: the key is already on the line."""
        value = item.value if item.value.endswith("=") else item.value.rpartition("=")[2]
        return f"{item.type},{value}"


def rejoin_words(words: list[str]) -> list[str]:
    """Join the words that Bash split at `=`.

    >>> rejoin_words(["--set", "loss", "=", "bce", "--set", "model.activation", "="])
    ['--set', 'loss=bce', '--set', 'model.activation=']
    """
    joined: list[str] = []
    for word in words:
        if joined and (word == "=" or (joined[-1].endswith("=") and word and not word.startswith("--"))):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def register_shells() -> None:
    """Register this module's shell classes with click."""
    for shell in (Bash, Fish, Zsh):
        add_completion_class(shell)
