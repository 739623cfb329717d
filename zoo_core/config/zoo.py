"""The settings of the zoo itself, in three layers: shipped, the user's, the project's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from zoo_core.config.toml import Document, KeyPath, parse_toml, read_toml
from zoo_core.config.user_settings import project_file, user_file
from zoo_core.errors import PluginError, Problem, RecipeError
from zoo_core.messages import name_hint
from zoo_core.plugins.manager import CaptureOutput, LoadedPlugins, load_plugins
from zoo_core.plugins.registry import Registry, build_registry
from zoo_core.plugins.single_file import plugin_file, plugin_files
from zoo_core.plugins.source import PluginSource, installed_plugins, plugin_objects

KNOWN_TABLES = ("defaults", "recipes", "plugins", "owners")


@frozen
class Zoo:
    """One call's view of the world: the registry, the plugins it came from, and the recipes by name."""

    registry: Registry
    plugins: LoadedPlugins
    recipes: Mapping[str, Document]
    defaults: Document
    origins: Mapping[str, str]  # recipe → which layer it comes from


def open_zoo(
    *,
    disabled: tuple[str, ...] = (),
    plugins: Mapping[str, object] | None = None,
    files: tuple[str, ...] = (),
    capture: CaptureOutput = nullcontext,
) -> Zoo:
    """Read the layers, load the plugins, build the registry.

    `plugins`, where given, is used instead of the installed ones. Plugins are switched off by `disabled`,
    by the environment variable ZOO_DISABLE_PLUGINS (comma-separated) and by `[plugins] disabled`; `*` there
    is every plugin that is not the zoo's own, or of `files`. `files` are plugins of a single file, for this call.
    What plugins print meanwhile goes where prints go, unless `overhear` keeps it, as the command line does.
    RecipeError for a file that is not there, PluginError for one of `files` that was set aside.
    """
    layers = _layers()
    off = {*disabled, *_switched_off(layers)}
    preferred: dict[str, str] = {}
    for _, document in layers:
        preferred.update(document.values.get("owners", {}))
    asked = [evolve(plugin_file(path, where="--plugin"), explicit=True) for path in files]
    sources = installed_plugins() + plugin_files(_listed(layers), asked) if plugins is None else plugin_objects(plugins)
    loaded = load_plugins([*sources, *asked], disabled=off, capture=capture)
    registry = build_registry(loaded, preferred=preferred)
    brought = 0  # layers of plugins stand above the shipped one and below the user's
    for source, text in loaded.collect("zoo_recipes"):
        try:
            own = _offered(text, source)
            known = {name for _, document in layers[: 1 + brought] for name in document.values.get("recipes", {})}
            twice = sorted(known & set(own.values["recipes"]))
            if twice:
                raise RecipeError(f'the recipe "{twice[0]}" is known already')
            layers.insert(1 + brought, (f"plugin {source.plugin}", own))
            brought += 1
        except RecipeError as error:
            loaded.disable(source, f"zoo_recipes: {error.problems[0]}")
    if len(loaded.unavailable) > len(registry.unavailable):  # what they offer beside recipes goes with them
        registry = build_registry(loaded, preferred=preferred)
    broken = [absent for absent in loaded.unavailable if absent.source in asked and not absent.disabled]
    if broken:
        raise PluginError(*(Problem(str(absent)) for absent in broken))
    recipes: dict[str, Document] = {}
    origins: dict[str, str] = {}
    defaults = Document({}, {})
    for layer, document in layers:
        for name in document.values.get("recipes", {}):
            recipes[name] = subdocument(document, ("recipes", name))
            origins[name] = layer
        own = subdocument(document, ("defaults",))
        defaults = Document({**defaults.values, **own.values}, {**defaults.locations, **own.locations})
    return Zoo(registry, loaded, recipes, defaults, origins)


def plugin_sources() -> list[PluginSource]:
    """Every plugin there is, installed or in a file that settings name; nothing is imported."""
    return [*installed_plugins(), *plugin_files(_listed(_layers()), [])]


