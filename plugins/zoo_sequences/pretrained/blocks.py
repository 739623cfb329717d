"""A file in blocks: read and hashed ahead of its consumer, and cut at the ends of lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import repeat, takewhile
from typing import BinaryIO

from zoo_core.errors import DataError
from zoo_core.parallel import prefetch_map

BLOCK_BYTES = 1 << 22  # read at once, and at most in a line
BOM = b"\xef\xbb\xbf"


class HashedBlocks:
    """The blocks of a stream, read and hashed in a thread ahead of their consumer."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._digest = stream, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        yield from takewhile(bool, prefetch_map(self._read, repeat(BLOCK_BYTES)))

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data

    def sha256(self) -> str:
        """The SHA-256 of the whole stream; what is not read yet is read now."""
        while self._read(BLOCK_BYTES):
            pass
        return self._digest.hexdigest()


def whole_lines(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The blocks of a text, each cut after its last line, which ends with a line break; no byte-order mark.

    Raises DataError for a line that is too long.
    """
    rest, lines, is_first = b"", 0, True
    for block in blocks:
        if is_first:
            block, is_first = block.removeprefix(BOM), False
        end = block.rfind(b"\n") + 1
        if end:
            yield rest + block[:end]
            lines += block.count(b"\n")
        rest = block[end:] if end else rest + block
        if len(rest) > BLOCK_BYTES:
            text = f"this line is longer than {BLOCK_BYTES >> 20} MiB: not a file of vectors"
            raise DataError(text, where=f"{name}:{lines + 1}")
    if rest:
        yield rest + b"\n"
