"""Records of trials: what a swap stores of each trial, sealed by hashes and read without trust."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from attrs import frozen
from torch import Tensor

from zoo_core.errors import NumericalError, RunFolderError
from zoo_core.filesystem.sealed_files import AMENDABLE
from zoo_core.filesystem.writing import write_file
from zoo_core.runs import store
from zoo_core.runs.calibration.stored import is_plain_state
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.sealed_json import read_sealed_json, seal, to_sealed_json

TrialRecord = dict[str, Any]
IDENTITY = ("design", "variant", "seed", "fold")
SCORES_HASH, RUN_HASH = "scores_sha256", "run_sha256"
DONE_TEXTS, DONE_COUNTS = ("title", SCORES_HASH, RUN_HASH), ("parameters", "epochs", "best_epoch", "features", "leaked")
FAILED_TEXTS, FAILED_COUNTS = ("title", "reason"), ("exit_code",)


@frozen
class Trial:
    """A training to run: its name in the folder, the index of its variant, and its recipe as TOML with the seed.

    `design` is the hash of the swap's design: a record of another swap is not taken for one of this trial.
    `recipe_name` is the name that its run has, `variant_name` that of the variant in the tables.
    """

    name: str
    title: str
    variant: int
    seed: int
    fold: int
    recipe: str
    design: str = ""
    recipe_name: str = ""
    variant_name: str = ""


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
    identity = {"trial": trial.name, **{key: getattr(trial, key) for key in IDENTITY}}
    if any(type(record.get(key)) is not type(value) or record[key] != value for key, value in identity.items()):
        raise RunFolderError(f'not a record of trial "{trial.name}"', where=str(path))
    if not _is_complete(record):
        raise RunFolderError("invalid record of a trial", where=str(path))
    return record


def _is_complete(record: Mapping[str, Any]) -> bool:
    texts, counts = (FAILED_TEXTS, FAILED_COUNTS) if record.get("status") == "failed" else (DONE_TEXTS, DONE_COUNTS)
    has_texts = all(isinstance(record.get(key), str) for key in texts)
    has_counts = all(_is_count(record.get(key)) for key in counts)
    if record.get("status") == "failed":
        return has_texts and has_counts and record["exit_code"] < 128
    rows, metrics, classes = record.get("rows"), record.get("metrics"), record.get("classes")
    has_rows = isinstance(rows, Mapping) and all(map(_is_count, rows.values())) and bool(rows.get("train"))
    has_metrics = isinstance(metrics, Mapping) and all(map(_is_number, metrics.values()))
    has_classes = isinstance(classes, list) and all(isinstance(name, str) for name in classes) and len(set(classes)) > 1
    has_classes = has_classes and _are_class_counts(record.get("class_counts", []), classes)
    calibration = record.get("calibration")
    has_classes = has_classes and (calibration is None or is_plain_state(calibration))
    is_done = record.get("status") == "done" and _is_number(record.get("seconds"))
    return is_done and has_texts and has_counts and has_rows and has_metrics and has_classes


def _are_class_counts(values: Any, classes: Any) -> bool:
    """Whether these are the rows of each class; records of older versions have none."""
    is_long_enough = isinstance(values, list) and len(values) in (0, len(classes))
    return is_long_enough and all(_is_number(value) and value >= 0 for value in values)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


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
    has_scores = scores.ndim == 2 and scores.is_floating_point() and scores.shape[1] > 0
    if not has_scores or not len(scores) or not _are_targets(targets, len(scores), len(record["classes"])):
        raise RunFolderError("invalid scores of a trial: expected a row of scores for each target", where=str(path))
    if not bool(scores.isfinite().all()):
        raise NumericalError(f"{path}: expected finite scores")
    return scores, targets


def _are_targets(targets: Tensor, num_rows: int, num_classes: int) -> bool:
    """Whether these are class indices `(rows,)` or probabilities `(rows, classes)`."""
    if targets.dtype == torch.int64 and targets.shape == (num_rows,):
        return bool(((targets >= 0) & (targets < num_classes)).all())
    return targets.is_floating_point() and targets.shape == (num_rows, num_classes) and bool(targets.isfinite().all())


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
    return seal({name: sha256(files[name]).hexdigest() for name in set(files) - set(AMENDABLE)})


def check_trial(folder: Path, trial: Trial) -> None:
    """Raise RunFolderError if the record of a trial, its scores or its run is damaged, not if it is missing."""
    record = read_record(folder, trial)
    if record is None or record["status"] != "done":
        return
    _read_verified(scores_path(folder, trial.name), record[SCORES_HASH])
    run = folder / "trials" / trial.name
    if hash_run(run) != record[RUN_HASH]:
        raise RunFolderError("not the run of this trial's record", where=str(run))
