"""Finding plugins, loading and calling them one at a time, and setting a broken one aside by name."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from functools import partial
from importlib import metadata
from typing import Any

import pluggy
from attrs import define, field, frozen

from zoo_core import hookspecs
from zoo_core.deprecation import HOOKS
from zoo_core.errors import counted, printable

GROUP = "textzoo.plugins"
API_DISTRIBUTION = "textzoo"
LONGEST = 300  # characters of what an error says
FILE = "file:"  # what the owner's name of a single file begins with; no distribution can have it
EVERY = "*"  # switches off every plugin that does not come with the zoo itself

Overhear = Callable[[list[str]], AbstractContextManager[object]]  # puts in the list what is printed inside


@frozen
class Source:
    """Where a plugin comes from: its name, its distribution and version, and how to load it."""

    plugin: str
    distribution: str
    version: str
    load: Callable[[], object]
    requires: tuple[str, ...] = ()
    asked: bool = False  # for this call, by name: only its own name switches it off

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()

    @property
    def remedy(self) -> str:
        """What to do about its faults."""
        if self.distribution.startswith(FILE):
            return f"mend {self.distribution.removeprefix(FILE)}"
        return f"upgrade or uninstall {self.distribution}"

    def among(self, names: set[str]) -> bool:
        """Whether it is one of these: `plugin`, `distribution/plugin`, or every one from elsewhere."""
        foreign = self.distribution != API_DISTRIBUTION and not self.asked
        return bool(names & {self.plugin, f"{self.distribution}/{self.plugin}"}) or (foreign and EVERY in names)

    def unfit(self) -> str:
        """Why this plugin was made for another version of the zoo, read from its metadata; "" if it was not."""
        wanted = [text for text in self.requires if text.lower().startswith(API_DISTRIBUTION)]
        if not wanted:
            return ""
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.utils import canonicalize_name

        here = metadata.version(API_DISTRIBUTION)
        for text in wanted:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            ours = canonicalize_name(requirement.name) == API_DISTRIBUTION
            if ours and not requirement.specifier.contains(here, prereleases=True):
                return f"it was made for {API_DISTRIBUTION}{requirement.specifier}, this is {here}"
        return ""


@frozen
class Absent:
    """A plugin that was set aside or switched off, and why."""

    source: Source
    reason: str
    disabled: bool = False

    def __str__(self) -> str:
        if self.disabled:
            return f'plugin "{self.source.plugin}" ({self.source}) is switched off'
        return printable(
            f'plugin "{self.source.plugin}" ({self.source}) was set aside: {self.reason} '
            f"(hint: {self.source.remedy}, or leave it out with --no-plugin {self.source.plugin})"
        )


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


def installed() -> list[Source]:
    """The plugins that installed distributions offer, sorted by name; nothing is imported."""
    found = [source_of(point) for point in metadata.entry_points(group=GROUP)]
    return sorted(found, key=lambda source: (source.plugin, source.distribution))


def source_of(point: metadata.EntryPoint) -> Source:
    """Where an entry point comes from; nothing is imported."""
    distribution = point.dist
    return Source(
        plugin=point.name,
        distribution=distribution.name if distribution else "unknown",
        version=distribution.version if distribution else "",
        load=point.load,
        requires=tuple(distribution.requires or ()) if distribution else (),
    )


def given(plugins: Mapping[str, object]) -> list[Source]:
    """Plugins handed over as objects, for tests and for Python callers."""
    return [Source(name, name, "", partial(_itself, plugin)) for name, plugin in sorted(plugins.items())]


def _itself(plugin: object) -> object:
    return plugin


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


def described(error: BaseException) -> str:
    """The type of an error and what it says, on one line."""
    try:
        said = " ".join(str(error).split())
    except BaseException:
        said = ""
    return f"{type(error).__name__}: {said[:LONGEST]}" if said else type(error).__name__


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
