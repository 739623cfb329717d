"""Merging the layers of a recipe, with the place where each value was written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import define, evolve, frozen

from zoo_core.components.fields import takes_several
from zoo_core.config.assignment import split_assignment
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.merging.assigned_order import flatten, in_order, leaves, overlay
from zoo_core.config.raw_values import RawScalar, UnparsedText
from zoo_core.config.slot_lookup import SlotLookup, written_name
from zoo_core.config.toml import Document, check_depth
from zoo_core.errors import RecipeError

COMMAND_LINE = "command line"
MAX_LOCATION_CHARS = 200  # of an assignment in a location
TOML_OPENINGS = ("{", "[", '"', "'")
MAX_KEYS = 8  # in a message


def parse_assignment(text: str, fixed_keys: tuple[str, ...] = (), *, written_as: str = "") -> Document:
    """Parse one `KEY=VALUE` as a layer. A value that is not TOML is a string; `fixed_keys` are rejected.

    `written_as` is what the user wrote, if it was not `--set KEY=VALUE`; an Assignment knows it.

    >>> parse_assignment("optimizer.lr=0.1").values["optimizer"]
    {'lr': RawScalar(value=0.1, text='0.1')}
    """
    path, value = split_assignment(text)
    if not path:
        raise RecipeError(f'"{text}" is not KEY=VALUE', hint="write it as in optimizer.lr=0.1 or model=mlp")
    if path[0] in fixed_keys:
        raise RecipeError(f'"{path[0]}" can only be set in the file of a recipe')
    location = written_as or getattr(text, "written_as", f"--set {text}")
    location = location if len(location) <= MAX_LOCATION_CHARS else f"{location[:MAX_LOCATION_CHARS]} …"
    raw = _parse_value(value.strip(), location)
    for name in reversed(path):
        raw = {name: raw}
    return Document(raw, {path[:length]: location for length in range(1, len(path) + 1)}, COMMAND_LINE)


def _parse_value(value: str, location: str) -> Any:
    line = f"x = {value}"
    try:
        check_depth(line, location)
    except RecipeError as error:
        raise RecipeError(*(evolve(problem, where=location) for problem in error.problems)) from None
    try:
        parsed = tomllib.loads(line)
        raw: Any = parsed["x"] if len(parsed) == 1 else value
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        raw = UnparsedText(value) if value.startswith(TOML_OPENINGS) else value
    return raw if isinstance(raw, str | dict | list) else RawScalar(raw, value)


class Place(str):
    """Where a value was written, and the number of its layer: a higher one was set later."""

    rank: int

    def __new__(cls, text: str, rank: int) -> Place:
        place = super().__new__(cls, text)
        place.rank = rank
        return place

    def __reduce__(self) -> tuple[Any, ...]:
        return Place, (str(self), self.rank)  # as of an error in another process


def last_place(locations: Mapping[KeyPath, str], paths: Iterable[KeyPath]) -> str:
    """The place of that of these keys which was set last; "" if none was set."""
    places = [locations[path] for path in paths if path in locations]
    return max(places, key=lambda place: getattr(place, "rank", 0), default="")


@frozen
class DroppedSettings:
    """Settings of a component that a layer replaced by another one: their dotted keys, and who replaced it where."""

    keys: tuple[str, ...]
    layer: str
    where: str

    def __str__(self) -> str:
        shown = [*self.keys[:MAX_KEYS], *(["…"] if len(self.keys) > MAX_KEYS else [])]
        return f"{self.where} replaces a component and drops its settings: {', '.join(shown)}"


@frozen
class MergedLayers:
    """Layers merged: plain values with the location of each, and the settings that went with their component."""

    document: Document
    dropped: tuple[DroppedSettings, ...]


def merge_layers(layers: Iterable[Document], slots: SlotLookup) -> MergedLayers:
    """Merge layers, the lowest priority first.

    A table without `use` changes settings. A component that differs from the one in place replaces it with all of its
    settings; the same component keeps them. The layers of the command line are one layer, whatever their order.
    """
    layers = list(layers)
    merger = _Merger(slots)
    for layer in (layer for layer in layers if layer.title != COMMAND_LINE):
        merger.merge(layer.values, layer.locations, layer.title)
    assigned = [layer for layer in layers if layer.title == COMMAND_LINE]
    named = merger.values
    for layer in assigned:
        named = overlay(named, layer.values)
    for values, locations in in_order(assigned, lambda path: slots.is_by_class(named, path)):
        merger.merge(values, locations, COMMAND_LINE)
    written = dict(flatten(merger.values))
    dropped = (evolve(one, keys=tuple(key for key in one.keys if key not in written)) for one in merger.dropped)
    return MergedLayers(Document(merger.values, merger.locations), tuple(one for one in dropped if one.keys))


@define
class _Merger:
    """The values merged so far, the location of each, and what was dropped."""

    slots: SlotLookup
    values: dict[str, Any] = attrs.field(factory=dict)
    locations: dict[KeyPath, str] = attrs.field(factory=dict)
    dropped: list[DroppedSettings] = attrs.field(factory=list)
    rank: int = 0  # of the layer

    def merge(self, layer: Mapping[str, Any], locations: Mapping[KeyPath, str], title: str) -> None:
        """Merge one layer on top."""
        self.rank += 1
        places = {path: Place(place, self.rank) for path, place in locations.items()}
        self._merge_table(self.values, layer, (), places, title)

    def _merge_table(
        self,
        target: dict[str, Any],
        layer: Mapping[str, Any],
        path: KeyPath,
        locations: Mapping[KeyPath, str],
        title: str,
    ) -> None:
        for key, value in layer.items():
            at = (*path, key)
            if isinstance(value, str | RawScalar) and self.slots.is_reader_table(at):
                value = {"use": value}
                locations = {**locations, (*at, "use"): locations[at]} if at in locations else locations
            old = target.get(key)
            if isinstance(value, Mapping) and self.slots.is_by_class(self.values, at):
                is_of_one_class = title == COMMAND_LINE and any(len(path) > len(at) for path in locations)
                target[key] = {**old, **value} if is_of_one_class and isinstance(old, Mapping) else value
                self._relocate(at, locations, keep_inner=is_of_one_class)
            elif isinstance(value, Mapping) and isinstance(old, str | RawScalar | Mapping) and self._is_kept(at, value):
                target[key] = dict(old) if isinstance(old, Mapping) else {"use": written_name(old)}
                if "use" in value:
                    self.locations.pop(at, None)
                self._merge_table(target[key], value, at, locations, title)
            elif isinstance(old, Mapping) and self._is_kept(at, value):
                target[key] = {**old, "use": written_name(value)}
                self._relocate(at, locations, keep_inner=True)
            else:
                self._note_dropped(at, old, value, title, locations.get(at, ""))
                target[key] = value
                self._relocate(at, locations)
            if at in locations:
                self.locations.setdefault(at, locations[at])

    def _is_kept(self, at: KeyPath, value: Any) -> bool:
        """Whether the component in place keeps its settings: a table without `use`, or the same component again."""
        if isinstance(value, Mapping) and ("use" not in value or self.slots.is_reader_table(at)):
            return True
        slot = self.slots.find_slot(self.values, at)
        return slot is not None and self.slots.is_same_component(slot, self._value_at(at), value)

    def _relocate(self, at: KeyPath, locations: Mapping[KeyPath, str], *, keep_inner: bool = False) -> None:
        """Forget the old locations of a value, of its name alone or with all that is inside, and add the new ones."""
        stale = (at, (*at, "use")) if keep_inner else [other for other in self.locations if other[: len(at)] == at]
        for other in stale:
            self.locations.pop(other, None)
        self.locations.update({new: place for new, place in locations.items() if new[: len(at)] == at})

    def _note_dropped(self, at: KeyPath, old: Any, new: Any, title: str, where: str) -> None:
        slot = self.slots.find_slot(self.values, at)
        if slot is None or written_name(new) == "none":  # nothing takes the place: its settings are not missed
            return
        if takes_several(slot):
            keys = _settings_of_items(old, new, ".".join(at))
        else:
            keys = [".".join((*at, *path)) for path, _ in leaves(old, ()) if path] if isinstance(old, Mapping) else []
            keys = [key for key in keys if key != ".".join((*at, "use"))]
        if keys:
            self.dropped.append(DroppedSettings(tuple(keys), title, where))

    def _value_at(self, at: KeyPath) -> Any:
        node: Any = self.values
        for key in at:
            node = node[key]
        return node


def _settings_of_items(old: Any, new: Any, key: str) -> list[str]:
    """The settings that an item of an old list has and the same component in the new list does not state."""
    old, new = (value if isinstance(value, list) else [] for value in (old, new))
    bare = {written_name(item) for item in new if not isinstance(item, Mapping) or set(item) == {"use"}}
    with_settings = [item for item in old if isinstance(item, Mapping) and item not in new]
    return [
        f"{key}.{written_name(item)}.{name}"
        for item in with_settings
        if written_name(item) in bare
        for name in item
        if name != "use"
    ]
