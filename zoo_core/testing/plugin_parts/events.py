"""The events of three runs, as a listener gets them: one that ends, one that is interrupted, and one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo_core.components.fields import default_value
from zoo_core.components.kinds import setting_fields
from zoo_core.config.structure import unstructure
from zoo_core.recipes.plan import SLOTS, TABLES

EPOCHS, STEPS, FEATURES = 2, 3, 12
ROWS = {"train": 80, "val": 10, "test": 10}
Event = tuple[str, dict[str, Any]]


def events_of_runs(folder: Path) -> Iterator[Event]:
    """Yield each event hook with every documented argument, in the documented order."""
    yield from _started(folder, "run-1", trial={})
    for epoch in range(1, EPOCHS + 1):
        yield from _epoch("run-1", epoch)
    yield _finished("run-1", folder)
    yield from _started(folder, "run-2", trial=_trial(folder))
    yield from _epoch("run-2", 1)
    yield "zoo_run_interrupted", {"run_id": "run-2", "signal": "SIGINT", "epochs": 1}
    yield _finished("run-2", folder)
    yield from _started(folder, "run-3", trial={})
    yield "zoo_run_failed", {"run_id": "run-3", "error": "the loss is not finite", "exit_code": 6}


def _started(folder: Path, run_id: str, *, trial: dict[str, Any]) -> Iterator[Event]:
    yield (
        "zoo_run_started",
        {
            "run_id": run_id,
            "folder": str(folder / run_id),  # it does not exist yet
            "recipe": "mine",
            "settings": _settings(),
            "data": _data(folder),
            "trial": trial,
            "rows": ROWS,
            "num_features": FEATURES,
        },
    )


def _settings() -> dict[str, Any]:
    """The settings of a recipe: a component in each slot, and the tables with their defaults."""
    tables = {
        name: {field.name: unstructure(default_value(field)) for field in setting_fields(table)}
        for name, table in TABLES.items()
    }
    tables["training"]["epochs"] = EPOCHS
    return {**{slot: {"use": "mine"} for slot in SLOTS}, **tables}


def _data(folder: Path) -> dict[str, Any]:
    file = str(folder / "reviews.csv")
    counts: dict[str, Any] = {
        "read": 100,
        "dropped": {},
        "rare": {"merged_into": "", "rows": {}},
        "missing": {},
        "leaked": {},
        "cut": {},
    }
    return {"source": file, "files": [file], "origin": "file", "sha256": "0" * 64, "reader": "mine", **counts}


def _trial(folder: Path) -> dict[str, Any]:
    return {"swap": str(folder / "swap"), "trial": "0-1-0", "variant": "mine", "seed": 1, "fold": 0}


def _epoch(run_id: str, epoch: int) -> Iterator[Event]:
    for step in range(1, STEPS + 1):
        numbers = {"epoch": epoch, "step": step, "steps": STEPS, "loss": 0.7 / epoch, "learning_rate": 0.1}
        yield "zoo_batch_finished", {"run_id": run_id, **numbers}
    metrics = {"train_loss": 0.7 / epoch, "val_loss": 0.8 / epoch, "val_accuracy": 0.5 + 0.1 * epoch}
    yield (
        "zoo_epoch_finished",
        {"run_id": run_id, "epoch": epoch, "metrics": metrics, "best": epoch > 1, "learning_rate": 0.1},
    )


def _finished(run_id: str, folder: Path) -> Event:
    laps = ("read", "normalize", "encode", "import", "fit", "evaluate", "write", "total")
    summary = {
        "run": str(folder / run_id),
        "recipe": "mine",
        "data": _data(folder),
        "rows": ROWS,
        "features": FEATURES,
        "classes": ["bad", "good"],
        "epochs": EPOCHS,
        "best_epoch": EPOCHS,
        "interrupted": "",
        "start": {},
        "metrics": {split: {"loss": 0.4, "accuracy": 0.75} for split in ("val", "test")},
        "intervals": {split: {key: [0.3, 0.9] for key in ("loss", "accuracy", "f1")} for split in ("val", "test")},
        "majority": {split: {"label": "bad", "share": 0.5, "interval": [0.3, 0.7]} for split in ("val", "test")},
        "without_leaked": {},
        "findings": [],
        "model_changes": [],
        "seconds": dict.fromkeys(laps, 0.5),
    }
    summary["calibration"] = {
        "calibrator": "temperature",
        "fitted": "temperature 0.8, fitted on 20 rows of val",
        "split": "test",
        "before": {"expected-calibration-error": 0.2, "log-loss": 0.5},
        "after": {"expected-calibration-error": 0.1, "log-loss": 0.4},
        "intervals": {
            moment: {"expected-calibration-error": [0.05, 0.25], "log-loss": [0.3, 0.6]}
            for moment in ("before", "after")
        },
    }
    return "zoo_run_finished", {"run_id": run_id, "summary": summary}
