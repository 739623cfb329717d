"""Finding plugins, loading and calling them one at a time, and setting a broken one aside by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any

import pluggy
from attrs import define, field

from zoo_core import hookspecs
from zoo_core.messages import escape_control_chars, pluralize, warn
from zoo_core.plugins.deprecations import DEPRECATED_HOOKS
from zoo_core.plugins.source import (
    API_DISTRIBUTION,
    MAX_ERROR_CHARS,
    PluginSource,
    UnavailablePlugin,
    describe_exception,
)

CaptureOutput = Callable[[list[str]], AbstractContextManager[object]]  # puts in the list what is printed inside


@define
class LoadedPlugins:
    """The plugins of one call: those in use, in order of name, and those that are absent."""

    manager: pluggy.PluginManager
    capture: CaptureOutput = nullcontext  # around their loading, and their answers to hooks without arguments
    loaded: list[tuple[PluginSource, object]] = field(factory=list)
    unavailable: list[UnavailablePlugin] = field(factory=list)
    deprecation_warnings: list[str] = field(factory=list)  # what plugins in use still do, and should no longer
    captured_output: dict[str, tuple[PluginSource, list[str]]] = field(factory=dict)  # what plugins printed, by plugin

    def call_captured(self, source: PluginSource, call: Callable[[], object]) -> object:
        """Call a plugin's code. What is overheard is kept as noise."""
        said: list[str] = []
        try:
            with self.capture(said):
                return call()
        finally:
            if said:
                self.captured_output.setdefault(f"{source.distribution}/{source.plugin}", (source, []))[1].extend(said)

    def warnings(self) -> list[str]:
        """A line for each plugin that was set aside, and for each in use that printed something."""
        aside = {id(absent.source) for absent in self.unavailable}
        told = [str(absent) for absent in self.unavailable if not absent.disabled]
        return (
            told
            + self.deprecation_warnings
            + [
                escape_control_chars(
                    f'plugin "{source.plugin}" ({source}) printed "{said[0][:MAX_ERROR_CHARS]}"'
                    + (f" and {pluralize(len(said) - 1, 'more line')}" if len(said) > 1 else "")
                    + f" where only data may stand (hint: {source.remedy}, or leave it out with "
                    f"--no-plugin {source.plugin})"
                )
                for source, said in self.captured_output.values()
                if id(source) not in aside
            ]
        )

    def collect(self, hook: str) -> list[tuple[PluginSource, object]]:
        """What each plugin returns from a hook without arguments. One raise loses one plugin."""
        found = []
        for source, plugin in list(self.loaded):
            try:
                implementation = getattr(plugin, hook, None)
                if implementation is not None:
                    found.append((source, self.call_captured(source, implementation)))
            except BaseException as error:
                self.disable(source, f"{hook} raised {describe_exception(error)}", error)
        return found

    def notify(self, hook: str, **moment: Any) -> None:
        """Tell every listener of a moment; a listener that raises is set aside and the run goes on."""
        for source, plugin in list(self.loaded):
            if getattr(plugin, hook, None) is None:
                continue
            others = [other for _, other in self.loaded if other is not plugin]
            try:
                self.manager.subset_hook_caller(hook, others)(**deepcopy(moment))  # nobody changes what others hear
            except BaseException as error:
                self.disable(source, f"{hook} raised {describe_exception(error)}", error)
                warn(str(self.unavailable[-1]))

    def add_listener(self, name: str, listener: object) -> None:
        """Register an object with event hooks for this call; it is called after the plugins."""
        source = PluginSource(name, API_DISTRIBUTION, "", lambda: listener)
        self.manager.register(listener)
        self.loaded.append((source, listener))

    def disable(self, source: PluginSource, reason: str, error: BaseException | None = None) -> None:
        """Take a plugin out of this call. An interrupt from the keyboard is no fault of the plugin."""
        if isinstance(error, KeyboardInterrupt):
            raise error
        for pair in [pair for pair in self.loaded if pair[0] is source]:
            self.manager.unregister(pair[1])
            self.loaded.remove(pair)
        self.unavailable.append(UnavailablePlugin(source, reason))


def load_plugins(
    sources: Iterable[PluginSource], *, disabled: Iterable[str] = (), capture: CaptureOutput = nullcontext
) -> LoadedPlugins:
    """Load plugins one at a time. Whatever is wrong with one is noted and costs only that one."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins = LoadedPlugins(manager, capture)
    off = set(disabled)
    for source in sources:
        if source.matches(off):
            plugins.unavailable.append(UnavailablePlugin(source, "switched off", disabled=True))
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
            told = f'plugin "{source.plugin}" ({source}) implements {hook}, which {DEPRECATED_HOOKS[hook]}'
            plugins.deprecation_warnings.append(f"{told} (hint: {source.remedy})")
    return plugins


def find_hook_mistakes(manager: pluggy.PluginManager, plugin: object) -> str:
    known = [name for name in dir(hookspecs) if name.startswith("zoo_")]
    for caller in manager.get_hookcallers(plugin) or []:
        if not caller.has_spec():
            close = difflib.get_close_matches(caller.name, known, n=1)
            return f"it implements {caller.name}, which is no hook" + (f"; did it mean {close[0]}?" if close else "")
    for name in dir(plugin):
        function = getattr(plugin, name, None)
        marked = getattr(function, f"{hookspecs.PROJECT}_impl", None)
        if name in known and callable(function) and marked is None:
            return f"{name} is not marked with @zoo_core.hookimpl"
    return ""
