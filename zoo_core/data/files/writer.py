"""Tables written as files: the format and the compression are chosen by the name of the file."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import PurePath
from typing import IO

import polars as pl
from attrs import frozen

from zoo_core.errors import DataError, RecipeError

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
COMPRESSION_SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".xz": "xz"}
FORMATS = tuple(dict.fromkeys(FORMAT_SUFFIXES.values()))
BINARY_FORMATS = ("parquet", "arrow")
FASTTEXT_LABEL_PREFIX = "__label__"
CHUNK_ROWS = 65536  # written at once
MAX_MESSAGE_CHARS = 40  # of a cell
BREAK_PATTERN = r"[\t\r\n]"
# Spreadsheets pass over spaces, line breaks, invisible characters and quotes; wide and small signs count as plain ones.
FORMULA_PATTERN = r'^[\s\p{C}"]*[=+\-@＝＋－＠﹦﹢﹣﹫]|^[\t\r\n]'


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
            hint = f"use {', '.join(FORMATS)}, each with {', '.join(COMPRESSION_SUFFIXES)} or without"
            raise RecipeError(f'unknown format "{format_name}"', hint=hint)
        return OutputFormat(name, COMPRESSION_SUFFIXES[f".{suffix}"] if dot else compression)
    if suffixes[-2:] == [".ft", ".txt"]:
        return OutputFormat("fasttext", compression)
    suffix = suffixes[-1] if suffixes else ".csv"
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
    """Write a table of strings. The same table and format give the same bytes.

    fastText files have only the columns `label` and `text`. TSV and fastText cannot represent a tab or a line break in
    a cell: with `replace_breaks`, it is replaced by a space, otherwise DataError is raised with the row.
    """
    name = file_format.name
    if name == "fasttext":
        frame = frame.select(label, text)
    if name in ("tsv", "fasttext"):
        frame = _without_breaks(frame, replace_breaks)
    with _open_compressed(stream, file_format.compression) as compressed:
        for chunk in _iter_chunks(_fasttext_lines(frame) if name == "fasttext" else frame, name, chunk_rows):
            compressed.write(chunk)


def escape_formulas(frame: pl.DataFrame, file_format: OutputFormat) -> pl.DataFrame:
    """Put an apostrophe before cells and column names that a spreadsheet would evaluate as formulas.

    Raises RecipeError for a format other than CSV and TSV. Source: OWASP, "CSV Injection".

    >>> escape_formulas(pl.DataFrame({"said": ["=1+1", "good"]}), OutputFormat("csv"))["said"].to_list()
    ["'=1+1", 'good']
    """
    if file_format.name not in ("csv", "tsv"):
        message = f"formulas cannot be escaped in the format {file_format.name}"
        raise RecipeError(message, hint="escape them in CSV and TSV only: no other format is opened as a spreadsheet")
    text = pl.col(pl.String)
    escaped = frame.with_columns(
        pl.when(text.str.contains(FORMULA_PATTERN)).then("'" + text).otherwise(text).name.keep()
    )
    names = dict(zip(frame.columns, escape_formula_cells(frame.columns), strict=True))
    for name, new in names.items():
        while new != name and new in frame.columns:
            new = names[name] = f"'{new}"
    return escaped.rename(names)


def escape_formula_cells(cells: Sequence[str]) -> list[str]:
    """The same for a list of cells.

    >>> escape_formula_cells(["=1+1", "good", "\\n ＠x"])
    ["'=1+1", 'good', "'\\n ＠x"]
    """
    must_escape = pl.Series(cells, dtype=pl.String).str.contains(FORMULA_PATTERN)
    return [f"'{cell}" if is_formula else cell for cell, is_formula in zip(cells, must_escape, strict=True)]


def _open_compressed(stream: IO[bytes], compression: str) -> AbstractContextManager[IO[bytes]]:
    if compression == "gzip":  # without name and time, so that the same table gives the same bytes
        return gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)  # type: ignore[return-value]
    if compression == "xz":
        return lzma.LZMAFile(stream, "wb")
    if compression == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(stream, closefd=False)
    return nullcontext(stream)


def _iter_chunks(frame: pl.DataFrame, name: str, chunk_rows: int) -> Iterator[bytes]:
    """The bytes of a table in a format, a number of rows at a time if the format allows it."""
    if name in BINARY_FORMATS:
        buffer = BytesIO()
        frame.write_parquet(buffer) if name == "parquet" else frame.write_ipc(buffer)
        yield buffer.getbuffer()  # type: ignore[misc]
        return
    for start in range(0, max(frame.height, 1), chunk_rows):
        chunk = frame.slice(start, chunk_rows)
        if name == "json":
            rows = chunk.write_ndjson().encode().removesuffix(b"\n")
            yield (b",\n" if start else b"[") + rows.replace(b"\n", b",\n")  # in strings, line breaks are escaped
        elif name == "jsonl":
            yield chunk.write_ndjson().encode()
        elif name == "csv":
            yield chunk.write_csv(include_header=start == 0).encode()
        else:
            has_header = start == 0 and name == "tsv"
            yield chunk.write_csv(separator="\t", quote_style="never", include_header=has_header).encode()
    if name == "json":
        yield b"]\n"


def _without_breaks(frame: pl.DataFrame, replace_breaks: bool) -> pl.DataFrame:
    """The table without tabs and line breaks in cells: replaced by spaces, or else rejected."""
    texts = frame.select(pl.all().cast(pl.String))
    if replace_breaks:
        return texts.with_columns(pl.all().str.replace_all(BREAK_PATTERN, " "))
    invalid_names = pl.Series(texts.columns).str.contains(BREAK_PATTERN).arg_true()
    if len(invalid_names):
        message = f"a tab or a line break in the name of column {invalid_names[0] + 1}"
        raise DataError(message, hint="write CSV, JSON lines or Parquet")
    for column in texts:
        invalid_rows = column.str.contains(BREAK_PATTERN).arg_true()
        if len(invalid_rows):
            message = f'row {invalid_rows[0] + 1}: a tab or a line break in column "{column.name}"'
            raise DataError(message, hint="write CSV, JSON lines or Parquet, which can represent it")
    return texts


def _fasttext_lines(frame: pl.DataFrame) -> pl.DataFrame:
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
            raise DataError(f'row {rows[0] + 1}: invalid "{cell}" in column "{column.name}": {reason}')
    return pl.select((pl.lit(FASTTEXT_LABEL_PREFIX) + label + " " + text).alias("line"))
