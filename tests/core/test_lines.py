"""The line of a row: where a fault is, whatever stands in quotes, is blank, or ends a line."""

from __future__ import annotations

import csv
import io
import math
import os

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.files.delimited import parse_delimited
from zoo_core.data.files.delimited_rows import line_of_row
from zoo_core.data.files.line_numbers import has_bom, line_numbers
from zoo_core.data.files.reading import read_table
from zoo_core.data.numeric_columns import parse_numbers, read_number_column
from zoo_core.errors import DataError

CELL = st.text(st.sampled_from(list('ab,"\n\t ')), max_size=6)


@given(
    st.lists(st.tuples(CELL, CELL, st.integers(0, 2)), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_lines_of_quoted_rows(rows, headed, end):
    """Each row is written after some blank lines; its line is counted as it is written."""
    text, starts = ("one,two" + end if headed else ""), []
    for first, second, blanks in rows:
        text += end * blanks
        starts.append(text.count("\n") + 1)
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end).writerow((first, second))
        text += out.getvalue()
    data = text.encode()
    frame = parse_delimited(data, header=None if headed else ("one", "two"))
    assert frame.rows() == [(first, second) for first, second, _ in rows]
    assert [line_of_row(data, row, has_header=headed) for row in range(len(rows))] == starts


@pytest.mark.parametrize(
    ("data", "given", "lines"),
    [
        (b"a\n\n\nz\n", {}, [2, 3, 4]),  # of a single column, an empty line is an empty text
        (b"\n\na,b\n\n1,2\n", {}, [5]),
        (b'a\tb\n"\t"\n\n"\tx\n', {"separator": "\t", "quoting": False}, [2, 4]),
        (b'"a\nb",c\n1,2\n', {}, [3]),
    ],
)
def test_lines_of_odd_files(data, given, lines):
    assert [line_of_row(data, row, **given) for row in range(len(lines))] == lines
    parsed = parse_delimited(data, **given)
    assert parsed.height == len(lines)


@pytest.mark.parametrize(
    ("name", "data", "place"),
    [
        ("a.csv", '\ufeffx,y\n1,"two\nlines"\n\nmany,z\n', "a.csv:5"),
        ("a.tsv", 'x\ty\n1\t"\nmany\tz\n', "a.tsv:3"),
        ("a.txt", "1\nmany\n", "a.txt:2"),
        ("yelp.csv", '"1","two\nlines"\n"2","x"\n', "yelp.csv:3"),
    ],
)
def test_a_fault_is_told_with_file_and_line(registry, tmp_path, name, data, place):
    path = tmp_path / name
    path.write_text(data, "utf-8")
    table = read_table(path, registry)
    assert table.location(1) == f"{path.parent}/{place}"
    first = table.frame.columns[0]
    if table.frame[first][1] == "many":
        with pytest.raises(DataError, match=rf'{place}: "many" in column "{first}" is not a finite number'):
            read_number_column(table, first, setting="task.columns")


def test_without_a_file_a_row_has_its_number():
    assert Table(pl.DataFrame({"x": ["1", "2"]}), "stdin").location(1) == "stdin, row 2"


@pytest.mark.skipif(os.name == "nt", reason="/dev/fd of POSIX")
def test_of_a_pipe_a_row_has_its_number(registry):
    out, into = os.pipe()
    os.write(into, b"x,y\n1,a\n2,b\n")
    os.close(into)
    table = read_table(f"/dev/fd/{out}", registry)
    assert table.location(1) == f"/dev/fd/{out}, row 2"
    assert line_numbers(table, [2]) == {}
    os.close(out)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_pipe_is_not_read_for_its_mark(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(pipe, b"\xef\xbb\xbfx,y\n")
    assert not has_bom(str(tmp_path / "pipe"))
    assert os.read(pipe, 20) == b"\xef\xbb\xbfx,y\n"
    os.close(pipe)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{!r}", " {!r} ", "{:.3e}", "{:+.17g}"]))
def test_numbers_are_pythons(value, form):
    written = form.format(value)
    expected = float(written)  # of the largest, fewer digits may be infinite
    assert parse_numbers(pl.Series([written])).to_list() == [expected if math.isfinite(expected) else None]


@pytest.mark.parametrize(
    "text", ["", " ", "nan", "inf", "-Infinity", "1,5", "0x1", "1_0", "１", "1e", "e5", ".", "1e999", "--1"]
)
def test_what_is_no_finite_number(text):
    assert parse_numbers(pl.Series([text])).to_list() == [None]
