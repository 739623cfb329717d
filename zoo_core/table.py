"""Strict reading of files into columns of strings, through readers."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Literal

import polars as pl
from attrs import field, frozen

from zoo_core.blame import broken
from zoo_core.contracts import Reader
from zoo_core.errors import DataError, Problem, listing, nearest
from zoo_core.formats import reader_of
from zoo_core.registry import Registry
from zoo_core.sources import Data, files_of, folder_texts, plain_text, raw_bytes, unpacked

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
    return parse(file, raw_bytes(file), registry, reader)


def parse(file: str, raw: bytes, registry: Registry, reader: str) -> Table:
    """The table in the bytes of a file; "-" is standard input."""
    name = "stdin" if file == "-" else file
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(lambda: sha256(raw).hexdigest())  # beside the reading
        data = unpacked(raw, name)
        chosen = reader_of(name, data, registry, reader)
        frame = read_with(chosen, data if chosen.binary else plain_text(data, name), name, registry)
        if frame.height == 0:
            raise no_rows(name)
        if file == "-":
            return Table(frame, name, digest.result(), "stdin")

        def line(row: int) -> int:
            again = unpacked(raw_bytes(file), name)
            return chosen.line(io.BytesIO(again if chosen.binary else plain_text(again, name)), row)

        return Table(frame, name, digest.result(), line=line)


def _joined(tables: list[Table]) -> Table:
    """One table of several with the same columns."""
    first = tables[0]
    for table in tables[1:]:
        if set(table.frame.columns) != set(first.frame.columns):
            there = f"its columns are {listing(table.frame.columns)}"
            hint = f"those of {first.source} are {listing(first.frame.columns)}"
            raise DataError(f"{there}: files read as one have the same", where=table.source, hint=hint)
    frame = pl.concat([table.frame.select(first.frame.columns) for table in tables], rechunk=True)
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


def read_with(reader: Reader, data: bytes, name: str, registry: Registry, *, before: int = 0) -> pl.DataFrame:
    """What a reader makes of a file's bytes, or of some of its rows, `before` lines of the file being left out.

    DataErrors name the file and its line; PluginError for what is no table of strings.
    """
    try:
        frame = reader.read(io.BytesIO(data))
    except DataError as error:
        raise DataError(*(_in_file(problem, name, before) for problem in error.problems)) from None
    if not isinstance(frame, pl.DataFrame):
        raise broken(registry, reader, f"read() gave {type(frame).__name__}, not a polars DataFrame")
    strange = [column.name for column in frame if column.dtype != pl.String or column.null_count()]
    if strange:
        raise broken(registry, reader, f'the column "{strange[0]}" is not of strings alone')
    return frame


def no_rows(name: str) -> DataError:
    """What to say of a file without rows."""
    return DataError("there are no rows below the header", where=name)


def _in_file(problem: Problem, name: str, before: int) -> Problem:
    line = problem.where
    if before and line.isdecimal():
        line = str(int(line) + before)
    return Problem(problem.message, f"{name}:{line}" if line else name, problem.hint)
