"""Hints on a file's encoding and separator: what they say to do works."""

from __future__ import annotations

import subprocess

import pytest

from zoo_core.config.structure import build_component
from zoo_core.data.files.conversion_hints import guess_encodings, separator_hint
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

TEXTS = {
    "CP1252": "caf\u00e9 bon, tr\u00e8s f\u00e2ch\u00e9",
    "CP949": "\uc11c\ube44\uc2a4\uac00 \ubcc4\ub85c\uc608\uc694",
    "CP932": "\u30b5\u30fc\u30d3\u30b9\u304c\u60aa\u3044",
    "EUC-JP": "\u7f8e\u5473\u3057\u3044\u6599\u7406\u3067\u3057\u305f",
    "GB18030": "\u670d\u52a1\u5f88\u5dee\uff0c\u518d\u4e5f\u4e0d\u6765",
    "BIG5": "\u670d\u52d9\u5f88\u5dee\uff0c\u518d\u4e5f\u4e0d\u4f86",
    "CP1251": "\u041f\u043b\u043e\u0445\u043e",
    "KOI8-R": "\u041e\u0447\u0435\u043d\u044c \u0432\u043a\u0443\u0441\u043d\u043e",
    "UTF-16LE": "good food",
    "UTF-32LE": "good food",
    "UTF-32BE": "\ub9db\uc788\ub294 \uc74c\uc2dd",
    "UTF-16BE": "\ub9db\uc788\ub294 \uc74c\uc2dd",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_likeliest_encoding_comes_first(encoding):
    assert guess_encodings(f"text,label\n{TEXTS[encoding]},pos\n".encode(encoding))[0] == encoding


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("CP932", "\u98df\u3079\u7269"),
        ("EUC-JP", "\u30e9\u30fc\u30e1\u30f3"),
        ("CP949", "\ub620\ubc29\uac01\ud558 \ud3b2\uc2dc\ucf5c\ub77c"),
    ],
)
def test_a_rare_syllable_or_a_single_letter_is_no_sign_of_korean(encoding, text):
    assert guess_encodings(text.encode(encoding))[0] == encoding


def test_a_mark_of_utf_32_is_not_taken_for_that_of_utf_16():
    assert guess_encodings("a\n".encode("utf-32")) == ["UTF-32"]
    assert guess_encodings(b"a\0b") == []


@pytest.mark.parametrize("encoding", ["CP1252", "CP949", "UTF-16LE"])
def test_the_hint_converts_the_file(registry, tmp_path, monkeypatch, encoding):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my file.csv").write_bytes(f"text,label\n{TEXTS[encoding]!r},pos\n".replace(", ", " ").encode(encoding))
    with pytest.raises(DataError) as caught:
        read_table("my file.csv", registry)
    command = caught.value.problems[0].hint.partition("UTF-8: ")[2].partition("; or from")[0]
    assert command == f"iconv -f {encoding} -t UTF-8 'my file.csv' > 'my file.utf8.csv'"
    subprocess.run(command, shell=True, check=True)
    assert TEXTS[encoding][:4] in read_table("my file.utf8.csv", registry).frame["text"][0]


def test_no_encoding_is_guessed_for_noise(registry, tmp_path):
    (tmp_path / "noise.csv").write_bytes(b"a,b\n\0\xff\xff\xff\n")
    with pytest.raises(DataError, match=r"a NUL byte: this is not a text file$"):
        read_table(tmp_path / "noise.csv", registry)


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.csv", "text;label\nfine;pos\n", "semicolons"),
        ("a.csv", "text;label\nGut, aber teuer;pos\n", "semicolons"),
        ("a.csv", 'text;label\n"Gut; teuer";pos\n', "semicolons"),
        ("a.csv", 'sep=;\ntext;label\n"Gut; teuer";pos\n', "semicolons"),
        ("a.csv", "text|label\nfine|pos\n", "vertical bars"),
        ("a.txt", "text;label\nfine;pos\n", "semicolons"),
        ("a.txt", "text\tlabel\nfine\tpos\n", "name the format with --reader tsv"),
        ("a.txt", "text,label\nfine,pos\n", "name the format with --reader csv"),
        ("a.csv", "sep=,\ntext,label\nfine,pos\n", "an instruction to Excel, not a header"),
    ],
)
def test_another_separator_is_reported(registry, tmp_path, name, data, word):
    (tmp_path / name).write_text(data)
    task = build_component(registry, "task", "text-classification")
    with pytest.raises(DataError) as caught:
        task.read(read_table(tmp_path / name, registry))
    assert word in str(caught.value)
    if "--reader" in word:
        task.read(read_table(tmp_path / name, registry, reader=word.split()[-1]))


def test_no_separator_is_reported_that_was_just_used():
    assert separator_hint("text\tlabel", "\t") == ""
    assert "--reader tsv" in separator_hint("text\tlabel", ",")
    assert separator_hint("a single text") == ""
