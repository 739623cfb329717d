"""What a reader is known to read: the plain formats that the kit can write, and the reader's own examples."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import cast

import polars as pl
from attrs import frozen

from zoo_core.components.contracts import Reader
from zoo_core.testing.checks import Subject, skip
from zoo_core.testing.readers.files import FORMATS, Columns, Format

PLAIN = {"text": ["one", "two", "three"], "label": ["x", "y", "x"]}
QUOTED = {"text": ['a, b; c|d "e"\tf', "one"], "label": ["x", "y"]}


@frozen
class KnownFormat:
    """A format, and the reader for files of this format, resolved for one."""

    format: Format
    reader: Reader


def reader_of(subject: Subject) -> Reader:
    """The reader that is checked."""
    return cast(Reader, subject.component)


def read(reader: Reader, data: bytes) -> pl.DataFrame:
    """The table that a reader makes of the bytes of a file."""
    return reader.read(io.BytesIO(data))


def known_formats(subject: Subject) -> list[KnownFormat]:
    """The plain formats that a reader reads; skips the check if it reads none."""
    groups = ((_known(reader_of(subject), format_) for format_ in group) for group in FORMATS)
    found = [known for known in (next(filter(None, group), None) for group in groups) if known]
    if not found:
        skip("it reads no format that the kit can write: its example() is checked instead")
    return found


def _known(reader: Reader, format_: Format) -> KnownFormat | None:
    """The format if a reader recognizes it, names its columns, and reads its rows or has its suffix; else None."""
    plain = format_.holds(PLAIN)
    try:
        is_recognized, frame = reader.sniff(format_.write(plain, "\n")), read(reader, format_.write(plain, "\n"))
        quoted = read(reader, format_.write(QUOTED, "\n")) if format_.is_quoted else frame
    except Exception:  # another format
        return None
    is_known = frame.to_dict(as_series=False) == plain or not format_.suffixes.isdisjoint(reader.suffixes)
    if not (is_recognized and is_known and frame.columns == list(plain)):
        return None
    if quoted.is_empty() or str(quoted.row(0)[0]).startswith('"a'):  # quotes have no meaning to it
        return None
    return KnownFormat(format_, _resolve_for(reader, format_.write(plain, "\n"), frame))


def _resolve_for(reader: Reader, data: bytes, frame: pl.DataFrame) -> Reader:
    """The reader as it is resolved for a file, if it then still reads the same columns."""
    try:
        resolved = reader.resolve(data)[0]
        return resolved if read(resolved, data).columns == frame.columns else reader
    except Exception:  # found by resolve-keeps-the-table
        return reader


def examples_of(subject: Subject) -> Iterator[tuple[str, bytes, Columns]]:
    """The reader's own examples, each with its description; skips the check if there are none."""
    reader = reader_of(subject)
    examples = list(reader.example())
    if not examples:
        skip("it brings no example()")
    for number, (data, columns) in enumerate(examples, start=1):
        assert isinstance(data, bytes) and isinstance(columns, dict), (
            f"example() gives {type(data).__name__} and {type(columns).__name__}, expected bytes and a dict of lists"
        )
        yield f"example {number} of example()", data, columns


def difference_of(frame: pl.DataFrame, columns: Columns) -> str:
    """Where a table differs from the columns that are expected, in words; "" if it does not."""
    if frame.columns != list(columns):
        return f"the columns are {frame.columns}, expected {list(columns)}"
    rows = len(next(iter(columns.values()), []))
    if frame.height != rows:
        return f"it has {frame.height} rows, expected {rows}"
    for name, expected in columns.items():
        for row, (found, value) in enumerate(zip(frame[name].to_list(), expected, strict=True), start=1):
            if found != value:
                return f'"{name}" of row {row} is {_show(found, value)}, expected {_show(value, found)}'
    return ""


def _show(value: object, other: object) -> str:
    """A value for a message; its length, if it is long."""
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:40]}… of {len(str(value)):,} characters"
