"""Strict reading of files into columns of strings, through readers."""

from __future__ import annotations

import codecs
import io
import sys
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
from zoo_core.splits import named

HEAD = 64 * 1024
PIECE = 1 << 22  # bytes
COLUMNS = "save it as CSV with a header"
PACKED = "unpack it, and pass it on with --data - or --input -"
UNREAD = {  # that would pass for text of another kind, and what to do
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".xls", ".xlsx"), COLUMNS),
    **dict.fromkeys((".gz", ".xz", ".zst", ".bz2", ".zip"), PACKED),
}


@frozen
class Table:
    """Columns of strings, the name of where they came from, and what that is; `sha256` of the bytes, "" for none."""

    frame: pl.DataFrame
    source: str
    sha256: str = ""
    origin: Literal["file", "stdin", "sample"] = "file"

    def column(self, name: str, *, setting: str) -> pl.Series:
        """The column of this name; DataError with the columns there are, and the setting that chose it."""
        if name not in self.frame.columns:
            there = f"the columns are {listing(self.frame.columns)}; choose one with --set {setting}=NAME"
            close = nearest(name, self.frame.columns)
            hint = f"{close} {there}" if close.startswith("did you mean") else there
            raise DataError(f'there is no column "{name}"', where=self.source, hint=hint)
        return self.frame[name]


@frozen
class Examples:
    """What a task reads from a table: rows in the table's order, without those it dropped.

    `texts` are strings; `labels` are class names; `splits` are "train", "val" or "test", or None where the
    file does not say. `dropped` counts the rows left out, by reason; read = used + dropped. `kept` are the numbers of
    the table's rows these are, None where none was dropped or nobody counted.
    """

    texts: pl.Series
    labels: pl.Series
    splits: pl.Series | None = None
    dropped: dict[str, int] = field(factory=dict)
    kept: pl.Series | None = None


def read_examples(table: Table, *, text: str, label: str, split: str, split_optional: str) -> Examples:
    """Examples from columns of these names. Rows without a label are dropped and counted.

    `split` may be absent where it is called `split_optional`: a name that was chosen must be there.
    """
    texts = table.column(text, setting="task.text")
    labels = table.column(label, setting="task.label").str.strip_chars()
    splits = None
    if split in table.frame.columns or split != split_optional:
        splits = named(table.column(split, setting="task.split"), table.source)
    unlabelled = labels == ""
    dropped = int(unlabelled.sum())
    if dropped == len(labels):
        raise DataError(f'no row has a label in column "{label}"', where=table.source)
    if dropped:
        keep = ~unlabelled
        texts, labels = texts.filter(keep), labels.filter(keep)
        splits = None if splits is None else splits.filter(keep)
    if not dropped:
        return Examples(texts, labels, splits)
    return Examples(texts, labels, splits, {"no label": dropped}, keep.arg_true())


def text_column(table: Table, name: str) -> pl.Series:
    """The texts to predict: the column of this name, or the only one there is."""
    if table.frame.width == 1:
        return table.frame.to_series()
    return table.column(name, setting="task.text")


def read_table(path: str | Path, registry: Registry, *, reader: str = "") -> Table:
    """Read a file ("-" is standard input) with the reader named, or the one that recognises it."""
    name, data = _bytes(path)
    return _parse(path, name, data, registry, reader)


def _parse(path: str | Path, name: str, data: bytes, registry: Registry, reader: str) -> Table:
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(lambda: sha256(data).hexdigest())  # beside the reading
        frame = _frame(name, data.removeprefix(b"\xef\xbb\xbf"), registry, reader)
        return Table(frame, name, digest.result(), "stdin" if str(path) == "-" else "file")


def _frame(name: str, data: bytes, registry: Registry, reader: str) -> pl.DataFrame:
    _check_text(name, data)
    chosen = _reader(name, data[:HEAD], registry, reader)
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
    first = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
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
        [r for r in readers if suffix in r.suffixes],
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
