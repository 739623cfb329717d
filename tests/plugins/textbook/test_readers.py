"""Readers of plain text files: unchanged values, or the line of an error."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError
from zoo_textbook.readers import CSV, TSV, Lines

FIELD = st.text(st.sampled_from(list("ab,\"\t\n é☕;' 1\r")), max_size=6) | st.sampled_from(["NA", "null"])
PLAIN = st.text(st.sampled_from(list("ab,\"é☕;' 1")), max_size=6)


def read(reader, data):
    frame = reader.read(io.BytesIO(data.encode() if isinstance(data, str) else data))
    assert all(column.dtype == pl.String and column.null_count() == 0 for column in frame)
    return frame


def rows(columns, field):
    return st.lists(st.tuples(*[field] * columns), max_size=8)


@given(st.integers(2, 4).flatmap(lambda columns: rows(columns, FIELD)), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_reads_csv_of_the_csv_module(table, end, every):
    if not every:  # the module does not quote a carriage return by itself
        table = [tuple(field.replace("\r", "") for field in row) for row in table]
    width = len(table[0]) if table else 2
    names = [f"c{i}" for i in range(width)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL, lineterminator=end)
    writer.writerows([names, *table])
    frame = read(CSV(), out.getvalue())
    assert frame.columns == names and frame.rows() == table


@given(rows(3, FIELD.map(lambda text: text.replace("\r", ""))))
def test_reads_quoted_tsv_of_the_csv_module(table):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", "b", "c"], *table])
    frame = read(TSV(quoting=True), out.getvalue())
    assert frame.columns == ["a", "b", "c"] and frame.rows() == table


@given(rows(2, PLAIN), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_tsv_keeps_quotes(table, end, ended):
    lines = ["text\tlabel", *("\t".join(row) for row in table)]
    frame = read(TSV(), end.join(lines) + (end if ended else ""))
    assert frame.columns == ["text", "label"] and frame.rows() == table


def test_csv_fields():
    frame = read(CSV(), 'text,label\n"a, b",1\n"two\nlines",2\n"he said ""no""",\nNA,null\n é , 3\n')
    assert frame["text"].to_list() == ["a, b", "two\nlines", 'he said "no"', "NA", " é "]
    assert frame["label"].to_list() == ["1", "2", "", "null", " 3"]


@pytest.mark.parametrize("ended", ["", "\n", "\n\n"])
def test_csv_ends(ended):
    assert read(CSV(), "text,label\na,1\n\nb," + ended).rows() == [("a", "1"), ("b", "")]


def test_numbers_and_dates_are_strings():
    frame = read(CSV(), "text,label,when\n007,1.50,2020-01-01\ntrue,-0,\n")
    assert frame.rows() == [("007", "1.50", "2020-01-01"), ("true", "-0", "")]


@pytest.mark.parametrize(
    ("reader", "data", "where", "message"),
    [
        (CSV(), "a,b\n1,2\n1,2,3\n", "3", "a row of 3 fields, expected 2"),
        (CSV(), "a,b\n1,2\n\n1\n", "4", "a row of 1 field, expected 2"),
        (CSV(), 'a,b\n"x\ny",2\n1,2,3\n', "4", "a row of 3 fields"),
        (CSV(), 'a,b\n1,2\n3,"4\n5,6\n', "3", "never closed"),
        (CSV(), 'a,b\n"x"y,2\n', "2", "text after a closing quote"),
        (CSV(), "a,b,a\n1,2,3\n", "1", '"a" is named twice'),
        (TSV(), "a\tb\n1\t2\n1\n", "3", "a row of 1 field, expected 2"),
        (TSV(), "a\ta\n1\t2\n", "1", '"a" is named twice'),
        (TSV(quoting=True), 'a\tb\n"1\t2\n', "2", "never closed"),
    ],
)
def test_reports_the_line_of_an_error(reader, data, where, message):
    with pytest.raises(DataError, match=message) as caught:
        read(reader, data)
    assert [problem.where for problem in caught.value.problems] == [where]


def test_a_long_field():
    text = 'x"\n' * 200_000
    quoted = text.replace('"', '""')
    assert read(CSV(), f'text,label\n"{quoted}",1\n').rows() == [(text, "1")]


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        ("a\nb\n", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("a\n\nb\n\n", ["a", "", "b", ""]),
        ('say "hi", now\n"x\n', ['say "hi", now', '"x']),
        ("a\tb\n", ["a\tb"]),
        (" é \n", [" é "]),
        ("a\rb\x0b\x0c\u2028c\u0085d\n", ["a\rb\x0b\x0c\u2028c\u0085d"]),
        ("NA\n", ["NA"]),
        ("\n", [""]),
    ],
)
def test_lines(data, texts):
    frame = read(Lines(), data)
    assert frame.columns == ["text"] and frame["text"].to_list() == texts


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=1))
def test_lines_round_trip(texts):
    assert read(Lines(), "\n".join(texts) + "\n")["text"].to_list() == texts


@pytest.mark.parametrize(
    ("reader", "head", "is_recognized"),
    [
        (CSV(), b"a,b\n1,2\n", True),
        (CSV(), b"a\n1,2\n", False),
        (CSV(), b"a\tb\n", True),
        (CSV(delimiter=";"), b"a\tb\n", False),
        (CSV(), b"a;b|c\n1;2|3\n", True),
        (CSV(), b"Well, well\nno\nyes, but, no\n", False),
        (TSV(), b"a\tb\n1\t2\n", True),
        (TSV(), b"a,b\n1\t2\n", False),
        (Lines(), b"anything at all", True),
    ],
)
def test_sniffing(reader, head, is_recognized):
    assert reader.sniff(head) is is_recognized


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("one.csv", "text,label\na,1\n", {"text": ["a"], "label": ["1"]}),
        ("one.CSV", "text,label\na,1\n", {"text": ["a"], "label": ["1"]}),
        ("one.csv", "text\na\n", {"text": ["a"]}),
        ("one.tsv", 'text\tlabel\n"a\t1\n', {"text": ['"a'], "label": ["1"]}),
        ("one.tab", "text\tlabel\na, b\t1\n", {"text": ["a, b"], "label": ["1"]}),
        ("one.txt", "a, b\tc\n", {"text": ["a, b\tc"]}),
        ("train.txt", "__label__x a, b\n", {"label": ["x"], "text": ["a, b"]}),
        ("bom.csv", "\ufefftext,label\na,1\n", {"text": ["a"], "label": ["1"]}),
        ("bom.txt", "\ufeffa\n", {"text": ["a"]}),
    ],
)
def test_detects_the_reader(registry, tmp_path, name, data, expected):
    path = tmp_path / name
    path.write_text(data, newline="", encoding="utf-8")
    assert read_table(path, registry).frame.to_dict(as_series=False) == expected


def test_a_reader_by_name(registry, tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("text,label\na,1\n")
    assert read_table(path, registry).frame.width == 1
    assert read_table(path, registry, reader="csv").frame.to_dict(as_series=False) == {"text": ["a"], "label": ["1"]}
