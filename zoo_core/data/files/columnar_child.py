"""A program that decodes Parquet, Arrow and spreadsheets for its parent, which survives it: decoders can abort.

It reads requests from standard input and writes replies to standard output. Each message is a length of 8 bytes
(big-endian) and that many bytes. A request is a JSON object, then the bytes of a file. The replies to a request are a
JSON object with the types of all columns, then, after the parent's list of wanted columns, tables in the Arrow
streaming format; a JSON object ends them. It imports nothing of textzoo, except for spreadsheets, so that it starts
fast.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, BinaryIO

import polars as pl

try:
    import resource
except ImportError:  # Windows has no limits: an abort is survived there, too
    resource = None  # type: ignore[assignment]

IDLE_SECONDS = 10  # after which an idle process ends itself by SIGALRM
CHUNK_BYTES = 1 << 25  # of texts in a table that is sent
VIEW_BYTES = 16  # of memory that a text takes in polars besides its characters
ADDRESS_SLACK_BYTES = 1 << 29  # reserved by allocators and threads, beyond what they use
MEMORY_WORDS = ("allocate", "allocation", "OOM")  # in messages of decoders
UNSUPPORTED_WORDS = ("support", "implemented", "encrypt", "duplicate", "occurrence")
STREAM_START = b"\xff\xff\xff\xff"
TEXT_TYPES = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null, pl.Date, pl.Datetime, pl.Time, pl.Decimal)


class Refused(Exception):
    """A file that is not decoded; `reply` tells the parent why. After a panic, polars is not used again."""

    def __init__(self, panicked: bool = False, **reply: Any) -> None:
        self.reply, self.panicked = reply, panicked


def receive(stream: BinaryIO) -> bytes:
    """The next message; EOFError at the end of the stream."""
    prefix = stream.read(8)
    size = int.from_bytes(prefix, "big")
    data = stream.read(size) if len(prefix) == 8 else b""
    if len(prefix) < 8 or len(data) < size:
        raise EOFError
    return data


def send(stream: BinaryIO, data: bytes | memoryview) -> None:
    """Write a message."""
    stream.write(len(data).to_bytes(8, "big"))
    stream.write(data)
    stream.flush()


def read_header(format_name: str, data: bytes) -> tuple[dict[str, pl.DataType], int | None]:
    """The types of the columns, and the number of rows if the file declares it."""
    stream = io.BytesIO(data)
    if format_name == "parquet":
        rows = pl.scan_parquet(stream).select(pl.len()).collect().item()
        return dict(pl.read_parquet_schema(io.BytesIO(data))), rows
    if data.startswith(STREAM_START):
        return dict(pl.read_ipc_stream(stream, n_rows=0).schema), None
    rows = pl.scan_ipc(stream).select(pl.len()).collect().item()
    return dict(pl.read_ipc_schema(io.BytesIO(data))), rows


def decode_columns(format_name: str, data: bytes, columns: list[str]) -> pl.DataFrame:
    """Decode the named columns."""
    stream = io.BytesIO(data)
    if format_name == "parquet":
        return pl.read_parquet(stream, columns=columns)
    if data.startswith(STREAM_START):
        return pl.read_ipc_stream(stream, columns=columns)
    return pl.read_ipc(stream, columns=columns)


def read_spreadsheet(data: bytes, sheet: str) -> pl.DataFrame:
    """The columns of a sheet, as strings; Refused if it must be chosen among several."""
    from zoo_core.data.records.spreadsheet_cells import SheetChoiceError, read_sheet

    try:
        return read_sheet(data, sheet)
    except SheetChoiceError as error:
        raise Refused(error="part", detail=str(error), parts=error.sheets) from None


def is_text_type(dtype: pl.DataType) -> bool:
    """Whether values of this type have one plain form as text."""
    return dtype.is_numeric() or dtype in TEXT_TYPES


def is_list_type(dtype: pl.DataType) -> bool:
    """Whether values of this type are lists whose items have one plain form as text."""
    return isinstance(dtype, pl.List | pl.Array) and is_text_type(dtype.inner)  # type: ignore[arg-type]


def to_texts(column: pl.Series) -> pl.Series:
    """A column as strings: null is the empty text, booleans are true and false, lists are JSON arrays of texts."""
    if is_list_type(column.dtype):
        lists = column.cast(pl.List(pl.String)).list.drop_nulls()
        written = pl.select(pl.struct(lists.alias("")).struct.json_encode()).to_series()  # {"":[…]}
        cells = written.str.slice(4).str.strip_suffix("}")
        return pl.select(pl.when(column.is_not_null()).then(cells).otherwise(pl.lit(""))).to_series().alias(column.name)
    return column.cast(pl.String).fill_null("")


def iter_tables(frame: pl.DataFrame, max_bytes: int) -> Iterable[pl.DataFrame]:
    """The rows of a table of strings in parts of a limited size; at least one part."""
    num_bytes = sum(int(column.str.len_bytes().sum()) for column in frame) + frame.height * frame.width * VIEW_BYTES
    if num_bytes > max_bytes:
        raise Refused(error="bytes", got=num_bytes)
    rows = max(1, frame.height * CHUNK_BYTES // max(num_bytes, CHUNK_BYTES))
    return frame.iter_slices(rows) if frame.height else [frame]


def answer(request: dict[str, Any], source: BinaryIO, target: BinaryIO) -> None:
    """Decode one file for the parent; Refused if it exceeds a limit or polars cannot decode it."""
    data = receive(source)
    set_limits(request["max_memory"] + len(data), request["seconds"])
    sheet = attempt(lambda: read_spreadsheet(data, request["part"])) if request["format"] == "spreadsheet" else None
    types, rows = (
        attempt(lambda: read_header(request["format"], data)) if sheet is None else (sheet.schema, sheet.height)
    )
    if len(types) > request["max_columns"]:
        raise Refused(error="columns", got=len(types))
    if rows is not None and rows > request["max_rows"]:
        raise Refused(error="rows", got=rows)
    reply = {name: None if is_text_type(dtype) else str(dtype) for name, dtype in types.items()}
    lists = [name for name, dtype in types.items() if is_list_type(dtype)]
    send(target, json.dumps({"types": reply, "lists": lists}).encode())
    columns = json.loads(receive(source))
    if not columns:
        return
    if (rows or 0) * len(columns) * VIEW_BYTES > request["max_bytes"]:
        raise Refused(error="bytes", got=rows * len(columns) * VIEW_BYTES)
    decode = partial(decode_columns, request["format"], data, columns)
    frame = attempt(lambda: (decode() if sheet is None else sheet)[columns])
    if frame.height > request["max_rows"]:
        raise Refused(error="rows", got=frame.height)
    frame = attempt(lambda: frame.select(to_texts(column) for column in frame))
    for table in iter_tables(frame, request["max_bytes"]):
        stream = io.BytesIO()
        table.write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
        send(target, stream.getbuffer())


def attempt(decode: Callable[[], Any]) -> Any:
    """What `decode` returns; Refused if polars raises or panics, for which it has no common class."""
    try:
        return decode()
    except Refused:
        raise
    except MemoryError:
        raise Refused(error="memory") from None
    except BaseException as error:
        panicked, message = not isinstance(error, Exception), str(error)
        if any(word in message for word in MEMORY_WORDS):
            raise Refused(panicked, error="memory") from None
        unsupported = any(word in message.lower() for word in UNSUPPORTED_WORDS)
        detail = "" if panicked and not unsupported else message.partition("\n")[0]  # a panic speaks of the decoder
        raise Refused(panicked, error="unsupported" if unsupported else "damaged", detail=detail) from None


def set_limits(max_bytes: int, seconds: int) -> None:
    """Limit what this process may take from now on: bytes of address space, seconds of the processor."""
    if sys.platform == "win32" or resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    set_soft_limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 (fewer imports)
            pages = int(stream.read().split()[0])
    except OSError:  # not Linux
        return
    set_soft_limit(resource.RLIMIT_AS, pages * resource.getpagesize() + ADDRESS_SLACK_BYTES + max_bytes)


def set_soft_limit(kind: int, value: int) -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def main() -> None:
    """Answer requests until the input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints is not a reply
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    if sys.platform != "win32" and resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pl.read_parquet(warm_up())  # reserves what later decoding needs, before limits are set
    while True:
        if hasattr(signal, "alarm"):
            signal.alarm(IDLE_SECONDS)
        try:
            request = json.loads(receive(source))
        except EOFError:
            return
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        try:
            answer(request, source, target)
            send(target, b'{"error": ""}')
        except Refused as refused:
            send(target, json.dumps(refused.reply).encode())
            if refused.panicked:
                return


def warm_up() -> BinaryIO:
    """A small Parquet file."""
    stream = io.BytesIO()
    pl.DataFrame({"text": ["a"]}).write_parquet(stream)
    stream.seek(0)
    return stream


if __name__ == "__main__":
    main()
