"""The registry: kind → name → component, each with its owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from zoo_core.components.class_checks import class_problems
from zoo_core.components.component import Component
from zoo_core.components.kinds import KINDS, Kind, kind_of
from zoo_core.errors import PluginError, Problem, RecipeError, ZooError
from zoo_core.messages import join_names, name_hint, suggest
from zoo_core.plugins.manager import LoadedPlugins
from zoo_core.plugins.source import PluginSource, UnavailablePlugin, describe_exception


@frozen
class Entry:
    """A registered component and the plugin that owns it."""

    kind: str
    name: str
    cls: type[Component]
    owner: PluginSource

    @property
    def qualified_name(self) -> str:
        """The name nobody else can have: `distribution/plugin:name`."""
        return f"{self.owner.distribution}/{self.owner.plugin}:{self.name}"


@frozen
class Registry:
    """What the loaded plugins offer. Immutable; `build_registry` makes one."""

    entries: tuple[Entry, ...]
    unavailable: tuple[UnavailablePlugin, ...] = ()
    preferred: Mapping[str, str] = {}

    def of_kind(self, kind: str) -> list[Entry]:
        """Every component of a kind, sorted by name and owner."""
        return [entry for entry in self.entries if entry.kind == kind]

    def names(self, kind: str) -> list[str]:
        """The names of a kind, each once."""
        return sorted({entry.name for entry in self.of_kind(kind)})

    def get(self, kind: str, name: str) -> Entry:
        """The one component of this kind and name: `relu`, `textbook:relu` or `textzoo/textbook:relu`.

        Where no component has the name, an old name of one will do.

        Raises RecipeError for an unknown name, PluginError for a name two plugins claim or one whose
        plugin was set aside.
        """
        owner, _, plain = name.rpartition(":")
        there = [e for e in self.of_kind(kind) if _owned(e, owner)]
        found = [e for e in there if e.name == plain] or [e for e in there if plain in e.cls.aliases]
        if len(found) > 1:
            choice = self.preferred.get(f"{kind}.{plain}", "")
            found = [entry for entry in found if choice and _owned(entry, choice)] or found
        if len(found) == 1:
            return found[0]
        raise self._clash(kind, plain, found) if found else self._unknown(kind, name, owner)

    def entry_for(self, cls: type[Component]) -> Entry:
        """The entry of a component class; RecipeError for a class nobody registered."""
        for entry in self.entries:
            if entry.cls is cls:
                return entry
        raise RecipeError(f"{cls.__qualname__} is not registered by any plugin")

    def recipe_name(self, cls: type[Component]) -> str:
        """The name of a class as a recipe should say it: qualified where another plugin claims the same."""
        entry = self.entry_for(cls)
        contested = sum(one.kind == entry.kind and one.name == entry.name for one in self.entries) > 1
        return entry.qualified_name if contested else entry.name

    def matching(self, kind: str, where: Mapping[str, Any]) -> list[str]:
        """The names of a kind whose contract keeps a slot's condition."""
        return sorted({e.name for e in self.of_kind(kind) if satisfies(e.cls, where)})

    def _clash(self, kind: str, name: str, found: list[Entry]) -> ZooError:
        owners = " and ".join(str(entry.owner) for entry in found)
        return PluginError(
            f'{kind} "{name}" is claimed by {owners}',
            hint="write " + " or ".join(f'"{entry.qualified_name}"' for entry in found),
        )

    def _unknown(self, kind: str, name: str, owner: str) -> ZooError:
        missing = Problem(f'there is no {kind} "{name}"', hint=name_hint(name, self.names(kind)))
        named = [a for a in self.unavailable if owner and owner.rpartition("/")[2] == a.source.plugin]
        typo = not owner and suggest(name, self.names(kind)) is not None
        suspects = named or ([] if owner or typo else list(self.unavailable))
        if suspects:
            return PluginError(missing, *(Problem(str(absent)) for absent in suspects))
        return RecipeError(missing)


def _owned(entry: Entry, owner: str) -> bool:
    distribution, _, plugin = owner.rpartition("/")
    return (not plugin or plugin == entry.owner.plugin) and distribution in ("", entry.owner.distribution)


def satisfies(cls: type[Component], where: Mapping[str, Any]) -> bool:
    """Whether a component's contract keeps a condition: each attribute equal, or one of a tuple."""
    for attribute, wanted in where.items():
        value = getattr(cls, attribute, None)
        if value != wanted and not (isinstance(wanted, tuple) and value in wanted):
            return False
    return True


def find_kind(name: str, *, also: Iterable[str] = ()) -> Kind:
    """The kind of this name; RecipeError with the nearest for an unknown one, `also` being names that would do."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise RecipeError(f'there is no kind "{name}"', hint=name_hint(name, [*also, *(kind.name for kind in KINDS)]))


def build_registry(plugins: LoadedPlugins, *, preferred: Mapping[str, str] | None = None) -> Registry:
    """Ask every plugin for its components. A plugin that offers anything unsound is set aside whole."""
    entries: list[Entry] = []
    for kind in KINDS:
        for source, offered in plugins.collect(kind.hook):
            try:
                classes = list(offered) if isinstance(offered, list | tuple) else offered
                reason = _unsound(kind, classes)
            except (Exception, SystemExit) as error:
                reason = f"returned what cannot be examined: {describe_exception(error)}"
            if reason:
                plugins.disable(source, f"{kind.hook} {reason}")
            else:
                assert isinstance(classes, Iterable)
                entries += [Entry(kind.name, cls.name, cls, source) for cls in classes]
    aside = {id(absent.source) for absent in plugins.unavailable}
    kept = [entry for entry in entries if id(entry.owner) not in aside]
    kept.sort(key=lambda e: (e.kind, e.name, e.owner.distribution, e.owner.plugin))
    return Registry(tuple(kept), tuple(plugins.unavailable), dict(preferred or {}))


def _unsound(kind: Kind, offered: object) -> str:
    if not isinstance(offered, list | tuple):
        return f"returned {type(offered).__name__}, not a list of classes"
    for cls in offered:
        found = class_problems(cls)
        if not found and kind_of(cls) is not kind:
            found = [f"{cls.__qualname__} is of the kind {kind_of(cls).name}"]
        if found:
            return f"offered {getattr(cls, '__qualname__', cls)!s}: {join_names(found)}"
    names = [cls.name for cls in offered]
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"offered {join_names(twice)} twice" if twice else ""
