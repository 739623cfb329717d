"""Execution."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from zoo_core.experiments.design import Design
from zoo_core.experiments.prepared_cache import keys_of
from zoo_core.experiments.trials import Cell, Record, Work, do, pending, record_of


def work_off(
    design: Design,
    folder: Path,
    *,
    jobs: int = 1,
    backend: str = "loky",
    told: Callable[[Record], None],
    disabled: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
) -> list[Record]:
    """Do every cell that is not done, and give the records of all."""
    cells = design.cells()
    zoo = design.recipe.zoo
    left = sorted(pending(folder, cells), key=lambda cell: _sharing_order(design, cell))
    data = None if design.data is None else str(Path(design.data).absolute())
    files = tuple(str(Path(file).expanduser().absolute()) for file in files)
    name = design.recipe.name
    whole = Work(str(folder.absolute()), name, data, design.sha256, design.reader, design.rows, (), disabled, files)
    if left and jobs == 1 and backend == "loky":
        do(evolve(whole, cells=tuple(left)), zoo, told)
    elif left:
        from zoo_core.experiments.workers import do_all

        works = [evolve(whole, cells=part) for part in _parts(design, left, jobs)]
        do_all(works, jobs, backend, design.threads, told)
    found = [record_of(folder, cell) for cell in cells]
    return [record for record in found if record is not None]


def _sharing_order(design: Design, cell: Cell) -> tuple[Any, ...]:
    choice = design.choices.fitting[cell.choice]
    return (*keys_of(choice.recipe.plan(), cell.fold), cell.seed, cell.choice)


def _parts(design: Design, cells: Sequence[Cell], jobs: int) -> Iterator[tuple[Cell, ...]]:
    """Cells for one process each: what shares its data stays together, cut where there would be too few parts."""
    groups = [list(own) for _, own in itertools.groupby(cells, key=lambda cell: _sharing_order(design, cell)[:3])]
    pieces = max(1, math.ceil(jobs / len(groups)))
    for group in groups:
        size = math.ceil(len(group) / pieces)
        yield from (tuple(group[at : at + size]) for at in range(0, len(group), size))
