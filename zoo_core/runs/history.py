"""What a run's `metrics.jsonl` tells of its training: a figure for each epoch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.errors import RunFolderError
from zoo_core.runs import store

HISTORY_FILE = "metrics.jsonl"
METRIC_PREFIXES = ("train_", "val_")


@frozen
class History:
    """`figures["val_loss"][i]` is the validation loss of `epochs[i]`; `best` is the epoch whose weights were kept."""

    epochs: tuple[int, ...]
    metrics: dict[str, tuple[float, ...]]
    best_epoch: int
    monitor: str


def read_history(folder: Path, *, best_epoch: Any, monitor: str) -> History:
    """The figures of every epoch of the run in a folder; RunFolderError where the file holds none."""
    data = store.read_run(folder).get(HISTORY_FILE, b"")
    lines = [store.parse_json(line, str(folder / HISTORY_FILE)) for line in data.splitlines()]
    sound = lines and all(isinstance(line, dict) and type(line.get("epoch")) is int for line in lines)
    if not sound or type(best_epoch) is not int:
        raise RunFolderError("these are no figures of epochs", where=str(folder / HISTORY_FILE))
    names = [
        name for name in lines[0] if name.startswith(METRIC_PREFIXES) and all(_figure(line.get(name)) for line in lines)
    ]
    figures = {name: tuple(float(line[name]) for line in lines) for name in sorted(names)}
    return History(tuple(line["epoch"] for line in lines), figures, best_epoch, monitor)


def _figure(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
