"""Sources of data: files, glob patterns and standard input, opened as streams of bytes."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zoo_core.errors import DataError, InputOutputError

Data = str | Path | Sequence[str | Path]


def expand_paths(data: Data) -> list[str]:
    """The files that paths and patterns stand for, sorted within each pattern; "-" is standard input.

    Raises DataError if there is no file, or one is named twice.
    """
    files: list[str] = []
    for pattern in [data] if isinstance(data, str | Path) else data:
        files += _expand_pattern(str(pattern))
    if not files:
        raise DataError("no data file is named")
    twice = sorted({name for name in files if files.count(name) > 1}) if len(set(files)) < len(files) else []
    if twice:
        raise DataError("this file is named twice", where=twice[0])
    return files


def display_name(name: str) -> str:
    """The name of a file in messages."""
    return "stdin" if name == "-" else name


def is_stream(name: str) -> bool:
    """Whether this can be read only once: standard input, a named pipe, a device."""
    path = Path(name)
    return name == "-" or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for "-", as a stream of raw bytes.

    Raises DataError if the file does not exist or changes inside the block.
    """
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
        raise DataError("there is no such file", where=name) from None
    except OSError as error:
        if Path(name).is_dir():  # Windows has no error of its own for it
            raise DataError("this is a folder, not a file", where=name) from None
        raise InputOutputError(f"cannot read {name}: {error.strerror}") from None


def read_bytes(name: str) -> bytes:
    """All raw bytes of a file, or of standard input for "-"."""
    with open_source(name) as stream:
        return stream.read()


def _expand_pattern(name: str) -> list[str]:
    if name == "-" or Path(name).exists() or not glob.has_magic(name):
        return [name]
    matches = sorted(path for path in glob.glob(name, recursive=True) if Path(path).is_file())  # noqa: PTH207
    if not matches:
        raise DataError("no file matches this pattern", where=name)
    return matches


def _check_unchanged(name: str, stream: BinaryIO, before: os.stat_result) -> None:
    after = os.fstat(stream.fileno())
    has_changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    if has_changed and stat.S_ISREG(before.st_mode):  # a pipe changes whenever it is written to
        raise DataError("the file was changed while it was read", where=name, hint="wait until it is fully written")
