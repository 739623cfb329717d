"""Folders that Hugging Face `datasets` writes with `save_to_disk`: Arrow streams, and splits in folders of their own.

Source: the files that datasets 5.2 writes; `state.json`, `dataset_info.json` and `dataset_dict.json` describe them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from zoo_core.components.table import Table
from zoo_core.data.files.column_choice import ChooseColumns
from zoo_core.data.files.columnar import DECODER
from zoo_core.data.files.parts import PartError
from zoo_core.data.files.sources import open_source, read_bytes
from zoo_core.data.records.class_names import name_classes
from zoo_core.data.splits import SPLIT_ALIASES, SPLIT_NAMES
from zoo_core.errors import DataError
from zoo_core.messages import join_names, warn

if TYPE_CHECKING:
    from hashlib import _Hash

STATE_FILE, INFO_FILE, SPLITS_FILE = "state.json", "dataset_info.json", "dataset_dict.json"
SPLIT_COLUMN = "split"
MAX_JSON_BYTES = 16 << 20


def is_dataset_folder(path: str) -> bool:
    """Whether `datasets` wrote this folder: one data set, or one in a folder for each split."""
    folder = Path(path)
    return (folder / SPLITS_FILE).is_file() or ((folder / STATE_FILE).is_file() and (folder / INFO_FILE).is_file())


def read_dataset_folder(path: str, split: str, digest: _Hash, choose: ChooseColumns) -> Table:
    """The chosen columns; class labels are their names. Of several splits, `split` or all with a column `split`.

    Splits that are not for training, validation or a test are left out with a warning. `digest` is updated with what is
    read. Raises PartError for an unknown split, DataError for a damaged folder.
    """
    folder = Path(path)
    names = _split_names(folder)
    if split and split not in names:
        raise PartError(f'unknown split "{split}"', names, "split").in_file(f"{path}::{split}")
    if not names or split:
        return _to_table(*_read_folder(folder / split if split else folder, digest, choose), path)
    used = [name for name in names if name.lower() in (*SPLIT_NAMES, *SPLIT_ALIASES)]
    if not used:
        raise PartError("no split is for training", names, "split").in_file(path)
    if len(used) < len(names):
        warn(f"{path}: splits are left out: {join_names(name for name in names if name not in used)}")
    frames: list[pl.DataFrame] = []
    unread: dict[str, str] = {}
    for name in used:
        frame, others = _read_folder(folder / name, digest, choose)
        if SPLIT_COLUMN in frame.columns:
            raise DataError(f'the column "{SPLIT_COLUMN}" is there beside splits', where=path, hint="name one: ::train")
        frames.append(frame.with_columns(pl.lit(name).alias(SPLIT_COLUMN)))
        unread |= others
    if len({tuple(frame.columns) for frame in frames}) > 1:
        raise DataError("the splits have different columns", where=path, hint="name one as in FOLDER::train")
    return _to_table(pl.concat(frames, rechunk=False), unread, path)


def _to_table(frame: pl.DataFrame, unread: Mapping[str, str], path: str) -> Table:
    if not frame.height:
        raise DataError("the data set has no rows", where=path)
    return Table(frame, path, unread=unread)


def _split_names(folder: Path) -> list[str]:
    """The names of the splits, each a folder; none if the folder is a single data set."""
    path = folder / SPLITS_FILE
    if not path.is_file():
        return []
    names = _read_json(path).get("splits")
    if not isinstance(names, list) or not names or not _are_plain_names(names):
        raise DataError("invalid names of splits", where=str(path))
    return names


def _read_folder(folder: Path, digest: _Hash, choose: ChooseColumns) -> tuple[pl.DataFrame, Mapping[str, str]]:
    """The chosen columns of one data set, and the types of those that are not read."""
    state, features = _read_json(folder / STATE_FILE), _read_json(folder / INFO_FILE).get("features")
    entries = state.get("_data_files")
    entries = entries if isinstance(entries, list) else []
    files = [str(entry.get("filename", "")) for entry in entries if isinstance(entry, dict)]
    if not files or not _are_plain_names(files) or state.get("_indices_files"):
        raise DataError("invalid list of data files", where=str(folder / STATE_FILE), hint="save the data set again")
    frames: list[pl.DataFrame] = []
    unread: Mapping[str, str] = {}
    for name in files:
        data = read_bytes(str(folder / name))
        digest.update(data)
        try:
            frame, unread = DECODER.decode(data, "Arrow", (), choose)
        except DataError as error:
            raise DataError(error.problems[0].message, where=str(folder / name), hint=error.problems[0].hint) from None
        frames.append(frame)
    frame = pl.concat(frames, rechunk=False)
    for name, feature in features.items() if isinstance(features, dict) else ():
        if name in frame.columns and isinstance(feature, dict) and feature.get("_type") == "ClassLabel":
            frame = frame.with_columns(name_classes(frame[name], feature.get("names"), str(folder)))
            digest.update(json.dumps([name, feature.get("names")]).encode())
    return frame, unread


def _read_json(path: Path) -> dict[str, Any]:
    with open_source(str(path)) as stream:
        data = stream.read(MAX_JSON_BYTES + 1)
    try:
        values = json.loads(data) if len(data) <= MAX_JSON_BYTES else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise DataError("not the JSON of a data set", where=str(path))
    return values


def _are_plain_names(names: Sequence[Any]) -> bool:
    """Whether these are names in the same folder, each of them once: a short list must not ask for endless reading."""
    return all(map(_is_plain_name, names)) and len(set(names)) == len(names)


def _is_plain_name(name: object) -> bool:
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\:\0")
