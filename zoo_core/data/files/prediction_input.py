"""Texts to predict, read in chunks, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO

import polars as pl

from zoo_core.components.contracts import Reader, Task
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.table import Table
from zoo_core.data.delimited.advice import divides_all
from zoo_core.data.files.chunks import CHUNK_BYTES, read_chunks
from zoo_core.data.files.column_choice import ChooseColumns, columns_of
from zoo_core.data.files.conversion_hints import DELIMITERS, delimiter_change
from zoo_core.data.files.detection import (
    DETECT,
    HEAD_BYTES,
    detect_reader,
    require_text,
    resolve_reader,
    sniff_safely,
)
from zoo_core.data.files.encoding import text_head
from zoo_core.data.files.reading import TableStream, make_table
from zoo_core.data.files.sources import display_name, is_stream, open_source
from zoo_core.messages import suggest_command, warn
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.reader_table import candidate_readers

MAX_LINES = 200  # of a file, by which a delimiter is found


def iter_prediction_tables(
    path: str,
    registry: Registry,
    task: Task,
    *,
    reader: ReaderSettings = DETECT,
    chunk_bytes: int = CHUNK_BYTES,
    choose: ChooseColumns | None = None,
) -> Iterator[Table]:
    """Tables with the task's text column, or with one text per line; together they are the rows of the file.

    Columns that `choose` leaves out are not read; None chooses those that the task uses. Without a named reader,
    standard input is read as lines, unless it begins as only another format does or its first line is a header with
    the task's text column.
    """
    choose = choose or columns_of(task)
    if path != "-" or not reader.is_detected:
        tables = TableStream(path, registry, reader=reader, chunk_bytes=chunk_bytes, choose=choose)
        for number, table in enumerate(tables):
            if table.is_lines and reader.is_detected and number == 0:
                _warn_of_columns(table)
            yield table
        return

    def choose_reader(data: bytes) -> Reader:
        found = _detect_stdin_reader(data, registry, task, reader)
        return resolve_reader(found, data, reader.encoding, name, registry)

    name = display_name(path)
    with open_source(path) as stream:
        for chunk in read_chunks(
            stream.read, name, choose_reader, registry, choose, chunk_bytes=chunk_bytes, encoding=reader.encoding
        ):
            yield make_table(chunk, name)


def _warn_of_columns(table: Table) -> None:
    """Warn if the lines that are read as texts seem to be the rows of a table."""
    delimiter = divides_all(table.frame.to_series().head(MAX_LINES).to_list())
    if delimiter:
        option = suggest_command("--delimiter", dict(delimiter_change(delimiter))["reader.delimiter"])
        divided = f"its columns seem to be separated by {DELIMITERS[delimiter]}"
        warn(f"{table.source}: each line is read as a text, but {divided} (hint: add {option})")


def locate_prediction_row(
    path: str, registry: Registry, task: Task, row: int, *, reader: ReaderSettings = DETECT
) -> str | int:
    """The place of a row (from 0) of a file, for a message; the file is read again. The row of standard input."""
    remaining = row
    if not is_stream(path):
        for table in iter_prediction_tables(path, registry, task, reader=reader):
            if remaining < table.frame.height:
                return table.location(remaining)
            remaining -= table.frame.height
    return row


def rebatch(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """The same rows in batches of equal size, so that a batch does not depend on how the file was read."""
    pending = pl.DataFrame()
    for frame in frames:
        pending = pl.concat([pending, frame]) if pending.height else frame
        while pending.height >= rows:
            yield pending.slice(0, rows)
            pending = pending.slice(rows)
    if pending.height:
        yield pending


def _detect_stdin_reader(data: bytes, registry: Registry, task: Task, settings: ReaderSettings) -> Reader:
    """The reader of the format that the data begins as; else the one whose header has the texts; else that of lines."""
    head = text_head(data, HEAD_BYTES, settings.encoding)
    first_line = head.split(b"\n", 1)[0] + b"\n"
    readers = candidate_readers(registry, settings)
    recognizing = [
        reader for reader in readers if (reader.binary or reader.exclusive) and sniff_safely(registry, reader, head)
    ]
    with_header = [reader for reader in readers if _header_has_texts(reader, first_line, task)]
    fallbacks = [reader for reader in readers if reader.fallback]
    candidates = [*recognizing, *with_header, *fallbacks]
    if not candidates:
        return detect_reader("stdin", data, registry, settings)
    return require_text(candidates[0], settings, "stdin")


def _header_has_texts(reader: Reader, header: bytes, task: Task) -> bool:
    """Whether a reader takes a line for a header, in which the task finds its text column."""
    if not header.strip():
        return False
    try:
        frame = reader.read(BytesIO(header))
        wide = frame.with_columns(pl.lit("").alias("\0"))  # since a single column is accepted under any name
        task.texts(Table(wide, "stdin"))
        return frame.height == 0
    except Exception:
        return False
