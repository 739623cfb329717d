"""The rows of a file, some at a time: together those of the whole, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

import polars as pl
from attrs import evolve, frozen

from zoo_core.components.contracts import Reader
from zoo_core.data.files.compression import decompress, is_compressed
from zoo_core.data.files.encoding import BOM, UTF16_BOMS, decode_to_utf8, validate_utf8
from zoo_core.errors import DataError, Problem
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry

CHUNK_BYTES = 1 << 22  # bytes read at once
Read = Callable[[int], bytes]  # of a stream: so many bytes, all that are left for -1


@frozen
class TableChunk:
    """Consecutive rows of a file, and on which of its lines a row (from 0) begins, 0 for none."""

    frame: pl.DataFrame
    line: Callable[[int], int]


def read_chunks(
    read: Read, name: str, choose_reader: Callable[[bytes], Reader], registry: Registry
) -> Iterator[TableChunk]:
    """The rows of a file, read in pieces by the reader that `choose` takes for how its text, or bytes, begin.

    What is packed or in UTF-16 is unpacked whole, and a reader of bytes, or one that cannot tell where rows end, reads
    all at once. DataErrors name the file and its line, also where there is no row; PluginError for what is no table of
    strings.
    """
    data = read(CHUNK_BYTES)
    if is_compressed(data):
        read = BytesIO(decompress(data + read(-1), name)).read
        data = read(CHUNK_BYTES)
    reader = choose_reader(data)
    if reader.binary:
        data += read(-1)
        frame = _read_with(reader, data, name, registry)
        found = iter([TableChunk(frame, partial(_line_of_row, reader, data, 0, 0))] if frame.height else [])
    else:
        if data.startswith(tuple(UTF16_BOMS)):
            read = BytesIO(decode_to_utf8(data + read(-1), name)).read
            data = read(CHUNK_BYTES)
        found = _iter_text_chunks(data.removeprefix(BOM), read, reader, name, registry)
    piece = None
    for piece in found:
        yield piece
    if piece is None:
        raise DataError("there are no rows below the header", where=name)


def _iter_text_chunks(data: bytes, read: Read, reader: Reader, name: str, registry: Registry) -> Iterator[TableChunk]:
    """The rows of a text, of which `data` was read already, as the reader tells where they end."""
    heading, own, before, told = b"", 0, 0, False  # `own` rows come of the heading; `before` lines were left out
    size = CHUNK_BYTES
    while True:
        more = read(size)
        size *= 2  # until a row ends, so that a file in which none is certain to is looked at a few times only
        start, end = reader.complete_rows(data) if more else (len(heading), len(data))
        if end > max(start, len(heading)) or not (more or told):
            rows = data[:end]
            validate_utf8(name, rows, before)
            frame = _read_with(reader, rows, name, registry, before).slice(own)
            if frame.height:
                yield TableChunk(frame, partial(_line_of_row, reader, rows, own, before))
                told = True
            if more and not heading and start:
                heading = data[:start]
                own = _read_with(reader, heading, name, registry).height
            before += data.count(b"\n", start, end)
            data, size = heading + data[end:], CHUNK_BYTES
        if not more:
            return
        data += more


def _line_of_row(reader: Reader, data: bytes, own: int, before: int, row: int) -> int:
    return reader.line_of_row(BytesIO(data), row + own) + before


def _read_with(reader: Reader, data: bytes, name: str, registry: Registry, before: int = 0) -> pl.DataFrame:
    """What a reader makes of a file's bytes, or of some of its rows, `before` lines of the file being left out."""
    try:
        frame = reader.read(BytesIO(data))
    except DataError as error:
        raise DataError(*(_locate_problem(problem, name, before) for problem in error.problems)) from None
    if not isinstance(frame, pl.DataFrame):
        raise contract_error(registry, reader, f"read() gave {type(frame).__name__}, not a polars DataFrame")
    strange = [column.name for column in frame if column.dtype != pl.String or column.null_count()]
    if strange:
        raise contract_error(registry, reader, f'the column "{strange[0]}" is not of strings alone')
    return frame


def _locate_problem(problem: Problem, name: str, before: int) -> Problem:
    line = problem.where
    if before and line.isdecimal():
        line = str(int(line) + before)
    return evolve(problem, where=f"{name}:{line}" if line else name)
