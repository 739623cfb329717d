"""The public surface as text: each name with its signature, each attribute with its type and default, one a line.

Public are the names in `__all__` of the modules that `reference/api-stability.md` lists, and the classes on the page of
the Python API.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterator
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
MODULE = re.compile(r"`(zoo_core(?:\.\w+)*)`")
DOCUMENTED_CLASS = re.compile(r"^\.\. autoclass:: (zoo_core[\w.]*)\.(\w+)$(?:\n +:members:(.*))?", re.MULTILINE)
HEAD = """# The public surface of textzoo, one name a line.
# Written by docs/generate.py. A test compares it, so that every change is seen in review.
"""


@cache
def stable_modules() -> tuple[str, ...]:
    """The modules in the first column of the table of stable modules."""
    page = (REFERENCE / "api-stability.md").read_text("utf-8").partition("## Stable")[2].partition("\n## ")[0]
    rows = [line.strip() for line in page.splitlines() if line.strip().startswith("| `")]
    return tuple(sorted({name for row in rows for name in MODULE.findall(row.split("|")[1])}))


def text() -> str:
    """The text of the page."""
    lines = sorted(set(_iter_lines()))
    return HEAD + "\n".join(lines) + "\n"


def _iter_lines() -> Iterator[str]:
    seen: dict[type, str] = {}
    for name in stable_modules():
        module = import_module(name)
        for public in module.__all__:
            yield from _describe(f"{name}.{public}", getattr(module, public), seen)
    for name, public, members in DOCUMENTED_CLASS.findall((REFERENCE / "python-api.md").read_text("utf-8")):
        only = {member.strip() for member in members.split(",") if member.strip()}
        yield from _describe(f"{name}.{public}", getattr(import_module(name), public), seen, only)


def _describe(name: str, value: Any, seen: dict[type, str], only: Collection[str] = ()) -> Iterator[str]:
    if inspect.isclass(value) and seen.setdefault(value, name) != name:
        yield f"{name} = {seen[value]}"
    elif inspect.isclass(value):
        yield f"class {name}({', '.join(base.__name__ for base in value.__bases__ if base is not object)})"
        yield from (
            f"{name}.{member}{text}"
            for member, text in (*_iter_attributes(value), *_iter_methods(value))
            if not member.startswith("_") and (not only or member in only)
        )
    elif inspect.isroutine(value):
        yield f"{name}{signature_text(value)}"
    else:
        yield f"{name} = {_literal(value)}"


def _iter_attributes(cls: type) -> Iterator[tuple[str, str]]:
    for name in inspect.get_annotations(cls):
        yield name, attribute_text(cls, name)


def attribute_text(cls: type, name: str) -> str:
    """The type of an attribute of a class, and its default if it has one: `: int = 0`."""
    fields = {field.name: field for field in attrs.fields(cls)} if attrs.has(cls) else {}
    default = fields[name].default if name in fields else vars(cls).get(name, attrs.NOTHING)
    annotation = _type_text(inspect.get_annotations(cls)[name])
    return f": {annotation}" + ("" if default is attrs.NOTHING else f" = {_literal(default)}")


def _iter_methods(cls: type) -> Iterator[tuple[str, str]]:
    for name, value in vars(cls).items():
        if isinstance(value, property | cached_property):
            getter = value.fget if isinstance(value, property) else value.func
            yield name, f": {_type_text(inspect.get_annotations(getter).get('return', Any))}"
        elif isinstance(value, classmethod | staticmethod):
            yield name, f"{signature_text(value.__func__)}  # {type(value).__name__}"
        elif inspect.isfunction(value):
            yield name, signature_text(value)


def signature_text(function: Any) -> str:
    """The signature with annotations as they are written, whatever the version of Python."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return "(...)"
    parts = []
    marked = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not marked:
            parts.append("*")
        marked = marked or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        typed = "" if parameter.annotation is parameter.empty else f": {_type_text(parameter.annotation)}"
        default = "" if parameter.default is parameter.empty else f" = {_literal(parameter.default)}"
        parts.append(f"{star}{parameter.name}{typed}{default}")
    result = signature.return_annotation
    return f"({', '.join(parts)})" + ("" if result is signature.empty else f" -> {_type_text(result)}")


def _type_text(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _literal(value: Any) -> str:
    """A value in Python's words; an object without a literal by its type."""
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return f"Factory({getattr(value.factory, '__name__', '')})"
    text = value.__name__ if inspect.isclass(value) else repr(value)
    return f"<{type(value).__name__}>" if " at 0x" in text or len(text) > 200 else text