def disabled_plugins() -> dict[str, list[str]]:
    """Each plugin that is switched off beyond this call, and where: a line of settings, or the environment."""
    return _switched_off(_layers())


def _switched_off(layers: list[tuple[str, Document]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in filter(None, map(str.strip, os.environ.get("ZOO_DISABLE_PLUGINS", "").split(","))):
        found.setdefault(name, []).append("ZOO_DISABLE_PLUGINS")
    for _, document in layers:
        for name in document.values.get("plugins", {}).get("disabled", ()):
            found.setdefault(name, []).append(document.locations.get(("plugins", "disabled"), "the settings"))
    return found


def _listed(layers: list[tuple[str, Document]]) -> list[Path]:
    """The plugin files that settings name, beside the file that names them; the project's first."""
    folders = {"user": user_file().parent, "project": (project_file() or Path()).parent}
    return [
        folders[layer] / Path(name).expanduser()
        for layer, document in reversed(layers)
        for name in document.values.get("plugins", {}).get("files", ())
    ]


def _offered(text: object, source: PluginSource) -> Document:
    """The recipes a plugin brings; RecipeError where they are none."""
    if type(text) is not str:
        raise RecipeError(f"returned {type(text).__name__}, not the text of a TOML file")
    document = _checked(parse_toml(text, str(source)))
    for key in document.values:
        if key != "recipes":
            raise RecipeError(f"{key}: a plugin brings recipes alone")
    return Document({"recipes": {}, **document.values}, document.locations)


def subdocument(document: Document, path: KeyPath) -> Document:
    """The part of a document under a key path."""
    values: Any = document.values
    for key in path:
        values = values.get(key, {})
    places = {at[len(path) :]: place for at, place in document.locations.items() if at[: len(path)] == path}
    return Document(values, places)


def _layers() -> list[tuple[str, Document]]:
    found = [("shipped", _shipped())]
    user, project = user_file(), project_file()
    found += [("user", _checked(read_toml(user)))] if user.is_file() else []
    found += [("project", _checked(read_toml(project)))] if project else []
    return found


def _shipped() -> Document:
    """`registry.toml`: the file in the tree, or in an installed wheel the copy in its metadata."""
    tree = Path(__file__).resolve().parents[2]
    if (tree / "pyproject.toml").is_file() and (tree / "registry.toml").is_file():
        text = (tree / "registry.toml").read_text("utf-8")
    else:
        text = metadata.distribution("textzoo").read_text("extra_metadata/registry.toml") or ""
    return _checked(parse_toml(text, "registry.toml"))


def _checked(document: Document) -> Document:
    """Refuse settings of the wrong shape, all at once, with their lines."""
    problems = []

    def wrong(path: KeyPath, message: str, hint: str = "") -> None:
        problems.append(Problem(f"{'.'.join(path)}: {message}", document.locations.get(path, ""), hint))

    for key, value in document.values.items():
        if key not in KNOWN_TABLES:
            wrong((key,), "there is no such table", name_hint(key, KNOWN_TABLES))
        elif not isinstance(value, dict):
            wrong((key,), "must be a table")
        elif key == "plugins":
            for name, names in value.items():
                if name not in ("disabled", "files"):
                    wrong((key, name), "there is no such setting", name_hint(name, ["disabled", "files"]))
                elif not isinstance(names, list) or not all(isinstance(n, str) for n in names):
                    wrong((key, name), f"must be a list of {'plugin names' if name == 'disabled' else 'files'}")
        elif key == "owners":
            for name, owner in value.items():
                if not isinstance(owner, str):
                    wrong((key, name), 'must be the name of a plugin, as in "relu" = "textbook"')
        elif key == "recipes":
            for name, recipe in value.items():
                if not isinstance(recipe, dict):
                    wrong((key, name), "must be a table")
    if problems:
        raise RecipeError(*problems)
    return document
