"""Plugins switched on and off in the user's settings, whose comments and order stay."""

from __future__ import annotations

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from zoo_core.errors import RecipeError


def switched(text: str, name: str, *, off: bool, where: str = "") -> str:
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
