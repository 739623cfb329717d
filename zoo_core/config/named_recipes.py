"""The recipes of one call by name: built in, of plugins, of the user and of the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from attrs import field, frozen

from zoo_core.config.toml import Document
from zoo_core.errors import Problem, RecipeError, ZooError
from zoo_core.messages import join_names, suggest
from zoo_core.plugins.owned_names import ambiguous_name, is_owned_by, select_preferred
from zoo_core.plugins.plugin_source import API_DISTRIBUTION, PluginSource, UnavailablePlugin
from zoo_core.plugins.registry import blame_unavailable, unknown_hint

OWN_LAYERS = ("user", "project")  # of the user's own files: a recipe there replaces those of the layers below


@frozen
class NamedRecipe:
    """A recipe with its name, its owner, and the layer that defines it: `shipped`, `plugin NAME`, `user`, `project`."""

    name: str
    owner: PluginSource
    layer: str
    document: Document = field(repr=False)

    @property
    def qualified_name(self) -> str:
        """The unique name: `distribution/plugin:name`, `textzoo/shipped:name`, `user:name` or `project:name`."""
        distribution = f"{self.owner.distribution}/" if self.owner.distribution else ""
        return f"{distribution}{self.owner.plugin}:{self.name}"


def layer_owner(layer: str) -> PluginSource:
    """The owner of the recipes of a settings file, as if the file were a plugin."""
    return PluginSource(layer, API_DISTRIBUTION if layer == "shipped" else "", "", partial(str, layer))


@frozen
class NamedRecipes(Mapping[str, Document]):
    """Recipes by name, the lowest layer first.

    A name means the recipe of the user's own files if these have it. Otherwise one that several plugins offer, or a
    plugin and textzoo, is ambiguous, as with components: it is in the mapping, but getting it raises PluginError,
    unless `[owners]` prefers one. `plugin:name` and `distribution/plugin:name` mean one recipe. Iteration gives the
    names as they are to be written.
    """

    entries: tuple[NamedRecipe, ...] = ()
    preferred: Mapping[str, str] = {}
    _by_name: dict[str, list[NamedRecipe]] = field(init=False, eq=False, repr=False)

    @_by_name.default
    def _group(self) -> dict[str, list[NamedRecipe]]:
        groups: dict[str, list[NamedRecipe]] = {}
        for entry in self.entries:
            groups.setdefault(entry.name, []).append(entry)
        return groups

    def find(self, name: str, *, where: str = "", near: NamedRecipe | None = None) -> NamedRecipe:
        """The recipe of this name. KeyError for an unknown one, PluginError for an ambiguous one.

        In a recipe of a plugin, `near`, a plain name means the plugin's own recipe before those of other plugins.
        """
        matches = self._matches(name, near)
        if not matches:
            raise KeyError(name)
        if len(matches) > 1:
            raise ambiguous_name("recipe", matches[0].name, matches, where=where)
        return matches[0]

    def _matches(self, name: str, near: NamedRecipe | None = None) -> Sequence[NamedRecipe]:
        owner, _, plain = ("", "", name) if name in self._by_name else name.rpartition(":")
        matches = [entry for entry in self._by_name.get(plain, ()) if is_owned_by(entry.owner, owner)]
        if not owner:
            own = [entry for entry in matches if entry.layer in OWN_LAYERS]
            neighbors = [entry for entry in matches if near is not None and entry.owner == near.owner]
            matches = own[-1:] or neighbors or matches
        return select_preferred(matches, self.preferred.get(f"recipe.{plain}", ""))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._matches(name))

    def __getitem__(self, name: str) -> Document:
        return self.find(name).document

    def __iter__(self) -> Iterator[str]:
        for name, entries in self._by_name.items():
            matches = self._matches(name)
            if len(matches) == 1:
                yield name
            if matches[0].layer not in OWN_LAYERS:
                yield from (entry.qualified_name for entry in entries if len(matches) > 1 or entry is not matches[0])

    def layers(self) -> dict[str, str]:
        """The layer of each recipe, by the names of the iteration."""
        return {name: self.find(name).layer for name in self}

    def __len__(self) -> int:
        return sum(1 for _ in self)


def unknown_recipe(
    name: str, recipes: NamedRecipes, unavailable: Sequence[UnavailablePlugin], where: str = ""
) -> ZooError:
    """The error for an unknown recipe: those with a component of this name, a similar name, or the plugin that has it.

    Plugins that are not in use and may have it are named, too.
    """
    from zoo_core.plugins.known_plugins import find_known

    for slot in ("task", "model", "vectorizer"):
        users = [recipe for recipe, document in recipes.items() if _names(document.values.get(slot), name)]
        if users:
            return RecipeError(
                Problem(f'unknown recipe "{name}"', where, f"recipes with this {slot}: {join_names(users)}")
            )
    is_known = bool(suggest(name, recipes) or find_known("recipe", name))
    hint = unknown_hint("recipe", name, recipes)
    unknown = Problem(f'unknown recipe "{name}"', where, hint if is_known else f"{hint}; a file must end in .toml")
    return blame_unavailable(unknown, unavailable) if unavailable and not is_known else RecipeError(unknown)


def _names(value: object, name: str) -> bool:
    """Whether the value of a slot in a recipe names this component."""
    return name == (value.get("use") if isinstance(value, Mapping) else value)
