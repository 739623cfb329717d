"""Strict reading of files into columns of strings, through readers."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve

from zoo_core.components.table import Origin, Table
from zoo_core.data.files.chunks import read_chunks
from zoo_core.data.files.class_folders import read_class_folder
from zoo_core.data.files.detection import detect_reader
from zoo_core.data.files.sources import Data, display_name, expand_paths, is_stream, open_source
from zoo_core.errors import DataError
from zoo_core.messages import join_names
from zoo_core.plugins.registry import Registry

if TYPE_CHECKING:
    from hashlib import _Hash


class TableStream:
    """The rows of some data in one table after another, each read when it is asked for; `told()` once all were."""

    def __init__(self, data: Data, registry: Registry, *, reader: str = "") -> None:
        self._files, self._registry, self._reader = expand_paths(data), registry, reader
        self._digests: list[str] = []
        self._rows = 0

    def __iter__(self) -> Iterator[Table]:
        columns: list[str] = []
        for file in self._files:
            digest = sha256()
            for table in _iter_tables(file, self._registry, self._reader, digest):
                columns = columns or table.frame.columns
                self._rows += table.frame.height
                yield evolve(table, frame=_select_columns(table, columns, display_name(self._files[0])))
            self._digests.append(digest.hexdigest())

    def summary(self) -> dict[str, Any]:
        """What `Table.told` gives of all of them."""
        names, files = [display_name(file) for file in self._files], [file for file in self._files if file != "-"]
        origin = "file" if len(files) == len(names) else "stdin"
        told = {
            "source": join_names(names, 3),
            "files": files,
            "origin": origin,
            "sha256": _join_digests(self._digests),
        }
        return {**told, "read": self._rows}


def read_table(data: Data, registry: Registry, *, reader: str = "") -> Table:
    """Read a file ("-" is standard input) with the reader named, or the one that recognizes it.

    Several files, or a pattern as in "part-*.csv", become one table; so does a folder with a folder of .txt files for
    each class. Packed files (gzip, xz, zstd, bzip2) are unpacked, UTF-16 with a byte-order mark is read.
    """
    parts = tuple(_read_file(file, registry, reader) for file in expand_paths(data))
    if len(parts) == 1:
        return parts[0]
    columns, first = parts[0].frame.columns, parts[0].source
    frame = pl.concat([_select_columns(part, columns, first) for part in parts], rechunk=False)
    origin: Origin = "stdin" if any(part.origin == "stdin" for part in parts) else "file"
    digest = _join_digests([part.sha256 for part in parts])
    return Table(frame, join_names([part.source for part in parts], 3), digest, origin, parts=parts)


def _read_file(file: str, registry: Registry, reader: str) -> Table:
    digest = sha256()
    frame = pl.concat([one.frame for one in _iter_tables(file, registry, reader, digest)], rechunk=False)
    if file == "-":
        return Table(frame, display_name(file), digest.hexdigest(), "stdin")
    if is_stream(file):
        return Table(frame, file, digest.hexdigest())

    def line(row: int) -> int:
        """For which the file is read again."""
        for part in _iter_tables(file, registry, reader, sha256()):
            if row < part.frame.height:
                return part.line_of_row(row)
            row -= part.frame.height
        return 0

    return Table(frame, file, digest.hexdigest(), line_of_row=line)


def _iter_tables(file: str, registry: Registry, reader: str, digest: _Hash) -> Iterator[Table]:
    """The rows of a file, or of a folder of texts, in one table or more; its bytes are hashed as they are read."""
    if file != "-" and Path(file).is_dir():
        yield read_class_folder(file, digest)
        return
    name = display_name(file)
    with open_source(file) as stream:

        def read(size: int) -> bytes:
            data = stream.read(size)
            digest.update(data)
            return data

        for piece in read_chunks(read, name, lambda data: detect_reader(name, data, registry, reader), registry):
            yield Table(piece.frame, name, line_of_row=piece.line)


def _select_columns(table: Table, columns: list[str], source: str) -> pl.DataFrame:
    """A table's columns in the order of another file's, which it must have."""
    if set(table.frame.columns) != set(columns):
        there = f"its columns are {join_names(table.frame.columns)}"
        hint = f"those of {source} are {join_names(columns)}"
        raise DataError(f"{there}: files read as one have the same", where=table.source, hint=hint)
    return table.frame.select(columns)


def _join_digests(digests: list[str]) -> str:
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()
