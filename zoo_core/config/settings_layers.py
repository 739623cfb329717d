"""The settings of one call: the built-in layer, the user's and the project's, and the plugin files that they name."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata
from pathlib import Path

from attrs import frozen

from zoo_core.config.ownership import OwnFile, read_own_file
from zoo_core.config.settings_shape import check_settings
from zoo_core.config.toml import MAX_BYTES, Document, parse_toml, parse_toml_file
from zoo_core.config.trust import Seal, read_record, seal_of
from zoo_core.config.user_settings import project_file, user_file
from zoo_core.errors import RecipeError
from zoo_core.messages import escape_control_chars, suggest_command
from zoo_core.plugins.plugin_source import PluginSource
from zoo_core.plugins.single_file import broken_plugin_file, check_suffix, plugin_in_file

DATA_TABLES = ("defaults", "recipes")  # what a project may set without being trusted: it executes nothing
OWN_TABLES = ("owners", "plugin")  # beside the plugins themselves, what only a trusted file may set
MAX_PLUGIN_BYTES = 1024 * 1024
Layer = tuple[str, Document]  # its name and its content


@frozen
class SettingsFile:
    """A file of settings: its layer, its place, and what became of it; `is_read` is false if there is none."""

    layer: str
    place: str
    is_read: bool = True
    reason: str = ""  # why it, or a part of it, is ignored


@frozen
class Settings:
    """The layers of settings, the lowest priority first, and the plugin files that they name, the highest first.

    `warnings` say what was ignored, because it is not trusted. `files` are those that were looked for, in their order.
    """

    layers: tuple[Layer, ...]
    plugin_files: tuple[PluginSource, ...]
    warnings: tuple[str, ...] = ()
    files: tuple[SettingsFile, ...] = ()


@frozen
class Project:
    """The settings of a project and its plugin files, each read once."""

    file: Path
    document: Document
    plugin_files: tuple[PluginSource, ...]
    seal: Seal


def read_settings(*, trusts_project: bool = True) -> Settings:
    """Read the settings files. RecipeError if they are invalid.

    A file that another user could have changed is ignored. A project that the user did not trust, and every project
    without `trusts_project`, gives recipes and defaults only.
    """
    layers: list[Layer] = [("shipped", _read_builtin())]
    plugin_files: list[PluginSource] = []
    warnings: list[str] = []
    files = [SettingsFile("shipped", "registry.toml of textzoo")]
    path = user_file()
    user = _read_or_warn(path, warnings, in_shared_folder=True) if path.is_file() else None
    if user is not None:
        document, reason = _read_user(path, user)
        layers.append(("user", document))
        plugin_files += [source for _, _, source in _read_plugin_files(document, path.parent)]
        warnings += [reason] if reason else []
    files.append(_describe_file("user", path, user, warnings))
    project = project_file()
    if project is not None and user is not None and project.samefile(path):
        project = None  # ZOO_CONFIG names it: it is the user's own
    settings = _read_or_warn(project, warnings) if project else None
    if project is not None and settings is not None:
        document, project_files, reason = _read_project(project, settings, trusts_project)
        layers.append(("project", document))
        plugin_files = [*project_files, *plugin_files]
        warnings += [reason] if reason else []
    files.append(_describe_file("project", project, settings, warnings))
    return Settings(tuple(layers), tuple(plugin_files), tuple(map(escape_control_chars, warnings)), tuple(files))


def _describe_file(layer: str, path: Path | None, content: OwnFile | None, warnings: list[str]) -> SettingsFile:
    reason = next((text for text in warnings if path and text.startswith(str(path))), "")
    place = "zoo.toml in the working folder or above it" if path is None else str(path)
    return SettingsFile(layer, place, content is not None, reason)


def read_settings_file(path: Path, *, in_shared_folder: bool = False) -> OwnFile:
    """The content of a settings file. RecipeError with the reason if it must not be obeyed, or cannot be read."""
    try:
        return read_own_file(path, MAX_BYTES, in_shared_folder=in_shared_folder)
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror or error}") from None


def _read_or_warn(path: Path, warnings: list[str], *, in_shared_folder: bool = False) -> OwnFile | None:
    """The content of a settings file; None and a warning if it must not be obeyed, or cannot be read."""
    try:
        return read_settings_file(path, in_shared_folder=in_shared_folder)
    except RecipeError as error:
        warnings.append(f"{path} is ignored: {error}")
        return None


def _read_user(path: Path, settings: OwnFile) -> tuple[Document, str]:
    """The settings of the user; under a relative path, another file in each folder, without what runs code."""
    document = _parse(settings, path)
    plugins = document.values.get("plugins", {})
    if path.is_absolute() or not (plugins.get("files") or any(map(document.values.get, OWN_TABLES))):
        return document, ""
    values = {**document.values, "plugins": {**plugins, "files": []}, **{name: {} for name in OWN_TABLES}}
    reason = f"{path}: its plugin files, [plugin] and [owners] are ignored: ZOO_CONFIG is not an absolute path"
    return Document(values, document.locations), reason


def read_project(path: Path, settings: OwnFile) -> Project:
    """Read what a project's settings name. RecipeError if they are invalid, or name a file that is not the user's."""
    document = _parse(settings, path)
    files = _read_plugin_files(document, path.parent, strict=True)
    seal = seal_of(settings, [(file, content) for file, content, _ in files])
    return Project(path, document, tuple(source for _, _, source in files), seal)


def needs_trust(document: Document) -> bool:
    """Whether settings say more than recipes and defaults."""
    return any(map(document.values.get, OWN_TABLES)) or any(document.values.get("plugins", {}).values())


def _read_project(
    path: Path, settings: OwnFile, trusts_project: bool
) -> tuple[Document, tuple[PluginSource, ...], str]:
    """The settings of a project without what it is not trusted with, its plugins, and a warning or ""."""
    document = _parse(settings, path)
    if not needs_trust(document):
        return document, (), ""
    data = Document(
        {name: document.values[name] for name in DATA_TABLES if name in document.values}, document.locations
    )
    if not trusts_project:
        return data, (), ""
    command = suggest_command("zoo plugins trust", path.parent) or "zoo plugins trust"
    hint = f"(hint: look at it, then run {command})"
    ignored = f"{path}: its [plugins], [plugin] and [owners] are ignored"
    try:
        seal = read_record().get(str(path))
        if seal is None:
            return data, (), f"{ignored} until you trust it {hint}"
        project = read_project(path, settings)
    except RecipeError as error:
        return data, (), f"{ignored}: {error}"
    if project.seal != seal:
        return data, (), f"{ignored}, it changed since you trusted it {hint}"
    return document, project.plugin_files, ""


def _read_plugin_files(
    document: Document, folder: Path, *, strict: bool = False
) -> list[tuple[Path, OwnFile | None, PluginSource]]:
    """The plugin files that settings name: path, content and plugin. One that is missing is a broken plugin.

    So is one that another user could have changed, unless `strict`, which raises RecipeError.
    """
    found: list[tuple[Path, OwnFile | None, PluginSource]] = []
    for name in document.values.get("plugins", {}).get("files", ()):
        path, content = folder / name, None
        try:
            path = folder / Path(name).expanduser()
            check_suffix(path)
            content = read_own_file(path, MAX_PLUGIN_BYTES)
            source = plugin_in_file(content.path, content.content)
        except OSError as error:
            source = broken_plugin_file(path, RecipeError(f"cannot read the plugin file {path}: {error.strerror}"))
        except RuntimeError:  # the home folder of an unknown user
            source = broken_plugin_file(path, RecipeError(f"cannot read the plugin file {path}: no such folder"))
        except RecipeError as error:
            if strict:
                raise
            source = broken_plugin_file(path, error)
        found.append((path, content, source))
    return found


def _read_builtin() -> Document:
    """`registry.toml`: the file in the source tree, or its copy in the metadata of an installed wheel."""
    tree = Path(__file__).resolve().parents[2]
    if (tree / "pyproject.toml").is_file() and (tree / "registry.toml").is_file():
        text = (tree / "registry.toml").read_text("utf-8")
    else:
        text = metadata.distribution("textzoo").read_text("extra_metadata/registry.toml") or ""
    return _parse_builtin(text)


@lru_cache(maxsize=1)
def _parse_builtin(text: str) -> Document:
    return check_settings(parse_toml(text, "registry.toml"))


def _parse(file: OwnFile, path: Path) -> Document:
    return check_settings(parse_toml_file(file.content, path))
