"""Packages that only some components need: extras of the distribution."""

from __future__ import annotations

from importlib.util import find_spec

from zoo_core.errors import DataError, ZooError

__all__ = ["require_extra"]
DISTRIBUTION = "textzoo"


def require_extra(module: str, extra: str, what: str, *, error: type[ZooError] = DataError) -> None:
    """Raise an error, with the command that installs it, unless a module can be imported. It is not imported.

    `what` is what the module does, as "spreadsheets are read".
    """
    if find_spec(module) is None:
        hint = f"pip install '{DISTRIBUTION}[{extra}]'"
        raise error(f"{what} by the package {module.replace('_', '-')}, which is not installed", hint=hint)
