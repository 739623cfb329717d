"""Compression."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from zoo_core.errors import DataError

CHUNK_BYTES = 1 << 20  # bytes unpacked at once
ZSTD_CHUNK = 1 << 10  # packed bytes given to zstd at once: each may become 32 KiB
MAX_DECODER_BYTES = 1 << 27  # bytes an unpacker may ask for itself
MAX_RATIO = 40  # how much larger than its file what is unpacked may be …
MIN_LIMIT = 64 << 20  # … and the bytes it may have however small the file
COMPRESSION_SUFFIXES = (".gz", ".xz", ".zst", ".bz2")


def _decompress_gzip(data: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


def _decompress_bzip2(data: bytes) -> Iterator[bytes]:
    with bz2.BZ2File(BytesIO(data)) as stream:
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


def _decompress_xz(data: bytes) -> Iterator[bytes]:
    while data.strip(b"\0"):  # streams one after another, zeros between them
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DECODER_BYTES)
        yield stream.decompress(data, CHUNK_BYTES)
        while not stream.eof:
            piece = stream.decompress(b"", CHUNK_BYTES)
            if not piece and stream.needs_input:
                raise EOFError("it ends too early")
            yield piece
        data = stream.unused_data


def _decompress_zstd(data: bytes) -> Iterator[bytes]:
    import zstandard

    while data:  # frames one after another
        frame = zstandard.ZstdDecompressor(max_window_size=MAX_DECODER_BYTES).decompressobj()
        at = 0
        while not frame.eof and at < len(data):
            yield frame.decompress(data[at : at + ZSTD_CHUNK])
            at += ZSTD_CHUNK
        if not frame.eof:
            raise EOFError("it ends too early")
        data = frame.unused_data + data[at:]


CODECS = (  # the first bytes of a packed file, what it is called, and what unpacks it
    (b"\x1f\x8b", "gzip", _decompress_gzip),
    (b"\xfd7zXZ\x00", "xz", _decompress_xz),
    (b"\x28\xb5\x2f\xfd", "zstd", _decompress_zstd),
    (b"BZh", "bzip2", _decompress_bzip2),
)


def is_compressed(data: bytes) -> bool:
    """Whether a file that begins so is packed."""
    return any(data.startswith(magic) for magic, _, _ in CODECS)


def decompress(data: bytes, name: str) -> bytes:
    """Bytes out of a gzip, xz, zstd or bzip2 file; those of any other as they are.

    DataError for one that is damaged, cut short, or would unpack to more than 64 MiB and forty times its size.
    """
    for magic, kind, pieces in CODECS:
        if data.startswith(magic):
            return _collect(pieces(data), max(MIN_LIMIT, MAX_RATIO * len(data)), kind, name)
    return data


def _collect(pieces: Iterator[bytes], most: int, kind: str, name: str) -> bytes:
    found = bytearray()
    try:
        for piece in pieces:
            found += piece
            if len(found) > most:
                break
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise DataError(f"a damaged {kind} file: {error}", where=name) from None
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise DataError(f"a damaged {kind} file: {error}", where=name) from None
    if len(found) > most:
        hint = "if it is meant to, unpack it and pass it on through a pipe"
        raise DataError(f"this {kind} file unpacks to more than {most >> 20} MiB", where=name, hint=hint)
    return bytes(found)


def format_suffix(name: str) -> str:
    """What a file's name says of its format, whatever it is packed with: ".csv" of "reviews.csv.gz"."""
    path = Path(name)
    return Path(path.stem).suffix.lower() if path.suffix.lower() in COMPRESSION_SUFFIXES else path.suffix.lower()
