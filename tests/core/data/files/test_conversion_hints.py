"""Hints on a file's encoding and separator: what they say to do works."""

from __future__ import annotations

import re

import pytest

from zoo_core.data.files.conversion_hints import guess_encodings, other_delimiter
from zoo_core.data.files.reading import read_table
from zoo_core.data.task_detection import find_task_columns, given_reader
from zoo_core.errors import DataError

TEXTS = {
    "cp1252": "caf\u00e9 bon, tr\u00e8s f\u00e2ch\u00e9",
    "cp949": "\uc11c\ube44\uc2a4\uac00 \ubcc4\ub85c\uc608\uc694",
    "cp932": "\u30b5\u30fc\u30d3\u30b9\u304c\u60aa\u3044",
    "euc-jp": "\u7f8e\u5473\u3057\u3044\u6599\u7406\u3067\u3057\u305f",
    "gb18030": "\u670d\u52a1\u5f88\u5dee\uff0c\u518d\u4e5f\u4e0d\u6765",
    "big5": "\u670d\u52d9\u5f88\u5dee\uff0c\u518d\u4e5f\u4e0d\u4f86",
    "cp1251": "\u041f\u043b\u043e\u0445\u043e",
    "koi8-r": "\u041e\u0447\u0435\u043d\u044c \u0432\u043a\u0443\u0441\u043d\u043e",
    "utf-16-le": "good food",
    "utf-32-le": "good food",
    "utf-32-be": "\ub9db\uc788\ub294 \uc74c\uc2dd",
    "utf-16-be": "\ub9db\uc788\ub294 \uc74c\uc2dd",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_likeliest_encoding_comes_first(encoding):
    assert guess_encodings(f"text,label\n{TEXTS[encoding]},pos\n".encode(encoding))[0] == encoding


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", "\u98df\u3079\u7269"),
        ("euc-jp", "\u30e9\u30fc\u30e1\u30f3"),
        ("cp949", "\ub620\ubc29\uac01\ud558 \ud3b2\uc2dc\ucf5c\ub77c"),
    ],
)
def test_a_rare_syllable_or_a_single_letter_is_no_sign_of_korean(encoding, text):
    assert guess_encodings(text.encode(encoding))[0] == encoding


def test_a_mark_of_utf_32_is_not_taken_for_that_of_utf_16():
    assert guess_encodings("a\n".encode("utf-32")) == ["utf-32"]
    assert guess_encodings(b"a\0b") == []


@pytest.mark.parametrize("encoding", ["cp1252", "cp949", "utf-16-le"])
def test_the_hint_reads_the_file(registry, zoo, tmp_path, encoding):
    (tmp_path / "my file.csv").write_bytes(f"text,label\n{TEXTS[encoding]!r},pos\n".replace(", ", " ").encode(encoding))
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / "my file.csv", registry)
    problem = caught.value.problems[0]
    assert problem.changes[0] == (("reader.encoding", encoding),)
    assert problem.hint.startswith(f'set reader.encoding to "{encoding}"')
    settings = given_reader(zoo, ["=".join(pair) for pair in problem.changes[0]])
    assert TEXTS[encoding][:4] in read_table(tmp_path / "my file.csv", registry, reader=settings).frame["text"][0]


def test_no_encoding_is_guessed_for_noise(registry, tmp_path):
    (tmp_path / "noise.csv").write_bytes(b"a,b\n\0\xff\xff\xff\n")
    with pytest.raises(DataError, match=r"a NUL byte: this is not a text file$"):
        read_table(tmp_path / "noise.csv", registry)


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        ("text;label\nfine;pos\n", ";"),
        ("text\tlabel\nfine\tpos\n", "tab"),
        ("text,label\nfine,pos\n", ","),
    ],
)
def test_a_table_that_is_read_as_lines_is_told_the_delimiter(registry, zoo, tmp_path, data, delimiter):
    (tmp_path / "a.txt").write_text(data)
    with pytest.raises(DataError, match=re.escape(f'set reader.delimiter to "{delimiter}"')):
        find_task_columns(read_table(tmp_path / "a.txt", registry), zoo)
    reader = given_reader(zoo, [f"reader.delimiter={delimiter}"])
    columns = find_task_columns(read_table(tmp_path / "a.txt", registry, reader=reader), zoo)
    assert columns.labels.to_list() == ["pos"]


def test_no_delimiter_is_reported_that_was_just_used():
    assert other_delimiter("text\tlabel", "\t") == ""
    assert other_delimiter("text\tlabel", ",") == "\t"
    assert other_delimiter("a single text") == ""


def test_utf_16_without_a_mark_is_an_error_of_the_data(registry, zoo, tmp_path):
    (tmp_path / "a.csv").write_text("text,label\nfine,pos\n")
    with pytest.raises(DataError, match="UTF-16"):
        read_table(tmp_path / "a.csv", registry, reader=given_reader(zoo, ["reader.encoding=utf-16"]))
