"""Data in memory: one table, whatever it is made of, and an error that names the row of what is wrong."""

from __future__ import annotations

from collections import UserDict, namedtuple
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from zoo_core.components.table import Table
from zoo_core.data.audit.report import audit_table
from zoo_core.data.files.column_choice import columns_of
from zoo_core.data.files.reading import read_table
from zoo_core.data.memory.reading import is_in_memory, read_memory
from zoo_core.data.memory.values import text_column
from zoo_core.data.task_detection import find_task_columns
from zoo_core.errors import DataError
from zoo_core.recipes.recipe import Recipe

pd = pytest.importorskip("pandas")
TEXTS, LABELS = ["good food", "bad, cold", "", "fine"], ["a", "b", "a", "b"]
COLUMNS = {"text": TEXTS, "label": LABELS}
FRAME = pl.DataFrame(COLUMNS)
Row = namedtuple("Row", "label text")


class Exported:
    """A table of a library that exports the Arrow C stream interface and nothing else."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.frame.__arrow_c_stream__(requested_schema)


def dicts() -> list[dict[str, str]]:
    return FRAME.to_dicts()


FORMS: dict[str, Any] = {
    "polars": lambda: FRAME,
    "lazy": lambda: FRAME.lazy(),
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "arrow": lambda: Exported(FRAME),
    "columns": lambda: COLUMNS,
    "columns of arrays": lambda: {"text": np.array(TEXTS, object), "label": pl.Series(LABELS)},
    "dicts": dicts,
    "mappings": lambda: [UserDict(row) for row in dicts()],
    "a generator of dicts": lambda: (row for row in dicts()),
    "a pair": lambda: (TEXTS, LABELS),
    "a pair of tuples": lambda: (tuple(TEXTS), tuple(LABELS)),
    "a pair in a list": lambda: [TEXTS, LABELS],
    "a pair of series": lambda: (pd.Series(TEXTS), pl.Series(LABELS)),
    "a pair of iterators": lambda: (iter(TEXTS), iter(LABELS)),
    "a frame and labels": lambda: (FRAME.select("text"), LABELS),
    "tuples": lambda: list(zip(TEXTS, LABELS, strict=True)),
    "a zip": lambda: zip(TEXTS, LABELS, strict=True),
    "lists": lambda: [list(row) for row in zip(TEXTS, LABELS, strict=True)],
    "named tuples": lambda: [Row(label, text) for text, label in zip(TEXTS, LABELS, strict=True)],
    "an array": lambda: np.array([TEXTS, LABELS], object).T,
    "a structured array": lambda: np.array(
        list(zip(TEXTS, LABELS, strict=True)), dtype=[("text", object), ("label", "U1")]
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_table(form):
    """The hash depends on the content alone."""
    table, expected = read_memory(FORMS[form]()), read_memory(FRAME)
    assert table.frame.select("text", "label").equals(FRAME)
    assert (table.origin, table.sha256) == ("memory", expected.sha256)
    assert table.files() == [] and table.summary()["read"] == 4
    assert table.location(2) == "in-memory data, row 3"


def test_another_content_has_another_hash():
    frames = [
        FRAME,
        FRAME.reverse(),
        FRAME.rename({"text": "label", "label": "text"}),
        FRAME.with_columns(text=pl.Series(["good foo", "dbad, cold", "", "fine"])),
    ]
    assert len({read_memory(frame).sha256 for frame in frames}) == 4
    assert read_memory(FRAME.select("label", "text")).sha256 == read_memory(FRAME).sha256


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (["a", None, float("nan"), pd.NA, pd.NaT], ["a", "", "", "", ""]),
        ([True, np.bool_(False)], ["true", "false"]),
        ([1, -(2**70), np.int8(3), np.array(4)], ["1", str(-(2**70)), "3", "4"]),
        ([0.5, 1e20, np.float32(0.1), np.float64(2)], ["0.5", "1e+20", "0.1", "2.0"]),
        ([Decimal("1.50"), date(2026, 1, 2), np.str_("x")], ["1.50", "2026-01-02", "x"]),
    ],
)
def test_values_become_text(values, texts):
    assert text_column("x", values).to_list() == texts


def test_types_of_columns_become_text():
    frame = pl.DataFrame(
        {"a": [1, None], "b": [0.5, float("nan")], "c": [True, None], "d": pl.Series(["x", None], dtype=pl.Categorical)}
    )
    expected = {"a": ["1", ""], "b": ["0.5", ""], "c": ["true", ""], "d": ["x", ""]}
    assert read_memory(frame).frame.to_dict(as_series=False) == expected
    assert read_memory(Exported(frame)).frame.to_dict(as_series=False) == expected
    pandas = pd.DataFrame({"a": [1, None], "b": [0.5, None], "c": [True, None], "d": pd.Categorical(["x", None])})
    assert read_memory(pandas).frame.to_dict(as_series=False) == expected


def test_columns_that_the_task_does_not_use_are_not_converted(zoo):
    task = Recipe("data", zoo, (zoo.defaults,)).plan().task
    for data in ([{**row, "tags": ["x"]} for row in dicts()], FRAME.with_columns(tags=pl.lit(["x"]))):
        table = read_memory(data, task, columns_of(task))
        assert table.frame.columns == ["text", "label"] and list(table.unread) == ["tags"]


def test_a_column_of_lists_is_named_with_its_type():
    table = read_memory(FRAME.with_columns(text=pl.lit(["x"])))
    with pytest.raises(DataError, match=r'column "text" has the unsupported type List\(String\)'):
        table.column("text", setting="task.text")


def test_fields_of_structs_have_dotted_names():
    frame = pl.DataFrame({"ticket": [{"subject": "a", "meta": {"n": 1}}], "label": ["x"]})
    assert read_memory(frame).frame.to_dict(as_series=False) == {
        "label": ["x"],
        "ticket.subject": ["a"],
        "ticket.meta.n": ["1"],
    }


def test_missing_keys_are_empty():
    rows = [{"text": "a"}, {"label": "x"}, {}]
    assert read_memory(rows).frame.to_dict(as_series=False) == {"text": ["a", "", ""], "label": ["", "x", ""]}


def test_splits_are_the_third():
    for data in ((TEXTS, LABELS, ["train"] * 4), [(*row, "train") for row in zip(TEXTS, LABELS, strict=True)]):
        assert read_memory(data).frame.columns == ["text", "label", "split"]


def test_columns_have_the_names_of_the_task(zoo):
    defaults = Recipe("data", zoo, (zoo.defaults,))
    two = defaults.override("task.text=['title', 'body']", "task.label=class").plan().task
    assert read_memory([("a", "b", "x")], two).frame.columns == ["title", "body", "class"]
    assert read_memory(([["a", "b"]] * 3, ["x"] * 3), two).frame.columns == ["title", "body", "class"]
    numbers = defaults.override("task=columns", "vectorizer=dense-columns").plan().task
    table = read_memory((np.array([[1, 2], [3, 4], [5, 6]]), [0, 1, 0]), numbers)
    assert table.frame.to_dict(as_series=False) == {
        "1": ["1", "3", "5"],
        "2": ["2", "4", "6"],
        "label": ["0", "1", "0"],
    }


BAD: dict[str, tuple[Any, str]] = {
    "a list in a dict": ([{"text": "a"}] * 16 + [{"text": ["b"]}], 'row 17, column "text": got list, expected text'),
    "bytes": (([b"a", "b", "c"], LABELS[:3]), 'row 1, column "text": got bytes, expected text'),
    "an object": ({"text": [SimpleNamespace()]}, 'row 1, column "text": got SimpleNamespace'),
    "a surrogate": ({"text": ["a", "\ud800"]}, 'row 2, column "text": unpaired UTF-16 surrogate'),
    "an object in pandas": (pd.DataFrame({"text": ["a", {}]}), 'row 2, column "text": got dict, expected text'),
    "unequal lengths": ((TEXTS, LABELS[:3]), 'row 4: no value in "label": .* 4 in "text", 3 in "label"'),
    "unequal columns": ({"text": TEXTS, "label": []}, 'row 1: no value in "label"'),
    "a text for texts": (("good", LABELS), "got str beside a list, expected two lists"),
    "a label for labels": ((TEXTS, "good"), "got str beside a list"),
    "a text as a column": ({"text": "good"}, 'column "text": got str, expected a list of values'),
    "a set of labels": ((TEXTS, {1, 2}), "got set beside a list"),
    "two of two": ([["a", "x"], ["b", "y"]], "can be two rows or two columns"),
    "no row": ([{"text": "a"}, 3], "row 2: got int, expected a row"),
    "another kind of row": ([{"text": "a"}, ("b", "x")], "row 2: got a tuple, expected a dict"),
    "a short tuple": ([("a", "x"), ("b",)], "row 2: got 1 values?, expected 2"),
    "a long tuple": ([("a", "x", "train", 1)] * 4, "row 1: got 4 values, expected 2: text, label"),
    "a key": ([{"text": "a"}, {1: "b"}], "row 2: got a key of type int"),
    "a column twice": (pd.DataFrame([["a", "b"]], columns=["text", "text"]), '"text" is there twice'),
    "a frame with the label": ((FRAME, LABELS), '"label" is there twice'),
    "three axes": (np.zeros((2, 2, 2)), "an array of 3 axes"),
    "no rows": ([{}][:0] or iter(()), "there are no rows"),
    "an empty frame": (FRAME.clear(), "there are no rows"),
    "a number": (5, "got int, expected a file name, a frame, or rows"),
    "bytes as data": (b"text,label", "got bytes, expected a file name"),
    "a set": ({"a", "b"}, "got set, expected a file name"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named(case):
    data, said = BAD[case]
    with pytest.raises(DataError, match=said) as caught:
        read_memory(data)
    assert "in-memory data" in str(caught.value) and "\n" not in str(caught.value)


def test_names_of_files_are_not_in_memory(tmp_path):
    assert not any(map(is_in_memory, ("a.csv", tmp_path, ["a.csv", tmp_path], ("a.csv", "b.csv"), [])))


def test_a_table_in_memory_is_audited(zoo):
    table = read_table(FRAME, zoo.registry)
    assert isinstance(table, Table)
    report = audit_table(table, find_task_columns(table, zoo))
    assert report.labels == {"a": 2, "b": 2} and report.findings[0].rows == [3]


class Feature:
    """Named classes, as of `datasets`."""

    names = ("neg", "pos")

    def int2str(self, value: int) -> str:
        return self.names[value]


class Rows:
    """A data set as of `datasets`."""

    def __init__(self, labels: list[int | None]) -> None:
        self.columns = {"text": [f"text {row}" for row in range(len(labels))], "label": labels}
        self.features, self.column_names = {"text": None, "label": Feature()}, list(self.columns)

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns[name]


def test_classes_of_datasets_have_names():
    assert read_memory(Rows([0, 1, -1, None])).frame["label"].to_list() == ["neg", "pos", "", ""]
    splits = read_memory({"train": Rows([0, 1]), "test": Rows([1])}).frame
    assert splits["split"].to_list() == ["train", "train", "test"] and splits["label"].to_list() == [
        "neg",
        "pos",
        "pos",
    ]
    with pytest.raises(DataError, match='in-memory data, row 2: unknown class 2 in column "label"'):
        read_memory(Rows([0, 2]))


def test_dictionaries_in_rows_have_dotted_names():
    rows = [{"ticket": {"text": "late", "by": {"name": "a"}}, "label": "x"}, {"ticket": None, "label": "y"}]
    assert read_memory(rows).frame.to_dict(as_series=False) == {
        "ticket.text": ["late", ""],
        "ticket.by.name": ["a", ""],
        "label": ["x", "y"],
    }
    with pytest.raises(DataError, match='row 2, column "text": got dict'):
        read_memory([{"text": "a"}, {"text": {"de": "b"}}])
    endless: dict[str, object] = {"text": "a"}
    endless["self"] = endless
    with pytest.raises(DataError, match="got dict"):
        read_memory([endless])


def test_the_named_index_of_a_pandas_frame_is_a_column():
    frame = pd.DataFrame({"label": ["x", "y"], "text": ["a", "b"], "label2": [1, 2]}).set_index(["label", "label2"])
    assert read_memory(frame).frame.to_dict(as_series=False) == {
        "text": ["a", "b"],
        "label": ["x", "y"],
        "label2": ["1", "2"],
    }
