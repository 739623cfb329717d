"""Where data comes from: files, patterns, folders and standard input → bytes, unpacked, in UTF-8."""

from __future__ import annotations

import bz2
import codecs
import glob
import gzip
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from zoo_core.errors import DataError, InputOutputError

PIECE = 1 << 20  # bytes unpacked at once
SIP = 1 << 10  # packed bytes given to zstd at once: each may become 32 KiB
MEMORY = 1 << 27  # bytes an unpacker may ask for itself
TIMES = 40  # how much larger than its file what is unpacked may be …
ALWAYS = 64 << 20  # … and the bytes it may have however small the file
BOM = codecs.BOM_UTF8
WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SUFFIXES = (".gz", ".xz", ".zst", ".bz2")

Data = str | Path | Sequence[str | Path]


def _gzip(data: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
        yield from iter(lambda: stream.read(PIECE), b"")


def _bzip2(data: bytes) -> Iterator[bytes]:
    with bz2.BZ2File(BytesIO(data)) as stream:
        yield from iter(lambda: stream.read(PIECE), b"")


def _xz(data: bytes) -> Iterator[bytes]:
    while data.strip(b"\0"):  # streams one after another, zeros between them
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)
        yield stream.decompress(data, PIECE)
        while not stream.eof:
            piece = stream.decompress(b"", PIECE)
            if not piece and stream.needs_input:
                raise EOFError("it ends too early")
            yield piece
        data = stream.unused_data


def _zstd(data: bytes) -> Iterator[bytes]:
    import zstandard

    while data:  # frames one after another
        frame = zstandard.ZstdDecompressor(max_window_size=MEMORY).decompressobj()
        at = 0
        while not frame.eof and at < len(data):
            yield frame.decompress(data[at : at + SIP])
            at += SIP
        if not frame.eof:
            raise EOFError("it ends too early")
        data = frame.unused_data + data[at:]


PACKED = (  # the first bytes of a packed file, what it is called, and what unpacks it
    (b"\x1f\x8b", "gzip", _gzip),
    (b"\xfd7zXZ\x00", "xz", _xz),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
    (b"BZh", "bzip2", _bzip2),
)


def files_of(data: Data) -> list[str]:
    """The files that a path, a pattern, or several of them stand for, sorted within each; "-" is standard input.

    DataError where there is none, or one is named twice.
    """
    found: list[str] = []
    for one in [data] if isinstance(data, str | Path) else data:
        found += _files(str(one))
    if not found:
        raise DataError("no file of data is named")
    twice = sorted({name for name in found if found.count(name) > 1}) if len(set(found)) < len(found) else []
    if twice:
        raise DataError("this file is named twice", where=twice[0])
    return found


def _files(name: str) -> list[str]:
    if name == "-" or Path(name).exists() or not glob.has_magic(name):
        return [name]
    matching = sorted(path for path in glob.glob(name, recursive=True) if Path(path).is_file())  # noqa: PTH207
    if not matching:
        raise DataError("no file matches this pattern", where=name)
    return matching


def called(name: str) -> str:
    """What a file is called in messages."""
    return "stdin" if name == "-" else name


def is_pipe(name: str) -> bool:
    """Whether this is read once and then gone: standard input, a named pipe, a device."""
    path = Path(name)
    return name == "-" or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file, or of standard input for "-", as they are; DataError if it changes in the meantime."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            before = os.fstat(stream.fileno())
            try:
                yield stream
            except DataError:
                _refuse_changed(name, stream, before)  # or that would be told which comes of it
                raise
            _refuse_changed(name, stream, before)
    except FileNotFoundError:
        raise DataError("there is no such file", where=name) from None
    except IsADirectoryError:
        raise DataError("this is a folder, not a file", where=name) from None
    except OSError as error:
        raise InputOutputError(f"cannot read {name}: {error.strerror}") from None


def _refuse_changed(name: str, stream: BinaryIO, before: os.stat_result) -> None:
    after = os.fstat(stream.fileno())
    changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    if changed and stat.S_ISREG(before.st_mode):  # a pipe is told of as changed whenever it was written to
        raise DataError("the file was changed while it was read", where=name, hint="wait until it is written whole")


def raw_bytes(name: str) -> bytes:
    """All the bytes of a file, or of standard input for "-", as they are."""
    with opened(name) as stream:
        return stream.read()


def is_packed(data: bytes) -> bool:
    """Whether a file that begins so is packed."""
    return any(data.startswith(magic) for magic, _, _ in PACKED)


def unpacked(data: bytes, name: str) -> bytes:
    """Bytes out of a gzip, xz, zstd or bzip2 file; those of any other as they are.

    DataError for one that is damaged, cut short, or would unpack to more than 64 MiB and forty times its size.
    """
    for magic, kind, pieces in PACKED:
        if data.startswith(magic):
            return _gathered(pieces(data), max(ALWAYS, TIMES * len(data)), kind, name)
    return data


def _gathered(pieces: Iterator[bytes], most: int, kind: str, name: str) -> bytes:
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


def plain_text(data: bytes, name: str) -> bytes:
    """Text as UTF-8 without a byte-order mark: from UTF-8, or from UTF-16 that begins with its mark."""
    for mark, encoding in WIDE.items():
        if data.startswith(mark):
            return _narrowed(data[len(mark) :], encoding, name)
    data = data.removeprefix(BOM)
    check_text(name, data)
    return data


def beginning(data: bytes, most: int) -> bytes:
    """The first bytes of a text as `plain_text` gives them, unchecked: what a reader may recognise it by."""
    head = data[:most]
    for mark, encoding in WIDE.items():
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore").encode("utf-8")
    return head.removeprefix(BOM)


def _narrowed(data: bytes, encoding: str, name: str) -> bytes:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, errors="replace").count("\n") + 1
        told = f"not UTF-16, as its first bytes say: {error.reason}"
        raise DataError(told, where=f"{name}:{line}") from None
    found = text.encode("utf-8")
    check_text(name, found)
    return found


def check_text(name: str, data: bytes, before: int = 0) -> None:
    """DataError, with the line, for a NUL byte or what is not UTF-8. `before`: lines of the file that are left out."""
    if not data:
        raise DataError("the file is empty", where=name)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + before + 1
        raise DataError("a NUL byte: this is no text file", where=f"{name}:{line}")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), 4 * PIECE):  # the whole text never stands in memory for this
            decoder.decode(data[at : at + 4 * PIECE])
        decoder.decode(b"", final=True)
        return
    except UnicodeDecodeError:
        pass
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + before + 1
        hint = "save it as UTF-8, as with iconv -t UTF-8"
        raise DataError(f"not UTF-8 (byte 0x{data[error.start]:02x})", where=f"{name}:{line}", hint=hint) from None


def suffix_of(name: str) -> str:
    """What a file's name says of its format, whatever it is packed with: ".csv" of "reviews.csv.gz"."""
    path = Path(name)
    return Path(path.stem).suffix.lower() if path.suffix.lower() in SUFFIXES else path.suffix.lower()
