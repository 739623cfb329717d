"""Delimited files: exactly what the csv module reads, and errors with their line."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.data.delimited.rows import parse_strictly
from zoo_core.data.files import delimited
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

REGISTRY = open_zoo().registry
ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
AWKWARD = st.text(st.sampled_from('a1,"\n\r é'), max_size=6)
NASTY = [
    "NA",
    "null",
    "None",
    "nan",
    "",
    " ",
    "#N/A",
    "-",
    "0",
    "true",
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    "a\rb",
    " x ",
    "é\u2028",
]


def rows_of(frame: pl.DataFrame) -> list[list[str]]:
    assert all(column.dtype == pl.String and not column.null_count() for column in frame)
    return [frame.columns, *map(list, frame.rows())]


def written(rows: list[list[str]], **how) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, **how).writerows(rows)
    return stream.getvalue().encode()


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    cells = st.one_of(ANY, AWKWARD, st.sampled_from(NASTY))
    return [
        [f"column {at}" for at in range(width)],
        *draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)),
    ]


@settings(max_examples=300)
@given(tables(), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_reads_exactly_what_the_csv_module_writes(rows, quoting):
    frame = delimited.parse_delimited(written(rows, quoting=quoting, lineterminator="\r\n"))
    assert rows_of(frame) == rows


@settings(max_examples=1000)
@given(st.text(st.sampled_from('aé,"\n\r '), max_size=24), st.sampled_from([None, ("x", "y")]))
def test_reads_any_text_as_the_csv_module_does_or_rejects_it(text, header):
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        names = list(header) if header else next(filter(None, found))
        below = found if header else found[found.index(names) + 1 :]
        expected = [names, *(row or [""] for row in below if row or len(names) == 1)]
        sound = len(set(names)) == len(names) and {len(row) for row in expected} == {len(names)}
    except (csv.Error, StopIteration):
        sound = False
    try:
        frame = delimited.parse_delimited(text.encode(), header=header)
    except DataError:
        assert not sound
    else:
        assert frame.width == 0 or (sound and rows_of(frame) == expected)


@given(
    st.lists(st.lists(st.text(st.sampled_from('a"é ,'), max_size=4), min_size=2, max_size=2), min_size=1, max_size=5)
)
def test_tsv_separates_by_tabs_and_has_no_quotes(rows):
    rows = [[cell.replace("\n", "").replace("\r", "") for cell in row] for row in rows]
    data = "".join("\t".join(row) + "\n" for row in [["a", "b"], *rows]).encode()
    frame = build_component(REGISTRY, "reader", "tsv").read(io.BytesIO(data))
    assert rows_of(frame)[1:] == rows


CHANGES = {
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n").replace(b"two\r\n", b"two\n"),
    "no last newline": lambda data: data.removesuffix(b"\n"),
}
FILES = {
    "plain": b"rating,review\ngood,NA\nbad,\nbad,null\n",
    "quoted": b'rating,review\n"good","a ""b"", c"\n"bad","two\nlines"\n"bad",""\n',
    "tabs": b"rating\treview\ngood\ta\nbad\tb\nbad\t\n",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", FILES)
def test_bom_and_line_ends_do_not_change_the_table(tmp_path, change, name):
    suffix = "tsv" if name == "tabs" else "csv"
    paths = [tmp_path / f"plain.{suffix}", tmp_path / f"changed.{suffix}"]
    paths[0].write_bytes(FILES[name])
    paths[1].write_bytes(CHANGES[change](FILES[name]))
    plain, changed = (read_table(path, REGISTRY) for path in paths)
    assert plain.frame.equals(changed.frame)
    assert (plain.frame.columns, plain.frame.height) == (["rating", "review"], 3)
    assert plain.sha256 != changed.sha256


def test_words_for_missing_values_are_texts(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(written([["label", "text"], *(["x", text] for text in NASTY)]))
    assert read_table(path, REGISTRY).frame["text"].to_list() == NASTY


INVALID = {  # the bytes, and the message after the name of the file
    "empty": (b"", ": the file is empty"),
    "only a BOM": (b"\xef\xbb\xbf", ": the file is empty"),
    "header only": (b"rating,review\n", ": there are no rows below the header"),
    "not UTF-8": (b"rating,review\na,b\na,caf\xe9\n", ":3: not UTF-8 (byte 0xe9)"),
    "cut off in a letter": (b"rating,review\na,caf\xc3", ":2: not UTF-8 (byte 0xc3)"),
    "NUL": (b"rating,review\na,b\na,\0\n", ":3: a NUL byte"),
    "too few": (b"rating,review\na,b\na\na,b\n", ":3: a row of 1 field, expected 2"),
    "too many": (b"rating,review\na,b\na,b,c\n", ":3: a row of 3 fields, expected 2"),
    "two that make up": (b"a,b,c\n1,2\n1,2,3,4\n", ":2: a row of 2 fields, expected 3"),
    "ragged below two lines": (b'rating,review\na,"b\nc"\n\na\n', ":5: a row of 1 field"),
    "ragged with CRLF": (b"rating,review\r\na,b\r\na\r\n", ":3: a row of 1 field"),
    "never closed": (b'rating,review\na,b\na,"c\nd\ne,f\n', ":3: a quote is opened here and never closed"),
    "never closed after others": (b'rating,review\na,"b\nb"\n\n"a","c ""d""\nx', ":5: a quote is opened here"),
    "never closed at once": (b'rating,review\na,"', ":2: a quote is opened here"),
    "text after a quote": (b'rating,review\na,"b" c\n', ":2: text after a closing quote"),
    "named twice": (b"a,b,a\n1,2,3\n", ':1: the column "a" is named twice'),
}


@pytest.mark.parametrize("case", INVALID)
def test_rejects_invalid_files_with_their_line(tmp_path, case):
    data, message = INVALID[case]
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_table(path, REGISTRY)
    assert str(caught.value).startswith(f"{path}{message}")
    assert caught.value.exit_code == 3


def test_rejects_missing_files_and_folders(tmp_path):
    for path, message in ((tmp_path / "no.csv", "there is no such file"), (tmp_path, "this folder has no texts")):
        with pytest.raises(DataError, match=message) as caught:
            read_table(path, REGISTRY)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_last_newline_ends_a_text(end):
    data = f"text{end}a{end}{end}".encode()
    assert delimited.parse_delimited(data, separator="\t", quoting=False)["text"].to_list() == ["a", ""]


CELL = st.text(st.sampled_from('a," é\r\ufeff'), max_size=4)


@settings(max_examples=300)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_tsv_is_split_as_a_plain_python_program_splits_it(rows, end):
    data = end.join(["text\tlabel", *map("\t".join, rows), ""]).encode()
    plain = [line.removesuffix("\r").split("\t") for line in data.decode().split("\n")[:-1]]
    assert rows_of(delimited.parse_delimited(data, separator="\t", quoting=False)) == plain


def test_parses_tsv_with_windows_line_ends_natively():
    frame = delimited.parse_natively(b"text\tlabel\r\ngood\tc\r\n", "\t", quoting=False)
    assert frame is not None
    assert frame.rows() == [("good", "c")]


def test_lines_that_end_in_returns_are_parsed_natively():
    data = b"text,label\r" + b"a,b\r" * 9 + b"\r\rc,d"
    frame = delimited.parse_natively(data, ",", True)
    assert frame is not None
    assert frame.equals(parse_strictly(data, ",", None, True))


@pytest.mark.parametrize(("header", "rows"), [(None, 0), (("a", "b"), 0), (("a",), 3)])
def test_blank_lines_alone_are_rows_of_a_single_column_only(header, rows):
    assert delimited.parse_delimited(b"\n\r\n\n", header=header).height == rows
