"""Delimited text (RFC 4180) as columns of strings: parsed natively if it is well formed beyond doubt, else strictly."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl

from zoo_core.data.delimited.rows import parse_strictly
from zoo_core.data.files.size_limits import MAX_COLUMNS, MAX_FIELD_CHARS, check_columns

__all__ = ["complete_rows", "parse_delimited"]
CHUNK_BYTES = 1 << 22  # examined at once
MAX_HEADER_BYTES = 1 << 20
BLANK_LINES = re.compile(rb"\n[\r\n]+")
LINE_END = re.compile(rb"[\r\n]")
NEWLINE, RETURN, QUOTE = 10, 13, 34


def parse_delimited(
    data: bytes,
    *,
    separator: str = ",",
    header: Sequence[str] | None = None,
    quoting: bool = True,
    longest: int = MAX_FIELD_CHARS,
) -> pl.DataFrame:
    """Parse delimited text into columns of strings, without nulls: NA, null and the empty field are texts.

    `data` is UTF-8 without a byte-order mark. `header` names the columns of a file without a header line. Blank lines
    are skipped. `longest` is the number of characters that a field may have.

    Raises DataError, with the line number, for a ragged row, a quote that is never closed, text after a closing quote,
    a field that is too long, and a column named twice.
    """
    _check_first_line(data, separator, quoting)
    with_header = data if header is None else _add_header(data, header, separator, quoting)
    frame = parse_natively(with_header, separator, quoting) if with_header else None
    if frame is not None and not any((column.str.len_bytes() > longest).any() for column in frame):
        return frame
    return parse_strictly(data, separator, header, quoting, longest)


def _add_header(data: bytes, header: Sequence[str], separator: str, quoting: bool) -> bytes:
    """The data below a header line; nothing if the names need quotes, or there are no rows."""
    line = separator.join(header)
    is_plain = line.count(separator) == len(header) - 1 and not set(line) & set('"\r\n') and all(header)
    return f"{line}\n".encode() + data if is_plain and header and data.strip(b"\r\n") else b""


def complete_rows(data: bytes, *, separator: str = ",", quoting: bool = True) -> tuple[int, int]:
    r"""Where the header ends and where the last complete row ends; (0, 0) if that is uncertain.

    >>> complete_rows(b'a,b\n"x\ny",1\n"z\n')
    (4, 12)
    """
    start = data[:CHUNK_BYTES] if len(data) > 2 * CHUNK_BYTES else b""  # of the whole, this takes more memory
    if start and not complete_rows(start, separator=separator, quoting=quoting)[1]:
        return 0, 0
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    quotes = byte_positions(bytes_, QUOTE) if quoting else np.empty(0, dtype=np.int64)
    first, last = _row_ends(bytes_, quotes)
    if not last or data[:1] in b"\r\n":
        return 0, 0
    quotes = quotes[quotes < last]
    if quotes.size and not _well_quoted(bytes_[:last], quotes, ord(separator)):
        return 0, 0
    return first, last


def parse_natively(data: bytes, separator: str, quoting: bool) -> pl.DataFrame | None:
    """The table, if every correct reader gives the same for these bytes; None if that is uncertain."""
    data = data.lstrip(b"\r\n")
    if not data:
        return None
    if quoting and separator.encode() in data and b"\n" not in data and b'"' not in data:
        data = data.replace(b"\r", b"\n")  # lines that end as in Mac OS 9
    data = data if data.endswith(b"\n") else data + b"\n"  # without it, polars drops an empty last field
    if not (quoting and b'"' in data):
        if separator.encode() not in data:
            return _parse_single_column(data)
        has_blank_lines = b"\n\n" in data or b"\n\r\n" in data
        if has_blank_lines and data.count(b"\r") == data.count(b"\r\n"):
            data = BLANK_LINES.sub(b"\n", data)
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    quotes = byte_positions(bytes_, QUOTE) if quoting else np.empty(0, dtype=np.int64)
    if data.count(b"\r") != data.count(b"\r\n") and not _returns_are_quoted(bytes_, quotes):
        return None
    if quotes.size and not _well_quoted(bytes_, quotes, ord(separator)):
        return None
    num_separators = _count_outside_quotes(bytes_, ord(separator), quotes)
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
    per_row = frame.width - 1
    # No row has more fields than the header (polars rejects those), so an equal sum means equal rows.
    if per_row == 0 or num_separators != per_row * (frame.height + 1):
        return None
    header = data[: _first_line_end(bytes_, quotes)]
    return frame if frame.columns == parse_strictly(header, separator, None, quoting).columns else None


def _parse_single_column(data: bytes) -> pl.DataFrame | None:
    """The lines of a file without separators and quotes, in which a blank line is an empty text; None if uncertain."""
    if data.count(b"\r") != data.count(b"\r\n"):
        return None
    lines = pl.read_csv(
        b"\n" + data,  # without the leading empty line, polars would drop a byte-order mark
        has_header=False,
        separator="\0",  # text files cannot contain it
        quote_char=None,
        schema={"line": pl.String},
        empty_string_is_null=False,
    )["line"].str.strip_suffix("\r")
    return lines.slice(2).rename(lines[1]).to_frame()


def _check_first_line(data: bytes, separator: str, quoting: bool) -> None:
    """Check the number of columns before they are parsed."""
    end = LINE_END.search(data)
    line = data[: end.start()] if end else data
    if line.count(separator.encode()) >= MAX_COLUMNS.value():
        bytes_ = np.frombuffer(line, dtype=np.uint8)
        quotes = byte_positions(bytes_, QUOTE) if quoting else np.empty(0, dtype=np.int64)
        check_columns(1 + _count_outside_quotes(bytes_, ord(separator), quotes), "1")


def byte_positions(bytes_: np.ndarray, value: int) -> np.ndarray:
    """The positions of a byte, int64, found in chunks so that no mask of the whole is made."""
    starts = range(0, len(bytes_), CHUNK_BYTES)
    found = (np.flatnonzero(bytes_[start : start + CHUNK_BYTES] == value) + start for start in starts)
    return np.concatenate([np.empty(0, int), *found])


def _row_ends(bytes_: np.ndarray, quotes: np.ndarray) -> tuple[int, int]:
    """Where the first and the last complete row end; (0, 0) if there is none."""
    first = last = 0
    for start in range(0, len(bytes_), CHUNK_BYTES):
        newlines = np.flatnonzero(bytes_[start : start + CHUNK_BYTES] == NEWLINE) + start
        ends = newlines[~_inside_quotes(newlines, quotes)] + 1
        if ends.size:
            first, last = first or int(ends[0]), int(ends[-1])
    return first, last


def _inside_quotes(positions: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """Whether each position is inside quotes, whose positions are in `quotes`: after an odd number of them."""
    return np.asarray(np.searchsorted(quotes, positions) % 2 == 1)


def _count_outside_quotes(bytes_: np.ndarray, value: int, quotes: np.ndarray) -> int:
    """How often a byte occurs outside quotes."""
    count = 0
    for start in range(0, len(bytes_), CHUNK_BYTES):
        positions = np.flatnonzero(bytes_[start : start + CHUNK_BYTES] == value) + start
        count += int(np.count_nonzero(~_inside_quotes(positions, quotes))) if quotes.size else positions.size
    return count


def _returns_are_quoted(bytes_: np.ndarray, quotes: np.ndarray) -> bool:
    """Whether each carriage return that is not part of a line end is inside quotes, where it is text."""
    returns = byte_positions(bytes_, RETURN)
    lone = returns[bytes_[np.minimum(returns + 1, len(bytes_) - 1)] != NEWLINE]
    return bool(_inside_quotes(lone, quotes).all())


def _first_line_end(bytes_: np.ndarray, quotes: np.ndarray) -> int:
    newlines = np.flatnonzero(bytes_[:MAX_HEADER_BYTES] == NEWLINE)
    ends = newlines[~_inside_quotes(newlines, quotes)]
    return int(ends[0]) if ends.size else len(bytes_)


def _well_quoted(bytes_: np.ndarray, quotes: np.ndarray, separator: int) -> bool:
    """Whether each quote opens a field, closes one, or is doubled inside one."""
    if quotes.size % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, bytes_[opening - 1], NEWLINE)  # the file begins as a line does
    after = np.where(closing + 1 < len(bytes_), bytes_[np.minimum(closing + 1, len(bytes_) - 1)], NEWLINE)
    opens = (before == separator) | (before == NEWLINE) | (before == QUOTE)
    closes = (after == separator) | (after == NEWLINE) | (after == RETURN) | (after == QUOTE)
    if not (opens.all() and closes.all()):
        return False
    # A doubled quote: a closing one is followed at once by the next opening one.
    doubled = quotes[2::2] == quotes[1:-1:2] + 1
    if before[0] == QUOTE or after[-1] == QUOTE:
        return False
    return bool(((before[1:] == QUOTE) == doubled).all() and ((after[:-1] == QUOTE) == doubled).all())
