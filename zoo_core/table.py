"""Strict reading of files into columns of strings, through readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal

import polars as pl
from attrs import field, frozen

from zoo_core.errors import DataError, listing, nearest
from zoo_core.formats import reader_of
from zoo_core.pieces import Piece, Read, pieces_of
from zoo_core.registry import Registry
from zoo_core.sources import Data, called, files_of, folder_texts, opened, plain_text

Origin = Literal["file", "stdin", "sample"]


@frozen
class Table:
    """Columns of strings, the name of where they came from, and what that is; `sha256` of the bytes, "" for none.

    `line` tells on which line a row begins, 0 for one that is on none; it reads the file again, to tell of a fault.
    """

    frame: pl.DataFrame
    source: str
    sha256: str = ""
    origin: Origin = "file"
    line: Callable[[int], int] = field(default=lambda _row: 0, eq=False, repr=False)
    parts: tuple[Table, ...] = field(default=(), eq=False, repr=False)  # the files it was read from, if several

    def files(self) -> list[str]:
        """The files it was read from, in order; none for a sample or standard input."""
        return [one.source for one in self.parts or (self,) if one.origin == "file"]

    def place(self, row: int) -> str:
        """Where a row (from 0) stands, for a message: `file:line`, or the number of the row in the file."""
        for part in self.parts:
            if row < part.frame.height:
                return part.place(row)
            row -= part.frame.height
        line = self.line(row)
        return f"{self.source}:{line}" if line else f"{self.source}, row {row + 1}"

    def column(self, name: str, *, setting: str) -> pl.Series:
        """The column of this name; DataError with the columns there are, and the setting that chose it."""
        if name not in self.frame.columns:
            there = f"the columns are {listing(self.frame.columns)}; choose one with --set {setting}=NAME"
            close = nearest(name, self.frame.columns)
            hint = f"{close} {there}" if close.startswith("did you mean") else there
            raise DataError(f'there is no column "{name}"', where=self.source, hint=hint)
        return self.frame[name]


def read_table(data: Data, registry: Registry, *, reader: str = "") -> Table:
    """Read a file ("-" is standard input) with the reader named, or the one that recognises it.

    Several files, or a pattern as in "part-*.csv", become one table; so does a folder with a folder of .txt files for
    each class. Packed files (gzip, xz, zstd, bzip2) are unpacked, UTF-16 with a byte-order mark is read.
    """
    files = files_of(data)
    if len(files) == 1:
        return _of_file(files[0], registry, reader)
    return _joined([_of_file(name, registry, reader) for name in files])


def _of_file(file: str, registry: Registry, reader: str) -> Table:
    if file != "-" and Path(file).is_dir():
        return _of_folder(file)
    digest = sha256()
    with opened(file) as stream:

        def read(size: int) -> bytes:
            data = stream.read(size)
            digest.update(data)
            return data

        frames = [piece.frame for piece in _pieces(file, read, registry, reader)]
    frame, name = pl.concat(frames, rechunk=False), called(file)
    if file == "-":
        return Table(frame, name, digest.hexdigest(), "stdin")
    return Table(frame, name, digest.hexdigest(), line=partial(_line, file, registry, reader))


def _pieces(file: str, read: Read, registry: Registry, reader: str) -> Iterator[Piece]:
    name = called(file)
    return pieces_of(read, name, lambda data: reader_of(name, data, registry, reader), registry)


def _line(file: str, registry: Registry, reader: str, row: int) -> int:
    """The line on which a row of a file begins, for which it is read again."""
    with opened(file) as stream:
        for piece in _pieces(file, stream.read, registry, reader):
            if row < piece.frame.height:
                return piece.line(row)
            row -= piece.frame.height
    return 0


def _joined(tables: list[Table]) -> Table:
    """One table of several with the same columns."""
    first = tables[0]
    for table in tables[1:]:
        if set(table.frame.columns) != set(first.frame.columns):
            there = f"its columns are {listing(table.frame.columns)}"
            hint = f"those of {first.source} are {listing(first.frame.columns)}"
            raise DataError(f"{there}: files read as one have the same", where=table.source, hint=hint)
    frame = pl.concat([table.frame.select(first.frame.columns) for table in tables], rechunk=False)
    digest = sha256("".join(table.sha256 for table in tables).encode()).hexdigest()
    origin: Origin = "stdin" if any(table.origin == "stdin" for table in tables) else "file"
    name = listing([table.source for table in tables], 3)
    return Table(frame, name, digest, origin, parts=tuple(tables))


def _of_folder(folder: str) -> Table:
    """A folder with a folder for each class: columns `text` and `label`, and `split` where those stand in splits."""
    found = folder_texts(folder)
    if not found:
        hint = f"a folder for each class, of .txt files; or files: --data '{folder}/*.csv'"
        raise DataError("this folder holds no texts in folders", where=folder, hint=hint)
    digest = sha256()
    for split, label, name, data in found:
        digest.update(f"{split}/{label}/{Path(name).name}\0{sha256(data).hexdigest()}\n".encode())
    texts = [plain_text(data, name).decode() if data else "" for _, _, name, data in found]
    columns = {"text": texts, "label": [label for _, label, _, _ in found]}
    if found[0][0]:
        columns["split"] = [split for split, _, _, _ in found]
    frame = pl.DataFrame({name: pl.Series(column, dtype=pl.String) for name, column in columns.items()})
    return Table(frame, folder, digest.hexdigest())
