"""The reader of a file, detected by its name and its first bytes."""

from __future__ import annotations

from attrs import evolve

from zoo_core.components.contracts import Reader
from zoo_core.components.data_contracts import UTF8, ReaderSettings
from zoo_core.data.files.compression import format_suffix
from zoo_core.data.files.encoding import text_head
from zoo_core.errors import DataError, Problem, RecipeError
from zoo_core.messages import join_names, note, warn
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.reader_table import candidate_readers

HEAD_BYTES = 64 * 1024  # that readers recognize their format by
DETECT = ReaderSettings()
UNSUPPORTED_SUFFIXES = {  # files that would pass for text, and the hint for each
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save it as CSV with a header"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".tgz"), "unpack it first"),
}


def detect_reader(name: str, data: bytes, registry: Registry, settings: ReaderSettings = DETECT) -> Reader:
    """The reader for a file of this name that begins with these bytes: the named one, or else the one detected.

    It has the given settings. Raises DataError for an unsupported suffix, RecipeError if no reader recognizes the file
    or the one that does lacks a setting.
    """
    if not settings.is_detected:
        return require_text(candidate_readers(registry, settings)[0], settings, name)
    readers = candidate_readers(registry, DETECT)
    binary = [
        candidate for candidate in readers if candidate.binary and sniff_safely(registry, candidate, data[:HEAD_BYTES])
    ]
    head = text_head(data, HEAD_BYTES, settings.encoding)
    found = binary[0] if binary else _detect_text_reader(name, head, registry, readers)
    if not settings.settings:
        return require_text(found, settings, name)
    return require_text(_with_settings(found, name, head, registry, settings), settings, name)


def require_text(reader: Reader, settings: ReaderSettings, name: str) -> Reader:
    """The reader itself. Raises RecipeError if an encoding is set and it does not read text."""
    if reader.binary and settings.encoding != UTF8:
        message = f'reader.encoding is for text files, and reader "{reader.name}" reads another format'
        raise RecipeError(message, where=name, hint="remove reader.encoding")
    return reader


def resolve_reader(reader: Reader, data: bytes, encoding: str, name: str, registry: Registry) -> Reader:
    """The reader with what it finds in the first bytes of a file, which is noted. Raises DataError if it is unsure."""
    if reader.binary or type(reader).resolve is Reader.resolve:
        return reader
    try:
        resolved, text = reader.resolve(text_head(data, HEAD_BYTES, encoding))
    except DataError as error:
        raise DataError(*(_locate(problem, name) for problem in error.problems)) from None
    if not isinstance(resolved, Reader):
        raise contract_error(registry, reader, f"resolve() gave {type(resolved).__name__}, not a reader")
    if text:
        note(f"{name}: {text}")
    return resolved


def _locate(problem: Problem, name: str) -> Problem:
    return evolve(problem, where=f"{name}:{problem.where}" if problem.where else name)


def _with_settings(found: Reader, name: str, head: bytes, registry: Registry, settings: ReaderSettings) -> Reader:
    """The detected reader with the given settings; else another one that has them, if the file may be of its format."""
    candidates = candidate_readers(registry, settings)
    same = [reader for reader in candidates if type(reader) is type(found)]
    by_name = [reader for reader in candidates if format_suffix(name) in reader.suffixes]
    by_content = [reader for reader in candidates if not reader.binary and sniff_safely(registry, reader, head)]
    if same:
        return same[0]
    if not found.binary and (by_name or not found.exclusive):
        both = [reader for reader in by_name if reader in by_content]
        choices = [*both, *by_name, *sorted(by_content, key=_rank), *candidates]
        return choices[0]
    names = ", ".join(f'"{key}"' for key, _ in settings.settings)
    message = f'reader "{found.name}", which recognizes this file, does not have the setting {names}'
    others = join_names(reader.name for reader in candidates)
    raise RecipeError(message, where=name, hint=f"remove it, or name a reader that has it with --reader: {others}")


def _rank(reader: Reader) -> tuple[bool, bool]:
    return reader.fallback, reader.general


def sniff_safely(registry: Registry, reader: Reader, head: bytes) -> bool:
    """Whether a reader recognizes the head of a file; a reader whose `sniff` raises is skipped with a warning."""
    try:
        return bool(reader.sniff(head))
    except Exception as error:
        owner = registry.entry_for(type(reader)).owner
        warn(f'reader "{reader.name}" of {owner} is skipped: sniff() raised {describe_exception(error)}')
        return False


def _detect_text_reader(name: str, head: bytes, registry: Registry, readers: list[Reader]) -> Reader:
    suffix = format_suffix(name)
    formats = [reader.name for reader in readers if reader.binary and suffix in reader.suffixes]
    readers = [reader for reader in readers if not reader.binary]
    if formats and suffix in UNSUPPORTED_SUFFIXES:
        raise DataError(f"not a file of the format {join_names(formats)}, or a damaged one", where=name)
    if suffix in UNSUPPORTED_SUFFIXES and not any(suffix in reader.suffixes for reader in readers):
        raise DataError(f"no reader supports {suffix} files", where=name, hint=UNSUPPORTED_SUFFIXES[suffix])
    by_content = [reader for reader in readers if sniff_safely(registry, reader, head)]
    by_name = sorted((reader for reader in readers if suffix in reader.suffixes), key=lambda reader: reader.exclusive)
    for candidates in (
        sorted((reader for reader in by_content if reader.exclusive), key=lambda reader: reader not in by_name),
        [reader for reader in by_content if reader in by_name],
        by_name if by_name and by_name[0].exclusive else [],  # the head is damaged, and that reader explains how
        sorted((reader for reader in by_content if not reader.fallback), key=_rank),
        by_name,
        by_content,
    ):
        if candidates:
            return candidates[0]
    hint = f"name one with --reader: {join_names(registry.names('reader'))}"
    raise RecipeError("no reader recognizes this file", where=name, hint=hint)
