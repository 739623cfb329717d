"""Records of trials: what a swap stores of each trial, sealed by hashes and read without trust."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from attrs import frozen
from torch import Tensor

from zoo_core.errors import NumericalError, RunFolderError
from zoo_core.filesystem.writing import write_file
from zoo_core.runs import store
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.sealed_json import read_sealed_json, seal, to_sealed_json

TrialRecord = dict[str, Any]
NUMBERS = ("parameters", "epochs", "seconds", "features")
TABLES = ("rows", "metrics")
IDENTITY = ("design", "variant", "seed", "fold")
SCORES_HASH, RUN_HASH = "scores_sha256", "run_sha256"


@frozen
class Trial:
    """A training to run: its name in the folder, the index of its variant, and its recipe as TOML with the seed.

    `design` is the hash of the swap's design: a record of another swap is not taken for one of this trial.
    """

    name: str
    title: str
    variant: int
    seed: int
    fold: int
    recipe: str
    design: str = ""


def record_path(folder: Path, name: str) -> Path:
    """The record of a trial in the folder of a swap."""
    return folder / "records" / f"{name}.json"


def scores_path(folder: Path, name: str) -> Path:
    """The scores of a trial in the folder of a swap."""
    return folder / "records" / f"{name}.safetensors"


def write_record(folder: Path, record: TrialRecord) -> None:
    """Write a record and its hash."""
    write_file(record_path(folder, record["trial"]), to_sealed_json(record))


def read_record(folder: Path, trial: Trial) -> TrialRecord | None:
    """Read the record of a trial; None if there is no record. Raises RunFolderError for an invalid record."""
    path = record_path(folder, trial.name)
    if not os.path.lexists(path):
        return None
    record = read_sealed_json(path)
    identity = {key: getattr(trial, key) for key in IDENTITY}
    if any(record.get(key) != value for key, value in {"trial": trial.name, **identity}.items()):
        raise RunFolderError(f'not a record of trial "{trial.name}"', where=str(path))
    if not (record.get("status") == "done" and _is_complete(record)) and record.get("status") != "failed":
        raise RunFolderError("invalid record of a trial", where=str(path))
    return record


def _is_complete(record: Mapping[str, Any]) -> bool:
    numbers = all(type(record.get(key)) in (int, float) for key in NUMBERS)
    tables = all(isinstance(record.get(key), Mapping) for key in TABLES)
    hashes = all(isinstance(record.get(key), str) for key in (SCORES_HASH, RUN_HASH))
    return numbers and tables and hashes and isinstance(record.get("classes"), list)


def write_scores(folder: Path, name: str, scores: Tensor, targets: Tensor) -> str:
    """Write the scores and targets of a trial; returns the hash of the file for its record."""
    data = safetensors.torch.save({"scores": scores.contiguous(), "targets": targets.contiguous()})
    write_file(scores_path(folder, name), data)
    return sha256(data).hexdigest()


def read_scores(folder: Path, record: TrialRecord) -> tuple[Tensor, Tensor]:
    """Read the scores `(rows, outputs)` and the targets `(rows,)` or `(rows, classes)` of a trial.

    Raises RunFolderError for a file that its record does not describe, NumericalError for scores that are not finite.
    """
    path = scores_path(folder, record["trial"])
    try:
        tensors = safetensors.torch.load(_read_verified(path, record[SCORES_HASH]))
        scores, targets = tensors["scores"], tensors["targets"]
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise RunFolderError(f"invalid scores of a trial: {error}", where=str(path)) from None
    has_rows = scores.ndim == 2 and targets.ndim in (1, 2) and len(scores) == len(targets)
    if not has_rows or not bool(scores.isfinite().all()):
        raise NumericalError(f"{path}: expected one row of finite scores for each target")
    return scores, targets


def _read_verified(path: Path, digest: str) -> bytes:
    data = read_regular_file(path)
    if sha256(data).hexdigest() != digest:
        raise RunFolderError("the file is damaged: its content does not match its hash in the record", where=str(path))
    return data


def hash_run(folder: Path) -> str:
    """The hash of a trial's run; what may be added to a finished run does not change it.

    Raises RunFolderError if a file of the run is damaged.
    """
    files = store.read_run(folder)
    return seal({name: sha256(files[name]).hexdigest() for name in set(files) - set(store.AMENDABLE)})


def check_trial(folder: Path, trial: Trial) -> None:
    """Raise RunFolderError if the record of a trial, its scores or its run is damaged; no record is no damage."""
    record = read_record(folder, trial)
    if record is None or record["status"] != "done":
        return
    _read_verified(scores_path(folder, trial.name), record[SCORES_HASH])
    run = folder / "trials" / trial.name
    if hash_run(run) != record[RUN_HASH]:
        raise RunFolderError("not the run of this trial's record", where=str(run))
