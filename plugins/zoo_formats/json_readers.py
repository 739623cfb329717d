"""Readers of JSON records: one object per line, or one array of objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from attrs import frozen

from zoo_core import Reader, setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.files.size_limits import MAX_FIELD_CHARS

if TYPE_CHECKING:
    import polars as pl

OBJECT_START = re.compile(rb'\s*\{\s*("(?:[^"\\\n]|\\.)*"\s*:|\})')
ARRAY_START = re.compile(rb"\s*\[\s*(\{|\])")
FIRST_FULL_LINE = re.compile(rb"\s*\S[^\n]*\n")
LONGEST_VALUE = "maximum number of characters in a value"


@frozen
class JSONLines(Reader):
    """JSON Lines: one JSON object per line, all with the same keys.

    The keys are the columns. Null becomes the empty text.

    Source: RFC 8259; jsonlines.org."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, LONGEST_VALUE, at_least_one)

    def sniff(self, head: bytes) -> bool:
        return OBJECT_START.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.files.json_records import parse_json_lines

        return parse_json_lines(stream, longest=self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        first = FIRST_FULL_LINE.match(data)  # the first object sets the keys and their order
        return (first.end(), data.rfind(b"\n") + 1) if first else (0, 0)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        line_numbers = (number for number, line in enumerate(stream, start=1) if line.strip(b" \t\r\n"))
        return next((number for index, number in enumerate(line_numbers) if index == row), 0)


@frozen
class JSONArray(Reader):
    """One JSON array of objects, all with the same keys, over any number of lines.

    Source: RFC 8259."""

    name = "json"
    suffixes = (".json",)
    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, LONGEST_VALUE, at_least_one)

    def sniff(self, head: bytes) -> bool:
        return ARRAY_START.match(head) is not None

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.files.json_records import parse_json_array

        return parse_json_array(stream.read().decode("utf-8"), longest=self.longest)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.files.json_records import line_of_item

        return line_of_item(stream.read().decode("utf-8"), row)
