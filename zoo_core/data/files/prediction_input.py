"""Texts to predict, some rows at a time: as in the whole file, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO

import polars as pl

from zoo_core.components.contracts import Reader, Task
from zoo_core.components.table import Table
from zoo_core.data.files.chunks import read_chunks
from zoo_core.data.files.detection import HEAD_BYTES, available_readers, detect_reader, sniff_safely
from zoo_core.data.files.encoding import text_head
from zoo_core.data.files.reading import TableStream
from zoo_core.data.files.sources import display_name, open_source
from zoo_core.plugins.registry import Registry


def iter_prediction_tables(path: str, registry: Registry, task: Task, *, reader: str = "") -> Iterator[Table]:
    """Tables with the task's column of texts, or of one text on each line: together they are the file's rows.

    Where the reader is not named, standard input is lines unless it begins as only another format does, or its first
    line holds a column of that name.
    """
    if path != "-" or reader:
        yield from TableStream(path, registry, reader=reader)
        return
    with open_source(path) as stream:
        name = display_name(path)
        for piece in read_chunks(stream.read, name, lambda data: _detect_stdin_reader(data, registry, task), registry):
            yield Table(piece.frame, name, line_of_row=piece.line)


def _detect_stdin_reader(data: bytes, registry: Registry, task: Task) -> Reader:
    """That of the format the data begins as; else that whose header holds the texts; else that of lines."""
    head = text_head(data, HEAD_BYTES)
    first = head.split(b"\n", 1)[0] + b"\n"
    able = available_readers(registry)
    known = [one for one in able if (one.binary or one.exclusive) and sniff_safely(registry, one, head)]
    headed = [one for one in able if _header_has_texts(one, first, task)]
    lines = [one for one in able if one.fallback]
    found = [*known, *headed, *lines]
    return found[0] if found else detect_reader("stdin", data, registry, "")


def _header_has_texts(reader: Reader, header: bytes, task: Task) -> bool:
    """Whether a reader takes a line for a header, and the task finds its texts in a column of that name."""
    if not header.strip():
        return False
    try:
        frame = reader.read(BytesIO(header))
        wide = frame.with_columns(pl.lit("").alias("\0"))  # or a single column would do by any name
        task.texts(Table(wide, "stdin"))
        return frame.height == 0
    except Exception:
        return False


def rebatch(columns: Iterable[pl.Series], rows: int) -> Iterator[pl.Series]:
    """The same texts, so many at a time: what is predicted together does not depend on how a file was read."""
    kept = pl.Series("text", [], dtype=pl.String)
    for column in columns:
        kept = kept.append(column.alias("text"))
        while len(kept) >= rows:
            yield kept.slice(0, rows)
            kept = kept.slice(rows)
    if len(kept):
        yield kept
