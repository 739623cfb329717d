"""Sources of data: what may be given as data; files, glob patterns and standard input as streams of bytes."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from zoo_core.components.table import Table
from zoo_core.data.files.parts import SEPARATOR, split_part
from zoo_core.errors import DataError, InputOutputError
from zoo_core.filesystem.names import closest_path_hint
from zoo_core.messages import shorten

MAX_NAME_BYTES = 255  # of a file or folder, on every common system
MAX_PATH_BYTES = 4096
MAX_SUFFIX_CHARS = 9  # as .parquet
MIN_TEXT_WORDS = 3  # of a name that no file has: it is a text
MAX_SHOWN_CHARS = 60
TEXT_MESSAGE = "this is a text, not the name of a file"


class ArrowStream(Protocol):
    """A table that exports the Arrow C stream interface."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Export a stream of record batches."""


Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
Data = Paths | Iterable[Any] | ArrowStream | Table  # files, or values in memory: see `zoo_core.data.memory`


def expand_paths(data: Paths) -> list[str]:
    """The files that paths and patterns stand for, sorted within each pattern; "-" is standard input.

    Raises DataError if there is no file, one is named twice, or a name is a text.
    """
    files: list[str] = []
    if not isinstance(data, str | os.PathLike):
        _require_names(data)
    for pattern in [data] if isinstance(data, str | os.PathLike) else data:
        files += _expand_pattern(os.fspath(pattern))
    if not files:
        raise DataError("no data file is named")
    twice = sorted(name for name, count in Counter(files).items() if count > 1 and exists(name))
    if twice:
        raise DataError("this file is named twice", where=twice[0])
    return files


def exists(name: str) -> bool:
    """Whether data of this name can be read; false for a text that is too long for a name."""
    try:
        path = split_part(name)[0]
        return bool(expand_paths(name)) and (name == "-" or glob.has_magic(path) or Path(path).exists())
    except DataError:
        return False


def display_name(name: str) -> str:
    """The name of a file in messages."""
    return "stdin" if name == "-" else name


def is_stream(name: str) -> bool:
    """Whether this can be read only once: standard input, a named pipe, a device."""
    path = Path(split_part(name)[0])
    return name == "-" or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for "-", as a stream of raw bytes.

    The part that a name has is ignored. Raises DataError if the file does not exist or changes inside the block.
    """
    name, _ = split_part(name)
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            before = os.fstat(stream.fileno())
            try:
                yield stream
            except DataError:
                _check_unchanged(name, stream, before)  # a change is the cause, and so reported instead
                raise
            _check_unchanged(name, stream, before)
    except FileNotFoundError:
        raise DataError("there is no such file", where=name, hint=closest_path_hint(name)) from None
    except OSError as error:
        if Path(name).is_dir():  # Windows has no error of its own for it
            raise DataError("this is a folder, not a file", where=name) from None
        raise InputOutputError(f"cannot read {name}: {error.strerror}") from None


def read_bytes(name: str) -> bytes:
    """All raw bytes of a file, or of standard input for "-"."""
    with open_source(name) as stream:
        return stream.read()


def _expand_pattern(name: str) -> list[str]:
    whole = name
    name, part = split_part(name)
    _require_name(name)
    if name == "-" or Path(name).exists():
        return [whole]
    if _is_like_text(name):
        raise _text_error(name)
    if not glob.has_magic(name):
        return [whole]
    matches = sorted(path for path in glob.glob(name, recursive=True) if Path(path).is_file())  # noqa: PTH207
    if not matches:
        raise DataError("no file matches this pattern", where=name)
    return [f"{match}{SEPARATOR}{part}" for match in matches] if part else matches


def _require_name(name: str) -> None:
    """Raise DataError unless a file could have this name."""
    try:
        encoded = os.fsencode(name)
    except UnicodeEncodeError:
        raise DataError("this is not the name of a file: unpaired UTF-16 surrogate", where=_shown(name)) from None
    parts = encoded.replace(os.fsencode(os.sep), b"/").split(b"/")
    if b"\0" in encoded or len(encoded) > MAX_PATH_BYTES or max(map(len, parts)) > MAX_NAME_BYTES:
        raise _text_error(name)


def _require_names(data: Sequence[str | os.PathLike[str]]) -> None:
    """Raise DataError for a list of texts: no file has one of these names, and one has words and no suffix."""
    names = [os.fspath(name) for name in data]
    if len(names) > 1 and not any(exists(name) for name in names):
        for name in names:
            if any(map(str.isspace, name)) and not Path(name).suffix:
                hint = "give texts with their labels, as a tuple of two lists: (texts, labels)"
                raise DataError(TEXT_MESSAGE, where=_shown(name), hint=hint)


def _is_like_text(name: str) -> bool:
    """Whether a name that no file has is a text: it has line breaks, or several words and no suffix."""
    has_breaks = any(character in name for character in "\r\n\t")
    return has_breaks or (len(name.split()) >= MIN_TEXT_WORDS and not 1 < len(Path(name).suffix) <= MAX_SUFFIX_CHARS)


def _text_error(name: str) -> DataError:
    return DataError(TEXT_MESSAGE, where=_shown(name), hint="write texts to a file; in Python, give a list of them")


def _shown(name: str) -> str:
    return f'"{shorten(name, MAX_SHOWN_CHARS)}"'


def _check_unchanged(name: str, stream: BinaryIO, before: os.stat_result) -> None:
    after = os.fstat(stream.fileno())
    has_changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    if has_changed and stat.S_ISREG(before.st_mode):  # a pipe changes whenever it is written to
        raise DataError("the file was changed while it was read", where=name, hint="wait until it is fully written")
