"""Trials of a swap: one variant, seed and fold each, trained into a run, with a record and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.components.table import Table
from zoo_core.config.toml import parse_toml
from zoo_core.config.zoo import Zoo
from zoo_core.data import loading
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError, InputOutputError, RunFolderError, Terminated, ZooError
from zoo_core.evaluation.evaluator import predict_scores
from zoo_core.experiments.prepared_cache import EvaluationRows, PreparedDataCache
from zoo_core.experiments.records import (
    IDENTITY,
    RUN_HASH,
    SCORES_HASH,
    Trial,
    TrialRecord,
    hash_run,
    read_record,
    record_path,
    scores_path,
    write_record,
    write_scores,
)
from zoo_core.filesystem.temporary import remove_leftovers
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.folder import claim_run_folder
from zoo_core.runs.staging import discard_run
from zoo_core.torch_threads import one_training
from zoo_core.training import pipeline


@frozen
class WorkerJob:
    """Trials for one process, on data that it reads once. Plain values only: it is sent between processes.

    `parent` is the number of the process that waits for them, 0 if it cannot be watched.
    """

    folder: str
    data: str | None
    sha256: str
    evaluation_rows: EvaluationRows
    trials: tuple[Trial, ...]
    disabled: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    parent: int = 0


def run_job(job: WorkerJob, zoo: Zoo, on_record: Callable[[TrialRecord], None]) -> None:
    """Train the trials of a job one after the other and write a record of each.

    A trial that fails is recorded with the reason, and the others continue. An interrupt, a full disk and changed data
    stop the job.
    """
    first = trial_recipe(job.trials[0], zoo)
    with attribute_errors(zoo.registry):
        table = load_swap_table(first, job.data, job.sha256)
        cache = PreparedDataCache(table, job.evaluation_rows)
    for trial in job.trials:
        on_record(_run_trial(trial, Path(job.folder), trial_recipe(trial, zoo), cache))


def load_swap_table(recipe: Recipe, data: str | None, sha256: str | None = None) -> Table:
    """Load the table in a file, or the task's sample data. Raises DataError if the file has another SHA-256."""
    if data is None:
        return loading.load_table(recipe, recipe.plan(), None)
    table = read_table(data, recipe.zoo.registry, reader=recipe.reader())
    if sha256 is not None and table.sha256 != sha256:
        raise DataError(
            "the file was changed since the swap started", where=data, hint="name another folder with --run"
        )
    return table


def trial_recipe(trial: Trial, zoo: Zoo) -> Recipe:
    """Parse the recipe of a trial."""
    return Recipe(trial.recipe_name, zoo, (parse_toml(trial.recipe, f"{trial.name}.toml"),))


def _run_trial(trial: Trial, folder: Path, recipe: Recipe, cache: PreparedDataCache) -> TrialRecord:
    run_folder = folder / "trials" / trial.name
    discard_run(run_folder)
    identity = {"trial": trial.name, "title": trial.title, **{key: getattr(trial, key) for key in IDENTITY}}
    try:
        with one_training(), attribute_errors(recipe.zoo.registry):
            record = {**identity, "status": "done", **_train(trial, folder, recipe, cache)}
    except (InputOutputError, RunFolderError):
        raise
    except (ZooError, MemoryError) as error:
        discard_run(run_folder)
        exit_code = error.exit_code if isinstance(error, ZooError) else InputOutputError.exit_code
        record = {**identity, "status": "failed", "reason": str(error) or "out of memory", "exit_code": exit_code}
    write_record(folder, record)
    return record


def _train(trial: Trial, folder: Path, recipe: Recipe, cache: PreparedDataCache) -> TrialRecord:
    """Train a trial and write the scores of the evaluated rows; the caller writes the record last."""
    plan = recipe.plan()
    prepared = cache.prepare(recipe, plan, trial.fold)
    with claim_run_folder(folder / "trials" / trial.name, recipe.name) as run_folder:
        place: dict[str, Any] = {"swap": str(folder.absolute()), "trial": trial.name, "variant": trial.variant_name}
        place |= {"seed": trial.seed, "fold": trial.fold}
        run = pipeline.fit_prepared(recipe, plan, prepared, run_folder, trial=place)
    if run.summary["interrupted"]:
        discard_run(run_folder)
        raise Terminated if run.summary["interrupted"] == "SIGTERM" else KeyboardInterrupt
    evaluated_on = cache.evaluation_rows.evaluated_on
    split = prepared.splits[evaluated_on]
    scores = predict_scores(run.module, split.features)
    return {
        SCORES_HASH: write_scores(folder, trial.name, scores, split.targets),
        RUN_HASH: hash_run(run_folder),
        "rows": dict(prepared.report["rows"]),
        "classes": list(prepared.classes),
        "class_counts": list(run.head.class_counts),
        "calibration": dict(run.head.calibration.state()) if run.head.calibration else None,
        "features": run.summary["features"],
        "parameters": sum(parameter.numel() for parameter in run.module.parameters()),
        "epochs": run.summary["epochs"],
        "best_epoch": run.summary["best_epoch"],
        "seconds": run.summary["seconds"]["fit"],
        "leaked": prepared.report["leaked"].get(evaluated_on, 0),
        "metrics": run.summary["metrics"][evaluated_on],
    }


def remove_unfinished(folder: Path, trial: Trial) -> None:
    """Remove what an interrupted attempt at a trial left, unless the trial has a record."""
    with suppress(RunFolderError):
        if read_record(folder, trial) is not None:
            return
    discard_run(folder / "trials" / trial.name)
    remove_leftovers(record_path(folder, trial.name))
    remove_leftovers(scores_path(folder, trial.name))
    with suppress(OSError):
        scores_path(folder, trial.name).unlink(missing_ok=True)


def pending_trials(folder: Path, trials: tuple[Trial, ...]) -> Iterator[Trial]:
    """Yield the trials without a record of success; a failed trial is tried again."""
    for trial in trials:
        record = read_record(folder, trial)
        if record is None or record["status"] != "done":
            yield trial
