"""Text encodings: files in the encoding that is set, or UTF-16 with a byte-order mark, as UTF-8; UTF-8 validated."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

from zoo_core.components.data_contracts import UTF8
from zoo_core.data.files.conversion_hints import encoding_problem
from zoo_core.errors import DataError

BOM = codecs.BOM_UTF8
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CHUNK_BYTES = 1 << 22  # validated at once


def decode_to_utf8(data: bytes, name: str, encoding: str = UTF8) -> bytes:
    """A text file as UTF-8 without a byte-order mark, from this encoding or from UTF-16 with a byte-order mark."""
    encoding = encoding_of(data, encoding, name)
    if not is_utf8(encoding):
        data = Utf8Stream(BytesIO(data).read, encoding, name).read(-1)
    data = data.removeprefix(BOM)
    validate_utf8(name, data)
    return data


def text_head(data: bytes, max_bytes: int, encoding: str = UTF8) -> bytes:
    """The head of a text as `decode_to_utf8` gives it, but not validated: readers recognize their format by it."""
    head = data[:max_bytes]
    encoding = _marked_encoding(head) or encoding
    if not is_utf8(encoding):
        with suppress(UnicodeError):  # UTF-16 without a byte-order mark; reading the file reports it
            head = codecs.getincrementaldecoder(encoding)("ignore").decode(head).encode("utf-8", "ignore")
    return head.removeprefix(BOM)


def is_utf8(encoding: str) -> bool:
    """Whether this is a name of UTF-8."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def encoding_of(data: bytes, encoding: str, name: str) -> str:
    """The encoding of a file that begins with these bytes: the given one, or UTF-16 by its byte-order mark.

    Raises DataError if the byte-order mark contradicts the given encoding.
    """
    marked = _marked_encoding(data)
    if marked == "" or is_utf8(encoding):
        return marked or encoding
    known = codecs.lookup(encoding).name
    if known not in (marked, "utf-8-sig") and not (marked != UTF8 and known.startswith(("utf-16", "utf-32"))):
        label = "UTF-8" if marked == UTF8 else "UTF-16"
        message = f"the byte-order mark declares {label}, reader.encoding is {encoding}"
        raise DataError(message, where=name, hint="remove the encoding: this file is read without it")
    return encoding


def _marked_encoding(data: bytes) -> str:
    """The encoding that a byte-order mark declares; "" without one."""
    if data.startswith(BOM):
        return UTF8
    return "utf-16" if data.startswith(UTF16_BOMS) else ""


class Utf8Stream:
    """The bytes of a text in some encoding, read as UTF-8; `lines` counts the line feeds that were read."""

    def __init__(self, read: Callable[[int], bytes], encoding: str, name: str) -> None:
        self._read, self._encoding, self._name = read, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._lines = 0

    def read(self, size: int) -> bytes:
        """The UTF-8 of about the next `size` bytes, or of all that are left for -1; empty only at the end.

        Raises DataError, with the line, for bytes that are invalid in the encoding.
        """
        while True:
            data = self._read(size)
            try:
                text = self._decoder.decode(data, final=not data or size < 0)
                utf8 = text.encode("utf-8")
            except UnicodeError as error:
                raise self._explain(error, data) from None
            self._lines += text.count("\n")
            if utf8 or not data:
                return utf8

    def _explain(self, error: UnicodeError, data: bytes) -> DataError:
        start, reason, whole = getattr(error, "start", 0), getattr(error, "reason", str(error)), data
        if isinstance(error, UnicodeDecodeError):
            whole = bytes(error.object)
        before = whole[:start].decode(self._encoding, errors="replace") if start else ""
        where = f"{self._name}:{self._lines + before.count(chr(10)) + 1}"
        byte = f" (byte 0x{whole[start]:02x})" if start < len(whole) else ""
        if self._encoding == "utf-16":
            return DataError(f"not UTF-16, which its byte-order mark declares: {reason}", where=where)
        return DataError(encoding_problem(f"not {self._encoding}{byte}: {reason}", where, whole, self._name))


def validate_utf8(name: str, data: bytes, lines_before: int = 0) -> None:
    """Raise DataError, with the line, for a NUL byte and for invalid UTF-8.

    `lines_before` is the number of lines of the file before `data`.
    """
    if not data:
        raise DataError("the file is empty", where=name)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + lines_before + 1
        raise DataError(encoding_problem("a NUL byte: this is not a text file", f"{name}:{line}", data, name))
    if _is_valid_utf8(data):
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + lines_before + 1
        message = f"not UTF-8 (byte 0x{data[error.start]:02x})"
        raise DataError(encoding_problem(message, f"{name}:{line}", data, name)) from None


def _is_valid_utf8(data: bytes) -> bool:
    """Whether this is valid UTF-8, decoded in chunks so that the whole text is never in memory twice."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), CHUNK_BYTES):
            decoder.decode(data[at : at + CHUNK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
