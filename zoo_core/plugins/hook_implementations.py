"""The hooks that a plugin implements: found by their marks, and rejected in words if they cannot be called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from types import ModuleType
from typing import Any

import pluggy
from attrs import frozen

from zoo_core import hookspecs
from zoo_core.messages import join_names, suggest

KNOWN_HOOKS = {name: function for name, function in vars(hookspecs).items() if name.startswith("zoo_")}
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class InvalidHook(Exception):
    """A hook that cannot be called; the text is the reason."""


@frozen
class Implementation:
    """A plugin's function for a hook, the arguments that it is given, and its place among other plugins.

    `order` is -1 for `tryfirst`, 1 for `trylast`, else 0. `arguments` are those of the hook that the function names;
    one that the hook does not have keeps its default, so that a plugin can serve several versions of textzoo.
    """

    function: Callable[..., Any]
    arguments: tuple[str, ...] = ()
    order: int = 0

    def call(self, event: Mapping[str, Any]) -> Any:
        """Call the function with copies of the values that it names: no plugin changes what others get."""
        return self.function(**{name: deepcopy(event[name]) for name in self.arguments})


def find_implementations(manager: pluggy.PluginManager, plugin: object) -> dict[str, Implementation]:
    """Every hook that a plugin implements, by the name of the hook. InvalidHook for the first one that is wrong.

    An unknown hook is ignored if it is marked `optionalhook`.
    """
    found: dict[str, tuple[str, Implementation]] = {}
    for name in dir(plugin):
        if isinstance(plugin, ModuleType) and name not in KNOWN_HOOKS and not inspect.isroutine(vars(plugin).get(name)):
            continue  # what a module imports, apart from functions: pluggy takes long for each
        options: Mapping[str, Any] | None = manager.parse_hookimpl_opts(plugin, name)
        if options is None:
            _check_unmarked(plugin, name)
            continue
        hook = options.get("specname") or name
        if hook not in KNOWN_HOOKS:
            if options.get("optionalhook"):
                continue
            suggestion = suggest(hook, KNOWN_HOOKS)
            raise InvalidHook(f"it implements the unknown hook {hook}" + (f"; {suggestion.text}" if suggestion else ""))
        if hook in found:
            raise InvalidHook(f"{found[hook][0]} and {name} both implement {hook}")
        if options.get("wrapper") or options.get("hookwrapper"):
            raise InvalidHook(f"{name} is a hook wrapper, and each plugin is called alone: make it a plain function")
        function = getattr(plugin, name)
        order = int(bool(options.get("trylast"))) - int(bool(options.get("tryfirst")))
        found[hook] = name, Implementation(function, _find_arguments(name, hook, function), order)
    return {hook: implementation for hook, (_, implementation) in found.items()}


def _check_unmarked(plugin: object, name: str) -> None:
    if name not in KNOWN_HOOKS:
        return
    function = getattr(plugin, name, None)
    if inspect.isroutine(function):
        raise InvalidHook(f"{name} is not marked with @zoo_core.hookimpl")
    if function is not None:
        raise InvalidHook(f"{name} is not a function, but {type(function).__name__}")


def _find_arguments(name: str, hook: str, function: Callable[..., Any]) -> tuple[str, ...]:
    """The arguments of a hook that a function is given. InvalidHook for one that the hook cannot give."""
    kind = "async" if inspect.iscoroutinefunction(function) else "a generator"
    if kind == "async" or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InvalidHook(f"{name} is {kind}: make it a plain function that returns")
    given = tuple(inspect.signature(KNOWN_HOOKS[hook]).parameters)
    arguments = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in NAMED:
            raise InvalidHook(f"{name} takes {parameter}, but {_describe_arguments(given)} by name")
        if parameter.name in given:
            arguments.append(parameter.name)
        elif parameter.default is inspect.Parameter.empty:
            raise InvalidHook(f'{name} has the unknown argument "{parameter.name}": {_describe_arguments(given)}')
    return tuple(arguments)


def _describe_arguments(given: Collection[str]) -> str:
    return f"it can have {join_names(given)}" if given else "it has no arguments"
