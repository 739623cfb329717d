"""Compressed files: decompressed whole, rejected if damaged, truncated or too large."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import zlib

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


UNSUPPORTED = {
    "a window of 2 GB": (bytes([0x00, 0xA8]), "more than 128 MiB of memory"),
    "a declared size": (bytes([0xE0]) + (1 << 40).to_bytes(8, "little"), "more than 128 MiB of memory"),
    "a dictionary": (bytes([0x23]) + (77).to_bytes(4, "little") + b"\5", "a dictionary"),
}


@pytest.mark.parametrize(("header", "needed"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_sound_zstd_file_that_needs_more_is_not_called_damaged(header, needed):
    last_raw_block = (5 << 3 | 1).to_bytes(3, "little") + b"hello"
    with pytest.raises(DataError, match=rf"^f: unsupported zstd file: it needs {needed}"):
        decompress(b"\x28\xb5\x2f\xfd" + header + last_raw_block, "f")


def test_a_sound_xz_file_with_a_large_dictionary_is_not_called_damaged():
    data = bytearray(lzma.compress(DATA, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]))
    data[16] = 37  # the property of a dictionary of 1 GiB; then the CRC of the header of the block
    data[20:24] = zlib.crc32(data[12:20]).to_bytes(4, "little")
    with pytest.raises(DataError, match=r"^f: unsupported xz file: it needs more than 128 MiB of memory"):
        decompress(bytes(data), "f")
