"""The cases of a plugin: each check of what it provides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_core.messages import join_names, name_hint, suggest_command
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing.cases import Case, ComponentCase, PartCase
from zoo_core.testing.checks import checks_of, table
from zoo_core.testing.parts import parts_of


def cases(
    plugin: str = "", *, kind: str = "", name: str = "", zoo: Zoo | None = None, reserved: Collection[str] = ()
) -> list[Case]:
    """Return each check of each component, recipe, command and listener of a plugin ("" for all plugins).

    `kind` and `name` select some of these; `reserved` are names that commands of plugins cannot have. Raises
    PluginError if the plugin is disabled because of an error, RecipeError if there is nothing to check.
    """
    zoo = zoo or open_zoo()
    for unavailable in zoo.plugins.unavailable:
        if unavailable.source.plugin == plugin or (not plugin and not unavailable.disabled):
            raise PluginError(str(unavailable))
    entries = [entry for entry in zoo.registry.entries if plugin in ("", entry.owner.plugin)]
    parts = parts_of(zoo, plugin, reserved=reserved)
    if not entries and not parts:
        raise _nothing_to_check(zoo, plugin)
    chosen = [entry for entry in entries if kind in ("", entry.kind) and name in ("", entry.name)]
    chosen_parts = [part for part in parts if kind in ("", part.kind) and name in ("", part.name)]
    if not chosen and not chosen_parts:
        missing = " ".join(filter(None, (kind or "component", f'"{name}"' if name else "")))
        names = sorted({entry.name for entry in entries} | {part.name for part in parts})
        raise RecipeError(f"plugin {plugin} has no {missing}", hint=name_hint(name, names))
    return [
        *component_cases(zoo.registry, chosen),
        *(PartCase(check, part.kind, part.name, part) for part in chosen_parts for check in checks_of(part.kind)),
    ]


def select_cases(
    cases: Sequence[Case], *, only: Collection[str] = (), without: Collection[str] = (), quick: bool = False
) -> list[Case]:
    """Return the cases with some ids, without others, and without slow ones if `quick`; an id in `only` is never slow.

    Raises RecipeError for an unknown id.
    """
    known = {case.check.id for case in cases}
    for id in (*only, *without):
        if id not in known:
            everywhere = {check.id for check in table()}
            what = f'no check "{id}" applies' if id in everywhere else f'unknown check "{id}"'
            raise RecipeError(what, hint=name_hint(id, sorted(known)))
    return [
        case
        for case in cases
        if (not only or case.check.id in only)
        and case.check.id not in without
        and not (quick and case.check.slow and case.check.id not in only)
    ]


def component_cases(registry: Registry, entries: Sequence[Entry], ids: Collection[str] = ()) -> list[ComponentCase]:
    """Return each check of these components, or those with these ids."""
    together = tuple(entries)
    return [
        ComponentCase(check, entry.kind, entry.name, entry, registry, together)
        for entry in entries
        for check in checks_of(entry.kind)
        if not ids or check.id in ids
    ]


def _nothing_to_check(zoo: Zoo, plugin: str) -> RecipeError:
    """The error for an unknown plugin, with near names, or for one without anything to check."""
    for source, loaded in zoo.plugins.loaded:
        if source.plugin == plugin:
            hooks = sorted(zoo.plugins.hooks[id(loaded)])
            give = "give" if len(hooks) > 1 else "gives"
            has = f"it implements {join_names(hooks)}, which {give} nothing" if hooks else "it implements no hook"
            hint = "return components from a hook, as zoo_models"
            return RecipeError(f'plugin "{plugin}" ({source}) has nothing to check: {has}', hint=hint)
    known = {source.plugin for source, _ in zoo.plugins.loaded} | {
        part.owner.distribution for part in parts_of(zoo, "")
    }
    file = Path(plugin)
    command = suggest_command("zoo plugins check --plugin", file, file.stem) if file.suffix == ".py" else ""
    return RecipeError(f'no plugin "{plugin}"', hint=command or name_hint(plugin, sorted(known)))
