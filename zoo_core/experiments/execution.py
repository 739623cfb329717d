"""Execution."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from zoo_core.experiments.design import SwapDesign
from zoo_core.experiments.prepared_cache import cache_keys
from zoo_core.experiments.trials import Trial, TrialRecord, WorkerJob, pending_trials, read_record, run_job


def run_trials(
    design: SwapDesign,
    folder: Path,
    *,
    jobs: int = 1,
    backend: str = "loky",
    on_record: Callable[[TrialRecord], None],
    disabled: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
) -> list[TrialRecord]:
    """Do every cell that is not done, and give the records of all."""
    cells = design.trials()
    zoo = design.recipe.zoo
    left = sorted(pending_trials(folder, cells), key=lambda cell: _sharing_order(design, cell))
    data = None if design.data is None else str(Path(design.data).absolute())
    files = tuple(str(Path(file).expanduser().absolute()) for file in files)
    name = design.recipe.name
    whole = WorkerJob(
        str(folder.absolute()), name, data, design.sha256, design.reader, design.rows, (), disabled, files
    )
    if left and jobs == 1 and backend == "loky":
        run_job(evolve(whole, trials=tuple(left)), zoo, on_record)
    elif left:
        from zoo_core.experiments.workers import run_jobs

        works = [evolve(whole, trials=part) for part in _parts(design, left, jobs)]
        run_jobs(works, jobs, backend, design.threads, on_record)
    found = [read_record(folder, cell) for cell in cells]
    return [record for record in found if record is not None]


def _sharing_order(design: SwapDesign, cell: Trial) -> tuple[Any, ...]:
    choice = design.variants.compatible[cell.variant]
    return (*cache_keys(choice.recipe.plan(), cell.fold), cell.seed, cell.variant)


def _parts(design: SwapDesign, cells: Sequence[Trial], jobs: int) -> Iterator[tuple[Trial, ...]]:
    """Cells for one process each: what shares its data stays together, cut where there would be too few parts."""
    groups = [list(own) for _, own in itertools.groupby(cells, key=lambda cell: _sharing_order(design, cell)[:3])]
    pieces = max(1, math.ceil(jobs / len(groups)))
    for group in groups:
        size = math.ceil(len(group) / pieces)
        yield from (tuple(group[at : at + size]) for at in range(0, len(group), size))
