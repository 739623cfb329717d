"""The table `[reader]` of a recipe: structured without knowing yet which reader a file needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs
from attrs import evolve

from zoo_core.components.contracts import Reader
from zoo_core.components.data_contracts import DETECTED, ReaderSettings
from zoo_core.components.kinds import setting_fields, setting_values
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.located_problems import raise_problems
from zoo_core.config.merged_layers import merge_layers, parse_assignment
from zoo_core.config.raw_values import RawScalar, format_value
from zoo_core.config.slot_lookup import SlotLookup, written_name
from zoo_core.config.structure import Structurer
from zoo_core.config.structuring.values import MISSING
from zoo_core.config.toml import Document
from zoo_core.messages import join_names, name_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan

READER = "reader"
PATH: KeyPath = (READER,)
OWN_NAMES = tuple(field.name for field in setting_fields(ReaderSettings))


def structure_reader(structurer: Structurer, raw: Any) -> ReaderSettings | Any:
    """The settings of reading from a table; MISSING, with the problems in `structurer`, if it has one.

    Without a named reader, some reader must have all the settings, with these values.
    """
    if not isinstance(raw, Mapping):
        return structurer.add_problem(PATH, f"must be the name of a reader or a table, not {format_value(raw)}")
    name = written_name(raw) or DETECTED
    if "use" in raw and not isinstance(raw["use"], str | RawScalar):
        return structurer.add_problem((*PATH, "use"), f"must be the name of a reader, not {format_value(raw['use'])}")
    before = len(structurer.problems)
    encoding = {key: value for key, value in raw.items() if key == "encoding"}
    table = structurer.structure_table(ReaderSettings, encoding, PATH)
    settings = {key: value for key, value in raw.items() if key not in OWN_NAMES}
    reader = None
    if name != DETECTED:
        reader = _build_named(structurer, name, settings)
    elif settings:
        reader = _find_reader(structurer, settings)
    if len(structurer.problems) > before:
        return MISSING
    values = {} if reader is None else setting_values(reader)
    return evolve(table, use=name, settings=tuple((key, values[key]) for key in sorted(settings)))


def reader_from_text(registry: Registry, text: str) -> ReaderSettings:
    """The settings of reading from a name, or from a table as in "{ use = 'csv', longest = 9 }"; "" detects."""
    if not text:
        return ReaderSettings()
    return reader_from_layers(registry, [parse_assignment(f"{READER}={text}", written_as=f"--reader {text}")])


def reader_from_layers(registry: Registry, layers: Iterable[Document]) -> ReaderSettings:
    """The settings of reading that layers have, without anything else. RecipeError with every problem."""
    document = merge_layers(layers, SlotLookup(registry, Plan)).document
    structurer = Structurer(registry)
    settings = structure_reader(structurer, document.values.get(READER, {}))
    raise_problems(structurer.problems, document.locations)
    return cast(ReaderSettings, settings)


def candidate_readers(registry: Registry, settings: ReaderSettings) -> list[Reader]:
    """The readers that take these settings: the one that is named, or all with a unique name that have them."""
    names = _unique_names(registry) if settings.is_detected else [settings.use]
    readers = [_build(Structurer(registry), name, settings.of_reader()) for name in names]
    return [reader for reader in readers if reader is not None]


def readers_with(registry: Registry, names: Iterable[str]) -> list[str]:
    """The names of the readers that have all of these settings."""
    wanted = set(names)
    return [entry.name for entry in registry.of_kind(READER) if wanted <= _setting_names(entry.cls)]


def fields_of_readers(registry: Registry, names: Iterable[str] | None = None) -> dict[str, attrs.Attribute[Any]]:
    """The settings of all readers by name, each as the first reader has it, or those of these names."""
    fields: dict[str, attrs.Attribute[Any]] = {}
    for entry in registry.of_kind(READER):
        for field in setting_fields(entry.cls):
            fields.setdefault(field.name, field)
    return fields if names is None else {name: fields[name] for name in names}


def _build(structurer: Structurer, name: str, settings: Mapping[str, Any]) -> Reader | None:
    """The reader of this name with these settings; None, with the problems in `structurer`, if they do not fit."""
    before = len(structurer.problems)
    reader = structurer.build_component(Reader, None, {"use": name, **settings}, PATH)
    return reader if isinstance(reader, Reader) and len(structurer.problems) == before else None


def _build_named(structurer: Structurer, name: str, settings: Mapping[str, Any]) -> Reader | None:
    """The named reader; a setting that only other readers have is a problem that names them."""
    scratch = Structurer(structurer.registry)
    reader = _build(scratch, name, settings)
    for located in scratch.problems:
        key = located.path[-1]
        others = _readers_that_take(structurer.registry, key, settings[key]) if key in settings else []
        problem = located.problem
        if problem.code == "unknown-setting" and others:
            problem = evolve(problem, message=f'reader "{name}" has no setting "{key}"')
        if others:
            verb = "takes" if len(others) == 1 else "take"
            located = evolve(located, problem=evolve(problem, hint=f"reader {join_names(others)} {verb} it"))
        structurer.problems.append(located)
    return reader


def _find_reader(structurer: Structurer, settings: Mapping[str, Any]) -> Reader | None:
    """Some reader that takes the settings; None, with the problems of the one that comes closest, if there is none."""
    attempts: list[tuple[Structurer, Reader | None]] = []
    for name in _unique_names(structurer.registry):
        scratch = Structurer(structurer.registry)
        attempts.append((scratch, _build(scratch, name, settings)))
        if attempts[-1][1] is not None:
            return attempts[-1][1]
    known = fields_of_readers(structurer.registry)
    unknown = [key for key in settings if key not in known]
    for key in unknown:
        structurer.add_unknown_setting((*PATH, key), name_hint(key, [*OWN_NAMES, *known]))
    if not unknown and not readers_with(structurer.registry, settings):
        owners = [f"{key} is of {join_names(readers_with(structurer.registry, [key]))}" for key in settings]
        structurer.add_problem(PATH, "no reader has all of these settings", "; ".join(owners))
    elif not unknown:
        scratches = [scratch for scratch, _ in attempts if not _has_unknown(scratch)]
        structurer.problems += min(scratches, key=lambda scratch: len(scratch.problems)).problems
    return None


def _has_unknown(structurer: Structurer) -> bool:
    return any(located.problem.code == "unknown-setting" for located in structurer.problems)


def _unique_names(registry: Registry) -> list[str]:
    """The names of readers that one plugin alone offers: a clash matters only to those who ask for that name."""
    names = [entry.name for entry in registry.of_kind(READER)]
    return [name for name in names if names.count(name) == 1]


def _setting_names(cls: type) -> set[str]:
    return {field.name for field in setting_fields(cls)}


def _readers_that_take(registry: Registry, key: str, value: Any) -> list[str]:
    """The readers that have this setting and accept its value."""
    return [name for name in _unique_names(registry) if _build(Structurer(registry), name, {key: value}) is not None]
