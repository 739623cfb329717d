"""Where data comes from: files, patterns, folders and standard input → bytes, unpacked, in UTF-8."""

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
    """The files that a path, a pattern, or several of them stand for, sorted within each; "-" is standard input.

    DataError where there is none, or one is named twice.
    """
    found: list[str] = []
    for one in [data] if isinstance(data, str | Path) else data:
        found += _expand_pattern(str(one))
    if not found:
        raise DataError("no file of data is named")
    twice = sorted({name for name in found if found.count(name) > 1}) if len(set(found)) < len(found) else []
    if twice:
        raise DataError("this file is named twice", where=twice[0])
    return found


def _expand_pattern(name: str) -> list[str]:
    if name == "-" or Path(name).exists() or not glob.has_magic(name):
        return [name]
    matching = sorted(path for path in glob.glob(name, recursive=True) if Path(path).is_file())  # noqa: PTH207
    if not matching:
        raise DataError("no file matches this pattern", where=name)
    return matching


def display_name(name: str) -> str:
    """What a file is called in messages."""
    return "stdin" if name == "-" else name


def is_stream(name: str) -> bool:
    """Whether this is read once and then gone: standard input, a named pipe, a device."""
    path = Path(name)
    return name == "-" or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file, or of standard input for "-", as they are; DataError if it changes in the meantime."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            before = os.fstat(stream.fileno())
            try:
                yield stream
            except DataError:
                _check_unchanged(name, stream, before)  # or that would be told which comes of it
                raise
            _check_unchanged(name, stream, before)
    except FileNotFoundError:
        raise DataError("there is no such file", where=name) from None
    except OSError as error:
        if Path(name).is_dir():  # Windows has no error of its own for it
            raise DataError("this is a folder, not a file", where=name) from None
        raise InputOutputError(f"cannot read {name}: {error.strerror}") from None


def _check_unchanged(name: str, stream: BinaryIO, before: os.stat_result) -> None:
    after = os.fstat(stream.fileno())
    changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    if changed and stat.S_ISREG(before.st_mode):  # a pipe is told of as changed whenever it was written to
        raise DataError("the file was changed while it was read", where=name, hint="wait until it is written whole")


def read_bytes(name: str) -> bytes:
    """All the bytes of a file, or of standard input for "-", as they are."""
    with open_source(name) as stream:
        return stream.read()
