"""Readers of the columnar formats Parquet and Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader

if TYPE_CHECKING:
    import polars as pl


@frozen
class Parquet(Reader):
    """Apache Parquet files: numbers and dates are read as text, null as the empty text.

    Source: the Apache Parquet format."""

    name = "parquet"
    suffixes = (".parquet", ".pq")
    binary = True

    def sniff(self, head: bytes) -> bool:
        return head.startswith(b"PAR1")

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.data.files.string_columns import to_strings

        return to_strings(lambda: pl.read_parquet(stream), "Parquet")


@frozen
class Arrow(Reader):
    """Apache Arrow files (IPC, Feather 2): numbers and dates are read as text, null as empty.

    Source: the Apache Arrow columnar format."""

    name = "arrow"
    suffixes = (".arrow", ".feather", ".ipc")
    binary = True

    def sniff(self, head: bytes) -> bool:
        return head.startswith(b"ARROW1")

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.data.files.string_columns import to_strings

        return to_strings(lambda: pl.read_ipc(stream), "Arrow")
