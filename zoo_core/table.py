"""Strict reading of files into columns of strings, through readers."""

from __future__ import annotations

import codecs
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
from zoo_core.errors import DataError, InputOutputError, Problem, RecipeError, listing, nearest, printable
from zoo_core.plugins import described
from zoo_core.registry import Registry
from zoo_core.settings import component

HEAD = 64 * 1024
MARK = b"\xef\xbb\xbf"
PIECE = 1 << 22  # bytes
COLUMNS = "save it as CSV with a header"
PACKED = "unpack it, and pass it on with --data - or --input -"
UNREAD = {  # that would pass for text of another kind, and what to do
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".xls", ".xlsx"), COLUMNS),
    **dict.fromkeys((".gz", ".xz", ".zst", ".bz2", ".zip"), PACKED),
}


@frozen
class Table:
    """Columns of strings, the name of where they came from, and what that is; `sha256` of the bytes, "" for none.

    `line` tells on which line a row begins, 0 for one that is on none; it reads the file again, to tell of a fault.
    """

    frame: pl.DataFrame
    source: str
    sha256: str = ""
    origin: Literal["file", "stdin", "sample"] = "file"
    line: Callable[[int], int] = field(default=lambda _row: 0, eq=False, repr=False)

    def place(self, row: int) -> str:
        """Where a row (from 0) stands, for a message: `file:line`, or the number of the row in the file."""
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


def read_table(path: str | Path, registry: Registry, *, reader: str = "") -> Table:
    """Read a file ("-" is standard input) with the reader named, or the one that recognises it."""
    name, data = _bytes(path)
    return _parse(path, name, data, registry, reader)


def _parse(path: str | Path, name: str, data: bytes, registry: Registry, reader: str) -> Table:
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(lambda: sha256(data).hexdigest())  # beside the reading
        plain = data.removeprefix(MARK)
        _check_text(name, plain)
        chosen = _reader(name, plain[:HEAD], registry, reader)
        frame = _frame(name, plain, registry, chosen)
        if str(path) == "-":
            return Table(frame, name, digest.result(), "stdin")

        def line(row: int) -> int:
            return chosen.line(io.BytesIO(_bytes(path)[1].removeprefix(MARK)), row)

        return Table(frame, name, digest.result(), line=line)


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
    name, data = _bytes(path)
    first = data.removeprefix(MARK).split(b"\n", 1)[0]
    chosen = [one.name for one in _readers(registry) if _has_texts(one, first + b"\n", task)]
    lines = [one.name for one in _readers(registry) if ".txt" in one.suffixes]
    return _parse(path, name, data, registry, next(iter([*chosen, *lines]), ""))


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


def _bytes(path: str | Path) -> tuple[str, bytes]:
    if str(path) == "-":
        return "stdin", sys.stdin.buffer.read()
    path = Path(path)
    try:
        return str(path), path.read_bytes()
    except FileNotFoundError:
        raise DataError("there is no such file", where=str(path)) from None
    except IsADirectoryError:
        raise DataError("this is a folder, not a file", where=str(path)) from None
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None


def _check_text(name: str, data: bytes) -> None:
    if not data:
        raise DataError("the file is empty", where=name)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise DataError("a NUL byte: this is no text file", where=f"{name}:{line}")
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        for at in range(0, len(data), PIECE):  # the whole text never stands in memory for this
            decoder.decode(data[at : at + PIECE])
        decoder.decode(b"", final=True)
        return
    except UnicodeDecodeError:
        pass
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8, as with iconv -t UTF-8"
        raise DataError(f"not UTF-8 (byte 0x{data[error.start]:02x})", where=f"{name}:{line}", hint=hint) from None


def _reader(name: str, head: bytes, registry: Registry, wanted: str) -> Reader:
    if wanted:
        return _made(registry, wanted)
    suffix = Path(name).suffix.lower()
    readers = _readers(registry)
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
    reader = component(registry, "reader", name)
    assert isinstance(reader, Reader)
    return reader


def _readers(registry: Registry) -> list[Reader]:
    """The readers whose name only one plugin claims: a clash matters only to who asks for that name."""
    names = [entry.name for entry in registry.of_kind("reader")]
    return [_made(registry, name) for name in names if names.count(name) == 1]
