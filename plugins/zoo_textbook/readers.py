"""Readers of plain text files. The parsers are in `zoo_core.data.files`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from attrs import evolve, frozen

from zoo_core import Reader, setting
from zoo_core.components.validators import at_least_one
from zoo_core.data.delimited.delimiters import AUTO, OneCharacter, to_character
from zoo_core.data.files.size_limits import MAX_FIELD_CHARS
from zoo_core.errors import Problem

if TYPE_CHECKING:
    import polars as pl

LONGEST_FIELD = "maximum number of characters in a field"
HEADER = "whether the first row names the columns; without it, they are 1, 2 …"
NAMES = "names of the columns of a file without a header"
HEAD_BYTES = 1 << 16  # by which a delimiter is found


@frozen
class _Delimited(Reader):
    """Rows of fields with a delimiter between them."""

    delimiter: str
    quoting: bool
    header: bool
    names: tuple[str, ...]
    longest: int

    def check(self) -> Iterator[Problem]:
        if self.names and self.header:
            yield Problem(
                "names the columns of a file without a header",
                setting="names",
                hint="set header = false, as --no-header does",
            )
        if len(set(self.names)) < len(self.names):
            yield Problem("has a name twice", setting="names")

    def sniff(self, head: bytes) -> bool:
        from zoo_core.data.delimited.delimiters import MIN_SHARE, find_delimiter, measure_fit
        from zoo_core.errors import DataError

        if self.delimiter != AUTO:
            fit = measure_fit(head, to_character(self.delimiter), quoting=self.quoting)
            return fit is not None and fit.share >= MIN_SHARE
        try:
            fit = find_delimiter(head, quoting=self.quoting)
        except DataError:  # several fit
            return True
        return fit is not None and fit.share >= MIN_SHARE

    def resolve(self, head: bytes) -> tuple[Reader, str]:
        from zoo_core.data.delimited.delimiters import count_columns, without_instruction
        from zoo_core.data.files.conversion_hints import DELIMITERS

        separator, names = self._separator(head), self.names
        if not (self.header or names):
            table = without_instruction(head).lstrip(b"\r\n")
            names = _numbers(count_columns(table, separator, quoting=self.quoting))
        is_noted = self.delimiter == AUTO and separator != ","
        text = f"the columns are separated by {DELIMITERS.get(separator, separator)}" if is_noted else ""
        return evolve(self, delimiter=separator, names=names), text

    def read(self, stream: BinaryIO) -> pl.DataFrame:
        from zoo_core.data.delimited.delimiters import count_columns, without_instruction
        from zoo_core.data.files.delimited import parse_delimited

        data = stream.read()
        separator, data = self._separator(data), without_instruction(data)
        names: tuple[str, ...] | None = None
        if not self.header:
            first = data.lstrip(b"\r\n") + b"\n"
            names = self.names or _numbers(count_columns(first, separator, quoting=self.quoting))
        return parse_delimited(data, separator=separator, header=names, quoting=self.quoting, longest=self.longest)

    def complete_rows(self, data: bytes) -> tuple[int, int]:
        from zoo_core.data.delimited.delimiters import INSTRUCTION
        from zoo_core.data.files.delimited import complete_rows

        instruction = INSTRUCTION.match(data)
        start = instruction.end() if instruction else 0
        first, last = complete_rows(data[start:], separator=self._separator(data), quoting=self.quoting)
        first = first if self.header else 0
        return (start + first, start + last) if last else (0, 0)

    def line_of_row(self, stream: BinaryIO, row: int) -> int:
        from zoo_core.data.delimited.delimiters import without_instruction
        from zoo_core.data.delimited.rows import line_of_row

        data = stream.read()
        separator, data = self._separator(data), without_instruction(data)
        return line_of_row(data, row, separator=separator, quoting=self.quoting, has_header=self.header)

    def _separator(self, data: bytes) -> str:
        """The delimiter that is set, or that is found in a text; a comma for a single column."""
        from zoo_core.data.delimited.delimiters import find_delimiter

        if self.delimiter != AUTO:
            return to_character(self.delimiter)
        fit = find_delimiter(data[:HEAD_BYTES], quoting=self.quoting)
        return "," if fit is None else fit.delimiter


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, count + 1))


@frozen
class CSV(_Delimited):
    """Delimiter-separated values; commas, semicolons, tabs and vertical bars are detected.

    Quoted fields may contain delimiters, newlines and doubled quotes. The delimiter is the one that divides the header
    and the first rows into equally many fields; if several do, one must be named.

    Source: RFC 4180."""

    name = "csv"
    suffixes = (".csv",)
    general = True
    delimiter: str = setting(AUTO, "what separates the columns", OneCharacter())
    quoting: bool = setting(True, "whether fields may be quoted")
    header: bool = setting(True, HEADER)
    names: tuple[str, ...] = setting((), NAMES)
    longest: int = setting(MAX_FIELD_CHARS, LONGEST_FIELD, at_least_one)


@frozen
class TSV(_Delimited):
    """Tab-separated values; quotes have no meaning unless `quoting` is set.

    Source: IANA media type text/tab-separated-values."""

    name = "tsv"
    suffixes = (".tsv", ".tab")
    delimiter: str = setting("tab", "what separates the columns", OneCharacter(only="\t"))
    quoting: bool = setting(False, "whether fields may be quoted, as in a CSV file")
    header: bool = setting(True, HEADER)
    names: tuple[str, ...] = setting((), NAMES)
    longest: int = setting(MAX_FIELD_CHARS, LONGEST_FIELD, at_least_one)


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
