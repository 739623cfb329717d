"""What a run was made of: each slot's component, where it came from, and a hash of its code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.plugins.registry import Registry


def component_fingerprints(plan: Any, registry: Registry) -> dict[str, dict[str, str]]:
    """For each slot, as a dotted key: kind, name, plugin, distribution, version, class, hash of its package's code."""
    found = {}
    for slot, part in iter_components(plan):
        entry = registry.entry_for(type(part))
        found[slot] = {
            "kind": kind_of(type(part)).name,
            "name": part.name,
            "plugin": entry.owner.plugin,
            "distribution": entry.owner.distribution,
            "version": entry.owner.version,
            "class": f"{type(part).__module__}.{type(part).__qualname__}",
            "code": code_hash(type(part).__module__),
        }
    return found


def iter_components(holder: Any, prefix: str = "") -> Iterator[tuple[str, Component]]:
    """Every component below an attrs instance, with its dotted key."""
    for one in attrs.fields(type(holder)):
        value = getattr(holder, one.name)
        several = isinstance(value, tuple)
        for index, item in enumerate(value if several else (value,)):
            key = f"{prefix}{one.name}" + (f".{index}" if several else "")
            if isinstance(item, Component):
                yield key, item
            if attrs.has(type(item)):
                yield from iter_components(item, f"{key}.")


@cache
def code_hash(module: str) -> str:
    """SHA-256 over every Python file of the package a module belongs to; "" where there are none to read."""
    package = sys.modules.get(module.partition(".")[0])
    found = sha256()
    files = [Path(path) for path in ([getattr(package, "__file__", None)] if package else []) if path]
    root = files[0].parent if files else Path()
    if files and files[0].name == "__init__.py":
        files = sorted(root.rglob("*.py"), key=lambda path: path.parts)  # paths themselves: another order on Windows
    for path in files:
        found.update(f"{path.relative_to(root).as_posix()}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest() if files else ""
