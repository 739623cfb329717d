"""Compressed files: gzip, xz, zstd and bzip2, recognized by their first bytes and decompressed within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from zoo_core.errors import DataError

CHUNK_BYTES = 1 << 20  # decompressed at once
ZSTD_CHUNK_BYTES = 1 << 10  # compressed bytes given to zstd at once: each may become 32 KiB
MAX_DECODER_BYTES = 1 << 27  # of memory for the state of a decoder
MAX_RATIO = 40  # of decompressed to compressed size …
MIN_LIMIT_BYTES = 64 << 20  # … but at least this much may be decompressed
COMPRESSION_SUFFIXES = (".gz", ".xz", ".zst", ".bz2")


def is_compressed(data: bytes) -> bool:
    """Whether a file that begins with these bytes is compressed."""
    return any(data.startswith(magic) for magic, _, _ in CODECS)


def decompress(data: bytes, name: str) -> bytes:
    """Decompress a gzip, xz, zstd or bzip2 file; other data is returned unchanged.

    Raises DataError if the file is damaged or truncated, or decompresses to more than 64 MiB and 40 times its size.
    """
    for magic, kind, decompressor in CODECS:
        if data.startswith(magic):
            return _collect(decompressor(data), max(MIN_LIMIT_BYTES, MAX_RATIO * len(data)), kind, name)
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
                hint = "if that is intended, decompress it and send it through a pipe"
                raise DataError(message, where=name, hint=hint)
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
    while data.strip(b"\0"):  # a file may have several streams, padded with zeros
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DECODER_BYTES)
        yield stream.decompress(data, CHUNK_BYTES)
        while not stream.eof:
            chunk = stream.decompress(b"", CHUNK_BYTES)
            if not chunk and stream.needs_input:
                raise EOFError("unexpected end of file")
            yield chunk
        data = stream.unused_data


def _decompress_zstd(data: bytes) -> Iterator[bytes]:
    import zstandard

    while data:  # a file may have several frames
        frame = zstandard.ZstdDecompressor(max_window_size=MAX_DECODER_BYTES).decompressobj()
        at = 0
        while not frame.eof and at < len(data):
            try:
                chunk = frame.decompress(data[at : at + ZSTD_CHUNK_BYTES])
            except zstandard.ZstdError as error:
                raise OSError(str(error)) from None
            yield chunk
            at += ZSTD_CHUNK_BYTES
        if not frame.eof:
            raise EOFError("unexpected end of file")
        data = frame.unused_data + data[at:]


CODECS = (  # the first bytes of a file, the name of its format, and the decompressor
    (b"\x1f\x8b", "gzip", _decompress_gzip),
    (b"\xfd7zXZ\x00", "xz", _decompress_xz),
    (b"\x28\xb5\x2f\xfd", "zstd", _decompress_zstd),
    (b"BZh", "bzip2", _decompress_bzip2),
)
