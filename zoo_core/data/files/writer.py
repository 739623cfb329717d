"""Tables written as files: the format and the compression are chosen by the name of the file."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from pathlib import PurePath
from typing import IO

import polars as pl
from attrs import define, field, frozen

from zoo_core.data.delimited.list_cells import join_lists
from zoo_core.errors import DataError, RecipeError
from zoo_core.messages import suggest

FORMAT_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ft": "fasttext",
    ".fasttext": "fasttext",
}
SPREADSHEET_SUFFIXES = (".xlsx", ".xls", ".ods")
COMPRESSION_SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".xz": "xz"}
FORMATS = tuple(dict.fromkeys(FORMAT_SUFFIXES.values()))
BINARY_FORMATS = ("parquet", "arrow")
FASTTEXT_LABEL_PREFIX = "__label__"
CHUNK_ROWS = 65536  # written at once
FLOAT_DIGITS = 6  # after the decimal point, in CSV and TSV
MAX_MESSAGE_CHARS = 40  # of a cell
BREAK_PATTERN = r"[\t\r\n]"


@frozen
class OutputFormat:
    """The format of a file and its compression: "gzip", "zstd", "xz" or ""."""

    name: str
    compression: str = ""

    @property
    def is_binary(self) -> bool:
        """Whether a terminal cannot show it."""
        return self.name in BINARY_FORMATS or self.compression != ""


def output_format(file_name: str, format_name: str = "") -> OutputFormat:
    """The named format, as "jsonl" or "jsonl.gz", or else that of the file name; CSV for a name without a suffix.

    Raises RecipeError for an unknown format or suffix.

    >>> output_format("reviews.jsonl.zst")
    OutputFormat(name='jsonl', compression='zstd')
    >>> output_format("reviews.gz", "tsv")
    OutputFormat(name='tsv', compression='gzip')
    """
    suffixes = [suffix.lower() for suffix in PurePath(file_name).suffixes]
    compression = COMPRESSION_SUFFIXES.get(suffixes[-1], "") if suffixes else ""
    suffixes = suffixes[:-1] if compression else suffixes
    if format_name:
        name, dot, suffix = format_name.lower().partition(".")
        if name not in FORMATS or (dot and f".{suffix}" not in COMPRESSION_SUFFIXES):
            close = suggest(format_name, FORMATS)
            hint = f"use {', '.join(FORMATS)}, each with {', '.join(COMPRESSION_SUFFIXES)} or without"
            hint = close.text if close else hint
            raise RecipeError(f'unknown format "{format_name}"', hint=hint)
        return OutputFormat(name, COMPRESSION_SUFFIXES[f".{suffix}"] if dot else compression)
    if suffixes[-2:] == [".ft", ".txt"]:
        return OutputFormat("fasttext", compression)
    suffix = suffixes[-1] if suffixes else ".csv"
    if suffix in SPREADSHEET_SUFFIXES:
        message = f'spreadsheets are read, not written: got a file name in "{suffix}"'
        raise RecipeError(message, where=file_name, hint="end the file name in .csv, which spreadsheet programs open")
    if suffix not in FORMAT_SUFFIXES:
        hint = f"name the format with --format, or end the file name in {', '.join(FORMAT_SUFFIXES)}"
        raise RecipeError(f'unknown format of a file name in "{suffix}"', where=file_name, hint=hint)
    return OutputFormat(FORMAT_SUFFIXES[suffix], compression)


def write_table(
    frame: pl.DataFrame,
    stream: IO[bytes],
    file_format: OutputFormat,
    *,
    label: str = "label",
    text: str = "text",
    replace_breaks: bool = False,
    chunk_rows: int = CHUNK_ROWS,
) -> None:
    """Write a table of strings and numbers. The same table and format give the same bytes.

    Lists of strings become one cell in CSV and TSV, see `join_lists`. fastText files have only the columns `label` and
    `text`. TSV and fastText cannot represent a tab or a line break in a cell: with `replace_breaks`, it is replaced by
    a space, otherwise DataError is raised with the row.
    """
    with open_table_writer(stream, file_format, label=label, text=text, replace_breaks=replace_breaks) as writer:
        for start in range(0, max(frame.height, 1), chunk_rows):
            writer.write(frame.slice(start, chunk_rows))


@define(eq=False)
class TableWriter:
    """Writes a table in parts with the same columns, as `write_table` does. Binary formats are written at the end."""

    _stream: IO[bytes]
    _name: str
    _label: str
    _text: str
    _replace_breaks: bool
    _rows: int = 0
    _has_header: bool = False
    _parts: list[pl.DataFrame] = field(factory=list)

    def write(self, frame: pl.DataFrame) -> None:
        """Write the next rows; the first call writes the header, also without rows."""
        if self._name in BINARY_FORMATS:
            self._parts.append(frame)
            return
        if self._name == "fasttext":
            frame = frame.select(self._label, self._text)
        if self._name in ("csv", "tsv"):
            frame = join_lists(frame)
        if self._name in ("tsv", "fasttext"):
            frame = _without_breaks(frame, self._replace_breaks, self._rows)
        if self._name == "fasttext":
            frame = _fasttext_lines(frame, self._rows)
        begins = not (self._has_header if self._name != "json" else self._rows)
        self._stream.write(_encode_rows(frame, self._name, begins))
        self._rows, self._has_header = self._rows + frame.height, True

    def finish(self) -> None:
        """Write what ends the table."""
        if self._parts:
            buffer, frame = BytesIO(), pl.concat(self._parts)
            frame.write_parquet(buffer) if self._name == "parquet" else frame.write_ipc(buffer)
            self._stream.write(buffer.getbuffer())
        elif self._name == "json":
            self._stream.write(b"]\n" if self._rows else b"[]\n")


@contextmanager
def open_table_writer(
    stream: IO[bytes],
    file_format: OutputFormat,
    *,
    label: str = "label",
    text: str = "text",
    replace_breaks: bool = False,
) -> Iterator[TableWriter]:
    """A writer of the parts of a table, with the arguments of `write_table`."""
    with _open_compressed(stream, file_format.compression) as compressed:
        writer = TableWriter(compressed, file_format.name, label, text, replace_breaks)
        yield writer
        writer.finish()


def _open_compressed(stream: IO[bytes], compression: str) -> AbstractContextManager[IO[bytes]]:
    if compression == "gzip":  # without name and time, so that the same table gives the same bytes
        return gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)  # type: ignore[return-value]
    if compression == "xz":
        return lzma.LZMAFile(stream, "wb")
    if compression == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(stream, closefd=False)
    return nullcontext(stream)


def _encode_rows(frame: pl.DataFrame, name: str, begins: bool) -> bytes:
    """Rows in a text format; if they begin the table, with its header."""
    if name == "json":
        rows = frame.write_ndjson().encode().removesuffix(b"\n")
        begin = b"[" if begins else b",\n"
        return begin + rows.replace(b"\n", b",\n") if rows else b""  # in strings, line breaks are escaped
    if name == "jsonl":
        return frame.write_ndjson().encode()
    if name == "csv":
        return frame.write_csv(include_header=begins, float_precision=FLOAT_DIGITS).encode()
    has_header = begins and name == "tsv"
    return frame.write_csv(
        separator="\t", quote_style="never", include_header=has_header, float_precision=FLOAT_DIGITS
    ).encode()


def _without_breaks(frame: pl.DataFrame, replace_breaks: bool, rows_before: int) -> pl.DataFrame:
    """The table without tabs and line breaks in cells: replaced by spaces, or else rejected."""
    if replace_breaks:
        return frame.with_columns(pl.col(pl.String).str.replace_all(BREAK_PATTERN, " "))
    invalid_names = pl.Series(frame.columns).str.contains(BREAK_PATTERN).arg_true()
    if len(invalid_names):
        message = f"a tab or a line break in the name of column {invalid_names[0] + 1}"
        raise DataError(message, hint="write CSV, JSON lines or Parquet")
    for column in frame.select(pl.col(pl.String)):
        invalid_rows = column.str.contains(BREAK_PATTERN).arg_true()
        if len(invalid_rows):
            row = rows_before + invalid_rows[0] + 1
            message = f'row {row}: a tab or a line break in column "{column.name}"'
            raise DataError(message, hint="write CSV, JSON lines or Parquet, which can represent it")
    return frame


def _fasttext_lines(frame: pl.DataFrame, rows_before: int) -> pl.DataFrame:
    """Lines of a label and a text, as fastText reads them."""
    label, text = frame.to_series(0), frame.to_series(1)
    for column, invalid_pattern, reason in (
        (label, r"\s|^$", "fastText labels must not be empty or contain spaces"),
        (
            text,
            f"^{FASTTEXT_LABEL_PREFIX}",
            f"fastText reads a text that begins with {FASTTEXT_LABEL_PREFIX} as a label",
        ),
    ):
        rows = column.str.contains(invalid_pattern).arg_true()
        if len(rows):
            cell = column[rows[0]][:MAX_MESSAGE_CHARS]
            raise DataError(f'row {rows_before + rows[0] + 1}: invalid "{cell}" in column "{column.name}": {reason}')
    return pl.select((pl.lit(FASTTEXT_LABEL_PREFIX) + label + " " + text).alias("line"))
