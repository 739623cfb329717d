"""Readers of records: JSON, the column formats of Arrow and Parquet, and fastText's lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.files.limits import MAX_FIELD_CHARS

if TYPE_CHECKING:
    import polars as pl

OBJECT = re.compile(rb'\s*\{\s*("(?:[^"\\\n]|\\.)*"\s*:|\})')
ARRAY = re.compile(rb"\s*\[\s*(\{|\])")
FULL_LINE = re.compile(rb"\s*\S[^\n]*\n")
LABEL = "__label__"
PIECE = 1 << 22  # bytes read at once
SPACE = r"\s\x1c-\x1f"  # in a set of a regular expression, what Python calls space


@frozen
class JSONLines(Reader):
    """A JSON object on each line, all with the same keys: the keys are the columns, null is the empty text.

    Source: RFC 8259; jsonlines.org."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, "characters that a value may have", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return OBJECT.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.files.json_records import parse_json_lines

        return parse_json_lines(stream, longest=self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        first = FULL_LINE.match(data)  # the keys of the first object are those of all, in its order
        return (first.end(), data.rfind(b"\n") + 1) if first else (0, 0)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        full = (number for number, line in enumerate(stream, start=1) if line.strip(b" \t\r\n"))
        return next((number for at, number in enumerate(full) if at == row), 0)


@frozen
class JSONArray(Reader):
    """One JSON array of objects, all with the same keys, over as many lines as it likes.

    Source: RFC 8259."""

    name = "json"
    suffixes = (".json",)
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, "characters that a value may have", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return ARRAY.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.files.json_records import parse_json_array

        return parse_json_array(stream.read().decode("utf-8"), longest=self.longest)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.files.json_records import line_of_item

        return line_of_item(stream.read().decode("utf-8"), row)


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

        from zoo_core.data.files.columnar import to_strings

        return to_strings(lambda: pl.read_parquet(stream), "Parquet")


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

        from zoo_core.data.files.columnar import to_strings

        return to_strings(lambda: pl.read_ipc(stream), "Arrow")


@frozen
class FastText(Reader):
    """fastText's lines, `__label__x the text`: columns `label` and `text`. A line has one label.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; fastText's `supervised` command."""

    name = "fasttext"
    suffixes = (".ft", ".fasttext")
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, "characters that a text may have", at_least_one)

    def sniff(self, head: bytes) -> bool:
        return head.startswith(LABEL.encode())

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        import polars as pl

        parts, before = [pl.DataFrame(schema={"text": pl.String, "label": pl.String})], 0
        while lines := stream.readlines(PIECE):
            parts.append(self._rows(lines, before))
            before += len(lines)
        return pl.concat(parts)

    def _rows(self, lines: list[bytes], before: int) -> pl.DataFrame:
        import polars as pl

        line, (label, text) = pl.col("line"), (pl.col("parts").struct[at] for at in (0, 1))
        rows = (
            _numbered(lines, before)
            .lazy()
            .with_columns(line.str.strip_chars("\r"))
            .filter(line.str.contains(f"[^{SPACE}]"))
            .with_columns(line.str.strip_chars(" \t").str.splitn(" ", 2).alias("parts"))
            .select("number", text=text.fill_null(""), label=label)
            .collect()
        )
        label, text = pl.col("label"), pl.col("text")
        unlabeled = ~label.str.starts_with(LABEL) | (label == LABEL)
        twice = text.str.contains(f"^[{SPACE}]*{LABEL}")
        for wrong in rows.filter(unlabeled | twice | (text.str.len_chars() > self.longest)).head(1).iter_rows():
            self._refuse(*wrong)
        return rows.select(text, label.str.strip_prefix(LABEL))

    def _refuse(self, number: int, text: str, label: str) -> None:
        from zoo_core.data.files.limits import check_length
        from zoo_core.errors import DataError

        if not label.startswith(LABEL) or label == LABEL:
            raise DataError(f"the line does not begin with {LABEL} and a label", where=str(number))
        if text.lstrip().startswith(LABEL):
            raise DataError("a line with more than one label", where=str(number), hint="keep one on each line")
        check_length("text", text, number, self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        return 0, data.rfind(b"\n") + 1

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        full = (number for number, line in enumerate(stream, start=1) if line.decode("utf-8").strip())
        return next((number for at, number in enumerate(full) if at == row), 0)


def _numbered(lines: list[bytes], before: int) -> pl.DataFrame:
    """Lines and their numbers, those `before` counted; an empty one leads, or a byte-order mark would be lost."""
    import polars as pl

    return pl.read_csv(
        b"".join([b"\n", *lines]),
        has_header=False,
        separator="\0",  # which no text file has
        quote_char=None,
        schema={"line": pl.String},
        empty_string_is_null=False,
        row_index_name="number",
        row_index_offset=before,
    )
