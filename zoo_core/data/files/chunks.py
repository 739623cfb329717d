"""The rows of a file in chunks, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO

import polars as pl
from attrs import evolve, field, frozen

from zoo_core.components.contracts import Reader
from zoo_core.components.data_contracts import UTF8
from zoo_core.components.protocols import ReadsTypedColumns
from zoo_core.data.files.column_choice import ChooseColumns, all_columns
from zoo_core.data.files.compression import decompress, is_compressed
from zoo_core.data.files.detection import HEAD_BYTES
from zoo_core.data.files.encoding import BOM, Utf8Stream, encoding_of, is_utf8, validate_utf8
from zoo_core.data.files.parts import PartError
from zoo_core.data.files.size_limits import MAX_LINE_MIB
from zoo_core.data.records.missing_values import count_missing
from zoo_core.errors import DataError, Problem
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry

CHUNK_BYTES = 1 << 22  # read at once
Read = Callable[[int], bytes]  # read so many bytes of a stream, or all that are left for -1


@frozen
class TableChunk:
    """Consecutive rows of a file; `line_of_row` gives the line on which a row (from 0) begins, 0 if it is unknown.

    `unread` are the columns that are not read, as `Table.unread`; `is_lines` tells that a fallback reader read them,
    `has_header` that the reader takes the first row of the file for a header unless `reader.header` is false. `missing`
    counts the rows that have no value for a column.
    """

    frame: pl.DataFrame
    line_of_row: Callable[[int], int]
    unread: Mapping[str, str] = field(factory=dict)
    is_lines: bool = False
    has_header: bool = False
    missing: Mapping[str, int] = field(factory=dict)

    @classmethod
    def of(
        cls, frame: pl.DataFrame, line_of_row: Callable[[int], int], unread: Mapping[str, str], reader: Reader
    ) -> TableChunk:
        """The chunk of a frame that this reader read, in which missing values are null."""
        missing = count_missing(frame)
        frame = frame.fill_null("") if missing else frame
        has_header = getattr(reader, "header", False) is True
        return cls(frame, line_of_row, unread, reader.fallback, has_header, missing)


def read_chunks(
    read: Read,
    name: str,
    choose_reader: Callable[[bytes], Reader],
    registry: Registry,
    choose: ChooseColumns = all_columns,
    *,
    chunk_bytes: int = CHUNK_BYTES,
    encoding: str = UTF8,
) -> Iterator[TableChunk]:
    """The rows of a file in chunks, read by the reader that `choose_reader` gives for the first bytes.

    A compressed file is decompressed as a whole. A binary reader, and one that cannot tell where rows end, reads
    the whole file at once. Columns that `choose` leaves out are not read.

    Raises DataError with the file and line, also if there are no rows, and PluginError if a reader does not give a
    table of strings.
    """
    head = read(HEAD_BYTES)
    if is_compressed(head):
        read = BytesIO(decompress(head + read(-1), name)).read
        head = read(HEAD_BYTES)
    reader = choose_reader(head)
    if reader.binary:
        data = head + read(-1)
        frame, unread = _read_with(reader, data, name, registry, choose)
        table = TableChunk.of(frame, partial(_line_of_row, reader, data, 0, 0), unread, reader)
        chunks = iter([table] if frame.height else [])
    else:
        encoding = encoding_of(head, encoding, name)
        read = _prepend(head.removeprefix(BOM), read)
        if not is_utf8(encoding):
            read = Utf8Stream(read, encoding, name).read
        data = read(chunk_bytes).removeprefix(BOM)
        chunks = _iter_text_chunks(data, read, reader, name, registry, choose, chunk_bytes)
    columns: list[str] | None = None
    for chunk in chunks:
        columns = chunk.frame.columns if columns is None else columns
        yield _complete(chunk, columns)
    if columns is None:
        raise DataError("there are no rows below the header", where=name)


def _prepend(data: bytes, read: Read) -> Read:
    """A function that reads these bytes first."""

    def read_on(size: int) -> bytes:
        nonlocal data
        start = data if size < 0 else data[:size]
        data = data[len(start) :]
        missing = size if size < 0 else size - len(start)
        return start + read(missing) if missing else start

    return read_on


def _complete(chunk: TableChunk, columns: list[str]) -> TableChunk:
    """A chunk with all of these columns first; those that it lacks are empty and counted as missing."""
    names, rows = chunk.frame.columns, chunk.frame.height
    if names[: len(columns)] == columns:
        return chunk
    lacking = [name for name in columns if name not in names]
    frame = chunk.frame.with_columns(pl.lit("").alias(name) for name in lacking)
    frame = frame[[*columns, *(name for name in names if name not in columns)]]
    unread = {name: dtype for name, dtype in chunk.unread.items() if name not in lacking}
    return evolve(chunk, frame=frame, unread=unread, missing={**chunk.missing, **dict.fromkeys(lacking, rows)})


def _iter_text_chunks(
    data: bytes,
    read: Read,
    reader: Reader,
    name: str,
    registry: Registry,
    choose: ChooseColumns,
    chunk_bytes: int,
) -> Iterator[TableChunk]:
    """The rows of a text file, whose first bytes are `data`, cut where the reader says that rows end."""
    heading, header_rows, lines_before, has_rows = b"", 0, 0, False  # `header_rows` are read from the heading alone
    size, unended = chunk_bytes, 0  # `unended` bytes have been read since the last line end
    max_line_bytes = MAX_LINE_MIB.value() << 20
    while True:
        more = read(size)
        size *= 2  # until a row ends, so that a file of uncertain row ends is examined only a few times
        start, end = reader.complete_rows(data) if more else (len(heading), len(data))
        if end > max(start, len(heading)) or not (more or has_rows):
            rows = data[:end]
            validate_utf8(name, rows, lines_before)
            frame, unread = _read_with(reader, rows, name, registry, choose, lines_before)
            frame = frame.slice(header_rows)
            if frame.height:
                line_of_row = partial(_line_of_row, reader, rows, header_rows, lines_before)
                yield TableChunk.of(frame, line_of_row, unread, reader)
                has_rows = True
            if more and not heading and start:
                heading = data[:start]
                header_rows = _read_with(reader, heading, name, registry, choose)[0].height
            lines_before += data.count(b"\n", start, end)
            data, size = heading + data[end:], chunk_bytes
        if not more:
            return
        data += more
        last_end = max(more.rfind(b"\n"), more.rfind(b"\r"))
        unended = len(more) - 1 - last_end if last_end >= 0 else unended + len(more)
        if unended > max_line_bytes and type(reader).complete_rows is not Reader.complete_rows:  # reads by lines
            line, message = lines_before + data.count(b"\n") + 1, f"a line of more than {MAX_LINE_MIB.value()} MiB"
            raise DataError(message, where=f"{name}:{line}", hint=MAX_LINE_MIB.hint(4 * MAX_LINE_MIB.value()))


def _line_of_row(reader: Reader, data: bytes, header_rows: int, lines_before: int, row: int) -> int:
    return reader.line_of_row(BytesIO(data), row + header_rows) + lines_before


def _read_with(
    reader: Reader, data: bytes, name: str, registry: Registry, choose: ChooseColumns, lines_before: int = 0
) -> tuple[pl.DataFrame, Mapping[str, str]]:
    """Read bytes with a reader and check the result; `lines_before` is the number of lines of the file before them."""
    may_be_null = False
    try:
        if isinstance(reader, ReadsTypedColumns):
            frame, unread = reader.read_columns(BytesIO(data), choose)
            may_be_null = True
        else:
            frame, unread = reader.read(BytesIO(data)), {}
    except PartError as error:
        raise error.in_file(name) from None
    except DataError as error:
        raise DataError(*(_locate_problem(problem, name, lines_before) for problem in error.problems)) from None
    if not isinstance(frame, pl.DataFrame):
        raise contract_error(registry, reader, f"read() gave {type(frame).__name__}, not a polars DataFrame")
    invalid = [
        column.name for column in frame if column.dtype != pl.String or (column.null_count() and not may_be_null)
    ]
    if invalid:
        raise contract_error(registry, reader, f'read() gave a column "{invalid[0]}" with values that are not strings')
    chosen = set(choose(frame.columns))
    skipped = [name for name in frame.columns if name not in chosen]
    return frame[[name for name in frame.columns if name in chosen]], {**unread, **dict.fromkeys(skipped, "")}


def _locate_problem(problem: Problem, name: str, lines_before: int) -> Problem:
    """A reader's problem with the name of the file, and the line counted from the start of the file."""
    line = problem.where
    if lines_before and line.isdecimal():
        line = str(int(line) + lines_before)
    return evolve(problem, where=f"{name}:{line}" if line else name)
