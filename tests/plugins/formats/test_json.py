"""JSON records: missing keys, objects inside, lists, and what is refused."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.files.reading import TableStream, read_table
from zoo_core.errors import DataError
from zoo_core.recipes.recipe import Recipe
from zoo_formats.json_readers import JSONArray, JSONLines

ROWS = [
    {"ticket": {"subject": "cold food", "meta": {"n": 1.50}}, "label": "bad", "tags": ["a", 1, {"b": None}]},
    {"label": "good", "text": None},
    {"ticket": {"subject": "kind"}, "text": "x", "label": True},
]


def written(folder: Path, rows: list[object], suffix: str = ".jsonl") -> Path:
    path = folder / f"a{suffix}"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) if suffix == ".jsonl" else f"[{','.join(lines)}]", encoding="utf-8")
    return path


@pytest.fixture
def task(zoo):
    """`task(*settings)`: the default task."""
    return lambda *settings: Recipe("data", zoo, (zoo.defaults,)).override(*settings).plan().task


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_keys_may_be_missing_and_objects_have_dotted_names(tmp_path, registry, suffix, caplog):
    caplog.set_level(logging.INFO, "textzoo")
    path = written(tmp_path, ROWS, suffix)
    table = read_table(path, registry)
    assert table.frame.to_dict(as_series=False) == {
        "label": ["bad", "good", "true"],
        "text": ["", "", "x"],
        "ticket.subject": ["cold food", "", "kind"],
        "ticket.meta.n": ["1.5", "", ""],
    }
    assert table.unread == {"ticket": "object", "tags": "list"}
    assert table.missing == {"text": 1, "ticket.subject": 1, "ticket.meta.n": 2}
    note = f'{path}: rows with missing values: 1 without "text", 1 without "ticket.subject", 2 without "ticket.meta.n"'
    assert caplog.messages == [note]


@pytest.mark.parametrize("reader", [JSONLines, JSONArray])
def test_nested_values_become_text_when_asked(reader):
    raw = '{"a": [1.50, "é\\n", {}, [], null], "o": {"k": 1e3, "l": {"m": true}}, "t": "x"}'
    data = BytesIO((f"[{raw}]" if reader is JSONArray else raw).encode())
    frame = reader(nested="json").read(data)
    assert frame.to_dict(as_series=False) == {
        "a": ['[1.50, "é\\n", {}, [], null]'],
        "o": ['{"k": 1e3, "l": {"m": true}}'],
        "t": ["x"],
        "o.k": ["1e3"],
        "o.l.m": ["true"],
    }


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_a_used_column_with_a_list_is_refused(tmp_path, registry, task, suffix):
    rows = [{"text": "a", "label": "b"}, {"text": ["c"], "label": "d", "o": {}}]
    choose = columns_of(task())
    place = "a.jsonl:2" if suffix == ".jsonl" else "a.json:1"
    with pytest.raises(DataError, match=f'{place}: the value of "text" is a list, expected text') as caught:
        read_table(written(tmp_path, rows, suffix), registry, choose=choose)
    assert "reader.nested" in str(caught.value)
    with pytest.raises(DataError, match='the value of "o" is an object'):
        read_table(written(tmp_path, rows, suffix), registry, choose=columns_of(task("task.text=o")))


def test_dotted_names_are_columns_of_tasks(tmp_path, registry, task):
    for at, nested in enumerate(("refuse", "json")):
        path = written(tmp_path, ROWS, (".jsonl", ".json")[at])
        reader = f"{{ use = '{('jsonl', 'json')[at]}', nested = '{nested}' }}"
        table = read_table(path, registry, reader=reader, choose=columns_of(task("task.text=ticket.subject")))
        assert table.frame.to_dict(as_series=False) == {
            "label": ["bad", "good", "true"],
            "ticket.subject": ["cold food", "", "kind"],
        }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"a.b": 1}, {"a.b": 2, "a": {"b": 3}}], 'a.jsonl:2: the key "a.b" is ambiguous'),
        ([{"a": {"b": 1}}, '{"a": {"b": 1, "b": 2}}'], 'a.jsonl:2: the key "b" is twice in one object'),
        ([{"a": 1}, "", '{"a": "\\ud800"}'], "a.jsonl:3: unpaired UTF-16 surrogate"),
        ([{"a": 1}, '{"\\ud800": 1}'], "a.jsonl:1: unpaired UTF-16 surrogate"),
        (["{}"], "a.jsonl:1: an object without keys"),
        ([{"a": 1}, [{"a": 1}]], "a.jsonl:2: not a JSON object"),
    ],
)
def test_what_is_ambiguous_is_refused(tmp_path, registry, rows, said):
    with pytest.raises(DataError, match=said):
        read_table(written(tmp_path, rows), registry)


def test_a_literal_key_with_a_dot_is_a_column(tmp_path, registry):
    rows = [{"a.b": 1}, {"a": {"c": 3}, "a.b": 2}]
    assert read_table(written(tmp_path, rows), registry).frame.to_dict(as_series=False) == {
        "a.b": ["1", "2"],
        "a.c": ["", "3"],
    }


def test_chunks_have_the_columns_of_the_first(tmp_path, registry):
    rows = [{"text": "a", "label": "b"}, *[{"text": "c"}] * 20, *[{"label": "d"}] * 20]
    path = written(tmp_path, rows)
    stream = list(TableStream(path, registry, chunk_bytes=100))
    assert len(stream) > 3 and {tuple(table.frame.columns) for table in stream} == {("text", "label")}
    whole = read_table(path, registry)
    assert pl.concat([table.frame for table in stream]).equals(whole.frame)
    assert whole.missing == {"text": 20, "label": 20}


def test_a_column_that_begins_late_is_named(tmp_path, registry):
    path = written(tmp_path, [*[{"text": "a"}] * 20, {"text": "b", "split": "train"}])
    assert read_table(path, registry).frame["split"].to_list() == [""] * 20 + ["train"]
    with pytest.raises(DataError, match=r'a.jsonl:21: the first value of "split" is too far down'):
        list(TableStream(path, registry, chunk_bytes=50))


def test_many_different_keys_are_refused_before_they_take_memory(tmp_path, registry, monkeypatch):
    monkeypatch.setattr("zoo_core.data.records.json_columns.MAX_CELLS", 1000)
    with pytest.raises(DataError, match="too many different keys: 40"):
        read_table(written(tmp_path, [{f"k{row}": 1} for row in range(40)]), registry)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_too_many_columns_are_counted_at_any_depth(tmp_path, registry, monkeypatch, depth):
    monkeypatch.setenv("ZOO_MAX_COLUMNS", "5")
    rows = [{f"k{row}_{key}": "v" for key in range(3)} for row in range(3)]
    for _ in range(depth):
        rows = [{"o": row} for row in rows]
    with pytest.raises(DataError, match=r"a.jsonl:2: [67] columns, more than 5"):
        read_table(written(tmp_path, rows), registry)
