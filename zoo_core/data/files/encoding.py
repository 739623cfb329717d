"""Encoding."""

from __future__ import annotations

import codecs

from zoo_core.data.files.compression import CHUNK_BYTES
from zoo_core.errors import DataError

BOM = codecs.BOM_UTF8
UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decode_to_utf8(data: bytes, name: str) -> bytes:
    """Text as UTF-8 without a byte-order mark: from UTF-8, or from UTF-16 that begins with its mark."""
    for mark, encoding in UTF16_BOMS.items():
        if data.startswith(mark):
            return _utf16_to_utf8(data[len(mark) :], encoding, name)
    data = data.removeprefix(BOM)
    validate_utf8(name, data)
    return data


def text_head(data: bytes, max_bytes: int) -> bytes:
    """The first bytes of a text as `plain_text` gives them, unchecked: what a reader may recognize it by."""
    head = data[:max_bytes]
    for mark, encoding in UTF16_BOMS.items():
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore").encode("utf-8")
    return head.removeprefix(BOM)


def _utf16_to_utf8(data: bytes, encoding: str, name: str) -> bytes:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, errors="replace").count("\n") + 1
        told = f"not UTF-16, as its first bytes say: {error.reason}"
        raise DataError(told, where=f"{name}:{line}") from None
    found = text.encode("utf-8")
    validate_utf8(name, found)
    return found


def validate_utf8(name: str, data: bytes, lines_before: int = 0) -> None:
    """DataError, with the line, for a NUL byte or what is not UTF-8. `before`: lines of the file that are left out."""
    if not data:
        raise DataError("the file is empty", where=name)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + lines_before + 1
        raise DataError("a NUL byte: this is no text file", where=f"{name}:{line}")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), 4 * CHUNK_BYTES):  # the whole text never stands in memory for this
            decoder.decode(data[at : at + 4 * CHUNK_BYTES])
        decoder.decode(b"", final=True)
        return
    except UnicodeDecodeError:
        pass
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + lines_before + 1
        hint = "save it as UTF-8, as with iconv -t UTF-8"
        raise DataError(f"not UTF-8 (byte 0x{data[error.start]:02x})", where=f"{name}:{line}", hint=hint) from None
