"""What a run was made of: each slot's component, where it came from, and a hash of its code."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import attrs

from zoo_core.contracts import Component
from zoo_core.kinds import kind_of
from zoo_core.registry import Registry


def parts_of(plan: Any, registry: Registry) -> dict[str, dict[str, str]]:
    """For each slot, as a dotted key: kind, name, plugin, distribution, version, class and hash of its code."""
    found = {}
    for slot, part in walk(plan):
        entry = registry.owner_of(type(part))
        found[slot] = {
            "kind": kind_of(type(part)).name,
            "name": part.name,
            "plugin": entry.owner.plugin,
            "distribution": entry.owner.distribution,
            "version": entry.owner.version,
            "class": f"{type(part).__module__}.{type(part).__qualname__}",
            "code": code_hash(type(part)),
        }
    return found


def walk(holder: Any, prefix: str = "") -> Iterator[tuple[str, Component]]:
    """Every component below an attrs instance, with its dotted key."""
    for one in attrs.fields(type(holder)):
        value = getattr(holder, one.name)
        several = isinstance(value, tuple)
        for index, item in enumerate(value if several else (value,)):
            key = f"{prefix}{one.name}" + (f".{index}" if several else "")
            if isinstance(item, Component):
                yield key, item
            if attrs.has(type(item)):
                yield from walk(item, f"{key}.")


def code_hash(cls: type) -> str:
    """SHA-256 of a class's source text; "" where there is none to read."""
    try:
        return sha256(inspect.getsource(cls).encode()).hexdigest()
    except (OSError, TypeError):
        return ""
