"""Tables written in every format and packing, and read back by others' readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma

import polars as pl
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.files.writer import (
    COMPRESSION_SUFFIXES,
    FORMATS,
    OutputFormat,
    output_format,
    write_table,
)
from zoo_core.data.spreadsheet_formulas import escape_formulas
from zoo_core.errors import DataError, RecipeError

FRAME = pl.DataFrame(
    {
        "label": ["good", "bad", "good"],
        "text": ['a "quoted", text', "", "naïve 😍 \\n NA null =1+1"],
        "split": ["train", "val", "test"],
    }
)
BROKEN = FRAME.with_columns(text=pl.Series(["two\nlines", "a\ttab", "a\rreturn"]))
cells = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
tables = st.lists(st.tuples(cells, cells), min_size=1, max_size=6)


def written(frame: pl.DataFrame, form: OutputFormat, **options) -> bytes:
    stream = io.BytesIO()
    write_table(frame, stream, form, **options)
    return stream.getvalue()


def unpacked(data: bytes, packing: str) -> bytes:
    if packing == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return {"gzip": gzip.decompress, "xz": lzma.decompress, "": bytes}[packing](data)


def read(data: bytes, kind: str) -> list[dict[str, str]]:
    """Rows, by a reader that is not ours."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))
    if kind == "tsv":
        names, *rows = (line.split("\t") for line in data.decode().removesuffix("\n").split("\n"))
        return [dict(zip(names, row, strict=True)) for row in rows]
    if kind == "jsonl":
        return [json.loads(line) for line in data.decode().removesuffix("\n").split("\n")]
    if kind == "json":
        return json.loads(data)
    if kind == "fasttext":
        lines = [line.split(" ", 1) for line in data.decode().removesuffix("\n").split("\n")]
        return [{"label": label.removeprefix("__label__"), "text": text} for label, text in lines]
    return (pl.read_parquet if kind == "parquet" else pl.read_ipc)(io.BytesIO(data)).to_dicts()


@pytest.mark.parametrize("packing", ["", *COMPRESSION_SUFFIXES.values()])
@pytest.mark.parametrize("kind", FORMATS)
def test_writes_what_can_be_read_back_and_the_same_bytes_each_time(kind, packing):
    form = OutputFormat(kind, packing)
    data = written(FRAME, form)
    expected = FRAME.select("label", "text") if kind == "fasttext" else FRAME
    assert read(unpacked(data, packing), kind) == expected.to_dicts()
    assert written(FRAME, form) == data


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json", "parquet", "arrow"])
@given(tables)
def test_preserves_any_cell(kind, rows):
    frame = pl.DataFrame(rows, schema={"a,b": pl.String, 'c"': pl.String}, orient="row")
    assert read(written(frame, OutputFormat(kind)), kind) == frame.to_dicts()


@pytest.mark.parametrize("kind", FORMATS)
def test_writes_rows_in_chunks(kind):
    whole = written(FRAME, OutputFormat(kind))
    assert len(read(whole, kind)) == 3
    assert written(FRAME, OutputFormat(kind), chunk_rows=2) == whole


@pytest.mark.parametrize("kind", ["tsv", "fasttext"])
def test_rejects_or_replaces_line_breaks(kind):
    for row in range(3):
        with pytest.raises(DataError, match='row 1: a tab or a line break in column "text"'):
            written(BROKEN.slice(row, 1), OutputFormat(kind))
    texts = [row["text"] for row in read(written(BROKEN, OutputFormat(kind), replace_breaks=True), kind)]
    assert texts == ["two lines", "a tab", "a return"]


@pytest.mark.parametrize(
    ("label", "text", "reason"),
    [("two words", "x", "contain spaces"), ("", "x", "must not be empty"), ("a", "__label__b x", "as a label")],
)
def test_rejects_what_fasttext_would_misread(label, text, reason):
    with pytest.raises(DataError, match=reason):
        written(pl.DataFrame({"label": ["a", label], "text": ["x", text]}), OutputFormat("fasttext"))


@pytest.mark.parametrize(
    ("name", "wanted", "form"),
    [
        ("a.csv", "", OutputFormat("csv")),
        ("A.B.TSV", "", OutputFormat("tsv")),
        ("a.jsonl.gz", "", OutputFormat("jsonl", "gzip")),
        ("a.ndjson.xz", "", OutputFormat("jsonl", "xz")),
        ("a.feather", "", OutputFormat("arrow")),
        ("train.ft.txt", "", OutputFormat("fasttext")),
        ("a", "", OutputFormat("csv")),
        ("a.gz", "", OutputFormat("csv", "gzip")),
        ("", "parquet", OutputFormat("parquet")),
        ("", "json.zst", OutputFormat("json", "zstd")),
        ("a.csv.xz", "tsv", OutputFormat("tsv", "xz")),
        ("notes.txt", "csv", OutputFormat("csv")),
    ],
)
def test_format_of_a_file_name_or_a_named_format(name, wanted, form):
    assert output_format(name, wanted) == form


@pytest.mark.parametrize(("name", "wanted"), [("a.txt", ""), ("a.csv.bz2", ""), ("a.csv", "xml"), ("a", "csv.bz2")])
def test_rejects_unknown_formats(name, wanted):
    with pytest.raises(RecipeError, match="format"):
        output_format(name, wanted)


FORMULAS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n", "\n=1", " =1", "\u00a0\u3000\u2028=1", '"=1', "＝1", "﹢1"]
FORMULAS += ["\ufeff=1", "\u200b@x", "\x1b=1", "\r\n－1", '" ＠x']
PLAIN = ["a=1", "", "é", "1-2", "a\n=1", "'=1", " ", "−1", "(=1)", "한=국"]


def test_cells_that_a_spreadsheet_would_compute():
    cells = [*FORMULAS, *PLAIN]
    frame = pl.DataFrame({"=said": cells, "n": [-1.5] * len(cells)})
    expected = [f"'{cell}" for cell in FORMULAS] + PLAIN
    assert escape_formulas(frame, OutputFormat("csv")).to_dict(as_series=False) == {
        "'=said": expected,
        "n": [-1.5] * len(cells),
    }
    assert read(written(frame, OutputFormat("csv")), "csv")[0]["=said"] == "=1+1"  # kept unless asked
    with pytest.raises(RecipeError, match="cannot be escaped"):
        escape_formulas(frame, OutputFormat("jsonl"))
    twins = pl.DataFrame({"=a": ["x"], "'=a": ["y"]})
    assert escape_formulas(twins, OutputFormat("csv")).columns == ["''=a", "'=a"]
