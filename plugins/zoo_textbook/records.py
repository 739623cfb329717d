"""Readers of records: JSON, the column formats of Arrow and Parquet, and fastText's lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting
from zoo_core.fields import at_least_one
from zoo_core.limits import LONGEST

if TYPE_CHECKING:
    import polars as pl

OBJECT = re.compile(rb'\s*\{\s*("(?:[^"\\\n]|\\.)*"\s*:|\})')
ARRAY = re.compile(rb"\s*\[\s*(\{|\])")
FULL_LINE = re.compile(rb"\s*\S[^\n]*\n")
LABEL = "__label__"


@frozen
class JSONLines(Reader):
    """A JSON object on each line, all with the same keys: the keys are the columns, null is the empty text.

    Source: RFC 8259; jsonlines.org."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")
    specific = True
    longest: int = setting(LONGEST, "characters that a value may have", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return OBJECT.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.records import parse_json_lines

        return parse_json_lines(stream, longest=self.longest)

    def whole(self, data: bytes) -> tuple[int, int]:
        first = FULL_LINE.match(data)  # the keys of the first object are those of all, in its order
        return (first.end(), data.rfind(b"\n") + 1) if first else (0, 0)

    def line(self, stream: BinaryIO, row: int) -> int:
        full = (number for number, line in enumerate(stream, start=1) if line.strip(b" \t\r\n"))
        return next((number for at, number in enumerate(full) if at == row), 0)


@frozen
class JSONArray(Reader):
    """One JSON array of objects, all with the same keys, over as many lines as it likes.

    Source: RFC 8259."""

    name = "json"
    suffixes = (".json",)
    specific = True
    longest: int = setting(LONGEST, "characters that a value may have", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return ARRAY.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.records import parse_json_array

        return parse_json_array(stream.read().decode("utf-8"), longest=self.longest)

    def line(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.records import array_line

        return array_line(stream.read().decode("utf-8"), row)


@frozen
class Parquet(Reader):
    """Columns of Apache Parquet: numbers and dates as text, null as the empty text.

    Source: the Apache Parquet format."""

    name = "parquet"
    suffixes = (".parquet", ".pq")
    binary = True

    def sniff(self, head: bytes) -> bool:
        return head.startswith(b"PAR1")

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.columnar import as_strings

        return as_strings(lambda: pl.read_parquet(stream), "Parquet")


@frozen
class Arrow(Reader):
    """Columns of an Apache Arrow file (IPC, Feather 2): numbers and dates as text, null as the empty text.

    Source: the Apache Arrow columnar format."""

    name = "arrow"
    suffixes = (".arrow", ".feather", ".ipc")
    binary = True

    def sniff(self, head: bytes) -> bool:
        return head.startswith(b"ARROW1")

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.columnar import as_strings

        return as_strings(lambda: pl.read_ipc(stream), "Arrow")


@frozen
class FastText(Reader):
    """fastText's lines, `__label__x the text`: columns `label` and `text`. A line has one label.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; fastText's `supervised` command."""

    name = "fasttext"
    suffixes = (".ft", ".fasttext")
    specific = True
    longest: int = setting(LONGEST, "characters that a text may have", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return head.startswith(LABEL.encode())

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        from zoo_core.errors import DataError
        from zoo_core.records import refuse_longer

        labels, texts = [], []
        for number, raw in enumerate(stream, start=1):
            line = raw.decode("utf-8").strip("\r\n")
            if not line.strip():
                continue
            label, _, text = line.strip(" \t").partition(" ")
            if not label.startswith(LABEL) or label == LABEL:
                raise DataError(f"the line does not begin with {LABEL} and a label", where=str(number))
            if text.lstrip().startswith(LABEL):
                raise DataError("a line with more than one label", where=str(number), hint="keep one on each line")
            refuse_longer("text", text, number, self.longest)
            labels.append(label.removeprefix(LABEL))
            texts.append(text)
        columns = {"text": texts, "label": labels}
        return pl.DataFrame({name: pl.Series(column, dtype=pl.String) for name, column in columns.items()})

    def whole(self, data: bytes) -> tuple[int, int]:
        return 0, data.rfind(b"\n") + 1

    def line(self, stream: BinaryIO, row: int) -> int:
        full = (number for number, line in enumerate(stream, start=1) if line.strip())
        return next((number for at, number in enumerate(full) if at == row), 0)
