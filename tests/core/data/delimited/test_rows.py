"""The lines on which rows of delimited text begin, whatever is in quotes, is blank, or ends a line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.delimited.rows import line_of_row
from zoo_core.data.files.delimited import parse_delimited

CELL = st.text(st.sampled_from(list('ab,"\n\t ')), max_size=6)


@given(
    st.lists(st.tuples(CELL, CELL, st.integers(0, 2)), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_line_of_row_after_quoted_rows_and_blank_lines(rows, has_header, end):
    text, starts = ("one,two" + end if has_header else ""), []
    for first, second, blanks in rows:
        text += end * blanks
        starts.append(text.count("\n") + 1)
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end).writerow((first, second))
        text += out.getvalue()
    data = text.encode()
    frame = parse_delimited(data, header=None if has_header else ("one", "two"))
    assert frame.rows() == [(first, second) for first, second, _ in rows]
    assert [line_of_row(data, row, has_header=has_header) for row in range(len(rows))] == starts


@pytest.mark.parametrize(
    ("data", "options", "lines"),
    [
        (b"a\n\n\nz\n", {}, [2, 3, 4]),  # of a single column, an empty line is an empty text
        (b"\n\na,b\n\n1,2\n", {}, [5]),
        (b'a\tb\n"\t"\n\n"\tx\n', {"separator": "\t", "quoting": False}, [2, 4]),
        (b'"a\nb",c\n1,2\n', {}, [3]),
    ],
)
def test_line_of_row_in_unusual_files(data, options, lines):
    assert [line_of_row(data, row, **options) for row in range(len(lines))] == lines
    parsed = parse_delimited(data, **options)
    assert parsed.height == len(lines)
