"""Readers of the columnar formats Parquet and Arrow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from attrs import frozen

from zoo_core import Reader, setting

if TYPE_CHECKING:
    import polars as pl

STREAM_START = b"\xff\xff\xff\xff"  # of a message of the Arrow streaming format, before its length
MAX_SCHEMA_BYTES = 1 << 24
EXAMPLE_TEXTS = ["good food", "", "two\nlines ☕", "good food"]


@frozen
class ColumnarReader(Reader):
    """A format of typed columns, decoded in a child process."""

    binary = True
    format_name: ClassVar[str]
    columns: tuple[str, ...] = setting((), "columns to read; all if empty")

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.errors import DataError

        frame, unread = self.read_columns(stream, lambda columns: columns)
        for name, dtype in unread.items() if not self.columns else ():
            raise DataError(f'column "{name}" has the unsupported type {dtype}, expected texts or numbers')
        return frame

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        from zoo_core.data.files.columnar import DECODER

        return DECODER.decode(stream.read(), self.format_name, self.columns, choose)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        import io

        import polars as pl

        stream = io.BytesIO()
        self.write_example(pl.DataFrame({"text": EXAMPLE_TEXTS, "stars": [1, None, 5, 1]}), stream)
        return ((stream.getvalue(), {"text": EXAMPLE_TEXTS, "stars": ["1", "", "5", "1"]}),)

    def write_example(self, frame: pl.DataFrame, stream: BinaryIO) -> None:
        """Write a table in this format."""
        raise NotImplementedError


@frozen
class Parquet(ColumnarReader):
    """Apache Parquet files: numbers and dates are read as text, null as the empty text.

    Columns of other types are not read.

    Source: the Apache Parquet format."""

    name = "parquet"
    suffixes = (".parquet", ".pq")
    format_name = "Parquet"

    def sniff(self, head: bytes) -> bool:
        return head.startswith((b"PAR1", b"PARE"))  # PARE: with an encrypted footer

    def write_example(self, frame: pl.DataFrame, stream: BinaryIO) -> None:
        frame.write_parquet(stream)


@frozen
class Arrow(ColumnarReader):
    """Apache Arrow files (IPC, Feather 2) and streams: numbers and dates are read as text, null as empty.

    Columns of other types are not read.

    Source: the Apache Arrow columnar format."""

    name = "arrow"
    suffixes = (".arrow", ".feather", ".ipc")
    format_name = "Arrow"

    def sniff(self, head: bytes) -> bool:
        if head.startswith(b"ARROW1"):
            return True
        schema_bytes = int.from_bytes(head[4:8], "little")
        return head.startswith(STREAM_START) and schema_bytes % 8 == 0 and 0 < schema_bytes <= MAX_SCHEMA_BYTES

    def write_example(self, frame: pl.DataFrame, stream: BinaryIO) -> None:
        frame.write_ipc(stream)
