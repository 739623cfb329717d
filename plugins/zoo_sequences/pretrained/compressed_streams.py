"""Compressed files as streams of blocks: as large as they are, a block at a time is in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import IO, Any

from zoo_core.data.files.size_limits import MAX_MIB, max_unpacked_bytes
from zoo_core.errors import DataError

BLOCK_BYTES = 1 << 22
MAX_WINDOW_BYTES = 1 << 27  # of zstd
NOT_READ = {b"\xfd7zXZ": "an xz file", b"PK\x03\x04": "a zip archive", b"7z\xbc\xaf": "a 7z archive"}


class _BlockStream(io.RawIOBase):
    """A stream of the bytes of blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._block = blocks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._block:
            self._block = memoryview(next(self._blocks, b""))
        size = min(len(buffer), len(self._block))
        buffer[:size], self._block = self._block[:size], self._block[size:]
        return size


def decompressed(blocks: Iterator[bytes], name: str, packed_bytes: int) -> Iterator[bytes]:
    """The blocks of a file of so many bytes that may be compressed with gzip, bzip2 or zstd, as its first bytes say.

    Raises DataError if it is damaged, compressed in another way, or unpacked to more than `max_unpacked_bytes`.
    """
    head = next(blocks, b"")
    for magic, what in NOT_READ.items():
        if head.startswith(magic):
            raise DataError(f"this is {what}", where=name, hint="unpack it first")
    for magic, (kind, open_stream) in CODECS.items():
        if head.startswith(magic):
            stream = open_stream(io.BufferedReader(_BlockStream(chain([head], blocks)), BLOCK_BYTES))
            size, most = 0, max_unpacked_bytes(packed_bytes)
            try:
                for block in iter(partial(stream.read, BLOCK_BYTES), b""):
                    size += len(block)
                    if size > most:
                        text = f"this {kind} file decompresses to more than {most >> 20} MiB"
                        raise DataError(text, where=name, hint=MAX_MIB.hint(2 * most >> 20))
                    yield block
            except (OSError, EOFError, zlib.error) as error:
                raise DataError(f"damaged {kind} file: {error}", where=name, hint="download it again") from None
            return
    yield head
    yield from blocks


class _Zstd:
    """A zstd stream, of one frame or several, that must end with the end of a frame."""

    def __init__(self, stream: IO[bytes]) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
        self._stream, self._frame, self._rest = stream, self._decompressor.decompressobj(), b""

    def read(self, size: int = -1, /) -> bytes:
        while True:
            given = self._rest or self._stream.read(1 << 16)
            if not given:
                if self._frame is not None and not self._frame.eof:
                    raise EOFError("unexpected end of file")
                return b""
            if self._frame.eof:
                self._frame = self._decompressor.decompressobj()
            try:
                data = self._frame.decompress(given)
            except self._error as error:
                raise OSError(str(error)) from None
            self._rest = self._frame.unused_data
            if data:
                return data


CODECS: dict[bytes, tuple[str, Callable[[IO[bytes]], Any]]] = {
    b"\x1f\x8b": ("gzip", lambda stream: gzip.GzipFile(fileobj=stream)),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\x28\xb5\x2f\xfd": ("zstd", _Zstd),
}
