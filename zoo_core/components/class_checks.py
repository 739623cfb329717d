"""Class checks."""

from __future__ import annotations

import inspect
import re
from typing import Any, ClassVar, get_args, get_origin

import attrs

from zoo_core.components.fields import RESERVED_NAMES, default_value, is_slot
from zoo_core.components.kinds import BASES, kind_of, setting_fields, type_hints
from zoo_core.components.setting_types import format_type, is_supported_type, matches_type

NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DATE_PATTERN = re.compile(r"|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def class_problems(cls: object) -> list[str]:
    """Every reason why this must not be registered; empty for a sound component class.

    Classes that look right and are not pass silently in attrs: they are caught here.
    """
    if not isinstance(cls, type):
        return [f"{cls!r} is not a class"]
    if not issubclass(cls, BASES) or cls in BASES:
        return [f"{cls.__qualname__} is no subclass of {', '.join(base.__name__ for base in BASES)}"]
    if "__attrs_attrs__" not in vars(cls):
        return ["it is not decorated with @attrs.frozen, so its settings would vanish"]
    return [*_identity(cls), *_contract_faults(cls), *_settings_faults(cls)]


def _identity(cls: type) -> list[str]:
    found = []
    if not attrs.inspect(cls).is_frozen:
        found.append("it is not frozen: decorate it with @attrs.frozen")
    name = vars(cls).get("name")
    if not isinstance(name, str) or not NAME_PATTERN.fullmatch(name):
        found.append(f'its name must be a class attribute in kebab-case, as in name = "my-part"; it is {name!r}')
    aliases, day = getattr(cls, "aliases", ()), getattr(cls, "alias_expires", "")
    if not isinstance(aliases, tuple) or not all(isinstance(a, str) and NAME_PATTERN.fullmatch(a) for a in aliases):
        found.append(f"its aliases must be a tuple of names in kebab-case, not {aliases!r}")
    elif name in aliases:
        found.append(f"{name} is its name and cannot be an alias of it")
    if not isinstance(day, str) or not DATE_PATTERN.fullmatch(day):
        found.append(f'it must retire on a day, as in alias_expires = "2030-01-31", not {day!r}')
    waives = getattr(cls, "expected_failures", ())
    if not isinstance(waives, tuple) or not all(isinstance(w, tuple) and len(w) == 2 and _told(w) for w in waives):
        found.append(f'its waives must be pairs of a check and a reason, as in (("compiles", "why"),), not {waives!r}')
    if not (vars(cls).get("__doc__") or "").strip() or str(cls.__doc__).startswith(f"{cls.__name__}("):
        found.append("it has no docstring")
    if inspect.isabstract(cls):
        found.append("it has abstract methods")
    return found


def _told(words: tuple[object, ...]) -> bool:
    return all(isinstance(word, str) and word.strip() for word in words)


def _contract_faults(cls: type) -> list[str]:
    found = []
    base = kind_of(cls).base
    hinted: type = base
    annotations = type_hints(hinted)
    for name in base.__annotations__:
        allowed = get_args(annotations[name])[0]
        if not hasattr(cls, name):
            found.append(f"it does not declare {name}: {format_type(allowed)}")
        elif not isinstance(inspect.getattr_static(cls, name), property) and not matches_type(
            allowed, getattr(cls, name)
        ):
            found.append(f"its {name} must be {format_type(allowed)}, not {getattr(cls, name)!r}")
    for name in base.required_methods:
        if getattr(cls, name) is getattr(base, name):
            found.append(f"it does not define {name}()")
    return found


def _settings_faults(cls: type) -> list[str]:
    found = []
    try:
        own = setting_fields(cls)
    except (NameError, TypeError, KeyError) as error:
        return [f"the annotations of its settings cannot be resolved: {error}"]
    annotated = {n for n, hint in type_hints(cls).items() if get_origin(hint) is not ClassVar and hint is not ClassVar}
    for name in sorted(annotated - {field.name for field in own}):
        found.append(f"{name} is annotated but attrs dropped it: give every field() an annotation")
    for field in own:
        if field.name in RESERVED_NAMES:
            found.append(f"{field.name} is a reserved word and cannot be a setting")
        elif default_value(field) is attrs.NOTHING:
            found.append(f"the setting {field.name} has no default")
        elif isinstance(field.default, list | dict | set | bytearray):
            found.append(f"the default of {field.name} can be changed by anyone: use a tuple")
        elif not is_supported_type(field.type, slot=is_slot(field)):
            found.append(f"the setting {field.name} has a type no recipe can hold: {format_type(field.type)}")
        elif not is_slot(field) and not matches_type(field.type, field.default):
            found.append(f"the default of {field.name} is no {format_type(field.type)}: {field.default!r}")
        elif not is_slot(field) and field.validator is not None:
            found += _refused_default(cls, field)
        if not field.metadata.get("help"):
            found.append(f"the setting {field.name} is not documented: setting(default, help)")
    return found


def _refused_default(cls: type, field: attrs.Attribute[Any]) -> list[str]:
    try:
        field.validator(cls, field, field.default)  # type: ignore[misc]
    except Exception as error:
        return [f"the default of {field.name} is refused by its own validator: {error}"]
    return []
