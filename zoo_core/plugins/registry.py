"""The registry of components: by kind and name, each with the plugin that owns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from zoo_core.components.class_checks import class_problems
from zoo_core.components.component import Component
from zoo_core.components.kinds import KINDS, Kind, kind_of
from zoo_core.errors import PluginError, Problem, RecipeError, ZooError
from zoo_core.messages import join_hints, join_names, name_hint, plural, suggest, suggest_command
from zoo_core.plugins.manager import LoadedPlugins
from zoo_core.plugins.owned_names import ambiguous_name, is_owned_by, select_preferred
from zoo_core.plugins.plugin_source import PluginSource, UnavailablePlugin, describe_exception


@frozen
class Entry:
    """A registered component and the plugin that owns it."""

    kind: str
    name: str
    cls: type[Component]
    owner: PluginSource

    @property
    def qualified_name(self) -> str:
        """The unique name: `distribution/plugin:name`."""
        return f"{self.owner.distribution}/{self.owner.plugin}:{self.name}"


@frozen
class Registry:
    """The components of the loaded plugins; immutable. `build_registry` builds it."""

    entries: tuple[Entry, ...]
    unavailable: tuple[UnavailablePlugin, ...] = ()
    preferred: Mapping[str, str] = {}
    renamed: Mapping[str, str] = {}  # the owner that an old `distribution/plugin` means, for the run that is opened
    _by_kind: Mapping[str, list[Entry]] = field(init=False, eq=False, repr=False)

    @_by_kind.default
    def _group_by_kind(self) -> Mapping[str, list[Entry]]:
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.kind, []).append(entry)
        return groups

    def of_kind(self, kind: str) -> list[Entry]:
        """Every component of a kind, sorted by name and owner."""
        return list(self._by_kind.get(kind, ()))

    def names(self, kind: str) -> list[str]:
        """The distinct names of a kind, sorted."""
        return sorted({entry.name for entry in self.of_kind(kind)})

    def get(self, kind: str, name: str) -> Entry:
        """The component of this kind and name: `relu`, `textbook:relu` or `textzoo/textbook:relu`.

        If no component has the name, a component with that alias is returned.

        Raises RecipeError if the name is unknown, PluginError if two plugins provide it or its plugin is unavailable.
        """
        owner, _, plain = name.rpartition(":")
        owner = self.renamed.get(owner, owner)
        entries = self._by_kind.get(kind, [])
        entries = [entry for entry in entries if is_owned_by(entry.owner, owner)] if owner else entries
        matches = [entry for entry in entries if entry.name == plain]
        matches = matches or [entry for entry in entries if plain in entry.cls.aliases]
        matches = list(select_preferred(matches, self.preferred.get(f"{kind}.{plain}", "")))
        if len(matches) > 1:
            raise ambiguous_name(kind, plain, matches)
        if not matches:
            raise self._unknown(kind, name, owner)
        return matches[0]

    def entry_for(self, cls: type[Component]) -> Entry:
        """The entry of a component class; RecipeError for a class that is not registered."""
        for entry in self.entries:
            if entry.cls is cls:
                return entry
        raise RecipeError(f"{cls.__qualname__} is not registered by any plugin")

    def recipe_name(self, cls: type[Component]) -> str:
        """The name of a class for a recipe: qualified if another plugin provides the same name."""
        entry = self.entry_for(cls)
        same = [other for other in self.entries if (other.kind, other.name) == (entry.kind, entry.name)]
        return entry.qualified_name if len(same) > 1 else entry.name

    def matching(self, kind: str, where: Mapping[str, Any]) -> list[str]:
        """The names of a kind whose contracts satisfy the condition of a slot."""
        return sorted({entry.name for entry in self.of_kind(kind) if satisfies(entry.cls, where)})

    def _unknown(self, kind: str, name: str, owner: str) -> ZooError:
        unknown = Problem(f'unknown {kind} "{name}"', hint=unknown_hint(kind, name, self.names(kind)))
        named = [plugin for plugin in self.unavailable if owner and owner.rpartition("/")[2] == plugin.source.plugin]
        is_typo = not owner and suggest(name, self.names(kind)) is not None
        suspects = named or ([] if owner or is_typo else list(self.unavailable))
        from zoo_core.plugins.known_plugins import find_known  # here, because names are seldom unknown

        known = {known.distribution for known in find_known(kind, name)}
        if known:
            suspects = [plugin for plugin in suspects if plugin.source.distribution in known]
        return blame_unavailable(unknown, suspects) if suspects else RecipeError(unknown)


def unknown_hint(kind: str, name: str, names: Iterable[str]) -> str:
    """The hint for an unknown name: the command that installs its plugin, if that is known, or a similar name."""
    from zoo_core.plugins.known_plugins import install_hints

    names = list(names)
    command, close = install_hints(kind, name), suggest(name, names)
    return join_hints(command, close.text if close else "") if command else name_hint(name, names)


def blame_unavailable(unknown: Problem, suspects: Sequence[UnavailablePlugin]) -> PluginError:
    """The error for an unknown name that a plugin may have which is not in use; several are named on one line.

    Other names, as the hint for an unknown name, are no substitute for that of a plugin.
    """
    if len(suspects) == 1:
        reason = Problem(str(suspects[0]), hint=enabling_hint(suspects[0]))
        return PluginError(Problem(unknown.message, unknown.where), reason)
    names = join_names(f"{plugin.source.plugin} ({plugin.source})" for plugin in suspects)
    hint = f"one of {len(suspects)} plugins that are not in use may have it: {names}; see zoo doctor"
    return PluginError(Problem(unknown.message, unknown.where, hint))


def enabling_hint(plugin: UnavailablePlugin) -> str:
    """How a disabled plugin is enabled; "" for a broken one."""
    if not plugin.disabled:
        return ""
    command = suggest_command("zoo plugins enable", plugin.source.plugin)
    return join_hints(command and f"enable it: {command}", "leave out --no-plugin")


def satisfies(cls: type[Component], where: Mapping[str, Any]) -> bool:
    """Whether the contract of a component satisfies a condition: each attribute is equal, or one of a tuple."""
    for attribute, expected in where.items():
        value = getattr(cls, attribute, None)
        if value != expected and not (isinstance(expected, tuple) and value in expected):
            return False
    return True


def is_name_of(name: str, kind: str) -> bool:
    """Whether a name is that of a kind, or its plural.

    >>> is_name_of("losses", "loss"), is_name_of("recipes", "recipe"), is_name_of("los", "loss")
    (True, True, False)
    """
    return name in (kind, plural(kind))


def find_kind(name: str, *, also: Iterable[str] = ()) -> Kind:
    """The kind of this name, or of its plural; RecipeError for an unknown one.

    The suggestion is one of the kinds and of the names `also`.
    """
    for kind in KINDS:
        if is_name_of(name, kind.name):
            return kind
    raise RecipeError(f'unknown kind "{name}"', hint=name_hint(name, [*also, *(kind.name for kind in KINDS)]))


def build_registry(plugins: LoadedPlugins, *, preferred: Mapping[str, str] | None = None) -> Registry:
    """Collect the components of every plugin. A plugin with an invalid component is disabled completely."""
    entries: list[Entry] = []
    for kind in KINDS:
        for source, offered in plugins.collect(kind.hook):
            try:
                classes = list(offered) if isinstance(offered, list | tuple) else offered
                reason = _find_invalid(kind, classes)
            except (Exception, SystemExit) as error:
                reason = f"returned classes that cannot be checked: {describe_exception(error)}"
            if reason:
                plugins.disable(source, f"{kind.hook} {reason}")
            else:
                assert isinstance(classes, Iterable)
                entries += [Entry(kind.name, cls.name, cls, source) for cls in classes]
    unavailable = {id(plugin.source) for plugin in plugins.unavailable}
    entries = [entry for entry in entries if id(entry.owner) not in unavailable]
    entries.sort(key=lambda entry: (entry.kind, entry.name, entry.owner.distribution, entry.owner.plugin))
    return Registry(tuple(entries), tuple(plugins.unavailable), dict(preferred or {}))


def _find_invalid(kind: Kind, offered: object) -> str:
    """The reason why the classes of a hook are rejected; "" if all are valid."""
    if not isinstance(offered, list | tuple):
        return f"returned {type(offered).__name__}, not a list of classes"
    for cls in offered:
        problems = class_problems(cls)
        if not problems and kind_of(cls) is not kind:
            problems = [f"{cls.__qualname__} is of the kind {kind_of(cls).name}"]
        if problems:
            return f"returned {getattr(cls, '__qualname__', cls)!s}: {join_names(problems)}"
    names = [cls.name for cls in offered]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    return f"returned {join_names(duplicates)} twice" if duplicates else ""
