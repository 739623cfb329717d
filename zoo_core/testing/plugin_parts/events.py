"""The events of three runs, as a listener gets them: one that ends, one that is interrupted, and one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

EPOCHS, STEPS = 2, 3
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
    settings = {"seed": 1, "training": {"epochs": EPOCHS, "batch_size": 32}, "model": {"use": "mlp", "hidden": [100]}}
    data = {"source": "file", "files": [str(folder / "reviews.csv")], "sha256": "0" * 64}
    yield (
        "zoo_run_started",
        {
            "run_id": run_id,
            "folder": str(folder / run_id),  # it does not exist yet
            "recipe": "mine",
            "settings": settings,
            "data": data,
            "trial": trial,
            "rows": {"train": 80, "val": 10, "test": 10},
            "num_features": 12,
        },
    )


def _trial(folder: Path) -> dict[str, Any]:
    return {"folder": str(folder / "swap"), "trial": "0001", "variant": "model=mlp", "seed": 1, "fold": 0}


def _epoch(run_id: str, epoch: int) -> Iterator[Event]:
    for step in range(1, STEPS + 1):
        numbers = {"epoch": epoch, "step": step, "steps": STEPS, "loss": 0.7 / epoch, "learning_rate": 0.1}
        yield "zoo_batch_finished", {"run_id": run_id, **numbers}
    metrics = {"train_loss": 0.7 / epoch, "val_loss": 0.8 / epoch, "accuracy": 0.5 + 0.1 * epoch}
    yield (
        "zoo_epoch_finished",
        {"run_id": run_id, "epoch": epoch, "metrics": metrics, "best": epoch > 1, "learning_rate": 0.1},
    )


def _finished(run_id: str, folder: Path) -> Event:
    summary = {"run": str(folder / run_id), "epochs": EPOCHS, "test": {"accuracy": 0.75}, "seconds": 1.5}
    return "zoo_run_finished", {"run_id": run_id, "summary": summary}
