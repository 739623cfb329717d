"""Texts to predict: the same whatever the size of the chunks in which a file is read."""

from __future__ import annotations

import io
import json
import sys
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.data.files.prediction_input import iter_prediction_tables, rebatch
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

REGISTRY = open_zoo().registry
TASK = build_component(REGISTRY, "task", "yelp")
WORDS = ["good, warm", 'a "quote"', "two\nlines", "", "NA", "é ☕", "plain words " * 3, "end\n", '"', ","]


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def files(texts):
    """The same texts in each format that is read in chunks: name, bytes, and the texts that it can represent."""
    flat = [text.replace("\n", " ").replace("\t", " ") for text in texts]
    records = (json.dumps({"id": at, "review": text}) for at, text in enumerate(texts))
    return {
        "c.csv": ("id,review\n" + "".join(f"{at},{quoted(text)}\n" for at, text in enumerate(texts)), texts),
        "one.csv": ("review\r\n" + "".join(f"{quoted(text)}\r\n" for text in texts), texts),
        "t.tsv": ("id\treview\n" + "".join(f"{at}\t{text}\n" for at, text in enumerate(flat)), flat),
        "l.txt": ("\n".join(flat) + "\n", flat),
        "r.jsonl": ("\n" + "\n\n".join(records), texts),
    }


def read(path, **options):
    tables = list(iter_prediction_tables(str(path), REGISTRY, TASK, **options))
    return tables, [text for table in tables for text in TASK.texts(table)]


@pytest.mark.parametrize("chunk_bytes", [4, 9, 40, 100, 1 << 22])
@pytest.mark.parametrize("name", files(WORDS))
def test_chunks_have_the_rows_and_locations_of_the_whole_file(tmp_path, name, chunk_bytes):
    data, texts = files(WORDS * (2 if chunk_bytes < 40 else 5))[name]
    for mark in ("", "\ufeff"):
        (tmp_path / name).write_bytes((mark + data).encode())
        tables, found = read(tmp_path / name, chunk_bytes=chunk_bytes)
        assert found == texts == TASK.texts(read_table(str(tmp_path / name), REGISTRY)).to_list()
        assert len(tables) > 3 or chunk_bytes > 100
        locations = [table.location(row) for table in tables for row in range(table.frame.height)]
        whole = read_table(str(tmp_path / name), REGISTRY)
        assert locations == [whole.location(row) for row in range(whole.frame.height)]


@given(st.lists(st.text(st.sampled_from('ab,"\n\r é'), max_size=6), min_size=1, max_size=9), st.integers(4, 30))
def test_any_csv_in_any_chunks(tmp_path_factory, texts, chunk_bytes):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(("review,id\n" + "".join(f"{quoted(text)},{at}\n" for at, text in enumerate(texts))).encode())
    assert read(path, chunk_bytes=chunk_bytes)[1] == texts


BROKEN = [
    ("a.csv", 'id,review\n1,"two\nlines"\n2,good\n\n3,a,b\n4,good\n'),
    ("b.csv", 'id,review\n1,good\n2,"never closed\n3,good\n4,good\n'),
    ("c.csv", 'id,review\n1,good\n2,"text" after\n3,good\n'),
    ("d.csv", 'id,review\n1,good\n2,"open\n3,"after\n4,good\n'),
    ("e.csv", "id,review\n1,good\n2,nul\0\n"),
    ("f.csv", "id,id\n1,good\n2,good\n3,good\n"),
    ("g.csv", "id,review\n\n"),
    ("h.csv", ""),
    ("i.tsv", "id\treview\n1\tgood\n2\ta\tb\n3\tgood\n"),
    ("j.jsonl", '{"review": "good"}\n\n{"review": "bad"}\n{"review": 1, "review": 2}\n'),
    ("k.jsonl", '{"review": "good"}\n{"review": "bad"}\n{"review": \n'),
    ("l.ft", "__label__a good\n__label__b bad\nnone\n"),
    ("m.txt", "good\nnul\0\n"),
    ("n.xlsx", "PK\n"),
]


@pytest.mark.parametrize("chunk_bytes", [4, 12, 1 << 22])
@pytest.mark.parametrize(("name", "data"), BROKEN, ids=[name for name, _ in BROKEN])
def test_reports_the_error_of_the_whole_file(tmp_path, name, data, chunk_bytes):
    (tmp_path / name).write_bytes(data.encode())
    with pytest.raises(DataError) as whole:
        read_table(str(tmp_path / name), REGISTRY)
    with pytest.raises(DataError) as chunked:
        read(tmp_path / name, chunk_bytes=chunk_bytes)
    assert str(chunked.value) == str(whole.value)


def test_reports_the_line_of_invalid_utf_8(tmp_path):
    (tmp_path / "x.txt").write_bytes("é\n".encode() * 9 + b"\xff\n")
    with pytest.raises(DataError, match=r"x.txt:10: not UTF-8 \(byte 0xff\)"):
        read(tmp_path / "x.txt", chunk_bytes=4)


def test_no_table_has_more_rows_than_a_chunk(tmp_path):
    (tmp_path / "x.txt").write_text("some text\n" * 5000)
    tables = iter_prediction_tables(str(tmp_path / "x.txt"), REGISTRY, TASK, chunk_bytes=1000)
    heights = [table.frame.height for table in tables]
    assert (sum(heights), max(heights)) == (5000, 100)


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"good, warm\nbad\n", ["good, warm", "bad"]),
        (b"good, warm\n" * 9000, ["good, warm"] * 9000),  # more than the head of a file
        (b"rating,review\na,good\nb,bad\n", ["good", "bad"]),
        (b"\xef\xbb\xbfrating\treview\na\tgood\n", ["good"]),
        (b"one\n\nthree", ["one", "", "three"]),
        ("review,x\ngood,1\n".encode("utf-16"), ["good"]),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [64, 1 << 22])
def test_standard_input_has_a_text_per_line_unless_the_header_has_the_text_column(
    monkeypatch, data, texts, chunk_bytes
):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert read("-", chunk_bytes=chunk_bytes)[1] == texts


@given(st.lists(st.integers(0, 9), max_size=9), st.integers(1, 12))
def test_rebatch_does_not_depend_on_the_frames(lengths, rows):
    texts = [str(at) for at in range(sum(lengths))]
    ends = [sum(lengths[:at]) for at in range(len(lengths) + 1)]
    frames = [pl.DataFrame({"text": pl.Series(texts[a:b], dtype=pl.String)}) for a, b in pairwise(ends)]
    batches = [batch["text"].to_list() for batch in rebatch(frames, rows)]
    assert batches == [texts[at : at + rows] for at in range(0, len(texts), rows)]


@pytest.mark.parametrize(
    ("lines", "option"),
    [
        ("id|text\n1|good, cheap food\n", "--delimiter '|'"),
        ("1\tgood\n0\tbad\n", "--delimiter tab"),
        ("good, cheap\nbad, dear\n", ""),
        ("a|b\nc\n", ""),
    ],
)
def test_lines_that_seem_to_be_a_table_are_warned_of(tmp_path, caplog, lines, option):
    (tmp_path / "x.txt").write_text(lines)
    list(iter_prediction_tables(str(tmp_path / "x.txt"), REGISTRY, TASK))
    assert (f"(hint: add {option})" in caplog.text) if option else not caplog.text
