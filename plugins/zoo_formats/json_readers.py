"""Readers of JSON records: one object per line, or one array of objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, BinaryIO, Literal

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
class JSONReader(Reader):
    """Objects whose keys are the columns."""

    exclusive = True
    longest: int = setting(MAX_FIELD_CHARS, LONGEST_VALUE, at_least_one)
    nested: Literal["refuse", "json"] = setting("refuse", "lists and objects: an error, or their JSON as text")

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.errors import DataError

        frame, unread = self.read_columns(stream, lambda columns: columns)
        for name, kind in unread.items():
            raise DataError(f'the key "{name}" has values of the type {kind}', hint='set nested = "json"')
        return frame.fill_null("")

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        raise NotImplementedError


@frozen
class JSONLines(JSONReader):
    """JSON Lines: one JSON object per line.

    The keys are the columns, those of an object inside under dotted names, as `ticket.subject`. Null and a missing key
    become the empty text; missing keys are counted.

    Source: RFC 8259; jsonlines.org."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")

    def sniff(self, head: bytes) -> bool:
        return OBJECT_START.match(head) is not None

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        from zoo_core.data.records.json_records import parse_json_lines

        return parse_json_lines(stream, longest=self.longest, nested=self.nested, choose=choose)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        first = FIRST_FULL_LINE.match(data)  # the first object sets the keys and their order
        return (first.end(), data.rfind(b"\n") + 1) if first else (0, 0)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        line_numbers = (number for number, line in enumerate(stream, start=1) if line.strip(b" \t\r\n"))
        return next((number for index, number in enumerate(line_numbers) if index == row), 0)


@frozen
class JSONArray(JSONReader):
    """One JSON array of objects, over any number of lines; keys are as in JSON Lines.

    Source: RFC 8259."""

    name = "json"
    suffixes = (".json",)

    def sniff(self, head: bytes) -> bool:
        return ARRAY_START.match(head) is not None

    def read_columns(
        self, stream: BinaryIO, choose: Callable[[list[str]], Collection[str]]
    ) -> tuple[pl.DataFrame, Mapping[str, str]]:
        from zoo_core.data.records.json_records import parse_json_array

        text = stream.read().decode("utf-8")
        return parse_json_array(text, longest=self.longest, nested=self.nested, choose=choose)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.records.json_records import line_of_item

        return line_of_item(stream.read().decode("utf-8"), row)
