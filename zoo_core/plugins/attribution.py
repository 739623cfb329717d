"""Attribution of errors to the plugin in whose code they were raised."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zoo_core.components.building.call import call_build, missing_arguments
from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.errors import NumericalError, PluginError, ZooError
from zoo_core.memory import is_out_of_memory
from zoo_core.messages import join_names
from zoo_core.plugins.plugin_source import PluginSource, describe_exception
from zoo_core.plugins.registry import Registry

RESOURCE_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
OVERFLOW_HINT = "try a smaller learning rate (--set optimizer.lr=…), or smaller numbers in the recipe"


class ContractViolation(Exception):
    """What a component did against its contract, where no registry is at hand: `attribute_errors` names its plugin."""

    def __init__(self, component: Component, behavior: str) -> None:
        super().__init__(behavior)
        self.component, self.behavior = component, behavior


@contextmanager
def attribute_errors(registry: Registry) -> Iterator[None]:
    """Convert an error raised in the code of a plugin to a PluginError that names the plugin.

    ZooErrors, interrupts and errors outside plugins are not changed. A plugin is not blamed for what the machine or a
    setting causes: exhausted memory is a MemoryError, an exhausted disk the OSError that it is, and a number that is
    too large for its type a NumericalError.
    """
    try:
        yield
    except (ZooError, KeyboardInterrupt, MemoryError):
        raise
    except ContractViolation as violation:
        raise contract_error(registry, violation.component, violation.behavior) from violation
    except BaseException as error:
        resource_error = find_resource_error(error)
        if resource_error is error:
            raise
        if resource_error is not None:
            raise resource_error from error
        owner = find_plugin_in_traceback(registry, error)
        if owner is None:
            raise
        message = f'plugin "{owner.plugin}" ({owner}) raised {describe_exception(error)}'
        hint = f"--debug shows the traceback; {owner.remedy}, or use another component"
        raise PluginError(message, hint=hint) from error


def find_resource_error(error: BaseException) -> BaseException | None:
    """What an error means if the machine or a number is its cause, not the code in which it was raised; else None."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in RESOURCE_ERRNOS):
        return error
    text = str(error)
    if is_out_of_memory(error):
        return MemoryError(text)
    if isinstance(error, OverflowError) or (isinstance(error, RuntimeError) and "without overflow" in text):
        return NumericalError(f"a number is too large: {text}", hint=OVERFLOW_HINT)
    return None


def find_plugin_in_traceback(registry: Registry, error: BaseException) -> PluginSource | None:
    """The plugin of the innermost frame of an error or of its causes; None if no frame is of a plugin."""
    owners = {entry.cls.__module__.partition(".")[0]: entry.owner for entry in registry.entries}
    owner: PluginSource | None = None
    cause: BaseException | None = error
    while owner is None and cause is not None:
        traceback = cause.__traceback__
        while traceback is not None:
            module = str(traceback.tb_frame.f_globals.get("__name__", ""))
            owner = owners.get(module.partition(".")[0], owner)
            traceback = traceback.tb_next
        cause = cause.__cause__
    return owner


def contract_error(registry: Registry, component: Component, behavior: str) -> PluginError:
    """The error for a component that breaks its contract; `behavior` is what it did."""
    owner = registry.entry_for(type(component)).owner
    return PluginError(
        f'{kind_of(type(component)).name} "{component.name}" of {owner} breaks its contract: {behavior}',
        hint=f"{owner.remedy}, or use another component; its author can check it with zoo plugins check",
    )


def checked_build(registry: Registry, component: Component, /, **offered: Any) -> Any:
    """Call `build` of a component, as `call_build` does; PluginError if it needs an argument that is not offered."""
    missing = missing_arguments(component, offered)
    if missing:
        behavior = f"build() needs {join_names(missing)}, and gets {join_names(offered) or 'no arguments'}"
        raise contract_error(registry, component, behavior)
    return call_build(component, **offered)
