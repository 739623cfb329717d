"""Texts to predict are read in pieces, and are those of the whole file whatever the pieces."""

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
from zoo_core.data.files import chunks
from zoo_core.data.files.prediction_input import iter_prediction_tables, rebatch
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

REGISTRY = open_zoo().registry
TASK = build_component(REGISTRY, "task", "yelp")
WORDS = ["good, warm", 'a "quote"', "two\nlines", "", "NA", "é ☕", "plain words " * 3, "end\n", '"', ","]


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def files(texts):
    """The same texts in each format that is read in pieces: name, bytes, the texts that it can hold."""
    flat = [text.replace("\n", " ").replace("\t", " ") for text in texts]
    records = (json.dumps({"id": at, "review": text}) for at, text in enumerate(texts))
    return {
        "c.csv": ("id,review\n" + "".join(f"{at},{quoted(text)}\n" for at, text in enumerate(texts)), texts),
        "one.csv": ("review\r\n" + "".join(f"{quoted(text)}\r\n" for text in texts), texts),
        "t.tsv": ("id\treview\n" + "".join(f"{at}\t{text}\n" for at, text in enumerate(flat)), flat),
        "l.txt": ("\n".join(flat) + "\n", flat),
        "r.jsonl": ("\n" + "\n\n".join(records), texts),
    }


def read(path, **given):
    tables = list(iter_prediction_tables(str(path), REGISTRY, TASK, **given))
    return tables, [text for table in tables for text in TASK.texts(table)]


@pytest.mark.parametrize("size", [4, 9, 40, 100, 1 << 22])
@pytest.mark.parametrize("name", files(WORDS))
def test_the_pieces_are_the_whole(tmp_path, monkeypatch, name, size):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    data, texts = files(WORDS * 5)[name]
    for mark in ("", "\ufeff"):
        (tmp_path / name).write_bytes((mark + data).encode())
        tables, found = read(tmp_path / name)
        assert found == texts == TASK.texts(read_table(str(tmp_path / name), REGISTRY)).to_list()
        assert len(tables) > 3 or size > 100
        places = [table.location(row) for table in tables for row in range(table.frame.height)]
        whole = read_table(str(tmp_path / name), REGISTRY)
        assert places == [whole.location(row) for row in range(whole.frame.height)]


@given(st.lists(st.text(st.sampled_from('ab,"\n\r é'), max_size=6), min_size=1, max_size=9), st.integers(4, 30))
def test_any_csv_in_any_pieces(tmp_path_factory, texts, size):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(("review,id\n" + "".join(f"{quoted(text)},{at}\n" for at, text in enumerate(texts))).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK_BYTES", size)
        assert read(path)[1] == texts


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
    ("j.jsonl", '{"review": "good"}\n\n{"review": "bad"}\n{"review": 1, "more": 2}\n'),
    ("k.jsonl", '{"review": "good"}\n{"review": "bad"}\n{"review": \n'),
    ("l.ft", "__label__a good\n__label__b bad\nnone\n"),
    ("m.txt", "good\nnul\0\n"),
    ("n.xlsx", "PK\n"),
]


@pytest.mark.parametrize("size", [4, 12, 1 << 22])
@pytest.mark.parametrize(("name", "data"), BROKEN, ids=[name for name, _ in BROKEN])
def test_a_fault_is_told_as_of_the_whole(tmp_path, monkeypatch, name, data, size):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    (tmp_path / name).write_bytes(data.encode())
    with pytest.raises(DataError) as whole:
        read_table(str(tmp_path / name), REGISTRY)
    with pytest.raises(DataError) as pieces:
        read(tmp_path / name)
    assert str(pieces.value) == str(whole.value)


def test_what_is_not_utf_8_is_told_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 4)
    (tmp_path / "x.txt").write_bytes("é\n".encode() * 9 + b"\xff\n")
    with pytest.raises(DataError, match=r"x.txt:10: not UTF-8 \(byte 0xff\)"):
        read(tmp_path / "x.txt")


def test_a_text_is_let_go_before_the_next(tmp_path, monkeypatch):
    """What is held of the file at any time is a piece, not the file."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1000)
    (tmp_path / "x.txt").write_text("some text\n" * 5000)
    heights = [table.frame.height for table in iter_prediction_tables(str(tmp_path / "x.txt"), REGISTRY, TASK)]
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
@pytest.mark.parametrize("size", [64, 1 << 22])
def test_standard_input(monkeypatch, data, texts, size):
    """One text on each line, unless the header has the task's column."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert read("-")[1] == texts


@given(st.lists(st.integers(0, 9), max_size=9), st.integers(1, 12))
def test_batches_do_not_depend_on_the_columns(lengths, rows):
    texts = [str(at) for at in range(sum(lengths))]
    ends = [sum(lengths[:at]) for at in range(len(lengths) + 1)]
    columns = [pl.Series(texts[a:b], dtype=pl.String) for a, b in pairwise(ends)]
    batches = [one.to_list() for one in rebatch(columns, rows)]
    assert batches == [texts[at : at + rows] for at in range(0, len(texts), rows)]
