"""Packages that only some readers need: extras of the distribution."""

from __future__ import annotations

from importlib.util import find_spec

from zoo_core.errors import DataError

__all__ = ["require_extra"]
DISTRIBUTION = "textzoo"


def require_extra(module: str, extra: str, what: str) -> None:
    """Raise DataError, with the command that installs it, unless a module can be imported. It is not imported."""
    if find_spec(module) is None:
        hint = f"pip install '{DISTRIBUTION}[{extra}]'"
        raise DataError(f"{what} are read by the package {module.replace('_', '-')}, which is not installed", hint=hint)
