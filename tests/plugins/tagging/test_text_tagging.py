"""The task text-tagging: the same labels, whichever form the data has."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import zoo_core
from zoo_core.components.contracts import Task
from zoo_core.data.label_rules import read_kept_rows, settle_rare_classes
from zoo_core.data.loading import load_table
from zoo_core.errors import ZooError
from zoo_tagging.tasks import TextTagging

TEXTS = ["late and broken", "paid twice", "a nice pot", "late again"]
SETS = [["delivery", "quality"], ["payment"], [], ["delivery"]]


def read_labels(data: Any, *settings: str) -> list[list[str]]:
    recipe = zoo_core.load_recipe("tags-fast").override(*settings)
    plan = recipe.plan()
    examples = plan.task.read(load_table(recipe, plan, data))
    assert examples.texts.to_list() == TEXTS
    return examples.labels.to_list()


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content)
    return path


def rows_as(form: str, folder: Path) -> tuple[Any, tuple[str, ...]]:
    names = ("delivery", "payment", "quality")
    matrix = {name: [int(name in labels) for labels in SETS] for name in names}
    of_columns = f"task.label={json.dumps(names)}"
    frame = pl.DataFrame({"text": TEXTS, "label": SETS})
    match form:
        case "separator":
            lines = [f"{text},{'|'.join(labels)}" for text, labels in zip(TEXTS, SETS, strict=True)]
            return write(folder, "a.csv", "\n".join(["text,label", *lines])), ()
        case "comma":
            lines = [f"{text}\t{', '.join(labels)}" for text, labels in zip(TEXTS, SETS, strict=True)]
            return write(folder, "a.tsv", "\n".join(["text\tlabel", *lines])), ()
        case "0 and 1":
            path = folder / "a.csv"
            pl.DataFrame({"text": TEXTS, **matrix}).write_csv(path)
            return path, (of_columns,)
        case "jsonl":
            frame.write_ndjson(folder / "a.jsonl")
            return folder / "a.jsonl", ()
        case "json":
            return write(folder, "a.json", json.dumps(frame.to_dicts())), ()
        case "fasttext":
            lines = [
                " ".join([*(f"__label__{name}" for name in labels), text])
                for text, labels in zip(TEXTS, SETS, strict=True)
            ]
            return write(folder, "a.ft", "\n".join(lines)), ()
        case "parquet":
            frame.write_parquet(folder / "a.parquet")
            return folder / "a.parquet", ()
        case "rows":
            return list(zip(TEXTS, SETS, strict=True)), ()
        case "pair":
            return (TEXTS, SETS), ()
        case "dicts":
            return [{"text": text, "label": set(labels)} for text, labels in zip(TEXTS, SETS, strict=True)], ()
        case "polars":
            return frame, ()
        case "polars 0 and 1":
            return pl.DataFrame({"text": TEXTS, **{name: np.array(of) == 1 for name, of in matrix.items()}}), (
                of_columns,
            )
        case "pandas":
            return pd.DataFrame({"text": TEXTS, "label": SETS}), ()
        case "pandas arrays":
            return pd.DataFrame({"text": TEXTS, "label": [np.array(labels) for labels in SETS]}), ()
        case "arrow":
            frame.write_ipc(folder / "a.arrow")
            return folder / "a.arrow", ()
    raise AssertionError(form)


@pytest.mark.parametrize(
    "form",
    [
        "separator", "comma", "0 and 1", "jsonl", "json", "fasttext", "parquet",
        "rows", "pair", "dicts", "polars", "polars 0 and 1", "pandas", "pandas arrays", "arrow",
    ],
)  # fmt: skip
def test_every_form_of_the_same_labels(form: str, tmp_path: Path) -> None:
    data, settings = rows_as(form, tmp_path)
    assert read_labels(data, *settings) == SETS


def test_drop_labels_and_rare_labels_keep_the_rows() -> None:
    from zoo_core.components.table import Table

    frame = pl.DataFrame({"text": TEXTS, "label": ["a|b|?", "a", "c|?", ""]})

    def read(**settings: Any) -> tuple[list[list[str]], dict[str, int]]:
        task: Task = TextTagging(**settings)
        examples = settle_rare_classes(task, read_kept_rows(task, Table(frame, "data"), task.read))
        assert not examples.dropped
        return examples.labels.to_list(), examples.rare

    assert read(drop_labels=("?",)) == ([["a", "b"], ["a"], ["c"], []], {})
    assert read(drop_labels=("?",), min_rows=2) == ([["a"], ["a"], [], []], {"b": 1, "c": 1})
    assert read(min_rows=2, rare="merge") == ([["?", "a", "other"], ["a"], ["?", "other"], []], {"b": 1, "c": 1})


def test_json_of_a_single_label_task_still_rejects_lists(tmp_path: Path) -> None:
    data, _ = rows_as("jsonl", tmp_path)
    recipe = zoo_core.load_recipe("text-fast")
    with pytest.raises(ZooError, match='the value of "label" is a list'):
        load_table(recipe, recipe.plan(), data)


@pytest.mark.parametrize(
    ("setting", "message"),
    [('task.label=["a"]', "two or more columns of 0 and 1"), ('task.label=["a", "a"]', "contains a name twice")],
)
def test_settings_that_fit_no_columns(setting: str, message: str) -> None:
    with pytest.raises(ZooError, match=message):
        zoo_core.load_recipe("tags-fast").override(setting).plan()
