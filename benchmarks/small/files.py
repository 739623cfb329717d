"""The sets as files: columns text, label and split."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.small.sets import SmallSet

Splits = dict[str, tuple[list[str], list[str]]]
Row = tuple[str, str, str]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write texts, labels and splits; the file is there when all of it is written."""
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("text", "label", "split"))
        writer.writerows(rows)
    part.replace(path)


def write_set(small: SmallSet, data: Path | None, draw: int, folder: Path) -> Path:
    """Write a draw if it is not there, and return its path."""
    path = folder / f"{small.name}-{draw}.csv"
    if not path.exists():
        splits = small.draw(data, draw)
        write_rows(path, ((text, label, split) for split, pairs in splits.items() for text, label in pairs))
    return path


def read_splits(path: Path) -> Splits:
    """Return the texts and the labels of each split of a written set."""
    splits: Splits = {name: ([], []) for name in ("train", "val", "test")}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            texts, labels = splits[row["split"]]
            texts.append(row["text"])
            labels.append(row["label"])
    return splits
