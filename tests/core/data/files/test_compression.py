"""Compressed files: decompressed whole, rejected if damaged, truncated or too large."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random

import pytest
import zstandard

from zoo_core.data.files.compression import MIN_LIMIT_MIB, decompress, format_suffix, is_compressed
from zoo_core.data.files.size_limits import max_unpacked_bytes
from zoo_core.errors import DataError

COMPRESSORS = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "bzip2": bz2.compress,
}
DATA = random.Random(1).randbytes(200_000)


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_decompresses_one_stream_or_several(kind):
    compress = COMPRESSORS[kind]
    assert is_compressed(compress(DATA))
    assert decompress(compress(DATA), "f") == DATA
    assert decompress(compress(DATA[:90]) + compress(DATA[90:]), "f") == DATA


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_rejects_truncated_files(kind):
    with pytest.raises(DataError, match=f"^f: damaged {kind} file: "):
        decompress(COMPRESSORS[kind](DATA)[:-20], "f")


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_rejects_damaged_files(kind):
    data = bytearray(COMPRESSORS[kind](b"good food " * 2000))
    data[6:40] = b"\xff" * 34
    with pytest.raises(DataError, match=f"^f: damaged {kind} file: "):
        decompress(bytes(data), "f")


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_rejects_files_that_decompress_to_too_much(kind, monkeypatch):
    monkeypatch.setenv("ZOO_MAX_MIB", "1")
    with pytest.raises(DataError, match=f"this {kind} file decompresses to more than 1 MiB"):
        decompress(COMPRESSORS[kind](bytes((1 << 20) + 1)), "f")


def test_the_limit_is_64_mib_or_40_times_the_file():
    assert max_unpacked_bytes(1000, MIN_LIMIT_MIB) == 64 << 20
    assert max_unpacked_bytes(2 << 20, MIN_LIMIT_MIB) == 80 << 20


def test_returns_other_data_unchanged():
    assert not is_compressed(b"text,label\n")
    assert decompress(b"text,label\n", "f") == b"text,label\n"


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.csv", ".csv"), ("a.CSV.GZ", ".csv"), ("a.zst", ""), ("a.b.tsv.xz", ".tsv"), ("a", "")]
)
def test_format_suffix(name, suffix):
    assert format_suffix(name) == suffix
