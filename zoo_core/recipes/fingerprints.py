"""Fingerprints of the components of a run: where each comes from, and a hash of its code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import NoneType
from typing import Any

import attrs

from zoo_core.components.component import Component
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.fields import Named
from zoo_core.config.assignment import join_key
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.recipes.reader_table import READER

WITHOUT_PARTS = (str, int, float, NoneType)  # the most frequent values


def component_fingerprints(plan: Any, registry: Registry) -> dict[str, dict[str, str]]:
    """For each dotted slot: kind, name, plugin, distribution, version, class, and hash of the code of the package.

    The reader has one if it is named.
    """
    slots = dict(iter_components(plan))
    entries = {slot: registry.entry_for(type(component)) for slot, component in slots.items()}
    entries |= {slot: registry.get(READER, plan.reader.use) for slot in component_slots(plan) if slot not in slots}
    return {slot: fingerprint_of(entry) for slot, entry in entries.items()}


def fingerprint_of(entry: Entry) -> dict[str, str]:
    """Where a registered component comes from: kind, name, plugin, version, class, and hash of the code."""
    return {
        "kind": entry.kind,
        "name": entry.name,
        "plugin": entry.owner.plugin,
        "distribution": entry.owner.distribution,
        "version": entry.owner.version,
        "class": f"{entry.cls.__module__}.{entry.cls.__qualname__}",
        "code": code_hash(entry.cls.__module__),
    }


def component_slots(plan: Any) -> list[str]:
    """The dotted keys that have a fingerprint: every slot, and the reader if it is named."""
    reader = getattr(plan, READER, ReaderSettings())
    return [slot for slot, _ in iter_components(plan)] + ([] if reader.is_detected else [READER])


def iter_components(holder: Any, prefix: str = "") -> Iterator[tuple[str, Component]]:
    """Every component below an attrs instance, with its dotted key."""
    for field in attrs.fields(type(holder)):
        value = getattr(holder, field.name)
        if isinstance(value, WITHOUT_PARTS):
            continue
        inner: Iterable[tuple[str, Any]] = [("", value)]
        if isinstance(value, tuple):
            inner = ((f".{index}", item) for index, item in enumerate(value))
        elif isinstance(value, Named):
            inner = ((f".{join_key([name])}", item) for name, item in value.items())
        for suffix, item in inner:
            key = f"{prefix}{field.name}{suffix}"
            if isinstance(item, Component):
                yield key, item
            if attrs.has(type(item)):
                yield from iter_components(item, f"{key}.")


@cache
def code_hash(module: str) -> str:
    """SHA-256 of every Python file of the package of a module; "" if there are none."""
    package = sys.modules.get(module.partition(".")[0])
    digest = sha256()
    files = [Path(path) for path in ([getattr(package, "__file__", None)] if package else []) if path]
    root = files[0].parent if files else Path()
    if files and files[0].name == "__init__.py":
        files = sorted(root.rglob("*.py"), key=lambda path: path.parts)  # paths themselves: another order on Windows
    for path in files:
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest() if files else ""
