"""Formats and compressions are detected by the content of a file, whatever its name, also from a pipe."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import sys

import polars as pl
import pytest
import zstandard

from zoo_core.config.structure import build_component
from zoo_core.data.files.prediction_input import iter_prediction_tables
from zoo_core.data.files.reading import read_table
from zoo_core.data.files.writer import output_format, write_table
from zoo_core.errors import DataError
from zoo_formats.fasttext_reader import FastText, parse_labeled_lines
from zoo_formats.json_readers import JSONArray, JSONLines
from zoo_textbook.readers import Lines

ROWS = [("good, warm food", "positive"), ('he said "no"', "negative"), ("é ☕ {x}", "positive")]
FRAME = pl.DataFrame(ROWS, schema=["review", "rating"], orient="row")
SNIFFED_FORMATS = ["jsonl", "json", "parquet", "arrow", "fasttext"]
PACKINGS = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}


def write(kind, packing, rows=1):
    if kind == "lines":
        return PACKINGS[packing]("".join(f"{text}\n" for text, _ in ROWS * rows).encode())
    stream = io.BytesIO()
    write_table(pl.concat([FRAME] * rows), stream, output_format("", kind + packing), label="rating", text="review")
    return stream.getvalue()


def read(path, registry):
    frame = read_table(path, registry).frame
    return frame.rename({"text": "review", "label": "rating"}) if "text" in frame.columns else frame


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", SNIFFED_FORMATS)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.json", "a.jsonl", "a.ft", "a.parquet", "a", "a.dat"])
def test_detects_a_format_by_its_content(registry, tmp_path, kind, packing, name):
    path = tmp_path / name
    path.write_bytes(write(kind, packing))
    assert read(path, registry).select("review", "rating").rows() == ROWS


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    ("kind", "name"), [("csv", "a.tsv"), ("csv", "a"), ("tsv", "a.csv"), ("tsv", "a.dat"), ("csv", "a.parquet")]
)
def test_detects_the_separator_by_the_header(registry, tmp_path, kind, packing, name):
    path = tmp_path / name
    path.write_bytes(write(kind, packing))
    assert read(path, registry).rows() == ROWS


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", '"review": "a, b"}\n', "a.jsonl:1: more than one value on a line"),
        ("a.json", '{"review": "a"}\n"rating"\n', "a.json:2: not a JSON object"),
        ("a.json", '{\n "data": [{"review": "a"}]\n}\n', "a.json:1: a JSON object that goes over several lines"),
        ("a.json", '{"review": ["a", "b"], "rating": ["c", "d"]}', "a.json: one JSON object of lists or objects"),
        ("a.json", "review,rating\na,b\n", "a.json:1: not an array of JSON objects"),
        ("a.ft", "label__x a, b\n", "a.ft:1: missing label: the line must start with __label__ and a label"),
        ("a.txt", "__label__x a\nb\n", "a.txt:2: missing label: the line must start with __label__ and a label"),
        ("a.txt", "__label__x __label__y a\n", "a.txt:1: more than one label on a line"),
    ],
)
def test_the_reader_of_the_format_reports_a_damaged_file(registry, tmp_path, name, data, message):
    (tmp_path / name).write_text(data)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / name, registry)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("reader", "head", "is_recognized"),
    [
        (JSONLines(), b' {"a": 1}', True),
        (JSONLines(), rb'{ "a\"b" : 1}', True),
        (JSONLines(), b"{}", True),
        (JSONLines(), b"{x}, said he", False),
        (JSONLines(), b'{"x"} is a set', False),
        (JSONArray(), b'[\n {"a": 1}]', True),
        (JSONArray(), b"[sic], said he", False),
        (FastText(), b"__label__x a", True),
        (FastText(), b"a __label__x", False),
    ],
)
def test_sniffing(reader, head, is_recognized):
    assert reader.sniff(head) is is_recognized


@pytest.mark.parametrize("rows", [1, 5000], ids=["short", "longer than what is sniffed"])
@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", ["csv", "tsv", "lines", *SNIFFED_FORMATS])
def test_reads_prediction_input_from_a_pipe(registry, monkeypatch, kind, packing, rows):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(write(kind, packing, rows)), encoding="utf-8"))
    task = build_component(registry, "task", {"use": "yelp", "text": "text" if kind == "fasttext" else "review"})
    read_texts = [text for table in iter_prediction_tables("-", registry, task) for text in task.texts(table)]
    assert read_texts == [text for text, _ in ROWS] * rows


@pytest.mark.parametrize(("reader", "line"), [(Lines, "{}\n"), (FastText, "__label__x {}\n")])
def test_reports_a_line_beyond_the_limit(reader, line):
    data = (line.format("a") + line.format("a" * 9)).encode()
    assert reader(longest=9).read(io.BytesIO(data))["text"].to_list() == ["a", "a" * 9]
    with pytest.raises(DataError, match='2: the field "text" has 9 characters, more than 8'):
        reader(longest=8).read(io.BytesIO(data))


BITS = ["__label__ ", "__label__x ", "\n__label__x ", "\n__label__é good food", "\n", "x", "é", '"', ",", "word word"]
BITS += [" ", "\t", "\r\n", "\r", "\x85", "\x1c", "\u2028", "\u3000", "\ufeff"]  # space, to some


def line_by_line(data):
    """The rows of fastText's lines, or what is wrong with the first invalid one; white space as in Python."""
    rows = []
    for number, line in enumerate(data.split("\n"), start=1):
        line = line.strip("\r")
        label, _, text = line.strip(" \t").partition(" ")
        if line.strip() and (not label.startswith("__label__") or label == "__label__"):
            return f"{number}: missing label"
        if text.lstrip().startswith("__label__"):
            return f"{number}: more than one label on a line"
        if len(text) > 12:
            return f'{number}: the field "text" has {len(text)} characters'
        rows += [(text, label.removeprefix("__label__"))] if line.strip() else []
    return rows


@pytest.mark.parametrize("chunk_bytes", [9, 1 << 22])
def test_fasttext_equals_a_line_by_line_parser(chunk_bytes):
    draw, outcomes = random.Random(chunk_bytes), set()
    for _ in range(600):
        data = "".join(draw.choices(BITS, k=draw.randint(0, 14)))
        expected = line_by_line(data)
        outcomes.add(expected.partition(": ")[2][:9] if isinstance(expected, str) else len(expected))
        try:
            frame = parse_labeled_lines(io.BytesIO(data.encode()), longest=12, chunk_bytes=chunk_bytes)
        except DataError as error:
            assert isinstance(expected, str) and str(error).startswith(expected), data
        else:
            assert (frame.columns, frame.rows()) == (["text", "label"], expected), data
    assert outcomes >= {0, 1, 2, 3, "missing l", "more than", "the field"}  # each was met


@pytest.mark.parametrize("blank", ["", " \t", "\x1c", "\xa0", "\x85\r"])
def test_line_of_row_of_fasttext(blank):
    data = f"{blank}\n__label__a x\n{blank}\n__label__b y\n".encode()
    assert FastText().read(io.BytesIO(data))["text"].to_list() == ["x", "y"]
    assert [FastText().line_of_row(io.BytesIO(data), row) for row in range(3)] == [2, 4, 0]
