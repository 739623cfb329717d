"""The reader of a file, detected by its name and its first bytes."""

from __future__ import annotations

from typing import Any

from zoo_core.components.contracts import Reader
from zoo_core.config.merged_layers import parse_assignment
from zoo_core.config.structure import build_component
from zoo_core.data.files.compression import format_suffix
from zoo_core.data.files.encoding import text_head
from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import join_names, warn
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.plugins.registry import Registry

HEAD_BYTES = 64 * 1024  # that readers recognize their format by
UNSUPPORTED_SUFFIXES = {  # files that would pass for text, and the hint for each
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save it as CSV with a header"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".tgz"), "unpack it first"),
}


def detect_reader(name: str, data: bytes, registry: Registry, reader: str) -> Reader:
    """The reader named `reader`, or else the one for a file of this name that begins with these bytes.

    Raises DataError for an unsupported suffix, RecipeError if no reader recognizes the file.
    """
    if reader:
        return make_reader(registry, reader)
    head = data[:HEAD_BYTES]
    readers = available_readers(registry)
    binary = [candidate for candidate in readers if candidate.binary and sniff_safely(registry, candidate, head)]
    return binary[0] if binary else _detect_text_reader(name, text_head(data, HEAD_BYTES), registry)


def make_reader(registry: Registry, name: str) -> Reader:
    """The reader of this name, or with settings, as in "{ use = 'csv', longest = 9 }"."""
    raw: Any = name
    if name.startswith("{"):
        raw = parse_assignment(f"reader={name}", written_as=f"--reader {name}").values["reader"]
    reader = build_component(registry, "reader", raw)
    assert isinstance(reader, Reader)
    return reader


def available_readers(registry: Registry) -> list[Reader]:
    """The readers whose name is unique: a name clash matters only to those who ask for that name."""
    names = [entry.name for entry in registry.of_kind("reader")]
    return [make_reader(registry, name) for name in names if names.count(name) == 1]


def sniff_safely(registry: Registry, reader: Reader, head: bytes) -> bool:
    """Whether a reader recognizes the head of a file; a reader whose `sniff` raises is skipped with a warning."""
    try:
        return bool(reader.sniff(head))
    except Exception as error:
        owner = registry.entry_for(type(reader)).owner
        warn(f'reader "{reader.name}" of {owner} is skipped: sniff() raised {describe_exception(error)}')
        return False


def _detect_text_reader(name: str, head: bytes, registry: Registry) -> Reader:
    suffix = format_suffix(name)
    readers = [reader for reader in available_readers(registry) if not reader.binary]
    if suffix in UNSUPPORTED_SUFFIXES and not any(suffix in reader.suffixes for reader in readers):
        raise DataError(f"no reader supports {suffix} files", where=name, hint=UNSUPPORTED_SUFFIXES[suffix])
    by_content = [reader for reader in readers if sniff_safely(registry, reader, head)]
    by_name = sorted((reader for reader in readers if suffix in reader.suffixes), key=lambda reader: reader.exclusive)
    for candidates in (
        sorted((reader for reader in by_content if reader.exclusive), key=lambda reader: reader not in by_name),
        [reader for reader in by_content if reader in by_name],
        by_name if by_name and by_name[0].exclusive else [],  # the head is damaged, and that reader explains how
        [reader for reader in by_content if not reader.fallback],
        by_name,
        by_content,
    ):
        if candidates:
            return candidates[0]
    hint = f"name one with --reader: {join_names(registry.names('reader'))}"
    raise RecipeError("no reader recognizes this file", where=name, hint=hint)
