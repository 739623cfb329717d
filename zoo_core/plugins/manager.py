"""Finding plugins, loading and calling them one at a time, and setting a broken one aside by name."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any

import pluggy
from attrs import define, field

from zoo_core import hookspecs
from zoo_core.messages import counted, printable
from zoo_core.plugins.deprecations import HOOKS
from zoo_core.plugins.source import LONGEST, Absent, Source, described

Overhear = Callable[[list[str]], AbstractContextManager[object]]  # puts in the list what is printed inside


@define
class Plugins:
    """The plugins of one call: those in use, in order of name, and those that are absent."""

    manager: pluggy.PluginManager
    overhear: Overhear = nullcontext  # around their loading, and their answers to hooks without arguments
    loaded: list[tuple[Source, object]] = field(factory=list)
    absent: list[Absent] = field(factory=list)
    aging: list[str] = field(factory=list)  # what plugins in use still do, and should no longer
    noise: dict[str, tuple[Source, list[str]]] = field(factory=dict)  # what plugins printed, by plugin

    def quietly(self, source: Source, call: Callable[[], object]) -> object:
        """Call a plugin's code. What is overheard is kept as noise."""
        said: list[str] = []
        try:
            with self.overhear(said):
                return call()
        finally:
            if said:
                self.noise.setdefault(f"{source.distribution}/{source.plugin}", (source, []))[1].extend(said)

    def warnings(self) -> list[str]:
        """A line for each plugin that was set aside, and for each in use that printed something."""
        aside = {id(absent.source) for absent in self.absent}
        told = [str(absent) for absent in self.absent if not absent.disabled]
        return (
            told
            + self.aging
            + [
                printable(
                    f'plugin "{source.plugin}" ({source}) printed "{said[0][:LONGEST]}"'
                    + (f" and {counted(len(said) - 1, 'more line')}" if len(said) > 1 else "")
                    + f" where only data may stand (hint: {source.remedy}, or leave it out with "
                    f"--no-plugin {source.plugin})"
                )
                for source, said in self.noise.values()
                if id(source) not in aside
            ]
        )

    def offers(self, hook: str) -> list[tuple[Source, object]]:
        """What each plugin returns from a hook without arguments. One raise loses one plugin."""
        found = []
        for source, plugin in list(self.loaded):
            try:
                implementation = getattr(plugin, hook, None)
                if implementation is not None:
                    found.append((source, self.quietly(source, implementation)))
            except BaseException as error:
                self.set_aside(source, f"{hook} raised {described(error)}", error)
        return found

    def tell(self, hook: str, **moment: Any) -> None:
        """Tell every listener of a moment; a listener that raises is set aside and the run goes on."""
        for source, plugin in list(self.loaded):
            if getattr(plugin, hook, None) is None:
                continue
            others = [other for _, other in self.loaded if other is not plugin]
            try:
                self.manager.subset_hook_caller(hook, others)(**deepcopy(moment))  # nobody changes what others hear
            except BaseException as error:
                self.set_aside(source, f"{hook} raised {described(error)}", error)
                print(f"zoo: warning: {self.absent[-1]}", file=sys.stderr)

    def set_aside(self, source: Source, reason: str, error: BaseException | None = None) -> None:
        """Take a plugin out of this call. An interrupt from the keyboard is no fault of the plugin."""
        if isinstance(error, KeyboardInterrupt):
            raise error
        for pair in [pair for pair in self.loaded if pair[0] is source]:
            self.manager.unregister(pair[1])
            self.loaded.remove(pair)
        self.absent.append(Absent(source, reason))


def load(sources: Iterable[Source], *, disabled: Iterable[str] = (), overhear: Overhear = nullcontext) -> Plugins:
    """Load plugins one at a time. Whatever is wrong with one is noted and costs only that one."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins = Plugins(manager, overhear)
    off = set(disabled)
    for source in sources:
        if source.among(off):
            plugins.absent.append(Absent(source, "switched off", disabled=True))
            continue
        reason = source.unfit()
        if reason:
            plugins.set_aside(source, reason)
            continue
        try:
            plugin = plugins.quietly(source, source.load)
            manager.register(plugin, name=f"{source.distribution}/{source.plugin}")
        except BaseException as error:
            plugins.set_aside(source, f"loading it raised {described(error)}", error)
            continue
        plugins.loaded.append((source, plugin))
        reason = _misspelt(manager, plugin)
        if reason:
            plugins.set_aside(source, reason)
            continue
        for hook in sorted(caller.name for caller in manager.get_hookcallers(plugin) or [] if caller.name in HOOKS):
            told = f'plugin "{source.plugin}" ({source}) implements {hook}, which {HOOKS[hook]}'
            plugins.aging.append(f"{told} (hint: {source.remedy})")
    return plugins


def _misspelt(manager: pluggy.PluginManager, plugin: object) -> str:
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
