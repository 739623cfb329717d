"""Rows of delimited text, one after another, and the lines on which they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

MAX_FIELD_CHARS = 2**31 - 1


class LineCounter:
    """The lines of a text, ended by a newline, a carriage return or both, and the number of the last one given.

    A carriage return alone ends a line for whoever splits rows, and counts as one only where there is no newline at
    all: elsewhere no editor numbers its lines so.
    """

    def __init__(self, text: str) -> None:
        self._stream = io.StringIO(text, newline="")
        self._alone = "\n" not in text
        self._ended = True
        self.number = 0

    def __iter__(self) -> LineCounter:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.number += self._ended
        self._ended = self._alone or line.endswith("\n")
        return line

    def next_number(self) -> int:
        """The number of the line that comes next."""
        return self.number + self._ended


class RowReader:
    r"""The fields of each row; `began` is the line on which the row given last begins, `line` the last one read.

    >>> rows = RowReader('a,b\n"x\ny",1\n', ",")
    >>> [(rows.began, row) for row in rows]
    [(1, ['a', 'b']), (2, ['x\ny', '1'])]
    """

    def __init__(self, text: str, separator: str, *, quoting: bool = True) -> None:
        self._text, self._separator, self._quoting = text, separator, quoting
        self.began = self.line = 1

    def __iter__(self) -> Iterator[list[str]]:
        """A list of fields for each row, an empty one for a blank line; csv.Error where quotes are wrong."""
        if not self._quoting:
            for number, line in enumerate(self._text.removesuffix("\n").split("\n"), start=1):
                self.began = self.line = number
                line = line.removesuffix("\r")
                yield line.split(self._separator) if line else []
            return
        csv.field_size_limit(MAX_FIELD_CHARS)
        lines = LineCounter(self._text)
        reader = csv.reader(lines, delimiter=self._separator, strict=True)
        while True:
            self.began = lines.next_number()
            try:
                fields = next(reader)
            except StopIteration:
                return
            finally:
                self.line = lines.number
            yield fields


def line_of_row(data: bytes, row: int, *, separator: str = ",", has_header: bool = True, quoting: bool = True) -> int:
    r"""The line (from 1) on which a row (from 0) of the table begins that `parse_delimited` makes of this data.

    >>> line_of_row(b'a,b\n"x\ny",1\n\nz,2\n', 1)
    5
    """
    rows = RowReader(data.decode("utf-8"), separator, quoting=quoting)
    left, blank_is_none = row + has_header, True
    for fields in rows:
        if fields or not blank_is_none:
            if left == 0:
                return rows.began
            if has_header and left == row + 1:
                blank_is_none = len(fields) > 1  # of a single column, an empty line is an empty text
            left -= 1
    return rows.line + 1
