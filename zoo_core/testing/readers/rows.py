"""Checks of the rows of a file: the lines on which they start, the chunks that they are read in, and `resolve`."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import polars as pl

from zoo_core.components.contracts import Reader
from zoo_core.errors import DataError
from zoo_core.testing.checks import Skipped, Subject, register_check, skip
from zoo_core.testing.readers.files import JSON_ARRAY, LINE_ENDS, ends_of, tables_of
from zoo_core.testing.readers.known_files import difference_of, examples_of, known_formats, read, reader_of

LIKE_LINE_ENDS = "characters that some programs take for line ends"
OF_LINES = (*LINE_ENDS, "12 rows", LIKE_LINE_ENDS, "quotes", "empty fields in a row")
OF_CHUNKS = (*LINE_ENDS, LIKE_LINE_ENDS, "quotes", "empty fields in a row", "repeated empty rows")
ARRAY = b'[{"text": "NA"},\n{"text": ""},\n{"text": "007"}]\n'
SPECIAL_FILES = (
    b'text,label\n"two\nlines",1\n\nNA,2\n"a ""b""",3\n',
    b"text\tlabel\nnull\t1\n\t2\n",
    b'{"text": "a", "n": 1}\n\n{"n": 2, "text": "b"}\n',
    b"__label__a good\n\n__label__b bad\n",
    b'"1","a ""b"""\n"2","two\nlines"\n',
    b'"1","a","b"\n"4","","two\nlines"\n',
    b"one\r\n\r\nthree\r\n",
)


@register_check("reader", "errors must be reported with the correct line")
def line_of_row_is_correct(subject: Subject) -> None:
    for known in known_formats(subject):
        if known.format is JSON_ARRAY:
            _require_lines(known.reader, ARRAY, [1, 2, 3], "a JSON array with a row on each line")
            continue
        for description, columns in tables_of(known.format, OF_LINES):
            data, expected = known.format.write(columns, "\n"), known.format.line_of_rows(columns)
            _require_lines(known.reader, data, expected, f"{known.format.name}, {description}")


def _require_lines(reader: Reader, data: bytes, expected: list[int], where: str) -> None:
    """Fail if rows start on other lines; 0 is an unknown line."""
    for row, line in enumerate(expected):
        found = reader.line_of_row(io.BytesIO(data), row)
        what = f"{where}: line_of_row() gives line {found} for row {row}, counted from 0, which starts on line {line}"
        assert found in (0, line), what


@register_check("reader", "a reader that is resolved for a file must read the same table from it")
def resolve_keeps_the_table(subject: Subject) -> None:
    for known in known_formats(subject):
        for description, columns in tables_of(known.format, ("12 rows", "words for missing values", "one row")):
            data = known.format.write(columns, "\n")
            difference = difference_of(read(_resolve(reader_of(subject), data), data), columns)
            assert not difference, f"{known.format.name}, {description}, read after resolve(): {difference}"


def _resolve(reader: Reader, head: bytes) -> Reader:
    """The reader for a file, as `Reader.resolve` gives it."""
    resolved, text = reader.resolve(head)
    assert type(resolved) is type(reader), f"resolve gives {type(resolved).__name__}, not {type(reader).__name__}"
    assert isinstance(text, str), f"resolve gives the note {text!r}, not a string"
    return resolved


@register_check("reader", "a file may be read in chunks, which must not lose or change rows")
def chunks_equal_whole_file(subject: Subject) -> None:
    is_chunked = False
    for description, data in _files_to_cut(subject):
        try:
            reader = _resolve(reader_of(subject), data)
            rows = read(reader, data)
        except DataError:
            continue
        lines = [reader.line_of_row(io.BytesIO(data), row) for row in range(rows.height)]
        compared = set()
        for size in range(1, len(data) + 1):
            header_end, end = reader.complete_rows(data[:size])
            is_inside = 0 <= header_end <= end <= size
            assert is_inside, f"{description}: complete_rows() returns {header_end}, {end} for {size} bytes"
            if header_end < end < len(data) and (header_end, end) not in compared:
                compared.add((header_end, end))
                is_chunked = True
                _compare_chunks(reader, data, (header_end, end), rows, lines, f"{description}, cut after byte {end}")
    if not is_chunked:
        skip("it does not implement complete_rows, so that files are read at once")


def _files_to_cut(subject: Subject) -> Iterator[tuple[str, bytes]]:
    """Small files, each with its description, also the reader's own examples."""
    yield from ((f"the file {data!r}", data) for data in SPECIAL_FILES)
    if reader_of(subject).binary:
        return
    with contextlib.suppress(Skipped):
        yield from ((description, data) for description, data, _ in examples_of(subject))
    with contextlib.suppress(Skipped):
        for known in known_formats(subject):
            for description, columns in tables_of(known.format, OF_CHUNKS):
                for ends, data in ends_of(known.format, columns):
                    yield f"{known.format.name}, {description}, {ends}", data


def _compare_chunks(
    reader: Reader, data: bytes, ends: tuple[int, int], rows: pl.DataFrame, lines: list[int], where: str
) -> None:
    """Fail if two chunks, the second with the header repeated, do not give the rows and lines of the whole file."""
    header_end, end = ends
    header_rows = read(reader, data[:header_end]).height if header_end else 0
    rest, skipped_lines = data[:header_end] + data[end:], data.count(b"\n", header_end, end)
    first, second = read(reader, data[:end]), read(reader, rest)
    joined = pl.concat([first, second.slice(header_rows)]) if first.schema == second.schema else first
    difference = difference_of(joined, rows.to_dict(as_series=False))
    assert not difference, f"{where}, where complete_rows() ends a row, and read in two parts: {difference}"
    second_rows = range(header_rows, second.height)
    second_lines = [reader.line_of_row(io.BytesIO(rest), row) + skipped_lines for row in second_rows]
    expected = lines[first.height :]
    assert second_lines == expected, f"{where}: the rows of the second part start on {second_lines}, not {expected}"
