"""Which reader is for a file, by its name and how it begins."""

from __future__ import annotations

import sys

from zoo_core.contracts import Reader
from zoo_core.errors import DataError, RecipeError, printable
from zoo_core.overlay import assignment
from zoo_core.plugins import described
from zoo_core.registry import Registry
from zoo_core.settings import component
from zoo_core.sources import BOM, WIDE, suffix_of

HEAD = 64 * 1024
UNREAD = {  # that would pass for text of another kind, and what to do
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save it as CSV with a header"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".tgz"), "unpack it first"),
}


def reader_of(name: str, data: bytes, registry: Registry, reader: str) -> Reader:
    """The reader that is named, or the one for a file of this name that begins with these bytes."""
    if reader:
        return made(registry, reader)
    head = data[:HEAD]
    binary = [one for one in readers(registry) if one.binary and _recognises(registry, one, head)]
    return binary[0] if binary else _of_text(name, _plain(head), registry)


def _plain(head: bytes) -> bytes:
    """How a text begins, as UTF-8 without a byte-order mark; what is wrong with it is told when it is read."""
    for mark, encoding in WIDE.items():
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore").encode("utf-8")
    return head.removeprefix(BOM)


def _of_text(name: str, head: bytes, registry: Registry) -> Reader:
    suffix = suffix_of(name)
    textual = [one for one in readers(registry) if not one.binary]
    if suffix in UNREAD and not any(suffix in reader.suffixes for reader in textual):
        raise DataError(f"no reader takes {suffix} files", where=name, hint=UNREAD[suffix])
    able = [reader for reader in textual if _recognises(registry, reader, head)]
    for choice in (
        [r for r in able if r.specific and (suffix in r.suffixes or name == "stdin")],
        [r for r in able if suffix in r.suffixes],
        sorted((r for r in textual if suffix in r.suffixes), key=lambda r: r.specific),
        able,
    ):
        if choice:
            return choice[0]
    raise RecipeError(
        "no reader recognises this file", where=name, hint=f"--reader {'|'.join(registry.names('reader'))}"
    )


def _recognises(registry: Registry, reader: Reader, head: bytes) -> bool:
    try:
        return bool(reader.sniff(head))
    except Exception as error:
        owner = registry.owner_of(type(reader)).owner
        told = f'zoo: warning: reader "{reader.name}" of {owner} is passed over: sniff() raised {described(error)}'
        print(printable(told), file=sys.stderr)
        return False


def made(registry: Registry, name: str) -> Reader:
    """The reader of a name, or with settings, as in "{ use = 'csv', longest = 9 }"."""
    raw = assignment(f"reader={name}", said=f"--reader {name}").values["reader"] if name.startswith("{") else name
    reader = component(registry, "reader", raw)
    assert isinstance(reader, Reader)
    return reader


def readers(registry: Registry) -> list[Reader]:
    """The readers whose name only one plugin claims: a clash matters only to who asks for that name."""
    names = [entry.name for entry in registry.of_kind("reader")]
    return [made(registry, name) for name in names if names.count(name) == 1]
