"""SQLite databases: tables and queries, and what a query must not do."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import zoo_core
from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.files.parts import split_part
from zoo_core.data.files.reading import read_table
from zoo_core.data.files.sources import expand_paths
from zoo_core.errors import DataError
from zoo_core.memory import peak_memory
from zoo_core.recipes.recipe import Recipe


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE tickets (text, label, n, raw)")
        rows = [("good food", "a", 1, b"x"), ("bad", None, 2.5, None), ("caf\u00e9", "b", -7, None)]
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?)", rows)
        connection.execute("CREATE TABLE [the other] (x)")
        connection.execute("CREATE VIEW labeled AS SELECT text, label FROM tickets WHERE label IS NOT NULL")
    connection.close()
    return path


def test_reads_tables_views_and_queries(database, registry):
    table = read_table(f"{database}::tickets", registry)
    assert table.frame.to_dict(as_series=False) == {
        "text": ["good food", "bad", "caf\u00e9"],
        "label": ["a", "", "b"],
        "n": ["1", "2.5", "-7"],
    }
    assert table.unread == {"raw": "blob"}
    assert table.source == f"{database}::tickets"
    view = read_table(f"{database}::labeled", registry)
    assert view.frame["label"].to_list() == ["a", "b"]
    query = read_table(f"{database}::SELECT text, upper(label) AS label FROM tickets ORDER BY text", registry)
    assert query.frame["label"].to_list() == ["", "B", "A"]
    assert len({table.sha256, view.sha256, query.sha256}) == 3
    named = read_table(database, registry, reader="{ use = 'sqlite', table = 'labeled' }")
    assert named.frame.equals(view.frame)


def test_columns_that_are_not_used_are_not_read(database, registry, zoo):
    task = Recipe("data", zoo, (zoo.defaults,)).plan().task
    table = read_table(f"{database}::tickets", registry, choose=columns_of(task))
    assert table.frame.columns == ["text", "label"] and table.unread == {"n": "", "raw": ""}
    task = Recipe("data", zoo, (zoo.defaults,)).override("task.text=raw").plan().task
    with pytest.raises(DataError, match='row 1, column "raw": got bytes, expected text'):
        read_table(f"{database}::tickets", registry, choose=columns_of(task))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("", r"the database has 3 tables: .*labeled, the other, tickets .*::labeled"),
        ("::ticket", r'unknown table "ticket": .*::tickets'),
        ("::DELETE FROM tickets", 'unknown table "DELETE FROM tickets"'),
        ("::SELECT 1; DROP TABLE tickets", "only a SELECT is allowed"),
        ("::WITH x AS (SELECT 1) DELETE FROM tickets", "only a SELECT is allowed"),
        ("::SELECT load_extension('x')", "only a SELECT is allowed: not authorized"),
        ("::SELECT * FROM pragma_database_list", "only a SELECT is allowed|no such table"),
        ("::SELECT txt FROM tickets", "cannot read the database: no such column: txt"),
        ("::SELECT text, label AS text FROM tickets", 'the column "text" is there twice'),
        ("::SELECT zeroblob(1000000000)", "too big"),
    ],
)
def test_what_is_no_table_and_no_select_is_refused(database, registry, part, said):
    before = database.read_bytes()
    with pytest.raises(DataError, match=said):
        read_table(f"{database}{part}", registry)
    assert database.read_bytes() == before


def test_limits(database, registry, monkeypatch):
    endless = f"{database}::WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS text FROM c"
    monkeypatch.setenv("ZOO_MAX_ROWS", "100000")
    with pytest.raises(DataError, match="more than 100,000 rows"):
        read_table(endless, registry)
    monkeypatch.setattr("zoo_formats.sqlite_tables.SECOND_BYTES", -1)
    with pytest.raises(DataError, match="reading takes longer"):
        read_table(endless.replace("SELECT x AS text", "SELECT max(x) AS text"), registry)


def test_a_damaged_database_is_refused(database, registry, tmp_path):
    path = tmp_path / "a.db"
    for data in (database.read_bytes()[:5000], database.read_bytes()[:16] + b"\xff" * 4000):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"damaged SQLite database|cannot read the database|no tables"):
            read_table(f"{path}::tickets", registry)


def test_a_run_names_the_part(database, small, tmp_path):
    columns = ("task=text-classification", "task.text=text", "task.label=label")
    numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 8)"
    data = f"{database}::{numbers} SELECT text || ' ' || x AS text, label FROM tickets, c"
    run = zoo_core.train(small(*columns), data, run=tmp_path / "run")
    assert run.summary["data"]["files"] == [data]
    assert zoo_core.evaluate(tmp_path / "run")["rows"] == run.summary["rows"]["test"]


def test_the_part_of_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert split_part("a::b::c") == ("a", "b::c")
    Path("a::b").write_text("text\n", encoding="utf-8")
    assert split_part("a::b") == ("a::b", "") and split_part("a::b::c") == ("a::b", "c")
    for name in ("x1.db", "x2.db"):
        Path(name).write_text("", encoding="utf-8")
    assert expand_paths("x*.db::t") == ["x1.db::t", "x2.db::t"]
    assert os.path.lexists("a::b")


def test_a_reader_of_whole_files_has_no_parts(reviews, registry):
    with pytest.raises(DataError, match=r'reader "csv" reads whole files, so "::x" names nothing'):
        read_table(f"{reviews}::x", registry)


@pytest.mark.parametrize(
    "columns",
    [
        "x, hex(zeroblob(400000)) AS text",  # rows that take memory in a batch
        ", ".join(f"hex(zeroblob(400000 + x)) AS c{number}" for number in range(1900)),  # one row
        f"length(max({', '.join(['hex(zeroblob(400000 + x))'] * 100)})) AS text",
        "max(length(hex(zeroblob(60000000)))) AS text",  # time between two steps
    ],
)
def test_values_that_a_view_computes_are_limited(tmp_path, registry, monkeypatch, columns):
    monkeypatch.setenv("ZOO_MAX_MIB", "64")
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
        database.execute(f"CREATE VIEW v AS {numbers} SELECT {columns} FROM c")
        database.commit()
    before = peak_memory()
    with pytest.raises(DataError, match=r"more than 64 MiB|too big|too many arguments"):
        read_table(path, registry)
    assert peak_memory() - before < 256 << 20
