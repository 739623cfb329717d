"""Reader of the headerless files of the Yelp polarity dataset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader

if TYPE_CHECKING:
    import polars as pl

FIRST_ROW = re.compile(rb'"[12]","')
CLASS_NAMES = {"1": "negative", "2": "positive"}


@frozen
class YelpPolarity(Reader):
    r"""Headerless Yelp polarity rows `"1","text"` (negative) or `"2","text"` (positive).

    The two characters \n in a text are read as a newline.

    Source: Zhang, Zhao & LeCun 2015, "Character-level Convolutional Networks for Text Classification"."""

    name = "yelp-polarity"
    suffixes = (".csv",)
    exclusive = True

    def sniff(self, head: bytes) -> bool:
        return FIRST_ROW.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.data.delimited.rows import line_of_row
        from zoo_core.data.files.delimited import parse_delimited
        from zoo_core.errors import DataError

        data = stream.read()
        frame = parse_delimited(data, header=("rating", "review"))
        unknown = frame["rating"].is_in(list(CLASS_NAMES)).not_().arg_true()
        if len(unknown):
            row = unknown[0]
            message = f'unknown class: got "{frame["rating"][row]}", expected "1" or "2"'
            raise DataError(message, where=str(line_of_row(data, row, has_header=False)))
        return frame.with_columns(
            pl.col("rating").replace(CLASS_NAMES),
            pl.col("review").str.replace_all(r"\n", "\n", literal=True),
        )

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        from zoo_core.data.files.delimited import complete_rows

        return 0, complete_rows(data)[1]

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.delimited.rows import line_of_row

        return line_of_row(stream.read(), row, has_header=False)

    def example(self) -> Sequence[tuple[bytes, dict[str, list[str]]]]:
        rows = r'"1","never\nagain"', '"2","a ""good"" place, ☕"', '"2",""', '"1","two\nlines"'
        columns = {
            "rating": ["negative", "positive", "positive", "negative"],
            "review": ["never\nagain", 'a "good" place, ☕', "", "two\nlines"],
        }
        return (("\n".join(rows) + "\n").encode(), columns), ("\n".join(rows).encode(), columns)
