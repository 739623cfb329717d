"""Plugins switched on and off in the user's settings, whose comments and order stay."""

from __future__ import annotations

import os
from pathlib import Path

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from zoo_core.errors import RecipeError


def user_file() -> Path:
    """The user's settings: `$ZOO_CONFIG`, or `zoo.toml` in the platform's configuration folder."""
    if os.environ.get("ZOO_CONFIG"):
        return Path(os.environ["ZOO_CONFIG"])
    from platformdirs import user_config_path

    return user_config_path("textzoo", appauthor=False) / "zoo.toml"


def project_file() -> Path | None:
    """The project's settings: `zoo.toml` in the working folder or the nearest one above it."""
    here = Path.cwd()
    return next((f / "zoo.toml" for f in (here, *here.parents) if (f / "zoo.toml").is_file()), None)


def set_plugin_enabled(text: str, name: str, *, off: bool, where: str = "") -> str:
    """The text of a settings file with a plugin switched off, or on again. RecipeError where it is no such file.

    >>> print(switched('# mine\\n[plugins]\\ndisabled = ["a"] # slow\\n', "b", off=True), end="")
    # mine
    [plugins]
    disabled = ["a", "b"] # slow
    """
    try:
        document = tomlkit.parse(text)
        table = document.setdefault("plugins", tomlkit.table()) if off else document.get("plugins", {})
        names = table.setdefault("disabled", tomlkit.array()) if off else table.get("disabled", [])
        if not isinstance(names, list):
            raise RecipeError("plugins.disabled: must be a list of plugin names", where=where)
        if off and name not in names:
            names.append(name)
        while not off and name in names:
            names.remove(name)
        return tomlkit.dumps(document)
    except ParseError as error:
        raise RecipeError(f"not TOML: {error}", where=f"{where}:{error.line}") from None
    except (AttributeError, TypeError, TOMLKitError):
        raise RecipeError("plugins: must be a table", where=where) from None
