"""Execution of a swap: pending trials ordered by shared data, in this process or in several."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from zoo_core.experiments.design import SwapDesign
from zoo_core.experiments.prepared_cache import CacheKeys, cache_keys
from zoo_core.experiments.records import Trial, TrialRecord, read_record
from zoo_core.experiments.trials import WorkerJob, pending_trials, run_job


@frozen
class ExecutionOptions:
    """How trials are run. The results do not depend on it.

    `disabled` and `files` are the plugins that worker processes disable and load from files.
    """

    jobs: int = 1
    backend: str = "loky"
    disabled: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def run_trials(
    design: SwapDesign,
    folder: Path,
    *,
    on_record: Callable[[TrialRecord], None],
    options: ExecutionOptions | None = None,
) -> list[TrialRecord]:
    """Run every pending trial and return the records of all trials. Calls `on_record` with each new record."""
    options = options or ExecutionOptions()
    trials = design.trials()
    pending = sorted(pending_trials(folder, trials), key=lambda trial: _sharing_order(design, trial))
    job = WorkerJob(
        folder=str(folder.absolute()),
        data=None if design.data is None else str(Path(design.data).absolute()),
        sha256=design.sha256,
        evaluation_rows=design.rows,
        trials=tuple(pending),
        disabled=options.disabled,
        files=tuple(str(Path(file).expanduser().absolute()) for file in options.files),
        parent=os.getpid() if options.backend == "loky" else 0,  # dask ends the workers that it starts
    )
    if pending and options.jobs == 1 and options.backend == "loky":
        run_job(job, design.recipe.zoo, on_record)
    elif pending:
        from zoo_core.experiments.workers import run_jobs

        jobs = [evolve(job, trials=trials) for trials in _divide(design, pending, options.jobs)]
        run_jobs(jobs, options.jobs, options.backend, design.threads, on_record)
    records = [read_record(folder, trial) for trial in trials]
    return [record for record in records if record is not None]


def _cache_keys(design: SwapDesign, trial: Trial) -> CacheKeys:
    return cache_keys(design.variants.compatible[trial.variant].plan, trial.fold)


def _sharing_order(design: SwapDesign, trial: Trial) -> tuple[Any, ...]:
    """The order in which neighbors share as many stages of the cache as possible."""
    keys = _cache_keys(design, trial)
    return keys.examples, keys.tokens, keys.prepared, trial.seed, trial.variant


def _divide(design: SwapDesign, trials: Sequence[Trial], jobs: int) -> Iterator[tuple[Trial, ...]]:
    """Divide sorted trials into jobs: those that share data stay together, unless there are too few groups."""
    groups = [list(group) for _, group in itertools.groupby(trials, key=lambda trial: _cache_keys(design, trial))]
    chunks_per_group = max(1, math.ceil(jobs / len(groups)))
    for group in groups:
        size = math.ceil(len(group) / chunks_per_group)
        yield from (tuple(group[start : start + size]) for start in range(0, len(group), size))
