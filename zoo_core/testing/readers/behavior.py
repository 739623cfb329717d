"""Checks of readers."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import cast

import polars as pl
from attrs import frozen

from zoo_core.components.contracts import Reader
from zoo_core.components.kinds import setting_fields
from zoo_core.errors import DataError
from zoo_core.testing.cases import Subject, register_check, skip

HEADS = (b"", b"\n", b'"', b"a,b\n1,2\n", b"a\tb\n", "é".encode(), bytes(range(1, 128)))
HEADS_OF_FORMATS = (b"", b"zyzzyva\n", b"a,b\n1,2\n", b"a\tb\n", b'{"a": 1}\n', b"PK\x03\x04")
SMALL_FILES = (b"text,label\nNA,1\n,2\n", b'"1","good"\n"2","bad"\n', b"text\tlabel\nnull\t1\n", b'"', b"x")


@register_check("reader", "every reader must be able to sniff every file")
def sniff_accepts_any_bytes(subject: Subject) -> None:
    for head in HEADS:
        is_recognized = cast(Reader, subject.component).sniff(head)
        assert isinstance(is_recognized, bool), f"sniff returns {is_recognized!r} for {head!r}, not a bool"


@register_check("reader", "an exclusive or binary reader is preferred to all others")
def sniff_is_specific(subject: Subject) -> None:
    reader = cast(Reader, subject.component)
    if not (reader.exclusive or reader.binary):
        skip("it is neither exclusive nor binary")
    recognized = [head for head in HEADS_OF_FORMATS if reader.sniff(head)]
    assert len(recognized) <= 1, f"it recognizes {' and '.join(map(repr, recognized))}"


@register_check("reader", "the part of a file, as in FILE::PART, must be a setting that is a string")
def part_is_a_setting(subject: Subject) -> None:
    reader = cast(Reader, subject.component)
    if not reader.part_setting:
        skip("it reads whole files")
    types = {field.name: field.type for field in setting_fields(type(reader))}
    assert types.get(reader.part_setting) is str, (
        f'part_setting names "{reader.part_setting}", which is not such a setting'
    )


@register_check("reader", "columns must be strings without nulls, or reading must raise a DataError")
def reads_strings_or_raises(subject: Subject) -> None:
    for data in SMALL_FILES:
        try:
            frame = cast(Reader, subject.component).read(io.BytesIO(data))
        except DataError:
            continue
        assert all(dtype == pl.String for dtype in frame.dtypes), frame.schema
        missing = frame.null_count().sum_horizontal().sum()
        assert missing == 0, f"{missing} values are null: a missing value is an empty string"


@frozen
class KnownFile:
    """A file with unusual values: its suffix, bytes and columns, and the line of each row."""

    suffix: str
    data: bytes
    columns: dict[str, list[str]]
    lines: list[int]


UNUSUAL_TEXTS = {"text": ["NA", "", "007"]}
UNUSUAL_TABLE = {**UNUSUAL_TEXTS, "label": ["1", "2", "null"]}
KNOWN_FILES = (
    KnownFile(".csv", b"text,label\nNA,1\n,2\n007,null\n", UNUSUAL_TABLE, [2, 3, 4]),
    KnownFile(".tsv", b"text\tlabel\nNA\t1\n\t2\n007\tnull\n", UNUSUAL_TABLE, [2, 3, 4]),
    KnownFile(".jsonl", b'{"text": "NA"}\n{"text": ""}\n{"text": "007"}\n', UNUSUAL_TEXTS, [1, 2, 3]),
    KnownFile(".json", b'[{"text": "NA"},\n{"text": ""},\n{"text": "007"}]\n', UNUSUAL_TEXTS, [1, 2, 3]),
    KnownFile(".txt", b"NA\n\n007\n", UNUSUAL_TEXTS, [1, 2, 3]),
)


def read_known_files(subject: Subject) -> Iterator[tuple[KnownFile, pl.DataFrame]]:
    """Yield the known files in the format of the reader, and the table it reads from each; skip if there are none."""
    reader, is_any_known = cast(Reader, subject.component), False
    for known in KNOWN_FILES:
        with contextlib.suppress(DataError):
            frame = reader.read(io.BytesIO(known.data))
            if known.suffix in reader.suffixes and reader.sniff(known.data) and frame.columns == list(known.columns):
                is_any_known = True
                yield known, frame
    if not is_any_known:
        skip("it reads none of the plain formats")


@register_check("reader", "values must be read unchanged: NA is a word, 007 keeps its zeros, an empty field is empty")
def keeps_values_unchanged(subject: Subject) -> None:
    for known, frame in read_known_files(subject):
        columns = frame.to_dict(as_series=False)
        assert columns == known.columns, f"{known.data!r} is read as {columns}"


@register_check("reader", "errors must be reported with the correct line")
def line_of_row_is_correct(subject: Subject) -> None:
    for known, _ in read_known_files(subject):
        rows = range(len(known.lines))
        lines = [cast(Reader, subject.component).line_of_row(io.BytesIO(known.data), row) for row in rows]
        is_correct = all(line in (0, expected) for line, expected in zip(lines, known.lines, strict=True))
        assert is_correct, f"lines of {known.data!r}: got {lines}, expected {known.lines}"


@register_check("reader", "a reader that is resolved for a file must read the same table from it")
def resolve_keeps_the_table(subject: Subject) -> None:
    for known, frame in read_known_files(subject):
        reader = _resolve(cast(Reader, subject.component), known.data)
        assert reader.read(io.BytesIO(known.data)).equals(frame), f"{known.data!r} is read otherwise after resolve()"


def _resolve(reader: Reader, head: bytes) -> Reader:
    """The reader for a file, as `Reader.resolve` gives it."""
    resolved, text = reader.resolve(head)
    assert type(resolved) is type(reader), f"resolve gives {type(resolved).__name__}, not {type(reader).__name__}"
    assert isinstance(text, str), f"resolve gives the note {text!r}, not a string"
    return resolved


MULTILINE_FILES = (
    b'text,label\n"two\nlines",1\n\nNA,2\n"a ""b""",3\n',
    b"text\tlabel\nnull\t1\n\t2\n",
    b'{"text": "a", "n": 1}\n\n{"n": 2, "text": "b"}\n',
    b"__label__a good\n\n__label__b bad\n",
    b'"1","a ""b"""\n"2","two\nlines"\n',
    b'"1","a","b"\n"4","","two\nlines"\n',
)


