"""Data sets of Hugging Face `datasets` in memory, which is not imported here: rows, and the names of their classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from zoo_core.data.files.column_choice import ChooseColumns
from zoo_core.data.memory.column_lists import to_list
from zoo_core.data.memory.frames import Columns
from zoo_core.data.memory.rows import choose_columns
from zoo_core.data.memory.values import SOURCE
from zoo_core.data.records.class_names import name_classes
from zoo_core.errors import DataError


def is_dataset(data: Any) -> bool:
    """Whether this is a data set of `datasets`: a table whose columns have features."""
    return isinstance(getattr(data, "features", None), Mapping) and hasattr(data, "column_names")


def read_dataset(data: Any, choose: ChooseColumns) -> Columns:
    """The chosen columns; classes by name."""
    chosen = set(choose(list(data.column_names)))
    columns = {name: to_list(data[name], name) for name in data.column_names if name in chosen}
    frame, _ = choose_columns(columns, lambda names: names)
    for name, feature in data.features.items():
        if name in chosen and hasattr(feature, "int2str"):
            frame = frame.with_columns(name_classes(frame[name], list(feature.names), SOURCE))
    return frame, dict.fromkeys((name for name in data.column_names if name not in chosen), "")


def read_dataset_splits(splits: Mapping[str, Any], choose: ChooseColumns, column: str) -> Columns:
    """The rows of all splits, with the name of the split as a further column."""
    frames: list[pl.DataFrame] = []
    unread: dict[str, str] = {}
    for name, data in splits.items():
        frame, others = read_dataset(data, choose)
        if column in frame.columns:
            raise DataError(f'the column "{column}" is there beside splits', where=SOURCE)
        frames.append(frame.with_columns(pl.lit(name).alias(column)))
        unread |= others
    if len({tuple(frame.columns) for frame in frames}) > 1:
        raise DataError("the splits have different columns", where=SOURCE)
    return pl.concat(frames, rechunk=False), unread
