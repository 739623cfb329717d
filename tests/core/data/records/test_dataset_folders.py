"""Folders of Hugging Face datasets, as `save_to_disk` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError

LABEL = {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}, "text": {"dtype": "string", "_type": "Value"}}


def saved(folder: Path, labels: list[int | None], **columns: list[object]) -> Path:
    """A data set of two files."""
    folder.mkdir(parents=True)
    frame = pl.DataFrame({"text": [f"text {row}" for row in range(len(labels))], "label": labels, **columns})
    names = [f"data-{part:05}-of-00002.arrow" for part in range(2)]
    for part, name in enumerate(names):
        half = len(labels) // 2
        frame.slice(part * half, half if part == 0 else None).write_ipc_stream(folder / name)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}), "utf-8")
    (folder / "dataset_info.json").write_text(json.dumps({"features": LABEL}), "utf-8")
    return folder


def splits(folder: Path, **labels: list[int | None]) -> Path:
    for name, values in labels.items():
        saved(folder / name, values)
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(labels)}), "utf-8")
    return folder


def test_class_labels_have_names(tmp_path, registry):
    table = read_table(saved(tmp_path / "a", [0, 1, -1, None], tags=[["x"]] * 4), registry)
    assert table.frame["label"].to_list() == ["neg", "pos", "", ""]
    assert table.frame["text"].to_list() == [f"text {row}" for row in range(4)]
    assert table.unread == {"tags": "List(String)"} and table.files() == [str(tmp_path / "a")]
    with pytest.raises(DataError, match='row 2: unknown class 2 in column "label"'):
        read_table(saved(tmp_path / "b", [0, 2]), registry)


def test_splits_are_a_column_or_are_named(tmp_path, registry, caplog):
    folder = splits(tmp_path / "a", train=[0, 1, 1], test=[1, 0], unsupervised=[-1, -1])
    table = read_table(folder, registry)
    assert table.frame["split"].to_list() == ["train"] * 3 + ["test"] * 2
    assert "splits are left out: unsupervised" in caplog.text
    named = read_table(f"{folder}::test", registry)
    assert named.frame.columns == ["text", "label"] and named.frame["label"].to_list() == ["pos", "neg"]
    assert named.sha256 != read_table(f"{folder}::train", registry).sha256
    with pytest.raises(DataError, match=r'unknown split "tset": the splits are train, test, unsupervised.*::test'):
        read_table(f"{folder}::tset", registry)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("state.json", "[]", "not the JSON of a data set"),
        ("state.json", "{", "not the JSON of a data set"),
        ("state.json", '{"_data_files": [{"filename": "../../x.arrow"}]}', "invalid list of data files"),
        (
            "state.json",
            json.dumps({"_data_files": [{"filename": "data-00000-of-00002.arrow"}] * 2}),
            "invalid list of data",
        ),
        ("state.json", '{"_data_files": [{"filename": "missing.arrow"}]}', "there is no such file"),
        ("dataset_info.json", '{"features": {"label": {"_type": "ClassLabel"}}}', "have no names"),
        ("data-00000-of-00002.arrow", "damaged", "damaged Arrow file"),
    ],
)
def test_a_damaged_folder_is_refused(tmp_path, registry, file, text, said):
    folder = saved(tmp_path / "a", [0, 1])
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_table(folder, registry)


def test_a_class_folder_has_no_parts(tmp_path, registry):
    with pytest.raises(DataError, match="read as a whole"):
        read_table(f"{tmp_path}::train", registry)
