"""Texts to predict, some rows at a time: as in the whole file, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl

from zoo_core.contracts import Reader, Task
from zoo_core.formats import HEAD, reader_of, readers, recognises
from zoo_core.registry import Registry
from zoo_core.sources import BOM, WIDE, beginning, check_text, files_of, is_packed, opened, unpacked
from zoo_core.table import Table, no_rows, parse, read_table, read_with

PIECE = 1 << 22  # bytes read at once


def read_inputs(path: str, registry: Registry, task: Task, *, reader: str = "") -> Iterator[Table]:
    """Tables with the task's column of texts, or of one text on each line: together they are the file's rows.

    Where the reader is not named, standard input is lines unless it begins as only another format does, or its first
    line holds a column of that name. A file that is packed or in UTF-16, of a reader that cannot tell where rows end,
    or one of several, is read at once.
    """
    files = files_of(path)
    if len(files) > 1 or Path(files[0]).is_dir():
        yield read_table(path, registry, reader=reader)
        return
    unnamed = path == "-" and not reader
    with opened(files[0]) as stream:
        data = stream.read(PIECE)
        if not is_packed(data) and not data.startswith(tuple(WIDE)):
            name = "stdin" if path == "-" else files[0]
            chosen = _of_stdin(data, registry, task) if unnamed else reader_of(name, data, registry, reader)
            if not chosen.binary:
                yield from _pieces(data.removeprefix(BOM), stream, chosen, name, registry)
                return
        data += stream.read()
    if unnamed:
        reader = _of_stdin(unpacked(data, "stdin"), registry, task).name
    yield parse(files[0], data, registry, reader)


def _of_stdin(data: bytes, registry: Registry, task: Task) -> Reader:
    """That of the format the data begins as; else that whose header holds the texts; else that of lines."""
    head = beginning(data, HEAD)
    first = head.split(b"\n", 1)[0] + b"\n"
    able = readers(registry)
    known = [one for one in able if (one.binary or one.specific) and recognises(registry, one, head)]
    headed = [one for one in able if _has_texts(one, first, task)]
    lines = [one for one in able if one.fallback]
    found = [*known, *headed, *lines]
    return found[0] if found else reader_of("stdin", data, registry, "")


def _has_texts(reader: Reader, header: bytes, task: Task) -> bool:
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


def _pieces(data: bytes, stream: BinaryIO, reader: Reader, name: str, registry: Registry) -> Iterator[Table]:
    """The rows of a text, of which `data` was read already, as the reader tells where they end."""
    heading, own, before, rows = b"", 0, 0, 0  # `own` rows come of the heading; `before` lines were given and left out
    size = PIECE
    while True:
        more = stream.read(size)
        size *= 2  # until a row ends, so that a file in which none is certain to is looked at a few times only
        start, end = reader.whole(data) if more else (len(heading), len(data))
        if end > max(start, len(heading)) or not (more or rows):
            check_text(name, data[:end], before)
            frame = read_with(reader, data[:end], name, registry, before=before).slice(own)
            if frame.height:
                yield Table(frame, name, line=partial(_line, reader, data[:end], own, before))
            rows += frame.height
            if more and not heading and start:
                heading = data[:start]
                own = read_with(reader, heading, name, registry).height
            before += data.count(b"\n", start, end)
            data, size = heading + data[end:], PIECE
        if not more:
            break
        data += more
    if not rows:
        raise no_rows(name)


def _line(reader: Reader, data: bytes, own: int, before: int, row: int) -> int:
    return reader.line(BytesIO(data), row + own) + before


def in_batches(columns: Iterable[pl.Series], rows: int) -> Iterator[pl.Series]:
    """The same texts, so many at a time: what is predicted together does not depend on how a file was read."""
    kept = pl.Series("text", [], dtype=pl.String)
    for column in columns:
        kept = kept.append(column.alias("text"))
        while len(kept) >= rows:
            yield kept.slice(0, rows)
            kept = kept.slice(rows)
    if len(kept):
        yield kept
