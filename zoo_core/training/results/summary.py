"""The summary of a run, as `result.json` stores it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict

from zoo_core.evaluation.intervals.figures import Figures, summarize_figures
from zoo_core.training.loop import TrainingResult
from zoo_core.training.preparation import PreparedData

DATA_KEYS = ("source", "files", "origin", "sha256", "reader", "read", "dropped", "rare", "missing", "leaked")


def summarize(
    recipe: str,
    prepared: PreparedData,
    result: TrainingResult,
    figures: Mapping[str, Figures],
    *,
    folder: Path,
) -> dict[str, Any]:
    """The summary of a run, as `result.json` stores it and `zoo train --json` prints it; without its seconds."""
    return {
        "run": str(folder),
        "recipe": recipe,
        "data": describe_data(prepared),
        "rows": dict(prepared.report["rows"]),
        "features": prepared.encoder.num_features,
        "classes": list(prepared.classes),
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "interrupted": result.interrupted,
        "start": dict(result.start),
        **summarize_figures(figures),
    }


def describe_data(prepared: PreparedData) -> dict[str, Any]:
    """Where the rows are from, and what became of them."""
    cut = {name: asdict(split.cut) for name, split in prepared.splits.items() if split.cut.texts}
    return {**{key: prepared.report[key] for key in DATA_KEYS}, "cut": cut}
