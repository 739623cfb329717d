"""Checks of component classes before they are registered."""

from __future__ import annotations

import inspect
import re
from typing import Any, ClassVar, get_args, get_origin
from weakref import WeakKeyDictionary

import attrs

from zoo_core.components.building.call import unknown_parameters
from zoo_core.components.component import Component
from zoo_core.components.contracts import Loss
from zoo_core.components.fields import RESERVED_NAMES, default_value, is_slot
from zoo_core.components.kinds import BASES, kind_of, setting_fields, type_hints
from zoo_core.components.setting_types import format_type, is_supported_type, matches_type
from zoo_core.messages import pluralize

NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SUITABLE_FORMS = {  # of the scores that a loss expects, by its link
    "identity": ("probabilities", "distribution"),
    "sigmoid": ("logits", "scores"),
    "softmax": ("logits", "scores"),
}
MULTI_LABEL_LINKS = ("sigmoid", "softmax", "identity")
DATE_PATTERN = re.compile(r"|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")

_FOUND: WeakKeyDictionary[type, list[str]] = WeakKeyDictionary()


def class_problems(cls: object) -> list[str]:
    """Every reason why this class must not be registered; empty for a valid component class.

    It finds what attrs accepts silently, for example a field without an annotation. A class is checked once.
    """
    if not isinstance(cls, type):
        return [f"{cls!r} is not a class"]
    if cls not in _FOUND:
        _FOUND[cls] = _find_problems(cls)
    return list(_FOUND[cls])


def _find_problems(cls: type) -> list[str]:
    if not issubclass(cls, BASES) or cls in BASES:
        return [f"{cls.__qualname__} is not a subclass of {', '.join(base.__name__ for base in BASES)}"]
    if "__attrs_attrs__" not in vars(cls):
        return ["it is not decorated with @attrs.frozen, so its settings would be lost"]
    return [*_check_identity(cls), *_check_contract(cls), *settings_problems(cls)]


def _check_identity(cls: type) -> list[str]:
    problems = []
    if not attrs.inspect(cls).is_frozen:
        problems.append("it is not frozen: decorate it with @attrs.frozen")
    name = vars(cls).get("name")
    if not isinstance(name, str) or not NAME_PATTERN.fullmatch(name):
        problems.append(f'its name must be a class attribute in kebab-case, as in name = "my-component", not {name!r}')
    aliases, expires = getattr(cls, "aliases", ()), getattr(cls, "alias_expires", "")
    if not isinstance(aliases, tuple) or not all(
        isinstance(alias, str) and NAME_PATTERN.fullmatch(alias) for alias in aliases
    ):
        problems.append(f"its aliases must be a tuple of names in kebab-case, not {aliases!r}")
    elif name in aliases:
        problems.append(f"{name} is its name and cannot be an alias")
    if not isinstance(expires, str) or not DATE_PATTERN.fullmatch(expires):
        problems.append(f'its alias_expires must be a date, as in "2030-01-31", not {expires!r}')
    expected = getattr(cls, "expected_failures", ())
    if not isinstance(expected, tuple) or not all(
        isinstance(e, tuple) and len(e) == 2 and _all_text(e) for e in expected
    ):
        problems.append(f'its expected_failures must be pairs, as in (("compiles", "reason"),), not {expected!r}')
    if not (vars(cls).get("__doc__") or "").strip() or str(cls.__doc__).startswith(f"{cls.__name__}("):
        problems.append("it has no docstring")
    if inspect.isabstract(cls):
        problems.append("it has abstract methods")
    return problems


def _all_text(values: tuple[object, ...]) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


def _check_contract(cls: type) -> list[str]:
    problems = []
    base = kind_of(cls).base
    base_class: type = base
    annotations = type_hints(base_class)
    for name in base.__annotations__:
        allowed = get_args(annotations[name])[0]
        if not hasattr(cls, name):
            problems.append(f"it does not declare {name}: {format_type(allowed)}")
        elif not isinstance(inspect.getattr_static(cls, name), property) and not matches_type(
            allowed, getattr(cls, name)
        ):
            problems.append(f"its {name} must be {format_type(allowed)}, not {getattr(cls, name)!r}")
    for name in base.required_methods:
        if getattr(cls, name) is getattr(base, name):
            problems.append(f"it does not define {name}()")
    return problems or [*_check_link(cls), *_check_build(cls)]


def _check_link(cls: type[Component]) -> list[str]:
    """Problems between the link of a loss, what it expects and what it defines."""
    if not issubclass(cls, Loss):
        return []
    defined = [name for name in ("probabilities", "predict") if getattr(cls, name) is not getattr(Loss, name)]
    if "multi-label" in cls.targets and cls.link not in MULTI_LABEL_LINKS:
        return [f"it supports multi-label targets, but its link {cls.link} gives no probability of each label"]
    if cls.link == "own":
        return [] if "probabilities" in defined else ['its link is "own", but it does not define probabilities()']
    problems = [f'it defines {name}(), which is only used with link = "own"' for name in defined]
    suitable = SUITABLE_FORMS.get(cls.link, (cls.expects,))
    if cls.expects not in suitable:
        wanted = " or ".join(f'"{form}"' for form in suitable)
        problems.append(f'its link {cls.link} needs expects = {wanted}, not "{cls.expects}"')
    return problems


def _check_build(cls: type[Component]) -> list[str]:
    """The parameters of `build` that nothing is offered for, as one problem."""
    if "build" not in cls.required_methods:
        return []
    names = unknown_parameters(cls)
    if not names:
        return []
    plural = pluralize(2, kind_of(cls).name).removeprefix("2 ")
    given = ", ".join(cls.build_arguments) or "no arguments"
    named = "a parameter" if len(names) == 1 else "parameters"
    quoted = ", ".join(f'"{name}"' for name in names)
    return [f"build() has {named} {quoted} that no {kind_of(cls).name} is given; {plural} are given {given}"]


def settings_problems(cls: type) -> list[str]:
    """What is wrong with the settings of an attrs class."""
    problems = []
    try:
        fields = setting_fields(cls)
    except (NameError, TypeError, KeyError) as error:
        return [f"the annotations of its settings cannot be resolved: {error}"]
    annotated = {n for n, hint in type_hints(cls).items() if get_origin(hint) is not ClassVar and hint is not ClassVar}
    for name in sorted(annotated - {field.name for field in fields}):
        problems.append(f"{name} is annotated but attrs ignored it: give every field() an annotation")
    for field in fields:
        if field.name in RESERVED_NAMES:
            problems.append(f"{field.name} is a reserved word and cannot be a setting")
        elif default_value(field) is attrs.NOTHING:
            problems.append(f"the setting {field.name} has no default")
        elif isinstance(field.default, list | dict | set | bytearray):
            problems.append(f"the default of {field.name} is mutable: use a tuple")
        elif not is_supported_type(field.type, slot=is_slot(field)):
            problems.append(f"the setting {field.name} has an unsupported type: {format_type(field.type)}")
        elif not is_slot(field) and not matches_type(field.type, field.default):
            problems.append(f"the default of {field.name} must be {format_type(field.type)}, not {field.default!r}")
        elif not is_slot(field) and field.validator is not None:
            problems += _check_default(cls, field)
        if not field.metadata.get("help"):
            problems.append(f"the setting {field.name} is not documented: setting(default, help)")
    return problems


def _check_default(cls: type, field: attrs.Attribute[Any]) -> list[str]:
    try:
        field.validator(cls, field, field.default)  # type: ignore[misc]
    except Exception as error:
        return [f"the default of {field.name} is rejected by its own validator: {error}"]
    return []
