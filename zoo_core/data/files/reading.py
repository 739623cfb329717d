"""Files read strictly into tables of strings, as one table or as a stream of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import polars as pl
from attrs import evolve

from zoo_core.components.contracts import Reader
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.table import Origin, Table
from zoo_core.data.files.chunks import CHUNK_BYTES, TableChunk, read_chunks
from zoo_core.data.files.class_folders import read_class_folder
from zoo_core.data.files.column_choice import ChooseColumns, NotedChoice, all_columns
from zoo_core.data.files.detection import DETECT, HEAD_BYTES, detect_reader, resolve_reader
from zoo_core.data.files.parts import split_part, with_part
from zoo_core.data.files.sources import Data, Paths, display_name, expand_paths, is_stream, open_source
from zoo_core.data.memory.reading import is_in_memory, read_memory
from zoo_core.data.records.dataset_folders import is_dataset_folder, read_dataset_folder
from zoo_core.data.records.missing_values import count_missing, note_missing
from zoo_core.errors import DataError
from zoo_core.forks import check_fork
from zoo_core.messages import join_names
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.reader_table import reader_from_text

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_SOURCE_NAMES = 3  # of several files, in messages and summaries


class TableStream:
    """The rows of some data as a sequence of tables, each read when it is needed."""

    def __init__(
        self,
        data: Paths,
        registry: Registry,
        *,
        reader: ReaderSettings = DETECT,
        chunk_bytes: int = CHUNK_BYTES,
        choose: ChooseColumns = all_columns,
    ) -> None:
        self._files, self._registry, self._reader = expand_paths(data), registry, reader
        self._chunk_bytes, self._choose = chunk_bytes, choose
        self._digests: list[str] = []
        self._rows = 0

    def __iter__(self) -> Iterator[Table]:
        columns: list[str] = []
        for file in self._files:
            digest = sha256()
            tables = _iter_tables(file, self._registry, self._reader, digest, self._choose, self._chunk_bytes)
            missing: Counter[str] = Counter()
            for number, table in enumerate(tables):
                columns = columns or table.frame.columns
                if number:
                    _require_known(table, columns)
                self._rows += table.frame.height
                missing.update(table.missing)
                yield evolve(table, frame=_select_columns(table, columns, display_name(self._files[0])))
            note_missing(display_name(file), missing)
            self._digests.append(digest.hexdigest())

    def summary(self) -> dict[str, Any]:
        """The `Table.summary` of all tables together, once all were read."""
        names, files = [display_name(file) for file in self._files], [file for file in self._files if file != "-"]
        return {
            "source": join_names(names, MAX_SOURCE_NAMES),
            "files": files,
            "origin": "file" if len(files) == len(names) else "stdin",
            "sha256": _join_digests(self._digests),
            "read": self._rows,
        }


def read_table(
    data: Data, registry: Registry, *, reader: ReaderSettings | str = DETECT, choose: ChooseColumns = all_columns
) -> Table:
    """Read data ("-" is standard input) with these settings: with the named reader, or with the one that recognizes it.

    A text as `reader` is the name of a reader, or a table as in "{ use = 'csv', longest = 9 }".

    Several files, or a pattern such as "part-*.csv", become one table, and so does a folder with a subfolder of .txt
    files for each class. Compressed files (gzip, xz, zstd, bzip2) are decompressed; UTF-16 with a byte-order mark is
    decoded. Data in memory becomes a table as `read_memory` describes. Columns that `choose` leaves out are not read.
    """
    check_fork()
    if is_in_memory(data):
        return read_memory(data, choose=choose)
    reader = reader_from_text(registry, reader) if isinstance(reader, str) else reader
    parts = tuple(_read_file(file, registry, reader, choose) for file in expand_paths(cast(Paths, data)))
    if len(parts) == 1:
        return parts[0]
    columns, first_source = parts[0].frame.columns, parts[0].source
    frame = pl.concat([_select_columns(part, columns, first_source) for part in parts], rechunk=False)
    origin: Origin = "stdin" if any(part.origin == "stdin" for part in parts) else "file"
    digest = _join_digests([part.sha256 for part in parts])
    source = join_names([part.source for part in parts], MAX_SOURCE_NAMES)
    unread = {name: dtype for part in parts for name, dtype in part.unread.items()}
    whole = Table(frame, source, digest, origin, unread=unread, parts=parts)
    first = {name: getattr(parts[0], name) for name in ("is_lines", "has_header", "order", "read_head")}
    return evolve(whole, **first)


def _read_file(file: str, registry: Registry, reader: ReaderSettings, choose: ChooseColumns) -> Table:
    digest = sha256()
    tables = list(_iter_tables(file, registry, reader, digest, choose))
    frame = pl.concat([table.frame for table in tables], how="diagonal", rechunk=False)
    missing = sum((Counter(table.missing) for table in tables), Counter(count_missing(frame)))
    note_missing(display_name(file), missing)
    unread = {name: dtype for table in tables for name, dtype in table.unread.items() if name not in frame.columns}
    frame = frame.fill_null("") if missing else frame
    origin: Origin = "stdin" if file == "-" else "file"
    whole = evolve(
        tables[0],
        frame=frame,
        unread=unread,
        missing=dict(missing),
        sha256=digest.hexdigest(),
        origin=origin,
        line_of_row=_unknown_line,
    )
    del tables
    if is_stream(file):
        return whole

    def line_of_row(row: int) -> int:
        """The line of a row, for which the file is read again."""
        for table in _iter_tables(file, registry, reader, sha256(), choose):
            if row < table.frame.height:
                return table.line_of_row(row)
            row -= table.frame.height
        return 0

    return evolve(whole, line_of_row=line_of_row)


def _unknown_line(_row: int) -> int:
    return 0


def _iter_tables(
    file: str,
    registry: Registry,
    reader: ReaderSettings,
    digest: _Hash,
    choose: ChooseColumns,
    chunk_bytes: int = CHUNK_BYTES,
) -> Iterator[Table]:
    """The rows of a file or a class folder in one or more tables; `digest` is updated with the bytes that are read."""
    name, (path, part) = display_name(file), split_part(file)
    if part:
        digest.update(f"{part}\0".encode())
    if file != "-" and Path(path).is_dir():
        if is_dataset_folder(path):
            yield evolve(read_dataset_folder(path, part, digest, choose), source=name)
        elif part:
            raise DataError(f'a folder of texts is read as a whole, so "::{part}" names nothing', where=path)
        else:
            yield read_class_folder(path, digest, reader.encoding)
        return

    def choose_reader(data: bytes) -> Reader:
        found = with_part(detect_reader(display_name(path), data, registry, reader), file)
        return resolve_reader(found, data, reader.encoding, name, registry)

    noted = NotedChoice(choose)
    read_head = None if is_stream(file) else partial(_read_head, file, registry, reader)
    with open_source(file) as stream:
        read = partial(_read_and_hash, stream, digest)
        for chunk in read_chunks(
            read, name, choose_reader, registry, noted, chunk_bytes=chunk_bytes, encoding=reader.encoding
        ):
            yield evolve(make_table(chunk, name), order=noted.names, read_head=read_head)


def _read_head(file: str, registry: Registry, reader: ReaderSettings) -> pl.DataFrame:
    """The first rows of a file, with every column."""
    return next(_iter_tables(file, registry, reader, sha256(), all_columns, HEAD_BYTES)).frame


def make_table(chunk: TableChunk, name: str) -> Table:
    """The table of a chunk of the file of this name."""
    return Table(
        chunk.frame,
        name,
        line_of_row=chunk.line_of_row,
        is_lines=chunk.is_lines,
        has_header=chunk.has_header,
        unread=chunk.unread,
        missing=chunk.missing,
    )


def _require_known(table: Table, columns: list[str]) -> None:
    """Raise DataError for a column that no earlier row of the file has: what was read of those is used already."""
    for name in table.frame.columns:
        if name not in columns:
            row = (table.frame[name] != "").arg_max() or 0
            message = f'the first value of "{name}" is too far down: no row in the first part of the file has one'
            raise DataError(message, where=table.location(row), hint=f'write "{name}" in the first row, as null')


def _read_and_hash(stream: BinaryIO, digest: _Hash, size: int) -> bytes:
    data = stream.read(size)
    digest.update(data)
    return data


def _select_columns(table: Table, columns: list[str], source: str) -> pl.DataFrame:
    """A table's columns in the order of the first file, whose name is `source`.

    Raises DataError if the columns differ.
    """
    if set(table.frame.columns) != set(columns):
        message = f"the columns differ from {source}: got {join_names(table.frame.columns)}"
        raise DataError(f"{message}, expected {join_names(columns)}", where=table.source)
    return table.frame[columns]


def _join_digests(digests: list[str]) -> str:
    """The digest of a single file, or that of the digests of several."""
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()
