"""The settings of plugins: tables `[plugin.NAME]` of settings files, read into the class that the plugin gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import attrs
from attrs import evolve, frozen

from zoo_core.components.class_checks import settings_problems
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import setting_fields
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.located_problems import raise_problems
from zoo_core.config.settings_layers import Layer
from zoo_core.config.settings_shape import SETTINGS_TABLE
from zoo_core.config.structure import Structurer
from zoo_core.config.toml import Document
from zoo_core.errors import ZooError
from zoo_core.messages import join_names, name_hint
from zoo_core.plugins.manager import LoadedPlugins
from zoo_core.plugins.plugin_source import PluginSource, describe_exception
from zoo_core.plugins.registry import Registry

CLASS_HOOK, CONFIGURED_HOOK = "zoo_settings", "zoo_configured"


@frozen
class InvalidSettings(Exception):
    """Why a plugin cannot be configured, and what the user can do if the values are at fault."""

    reason: str
    remedy: str = ""


def configure_plugins(loaded: LoadedPlugins, layers: Iterable[Layer]) -> tuple[dict[str, Any], list[str]]:
    """Read the settings of every plugin that has a class of settings, and hand them over.

    Returns the settings by `distribution/plugin`, and warnings about tables of no plugin. A plugin whose class or
    values are invalid is disabled, with the reason, so that it does not work with other settings than the user's.
    """
    document = _merge_tables(layers)
    settings: dict[str, Any] = {}
    for source, offered in loaded.collect(CLASS_HOOK):
        try:
            settings[_owner(source)] = _read_settings(source, offered, document)
        except InvalidSettings as error:
            loaded.disable(source, error.reason, remedy=error.remedy)
    for source, implementation in loaded.implementations(CONFIGURED_HOOK):
        if _owner(source) not in settings:
            loaded.disable(source, f"it implements {CONFIGURED_HOOK}, but not {CLASS_HOOK}, which gives the class")
            continue
        try:
            loaded.call_captured(source, partial(implementation.call, {"settings": settings[_owner(source)]}))
        except BaseException as error:
            loaded.disable(source, f"{CONFIGURED_HOOK} raised {describe_exception(error)}", error)
    return settings, list(_unused_tables(loaded, document, settings))


def _owner(source: PluginSource) -> str:
    return f"{source.distribution}/{source.plugin}"


def _merge_tables(layers: Iterable[Layer]) -> Document:
    """The tables of all layers; a key of a higher layer replaces that of a lower one."""
    tables: dict[str, dict[str, Any]] = {}
    locations: dict[KeyPath, str] = {}
    for _, document in layers:
        for name, table in document.values.get(SETTINGS_TABLE, {}).items():
            tables.setdefault(name, {}).update(table)
        locations |= {path: place for path, place in document.locations.items() if path[:1] == (SETTINGS_TABLE,)}
    return Document(tables, locations)


def _read_settings(source: PluginSource, offered: object, document: Document) -> Any:
    """An instance of the class of a plugin. Raises InvalidSettings."""
    problems = _class_problems(offered)
    if problems:
        raise InvalidSettings(f"{CLASS_HOOK} {join_names(problems)}")
    assert isinstance(offered, type)
    structurer = Structurer(Registry(()))
    values: dict[str, Any] = {}
    for name in (source.plugin, _owner(source)):
        path = (SETTINGS_TABLE, name)
        table = document.values.get(name, {})
        structurer.structure_table(offered, table, path)  # for its problems
        values |= table
    try:
        raise_problems(structurer.problems, document.locations)
    except ZooError as error:
        reasons = "; ".join(str(evolve(problem, hint="")) for problem in error.problems)
        remedy = "; ".join(dict.fromkeys(problem.hint for problem in error.problems if problem.hint))
        raise InvalidSettings(f"its settings are invalid: {reasons}", remedy or "correct the settings") from None
    return structurer.structure_table(offered, values, (SETTINGS_TABLE, source.plugin))


def _class_problems(offered: object) -> list[str]:
    """What is wrong with a class of settings."""
    if not isinstance(offered, type) or not attrs.has(offered):
        return [f"returned {getattr(offered, '__name__', type(offered).__name__)}, not a class made by attrs.frozen"]
    problems = [] if attrs.inspect(offered).is_frozen else ["returned a class that is not frozen"]
    problems += settings_problems(offered)
    if not problems and any(map(is_slot, setting_fields(offered))):
        problems.append("returned a class with a slot, which only components have")
    return problems


def _unused_tables(loaded: LoadedPlugins, document: Document, settings: Mapping[str, Any]) -> Iterator[str]:
    """A warning for each table that no plugin reads; one of a plugin that is disabled is not mentioned."""
    sources = [source for source, _ in loaded.loaded] + [plugin.source for plugin in loaded.unavailable]
    names = {name: source for source in sources for name in (source.plugin, _owner(source))}
    configurable = {name for name, source in names.items() if _owner(source) in settings}
    unavailable = {id(plugin.source) for plugin in loaded.unavailable}
    for name in document.values:
        place = document.locations.get((SETTINGS_TABLE, name), "")
        table = f"{place}{': ' if place else ''}[{SETTINGS_TABLE}.{name}] is ignored"
        if name not in names:
            hint = name_hint(name, sorted(configurable))
            yield f"{table}: no such plugin is installed" + (f" (hint: {hint})" if hint else "")
        elif name not in configurable and id(names[name]) not in unavailable:
            yield f'{table}: plugin "{name}" has no settings'
