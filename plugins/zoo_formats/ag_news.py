"""Reader of the headerless files of the AG News dataset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader

if TYPE_CHECKING:
    import polars as pl

FIRST_ROW = re.compile(rb'"[1-4]","(?:[^"]|"")*","')


@frozen
class AGNews(Reader):
    r"""Headerless AG News rows `"3","title","description"`.

    The first field is the class, 1 to 4. A backslash in a text is read as a space.

    Source: Zhang, Zhao & LeCun 2015, "Character-level Convolutional Networks for Text Classification"."""

    name = "ag-news"
    suffixes = (".csv",)
    exclusive = True

    def sniff(self, head: bytes) -> bool:
        return FIRST_ROW.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.data.files.delimited import parse_delimited

        frame = parse_delimited(stream.read(), header=("label", "title", "description"))
        return frame.with_columns(pl.col("title", "description").str.replace_all("\\", " ", literal=True))

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        from zoo_core.data.files.delimited import complete_rows

        return 0, complete_rows(data)[1]

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.delimited.rows import line_of_row

        return line_of_row(stream.read(), row, has_header=False)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        rows = r'"3","Wall St. ""Bears""","Claw\back, again"', '"1","","Ünïcode ☕"', '"1","","Ünïcode ☕"'
        columns = {
            "label": ["3", "1", "1"],
            "title": ['Wall St. "Bears"', "", ""],
            "description": ["Claw back, again", "Ünïcode ☕", "Ünïcode ☕"],
        }
        return (("\n".join(rows) + "\n").encode(), columns), ("\r\n".join(rows).encode(), columns)
