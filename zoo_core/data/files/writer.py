"""Tables written as files: one writer for every format and packing, chosen by the name of the file."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
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
BREAK_PATTERN = r"[\t\r\n]"
FORMULA_PATTERN = r"^[=+\-@\t\r]"


@frozen
class OutputFormat:
    """A format and how it is packed: "gzip", "zstd", "xz" or ""."""

    name: str
    compression: str = ""

    @property
    def is_binary(self) -> bool:
        """Whether a terminal cannot show it."""
        return self.name in BINARY_FORMATS or self.compression != ""


def output_format(file_name: str, format_name: str = "") -> OutputFormat:
    """The form of a file of this name, or the one wanted, as in "jsonl" or "jsonl.gz"; CSV where nothing says.

    RecipeError for a name that ends in something else, and for a format there is not.

    >>> output_format("reviews.jsonl.zst")
    OutputFormat(name='jsonl', compression='zstd')
    >>> output_format("reviews.gz", "tsv")
    OutputFormat(name='tsv', compression='gzip')
    """
    suffixes = [suffix.lower() for suffix in PurePath(file_name).suffixes]
    packing = COMPRESSION_SUFFIXES.get(suffixes[-1], "") if suffixes else ""
    suffixes = suffixes[:-1] if packing else suffixes
    if format_name:
        kind, dot, packed = format_name.lower().partition(".")
        if kind not in FORMATS or (dot and f".{packed}" not in COMPRESSION_SUFFIXES):
            told = f"there is {', '.join(FORMATS)}, each with {', '.join(COMPRESSION_SUFFIXES)} or without"
            raise RecipeError(f'there is no format "{format_name}"', hint=told)
        return OutputFormat(kind, COMPRESSION_SUFFIXES[f".{packed}"] if dot else packing)
    if suffixes[-2:] == [".ft", ".txt"]:
        return OutputFormat("fasttext", packing)
    suffix = suffixes[-1] if suffixes else ".csv"
    if suffix not in FORMAT_SUFFIXES:
        told = f"say which with --format, or end the name in {', '.join(FORMAT_SUFFIXES)}"
        raise RecipeError(f"no format is known by the name {suffix}", where=file_name, hint=told)
    return OutputFormat(FORMAT_SUFFIXES[suffix], packing)


def write_table(
    frame: pl.DataFrame,
    stream: IO[bytes],
    file_format: OutputFormat,
    *,
    label: str = "label",
    text: str = "text",
    replace_breaks: bool = False,
) -> None:
    """Write a table of strings. The same table and form give the same bytes.

    Cells are kept as they are. TSV and fastText have no way to write a tab or a line break in a cell: DataError with
    the row, or, with `flat`, a space in its place. fastText keeps the columns `label` and `text` alone.
    """
    with _open_compressed(stream, file_format.compression) as packed:
        for piece in _iter_chunks(frame, file_format.name, label, text, replace_breaks):
            packed.write(piece)


def escape_formulas(frame: pl.DataFrame, file_format: OutputFormat) -> pl.DataFrame:
    """A table whose cells and names no spreadsheet takes for formulas: an apostrophe before those that begin like one.

    RecipeError for a form that no spreadsheet computes. Source: OWASP, "CSV Injection".

    >>> escape_formulas(pl.DataFrame({"said": ["=1+1", "good"]}), OutputFormat("csv"))["said"].to_list()
    ["'=1+1", 'good']
    """
    if file_format.name not in ("csv", "tsv"):
        raise RecipeError(
            f"cells of {file_format.name} are no formulas anywhere", hint="only CSV and TSV need them escaped"
        )
    text = pl.col(pl.String)
    safe = frame.with_columns(pl.when(text.str.contains(FORMULA_PATTERN)).then("'" + text).otherwise(text).name.keep())
    taken = pl.Series(safe.columns).str.contains(FORMULA_PATTERN)
    return safe.rename({name: f"'{name}" for name, like in zip(safe.columns, taken, strict=True) if like})


def _open_compressed(stream: IO[bytes], packing: str) -> AbstractContextManager[IO[bytes]]:
    if packing == "gzip":  # no name and no time in it, so that the same table gives the same bytes
        return gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)  # type: ignore[return-value]
    if packing == "xz":
        return lzma.LZMAFile(stream, "wb")
    if packing == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(stream, closefd=False)
    return nullcontext(stream)


def _iter_chunks(frame: pl.DataFrame, kind: str, label: str, text: str, flat: bool) -> Iterator[bytes]:
    if kind in BINARY_FORMATS:
        whole = BytesIO()
        frame.write_parquet(whole) if kind == "parquet" else frame.write_ipc(whole)
        yield whole.getbuffer()  # type: ignore[misc]
        return
    starts = range(0, max(frame.height, 1), CHUNK_ROWS)
    if kind == "json":
        for start in starts:
            rows = frame.slice(start, CHUNK_ROWS).write_ndjson().encode().removesuffix(b"\n")
            yield (b",\n" if start else b"[") + rows.replace(b"\n", b",\n")  # in strings line breaks are escaped
        yield b"]\n"
        return
    if kind in ("tsv", "fasttext"):
        frame = _remove_breaks(frame.select(label, text) if kind == "fasttext" else frame, flat)
    if kind == "fasttext":
        frame = _fasttext_lines(frame)
    for start in starts:
        piece = frame.slice(start, CHUNK_ROWS)
        if kind == "jsonl":
            yield piece.write_ndjson().encode()
        elif kind == "csv":
            yield piece.write_csv(include_header=start == 0).encode()
        else:
            header = start == 0 and kind == "tsv"
            yield piece.write_csv(separator="\t", quote_style="never", include_header=header).encode()


def _remove_breaks(frame: pl.DataFrame, flat: bool) -> pl.DataFrame:
    """The table with no tab or line break in it, put right or refused."""
    texts = frame.select(pl.all().cast(pl.String))
    if flat:
        return texts.with_columns(pl.all().str.replace_all(BREAK_PATTERN, " "))
    named = pl.Series(texts.columns).str.contains(BREAK_PATTERN)
    if named.any():
        raise DataError(f"the name of column {named.arg_true()[0] + 1} holds a tab or a line break", hint="write a CSV")
    for column in texts:
        broken = column.str.contains(BREAK_PATTERN).arg_true()
        if len(broken):
            told = f'row {broken[0] + 1}: a tab or a line break in column "{column.name}"'
            raise DataError(told, hint="this format cannot hold it: write CSV, JSON lines or Parquet")
    return texts


def _fasttext_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """Lines of a label and a text, as fastText reads them."""
    label, text = frame.to_series(0), frame.to_series(1)
    for column, wrong, told in (
        (label, r"\s|^$", "fastText's labels are neither empty nor hold spaces"),
        (
            text,
            f"^{FASTTEXT_LABEL_PREFIX}",
            f"to fastText a text that begins with {FASTTEXT_LABEL_PREFIX} is another label",
        ),
    ):
        found = column.str.contains(wrong).arg_true()
        if len(found):
            row = found[0]
            raise DataError(f'row {row + 1}: "{column[row][:40]}" in column "{column.name}"', hint=told)
    return pl.select((pl.lit(FASTTEXT_LABEL_PREFIX) + label + " " + text).alias("line"))
