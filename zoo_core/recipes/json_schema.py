"""A JSON Schema of recipes, composed from the plugins in use: what an editor completes and underlines by.

Draft 7, the newest that TOML editors read; `x-taplo` is what they show beside each name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from zoo_core.components.fields import default_value, describe_limits, is_slot, validators_of
from zoo_core.components.kinds import KINDS, kind_of, setting_fields
from zoo_core.components.validators import Bounds, NotEmpty
from zoo_core.config.zoo import Zoo
from zoo_core.plugins.registry import Entry, Registry, satisfies
from zoo_core.recipes.plan import TABLES, Plan

Schema = dict[str, Any]
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def recipe_schema(zoo: Zoo) -> Schema:
    """The schema of a recipe's file, as plain data: JSON as it is."""
    registry = zoo.registry
    top: Schema = {
        "about": {"type": "string", "description": "what the recipe is, in a line"},
        "extends": {
            "description": "the recipe below this one: a name, or a file ending in .toml",
            "anyOf": [_names(sorted(zoo.recipes), [_about(zoo, n) for n in sorted(zoo.recipes)]), {"type": "string"}],
        },
    }
    for one in setting_fields(Plan):
        if one.name in TABLES:
            top[one.name] = _table(TABLES[one.name], registry)
        else:
            default = zoo.defaults.values.get(one.name)
            top[one.name] = _slot(one, registry, default if isinstance(default, str) else None)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "textzoo recipe",
        "description": "A part for each slot and the settings of the loop; what is left out has a default.",
        "type": "object",
        "properties": top,
        "additionalProperties": False,
        "definitions": {
            **{f"{entry.kind}.{_key(entry, registry)}": _part(entry, registry) for entry in registry.entries},
            **{f"{kind.name}._settings": _settings_alone(registry.of_kind(kind.name), registry) for kind in KINDS},
        },
    }


def _about(zoo: Zoo, name: str) -> str:
    return str(zoo.recipes[name].values.get("about", ""))


def _key(entry: Entry, registry: Registry) -> str:
    """A component's name in the schema: its longer one where it is contested, with what a pointer can hold."""
    return registry.recipe_name(entry.cls).replace("/", ".").replace(":", ".")


def _names(names: Iterable[str], told: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(names), "x-taplo": {"docs": {"enumValues": list(told)}}}


def _first(cls: type) -> str:
    return cleandoc(cls.__doc__ or "").partition("\n")[0]


def _part(entry: Entry, registry: Registry) -> Schema:
    """A component as a table: its `use`, and its settings."""
    table = _table(entry.cls, registry)
    name = registry.recipe_name(entry.cls)
    longer = {"type": "string", "pattern": f"^[^:]+:{entry.name}$"}
    use = {"description": _first(entry.cls), "anyOf": [{"const": name}, longer]}
    return {
        **table,
        "title": f"{entry.kind} {name}",
        "description": cleandoc(entry.cls.__doc__ or ""),
        "properties": {"use": use, **table["properties"]},
        "required": ["use"],
    }


def _table(cls: type, registry: Registry) -> Schema:
    own = {one.name: _slot(one, registry) if is_slot(one) else _setting(one) for one in setting_fields(cls)}
    return {"type": "object", "description": _first(cls), "properties": own, "additionalProperties": False}


def _slot(one: attrs.Attribute[Any], registry: Registry, default: str | None = None) -> Schema:
    """A slot: the name of a part that its condition allows, that part's table, or settings of the part there is."""
    several = get_origin(one.type) is tuple
    base: Any = get_args(one.type)[0] if several else one.type
    kind = kind_of(base).name
    where: Mapping[str, Any] = one.metadata.get("where", {})
    entries = [entry for entry in registry.of_kind(kind) if satisfies(entry.cls, where)]
    plain = [registry.recipe_name(entry.cls) for entry in entries]
    longer = {"type": "string", "pattern": f"^[^:]+:({'|'.join(sorted({entry.name for entry in entries}))})$"}
    tables = [{"$ref": f"#/definitions/{kind}.{_key(entry, registry)}"} for entry in entries]
    choices = [_names(plain, [_first(entry.cls) for entry in entries]), longer, *tables]
    if not several:
        choices.append({"$ref": f"#/definitions/{kind}._settings"})
    told = {"description": one.metadata["help"]}
    standard = default_value(one) or default
    if standard:
        told["default"] = list(standard) if isinstance(standard, tuple) else standard
    return {**told, "type": "array", "items": {"anyOf": choices}} if several else {**told, "anyOf": choices}


def _settings_alone(entries: Iterable[Entry], registry: Registry) -> Schema:
    """A table without `use`: settings of whatever part a layer below puts there, so of any."""
    every: dict[str, list[Schema]] = {}
    for entry in entries:
        for name, schema in _table(entry.cls, registry)["properties"].items():
            if schema not in every.setdefault(name, []):
                every[name].append(schema)
    own = {name: each[0] if len(each) == 1 else {"anyOf": each} for name, each in sorted(every.items())}
    return {
        "type": "object",
        "title": "settings alone",
        "description": "settings of the part that a recipe below puts here",
        "properties": own,
        "additionalProperties": False,
    }


def _setting(one: attrs.Attribute[Any]) -> Schema:
    limits = describe_limits(one)
    default = list(one.default) if isinstance(one.default, tuple) else one.default
    told = one.metadata["help"] + (f" ({limits})" if limits else "")
    return {"description": told, **_typed(one.type, validators_of(one)), "default": default}


def _typed(type_: Any, validators: tuple[Any, ...]) -> Schema:
    """A type and the limits it keeps: of a list, those of a number hold for each item."""
    if get_origin(type_) in (Union, UnionType):
        return {"anyOf": [_typed(each, validators) for each in get_args(type_)]}
    filled = any(isinstance(validator, NotEmpty) for validator in validators)
    bounds = tuple(validator for validator in validators if isinstance(validator, Bounds))
    if get_origin(type_) is tuple:
        return {"type": "array", "items": _typed(get_args(type_)[0], bounds), **({"minItems": 1} if filled else {})}
    if get_origin(type_) is Literal:
        return {"type": "string", "enum": list(get_args(type_))}
    schema: Schema = {"type": JSON_TYPES[type_], **({"minLength": 1} if filled else {})}
    if type_ is int:
        schema |= {"minimum": -(2**63), "maximum": 2**63 - 1}
    for each in bounds if type_ in (int, float) else ():
        schema |= _bounds(each)
    return schema


def _bounds(bounds: Bounds) -> Schema:
    """The limits of a number that are finite, in the schema's words."""
    words = {"minimum": bounds.ge, "exclusiveMinimum": bounds.gt, "maximum": bounds.le, "exclusiveMaximum": bounds.lt}
    return {word: limit for word, limit in words.items() if math.isfinite(limit)}
