"""Loading and calling plugins one at a time; a broken plugin is disabled, with a warning that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any

import pluggy
from attrs import define, field

from zoo_core import hookspecs
from zoo_core.messages import escape_control_chars, pluralize, suggest, warn
from zoo_core.plugins.deprecations import DEPRECATED_HOOKS
from zoo_core.plugins.plugin_source import (
    API_DISTRIBUTION,
    MAX_ERROR_CHARS,
    PluginSource,
    UnavailablePlugin,
    describe_exception,
)

CaptureOutput = Callable[[list[str]], AbstractContextManager[object]]  # adds the lines printed inside to the list


@define
class LoadedPlugins:
    """The plugins of one call: those in use, in order of name, and those that are unavailable."""

    manager: pluggy.PluginManager
    capture: CaptureOutput = nullcontext  # around loading them and calling hooks without arguments
    loaded: list[tuple[PluginSource, object]] = field(factory=list)
    unavailable: list[UnavailablePlugin] = field(factory=list)
    deprecation_warnings: list[str] = field(factory=list)  # of deprecated hooks that plugins implement
    captured_output: dict[str, tuple[PluginSource, list[str]]] = field(
        factory=dict
    )  # lines that plugins printed, by plugin

    def call_captured(self, source: PluginSource, call: Callable[[], object]) -> object:
        """Call code of a plugin and store the output that is captured meanwhile."""
        lines: list[str] = []
        try:
            with self.capture(lines):
                return call()
        finally:
            if lines:
                self.captured_output.setdefault(f"{source.distribution}/{source.plugin}", (source, []))[1].extend(lines)

    def warnings(self) -> list[str]:
        """A line for each plugin that is broken, uses deprecated hooks, or printed something."""
        unavailable = {id(plugin.source) for plugin in self.unavailable}
        broken = [str(plugin) for plugin in self.unavailable if not plugin.disabled]
        printed = [
            _output_warning(source, lines)
            for source, lines in self.captured_output.values()
            if id(source) not in unavailable
        ]
        return [*broken, *self.deprecation_warnings, *printed]

    def collect(self, hook: str) -> list[tuple[PluginSource, object]]:
        """What each plugin returns from a hook without arguments; a plugin that raises is disabled."""
        results = []
        for source, plugin in list(self.loaded):
            try:
                implementation = getattr(plugin, hook, None)
                if implementation is not None:
                    results.append((source, self.call_captured(source, implementation)))
            except BaseException as error:
                self.disable(source, f"{hook} raised {describe_exception(error)}", error)
        return results

    def notify(self, hook: str, **event: Any) -> None:
        """Call an event hook of every listener; a listener that raises is disabled and the run continues."""
        for source, plugin in list(self.loaded):
            if getattr(plugin, hook, None) is None:
                continue
            others = [other for _, other in self.loaded if other is not plugin]
            try:
                self.manager.subset_hook_caller(hook, others)(**deepcopy(event))  # no listener changes what others get
            except BaseException as error:
                self.disable(source, f"{hook} raised {describe_exception(error)}", error)
                warn(str(self.unavailable[-1]))

    def add_listener(self, name: str, listener: object) -> None:
        """Register an object with event hooks for this call; it is called after the plugins."""
        source = PluginSource(name, API_DISTRIBUTION, "", lambda: listener)
        self.manager.register(listener)
        self.loaded.append((source, listener))

    def disable(self, source: PluginSource, reason: str, error: BaseException | None = None) -> None:
        """Disable a plugin for this call. A KeyboardInterrupt is raised again: it is not an error of the plugin."""
        if isinstance(error, KeyboardInterrupt):
            raise error
        for pair in [pair for pair in self.loaded if pair[0] is source]:
            self.manager.unregister(pair[1])
            self.loaded.remove(pair)
        self.unavailable.append(UnavailablePlugin(source, reason))


def load_plugins(
    sources: Iterable[PluginSource], *, disabled: Iterable[str] = (), capture: CaptureOutput = nullcontext
) -> LoadedPlugins:
    """Load plugins one at a time. A plugin with an error is disabled, and its reason stored."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins = LoadedPlugins(manager, capture)
    names = set(disabled)
    for source in sources:
        if source.matches(names):
            plugins.unavailable.append(UnavailablePlugin(source, "disabled", disabled=True))
            continue
        reason = source.incompatibility()
        if reason:
            plugins.disable(source, reason)
            continue
        try:
            plugin = plugins.call_captured(source, source.load)
            manager.register(plugin, name=f"{source.distribution}/{source.plugin}")
        except BaseException as error:
            plugins.disable(source, f"loading it raised {describe_exception(error)}", error)
            continue
        plugins.loaded.append((source, plugin))
        reason = find_hook_mistakes(manager, plugin)
        if reason:
            plugins.disable(source, reason)
            continue
        for hook in sorted(
            caller.name for caller in manager.get_hookcallers(plugin) or [] if caller.name in DEPRECATED_HOOKS
        ):
            warning = f'plugin "{source.plugin}" ({source}) implements {hook}, which {DEPRECATED_HOOKS[hook]}'
            plugins.deprecation_warnings.append(f"{warning} (hint: {source.remedy})")
    return plugins


def _output_warning(source: PluginSource, lines: list[str]) -> str:
    others = f" and {pluralize(len(lines) - 1, 'more line')}" if len(lines) > 1 else ""
    return escape_control_chars(
        f'plugin "{source.plugin}" ({source}) printed "{lines[0][:MAX_ERROR_CHARS]}"{others} to standard output, '
        f"which is for data (hint: {source.remedies})"
    )


def find_hook_mistakes(manager: pluggy.PluginManager, plugin: object) -> str:
    """The first misspelled or unmarked hook of a plugin, as a reason; "" if there is none."""
    known = [name for name in dir(hookspecs) if name.startswith("zoo_")]
    for caller in manager.get_hookcallers(plugin) or []:
        if not caller.has_spec():
            suggestion = suggest(caller.name, known)
            return f"it implements the unknown hook {caller.name}" + (f"; {suggestion.text}" if suggestion else "")
    for name in dir(plugin):
        function = getattr(plugin, name, None)
        marked = getattr(function, f"{hookspecs.PROJECT}_impl", None)
        if name in known and callable(function) and marked is None:
            return f"{name} is not marked with @zoo_core.hookimpl"
    return ""
