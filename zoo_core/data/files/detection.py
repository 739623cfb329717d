"""Which reader is for a file, by its name and how it begins."""

from __future__ import annotations

from zoo_core.components.contracts import Reader
from zoo_core.config.layers import parse_assignment
from zoo_core.config.structure import build_component
from zoo_core.data.files.compression import format_suffix
from zoo_core.data.files.encoding import text_head
from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import warn
from zoo_core.plugins.registry import Registry
from zoo_core.plugins.source import describe_exception

HEAD_BYTES = 64 * 1024
UNSUPPORTED_SUFFIXES = {  # that would pass for text of another kind, and what to do
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save it as CSV with a header"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".tgz"), "unpack it first"),
}


def detect_reader(name: str, data: bytes, registry: Registry, reader: str) -> Reader:
    """The reader that is named, or the one for a file of this name that begins with these bytes."""
    if reader:
        return make_reader(registry, reader)
    head = data[:HEAD_BYTES]
    binary = [one for one in available_readers(registry) if one.binary and sniff_safely(registry, one, head)]
    return binary[0] if binary else _detect_text_reader(name, text_head(data, HEAD_BYTES), registry)


def _detect_text_reader(name: str, head: bytes, registry: Registry) -> Reader:
    suffix = format_suffix(name)
    textual = [one for one in available_readers(registry) if not one.binary]
    if suffix in UNSUPPORTED_SUFFIXES and not any(suffix in reader.suffixes for reader in textual):
        raise DataError(f"no reader takes {suffix} files", where=name, hint=UNSUPPORTED_SUFFIXES[suffix])
    able = [reader for reader in textual if sniff_safely(registry, reader, head)]
    named = sorted((reader for reader in textual if suffix in reader.suffixes), key=lambda reader: reader.exclusive)
    for choice in (
        sorted((reader for reader in able if reader.exclusive), key=lambda reader: reader not in named),
        [reader for reader in able if reader in named],
        named if named and named[0].exclusive else [],  # damaged where it begins, and that reader tells how
        [reader for reader in able if not reader.fallback],
        named,
        able,
    ):
        if choice:
            return choice[0]
    raise RecipeError(
        "no reader recognizes this file", where=name, hint=f"--reader {'|'.join(registry.names('reader'))}"
    )


def sniff_safely(registry: Registry, reader: Reader, head: bytes) -> bool:
    """Whether the reader recognizes the head of a file; a reader whose `sniff` raises is skipped with a warning."""
    try:
        return bool(reader.sniff(head))
    except Exception as error:
        owner = registry.entry_for(type(reader)).owner
        warn(f'reader "{reader.name}" of {owner} is skipped: sniff() raised {describe_exception(error)}')
        return False


def make_reader(registry: Registry, name: str) -> Reader:
    """The reader of a name, or with settings, as in "{ use = 'csv', longest = 9 }"."""
    raw = (
        parse_assignment(f"reader={name}", written_as=f"--reader {name}").values["reader"]
        if name.startswith("{")
        else name
    )
    reader = build_component(registry, "reader", raw)
    assert isinstance(reader, Reader)
    return reader


def available_readers(registry: Registry) -> list[Reader]:
    """The readers whose name only one plugin claims: a clash matters only to who asks for that name."""
    names = [entry.name for entry in registry.of_kind("reader")]
    return [make_reader(registry, name) for name in names if names.count(name) == 1]
