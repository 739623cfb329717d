"""Records of trials: what a swap stores of each trial, read without trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from attrs import frozen
from torch import Tensor

from zoo_core.errors import InputOutputError, NumericalError, RunFolderError
from zoo_core.runs import store

TrialRecord = dict[str, Any]
NUMBERS = ("parameters", "epochs", "seconds", "features")
TABLES = ("rows", "metrics")


@frozen
class Trial:
    """A training to run: its name in the folder, the index of its variant, and its recipe as TOML with the seed."""

    name: str
    title: str
    variant: int
    seed: int
    fold: int
    recipe: str


def record_path(folder: Path, name: str) -> Path:
    """The record of a trial in the folder of a swap."""
    return folder / "records" / f"{name}.json"


def scores_path(folder: Path, name: str) -> Path:
    """The scores of a trial in the folder of a swap."""
    return folder / "records" / f"{name}.safetensors"


def read_record(folder: Path, trial: Trial) -> TrialRecord | None:
    """Read the record of a trial; None if there is no record. Raises RunFolderError for an invalid record."""
    path = record_path(folder, trial.name)
    try:
        record = store.parse_json(path.read_bytes(), str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None
    identity = {"trial": trial.name, "variant": trial.variant, "seed": trial.seed, "fold": trial.fold}
    if not isinstance(record, Mapping) or any(record.get(key) != value for key, value in identity.items()):
        raise RunFolderError(f'not a record of trial "{trial.name}"', where=str(path))
    if not (record.get("status") == "done" and _is_complete(record)) and record.get("status") != "failed":
        raise RunFolderError("invalid record of a trial", where=str(path))
    return dict(record)


def _is_complete(record: Mapping[str, Any]) -> bool:
    numbers = all(type(record.get(key)) in (int, float) for key in NUMBERS)
    tables = all(isinstance(record.get(key), Mapping) for key in TABLES)
    return numbers and tables and isinstance(record.get("classes"), list)


def read_scores(folder: Path, name: str) -> tuple[Tensor, Tensor]:
    """Read the scores `(rows, outputs)` and the targets `(rows,)` or `(rows, classes)` of a trial.

    Raises RunFolderError for an invalid file, NumericalError for scores that are not finite.
    """
    path = scores_path(folder, name)
    try:
        tensors = safetensors.torch.load(path.read_bytes())
        scores, targets = tensors["scores"], tensors["targets"]
    except (OSError, safetensors.SafetensorError, KeyError, ValueError) as error:
        raise RunFolderError(f"invalid scores of a trial: {error}", where=str(path)) from None
    has_rows = scores.ndim == 2 and targets.ndim in (1, 2) and len(scores) == len(targets)
    if not has_rows or not bool(scores.isfinite().all()):
        raise NumericalError(f"{path}: expected one row of finite scores for each target")
    return scores, targets
