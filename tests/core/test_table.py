"""Reading files: to the letter what the `csv` module reads, and the line of whatever is wrong."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import open_zoo
from zoo_core.data.columns import prediction_texts, read_examples
from zoo_core.data.files import delimited
from zoo_core.data.files.reading import read_table
from zoo_core.data.splits import parse_split_names
from zoo_core.errors import DataError
from zoo_core.training.pipeline import prepare

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
def test_what_the_csv_module_writes_is_read_to_the_letter(rows, quoting):
    frame = delimited.parse_delimited(written(rows, quoting=quoting, lineterminator="\r\n"))
    assert rows_of(frame) == rows


@settings(max_examples=1000)
@given(st.text(st.sampled_from('aé,"\n\r '), max_size=24), st.sampled_from([None, ("x", "y")]))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused(text, header):
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
def test_tabs_cut_and_quotes_are_letters_in_tsv(rows):
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
def test_what_changes_nothing(tmp_path, change, name):
    suffix = "tsv" if name == "tabs" else "csv"
    paths = [tmp_path / f"plain.{suffix}", tmp_path / f"changed.{suffix}"]
    paths[0].write_bytes(FILES[name])
    paths[1].write_bytes(CHANGES[change](FILES[name]))
    one, other = (read_table(path, REGISTRY) for path in paths)
    assert one.frame.equals(other.frame)
    assert (one.frame.columns, one.frame.height) == (["rating", "review"], 3)
    assert one.sha256 != other.sha256


def test_words_for_nothing_are_texts(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(written([["label", "text"], *(["x", text] for text in NASTY)]))
    assert read_table(path, REGISTRY).frame["text"].to_list() == NASTY


WRONG = {  # the bytes, and what is said of them after the name of the file
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


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_and_where(tmp_path, case):
    data, said = WRONG[case]
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_table(path, REGISTRY)
    assert str(caught.value).startswith(f"{path}{said}")
    assert caught.value.exit_code == 3


def test_no_file_or_a_folder(tmp_path):
    for path, said in ((tmp_path / "no.csv", "there is no such file"), (tmp_path, "this folder has no texts")):
        with pytest.raises(DataError, match=said) as caught:
            read_table(path, REGISTRY)
        assert str(path) in str(caught.value)


def test_a_column_that_is_not_there_names_the_nearest_and_the_setting():
    table = Table(pl.DataFrame({"review": ["a"], "stars": ["1"]}), "r.csv")
    with pytest.raises(DataError) as caught:
        table.column("reviews", setting="task.text")
    for text in ('r.csv: there is no column "reviews"', 'did you mean "review"?', "review, stars", "task.text=NAME"):
        assert text in str(caught.value)
    assert prediction_texts(table.__class__(table.frame.select("stars"), ""), "review").to_list() == ["1"]


@given(st.lists(st.sampled_from(["a", "b", "", "  ", "NA"]), min_size=1))
def test_rows_read_are_used_or_dropped(labels):
    frame = pl.DataFrame({"text": [str(at) for at in range(len(labels))], "label": labels})
    found = read_examples(Table(frame, "f"), text="text", label="label", split="split", split_optional="split")
    kept = [str(at) for at, label in enumerate(labels) if label.strip()]
    assert found.texts.to_list() == kept
    assert found.labels.to_list() == [label.strip() for label in labels if label.strip()]
    assert len(kept) + sum(found.dropped.values()) == len(labels)


def test_a_run_reports_every_row(reviews, small, tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(reviews.read_bytes() + b",no label\n ,none either\n")
    report = prepare(small(), path).report
    assert (report["read"], report["dropped"]) == (122, {"no label": 2})
    assert sum(report["rows"].values()) == 120


def test_names_of_splits():
    names = ["train", " Training", "valid", "DEV", "validation", "val", "test", "testing"]
    found = parse_split_names(pl.Series("split", names), str).to_list()
    assert found == ["train"] * 2 + ["val"] * 4 + ["test"] * 2
    with pytest.raises(DataError, match='f:3: unknown split "tset" in column "split"'):
        parse_split_names(pl.Series("split", ["train", "tset"]), lambda row: f"f:{row + 2}")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_last_newline_is_no_text(end):
    data = f"text{end}a{end}{end}".encode()
    assert delimited.parse_delimited(data, separator="\t", quoting=False)["text"].to_list() == ["a", ""]


CELL = st.text(st.sampled_from('a," é\r\ufeff'), max_size=4)


@settings(max_examples=300)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_tabs_are_read_as_a_plain_program_splits_them(rows, end):
    data = end.join(["text\tlabel", *map("\t".join, rows), ""]).encode()
    plain = [line.removesuffix("\r").split("\t") for line in data.decode().split("\n")[:-1]]
    assert rows_of(delimited.parse_delimited(data, separator="\t", quoting=False)) == plain


def test_lines_of_tabs_from_windows_are_read_natively(monkeypatch):
    one_by_one = delimited._parse_strictly
    seen = []
    monkeypatch.setattr(delimited, "_parse_strictly", lambda data, *rest: seen.append(data) or one_by_one(data, *rest))
    frame = delimited.parse_delimited(b"text\tlabel\r\ngood\tc\r\n", separator="\t", quoting=False)
    assert frame.rows() == [("good", "c")]
    assert not any(b"good" in one for one in seen)  # at most the names
