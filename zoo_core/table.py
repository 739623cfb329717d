"""Strict reading of files into columns of strings, through readers."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Literal

import polars as pl
from attrs import field, frozen

from zoo_core.blame import broken
from zoo_core.contracts import Reader, Task
from zoo_core.errors import DataError, Problem, RecipeError, listing, nearest, printable
from zoo_core.overlay import assignment
from zoo_core.plugins import described
from zoo_core.registry import Registry
from zoo_core.settings import component
from zoo_core.sources import BOM, WIDE, Data, files_of, folder_texts, plain_text, raw_bytes, suffix_of, unpacked

HEAD = 64 * 1024
Origin = Literal["file", "stdin", "sample"]
UNREAD = {  # that would pass for text of another kind, and what to do
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save it as CSV with a header"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".tgz"), "unpack it first"),
}


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
    return _parse(file, raw_bytes(file), registry, reader)


def _parse(file: str, raw: bytes, registry: Registry, reader: str) -> Table:
    name = "stdin" if file == "-" else file
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(lambda: sha256(raw).hexdigest())  # beside the reading
        chosen, data = _chosen(name, unpacked(raw, name), registry, reader)
        frame = _frame(name, data, registry, chosen)
        if file == "-":
            return Table(frame, name, digest.result(), "stdin")

        def line(row: int) -> int:
            again = unpacked(raw_bytes(file), name)
            return chosen.line(io.BytesIO(again if chosen.binary else plain_text(again, name)), row)

        return Table(frame, name, digest.result(), line=line)


def _chosen(name: str, data: bytes, registry: Registry, reader: str) -> tuple[Reader, bytes]:
    """The reader of these bytes, and the bytes as it wants them."""
    named = _made(registry, reader) if reader else None
    binary = [one for one in _readers(registry) if one.binary and _recognises(registry, one, data[:HEAD])]
    chosen = named or next(iter(binary), None)
    if chosen is not None and chosen.binary:
        return chosen, data
    text = plain_text(data, name)
    return chosen or _reader(name, text[:HEAD], registry), text


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


def _frame(name: str, data: bytes, registry: Registry, chosen: Reader) -> pl.DataFrame:
    try:
        frame = chosen.read(io.BytesIO(data))
    except DataError as error:
        raise DataError(*(_in_file(problem, name) for problem in error.problems)) from None
    if not isinstance(frame, pl.DataFrame):
        raise broken(registry, chosen, f"read() gave {type(frame).__name__}, not a polars DataFrame")
    strange = [column.name for column in frame if column.dtype != pl.String or column.null_count()]
    if strange:
        raise broken(registry, chosen, f'the column "{strange[0]}" is not of strings alone')
    if frame.height == 0:
        raise DataError("there are no rows below the header", where=name)
    return frame


def read_inputs(path: str, registry: Registry, task: Task, *, reader: str = "") -> Table:
    """Texts to predict: a table with the task's column of texts, or one text on each line.

    Where the reader is not named, standard input is lines unless its first line holds a column of that name.
    """
    if reader or path != "-":
        return read_table(path, registry, reader=reader)
    raw = raw_bytes(path)
    if unpacked(raw[:HEAD], "stdin") is not raw[:HEAD] or raw[:2] in WIDE:
        return _parse(path, raw, registry, "")
    first = raw.removeprefix(BOM).split(b"\n", 1)[0]
    chosen = [one.name for one in _readers(registry) if _has_texts(one, first + b"\n", task)]
    lines = [one.name for one in _readers(registry) if ".txt" in one.suffixes and not one.specific]
    return _parse(path, raw, registry, next(iter([*chosen, *lines]), ""))


def _has_texts(reader: Reader, header: bytes, task: Task) -> bool:
    """Whether a reader takes a line for a header, and the task finds its texts in a column of that name."""
    if not header.strip():
        return False
    try:
        frame = reader.read(io.BytesIO(header))
        wide = frame.with_columns(pl.lit("").alias("\0"))  # or a single column would do by any name
        task.texts(Table(wide, "stdin"))
        return frame.height == 0
    except Exception:
        return False


def _in_file(problem: Problem, name: str) -> Problem:
    return Problem(problem.message, f"{name}:{problem.where}" if problem.where else name, problem.hint)


def _reader(name: str, head: bytes, registry: Registry) -> Reader:
    suffix = suffix_of(name)
    readers = [one for one in _readers(registry) if not one.binary]
    if suffix in UNREAD and not any(suffix in reader.suffixes for reader in readers):
        raise DataError(f"no reader takes {suffix} files", where=name, hint=UNREAD[suffix])
    able = [reader for reader in readers if _recognises(registry, reader, head)]
    for choice in (
        [r for r in able if r.specific and (suffix in r.suffixes or name == "stdin")],
        [r for r in able if suffix in r.suffixes],
        sorted((r for r in readers if suffix in r.suffixes), key=lambda r: r.specific),
        able,
    ):
        if choice:
            return choice[0]
    raise RecipeError(
        "no reader recognises this file", where=name, hint=f"--reader {'|'.join(registry.names('reader'))}"
    )


def _recognises(registry: Registry, reader: Reader, head: bytes) -> bool:
    try:
        return bool(reader.sniff(head))
    except Exception as error:
        owner = registry.owner_of(type(reader)).owner
        told = f'zoo: warning: reader "{reader.name}" of {owner} is passed over: sniff() raised {described(error)}'
        print(printable(told), file=sys.stderr)
        return False


def _made(registry: Registry, name: str) -> Reader:
    raw = assignment(f"reader={name}", said=f"--reader {name}").values["reader"] if name.startswith("{") else name
    reader = component(registry, "reader", raw)
    assert isinstance(reader, Reader)
    return reader


def _readers(registry: Registry) -> list[Reader]:
    """The readers whose name only one plugin claims: a clash matters only to who asks for that name."""
    names = [entry.name for entry in registry.of_kind("reader")]
    return [_made(registry, name) for name in names if names.count(name) == 1]
