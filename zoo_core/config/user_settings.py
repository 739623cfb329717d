"""The files of settings, and enabling plugins in them; comments and order of a file are kept."""

from __future__ import annotations

import os
from pathlib import Path

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from zoo_core.config.toml import edit_toml
from zoo_core.errors import RecipeError


def user_file() -> Path:
    """The settings of the user: `$ZOO_CONFIG`, or `zoo.toml` in the configuration folder of the platform."""
    if os.environ.get("ZOO_CONFIG"):
        return Path(os.environ["ZOO_CONFIG"])
    from platformdirs import user_config_path

    return user_config_path("textzoo", appauthor=False) / "zoo.toml"


def require_user_file() -> None:
    """Raise RecipeError if the user named a settings file that is missing; the null device stands for none."""
    path = user_file()
    if os.environ.get("ZOO_CONFIG") and not _is_file(path) and str(path) != os.devnull:
        problem = "not a file" if os.path.lexists(path) else "no such file"
        raise RecipeError(f"ZOO_CONFIG: {problem}: {path}", hint="create the file, or unset ZOO_CONFIG")


def project_file() -> Path | None:
    """The settings of the project: `zoo.toml` in the working folder or the nearest folder above it."""
    cwd = Path.cwd()
    return next((folder / "zoo.toml" for folder in (cwd, *cwd.parents) if _is_file(folder / "zoo.toml")), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above that the user may not search
        return False


def set_plugin_enabled(text: str, name: str, *, enabled: bool, where: str = "") -> str:
    """The text of a settings file with a plugin enabled or disabled; RecipeError if it is not a settings file.

    >>> print(set_plugin_enabled('# mine\\n[plugins]\\ndisabled = ["a"] # slow\\n', "b", enabled=False), end="")
    # mine
    [plugins]
    disabled = ["a", "b"] # slow
    """

    def edit(document: tomlkit.TOMLDocument) -> None:
        table = document.setdefault("plugins", tomlkit.table()) if not enabled else document.get("plugins", {})
        names = table.setdefault("disabled", tomlkit.array()) if not enabled else table.get("disabled", [])
        if not isinstance(names, list):
            raise RecipeError("plugins.disabled: must be a list of plugin names", where=where)
        if not enabled and name not in names:
            names.append(name)
        while enabled and name in names:
            names.remove(name)

    try:
        return edit_toml(text, edit, where)
    except ParseError as error:
        raise RecipeError(f"not TOML: {error}", where=f"{where}:{error.line}") from None
    except (AttributeError, TypeError, TOMLKitError):
        raise RecipeError("plugins: must be a table", where=where) from None
