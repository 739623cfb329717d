"""The training history of a run: `metrics.jsonl`, with the metrics of each epoch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from zoo_core.errors import RunFolderError
from zoo_core.plots.panels import History
from zoo_core.runs import store

HISTORY_FILE = "metrics.jsonl"
MAX_EPOCHS = 1_000_000
METRIC_PREFIXES = ("train_", "val_")


def read_history(folder: Path, *, best_epoch: Any, monitor: str) -> History:
    """Read the metrics of every epoch of the run in a folder. Raises RunFolderError for an invalid file."""
    data = store.read_run(folder).get(HISTORY_FILE, b"")
    if data.count(b"\n") > MAX_EPOCHS:
        raise RunFolderError(f"more than {MAX_EPOCHS:,} epochs", where=str(folder / HISTORY_FILE))
    lines = [store.parse_json(line, str(folder / HISTORY_FILE)) for line in data.split(b"\n") if line]
    are_epochs = lines and all(isinstance(line, dict) and type(line.get("epoch")) is int for line in lines)
    if not are_epochs or type(best_epoch) is not int:
        raise RunFolderError("invalid metrics of epochs", where=str(folder / HISTORY_FILE))
    names = [
        name
        for name in lines[0]
        if name.startswith(METRIC_PREFIXES) and all(_is_finite_number(line.get(name)) for line in lines)
    ]
    metrics = {name: tuple(float(line[name]) for line in lines) for name in sorted(names)}
    return History(tuple(line["epoch"] for line in lines), metrics, best_epoch, monitor)


def _is_finite_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
