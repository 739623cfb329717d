"""The zoo of one call: its settings (built-in, user, project), plugins, registry and recipes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from attrs import evolve, field, frozen

from zoo_core.config.key_lines import KeyPath
from zoo_core.config.named_recipes import NamedRecipe, NamedRecipes, layer_owner
from zoo_core.config.settings_layers import Layer, read_settings
from zoo_core.config.settings_shape import SETTINGS_TABLE, check_settings
from zoo_core.config.toml import Document, parse_toml
from zoo_core.config.user_settings import require_user_file, user_file
from zoo_core.errors import PluginError, Problem, RecipeError
from zoo_core.hookspecs import SETTINGS_HOOKS
from zoo_core.messages import warn
from zoo_core.plugins.manager import CaptureOutput, LoadedPlugins, load_plugins
from zoo_core.plugins.plugin_source import PluginSource, installed_plugins, plugin_objects
from zoo_core.plugins.registry import Registry, build_registry
from zoo_core.plugins.single_file import read_plugin_file, without_duplicates

OpeningArguments = tuple[tuple[str, ...], tuple[str, ...], bool]  # disabled, files, trusts_project
_OPENING = Lock()


@frozen
class Zoo:
    """The registry of one call, its plugins, and the recipes by name. `warnings` say which settings were ignored."""

    registry: Registry
    plugins: LoadedPlugins
    recipes: NamedRecipes
    defaults: Document
    warnings: tuple[str, ...] = ()
    plugin_settings: Mapping[str, Any] = {}  # of each plugin with a class of settings, by `distribution/plugin`
    opened_with: OpeningArguments | None = field(default=None, eq=False, repr=False)  # None: with plugin objects

    @property
    def origins(self) -> dict[str, str]:
        """The layer that defines each recipe, by the names that the recipes have."""
        return self.recipes.layers()

    def __reduce__(self) -> tuple[Callable[..., Zoo], OpeningArguments]:
        """Pickle how it was opened; PluginError for a zoo of plugin objects, which only this process has."""
        if self.opened_with is None:
            raise PluginError("a zoo of plugin objects cannot be pickled", hint="use open_zoo() or open_zoo(files=…)")
        return _open_again, self.opened_with

    def __deepcopy__(self, _memo: object) -> Zoo:
        return self


def open_zoo(
    *,
    disabled: tuple[str, ...] = (),
    plugins: Mapping[str, object] | None = None,
    files: tuple[str, ...] = (),
    capture: CaptureOutput = nullcontext,
    trusts_project: bool = True,
    warns: bool = True,
) -> Zoo:
    """Read the settings, load the plugins and build the registry.

    `plugins`, if given, replaces the installed plugins. Plugins are disabled by `disabled`, by the environment
    variable ZOO_DISABLE_PLUGINS (comma-separated) and by `[plugins] disabled`; `*` disables all third-party plugins
    except `files`. `files` are plugins in a single file, for this call. `capture` collects the output of plugins.
    Without `trusts_project`, no plugin of the project is loaded, although the user trusts it. Settings that are ignored
    because they are not trusted are logged as warnings, unless not `warns`; they are in `Zoo.warnings` in any case.

    Raises RecipeError if a file is missing, also that of ZOO_CONFIG, or settings are invalid, PluginError if one of
    `files` is broken.
    """
    require_user_file()
    settings = read_settings(trusts_project=trusts_project)
    for text in settings.warnings if warns else ():
        warn(text)
    layers = list(settings.layers)
    names = {*disabled, *_disabled_by(layers)}
    explicit = [evolve(read_plugin_file(path, where="--plugin"), explicit=True) for path in files]
    if plugins is None:
        sources = [*installed_plugins(), *without_duplicates(settings.plugin_files, explicit)]
    else:
        sources = plugin_objects(plugins)
    loaded = load_plugins([*sources, *explicit], disabled=names, capture=capture)
    plugin_settings, ignored = _configure_plugins(loaded, layers)
    for text in ignored if warns else ():
        warn(text)
    preferred = _preferred_owners(layers)
    registry = build_registry(loaded, preferred=preferred)
    plugin_recipes = _collect_recipes(loaded)
    if len(loaded.unavailable) > len(registry.unavailable):  # a plugin with invalid recipes loses its components
        registry = build_registry(loaded, preferred=preferred)
    broken = [plugin for plugin in loaded.unavailable if plugin.source in explicit and not plugin.disabled]
    if broken:
        raise PluginError(*(Problem(str(plugin)) for plugin in broken))
    named = [recipe for layer, document in layers for recipe in _named_recipes(layer, layer_owner(layer), document)]
    recipes = NamedRecipes((*plugin_recipes, *named), preferred)
    paths = tuple(str(Path(file).expanduser().absolute()) for file in files)
    opened_with = (disabled, paths, trusts_project) if plugins is None else None
    warnings = (*settings.warnings, *ignored)
    return Zoo(registry, loaded, recipes, _merge_defaults(layers), warnings, plugin_settings, opened_with)


def _configure_plugins(loaded: LoadedPlugins, layers: Iterable[Layer]) -> tuple[dict[str, Any], list[str]]:
    """The settings of plugins, and warnings about them; see `configure_plugins`."""
    has_tables = any(document.values.get(SETTINGS_TABLE) for _, document in layers)
    if not has_tables and not any(map(loaded.implementations, SETTINGS_HOOKS)):
        return {}, []
    from zoo_core.config.plugin_settings import configure_plugins  # here, because few plugins have settings

    return configure_plugins(loaded, layers)


def _open_again(disabled: tuple[str, ...], files: tuple[str, ...], trusts_project: bool) -> Zoo:
    """The zoo that these arguments open, for a pickle."""
    if not disabled and not files and trusts_project:
        return default_zoo()
    return open_zoo(disabled=disabled, files=files, trusts_project=trusts_project, warns=False)


def default_zoo() -> Zoo:
    """The zoo of `open_zoo()`, opened once for each working folder, settings file and ZOO_DISABLE_PLUGINS.

    As with `open_zoo()`, plugins of the working folder are loaded only if the user trusts it.
    """
    with _OPENING:
        return _open_default_zoo(Path.cwd(), user_file(), os.environ.get("ZOO_DISABLE_PLUGINS", ""))


@cache
def _open_default_zoo(_folder: Path, _settings: Path, _disabled: str) -> Zoo:
    return open_zoo()


def _merge_defaults(layers: Iterable[Layer]) -> Document:
    """The defaults of all layers; a key of a higher layer replaces that of a lower one."""
    values: dict[str, Any] = {}
    locations: dict[KeyPath, str] = {}
    for _, document in layers:
        defaults = subdocument(document, ("defaults",))
        values |= defaults.values
        locations |= defaults.locations
    return Document(values, locations)


def _collect_recipes(loaded: LoadedPlugins) -> list[NamedRecipe]:
    """The recipes of plugins; a plugin with invalid recipes is disabled."""
    recipes: list[NamedRecipe] = []
    for source, text in loaded.collect("zoo_recipes"):
        try:
            recipes += _named_recipes(f"plugin {source.plugin}", source, _plugin_recipes(text, source))
        except RecipeError as error:
            loaded.disable(source, f"zoo_recipes: {error.problems[0]}")
    return recipes


def _named_recipes(layer: str, owner: PluginSource, document: Document) -> list[NamedRecipe]:
    """The recipes that a settings file or a plugin defines."""
    recipes = document.values.get("recipes", {})
    locations: dict[str, dict[KeyPath, str]] = {name: {} for name in recipes}
    for (table, *path), place in document.locations.items():
        if table == "recipes" and path:
            locations[path[0]][tuple(path[1:])] = place
    return [NamedRecipe(name, owner, layer, Document(raw, locations[name])) for name, raw in recipes.items()]


def plugin_sources() -> list[PluginSource]:
    """Every plugin, installed or in a file that settings name; nothing is imported."""
    return [*installed_plugins(), *without_duplicates(read_settings().plugin_files, [])]


def preferred_owners() -> dict[str, str]:
    """The owner that settings prefer for a name of several plugins, by `kind.name`."""
    return _preferred_owners(read_settings().layers)


def _preferred_owners(layers: Iterable[Layer]) -> dict[str, str]:
    return {name: owner for _, document in layers for name, owner in document.values.get("owners", {}).items()}


def disabled_plugins() -> dict[str, list[str]]:
    """Each plugin that is disabled for all calls, and where: lines of settings, or the environment variable."""
    return _disabled_by(read_settings().layers)


def _disabled_by(layers: Iterable[Layer]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for name in filter(None, map(str.strip, os.environ.get("ZOO_DISABLE_PLUGINS", "").split(","))):
        places.setdefault(name, []).append("ZOO_DISABLE_PLUGINS")
    for _, document in layers:
        for name in document.values.get("plugins", {}).get("disabled", ()):
            places.setdefault(name, []).append(document.locations.get(("plugins", "disabled"), "the settings"))
    return places


def _plugin_recipes(text: object, source: PluginSource) -> Document:
    """The recipes of a plugin; RecipeError if they are invalid."""
    if type(text) is not str:
        raise RecipeError(f"returned {type(text).__name__}, not the text of a TOML file")
    document = check_settings(parse_toml(text, str(source)))
    for key in document.values:
        if key != "recipes":
            raise RecipeError(f"{key}: a plugin may only define recipes")
    return Document({"recipes": {}, **document.values}, document.locations)


def subdocument(document: Document, path: KeyPath) -> Document:
    """The part of a document under a key path."""
    values: Any = document.values
    for key in path:
        values = values.get(key, {})
    locations = {at[len(path) :]: place for at, place in document.locations.items() if at[: len(path)] == path}
    return Document(values, locations)
