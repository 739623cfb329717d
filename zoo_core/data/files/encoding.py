"""Text encodings: UTF-16 with a byte-order mark decoded to UTF-8, and UTF-8 validated."""

from __future__ import annotations

import codecs

from zoo_core.data.files.conversion_hints import encoding_hint
from zoo_core.errors import DataError

BOM = codecs.BOM_UTF8
UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
CHUNK_BYTES = 1 << 22  # validated at once


def decode_to_utf8(data: bytes, name: str) -> bytes:
    """A text file as UTF-8 without a byte-order mark, from UTF-8 or from UTF-16 with a byte-order mark."""
    for mark, encoding in UTF16_BOMS.items():
        if data.startswith(mark):
            return _utf16_to_utf8(data[len(mark) :], encoding, name)
    data = data.removeprefix(BOM)
    validate_utf8(name, data)
    return data


def text_head(data: bytes, max_bytes: int) -> bytes:
    """The head of a text as `decode_to_utf8` gives it, but not validated: readers recognize their format by it."""
    head = data[:max_bytes]
    for mark, encoding in UTF16_BOMS.items():
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore").encode("utf-8")
    return head.removeprefix(BOM)


def validate_utf8(name: str, data: bytes, lines_before: int = 0) -> None:
    """Raise DataError, with the line, for a NUL byte and for invalid UTF-8.

    `lines_before` is the number of lines of the file before `data`.
    """
    if not data:
        raise DataError("the file is empty", where=name)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + lines_before + 1
        hint = encoding_hint(data, name)
        raise DataError("a NUL byte: this is not a text file", where=f"{name}:{line}", hint=hint)
    if _is_utf8(data):
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + lines_before + 1
        message, hint = f"not UTF-8 (byte 0x{data[error.start]:02x})", encoding_hint(data, name)
        raise DataError(message, where=f"{name}:{line}", hint=hint) from None


def _is_utf8(data: bytes) -> bool:
    """Whether this is valid UTF-8, decoded in chunks so that the whole text is never in memory twice."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), CHUNK_BYTES):
            decoder.decode(data[at : at + CHUNK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_to_utf8(data: bytes, encoding: str, name: str) -> bytes:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, errors="replace").count("\n") + 1
        message = f"not UTF-16, which its byte-order mark declares: {error.reason}"
        raise DataError(message, where=f"{name}:{line}") from None
    utf8 = text.encode("utf-8")
    validate_utf8(name, utf8)
    return utf8
