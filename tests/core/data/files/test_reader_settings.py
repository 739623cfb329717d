"""Files read by settings: encodings, delimiters and headers, the same in chunks, and settings that do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.data.task_detection import given_reader
from zoo_core.errors import DataError, RecipeError
from zoo_textbook.readers import CSV, TSV

KOREAN, EUROPEAN, JAPANESE = "\ub9db\uc788\ub294 \uc74c\uc2dd", "tr\u00e8s caf\u00e9", "\u7f8e\u5473\u3057\u3044"
ENCODINGS = {
    "cp949": KOREAN,
    "cp1252": EUROPEAN,
    "latin-1": EUROPEAN,
    "shift_jis": JAPANESE,
    "gb18030": KOREAN,
    "utf-16": JAPANESE,
    "utf-16-le": KOREAN,
    "utf-32": KOREAN,
    "utf-8": KOREAN,
    "utf-8-sig": KOREAN,
}


def settings(zoo, **values):
    return given_reader(zoo, [f"reader.{key}={value}" for key, value in values.items()])


def read_all(path, registry, chunk_bytes, reader):
    tables = list(TableStream(path, registry, reader=reader, chunk_bytes=chunk_bytes))
    return [row for table in tables for row in table.frame.rows()], tables


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1 << 20])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_in_any_encoding_is_read_in_chunks(zoo, tmp_path, encoding, chunk_bytes):
    path, text = tmp_path / "a.csv", ENCODINGS[encoding]
    path.write_bytes(f'text,label\n"{text},\n{text}",1\n{text},2\n'.encode(encoding))
    rows, tables = read_all(path, zoo.registry, chunk_bytes, settings(zoo, encoding=encoding))
    assert rows == [(f"{text},\n{text}", "1"), (text, "2")]
    assert tables[-1].location(tables[-1].frame.height - 1) == f"{path}:4"


@pytest.mark.parametrize("chunk_bytes", [1, 4, 1 << 20])
def test_an_invalid_byte_is_reported_with_its_line(zoo, tmp_path, chunk_bytes):
    (tmp_path / "a.csv").write_bytes("text,label\na,1\n".encode("cp949") + b"\xff\xff,2\n")
    with pytest.raises(DataError, match=r"a\.csv:3: not cp949 \(byte 0xff\)"):
        read_all(tmp_path / "a.csv", zoo.registry, chunk_bytes, settings(zoo, encoding="cp949"))


@pytest.mark.parametrize(
    ("start", "encoding", "declared"),
    [(b"\xef\xbb\xbf", "cp949", "UTF-8"), (b"\xff\xfe", "latin-1", "UTF-16"), (b"\xef\xbb\xbf", "utf-16", "UTF-8")],
)
def test_an_encoding_that_the_mark_contradicts_is_refused(zoo, tmp_path, start, encoding, declared):
    (tmp_path / "a.csv").write_bytes(start + b"t\0e\0")
    with pytest.raises(DataError, match=f"the byte-order mark declares {declared}, reader.encoding is {encoding}"):
        read_table(tmp_path / "a.csv", zoo.registry, reader=settings(zoo, encoding=encoding))


def test_a_class_folder_is_read_in_an_encoding(zoo, tmp_path):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "1.txt").write_bytes(KOREAN.encode("cp949"))
    frame = read_table(tmp_path, zoo.registry, reader=settings(zoo, encoding="cp949")).frame
    assert frame["text"].to_list() == [KOREAN]


@pytest.mark.parametrize(
    ("name", "data", "values", "rows"),
    [
        ("a.csv", "a;1\nb, c;2\n", {"header": "false"}, [("a", "1"), ("b, c", "2")]),
        ("a.csv", '"1","good"\n"2","bad"\n', {"header": "false"}, [("1", "good"), ("2", "bad")]),
        ("a.txt", 'say "a, b\t1\n"c\t0\n', {"header": "false"}, [('say "a, b', "1"), ('"c', "0")]),
        ("a.txt", "a;1\n", {"header": "false", "names": '["x", "y"]'}, [("a", "1")]),
        ("a.csv", "good food\nbad, too\n", {"header": "false", "delimiter": "|"}, [("good food",), ("bad, too",)]),
        ("a.tsv", "t;l\na\tb;1\n", {"delimiter": ";"}, [("a\tb", "1")]),
        ("a.txt", "t^l\na^1\n", {"delimiter": "^"}, [("a", "1")]),
        ("a.csv", 't\tl\n"a\nb"\t1\n', {}, [("a\nb", "1")]),
        ("a.csv", "sep=;\nt;l\na,b;1\nc;2\n", {}, [("a,b", "1"), ("c", "2")]),
        ("a.csv", "t;l\na,b;1\n", {}, [("a,b", "1")]),
        ("a.csv", 't,l\nsay "so",1\n', {"quoting": "false"}, [('say "so"', "1")]),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 5, 1 << 20])
def test_tables_of_text_are_read_by_settings(zoo, tmp_path, name, data, values, rows, chunk_bytes):
    (tmp_path / name).write_text(data)
    read, tables = read_all(tmp_path / name, zoo.registry, chunk_bytes, settings(zoo, **values))
    assert read == rows
    if values.get("header") and "names" not in values:
        assert tables[0].frame.columns == [str(number + 1) for number in range(len(rows[0]))]
    last = read_table(tmp_path / name, zoo.registry, reader=settings(zoo, **values)).location(len(rows) - 1)
    assert last == f"{tmp_path / name}:{len(data.splitlines()) - rows[-1][0].count(chr(10))}"


@given(
    st.lists(st.tuples(*[st.text(st.sampled_from('ab ,;"\n'))] * 2), min_size=1, max_size=4),
    st.sampled_from([CSV, TSV]),
)
def test_a_file_without_a_header_has_the_rows_of_one_with_a_header(rows, reader):
    import csv
    import io

    out = io.StringIO(newline="")
    delimiter = "," if reader is CSV else "\t"
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    plain = reader(delimiter=delimiter, quoting=True, header=False)
    assert plain.read(io.BytesIO(out.getvalue().encode())).rows() == rows


@pytest.mark.parametrize(
    ("name", "data", "values", "error", "message"),
    [
        (
            "a.jsonl",
            b'{"a": 1}\n',
            {"delimiter": ";"},
            RecipeError,
            '"jsonl".*not have the setting "delimiter".*csv',
        ),
        ("a.txt", b'{"a": 1}\n', {"delimiter": ";"}, RecipeError, "does not have the setting"),
        ("a.parquet", b"PAR1....PAR1", {"encoding": "cp949"}, RecipeError, "reader.encoding is for text files"),
        ("a.parquet", b"PAR1....PAR1", {"header": "false"}, RecipeError, "does not have the setting"),
        (
            "a.csv",
            b"a;b,c\n1;2,3\n",
            {},
            DataError,
            r"a\.csv:1: the columns may be separated by commas or by semicolons",
        ),
        ("a.csv", b"a,a\n1,2\n", {}, DataError, "named twice"),
    ],
)
def test_what_does_not_fit_is_refused(zoo, tmp_path, name, data, values, error, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error, match=message):
        read_table(tmp_path / name, zoo.registry, reader=settings(zoo, **values))


def test_the_first_row_decides_the_columns_of_every_chunk(zoo, tmp_path):
    (tmp_path / "a.csv").write_text("a,1\nb,2\nc,3,4\n")
    with pytest.raises(DataError, match=r"a\.csv:3: a row of 3 fields, expected 2"):
        read_all(tmp_path / "a.csv", zoo.registry, 4, settings(zoo, header="false"))


@pytest.mark.parametrize("data", [b"\n", b"sep=;\n", b"sep=;\n\r\n"])
def test_blank_lines_without_a_header_are_no_rows(tmp_path, registry, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match="there are no rows"):
        read_table(path, registry, reader="{ use = 'csv', header = false }")
