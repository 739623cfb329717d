"""Faults that arise in a plugin's code, told as what they are: that plugin's, by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.errors import PluginError, ZooError
from zoo_core.plugins.registry import Registry
from zoo_core.plugins.source import PluginSource, describe_exception


@contextmanager
def attribute_errors(registry: Registry) -> Iterator[None]:
    """Whatever is raised inside the code of a plugin that is in use becomes a PluginError that names it.

    Errors of the zoo's own kinds, interrupts, and what no plugin had a hand in pass as they are. Where memory ran
    out, that is the error, whoever asked for it.
    """
    try:
        yield
    except (ZooError, KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        if isinstance(error, RuntimeError) and "allocate memory" in str(error):
            raise MemoryError(str(error)) from error
        owner = find_plugin_in_traceback(registry, error)
        if owner is None:
            raise
        told = f'plugin "{owner.plugin}" ({owner}) raised {describe_exception(error)}'
        raise PluginError(told, hint=f"--debug shows where; {owner.remedy}, or use another part") from error


def find_plugin_in_traceback(registry: Registry, error: BaseException) -> PluginSource | None:
    """The plugin whose code is innermost where an error was raised, or what caused it; None where none's was run."""
    owners = {entry.cls.__module__.partition(".")[0]: entry.owner for entry in registry.entries}
    found: PluginSource | None = None
    cause: BaseException | None = error
    while found is None and cause is not None:
        traceback = cause.__traceback__
        while traceback is not None:
            name = str(traceback.tb_frame.f_globals.get("__name__", ""))
            found = owners.get(name.partition(".")[0], found)
            traceback = traceback.tb_next
        cause = cause.__cause__
    return found


def contract_error(registry: Registry, component: Component, behavior: str) -> PluginError:
    """The error for a part that does not keep its contract: `what` is what it did."""
    owner = registry.entry_for(type(component)).owner
    return PluginError(
        f'{kind_of(type(component)).name} "{component.name}" of {owner} breaks its contract: {behavior}',
        hint=f"zoo_core.testing shows it to its author; {owner.remedy}, or use another part",
    )


def checked_build(registry: Registry, component: Any, *first: Any, **given: Any) -> Any:
    """What a part builds; PluginError where its `build` does not take what every such part is given."""
    try:
        inspect.signature(component.build).bind(*first, **given)
    except TypeError as error:
        raise contract_error(registry, component, f"build({', '.join(given)}) cannot be called: {error}") from error
    return component.build(*first, **given)
