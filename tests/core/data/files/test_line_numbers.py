"""Line numbers of rows, in messages and in audits."""

from __future__ import annotations

import csv
import io
import os

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.files.line_numbers import has_bom, line_numbers
from zoo_core.data.files.reading import read_table
from zoo_core.data.numeric_columns import read_number_column
from zoo_core.errors import DataError

CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r\ufeff"), max_size=6)


@pytest.mark.parametrize(
    ("name", "data", "place"),
    [
        ("a.csv", '\ufeffx,y\n1,"two\nlines"\n\nmany,z\n', "a.csv:5"),
        ("a.tsv", 'x\ty\n1\t"\nmany\tz\n', "a.tsv:3"),
        ("a.txt", "1\nmany\n", "a.txt:2"),
        ("yelp.csv", '"1","two\nlines"\n"2","x"\n', "yelp.csv:3"),
    ],
)
def test_locations_have_the_file_and_the_line(registry, tmp_path, name, data, place):
    path = tmp_path / name
    path.write_text(data, "utf-8")
    table = read_table(path, registry)
    assert table.location(1) == f"{path.parent}/{place}"
    first = table.frame.columns[0]
    if table.frame[first][1] == "many":
        with pytest.raises(DataError, match=rf'{place}: "many" in column "{first}" is not a finite number'):
            read_number_column(table, first, setting="task.columns")


def test_the_location_without_a_file_is_the_row_number():
    assert Table(pl.DataFrame({"x": ["1", "2"]}), "stdin").location(1) == "stdin, row 2"


@pytest.mark.skipif(os.name == "nt", reason="/dev/fd of POSIX")
def test_the_location_in_a_pipe_is_the_row_number(registry):
    out, into = os.pipe()
    os.write(into, b"x,y\n1,a\n2,b\n")
    os.close(into)
    table = read_table(f"/dev/fd/{out}", registry)
    assert table.location(1) == f"/dev/fd/{out}, row 2"
    assert line_numbers(table, [2]) == {}
    os.close(out)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_has_bom_does_not_read_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(pipe, b"\xef\xbb\xbfx,y\n")
    assert not has_bom(str(tmp_path / "pipe"))
    assert os.read(pipe, 20) == b"\xef\xbb\xbfx,y\n"
    os.close(pipe)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), st.booleans())
def test_line_numbers_of_a_csv_file(tmp_path_factory, registry, records, ends):
    records = [(f"x{first}", second) for first, second in records]  # no row without a character
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    begins = []
    for record in [("text", "la\nbel"), *records]:
        begins.append(stream.getvalue().count("\n") + 1)
        writer.writerow(record)
    path = tmp_path_factory.mktemp("lines") / "some.csv"
    path.write_bytes(stream.getvalue().encode() if ends else stream.getvalue().encode().removesuffix(b"\n"))
    table = read_table(path, registry, reader="csv")
    wanted = list(range(1, len(records) + 1))
    assert line_numbers(table, wanted) == dict(zip(wanted, begins[1:], strict=True))


def test_uncertain_line_numbers_are_left_out(tmp_path, registry):
    path = tmp_path / "some.csv"
    path.write_text("text,label\n\na,b\n")
    table = read_table(path, registry)
    assert line_numbers(table, [1]) == {}
    path.unlink()
    assert line_numbers(table, [1]) == {}
