"""Compressed files: gzip, xz, zstd and bzip2, recognized by their first bytes and decompressed within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from zoo_core.data.files.size_limits import MAX_MIB, max_unpacked_bytes
from zoo_core.errors import DataError

CHUNK_BYTES = 1 << 20  # decompressed at once
INPUT_BYTES = 1 << 12  # compressed bytes given to xz at once; what follows the end of a stream is copied
ZSTD_INPUT_BYTES = 1 << 10  # … to zstd: each may become 32 KiB
MAX_DECODER_BYTES = 1 << 27  # of memory for the state of a decoder
NEEDS_MEMORY = f"it needs more than {MAX_DECODER_BYTES >> 20} MiB of memory"
UNSUPPORTED_ZSTD = {"too much memory": NEEDS_MEMORY, "Dictionary mismatch": "it needs a dictionary"}
MIN_LIMIT_MIB = 64  # may be decompressed from however few bytes
SKIPPABLE_FRAME = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # of zstd: it has no data (RFC 8878, 3.1.2)
SKIPPABLE_HEADER_BYTES = 8
COMPRESSION_SUFFIXES = (".gz", ".xz", ".zst", ".bz2")


class UnsupportedFrame(Exception):
    """Valid compressed data that is not decompressed."""


def is_compressed(data: bytes) -> bool:
    """Whether a file that begins with these bytes is compressed."""
    return any(magic.match(data) for magic, _, _ in CODECS)


def decompress(data: bytes, name: str) -> bytes:
    """Decompress a gzip, xz, zstd or bzip2 file; other data is returned unchanged.

    Raises DataError if the file is damaged or truncated, or decompresses to more than its limit: 64 MiB, or 40 times
    its size.
    """
    for magic, kind, decompressor in CODECS:
        if magic.match(data):
            return _collect(decompressor(data), max_unpacked_bytes(len(data), MIN_LIMIT_MIB), kind, name)
    return data


def format_suffix(name: str) -> str:
    """The suffix of a file name without that of its compression: ".csv" for "reviews.csv.gz"."""
    path = Path(name)
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSION_SUFFIXES else suffix


def _collect(chunks: Iterator[bytes], max_bytes: int, kind: str, name: str) -> bytes:
    """Join decompressed chunks, and stop once they exceed the limit."""
    data = bytearray()
    try:
        for chunk in chunks:
            data += chunk
            if len(data) > max_bytes:
                message = f"this {kind} file decompresses to more than {max_bytes >> 20} MiB"
                raise DataError(message, where=name, hint=MAX_MIB.hint(2 * max_bytes >> 20))
    except UnsupportedFrame as error:
        raise DataError(f"unsupported {kind} file: {error}", where=name, hint="unpack it first") from None
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise DataError(f"damaged {kind} file: {error}", where=name) from None
    return bytes(data)


def _decompress_gzip(data: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


def _decompress_bzip2(data: bytes) -> Iterator[bytes]:
    with bz2.BZ2File(BytesIO(data)) as stream:
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


def _decompress_xz(data: bytes) -> Iterator[bytes]:
    at = 0
    while rest := data[at : at + INPUT_BYTES]:  # a file may have several streams, padded with zeros
        if not rest.strip(b"\0"):
            at += len(rest)
            continue
        at += len(rest) - len(rest.lstrip(b"\0"))
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DECODER_BYTES)
        while not stream.eof:
            given = data[at : at + INPUT_BYTES] if stream.needs_input else b""
            if stream.needs_input and not given:
                raise EOFError("unexpected end of file")
            at += len(given)
            try:
                yield stream.decompress(given, CHUNK_BYTES)
            except lzma.LZMAError as error:
                if "Memory usage limit" in str(error):
                    raise UnsupportedFrame(NEEDS_MEMORY) from None
                raise
        at -= len(stream.unused_data)


def _decompress_zstd(data: bytes) -> Iterator[bytes]:
    import zstandard

    decompressor, at = zstandard.ZstdDecompressor(max_window_size=MAX_DECODER_BYTES), 0
    while at < len(data):  # a file may have several frames
        if SKIPPABLE_FRAME.match(data, at):
            at += SKIPPABLE_HEADER_BYTES + int.from_bytes(data[at + 4 : at + SKIPPABLE_HEADER_BYTES], "little")
            if at > len(data):
                raise EOFError("unexpected end of file")
            continue
        frame = decompressor.decompressobj()
        while not frame.eof:
            given = data[at : at + ZSTD_INPUT_BYTES]
            if not given:
                raise EOFError("unexpected end of file")
            at += len(given)
            try:
                yield frame.decompress(given)
            except zstandard.ZstdError as error:
                for cause, needed in UNSUPPORTED_ZSTD.items():
                    if cause in str(error):
                        raise UnsupportedFrame(needed) from None
                raise OSError(str(error)) from None
        at -= len(frame.unused_data)


CODECS = (  # the first bytes of a file, the name of its format, and the decompressor
    (re.compile(rb"\x1f\x8b"), "gzip", _decompress_gzip),
    (re.compile(rb"\xfd7zXZ\x00"), "xz", _decompress_xz),
    (re.compile(rb"\x28\xb5\x2f\xfd|" + SKIPPABLE_FRAME.pattern), "zstd", _decompress_zstd),
    (re.compile(rb"BZh"), "bzip2", _decompress_bzip2),
)
