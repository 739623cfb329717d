"""Files that must be read otherwise: the error prints the command that was typed with the options, and it works."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

PAIRS = [("0", "rude staff, never again"), ("1", "caf\u00e9 cr\u00e8me tr\u00e8s bon")]
KOREAN_PAIRS = [("\ub098\uc068", "\ub108\ubb34 \uc9dc\uc694"), ("\uc88b\uc74c", "\ub9db\uc788\ub294 \uc74c\uc2dd")]
ROWS, KOREAN = (
    [(label, f"{text} {number}") for number in range(6) for label, text in pairs] for pairs in (PAIRS, KOREAN_PAIRS)
)


def lines(separator: str, rows=ROWS, header=("label", "text")) -> str:
    rows = [tuple(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows]
    return "".join(f"{separator.join(row)}\n" for row in (*([header] if header else []), *rows))


FILES = {  # the name of a file, its bytes, and the options that read it
    "cp949": ("my reviews.csv", lines(",", KOREAN).encode("cp949"), "--encoding cp949"),
    "cp1252": ("it's.csv", lines(",").encode("cp1252"), "--encoding cp1252"),
    "UTF-16": ("a=b.csv", lines(",").encode("utf-16-le"), "--encoding utf-16-le"),
    "lines": ("a.txt", lines("|").encode(), "--delimiter '|'"),
    "lines and columns": ("a.txt", lines(";", header=("stars", "review")).encode(), "--delimiter ';' --text review"),
    "no header": ("a.csv", lines(",", header=()).encode(), "--no-header --text 2 --label 1"),
    "no header, words": ("a.csv", lines(",", KOREAN, header=()).encode(), "--no-header --text 2 --label 1"),
    "no header, three columns": (
        "a.tsv",
        lines("\t", [(f"{number}.5", *row) for number, row in enumerate(ROWS)], ()).encode(),
        "--no-header --text 3 --label 2",
    ),
    "lines, no header": ("a.txt", lines("\t", header=()).encode(), "--delimiter tab --no-header --text 2 --label 1"),
}


def pasted(answer) -> list[str]:
    found = re.search(r"\(hint: zoo ([^;]*(?:';'[^;]*)?)(?:; or with .*)?\)$", answer.lines[-1])
    assert found, answer.err
    return shlex.split(found[1])


@pytest.mark.parametrize("kind", FILES)
def test_the_command_in_the_hint_reads_the_file(zoo, kind):
    name, data, options = FILES[kind]
    Path(name).write_bytes(data)
    answer = zoo("data", "check", name)
    assert answer.code == 3
    words = pasted(answer)
    assert words[: 3 + len(shlex.split(options))] == ["data", "check", name, *shlex.split(options)]
    assert zoo(*words).code == 0


def test_a_wrong_option_is_replaced_in_the_hint(zoo):
    Path("a.csv").write_bytes(lines(",", KOREAN).encode("cp949"))
    words = pasted(zoo("data", "check", "--encoding=ascii", "a.csv"))
    assert words == ["data", "check", "a.csv", "--encoding", "cp949"]
    Path("d.csv").write_text(lines(","), encoding="utf-8")
    words = pasted(zoo("data", "check", "d.csv", "--reader", "tsv"))
    assert words == ["data", "check", "d.csv", "--delimiter", ","]
    assert zoo(*words).code == 0
    Path("c.csv").write_text(lines(",", KOREAN), encoding="utf-8")
    words = pasted(zoo("data", "check", "c.csv", "--encoding", "johab"))
    assert words == ["data", "check", "c.csv", "--encoding", "utf-8"]
    Path("b.csv").write_text(lines(";"), encoding="utf-8")
    words = pasted(zoo("data", "check", "b.csv", "--delimiter", ",", "--set", "reader.delimiter=|"))
    assert words == ["data", "check", "b.csv", "--delimiter", ";"]


def test_standard_input_gets_the_options_alone(zoo):
    answer = zoo("data", "check", "-", stdin=lines(",", KOREAN).encode("cp949"))
    assert "(hint: add --encoding cp949" in answer.err


@pytest.mark.parametrize("typed", [("a b.db",), ("--data", "a b.db"), ("--data=a b.db",), ("a b.db::ticket",)])
def test_a_part_of_a_file_is_put_where_the_file_was(zoo, typed):
    with closing(sqlite3.connect("a b.db")) as database, database:
        database.execute("CREATE TABLE tickets (label, text)")
        database.execute("CREATE VIEW zeros AS SELECT * FROM tickets WHERE label = '0'")
        database.executemany("INSERT INTO tickets VALUES (?, ?)", ROWS)
    words = pasted(zoo("data", "check", *typed))
    assert words == ["data", "check", *typed[:-1], f"{typed[-1].removesuffix('::ticket')}::tickets"]
    assert zoo(*words).code == 0


@pytest.mark.parametrize("kind", ["cp949", "cp1252", "no header", "lines, no header"])
def test_a_file_in_place_of_a_recipe_is_named_with_its_options(zoo, kind):
    name, data, options = FILES[kind]
    Path(name).write_bytes(data)
    words = pasted(zoo("train", name))
    assert words == ["train", "text-fast", "--data", name, *shlex.split(options)]
