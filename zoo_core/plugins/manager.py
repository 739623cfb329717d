"""Loading and calling plugins one at a time; a broken plugin is disabled, with a warning that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pluggy
from attrs import define, field

from zoo_core import hookspecs
from zoo_core.messages import escape_control_chars, pluralize, warn
from zoo_core.plugins.deprecations import DEPRECATED_HOOKS
from zoo_core.plugins.hook_implementations import Implementation, InvalidHook, find_implementations
from zoo_core.plugins.load_cost import LoadCost
from zoo_core.plugins.plugin_source import (
    API_DISTRIBUTION,
    MAX_ERROR_CHARS,
    PluginSource,
    UnavailablePlugin,
    describe_broken,
    describe_exception,
)

CaptureOutput = Callable[[list[str]], AbstractContextManager[object]]  # adds the lines printed inside to the list


@define
class LoadedPlugins:
    """The plugins of one call: those in use, in order of name, and those that are unavailable."""

    manager: pluggy.PluginManager
    capture: CaptureOutput = nullcontext  # around loading them and calling hooks without arguments
    loaded: list[tuple[PluginSource, object]] = field(factory=list)
    hooks: dict[int, dict[str, Implementation]] = field(factory=dict)  # by the id of a plugin
    unavailable: list[UnavailablePlugin] = field(factory=list)
    costs: dict[int, LoadCost] = field(factory=dict)  # of loading, by the id of a source
    deprecation_warnings: list[str] = field(factory=list)  # of deprecated hooks that plugins implement
    captured_output: dict[str, tuple[PluginSource, list[str]]] = field(
        factory=dict
    )  # lines that plugins printed, by plugin

    def call_captured(self, source: PluginSource, call: Callable[[], object]) -> object:
        """Call code of a plugin and store the output that is captured meanwhile."""
        lines: list[str] = []
        try:
            with self.capture(lines), self.costs.setdefault(id(source), LoadCost()).measure():
                return call()
        finally:
            if lines:
                self.captured_output.setdefault(f"{source.distribution}/{source.plugin}", (source, []))[1].extend(lines)

    def warnings(self, *, in_full: bool = True) -> list[str]:
        """A line for each plugin that is broken, uses deprecated hooks, or printed something.

        Unless `in_full`, several broken plugins have one line, without the reasons.
        """
        unavailable = {id(plugin.source) for plugin in self.unavailable}
        plugins = [plugin for plugin in self.unavailable if not plugin.disabled]
        broken = list(map(str, plugins)) if in_full else describe_broken(plugins)
        printed = [
            _output_warning(source, lines)
            for source, lines in self.captured_output.values()
            if id(source) not in unavailable
        ]
        return [*broken, *self.deprecation_warnings, *printed]

    def implementations(self, hook: str) -> list[tuple[PluginSource, Implementation]]:
        """The plugins that implement a hook, in the order of their names; `tryfirst` and `trylast` come before it."""
        found = [
            (source, self.hooks[id(plugin)][hook]) for source, plugin in self.loaded if hook in self.hooks[id(plugin)]
        ]
        return sorted(found, key=lambda pair: pair[1].order)

    def require_new(self, plugin: object) -> None:
        """Raise InvalidHook if a plugin is loaded already, under another name."""
        for source, other in self.loaded:
            if other is plugin:
                raise InvalidHook(f'it is the same module as plugin "{source.plugin}" ({source})')

    def collect(self, hook: str) -> list[tuple[PluginSource, object]]:
        """What each plugin returns from a hook without arguments; a plugin that raises is disabled."""
        results = []
        for source, implementation in self.implementations(hook):
            try:
                results.append((source, self.call_captured(source, implementation.function)))
            except BaseException as error:
                self.disable(source, f"{hook} raised {describe_exception(error)}", error)
        return results

    def notify(self, hook: str, **event: Any) -> None:
        """Call an event hook of every listener; a listener that raises is disabled and the run continues."""
        for source, implementation in self.implementations(hook):
            try:
                implementation.call(event)
            except BaseException as error:
                self.disable(source, f"{hook} raised {describe_exception(error)}", error)
                warn(str(self.unavailable[-1]))

    def add_listener(self, name: str, listener: object) -> None:
        """Register an object with event hooks for this call; it is called after the plugins."""
        source = PluginSource(name, API_DISTRIBUTION, "", lambda: listener)
        self.hooks[id(listener)] = find_implementations(self.manager, listener)
        self.loaded.append((source, listener))

    def disable(
        self, source: PluginSource, reason: str, error: BaseException | None = None, *, remedy: str = ""
    ) -> None:
        """Disable a plugin for this call. A KeyboardInterrupt is raised again: it is not an error of the plugin."""
        if isinstance(error, KeyboardInterrupt):
            raise error
        for pair in [pair for pair in self.loaded if pair[0] is source]:
            self.loaded.remove(pair)
        self.unavailable.append(UnavailablePlugin(source, reason, remedy=remedy))


def load_plugins(
    sources: Iterable[PluginSource], *, disabled: Iterable[str] = (), capture: CaptureOutput = nullcontext
) -> LoadedPlugins:
    """Load plugins one at a time. A plugin with an error is disabled, and its reason stored."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
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
            plugins.require_new(plugin)
            implementations = plugins.hooks[id(plugin)] = find_implementations(manager, plugin)
        except InvalidHook as error:
            plugins.disable(source, str(error))
            continue
        except BaseException as error:
            plugins.disable(source, f"loading it raised {describe_exception(error)}", error)
            continue
        plugins.loaded.append((source, plugin))
        for hook in sorted(implementations.keys() & DEPRECATED_HOOKS.keys()):
            warning = f'plugin "{source.plugin}" ({source}) implements {hook}, which {DEPRECATED_HOOKS[hook]}'
            plugins.deprecation_warnings.append(f"{warning} (hint: {source.remedy})")
    return plugins


def _output_warning(source: PluginSource, lines: list[str]) -> str:
    others = f" and {pluralize(len(lines) - 1, 'more line')}" if len(lines) > 1 else ""
    return escape_control_chars(
        f'plugin "{source.plugin}" ({source}) printed "{lines[0][:MAX_ERROR_CHARS]}"{others} to standard output, '
        f"which is for data (hint: {source.remedies})"
    )
