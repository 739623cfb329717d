"""What a plugin provides besides components, and the checks examine: recipes, commands and listeners."""

from __future__ import annotations

from collections.abc import Collection
from importlib import metadata
from typing import Any

from attrs import field, frozen

from zoo_core.config.named_recipes import NamedRecipe
from zoo_core.config.zoo import Zoo
from zoo_core.hookspecs import EVENT_HOOKS, MODEL_HOOK
from zoo_core.plugins.hook_implementations import Implementation
from zoo_core.plugins.plugin_source import PluginSource, source_of

COMMAND_GROUP = "textzoo.commands"
PREFIX = "textzoo-"  # of the names of distributions


@frozen
class Part:
    """A recipe, a command or a listener of a plugin; `reserved` are the names of textzoo's own commands."""

    kind: str
    name: str
    owner: PluginSource
    zoo: Zoo = field(repr=False)
    recipe: NamedRecipe | None = None
    command: metadata.EntryPoint | None = None
    hooks: dict[str, Implementation] = field(factory=dict, repr=False)
    reserved: Collection[str] = ()


def parts_of(zoo: Zoo, plugin: str, *, reserved: Collection[str] = ()) -> list[Part]:
    """Return what a plugin provides besides components; "" for all installed plugins.

    The name of a distribution stands for its commands, and so does its name without "textzoo-" if no plugin has it;
    they belong to each plugin of the distribution, too.
    """
    sources = [source for source, _ in zoo.plugins.loaded if plugin in ("", source.plugin)]
    recipes = [
        Part("recipe", entry.name, entry.owner, zoo, recipe=entry)
        for entry in zoo.recipes.entries
        if entry.owner in sources
    ]
    names = {plugin, *({source.distribution for source in sources} or {f"{PREFIX}{plugin}"})}
    commands = [
        Part("command", point.name, source_of(point), zoo, command=point, reserved=reserved)
        for point in sorted(metadata.entry_points(group=COMMAND_GROUP), key=lambda point: point.name)
        if not plugin or source_of(point).distribution in names
    ]
    listeners = [Part("listener", source.plugin, source, zoo, hooks=_events_of(zoo, source)) for source in sources]
    return [*recipes, *commands, *(listener for listener in listeners if listener.hooks)]


def _events_of(zoo: Zoo, source: PluginSource) -> dict[str, Implementation]:
    found: dict[str, Any] = {}
    for hook in (*EVENT_HOOKS, MODEL_HOOK):
        for other, implementation in zoo.plugins.implementations(hook):
            if other is source:
                found[hook] = implementation
    return found
