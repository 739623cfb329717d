"""What readers promise."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import cast

import polars as pl

from zoo_core.components.contracts import Reader
from zoo_core.errors import DataError
from zoo_core.testing.cases import Subject, register_check, skip


@register_check("reader", "every file is shown to every reader")
def sniffs_anything(subject: Subject) -> None:
    for head in (b"", b"\n", b'"', b"a,b\n1,2\n", b"a\tb\n", "é".encode(), bytes(range(1, 128))):
        assert isinstance(cast(Reader, subject.part).sniff(head), bool), f"no bool for {head!r}"


@register_check("reader", "a specific reader, or one of bytes, is taken before all others")
def sniffs_only_its_own(subject: Subject) -> None:
    part = cast(Reader, subject.part)
    if not (part.exclusive or part.binary):
        skip("it is neither specific nor binary: others are asked first")
    taken = [
        head for head in (b"", b"zyzzyva\n", b"a,b\n1,2\n", b"a\tb\n", b'{"a": 1}\n', b"PK\x03\x04") if part.sniff(head)
    ]
    assert len(taken) <= 1, f"it takes {' and '.join(map(repr, taken))} for its own"


@register_check("reader", "columns are strings without holes, or the fault is told")
def reads_strings_or_tells(subject: Subject) -> None:
    for data in (b"text,label\nNA,1\n,2\n", b'"1","good"\n"2","bad"\n', b"text\tlabel\nnull\t1\n", b'"', b"x"):
        try:
            frame = cast(Reader, subject.part).read(io.BytesIO(data))
        except DataError:
            continue
        assert all(dtype == pl.String for dtype in frame.dtypes), frame.schema
        assert frame.null_count().sum_horizontal().sum() == 0


KNOWN = (  # what plain formats make of an odd table: suffix, bytes, columns, and the line of each row
    (".csv", b"text,label\nNA,1\n,2\n007,null\n", {"text": ["NA", "", "007"], "label": ["1", "2", "null"]}, [2, 3, 4]),
    (
        ".tsv",
        b"text\tlabel\nNA\t1\n\t2\n007\tnull\n",
        {"text": ["NA", "", "007"], "label": ["1", "2", "null"]},
        [2, 3, 4],
    ),
    (".jsonl", b'{"text": "NA"}\n{"text": ""}\n{"text": "007"}\n', {"text": ["NA", "", "007"]}, [1, 2, 3]),
    (".json", b'[{"text": "NA"},\n{"text": ""},\n{"text": "007"}]\n', {"text": ["NA", "", "007"]}, [1, 2, 3]),
    (".txt", b"NA\n\n007\n", {"text": ["NA", "", "007"]}, [1, 2, 3]),
)


def known(subject: Subject) -> Iterator[tuple[bytes, pl.DataFrame, dict[str, list[str]], list[int]]]:
    """The odd tables whose columns it reads by their names: the bytes, what it read, what is right, and the lines."""
    part, found = cast(Reader, subject.part), 0
    for suffix, data, columns, lines in KNOWN:
        with contextlib.suppress(DataError):
            frame = part.read(io.BytesIO(data))
            if suffix in part.suffixes and part.sniff(data) and frame.columns == list(columns):
                found += 1
                yield data, frame, columns, lines
    if not found:
        skip("none of the plain formats is its own")


@register_check("reader", "NA is a word, 007 no number, and an empty field is no hole")
def keeps_every_row_as_it_stands(subject: Subject) -> None:
    for data, frame, columns, _ in known(subject):
        assert frame.to_dict(as_series=False) == columns, f"{data!r} was read as {frame.to_dict(as_series=False)}"


@register_check("reader", "a fault is told with its line")
def tells_the_line_of_a_row(subject: Subject) -> None:
    for data, _, _, lines in known(subject):
        found = [cast(Reader, subject.part).line_of_row(io.BytesIO(data), row) for row in range(len(lines))]
        assert all(own in (0, line) for own, line in zip(found, lines, strict=True)), f"{found} for {lines} in {data!r}"


PAGES = (
    b'text,label\n"two\nlines",1\n\nNA,2\n"a ""b""",3\n',
    b"text\tlabel\nnull\t1\n\t2\n",
    b'{"text": "a", "n": 1}\n\n{"n": 2, "text": "b"}\n',
    b"__label__a good\n\n__label__b bad\n",
    b'"1","a ""b"""\n"2","two\nlines"\n',
    b'"1","a","b"\n"4","","two\nlines"\n',
)


@register_check("reader", "a file is read in pieces, and no row may be lost between two")
def pieces_are_the_whole(subject: Subject) -> None:
    part, tried = cast(Reader, subject.part), False
    for data in PAGES:
        try:
            rows = part.read(io.BytesIO(data))
        except DataError:
            continue
        lines = [part.line_of_row(io.BytesIO(data), row) for row in range(rows.height)]
        for size in range(1, len(data)):
            heading, end = part.complete_rows(data[:size])
            assert 0 <= heading <= end <= size, f"{end} of {size} bytes are whole rows, {heading} the heading"
            if end > heading:
                tried = True
                own = part.read(io.BytesIO(data[:heading])).height if heading else 0
                rest, before = data[:heading] + data[end:], data.count(b"\n", heading, end)
                first, second = part.read(io.BytesIO(data[:end])), part.read(io.BytesIO(rest))
                assert pl.concat([first, second.slice(own)]).equals(rows), f"rows read otherwise from byte {end} on"
                told = [part.line_of_row(io.BytesIO(rest), row) + before for row in range(own, second.height)]
                assert told == lines[first.height :], f"lines told otherwise from byte {end} on"
    if not tried:
        skip("it does not tell where rows end, so a file is read at once")
