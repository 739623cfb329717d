"""Delimited text (RFC 4180) → columns of strings: native and fast where the text is provably well formed,
Python's `csv` module where it is not, to say on which line it went wrong."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from zoo_core.data.files.delimited_rows import RowReader
from zoo_core.data.files.limits import MAX_FIELD_CHARS, check_length
from zoo_core.errors import DataError
from zoo_core.messages import pluralize

CHUNK_BYTES = 1 << 22  # bytes looked at together
QUOTE = ord('"')


def parse_delimited(
    data: bytes,
    *,
    separator: str = ",",
    header: Sequence[str] | None = None,
    quoting: bool = True,
    longest: int = MAX_FIELD_CHARS,
) -> pl.DataFrame:
    """Every column as strings, without nulls: the texts NA, null and the empty one are texts.

    `data` is UTF-8 without a byte-order mark. `header` names the columns of a file that has no line of
    names. Blank lines are passed over. `longest` is how many characters a field may have.

    Raises DataError, with a line number, for a ragged row, a quote that is never closed, text after a
    closing quote, a field that is too long, and a column named twice.
    """
    if header is None:
        frame = _parse_natively(data, separator, quoting)
        if frame is not None and _fields_within(frame, longest):
            return frame
    return _parse_strictly(data, separator, header, quoting, longest)


def complete_rows(data: bytes, *, separator: str = ",", quoting: bool = True) -> tuple[int, int]:
    r"""Where the header ends, and where the last whole row does; (0, 0) where that is not certain.

    >>> complete_rows(b'a,b\n"x\ny",1\n"z\n')
    (4, 12)
    """
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    quotes = byte_positions(bytes_, QUOTE) if quoting else np.empty(0, dtype=np.int64)
    newlines = byte_positions(bytes_, 10)
    ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0] + 1
    if not ends.size or data[:1] in b"\r\n":
        return 0, 0
    quotes = quotes[quotes < ends[-1]]
    if quotes.size and not _well_quoted(bytes_[: ends[-1]], quotes, ord(separator)):
        return 0, 0
    return int(ends[0]), int(ends[-1])


def _fields_within(frame: pl.DataFrame, longest: int) -> bool:
    return not any((column.str.len_bytes() > longest).any() for column in frame)


def _parse_natively(data: bytes, separator: str, quoting: bool) -> pl.DataFrame | None:
    """The table, if the bytes are such that every correct reader gives the same; None to be careful."""
    if not data or data[:1] in b"\r\n":
        return None
    data = data if data.endswith(b"\n") else data + b"\n"  # or polars drops an empty last field
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    quotes = byte_positions(bytes_, QUOTE) if quoting else np.empty(0, dtype=np.int64)
    if data.count(b"\r") != data.count(b"\r\n") and not _returns_are_quoted(bytes_, quotes):
        return None
    if quotes.size and not _well_quoted(bytes_, quotes, ord(separator)):
        return None
    outside = _count_outside(bytes_, ord(separator), quotes)
    try:
        frame = pl.read_csv(
            data,
            separator=separator,
            quote_char='"' if quoting else None,
            infer_schema=False,
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:
        return None
    between = frame.width - 1
    # No row has more fields than the header (polars refuses those), so an equal sum means equal rows.
    if between == 0 or outside != between * (frame.height + 1):
        return None
    names = _parse_strictly(data[: _first_line_end(bytes_, quotes)], separator, None, quoting).columns
    return frame if frame.columns == names else None


def byte_positions(bytes_: np.ndarray, value: int) -> np.ndarray:
    """Where a byte stands, int64, found piece by piece so that no mask of the whole is made."""
    starts = range(0, len(bytes_), CHUNK_BYTES)
    return np.concatenate(
        [np.empty(0, int), *(np.flatnonzero(bytes_[at : at + CHUNK_BYTES] == value) + at for at in starts)]
    )


def _count_outside(bytes_: np.ndarray, value: int, quotes: np.ndarray) -> int:
    """How often a byte stands outside quotes."""
    count = 0
    for at in range(0, len(bytes_), CHUNK_BYTES):
        found = np.flatnonzero(bytes_[at : at + CHUNK_BYTES] == value) + at
        count += int(np.count_nonzero(np.searchsorted(quotes, found) % 2 == 0)) if quotes.size else found.size
    return count


def _returns_are_quoted(bytes_: np.ndarray, quotes: np.ndarray) -> bool:
    """Whether each carriage return that ends no line stands inside quotes, where it is text."""
    returns = byte_positions(bytes_, 13)
    lone = returns[bytes_[np.minimum(returns + 1, len(bytes_) - 1)] != 10]
    return bool((np.searchsorted(quotes, lone) % 2 == 1).all())


def _first_line_end(bytes_: np.ndarray, quotes: np.ndarray) -> int:
    newlines = np.flatnonzero(bytes_[: 1 << 20] == 10)
    inside = np.searchsorted(quotes, newlines) % 2 == 1
    ends = newlines[~inside]
    return int(ends[0]) if ends.size else len(bytes_)


def _well_quoted(bytes_: np.ndarray, quotes: np.ndarray, separator: int) -> bool:
    """Whether each quote opens a field, closes one, or is doubled inside one."""
    if quotes.size % 2:
        return False
    opens_at, closes_at = quotes[0::2], quotes[1::2]
    opening = np.where(opens_at > 0, bytes_[opens_at - 1], 10)  # the byte before; the file begins as a line does
    closing = np.where(closes_at + 1 < len(bytes_), bytes_[np.minimum(closes_at + 1, len(bytes_) - 1)], 10)
    opens = (opening == separator) | (opening == 10) | (opening == QUOTE)
    closes = (closing == separator) | (closing == 10) | (closing == 13) | (closing == QUOTE)
    if not (opens.all() and closes.all()):
        return False
    # A doubled quote: closing at an odd place is followed at once by the opening at the next even place.
    doubled_open = opening[1:] == QUOTE
    doubled_close = closing[:-1] == QUOTE
    adjacent = quotes[2::2] == quotes[1:-1:2] + 1
    if opening[0] == QUOTE or closing[-1] == QUOTE:
        return False
    return bool((doubled_open == adjacent).all() and (doubled_close == adjacent).all())


def _parse_strictly(
    data: bytes, separator: str, header: Sequence[str] | None, quoting: bool, longest: int = MAX_FIELD_CHARS
) -> pl.DataFrame:
    names: list[str] | None = list(header) if header is not None else None
    table: list[list[str]] = []
    rows = RowReader(data.decode("utf-8"), separator, quoting=quoting)
    try:
        for row in rows:
            _check_lengths(row, names, longest, rows.began)
            names = _add_row(row, names, table, rows.began)
    except csv.Error as error:
        raise _explain_error(error, data, rows.began, rows.line) from None
    return _build_frame(names, table)


def _check_lengths(row: list[str], names: list[str] | None, longest: int, line: int) -> None:
    length = max(map(len, row), default=0)
    if length > longest:
        at = next(at for at, field in enumerate(row) if len(field) == length)
        name = names[at] if names and at < len(names) else str(at + 1)
        check_length(name, row[at], line, longest)


def _add_row(row: list[str], names: list[str] | None, rows: list[list[str]], line: int) -> list[str] | None:
    if not row and (names is None or len(names) > 1):
        return names
    row = row or [""]  # of a single column, an empty line is an empty text
    if names is None:
        twice = sorted(name for name, count in Counter(row).items() if count > 1)
        if twice:
            raise DataError(f'the column "{twice[0]}" is named twice', where=str(line))
        return row
    if len(row) != len(names):
        hint = f"the columns are {', '.join(names)}"
        raise DataError(
            f"a row of {pluralize(len(row), 'field')} where {len(names)} belong", where=str(line), hint=hint
        )
    rows.append(row)
    return names


def _build_frame(names: list[str] | None, rows: list[list[str]]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names or ())
    return pl.DataFrame(
        {name: pl.Series(column, dtype=pl.String) for name, column in zip(names or (), columns, strict=True)}
    )


def _explain_error(error: csv.Error, data: bytes, began: int, line: int) -> DataError:
    """What `csv` found wrong, in words a person can act on."""
    message = str(error)
    if "unexpected end of data" in message:
        return DataError("a quote is opened here and never closed", where=str(_last_opening_line(data)))
    if "expected after" in message:
        message = "text after a closing quote"
        if began < line:
            further = "on the next line" if line == began + 1 else f"{line - began} lines further down"
            message = f"a quote is opened in this row and not closed as it should be: {further} text follows a quote"
        return DataError(message, where=str(began), hint='a quote inside a quoted field is written ""')
    return DataError(message, where=str(line))


def _last_opening_line(data: bytes) -> int:
    """The line of the quote that opened the field in which the data ends."""
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(bytes_ == QUOTE)
    at = len(quotes) - 1
    while at >= 2 and quotes[at] == quotes[at - 1] + 1:
        at -= 2
    return data[: int(quotes[at])].count(b"\n") + 1
