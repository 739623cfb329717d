"""Rows of delimited text read one by one by the `csv` module, the lines on which they begin, and what is wrong."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from zoo_core.components.table import reject_patterns
from zoo_core.data.files.conversion_hints import DELIMITERS, delimiter_change, other_delimiter
from zoo_core.data.files.size_limits import MAX_FIELD_CHARS, TOO_LONG_HINT, check_columns, check_length
from zoo_core.errors import DataError, Problem
from zoo_core.messages import join_names, pluralize

__all__ = ["line_of_row", "parse_strictly"]
HEADER_BYTES = 1 << 16  # examined for a hint
CSV_FIELD_LIMIT = 2**31 - 1  # the largest of the csv module
FIELD_LIMIT_FACTOR = 4  # of the csv module's limit, which takes memory, to the one that check_length reports exactly


class LineCounter:
    """The lines of UTF-8 text, ended by a newline, a carriage return or both, and the number of the last line.

    A lone carriage return ends a line for the csv module, but counts as one only in a text without newlines: elsewhere,
    no editor numbers lines by it.
    """

    def __init__(self, data: bytes) -> None:
        self._stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
        self._counts_returns = b"\n" not in data
        self._ended = True
        self.number = 0

    def __iter__(self) -> LineCounter:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.number += self._ended
        self._ended = self._counts_returns or line.endswith("\n")
        return line

    def next_number(self) -> int:
        """The number of the next line."""
        return self.number + self._ended


class RowReader:
    r"""The fields of each row; `start_line` is the line on which the last row begins, `line` the last line read.

    >>> rows = RowReader(b'a,b\n"x\ny",1\n', ",")
    >>> [(rows.start_line, row) for row in rows]
    [(1, ['a', 'b']), (2, ['x\ny', '1'])]
    """

    def __init__(self, data: bytes, separator: str, *, quoting: bool = True, longest: int = MAX_FIELD_CHARS) -> None:
        self._data, self._separator, self._quoting = data, separator, quoting
        self._field_limit = min(CSV_FIELD_LIMIT, FIELD_LIMIT_FACTOR * longest)
        self.start_line = self.line = 1

    def __iter__(self) -> Iterator[list[str]]:
        """A list of fields for each row, an empty one for a blank line; csv.Error for wrong quotes."""
        if not self._quoting:
            for number, line in enumerate(self._data.removesuffix(b"\n").split(b"\n"), start=1):
                self.start_line = self.line = number
                text = line.removesuffix(b"\r").decode("utf-8")
                yield text.split(self._separator) if text else []
            return
        csv.field_size_limit(self._field_limit)
        lines = LineCounter(self._data)
        reader = csv.reader(lines, delimiter=self._separator, strict=True)
        while True:
            self.start_line = lines.next_number()
            try:
                fields = next(reader)
            except StopIteration:
                return
            finally:
                self.line = lines.number
            yield fields


def line_of_row(data: bytes, row: int, *, separator: str = ",", has_header: bool = True, quoting: bool = True) -> int:
    r"""The line (from 1) on which a row (from 0) begins of the table that `parse_delimited` makes of this data.

    >>> line_of_row(b'a,b\n"x\ny",1\n\nz,2\n', 1)
    5
    """
    rows = RowReader(data, separator, quoting=quoting, longest=CSV_FIELD_LIMIT)
    remaining, skips_blank_lines = row + has_header, True
    for fields in rows:
        if fields or not skips_blank_lines:
            if remaining == 0:
                return rows.start_line
            if has_header and remaining == row + 1:
                skips_blank_lines = len(fields) > 1  # in a single column, a blank line is an empty text
            remaining -= 1
    return rows.line + 1


def parse_strictly(
    data: bytes, separator: str, header: Sequence[str] | None, quoting: bool, longest: int = MAX_FIELD_CHARS
) -> pl.DataFrame:
    """Parse delimited text row by row; see `parse_delimited`."""
    names = list(header) if header is not None else None
    table: list[list[str]] = []
    if (names is None or len(names) != 1) and not data.strip(b"\r\n"):
        data = b""  # blank lines alone are not worth a step for each
    rows = RowReader(data, separator, quoting=quoting, longest=longest)
    try:
        for row in rows:
            if not row and (names is None or len(names) != 1):
                continue
            _check_lengths(row, names, longest, rows.start_line)
            row = row or [""]  # in a single column, a blank line is an empty text
            if names is None:
                names = _check_header(row, rows.start_line)
            else:
                table.append(_check_row(row, names, rows.start_line, data, separator))
    except csv.Error as error:
        raise _explain_error(error, data, separator, rows, longest) from None
    columns = list(zip(*table, strict=True)) if table else [()] * len(names or ())
    series = {name: pl.Series(column, dtype=pl.String) for name, column in zip(names or (), columns, strict=True)}
    return pl.DataFrame(series)  # of a mapping, since polars renames an unnamed series


def _check_lengths(row: list[str], names: list[str] | None, longest: int, line: int) -> None:
    length = max(map(len, row), default=0)
    if length > longest:
        at = next(at for at, field in enumerate(row) if len(field) == length)
        name = names[at] if names and at < len(names) else str(at + 1)
        check_length(name, row[at], line, longest)


def _check_header(row: list[str], line: int) -> list[str]:
    check_columns(len(row), str(line))
    if row == ["sep=", ""]:
        raise DataError("the first line is an instruction to Excel, not a header", where=str(line), hint="remove it")
    twice = sorted(name for name, count in Counter(row).items() if count > 1)
    if twice:
        hint = "rename one of them, or use --no-header if the first row is data"
        raise DataError(f'the column "{twice[0]}" is named twice', where=str(line), hint=hint)
    reject_patterns(row, str(line))
    return row


def _check_row(row: list[str], names: list[str], line: int, data: bytes, separator: str) -> list[str]:
    if len(row) != len(names):
        message = f"a row of {pluralize(len(row), 'field')}, expected {len(names)}"
        raise _with_delimiter(message, line, f"the columns are {join_names(names)}", data, separator)
    return row


def _with_delimiter(message: str, line: int, hint: str, data: bytes, separator: str) -> DataError:
    """An error with this hint, or with the delimiter that the first line has instead of `separator`."""
    header = data.lstrip(b"\r\n")[:HEADER_BYTES].splitlines()[0]
    other = other_delimiter(header.decode("utf-8", errors="ignore"), separator)
    if not other:
        return DataError(message, where=str(line), hint=hint)
    message = f"{message}; the columns seem to be separated by {DELIMITERS[other]}"
    return DataError(Problem(message, str(line), changes=(delimiter_change(other),)))


def _explain_error(error: csv.Error, data: bytes, separator: str, rows: RowReader, longest: int) -> DataError:
    """The error of the csv module in words that say what to correct."""
    message, start_line, line = str(error), rows.start_line, rows.line
    if "unexpected end of data" in message:
        message = "a quote is opened here and never closed"
        return _with_delimiter(message, _last_opening_line(data), "", data, separator)
    if "expected after" in message:
        message = "text after a closing quote"
        if start_line < line:
            where = "on the next line" if line == start_line + 1 else f"{line - start_line} lines further down"
            message = f"a quote is opened in this row and closed wrongly: {where}, text follows a quote"
        return _with_delimiter(message, start_line, 'write a quote inside a quoted field as ""', data, separator)
    if "field limit" in message:
        return DataError(f"a field has more than {longest:,} characters", where=str(start_line), hint=TOO_LONG_HINT)
    return _with_delimiter(message, line, "", data, separator)


def _last_opening_line(data: bytes) -> int:
    """The line of the quote that opened the field in which the data ends."""
    before, at = data.count(b'"') - 1, data.rfind(b'"')
    while before >= 2 and data[at - 1 : at] == b'"':  # doubled quotes inside the field
        before, at = before - 2, data.rfind(b'"', 0, at - 1)
    return data.count(b"\n", 0, at) + 1
