"""One cell of a swap: a choice, a seed, a fold; its run, its scores and its record. A record is there or it is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from attrs import frozen
from torch import Tensor

from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo
from zoo_core.data import loading
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError, InputOutputError, NumericalError, RunFolderError, Terminated, ZooError
from zoo_core.evaluation.evaluator import predict_scores
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache
from zoo_core.filesystem import write
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs import store
from zoo_core.runs.folder import claim_run_folder
from zoo_core.training import pipeline

TrialRecord = dict[str, Any]


@frozen
class Trial:
    """What is to be trained: its name in the folder, and its recipe as text, the seed in it."""

    name: str
    title: str
    variant: int
    seed: int
    fold: int
    recipe: str


@frozen
class WorkerJob:
    """Cells to be done by one process, on data it reads once. Plain values alone: it travels between processes."""

    folder: str
    recipe: str
    data: str | None
    sha256: str
    reader: str
    evaluation_rows: EvaluationRows
    trials: tuple[Trial, ...]
    disabled: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def run_job(job: WorkerJob, zoo: Zoo, on_record: Callable[[TrialRecord], None]) -> None:
    """Train every cell that has no record of success, one after the other, and keep a record of each.

    A cell that cannot be trained is recorded with the reason, and the rest go on; what stops the whole is an
    interrupt, a disk that takes no more, and data that is not what it was.
    """
    first = trial_recipe(job.trials[0], job.recipe, zoo)
    with attribute_errors(zoo.registry):
        sharing = PreparedDataCache(
            load_swap_table(first, job.data, job.reader, job.sha256), job.reader, job.evaluation_rows
        )
    for cell in job.trials:
        on_record(_done(cell, Path(job.folder), trial_recipe(cell, job.recipe, zoo), sharing))


def load_swap_table(recipe: Recipe, data: str | None, reader: str, sha256: str | None = None) -> Any:
    """The table in a file, or the task's sample; DataError where it is not the one of this hash."""
    if data is None:
        return loading.load_table(recipe, recipe.plan(), None)
    table = read_table(data, recipe.zoo.registry, reader=reader)
    if sha256 is not None and table.sha256 != sha256:
        raise DataError("the file was changed since the swap began", where=data, hint="name another folder with --out")
    return table


def trial_recipe(cell: Trial, name: str, zoo: Zoo) -> Recipe:
    """The recipe of a cell."""
    return Recipe(name, zoo, (parse_toml(cell.recipe, f"{cell.name}.toml"),))


def _done(cell: Trial, folder: Path, recipe: Recipe, sharing: PreparedDataCache) -> TrialRecord:
    home = folder / "trials" / cell.name
    _cleared(home)
    about = {"trial": cell.name, "title": cell.title, "variant": cell.variant, "seed": cell.seed, "fold": cell.fold}
    try:
        with attribute_errors(recipe.zoo.registry):
            found = _trained(recipe, sharing, cell.fold, home)
        record = {**about, "status": "done", **found}
    except (InputOutputError, RunFolderError):
        raise
    except (ZooError, MemoryError) as error:
        _cleared(home)
        code = error.exit_code if isinstance(error, ZooError) else InputOutputError.exit_code
        record = {**about, "status": "failed", "reason": str(error) or "out of memory", "exit_code": code}
    write(folder / "records" / f"{cell.name}.json", store.to_json(record))
    return record


def _trained(recipe: Recipe, sharing: PreparedDataCache, fold: int, home: Path) -> TrialRecord:
    """Train, and write the scores of the rows that are judged; the record is left to be written last."""
    prepared = sharing.prepare(recipe, fold)
    with claim_run_folder(home, recipe.name) as target:
        run = pipeline.fit_prepared(recipe, prepared, target, None)
    if run.summary["interrupted"]:
        _cleared(home)
        raise Terminated if run.summary["interrupted"] == "SIGTERM" else KeyboardInterrupt
    judged = sharing.evaluation_rows.evaluated_on
    split = prepared.splits[judged]
    scores = predict_scores(run.module, split.features)
    data = safetensors.torch.save({"scores": scores.contiguous(), "targets": split.targets.contiguous()})
    write(home.parent.parent / "records" / f"{home.name}.safetensors", data)
    return {
        "rows": dict(prepared.report["rows"]),
        "classes": list(prepared.classes),
        "features": run.summary["features"],
        "parameters": sum(one.numel() for one in run.module.parameters()),
        "epochs": run.summary["epochs"],
        "best_epoch": run.summary["best_epoch"],
        "seconds": run.summary["seconds"]["fit"],
        "leaked": prepared.report["leaked"].get(judged, 0),
        "metrics": run.summary["metrics"][judged],
    }


def _cleared(home: Path) -> None:
    """Nothing of a cell that was begun and not finished."""
    for place in (home, *home.parent.glob(f".{home.name}.*.partial")):
        shutil.rmtree(place, ignore_errors=True)


def read_record(folder: Path, trial: Trial) -> TrialRecord | None:
    """What is recorded of a cell; None for nothing. RunFolderError for a record of something else."""
    path = folder / "records" / f"{trial.name}.json"
    try:
        found = store.parse_json(path.read_bytes(), str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputOutputError(f"cannot read {path}: {error.strerror}") from None
    about = {"trial": trial.name, "variant": trial.variant, "seed": trial.seed, "fold": trial.fold}
    if not isinstance(found, Mapping) or any(found.get(key) != value for key, value in about.items()):
        raise RunFolderError("this is no record of this cell", where=str(path))
    if not (found.get("status") == "done" and _sound(found)) and found.get("status") != "failed":
        raise RunFolderError("this is no record of a cell", where=str(path))
    return dict(found)


def _sound(found: Mapping[str, Any]) -> bool:
    numbers = all(type(found.get(key)) in (int, float) for key in ("parameters", "epochs", "seconds", "features"))
    tables = all(isinstance(found.get(key), Mapping) for key in ("rows", "metrics"))
    return numbers and tables and isinstance(found.get("classes"), list)


def read_scores(folder: Path, name: str) -> tuple[Tensor, Tensor]:
    """The scores `(rows, outputs)` and targets, `(rows,)` or soft, kept of a cell; RunFolderError for anything else."""
    path = folder / "records" / f"{name}.safetensors"
    try:
        found = safetensors.torch.load(path.read_bytes())
        scores, targets = found["scores"], found["targets"]
    except (OSError, safetensors.SafetensorError, KeyError, ValueError) as error:
        raise RunFolderError(f"these are no scores of a cell: {error}", where=str(path)) from None
    if (
        scores.ndim != 2
        or targets.ndim not in (1, 2)
        or len(scores) != len(targets)
        or not bool(scores.isfinite().all())
    ):
        raise NumericalError(f"{path}: scores that are no finite numbers for each row")
    return scores, targets


def pending_trials(folder: Path, trials: tuple[Trial, ...]) -> Iterator[Trial]:
    """The cells without a record of success; a failed one is tried again."""
    for cell in trials:
        record = read_record(folder, cell)
        if record is None or record["status"] != "done":
            yield cell
