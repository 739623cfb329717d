"""Readers of plain text files. The parsers are in `zoo_core.data.files`."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.files.size_limits import MAX_FIELD_CHARS

if TYPE_CHECKING:
    import polars as pl


@frozen
class CSV(Reader):
    """Comma-separated values with a header.

    Quoted fields may contain commas, newlines and doubled quotes.

    Source: RFC 4180."""

    name = "csv"
    suffixes = (".csv",)
    longest: int = setting(MAX_FIELD_CHARS, "maximum number of characters in a field", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return b"," in head.split(b"\n", 1)[0]

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.files.delimited import parse_delimited

        return parse_delimited(stream.read(), longest=self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        from zoo_core.data.files.delimited import complete_rows

        return complete_rows(data)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.files.delimited_rows import line_of_row

        return line_of_row(stream.read(), row)


@frozen
class TSV(Reader):
    """Tab-separated values with a header; quotes have no meaning unless `quoting` is set.

    Source: IANA media type text/tab-separated-values."""

    name = "tsv"
    suffixes = (".tsv", ".tab")
    quoting: bool = setting(False, "whether fields may be quoted, as in a CSV file")
    longest: int = setting(MAX_FIELD_CHARS, "maximum number of characters in a field", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return b"\t" in head.split(b"\n", 1)[0]

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.files.delimited import parse_delimited

        return parse_delimited(stream.read(), separator="\t", quoting=self.quoting, longest=self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        from zoo_core.data.files.delimited import complete_rows

        return complete_rows(data, separator="\t", quoting=self.quoting)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.files.delimited_rows import line_of_row

        return line_of_row(stream.read(), row, separator="\t", quoting=self.quoting)


@frozen
class Lines(Reader):
    """One text per line, without a header: a single column "text".

    Source: plain text."""

    name = "lines"
    suffixes = (".txt",)
    fallback = True
    longest: int = setting(MAX_FIELD_CHARS, "maximum number of characters in a line", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return True

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.data.files.size_limits import check_length

        lines = stream.read().decode("utf-8").removesuffix("\n").split("\n")
        column = pl.Series("text", lines, dtype=pl.String).str.strip_suffix("\r")
        is_too_long = column.str.len_chars() > self.longest
        if is_too_long.any():
            row = is_too_long.arg_max() or 0
            check_length("text", column[row], row + 1, self.longest)
        return column.to_frame()

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        return 0, data.rfind(b"\n") + 1

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        return row + 1
