"""Limits on what a file may ask for: rejected with the variable that allows more, and read with it."""

from __future__ import annotations

import gzip
import lzma
import struct

import pytest
import zstandard

from tests.limits import cpu_ratio
from zoo_core.data.delimited.rows import parse_strictly
from zoo_core.data.files import delimited
from zoo_core.data.files.compression import decompress, is_compressed
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

ZSTD = zstandard.ZstdCompressor().compress
SKIPPABLE = struct.pack("<II", 0x184D2A5F, 3) + b"abc"


def read(registry, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    return read_table(tmp_path / name, registry).frame


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"a,b,c,d\n1,2,3,4\n"),
        ("a.csv", b'"a,",b,c,d\n1,2,3,4\n'),
        ("a.csv", b'"a",b,"c\n",d\n1,2,3,4\n'),
        ("a.csv", b"a,b,c,d\r1,2,3,4\r"),
        ("a.tsv", b"a\tb\tc\td\n1\t2\t3\t4\n"),
        ("a.jsonl", b'{"a":1,"b":2,"c":3,"d":4}\n'),
        ("a.json", b'[{"a":1,"b":2,"c":3,"d":4}]'),
    ],
)
def test_limits_columns(registry, tmp_path, monkeypatch, name, data):
    monkeypatch.setenv("ZOO_MAX_COLUMNS", "3")
    with pytest.raises(
        DataError, match=r":1: 4 columns, more than 3 \(hint: if that is intended, set ZOO_MAX_COLUMNS=4"
    ):
        read(registry, tmp_path, name, data)
    monkeypatch.setenv("ZOO_MAX_COLUMNS", "4")
    assert read(registry, tmp_path, name, data).shape == (1, 4)


def test_commas_in_quotes_are_no_columns(registry, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_MAX_COLUMNS", "2")
    assert read(registry, tmp_path, "a.csv", b'"a,,,,",b\n1,2\n').columns == ["a,,,,", "b"]


@pytest.mark.parametrize("start", [b"text,label\n", b'text,label\n"', b"a text\n", b'{"text": "'])
def test_limits_lines_while_they_are_read(registry, tmp_path, monkeypatch, start):
    monkeypatch.setenv("ZOO_MAX_LINE_MIB", "1")
    data = start + b"x" * (6 << 20)
    with pytest.raises(
        DataError, match=rf"a.csv:{1 + start.count(10)}: a line of more than 1 MiB .*ZOO_MAX_LINE_MIB=4"
    ):
        read(registry, tmp_path, "a.csv", data)


def test_an_array_may_be_one_long_line(registry, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_MAX_LINE_MIB", "1")
    data = b"[" + b",".join([b'{"a": "' + b"x" * 1000 + b'"}'] * 6000) + b"]"
    assert read(registry, tmp_path, "a.json", data).height == 6000


def test_a_field_is_not_collected_far_beyond_its_limit():
    with pytest.raises(DataError, match="2: a field has more than 10 characters"):
        parse_strictly(b'text,label\n"' + b"x\n" * 1000, ",", None, True, longest=10)


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"a\n1\n2\n", b"\n\na,b\n1,2\n", b"a,b\r\n\r\n\r\n1,2\r\n\n3,4"])
@pytest.mark.parametrize("blank", [b"", b"\n", b"\n\n\r\n", b"\r\n\r\n"])
def test_blank_lines_are_read_natively(data, blank):
    data += blank
    native = delimited.parse_natively(data, ",", True)
    assert native is not None
    assert native.equals(parse_strictly(data, ",", None, True))


@pytest.mark.parametrize("compress", [ZSTD, lzma.compress, gzip.compress], ids=["zstd", "xz", "gzip"])
def test_many_streams_take_linear_time(compress):
    streams = compress(b"ab") * 20_000
    assert decompress(streams, "f") == b"ab" * 20_000
    tenth = streams[: len(streams) // 10]
    assert cpu_ratio(lambda: decompress(streams, "f"), lambda: decompress(tenth, "f")) < 40  # 100 if it is quadratic


@pytest.mark.parametrize("data", [SKIPPABLE + ZSTD(b"ab"), ZSTD(b"a") + SKIPPABLE * 2 + ZSTD(b"b") + SKIPPABLE])
def test_skips_the_skippable_frames_of_zstd(data):
    assert is_compressed(data)
    assert decompress(data, "f") == b"ab"


@pytest.mark.parametrize("data", [SKIPPABLE[:6], SKIPPABLE[:-1], ZSTD(b"a") + SKIPPABLE[:7]])
def test_rejects_a_cut_skippable_frame(data):
    with pytest.raises(DataError, match="damaged zstd file: unexpected end of file"):
        decompress(data, "f")


def test_the_limit_of_decompression_is_set_by_the_environment(monkeypatch):
    monkeypatch.setenv("ZOO_MAX_MIB", "1")
    data = gzip.compress(bytes(2 << 20))
    with pytest.raises(DataError, match=r"to more than 1 MiB .*set ZOO_MAX_MIB=2"):
        decompress(data, "f")
    monkeypatch.setenv("ZOO_MAX_MIB", "2")
    assert len(decompress(data, "f")) == 2 << 20
