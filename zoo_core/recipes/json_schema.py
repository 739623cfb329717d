"""The JSON Schema of recipes, composed from the plugins in use, for completion and checks in editors.

Draft 7 is the newest that TOML editors support; `x-taplo` has the texts that they show beside names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from zoo_core.components.data_contracts import DETECTED, ReaderSettings
from zoo_core.components.fields import (
    NumbersByClass,
    default_value,
    describe_limits,
    is_slot,
    named_slot,
    slot_base,
    takes_named,
    takes_several,
    validators_of,
)
from zoo_core.components.kinds import KINDS, kind_of, setting_fields, summary_line
from zoo_core.components.setting_types import NONE
from zoo_core.components.validators import Bounds, NotEmpty
from zoo_core.config.structure import unstructure
from zoo_core.config.zoo import Zoo
from zoo_core.plugins.registry import Entry, Registry, satisfies
from zoo_core.recipes.plan import TABLES, Plan
from zoo_core.recipes.reader_table import READER

Schema = dict[str, Any]
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def recipe_schema(zoo: Zoo) -> Schema:
    """The schema of the file of a recipe, as plain JSON data."""
    registry, recipes = zoo.registry, sorted(zoo.recipes)
    top: Schema = {
        "about": {"type": "string", "description": "what the recipe is, in one line"},
        "extends": {
            "description": "the recipe that this one extends: a name, or a file ending in .toml",
            "anyOf": [_names(recipes, [_about(zoo, name) for name in recipes]), {"type": "string"}],
        },
    }
    for field in setting_fields(Plan):
        if field.name == READER:
            top[READER] = _reader(registry)
        elif field.name in TABLES:
            top[field.name] = _table(TABLES[field.name], registry)
        else:
            default = zoo.defaults.values.get(field.name)
            top[field.name] = _slot(field, registry, default if isinstance(default, str) else None)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "textzoo recipe",
        "description": "A component for each slot, and the settings of split and training; all have defaults.",
        "type": "object",
        "properties": top,
        "additionalProperties": False,
        "definitions": {
            **{f"{entry.kind}.{_key(entry, registry)}": _component(entry, registry) for entry in registry.entries},
            **{f"{kind.name}._settings": _settings_only(registry.of_kind(kind.name), registry) for kind in KINDS},
        },
    }


def _about(zoo: Zoo, name: str) -> str:
    return str(zoo.recipes[name].values.get("about", ""))


def _key(entry: Entry, registry: Registry) -> str:
    """The name of a component in the schema: qualified if ambiguous, without characters of JSON pointers."""
    return registry.recipe_name(entry.cls).replace("/", ".").replace(":", ".")


def _names(names: Iterable[str], summaries: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(names), "x-taplo": {"docs": {"enumValues": list(summaries)}}}


def _component(entry: Entry, registry: Registry) -> Schema:
    """A component as a table: `use`, and its settings."""
    table = _table(entry.cls, registry)
    name = registry.recipe_name(entry.cls)
    qualified = {"type": "string", "pattern": f"^[^:]+:{entry.name}$"}
    use = {"description": summary_line(entry.cls), "anyOf": [{"const": name}, qualified]}
    return {
        **table,
        "title": f"{entry.kind} {name}",
        "description": cleandoc(entry.cls.__doc__ or ""),
        "properties": {"use": use, **table["properties"]},
        "required": ["use"],
    }


def _table(cls: type, registry: Registry) -> Schema:
    fields = setting_fields(cls)
    properties = {field.name: _slot(field, registry) if is_slot(field) else _setting(field) for field in fields}
    description = summary_line(cls)
    return {"type": "object", "description": description, "properties": properties, "additionalProperties": False}


def _slot(field: attrs.Attribute[Any], registry: Registry, default: str | None = None) -> Schema:
    """A slot: the name of a component that fits it, its table, or settings of the component of a lower layer."""
    several = takes_several(field)
    if takes_named(field):
        return _named(field, registry)
    kind = kind_of(slot_base(field)).name
    where: Mapping[str, Any] = field.metadata.get("where", {})
    entries = [entry for entry in registry.of_kind(kind) if satisfies(entry.cls, where)]
    names = [registry.recipe_name(entry.cls) for entry in entries]
    qualified = {"type": "string", "pattern": f"^[^:]+:({'|'.join(sorted({entry.name for entry in entries}))})$"}
    tables = [{"$ref": f"#/definitions/{kind}.{_key(entry, registry)}"} for entry in entries]
    choices = [_names(names, [summary_line(entry.cls) for entry in entries]), qualified, *tables]
    if not several:
        choices.append({"$ref": f"#/definitions/{kind}._settings"})
    schema = {"description": field.metadata["help"]}
    value = default_value(field) or default
    if value:
        schema["default"] = list(value) if isinstance(value, tuple) else value
    return {**schema, "type": "array", "items": {"anyOf": choices}} if several else {**schema, "anyOf": choices}


def _named(field: attrs.Attribute[Any], registry: Registry) -> Schema:
    """A slot of components by name: any names, each with a component or "none"."""
    properties = {}
    for name in (*default_value(field), ""):
        slot = _slot(named_slot(field, name), registry)
        properties[name] = {**slot, "anyOf": [{"const": NONE}, *slot["anyOf"]]}
    other = properties.pop("")
    return {
        "description": field.metadata["help"],
        "type": "object",
        "properties": properties,
        "additionalProperties": other,
    }


def _reader(registry: Registry) -> Schema:
    """How files are read: the name of a reader, or a table of its settings, and of the encoding."""
    own, settings = _table(ReaderSettings, registry), _settings_only(registry.of_kind(READER), registry)
    entries = registry.of_kind(READER)
    names = [DETECTED, *(registry.recipe_name(entry.cls) for entry in entries)]
    summaries = ["Detected by the file.", *(summary_line(entry.cls) for entry in entries)]
    qualified = {"type": "string", "pattern": f"^[^:]+:({'|'.join(sorted({entry.name for entry in entries}))})$"}
    use = {"description": own["properties"]["use"]["description"], "anyOf": [_names(names, summaries), qualified]}
    table = {**own, "properties": {**own["properties"], **settings["properties"], "use": {**use, "default": DETECTED}}}
    return {"description": own["description"], "anyOf": [*use["anyOf"], table]}


def _settings_only(entries: Iterable[Entry], registry: Registry) -> Schema:
    """A table without `use`: settings of the component of a lower layer, which may be any component."""
    schemas: dict[str, list[Schema]] = {}
    for entry in entries:
        for name, schema in _table(entry.cls, registry)["properties"].items():
            if schema not in schemas.setdefault(name, []):
                schemas[name].append(schema)
    properties = {name: found[0] if len(found) == 1 else {"anyOf": found} for name, found in sorted(schemas.items())}
    return {
        "type": "object",
        "title": "settings only",
        "description": "settings of the component of the extended recipe",
        "properties": properties,
        "additionalProperties": False,
    }


def _setting(field: attrs.Attribute[Any]) -> Schema:
    limits = describe_limits(field)
    default = unstructure(field.default)
    description = field.metadata["help"] + (f" ({limits})" if limits else "")
    schema = _typed(field.type, validators_of(field))
    if synonyms := field.metadata.get("synonyms"):
        schema["enum"] += synonyms
    return {"description": description, **schema, "default": default}


def _typed(type_: Any, validators: tuple[Any, ...]) -> Schema:
    """The schema of a type with its limits; the bounds of a list are those of its items."""
    if type_ is NoneType:
        return {"const": NONE}
    if get_origin(type_) in (Union, UnionType):
        return {"anyOf": [_typed(member, validators) for member in get_args(type_)]}
    if type_ is NumbersByClass:
        return {"type": "object", "additionalProperties": _typed(float, validators), "minProperties": 1}
    not_empty = any(isinstance(validator, NotEmpty) for validator in validators)
    bounds = tuple(validator for validator in validators if isinstance(validator, Bounds))
    if get_origin(type_) is tuple:
        return {"type": "array", "items": _typed(get_args(type_)[0], bounds), **({"minItems": 1} if not_empty else {})}
    if get_origin(type_) is Literal:
        return {"type": "string", "enum": list(get_args(type_))}
    schema: Schema = {"type": JSON_TYPES[type_], **({"minLength": 1} if not_empty else {})}
    if type_ is int:
        schema |= {"minimum": -(2**63), "maximum": 2**63 - 1}
    for bound in bounds if type_ in (int, float) else ():
        schema |= _limits(bound)
    if type_ is int:
        schema["maximum"] = min(schema["maximum"], 2**63 - 1)
    return schema


def _limits(bounds: Bounds) -> Schema:
    """The finite limits of a number, as keywords of the schema."""
    keywords = {
        "minimum": bounds.ge if bounds.gt > -math.inf else max(bounds.ge, -bounds.largest),
        "exclusiveMinimum": bounds.gt,
        "maximum": min(bounds.le, bounds.largest),
        "exclusiveMaximum": bounds.lt,
    }
    return {keyword: limit for keyword, limit in keywords.items() if math.isfinite(limit)}