@register_check("reader", "a file may be read in chunks, which must not lose or change rows")
def chunks_equal_whole_file(subject: Subject) -> None:
    is_chunked = False
    for data in MULTILINE_FILES:
        try:
            reader = _resolve(cast(Reader, subject.component), data)
            rows = reader.read(io.BytesIO(data))
        except DataError:
            continue
        lines = [reader.line_of_row(io.BytesIO(data), row) for row in range(rows.height)]
        for size in range(1, len(data)):
            header_end, end = reader.complete_rows(data[:size])
            assert 0 <= header_end <= end <= size, f"complete_rows returns {header_end}, {end} for {size} bytes"
            if end > header_end:
                is_chunked = True
                _compare_chunks(reader, data, header_end, end, rows, lines)
    if not is_chunked:
        skip("it does not implement complete_rows, so that files are read at once")


def _compare_chunks(
    reader: Reader, data: bytes, header_end: int, end: int, rows: pl.DataFrame, lines: list[int]
) -> None:
    """Fail if two chunks, the second with the header repeated, do not give the rows and lines of the whole file."""
    header_rows = reader.read(io.BytesIO(data[:header_end])).height if header_end else 0
    rest, skipped_lines = data[:header_end] + data[end:], data.count(b"\n", header_end, end)
    first, second = reader.read(io.BytesIO(data[:end])), reader.read(io.BytesIO(rest))
    assert pl.concat([first, second.slice(header_rows)]).equals(rows), f"rows differ after byte {end}"
    second_rows = range(header_rows, second.height)
    second_lines = [reader.line_of_row(io.BytesIO(rest), row) + skipped_lines for row in second_rows]
    assert second_lines == lines[first.height :], f"lines differ after byte {end}"
